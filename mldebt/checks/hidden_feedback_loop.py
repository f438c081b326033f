"""A model is trained on what another model, or another component, made of its predictions."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph
from mldebt.graph.handovers import components_by_file
from mldebt.graph.loops import Loop, component_between, known_as, loops_of
from mldebt.graph.names import answer_name
from mldebt.graph.ways import stops
from mldebt.roles import Confidence, weakest
from mldebt.trail import MAX_STOPS, Stop


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each cycle of models, and for each place that brings predictions back by way of a component."""
    homes, loops = components_by_file(graph), loops_of(graph)
    told: set[frozenset[str]] = set()
    for loop in sorted(loops.through_others(), key=lambda loop: (len(loop.through), loop.reads[-1].at)):
        if loop.models not in told:
            told.add(loop.models)
            other = loop.through[-1]
            yield _hit(graph, loop, answer_name(graph, other, ()), Stop(other.at, f"predict: {other.name}"), "")
    places: set[tuple[str, str]] = set()
    for loop in loops.direct():
        between, key = component_between(graph, loop, homes), (loop.fit.id, loop.reads[-1].source)
        if between is not None and key not in places:
            places.add(key)
            component, step = between
            yield _hit(graph, loop, component, Stop(step.at, f"write: {step.name}"), "component")


def _hit(graph: Graph, loop: Loop, other: str, between: Stop, variant: str) -> Hit:
    read, made, fit = loop.reads[-1], graph.node(loop.start), loop.fit
    artifact, step = graph.node(read.source), graph.node(read.target)
    exact = any(graph.node(id).exact for id in loop.shared)
    trail = tuple(dict.fromkeys(stop for way in loop.ways for stop in stops(graph, way)))
    return Hit(
        at=read.at,
        details={"model": known_as(graph, loop), "artifact": artifact.name, "what": other},
        keys=(artifact.name, other),
        confidence=weakest(
            Confidence.LIKELY, loop.confidence, Confidence.LIKELY if loop.named and exact else Confidence.HINT
        ),
        symbol=step.symbol,
        trail=(*trail[: MAX_STOPS - 1], trail[-1]) if len(trail) > MAX_STOPS else trail,
        related=(Stop(made.at, f"predict: {made.name}"), between, Stop(fit.at, f"fit: {fit.name}")),
        variant=variant,
    )
