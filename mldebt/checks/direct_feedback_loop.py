"""A model is trained on what it predicted, or on rows that its predictions chose."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph
from mldebt.graph.handovers import components_by_file
from mldebt.graph.loops import Loop, component_between, known_as, loops_of
from mldebt.graph.ways import stops
from mldebt.roles import Confidence, weakest
from mldebt.trail import Stop


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each training and artifact that brings the model's own predictions back, by no other component."""
    homes = components_by_file(graph)
    told: set[tuple[str, str]] = set()
    for loop in loops_of(graph).direct():
        key = loop.fit.id, loop.reads[-1].source
        if key not in told and component_between(graph, loop, homes) is None:
            told.add(key)
            yield _hit(graph, loop)


def _hit(graph: Graph, loop: Loop) -> Hit:
    way, fit, shared = loop.ways[0], loop.fit, loop.shared
    read, made = way.reads[-1], graph.node(way.start)
    artifact, step = graph.node(read.source), graph.node(read.target)
    exact = any(graph.node(id).exact for id in shared)
    return Hit(
        at=read.at,
        details={"model": known_as(graph, loop), "artifact": artifact.name, "what": made.at.path},
        keys=(artifact.name,),
        confidence=weakest(
            Confidence.LIKELY, way.confidence, Confidence.LIKELY if way.named and exact else Confidence.HINT
        ),
        symbol=step.symbol,
        trail=stops(graph, way),
        related=(Stop(made.at, f"predict: {made.name}"), Stop(fit.at, f"fit: {fit.name}")),
        variant="action" if way.chosen else "",
    )
