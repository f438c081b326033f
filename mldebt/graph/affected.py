"""A read-only question: what a change of some files may change further down."""

from __future__ import annotations

from collections.abc import Collection

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import NodeKind


def affected(graph: Graph, paths: Collection[str]) -> tuple[tuple[str, int], ...]:
    """How many models, endpoints and other components get data of what stands in these files. Components that hold
    one of the files themselves are not counted."""
    changed = [node for node in graph.nodes() if node.at.path in paths]
    reached = graph.reached(node.id for node in changed)
    own = {node.component for node in changed}
    counts = (
        ("model", sum(node.kind is NodeKind.MODEL for node in reached)),
        ("endpoint", sum(node.kind is NodeKind.ENDPOINT for node in reached)),
        ("other component", len({node.component for node in reached if node.component} - own)),
    )
    return tuple((word, count) for word, count in counts if count)
