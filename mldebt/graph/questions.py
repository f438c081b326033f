"""Read-only questions in domain words: what a model learns from, where it is kept, what it predicts."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.roles import Confidence, Role, weakest
from mldebt.source import Span

LEARNS = frozenset({Role.FIT, Role.SEARCH})
STORES = frozenset({Role.WRITE, Role.PERSIST, Role.TRACK})
BRINGS_IN = frozenset({Role.READ, Role.LOAD})
COLUMN = "column:"
"""Begins a trait of a SELECT step, and the part of an edge: the name of a column that is taken."""

_NOT_OURS = frozenset({"test", "example", "vendored", "generated"})
_DATA = frozenset({"data", "label", "receiver", "other", ""})
_MODEL = frozenset({"model", "receiver"})
_FURTHEST = 60


@dataclass(frozen=True, slots=True)
class Way:
    """How a thing reaches a training: edges along the data, the first one leaves `start`.

    `named`: wherever a table was stored as a whole on the way, the columns taken out of it are
    known, and they hold what was put in.
    """

    start: str
    edges: tuple[Edge, ...]
    named: bool = True

    @property
    def confidence(self) -> Confidence:
        """As sure as its weakest edge."""
        return weakest(*(edge.confidence for edge in self.edges))


def is_ours(node: Node) -> bool:
    """Whether it stands in production code: no test, example, vendored or generated file."""
    return not node.traits & _NOT_OURS


def trainings(graph: Graph) -> tuple[Node, ...]:
    """Every place where a model learns: fits, searches, backward passes."""
    return tuple(node for node in graph.nodes(NodeKind.MODEL) if node.role in LEARNS)


def routine(node: Node) -> tuple[str, str]:
    """The run a step belongs to: file and outermost function that led to it (empty at the top)."""
    return (node.chain[-1].path, "") if node.chain else (node.at.path, node.symbol)


def entry_of(node: Node) -> Span:
    """The place in the outermost code that led to a step: the last call site, or the step."""
    return node.chain[-1] if node.chain else node.at


def kept_in(graph: Graph, id: str) -> frozenset[str]:
    """The artifacts in which what this node gives is stored."""
    steps = [edge.target for edge in graph.out_edges(id) if graph.node(edge.target).role in STORES]
    return frozenset(edge.target for step in steps for edge in graph.out_edges(step, EdgeKind.WRITES))


def model_used(graph: Graph, prediction: str) -> tuple[Node, ...]:
    """What gives a prediction its model: fits, loads, constructions."""
    ids = {edge.source for edge in graph.in_edges(prediction) if edge.slot in _MODEL}
    return tuple(graph.node(id) for id in sorted(ids) if graph.node(id).kind is not NodeKind.SETTING)


def identity(graph: Graph, *models: str) -> frozenset[str]:
    """What makes two mentions one model: its fits, the artifacts it is kept in, its construction.

    The construction counts only where nothing fits it by name (a training loop); a factory that
    makes several models does not make them one. Two ids are the same model when these sets meet.
    """
    found: set[str] = set()
    todo = [id for model in models for id in _learner(graph, graph.node(model))]
    while todo:
        id = todo.pop()
        if id in found:
            continue
        found.add(id)
        todo += _mentions(graph, graph.node(id))
    return frozenset(id for id in found if _identifies(graph, graph.node(id)))


def predictions_of(graph: Graph, model: str) -> tuple[Node, ...]:
    """Every prediction made with a model, also after it was stored and loaded."""
    wanted = identity(graph, model)
    return tuple(
        node
        for node in graph.nodes(NodeKind.PREDICTION)
        if not wanted.isdisjoint(identity(graph, *(used.id for used in model_used(graph, node.id))))
    )


def learner(graph: Graph, fit: Node) -> tuple[Node, ...]:
    """The thing that learns in a fit; of a backward pass, the models whose answers make the loss."""
    if any(edge.slot in _MODEL for edge in graph.in_edges(fit.id)):
        return (fit,)
    models = {m.id: m for p in answers_in_loss(graph, fit) for m in model_used(graph, p.id)}
    return tuple(models[id] for id in sorted(models)) or (fit,)


def answers_in_loss(graph: Graph, fit: Node) -> tuple[Node, ...]:
    """The predictions nearest to a backward pass, label side left out; none for other fits."""
    found: dict[str, Node] = {}
    seen, todo = {fit.id}, [fit.id]
    while todo and len(seen) < _FURTHEST:
        at = todo.pop()
        for edge in graph.in_edges(at):
            source = graph.node(edge.source)
            if edge.slot == "label" or source.id in seen:
                continue
            seen.add(source.id)
            if source.kind is NodeKind.PREDICTION:
                found[source.id] = source
            elif source.role is Role.EVALUATE or source.role is Role.COMBINE:
                todo.append(source.id)
    return tuple(found[id] for id in sorted(found))


def ways_into(graph: Graph, fit: str, wanted: Callable[[Node], bool]) -> Iterator[Way]:
    """The shortest way from each wanted thing into a fit's data or label, nearest first.

    The walk goes back through artifacts and stops at what it wants. It keeps to columns where they
    are named: a table with a column that nobody takes brings nothing of that column.
    """
    came: dict[tuple[str, frozenset[str] | None], tuple[Edge, ...]] = {}
    queue: deque[tuple[str, frozenset[str] | None, bool]] = deque()
    given: set[str] = set()
    queue.append((fit, None, True))
    came[fit, None] = ()
    while queue:
        id, columns, named = queue.popleft()
        trail = came[id, columns]
        if trail and id not in given and wanted(graph.node(id)):
            given.add(id)
            yield Way(id, trail, named)
            continue
        for edge in _onward(graph, graph.node(id), start=not trail):
            source = graph.node(edge.source)
            needed = _needed(source, edge, columns)
            if len(trail) < _FURTHEST and _carries(source, columns) and (source.id, needed) not in came:
                came[source.id, needed] = (edge, *trail)
                queue.append((source.id, needed, named and _is_named(source, columns)))


def _onward(graph: Graph, node: Node, start: bool) -> Iterator[Edge]:
    """The edges that bring data to a node: not its model, its settings or its place."""
    learns = node.role in LEARNS
    if (learns and not start) or (node.role is Role.LOAD) or node.kind is NodeKind.FUNCTION:
        return
    for edge in graph.in_edges(node.id):
        if edge.kind in (EdgeKind.CONFIGURES, EdgeKind.CALLS, EdgeKind.IMPORTS, EdgeKind.ORDERS):
            continue
        if node.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE):
            if edge.kind is EdgeKind.WRITES:
                yield edge
        elif node.role is Role.READ:
            if edge.kind is EdgeKind.READS or edge.slot == "data":
                yield edge
        elif edge.slot in (("data", "label") if learns or node.role in STORES or node.role is Role.PREDICT else _DATA):
            yield edge


def _carries(source: Node, columns: frozenset[str] | None) -> bool:
    """Whether something of the wanted columns can come from here."""
    return source.kind is not NodeKind.FEATURE or columns is None or source.name in columns


def _needed(source: Node, edge: Edge, columns: frozenset[str] | None) -> frozenset[str] | None:
    """The columns that matter behind a node; None for all of them."""
    if edge.part.startswith(COLUMN):
        columns = frozenset({edge.part.removeprefix(COLUMN)})
    if source.role is Role.SELECT:
        chosen = frozenset(t.removeprefix(COLUMN) for t in source.traits if t.startswith(COLUMN))
        return chosen or columns
    if source.kind in (NodeKind.FEATURE, NodeKind.PREDICTION, NodeKind.TRANSFORM):
        return None
    return columns


def _is_named(source: Node, columns: frozenset[str] | None) -> bool:
    return columns is not None or source.kind is not NodeKind.ARTIFACT


def _learner(graph: Graph, node: Node) -> list[str]:
    return [one.id for one in learner(graph, node)] if node.role in LEARNS else [node.id]


def _mentions(graph: Graph, node: Node) -> Iterator[str]:
    """Other places that hold the same model: what it was made of, where it is kept, who wrote that."""
    if node.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE):
        for write in graph.in_edges(node.id, EdgeKind.WRITES):
            for edge in graph.in_edges(write.source):
                if edge.slot in ("data", "model") and _is_model(graph.node(edge.source)):
                    yield edge.source
        return
    if node.role in BRINGS_IN:
        yield from (edge.source for edge in graph.in_edges(node.id, EdgeKind.READS))
    if node.role in LEARNS:
        yield from (edge.source for edge in graph.in_edges(node.id) if edge.slot in _MODEL)
    if node.role in LEARNS or node.role is Role.CONSTRUCT:
        yield from sorted(kept_in(graph, node.id))


def _is_model(node: Node) -> bool:
    return node.kind is NodeKind.MODEL or node.role is Role.CONSTRUCT


def _identifies(graph: Graph, node: Node) -> bool:
    if node.role is Role.CONSTRUCT:
        fitted = (graph.node(edge.target) for edge in graph.out_edges(node.id) if edge.slot in _MODEL)
        return not any(one.role in LEARNS for one in fitted)
    return node.role in LEARNS or node.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE)
