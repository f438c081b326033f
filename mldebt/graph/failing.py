"""Read-only questions about files that fail whenever they are run or imported."""

from __future__ import annotations

from mldebt.graph.graph import Graph
from mldebt.source import Span


def failing_at(graph: Graph) -> dict[str, frozenset[Span]]:
    """By file that fails: the places at which it does. What else is found in it is of code that never runs."""
    places: dict[str, set[Span]] = {}
    ends = (*(one.at for one in graph.code.broken), *(one.at for one in graph.code.failing))
    for at in ends:
        places.setdefault(at.path, set()).add(at)
    return {path: frozenset(found) for path, found in places.items()}
