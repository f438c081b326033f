"""Read-only questions about tests: where they stand, and which files they reach."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.graph.code import Definition
from mldebt.graph.graph import Graph, remembered
from mldebt.graph.nodes import EdgeKind, NodeKind
from mldebt.roles import Store
from mldebt.source import Purpose

_TESTS = re.compile(r"(?:^|/)tests?/")


@remembered
def folders_of_tests(graph: Graph) -> tuple[str, ...]:
    """The folders that hold code of tests: what else lies there is made once for them, and stands in the repository."""
    found = (path[: match.end()] for path in graph.files_of(Purpose.TEST) if (match := _TESTS.search(path)) is not None)
    return tuple(sorted(set(found)))


def files_tested(graph: Graph) -> frozenset[str]:
    """The files that tests import or name, or send requests to, and all that these import: whoever calls a function
    imports it."""
    return _reached(graph, {*graph.files_of(Purpose.TEST), *_asked(graph)})


def functions_tested(graph: Graph, files: frozenset[str]) -> frozenset[str]:
    """The ids of functions and methods that tests call, straight or through others, in the files that they reach. What
    tests name and do not import, they load or run, all of it; what they import does nothing behind its main guard. What
    a framework calls of a class, and what a text or a decorator hands to others, is reached wherever its file is."""
    known = {one.id: one for one in graph.code.definitions}
    pairs = {(use.at.path, use.path) for use in graph.code.local_imports}
    run = {one.path for one in known.values() if any((_file(test), one.path) not in pairs for test in one.test_used_by)
           if one.kind == "module"}
    uses: dict[str, list[str]] = defaultdict(list)
    reached = {one.id for one in known.values() if one.purpose is Purpose.TEST or one.path in run}
    reached |= {f"module:{path}" for path in files}.union(one.id for one in known.values() if _is_handed_on(one, files))
    for one in known.values():
        for user in (*one.used_by, *one.test_used_by):
            if user != f"module:{one.path}" or not known[user].guarded:
                uses[user].append(one.id)
    todo = list(reached)
    while todo:
        further = {id for id in uses[todo.pop()] if known[id].path in files} - reached
        reached |= further
        todo += further
    return frozenset(reached)


def _file(user: str) -> str:
    """The file of who uses something."""
    return user.split(":")[1]


def _is_handed_on(one: Definition, files: frozenset[str]) -> bool:
    if one.path not in files or one.kind not in ("function", "method"):
        return False
    called = one.hooked or one.overrides or bool(one.made) or "text" in one.used_by
    return called or one.name.rpartition(".")[2].startswith("__")


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
                uses[_file(user)].add(one.path)
    todo = list(reached)
    while todo:
        further = uses[todo.pop()] - reached
        reached |= further
        todo += further
    return frozenset(reached)
