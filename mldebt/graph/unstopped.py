"""Whether data come to what learns from them with nothing on the way that could turn them back."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import normpath

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import function_around
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.programs import files, lent, together
from mldebt.graph.tested_code import folders_of_tests
from mldebt.graph.unchecked import Unchecked, given
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Span

_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_OPEN_TO_ALL = frozenset({Store.FILE, Store.OBJECT, Store.URL})
_ASKED = frozenset({"option", "env"})


def comes_unstopped(graph: Graph, one: Unchecked) -> bool:
    """Whether a file of a known name is read by a program, and no code that its rows pass, or that such code calls,
    raises an error, leaves early or compares the values with a number. A database checks what it keeps, a notebook is
    read by a person, and files of tests are made to fit."""
    if one.at.cell or one.source.store not in _OPEN_TO_ALL or not _is_known(graph, one.source):
        return False
    if _is_put_together(graph, one):
        return False
    steps = _between(graph, one.read, one.use)
    if one.use.id not in steps or any(_may_turn_back(step) for step in steps.values()):
        return False
    own = files(one.read) | files(one.use)
    passed = (id for step in steps.values() for id in _code_of(graph, step, own))
    return not any(_turn_back(graph, one, frozenset(passed)))


def _turn_back(graph: Graph, one: Unchecked, passed: frozenset[str]) -> Iterator[str]:
    """What may go no further because of rows that pass such code. What is called by it has to end more than itself."""
    called = {user.id for user in graph.code.definitions if not passed.isdisjoint(user.used_by)}
    entered = dict(_entered(graph, one))
    for halt in graph.code.stopping:
        if halt.id in passed or (halt.id in called and not halt.leaves):
            if halt.at.line >= entered.get(halt.id, 0):
                yield halt.id


def _entered(graph: Graph, one: Unchecked) -> Iterator[tuple[str, int]]:
    """The functions and files in which rows are read, or what reads them is called, each with the line: what stands
    before it goes no further for other reasons."""
    for at in sorted({one.at, one.read.at, *one.read.chain}, reverse=True):
        yield _around(graph, at), at.line


def _is_put_together(graph: Graph, one: Unchecked) -> bool:
    """Whether the place is made of what an option or variable says, and more: the rows there were prepared for this
    program by another one, which may have checked them."""
    edges = (edge for edge in graph.in_edges(one.read.id, EdgeKind.CONFIGURES) if edge.slot == "")
    asked = [node for node in (graph.node(edge.source) for edge in edges) if node.traits & _ASKED]
    said = {setting.at: setting.value for setting in graph.code.settings} if asked else {}
    return any(normpath(str(said.get(node.at))) != one.source.name for node in asked)


def _may_turn_back(step: Node) -> bool:
    return step.role is Role.DECIDE or step.store is Store.TABLE


def _is_known(graph: Graph, source: Node) -> bool:
    """Whether the whole name of a place is known, and it lies in no folder of tests."""
    return source.exact and "{" not in source.name and not source.name.startswith(folders_of_tests(graph))


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
            if target.id in behind and target.id not in found and edge in given(graph, target):
                if shared and not (together(read, use) and _is_of_one(graph, target, read)):
                    continue
                found[target.id] = target
                todo.append(target.id)
    return found


def _is_of_one(graph: Graph, column: Node, read: Node) -> bool:
    """Whether nothing else that the program reads goes into a column."""
    reads = (node for node in graph.upstream(column.id) if node.role is Role.READ and node.at != read.at)
    return not any(together(node, read) for node in reads)


def _code_of(graph: Graph, step: Node, own: frozenset[str]) -> Iterator[str]:
    """The functions and files in which a step happens: its own, and those that call it; of what a helper makes for
    several programs those of the one that reads."""
    if step.kind not in _PLACES:
        yield step.function or _file(graph, step.at)
        for site in step.chain:
            if step.function not in lent(graph) or site.path in own:
                yield _around(graph, site)


def _around(graph: Graph, at: Span) -> str:
    """The function or file in which a place stands."""
    function = function_around(graph, at)
    return function.id if function is not None else _file(graph, at)


def _file(graph: Graph, at: Span) -> str:
    return next((one.id for one in graph.code.definitions if one.kind == "module" and one.path == at.path), "")
