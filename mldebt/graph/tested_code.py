"""Read-only questions about tests: which files they reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, NodeKind
from mldebt.roles import Store
from mldebt.source import Purpose


def files_tested(graph: Graph) -> frozenset[str]:
    """The files that tests import or name, or send requests to, and all that these import: whoever calls a function
    imports it."""
    tests = {one.path for one in graph.code.definitions if one.purpose is Purpose.TEST}
    return _reached(graph, tests | set(_asked(graph)))


def files_tried(graph: Graph) -> frozenset[str]:
    """The files that are run before a change is taken in, and all that these import."""
    return _reached(graph, set(graph.code.tried))


def _asked(graph: Graph) -> Iterator[str]:
    """The files that answer under an address which tests say; of one with holes, as far as it is written out."""
    for route in graph.nodes(NodeKind.ARTIFACT):
        fixed = route.name.partition("{")[0].rstrip("/")
        if route.store is Store.ROUTE and fixed and _is_said(graph, fixed, open=fixed != route.name.rstrip("/")):
            yield from (step.at.path for step in graph.predecessors(route.id, EdgeKind.WRITES))


def _is_said(graph: Graph, route: str, *, open: bool) -> bool:
    said = graph.code.requested
    return route in said or (open and any(path.startswith(f"{route}/") for path in said))


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
