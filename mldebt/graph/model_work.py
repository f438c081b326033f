"""Read-only questions about what models are made of, and which code has to do with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from mldebt.graph.graph import FLOW, Graph, remembered
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS, is_ours
from mldebt.graph.served import served
from mldebt.roles import Role

_LIFE = LEARNS | {Role.TRANSFORM, Role.PREDICT, Role.EVALUATE, Role.SPLIT, Role.RESAMPLE}
_MODELLING = frozenset({
    Role.FIT, Role.FIT_TRANSFORM, Role.TRANSFORM, Role.PREDICT, Role.EVALUATE, Role.SEARCH, Role.SPLIT, Role.RESAMPLE,
    Role.LOAD, Role.PERSIST,
})  # fmt: skip
_GIVES_ROWS = frozenset({"gives:table", "gives:array", "gives:column"})
_OF_GIVES_ROWS = ("table.", "column.", "array.", "group.")
_WATCHES = frozenset({Role.MONITOR, Role.DECIDE})


def behind_models(graph: Graph) -> frozenset[str]:
    """The ids of all that reaches what a model learns or predicts: a column of something else is no feature."""
    return _behind(graph, (node for node in graph.nodes() if node.kind is NodeKind.PREDICTION or node.role in LEARNS))


@remembered
def working_on_models(graph: Graph) -> frozenset[str]:
    """The ids of functions, and of modules for what they do outside of any, that do a step of a model's life or make
    what reaches a model, that answer requests with predictions, that call such a step, and of helpers in which nothing
    is seen and which such code, or what decides by a score, calls."""
    does: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes():
        does[node.function or f"module:{node.at.path}"].append(node)
    judged = (node for node in graph.nodes() if node.role is Role.EVALUATE)
    behind = behind_models(graph) | _behind(graph, judged)
    own = {id for id, nodes in does.items() if any(_is_work(node, behind) for node in nodes)}
    own |= {one.entry.id for one in served(graph)}
    calling = {edge.source for id in own if id in graph for edge in graph.in_edges(id, EdgeKind.CALLS)}
    watching = {id for id, nodes in does.items() if any(node.role in _WATCHES for node in nodes)}
    asking = own | watching
    helpers = {one.id for one in graph.code.definitions if one.id not in does and asking.intersection(one.used_by)}
    return frozenset(own | calling | helpers)


def called_for_models(graph: Graph) -> frozenset[str]:
    """The ids of functions, and of modules for what they do outside of any, that learn or predict, of all that calls
    them in the end, and of all that those call: what a program does that has to do with models."""
    known = {one.id: one for one in graph.code.definitions}
    calls: dict[str, list[str]] = defaultdict(list)
    for one in known.values():
        for user in one.used_by:
            calls[user].append(one.id)
    steps = (node for node in graph.nodes() if is_ours(node) and _learns_or_answers(node))
    first = (node.function or f"module:{node.at.path}" for node in steps)
    above = _closed(first, lambda id: [user for user in known[id].used_by if user in known] if id in known else [])
    return _closed(above, calls.__getitem__)


def handling_data(graph: Graph) -> frozenset[str]:
    """The files of code that does something with models, or with tables and arrays as data for them have: rows of a
    database that a program asks for are those of any program."""
    steps = [
        node for node in graph.nodes()
        if node.role in _MODELLING or node.callee.startswith(_OF_GIVES_ROWS) or node.traits & _GIVES_ROWS
    ]  # fmt: skip
    around = {node.function for node in steps}
    return frozenset(node.at.path for node in steps) | {one.path for one in graph.code.definitions if one.id in around}


def _learns_or_answers(node: Node) -> bool:
    return node.kind is NodeKind.PREDICTION or (node.role in LEARNS and node.kind is NodeKind.MODEL)


def _closed(first: Iterable[str], further: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """These ids and all that follows from them."""
    found = set(first)
    todo = list(found)
    while todo:
        fresh = set(further(todo.pop())) - found
        found |= fresh
        todo += fresh
    return frozenset(found)


def _is_work(node: Node, behind: frozenset[str]) -> bool:
    return node.role in _LIFE or node.id in behind


def _behind(graph: Graph, nodes: Iterable[Node]) -> frozenset[str]:
    """These nodes and all that reaches them. Of a place that is not wholly known nobody knows whether what is read
    there is what was written."""
    todo = [node.id for node in nodes]
    found = set(todo)
    while todo:
        before = {one.id for one in graph.predecessors(todo.pop(), *FLOW) if one.exact} - found
        found |= before
        todo += before
    return frozenset(found)
