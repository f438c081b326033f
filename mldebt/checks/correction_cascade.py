"""A model learns from, or is fed with, what another model predicts, and each is kept by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.findings import Hit
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.questions import (
    LEARNS,
    answers_in_loss,
    identity,
    is_loaded,
    is_ours,
    is_ready_made,
    kept_in,
    makes_rows,
    model_used,
    saved,
    trainings,
)
from mldebt.graph.ways import Way, stops, ways_into
from mldebt.roles import Confidence, weakest
from mldebt.source import Span
from mldebt.trail import Stop

_Models = Mapping[str, frozenset[str]]
_Found = dict[Span, list[tuple[Node, Way]]]
_MOST_NAMED = 3


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each fit that learns from another model; else one for each prediction fed with one."""
    predictions = graph.nodes(NodeKind.PREDICTION)
    models = {p.id: identity(graph, *(used.id for used in model_used(graph, p.id))) for p in predictions}
    learned: set[str] = set()
    found: _Found = defaultdict(list)
    for fit in filter(is_ours, trainings(graph)):
        own = identity(graph, fit.id)
        for way in _from_others(graph, fit, own, models):
            if _apart(graph, way, fit, own, models[way.start]) and not _imitates(graph, way):
                learned |= own
                found[fit.at].append((fit, way))
    for pairs in _by_sources(graph, found):
        kept = {graph.node(id).name for fit, _ in pairs for id in saved(graph, fit)}
        yield _hit(graph, pairs, sorted(kept or {pairs[0][0].name}, key=_plainly), "")
    fed: _Found = defaultdict(list)
    for made in filter(is_ours, predictions):
        own = models[made.id]
        for way in _from_others(graph, made, own, models) if is_loaded(graph, made) and not own & learned else ():
            if is_loaded(graph, graph.node(way.start)) and way.named and not way.chosen:
                fed[made.at].append((made, way))
    for pairs in _by_sources(graph, fed):
        yield _hit(graph, pairs, _sources(graph, [pairs[0][0]]), "fed")


def _from_others(graph: Graph, node: Node, own: frozenset[str], models: _Models) -> list[Way]:
    """The ways of other models' predictions into what a model learns from or is asked about."""
    ways = ways_into(graph, node.id, lambda source: bool(models.get(source.id)) and not models[source.id] & own)
    return [way for way in ways if not _one_class(graph, own, models[way.start])] if own else []


def _apart(graph: Graph, way: Way, fit: Node, own: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one model can be made anew without the other: a loaded one, or two kept in two places."""
    made = graph.node(way.start)
    if way.chosen or (way.as_label and not way.named) or not is_ours(made):
        return False
    if is_ready_made(graph, made) or makes_rows(graph, made):
        return False
    if way.reads or is_loaded(graph, made):
        return True
    mine, its = kept_in(graph, fit.id), frozenset(id for id in other if id.startswith("artifact:"))
    return bool(mine and its) and not mine & its and not answers_in_loss(graph, fit)


def _one_class(graph: Graph, own: frozenset[str], other: frozenset[str]) -> bool:
    """Whether both are fitted by methods of one class, and so are parts of one model."""

    def classes(ids: frozenset[str]) -> set[tuple[str, str]]:
        fits = [graph.node(id) for id in ids if graph.node(id).role in LEARNS]
        return {(fit.at.path, fit.symbol.rpartition(".")[0]) for fit in fits if "." in fit.symbol}

    return bool(classes(own) & classes(other))


def _imitates(graph: Graph, way: Way) -> bool:
    """Whether the answers of the other are the whole label, in memory: distillation, a surrogate."""
    if way.reads or not way.as_label:
        return False
    last = next(place for place, edge in enumerate(way.edges) if edge.slot == "label")
    return all(_only_source(graph, edge) for edge in way.edges[: last + 1])


def _only_source(graph: Graph, edge: Edge) -> bool:
    return {other.source for other in graph.in_edges(edge.target) if other.slot == edge.slot} == {edge.source}


def _by_sources(graph: Graph, found: _Found) -> list[list[tuple[Node, Way]]]:
    """Places where the same models are built on are one defect; what is saved comes first."""
    groups: dict[tuple[str, ...], list[tuple[Node, Way]]] = defaultdict(list)
    for _, pairs in sorted(found.items()):
        groups[tuple(_sources(graph, [graph.node(way.start) for _, way in pairs]))] += pairs
    return [sorted(pairs, key=lambda pair: not saved(graph, pair[0])) for pairs in groups.values()]


def _sources(graph: Graph, predictions: list[Node]) -> list[str]:
    """The files that the models of predictions come from; else what the models are called."""
    used = {used for made in predictions for used in model_used(graph, made.id)}
    files = {edge.source for one in used for edge in graph.in_edges(one.id, EdgeKind.READS)}
    files = files or {id for one in used for id in kept_in(graph, one.id)}
    return sorted({graph.node(id).name for id in files} or {one.name for one in used}, key=_plainly)


def _plainly(name: str) -> tuple[int, str]:
    return (name.count("{"), name)


def _hit(graph: Graph, pairs: list[tuple[Node, Way]], kept: list[str], variant: str) -> Hit:
    at, first = pairs[0]
    starts = {way.start: graph.node(way.start) for _, way in pairs}
    others = {Stop(node.at, f"also: {node.name}") for node, _ in pairs if node.at != at.at}
    sources = _sources(graph, list(starts.values()))
    sureness = [weakest(way.confidence, Confidence.LIKELY if way.named else Confidence.HINT) for _, way in pairs]
    return Hit(
        at=at.at,
        details={"model": ", ".join(kept[:_MOST_NAMED]), "source": ", ".join(sources[:_MOST_NAMED])},
        keys=tuple(sources),
        confidence=min(sureness, key=tuple(Confidence).index),
        symbol=at.symbol,
        trail=stops(graph, first),
        related=tuple(sorted(others | {Stop(made.at, f"predict: {made.name}") for made in starts.values()})),
        variant=variant,
    )
