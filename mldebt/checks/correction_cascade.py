"""A model learns from, or is fed with, what another model predicts, and each is kept by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mldebt.findings import Hit
from mldebt.graph import Edge, Graph, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, LEARNS, answers_in_loss, identity, is_ours, kept_in, model_used, trainings
from mldebt.graph.ways import Way, stops, ways_into
from mldebt.roles import Confidence, Store, weakest
from mldebt.trail import Stop


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each model that learns from another; else one where it is fed with another."""
    models = cache(lambda id: identity(graph, *(used.id for used in model_used(graph, id))))
    learned: set[str] = set()
    for fit in filter(is_ours, trainings(graph)):
        own = identity(graph, fit.id)
        for way in ways_into(graph, fit.id, lambda node, own=own: _of_another(graph, node, models, own)):
            other = models(way.start)
            if _apart(graph, way, fit, own, other) and not _imitates(graph, way, fit):
                learned |= own
                yield _hit(graph, way, fit, _name(graph, own, fit), _name(graph, other, graph.node(way.start)), "")
    for made in filter(is_ours, graph.nodes(NodeKind.PREDICTION)):
        own = models(made.id)
        if not own or own & learned or not _loaded(graph, made):
            continue
        for way in ways_into(graph, made.id, lambda node, own=own: _of_another(graph, node, models, own)):
            other = models(way.start)
            if _loaded(graph, graph.node(way.start)) and not _one_routine(graph, own, other) and way.named:
                yield _hit(graph, way, made, _name(graph, own, made), _name(graph, other, graph.node(way.start)), "fed")


def _of_another(graph: Graph, node: Node, models, own: frozenset[str]) -> bool:  # type: ignore[no-untyped-def]
    return node.kind is NodeKind.PREDICTION and bool(models(node.id)) and not models(node.id) & own


def _apart(graph: Graph, way: Way, fit: Node, own: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the two models can change one without the other: not made in one routine as one."""
    if way.chosen or (way.as_label and not way.named) or not is_ours(graph.node(way.start)):
        return False
    if _ready_made(graph, graph.node(way.start)) or _one_routine(graph, own, other):
        return False
    if _loaded(graph, graph.node(way.start)) or way.reads:
        return True
    mine, its = kept_in(graph, fit.id), frozenset(id for id in other if id.startswith("artifact:"))
    return bool(mine and its) and not mine & its and not answers_in_loss(graph, fit)


def _loaded(graph: Graph, made: Node) -> bool:
    """Whether a prediction is made with a model that comes out of a file of this repository."""
    return any(used.role in BRINGS_IN for used in model_used(graph, made.id)) and not _ready_made(graph, made)


def _ready_made(graph: Graph, made: Node) -> bool:
    """A model that others trained: it stays as it is."""
    for used in model_used(graph, made.id):
        sources = [graph.node(edge.source) for edge in graph.in_edges(used.id)]
        if "pretrained" in used.traits or any(source.store in (Store.HUB, Store.URL) for source in sources):
            return True
    return "pretrained" in made.traits


def _one_routine(graph: Graph, own: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both are fitted by methods of one class, and so are parts of one model."""
    def classes(ids: frozenset[str]) -> set[tuple[str, str]]:
        fits = [graph.node(id) for id in ids if graph.node(id).role in LEARNS]
        return {(fit.at.path, fit.symbol.rpartition(".")[0]) for fit in fits if "." in fit.symbol}

    return bool(classes(own) & classes(other))


def _imitates(graph: Graph, way: Way, fit: Node) -> bool:
    """Whether the answers of the other are the whole label, in memory: distillation, a surrogate."""
    if way.reads or not way.as_label:
        return False
    last = next(place for place, edge in enumerate(way.edges) if edge.slot == "label")
    return all(_only_source(graph, edge) for edge in way.edges[: last + 1])


def _only_source(graph: Graph, edge: Edge) -> bool:
    return {other.source for other in graph.in_edges(edge.target) if other.slot == edge.slot} == {edge.source}


def _name(graph: Graph, model: frozenset[str], node: Node) -> str:
    kept = sorted(graph.node(id).name for id in model if id.startswith("artifact:"))
    return kept[0] if kept else node.name


def _hit(graph: Graph, way: Way, at: Node, model: str, source: str, variant: str) -> Hit:
    made = graph.node(way.start)
    sure = way.named and not any("{" in name for name in (model, source))
    return Hit(
        at=at.at,
        details={"model": model, "source": source},
        keys=(source,),
        confidence=weakest(way.confidence, Confidence.LIKELY if sure else Confidence.HINT),
        symbol=at.symbol,
        trail=stops(graph, way),
        related=(Stop(made.at, f"predict: {made.name}"),),
        variant=variant,
    )
