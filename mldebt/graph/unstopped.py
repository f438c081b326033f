"""Whether data come to what learns from them with nothing on the way that could turn them back."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import function_around
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.unchecked import Unchecked, given
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose, Span

_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_OPEN_TO_ALL = frozenset({Store.FILE, Store.OBJECT, Store.URL})
_ASKED = frozenset({"option", "env"})
_TESTS = re.compile(r"(?:^|/)tests?/")


def comes_unstopped(graph: Graph, one: Unchecked) -> bool:
    """Whether a file of a known name is read by a program, and no code that its rows pass, or that such code calls,
    raises an error, leaves early or compares the values with a number. A database checks what it keeps, a notebook is
    read by a person, files of tests are made to fit, and who names a file may have checked it."""
    if one.at.cell or one.source.store not in _OPEN_TO_ALL or not _is_known(graph, one.source):
        return False
    named = (edge for edge in graph.in_edges(one.read.id, EdgeKind.CONFIGURES) if edge.slot == "")
    if any(graph.node(edge.source).traits & _ASKED for edge in named):
        return False
    steps = _between(graph, one.read, one.use)
    if one.use.id not in steps or any(_may_turn_back(step) for step in steps.values()):
        return False
    passed = frozenset(id for step in steps.values() for id in _code_of(graph, step))
    called = {edge.target for id in passed if id in graph for edge in graph.out_edges(id, EdgeKind.CALLS)}
    return graph.code.stopping.isdisjoint(passed | called)


def _may_turn_back(step: Node) -> bool:
    return step.role is Role.DECIDE or step.store is Store.TABLE


def _is_known(graph: Graph, source: Node) -> bool:
    """Whether the whole name of a place is known, and it lies in no folder of tests."""
    tests = {one.path for one in graph.code.definitions if one.purpose is Purpose.TEST}
    folders = {path[: found.end()] for path in tests if (found := _TESTS.search(path)) is not None}
    return source.exact and "{" not in source.name and not source.name.startswith(tuple(folders))


def _between(graph: Graph, read: Node, use: Node) -> dict[str, Node]:
    """The steps that rows pass from a read to a use, without guesses; the columns of a helper are those of all its
    callers, and lead from none of them to another."""
    ends = {read.function, use.function}
    behind, todo = {use.id}, [use.id]
    while todo:
        for edge in given(graph, graph.node(todo.pop())):
            if edge.source not in behind and edge.confidence is not Confidence.HINT:
                behind.add(edge.source)
                todo.append(edge.source)
    found, todo = {read.id: read}, [read.id]
    while todo:
        for edge in graph.out_edges(todo.pop()):
            target = graph.node(edge.target)
            shared = target.kind is NodeKind.FEATURE and target.function not in ends
            if target.id in behind and target.id not in found and not shared and edge in given(graph, target):
                found[target.id] = target
                todo.append(target.id)
    return found


def _code_of(graph: Graph, step: Node) -> Iterator[str]:
    """The functions and files in which a step happens: its own, and those that call it."""
    if step.kind not in _PLACES:
        yield step.function or _file(graph, step.at)
        for site in step.chain:
            around = function_around(graph, site)
            yield around.id if around is not None else _file(graph, site)


def _file(graph: Graph, at: Span) -> str:
    return next((one.id for one in graph.code.definitions if one.kind == "module" and one.path == at.path), "")
