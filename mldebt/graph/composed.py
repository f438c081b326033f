"""Read-only questions about what a model is made of: the columns that its parts take, and the label they name."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Node, NodeKind
from mldebt.roles import Role

PICKS = "picks:"
GIVES = "gives-column:"
LABEL = "label-column:"
"""Begin traits of what is made: the name of a column that it takes of a table, of one that it adds, of the label."""
_CHOOSES, _SIDE_BY_SIDE = "listed", "composite"
_MAKES = frozenset({"own", "stateless"})
_MADE = frozenset({Role.CONSTRUCT, Role.FIT})
_DATA = frozenset({"data", "label"})


@dataclass(frozen=True, slots=True)
class Picked:
    """The columns that the parts of a model take, all others are left behind, and the part that says so. `given`: they
    have to be there before, as no part of it may make columns."""

    node: Node
    names: frozenset[str]
    given: bool


def parts_of(graph: Graph, node: Node) -> tuple[Node, ...]:
    """What a fit, a prediction or a transformation is done with, and what that is made of, at any depth."""
    if node.kind not in (NodeKind.TRANSFORM, NodeKind.MODEL, NodeKind.PREDICTION):
        return ()
    found: dict[str, Node] = {}
    todo = [node.id]
    while todo:
        for edge in graph.in_edges(todo.pop()):
            made = graph.node(edge.source)
            if edge.slot not in _DATA and made.id not in found and made.id != node.id and made.role in _MADE:
                found[made.id] = made
                todo.append(made.id)
    return tuple(found.values())


def picked(graph: Graph, node: Node) -> Picked | None:
    """The columns that the parts of a model take by name; None where one of them chooses in a way that is not known."""
    parts = [part for part in parts_of(graph, node) if part.role is Role.CONSTRUCT]
    choosing = [part for part in parts if _CHOOSES in part.traits]
    unsure = any(_SIDE_BY_SIDE in part.traits and _CHOOSES not in part.traits for part in parts)
    if not choosing or unsure or any(not _told(part, PICKS) for part in choosing):
        return None
    names = frozenset().union(*(_told(part, PICKS) for part in parts))
    inner = frozenset().union(*(_told(part, GIVES) for part in parts))
    first = min(choosing, key=lambda part: part.at)
    return Picked(first, names - inner, not any(part.traits & _MAKES for part in parts))


def label_named(graph: Graph, fit: Node) -> frozenset[str]:
    """The column that a part of a model says it learns to tell."""
    return frozenset().union(*(_told(part, LABEL) for part in parts_of(graph, fit)))


def _told(node: Node, word: str) -> frozenset[str]:
    return frozenset(trait.removeprefix(word) for trait in node.traits if trait.startswith(word))
