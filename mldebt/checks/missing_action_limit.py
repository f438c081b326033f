"""A prediction sets off an order, a payment or a letter, and nothing keeps that within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.names import answer_name
from mldebt.graph.nodes import ASKED
from mldebt.graph.questions import is_ours
from mldebt.roles import Confidence, Role, weakest
from mldebt.trail import MAX_STOPS, Stop

_ACTS, _LETTER, _BOUNDS = "acts", "letter", "bounds"
_FURTHEST = 30
_NO_DATA = frozenset({EdgeKind.CONFIGURES, EdgeKind.CALLS, EdgeKind.IMPORTS, EdgeKind.ORDERS, EdgeKind.DECLARES})
_MADE_WITH = frozenset({"model", "receiver", "target"})


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each place that acts so."""
    told: set[object] = set()
    watched = {one.id for one in graph.code.definitions if "?" in one.made}
    for action in graph.nodes(NodeKind.STEP):
        free = _ACTS in action.traits and is_ours(action) and action.id not in graph.code.bounded
        if free and action.function not in watched and action.at not in told and not action.at.cell:
            way = _way(graph, action)
            if way and _is_alone(graph, action) and not any(_BOUNDS in graph.node(edge.source).traits for edge in way):
                told.add(action.at)
                yield _hit(graph, action, way)


def _way(graph: Graph, action: Node) -> tuple[Edge, ...]:
    """The shortest way from a prediction to what decides about an action, or goes into it."""
    came: dict[str, tuple[Edge, ...]] = {action.id: ()}
    queue = deque(came)
    while queue:
        id = queue.popleft()
        if graph.node(id).kind is NodeKind.PREDICTION:
            return came[id]
        for edge in graph.in_edges(id) if len(came[id]) < _FURTHEST else ():
            brings = edge.kind not in _NO_DATA and edge.slot not in _MADE_WITH
            if brings and edge.source not in came and graph.node(edge.source).role is not Role.EVALUATE:
                came[edge.source] = (edge, *came[id])
                queue.append(edge.source)
    return ()


def _is_alone(graph: Graph, action: Node) -> bool:
    """Whether predictions alone decide: anything else that is asked keeps the action within some bound."""
    asked = (graph.node(edge.source) for edge in graph.in_edges(action.id) if edge.slot == ASKED)
    return all(node.kind is NodeKind.PREDICTION or _way(graph, node) for node in asked)


def _hit(graph: Graph, action: Node, way: tuple[Edge, ...]) -> Hit:
    made = graph.node(way[0].source)
    reads = tuple(graph.node(edge.source).name for edge in way if edge.kind is EdgeKind.READS)
    stops = [Stop(made.at, f"predict: {made.name}")]
    stops += [Stop(graph.node(edge.target).at, _told(graph.node(edge.target))) for edge in way]
    trail = tuple(dict.fromkeys(stops))
    return Hit(
        at=action.at,
        details={"model": answer_name(graph, made, reads), "what": action.name},
        keys=(action.name,),
        # Who gets a letter can ignore it, and how often one goes out may be kept in bounds where it is sent.
        confidence=weakest(
            Confidence.HINT if _LETTER in action.traits else Confidence.LIKELY, *(edge.confidence for edge in way)
        ),
        symbol=action.symbol,
        trail=(*trail[: MAX_STOPS - 1], trail[-1]) if len(trail) > MAX_STOPS else trail,
        related=(Stop(made.at, f"predict: {made.name}"),),
    )


def _told(node: Node) -> str:
    word = "act" if _ACTS in node.traits else node.role.value if node.role else node.kind.value
    return f"{word}: {node.name}"
