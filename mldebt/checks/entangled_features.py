"""One definition of features, or one fitted transformer, feeds models that are trained apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from mldebt.findings import Hit
from mldebt.graph import Edge, Graph, Node, NodeKind
from mldebt.graph.questions import LEARNS, identity, is_ours, model_used, saved, trainings
from mldebt.graph.ways import Way, labels, stops, ways_into
from mldebt.roles import Confidence, Role, weakest
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_SHARED = (NodeKind.FEATURE, NodeKind.TRANSFORM)
_SHOWN = 8


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each shared transformer, and for the features that feed one set of models: they are one
    preparation, however many functions it has."""
    fits = [fit for fit in trainings(graph) if is_ours(fit) and saved(graph, fit) and labels(graph, fit.id)]
    reached: dict[str, dict[str, Way]] = defaultdict(dict)
    for fit in fits if _apart(graph, fits) else ():
        for way in _ways(graph, fit):
            for id in _definitions(graph, graph.node(way.start)):
                reached[id].setdefault(fit.id, way)
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for id, ways in sorted(reached.items()):
        apart = _apart(graph, [graph.node(fit) for fit in ways])
        if len({_kept_as(graph, fit) for fit in apart}) > 1:
            groups[id if graph.node(id).kind is NodeKind.TRANSFORM else "", apart].append(id)
    for (_, apart), ids in sorted(groups.items()):
        yield _hit(graph, ids, {fit: reached[ids[0]][fit] for fit in apart})


def _ways(graph: Graph, fit: Node) -> Iterator[Way]:
    """The ways of features and transformers into the data of a fit, through one another too. Columns of any
    name, which a helper treats alike for whoever calls it, are no shared definition."""
    found: set[str] = set()
    todo: list[tuple[str, tuple[Edge, ...]]] = [(fit.id, ())]
    while todo:
        at, onward = todo.pop(0)
        for way in ways_into(graph, at, lambda node: node.kind in _SHARED and is_ours(node) and node.name != "{}"):
            whole = replace(way, edges=way.edges + onward)
            if whole.start not in found and not whole.as_label and not way.chosen and (way.named or not way.reads):
                found.add(whole.start)
                todo.append((whole.start, whole.edges))
                yield whole


def _definitions(graph: Graph, node: Node) -> tuple[str, ...]:
    """The feature itself, or what was fitted for a transform, also when it was stored and loaded."""
    if node.kind is NodeKind.FEATURE:
        return (node.id,)
    if node.role is Role.FIT_TRANSFORM:
        return (node.id,)
    fitted = identity(graph, *(used.id for used in model_used(graph, node.id)))
    return tuple(
        sorted(id for id in fitted if graph.node(id).role in LEARNS and graph.node(id).kind is NodeKind.TRANSFORM)
    )


def _apart(graph: Graph, fits: list[Node]) -> tuple[str, ...]:
    """Those of some fits that learn different labels and are kept in different places, by id."""
    found: set[str] = set()
    for one, other in combinations(fits, 2):
        same_label = labels(graph, one.id) & labels(graph, other.id)
        if not same_label and not saved(graph, one) & saved(graph, other):
            found |= {one.id, other.id}
    return tuple(sorted(found))


def _hit(graph: Graph, ids: list[str], ways: dict[str, Way]) -> Hit:
    """At the first of the shared things; those made in the same function are told with it."""
    first = graph.node(ids[0])
    nodes = [node for node in map(graph.node, ids) if (node.at.path, node.symbol) == (first.at.path, first.symbol)]
    at, symbol, named = _place(graph, nodes)
    others = {graph.node(id).at for id in ids} - {node.at for node in nodes}
    models = {fit: _kept_as(graph, fit) for fit in ways}
    transformer = nodes[0].kind is NodeKind.TRANSFORM
    return Hit(
        at=at,
        details={
            ("transformer" if transformer else "feature"): named,
            "count": str(len(set(models.values()))),
            "model": ", ".join(sorted(set(models.values()))),
        },
        keys=(named,) if transformer else tuple(sorted(set(models.values()))),
        confidence=weakest(Confidence.LIKELY, *(way.confidence for way in ways.values())),
        symbol=symbol,
        trail=tuple(stop for way in ways.values() for stop in stops(graph, way))[:MAX_STOPS],
        related=tuple(Stop(graph.node(fit).at, f"fit: {models[fit]}") for fit in sorted(ways))
        + tuple(Stop(other, "shared too") for other in sorted(others))[:_SHOWN],
        reach=tuple(sorted(set(models.values()))),
        variant="transformer" if transformer else "",
    )


def _kept_as(graph: Graph, fit: str) -> str:
    """The name under which a model is kept."""
    return min(graph.node(id).name for id in saved(graph, graph.node(fit)))


def _place(graph: Graph, nodes: list[Node]) -> tuple[Span, str, str]:
    """The function that makes the features, or the first of them; its symbol; what to call it."""
    first = nodes[0]
    if first.kind is NodeKind.FEATURE and first.function in graph and first.chain:
        return graph.node(first.function).at, first.symbol, f"{first.symbol}()"
    return first.at, first.symbol, ", ".join(dict.fromkeys(_called(graph, node) for node in nodes))


def _called(graph: Graph, node: Node) -> str:
    """The name it is bound to; a transformer without one goes by its class."""
    made = [one.callee for one in model_used(graph, node.id) if one.role is Role.CONSTRUCT]
    return made[0].rpartition(".")[2] if made and node.name == node.callee else node.name
