"""Read-only questions about what a model is made of: the columns that its parts take, and the label they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Node, NodeKind
from mldebt.roles import Role

PICKS = "picks:"
GIVES = "gives-column:"
LABEL = "label-column:"
"""Begin traits of what is made: the name of a column that it takes of a table, of one that it adds, of the label."""
_CHOOSES, _SIDE_BY_SIDE, _STATELESS = "listed", "composite", "stateless"
_PUT_TOGETHER = frozenset({_SIDE_BY_SIDE, "pipeline"})
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


def that_learn(graph: Graph, made: Iterable[Node]) -> tuple[Node, ...]:
    """Those of some transformers that keep something of the rows they are fitted on: what is put together of others
    learns what its parts learn, where they are known."""
    found: dict[str, Node] = {}
    seen: set[str] = set()
    todo = list(made)
    while todo:
        node = todo.pop()
        parts = _parts(graph, node) if node.traits & _PUT_TOGETHER else ()
        todo += [part for part in parts if part.id not in seen]
        seen.update(part.id for part in parts)
        if not parts and _STATELESS not in node.traits:
            found[node.id] = node
    return tuple(found[id] for id in sorted(found))


def _parts(graph: Graph, node: Node) -> tuple[Node, ...]:
    given = (graph.node(edge.source) for edge in graph.in_edges(node.id) if edge.slot not in _DATA)
    return tuple(one for one in given if one.role is Role.CONSTRUCT)


def picked(graph: Graph, node: Node) -> Picked | None:
    """The columns that the parts of a model take by name; None where one of them chooses in a way that is not known."""
    parts = [part for part in parts_of(graph, node) if part.role is Role.CONSTRUCT]
    choosing = [part for part in parts if _CHOOSES in part.traits]
    unsure = any(_SIDE_BY_SIDE in part.traits and _CHOOSES not in part.traits for part in parts)
    if not choosing or unsure or any(not part.traits_of(PICKS) for part in choosing):
        return None
    names = frozenset().union(*(part.traits_of(PICKS) for part in parts))
    inner = frozenset().union(*(part.traits_of(GIVES) for part in parts))
    first = min(choosing, key=lambda part: part.at)
    return Picked(first, names - inner, not any(part.traits & _MAKES for part in parts))


def columns_told(graph: Graph, node: Node) -> Iterator[tuple[str, Node]]:
    """The columns that the parts of a model or transformer take or add by name, each with the part that names it."""
    for part in parts_of(graph, node):
        for name in sorted(part.traits_of(PICKS) | part.traits_of(GIVES)):
            yield name, part


def adds(graph: Graph, node: Node) -> frozenset[str]:
    """The columns that a transformation puts beside those of its table; nothing where it gives something else."""
    return frozenset().union(*(part.traits_of(GIVES) for part in parts_of(graph, node)))


def carried_through(graph: Graph, node: Node, columns: frozenset[str]) -> frozenset[str]:
    """What comes of some columns of a table behind a transformation or fit: nothing where it takes none of them."""
    added = adds(graph, node)
    if added:
        left = frozenset[str]() if node.role is Role.FIT else columns
        return left | added if columns & _used(graph, node) else left
    found = picked(graph, node)
    return columns if found is None else columns & found.names


def needed_before(graph: Graph, node: Node, columns: frozenset[str] | None) -> frozenset[str] | None:
    """Of what some columns behind a transformation or fit are made; None where it may be any column."""
    added = adds(graph, node)
    if added and (columns is not None or node.role is Role.FIT):
        columns = added if columns is None else columns
        return columns - added | (_used(graph, node) if columns & added else frozenset())
    found = picked(graph, node)
    return None if found is None else found.names


def _used(graph: Graph, node: Node) -> frozenset[str]:
    """The columns that the parts take of the table, and not of each other."""
    return frozenset().union(*(part.traits_of(PICKS) for part in parts_of(graph, node))) - adds(graph, node)


def label_named(graph: Graph, fit: Node) -> frozenset[str]:
    """The column that a part of a model says it learns to tell."""
    return frozenset().union(*(part.traits_of(LABEL) for part in parts_of(graph, fit)))
