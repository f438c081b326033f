"""Read-only questions about columns: which models learn from them."""

from __future__ import annotations

from collections import deque

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, LEARNS, STORES
from mldebt.graph.ways import COLUMN, WITHOUT
from mldebt.roles import Role

_FLOWS = (
    EdgeKind.DERIVES, EdgeKind.WRITES, EdgeKind.READS, EdgeKind.FITS, EdgeKind.TRAINS, EdgeKind.PREDICTS,
)  # fmt: skip
_ALONG = frozenset({"data", "receiver", ""})
_LEFT_OVER = frozenset({"all-but", "by-type"})
_PICKS = frozenset({"selector", "decomposer", "listed"})
_APART = frozenset({NodeKind.FUNCTION, NodeKind.FEATURE, NodeKind.ENDPOINT, NodeKind.MODULE})
_GROUPS = "group."
MOST_NODES = 3000


def models_fed(graph: Graph, source: str, *names: str) -> tuple[tuple[Node, tuple[Edge, ...]], ...]:
    """The fits that learn from all of these columns of what flows out of a node, and the predictions that are made of
    them, each with the way there, nearest first.

    Where columns are chosen it has to be known that these are among them; behind a step that picks or mixes columns
    nothing is known of them any more.
    """
    came: dict[str, tuple[Edge, ...]] = {source: ()}
    waiting = deque(came)
    found: list[tuple[Node, tuple[Edge, ...]]] = []
    while waiting and len(came) < MOST_NODES:
        at = waiting.popleft()
        for edge in graph.out_edges(at, *_FLOWS):
            target = graph.node(edge.target)
            if target.id in came or edge.slot not in _ALONG or edge.part.startswith(COLUMN) or edge.column:
                continue
            if target.kind is NodeKind.PREDICTION or (target.role in LEARNS and target.kind is NodeKind.MODEL):
                came[target.id] = (*came[at], edge)
                if edge.slot == "data" and not _picks(graph, target):
                    found.append((target, came[target.id]))
            elif _keeps(target, names) and not (names and _picks(graph, target)):
                came[target.id] = (*came[at], edge)
                waiting.append(target.id)
    return tuple(found)


def _keeps(node: Node, names: tuple[str, ...]) -> bool:
    """Whether columns with these names are among those that a step gives, as far as it was given them."""
    if node.kind in _APART or any(WITHOUT + name in node.traits for name in names):
        return False
    if node.role is Role.SELECT:
        if "listed" in node.traits:
            return all(COLUMN + name in node.traits for name in names)
        return bool(node.traits & _LEFT_OVER)
    if node.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE) or node.role in STORES or node.role in BRINGS_IN:
        return not ("sql" in node.traits and "listed" in node.traits)
    grouped = node.callee.startswith(_GROUPS)
    return "listed" not in node.traits and not grouped and node.role is not Role.EVALUATE


def _picks(graph: Graph, node: Node) -> bool:
    """Whether a step is made with something that picks columns, or mixes them, at any depth."""
    if node.kind not in (NodeKind.TRANSFORM, NodeKind.MODEL, NodeKind.PREDICTION):
        return False
    seen, todo = {node.id}, [node.id]
    while todo:
        for edge in graph.in_edges(todo.pop()):
            made = graph.node(edge.source)
            if edge.slot in ("data", "label") or made.id in seen or made.kind is NodeKind.SETTING:
                continue
            if made.role in (Role.CONSTRUCT, Role.FIT):
                if made.traits & _PICKS:
                    return True
                seen.add(made.id)
                todo.append(made.id)
    return bool(node.traits & _PICKS)
