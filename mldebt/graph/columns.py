"""Read-only questions about columns: which models learn from them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from mldebt.graph.composed import parts_of, picked
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, LEARNS, STORES
from mldebt.graph.ways import COLUMN, RENAMED, WITHOUT
from mldebt.roles import Confidence, Role, weakest

_FLOWS = (
    EdgeKind.DERIVES, EdgeKind.WRITES, EdgeKind.READS, EdgeKind.FITS, EdgeKind.TRAINS, EdgeKind.PREDICTS,
)  # fmt: skip
_ALONG = frozenset({"data", "receiver", ""})
_LEFT_OVER = frozenset({"all-but", "by-type"})
_PICKS = frozenset({"selector", "decomposer", "listed"})
_PLACES = frozenset({NodeKind.ARTIFACT, NodeKind.SOURCE})
_APART = frozenset({NodeKind.FUNCTION, NodeKind.FEATURE, NodeKind.ENDPOINT, NodeKind.MODULE})
_GROUPS = "group."
MOST_NODES = 3000
WHOLE = "dict"
"""The callee of the columns of a table that is made of a dictionary, all of whose keys are known."""
_MADE_OF = frozenset({"data", "receiver"})
_KEEP = frozenset({Role.SPLIT, Role.SAMPLE, Role.DERIVE, Role.CONSTRUCT})
_CHANGES = frozenset({"all-but", "by-type", "listed", "computed"})


@dataclass(frozen=True, slots=True)
class InputList:
    """The columns by name that a model gets, and the step that chooses them."""

    node: Node
    names: frozenset[str]
    confidence: Confidence


def input_lists(graph: Graph, id: str) -> tuple[InputList, ...]:
    """The lists of columns by which the inputs of a fit or a prediction are chosen or made, as far as what lies between
    keeps all of them; none where some of the inputs come without a list. What the parts of a model take is its list."""
    named = picked(graph, graph.node(id))
    if named is not None and named.given:
        return (InputList(named.node, named.names, Confidence.LIKELY),)
    found: dict[str, InputList] = {}
    seen: set[str] = set()
    todo = [(id, frozenset({"data"}), Confidence.CERTAIN, frozenset[str](), frozenset[str]())]
    while todo:
        at, slots, sure, added, gone = todo.pop()
        edges = [edge for edge in graph.in_edges(at) if edge.slot in slots]
        written = {edge.source: graph.node(edge.source) for edge in edges if _is_column(graph, edge)}
        tables = [edge for edge in edges if edge.source not in written]
        names = added | frozenset(node.name for node in written.values())
        gone |= frozenset(old for node in written.values() for old in renamed(node))
        if not tables:
            if not written or any(node.callee != WHOLE for node in written.values()):
                return ()
            first = min(written.values(), key=lambda node: node.at)
            found[first.id] = InputList(first, names - gone, sure)
        for edge in tables:
            node, surely = graph.node(edge.source), weakest(sure, edge.confidence)
            if edge.part.startswith(COLUMN) or edge.column:
                return ()
            if node.role is Role.SELECT and "listed" in node.traits:
                listed = node.traits_of(COLUMN)
                found[node.id] = InputList(node, (names | listed) - gone, surely)
            elif node.role not in _KEEP or node.traits & _CHANGES or node.traits_of(WITHOUT):
                return ()
            elif node.id not in seen:
                seen.add(node.id)
                todo.append((node.id, _MADE_OF, surely, names, gone))
    return tuple(found[key] for key in sorted(found))


def renamed(column: Node) -> frozenset[str]:
    """The names that a column had before it got its own, and that its table has no longer."""
    return column.traits_of(RENAMED)


def _is_column(graph: Graph, edge: Edge) -> bool:
    return graph.node(edge.source).kind is NodeKind.FEATURE and not edge.part.startswith(COLUMN)


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
                if edge.slot == "data" and not picks(graph, target):
                    found.append((target, came[target.id]))
            elif _keeps(target, names) and not (names and picks(graph, target)):
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


def picks(graph: Graph, node: Node) -> bool:
    """Whether a step is made with something that picks columns, or mixes them, at any depth."""
    if node.kind not in (NodeKind.TRANSFORM, NodeKind.MODEL, NodeKind.PREDICTION):
        return False
    return any(part.traits & _PICKS for part in (node, *parts_of(graph, node)))


def sureness_of(graph: Graph, way: tuple[Edge, ...]) -> Confidence:
    """How sure a way is. A file whose name is one that code puts together, and which nothing else here writes, is what
    that code wrote: only where several could have, who reads it is a guess."""
    return weakest(*(edge.confidence for edge in way if not _is_only_writer(graph, edge)))


def _is_only_writer(graph: Graph, edge: Edge) -> bool:
    """Whether an edge leads into a pattern of names, or from one to a name that no other stands for."""
    source, target = graph.node(edge.source), graph.node(edge.target)
    if edge.kind is EdgeKind.WRITES:
        names = [one.target for one in graph.out_edges(target.id) if graph.node(one.target).kind in _PLACES]
        return "{" in target.name and bool(names) and all(_has_one_writer(graph, name) for name in names)
    patterned = edge.kind is EdgeKind.DERIVES and source.kind in _PLACES and "{" in source.name
    if not patterned or target.kind not in _PLACES:
        return False
    return _has_one_writer(graph, target.id) and _has_one_writer(graph, source.id)


def _has_one_writer(graph: Graph, place: str) -> bool:
    """Whether one piece of code writes a place, or one other place stands for it."""
    return len({graph.node(edge.source).at for edge in graph.in_edges(place)}) == 1
