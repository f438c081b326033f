"""Read-only questions about what answers requests with predictions, and whether anybody can tell afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mldebt.graph.code import SERVED, Definition
from mldebt.graph.graph import Graph, remembered
from mldebt.graph.handovers import brings_predictions
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, STORES, is_ours, trainings
from mldebt.source import Purpose


@dataclass(frozen=True, slots=True)
class Served:
    """A function that answers requests, and what it answers with: a prediction that is made on its way, or the read of
    stored ones. `through` are the ids of functions that a request goes through, or that those name."""

    entry: Definition
    answer: Node
    through: frozenset[str]


@remembered
def served(graph: Graph) -> tuple[Served, ...]:
    """Every function of production code that answers requests with predictions; what trains a model on request is
    none."""
    return tuple(_served(graph))


def _served(graph: Graph) -> Iterator[Served]:
    entries = [one for one in graph.code.definitions if _answers(one)]
    if not entries:
        return
    fitting = {node.function for node in trainings(graph)}
    calls = {node.id: [edge.target for edge in graph.out_edges(node.id, EdgeKind.CALLS)] for node in _functions(graph)}
    names, made = _named(graph), _by_function(graph)
    for entry in entries:
        reached = closure([entry.id], calls)
        answer = _answer(graph, entry, reached, made)
        if answer is not None and not reached & fitting:
            yield Served(entry, answer, reached | closure([entry.id], names))


def untold(graph: Graph) -> Iterator[Served]:
    """Those of which nothing that comes in or goes out is logged, counted or stored on the way, nor may be."""
    found = [one for one in served(graph) if "?" not in one.entry.made]
    if not found:
        return
    entries = [one for one in graph.code.definitions if _answers(one)]
    calls = {node.id: [edge.target for edge in graph.out_edges(node.id, EdgeKind.CALLS)] for node in _functions(graph)}
    answering = closure([one.id for one in entries], calls)
    telling = graph.scrutiny.telling - _loading(_by_function(graph), entries)
    keeping = telling | graph.scrutiny.storing | _keeping(graph)
    for one in found:
        if one.through.isdisjoint(keeping) and not _is_kept_by(graph, one.answer, answering):
            yield one


def behind_answers(graph: Graph) -> frozenset[str]:
    """The files of the functions that a request goes through."""
    entries = [one for one in graph.code.definitions if _answers(one)]
    calls = {node.id: [edge.target for edge in graph.out_edges(node.id, EdgeKind.CALLS)] for node in _functions(graph)}
    reached = closure([one.id for one in entries], calls)
    fitting = {node.at.path for node in trainings(graph)}
    return frozenset(node.at.path for node in _functions(graph) if node.id in reached) - fitting


def answering(graph: Graph) -> frozenset[str]:
    """The ids of functions that answer requests, and of those that they call or name, one through another."""
    entries = [one.id for one in graph.code.definitions if _answers(one)]
    names = _named(graph) if entries else {}
    for node in _functions(graph) if entries else ():
        names.setdefault(node.id, []).extend(edge.target for edge in graph.out_edges(node.id, EdgeKind.CALLS))
    return closure(entries, names)


def answering_by_file(graph: Graph) -> dict[str, frozenset[str]]:
    """By the id of each function that a request goes through: the files of the functions that answer such requests."""
    calls = {node.id: [edge.target for edge in graph.out_edges(node.id, EdgeKind.CALLS)] for node in _functions(graph)}
    found: dict[str, set[str]] = defaultdict(set)
    for entry in (one for one in graph.code.definitions if _answers(one)):
        for id in closure([entry.id], calls):
            found[id].add(entry.path)
    return {id: frozenset(files) for id, files in found.items()}


def _answers(one: Definition) -> bool:
    return one.purpose is Purpose.PRODUCTION and bool(SERVED & set(one.made))


def _functions(graph: Graph) -> tuple[Node, ...]:
    return graph.nodes(NodeKind.FUNCTION, NodeKind.ENDPOINT)


def _named(graph: Graph) -> dict[str, list[str]]:
    """What each definition names, in its own component or in a file that its file imports: a common name stands for
    many things elsewhere, and `get` of a class by which a framework answers for none that code calls."""
    home = {one.id: one for one in graph.code.definitions}
    imports = {(use.at.path, use.path) for use in graph.code.local_imports}
    found: dict[str, list[str]] = defaultdict(list)
    for one in graph.code.definitions:
        answers = one.kind == "method" and _answers(one)
        for user in () if answers or one.kind == "module" else one.used_by:
            by = home.get(user)
            near = by is not None and (by.component == one.component or (by.path, one.path) in imports)
            if near and not user.startswith("module:"):
                found[user].append(one.id)
    return found


def closure(start: Iterable[str], onward: Mapping[str, list[str]]) -> frozenset[str]:
    """These ids, and all that the ways from them lead to."""
    found = set(start)
    todo = list(found)
    while todo:
        fresh = [id for id in onward.get(todo.pop(), ()) if id not in found]
        found.update(fresh)
        todo += fresh
    return frozenset(found)


def _by_function(graph: Graph) -> dict[str, list[Node]]:
    """The predictions of each function, and what it loads."""
    found: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes(NodeKind.PREDICTION, NodeKind.MODEL, NodeKind.STEP):
        if node.function and is_ours(node) and (node.kind is NodeKind.PREDICTION or node.role in BRINGS_IN):
            found[node.function].append(node)
    return found


def _keeping(graph: Graph) -> frozenset[str]:
    """The functions that store something, as far as the graph knows."""
    return frozenset(node.function for node in graph.nodes() if node.role in STORES and node.function)


def _loading(made: dict[str, list[Node]], entries: list[Definition]) -> frozenset[str]:
    """Functions that bring something in and predict nothing: what they log is where it lies. What answers requests
    brings in what is sent, and helpers may predict for it."""
    found = frozenset(id for id, nodes in made.items() if all(node.role in BRINGS_IN for node in nodes))
    return found - {one.id for one in entries}


def _is_kept_by(graph: Graph, answer: Node, answering: frozenset[str]) -> bool:
    """Whether it reads what functions that answer requests have stored: the predictions are kept there."""
    places = graph.predecessors(answer.id, EdgeKind.READS)
    return any(writer.function in answering for one in places for writer in graph.predecessors(one.id, EdgeKind.WRITES))


def _answer(graph: Graph, entry: Definition, reached: frozenset[str], made: dict[str, list[Node]]) -> Node | None:
    """A prediction in the functions that a request goes through, or the read of stored ones that they answer with."""
    nodes = (node for id in sorted(reached) for node in made.get(id, ()))
    predicted = next((node for node in nodes if node.kind is NodeKind.PREDICTION), None)
    if predicted is not None:
        return predicted
    reads = {edge.source for id in reached if id in graph for edge in graph.in_edges(id, EdgeKind.DERIVES)}
    return next((graph.node(id) for id in sorted(reads) if brings_predictions(graph, graph.node(id))), None)
