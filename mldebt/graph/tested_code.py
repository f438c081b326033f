"""Read-only questions about tests: which files they reach."""

from __future__ import annotations

from collections import defaultdict

from mldebt.graph.graph import Graph
from mldebt.source import Purpose


def files_tested(graph: Graph) -> frozenset[str]:
    """The files that tests import or name, and all that these import: whoever calls a function imports it."""
    return _reached(graph, {one.path for one in graph.code.definitions if one.purpose is Purpose.TEST})


def files_tried(graph: Graph) -> frozenset[str]:
    """The files that are run before a change is taken in, and all that these import."""
    return _reached(graph, set(graph.code.tried))


def _reached(graph: Graph, reached: set[str]) -> frozenset[str]:
    uses: dict[str, set[str]] = defaultdict(set)
    for use in graph.code.local_imports:
        uses[use.at.path].add(use.path)
    for one in (one for one in graph.code.definitions if one.kind == "module"):
        for user in (*one.used_by, *one.test_used_by):
            if ":" in user:
                uses[user.split(":")[1]].add(one.path)
    todo = list(reached)
    while todo:
        further = uses[todo.pop()] - reached
        reached |= further
        todo += further
    return frozenset(reached)
