"""A model is trained on what it predicted, or on rows that its predictions chose."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph, Node, NodeKind
from mldebt.graph.questions import identity, is_ours, model_used, trainings
from mldebt.graph.ways import Way, stops, ways_into
from mldebt.roles import Confidence, weakest
from mldebt.trail import Stop


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each training and artifact that brings the model's own predictions back."""
    predictions = [node for node in graph.nodes(NodeKind.PREDICTION) if is_ours(node)]
    models = {p.id: identity(graph, *(used.id for used in model_used(graph, p.id))) for p in predictions}
    for fit in trainings(graph):
        same = identity(graph, fit.id)
        own = {id for id, model in models.items() if is_ours(fit) and model & same}
        told: set[str] = set()
        for way in ways_into(graph, fit.id, lambda node: node.kind is NodeKind.PREDICTION) if own else ():
            if way.start in own and _comes_back(graph, way, fit) and way.reads[-1].source not in told:
                told.add(way.reads[-1].source)
                yield _hit(graph, way, fit, models[way.start] & same)


def _comes_back(graph: Graph, way: Way, fit: Node) -> bool:
    """Whether predictions of one run reach the training of another; a label must be known by name."""
    made = graph.node(way.start)
    elsewhere = (made.at.path, made.symbol) != (fit.at.path, fit.symbol)
    return bool(way.reads) and elsewhere and (way.named or not way.as_label)


def _hit(graph: Graph, way: Way, fit: Node, shared: frozenset[str]) -> Hit:
    read, made = way.reads[-1], graph.node(way.start)
    artifact, step = graph.node(read.source), graph.node(read.target)
    exact = any(graph.node(id).exact for id in shared)
    return Hit(
        at=read.at,
        details={"model": called(graph, fit, shared), "artifact": artifact.name, "what": made.at.path},
        keys=(artifact.name,),
        confidence=weakest(
            Confidence.LIKELY, way.confidence, Confidence.LIKELY if way.named and exact else Confidence.HINT
        ),
        symbol=step.symbol,
        trail=stops(graph, way),
        related=(Stop(made.at, f"predict: {made.name}"), Stop(fit.at, f"fit: {fit.name}")),
        variant="action" if way.chosen else "",
    )


def called(graph: Graph, fit: Node, shared: frozenset[str]) -> str:
    """The file a model is kept in, as that is the name people know it by; else what it is bound to."""
    kept = sorted(graph.node(id).name for id in shared if graph.node(id).kind is NodeKind.ARTIFACT)
    return kept[0] if kept else fit.name
