"""Read-only questions about models that a training puts in the place of those that serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mldebt.graph.gated import asked_by_a_command, passes_a_gate
from mldebt.graph.graph import Graph
from mldebt.graph.handovers import entry_file
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.prototypes import serving_files
from mldebt.graph.questions import BRINGS_IN, STORES, is_ours, saved, trainings
from mldebt.graph.served import behind_answers, closure
from mldebt.roles import Confidence, Role, Store, weakest

_ASKED, _MISSING = "asked-first", "where-missing"
_PASSING = "artifact:file:temporary:"  # from there it is put where it stays, if it is
_OF_ONE_RUN = "per-run"

_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_FOR_OTHERS = (Store.TABLE, Store.TOPIC)


@dataclass(frozen=True, slots=True)
class Replaced:
    """A step that makes a model that was just trained the one that serves, with nothing asked before: it writes over
    the place from which `load` takes it, or moves the name under which it is taken (`load` may be unknown then)."""

    fit: Node
    step: Node
    place: Node
    load: Node | None
    confidence: Confidence


def replaced(graph: Graph) -> Iterator[Replaced]:
    """Every such step of production code, none where something judges a score before, or behind the training in what
    runs it: that may stand between."""
    if _judges_scores(graph):
        return
    fits = [fit for fit in trainings(graph) if is_ours(fit) and not fit.at.cell and not passes_a_gate(graph, fit)]
    yield from _overwritten(graph, fits)
    yield from _promoted(graph, fits)


def _overwritten(graph: Graph, fits: list[Node]) -> Iterator[Replaced]:
    loads = _service_loads(graph)
    for fit in fits if loads else ():
        onward = {node.id for node in graph.downstream(fit.id, EdgeKind.DERIVES, EdgeKind.WRITES)}
        for id in sorted(one for one in saved(graph, fit) if not _is_passing(graph, one)):
            writes = graph.in_edges(id, EdgeKind.WRITES)
            its_own = [write for write in writes if write.source in onward] or writes
            for read, name_sure in loads.get(id, ()):
                for write in its_own:
                    step = graph.node(write.source)
                    if _replaces(step) and "versioned" not in step.traits:
                        load = graph.node(read.target)
                        shared, judged = _sees_same(graph.node(id), step, load), _by_tests(graph, load)
                        asked = weakest(judged, asked_by_a_command(graph, fit))
                        sure = weakest(write.confidence, read.confidence, name_sure, shared, asked, _knows(graph, fit))
                        yield Replaced(fit, step, graph.node(id), load, sure)


def _is_passing(graph: Graph, place: str) -> bool:
    """Whether what is put there does not stay, or stays beside what other runs put there: which of them serves, is
    said elsewhere."""
    return place.startswith(_PASSING) or _OF_ONE_RUN in graph.node(place).traits


def _sees_same(place: Node, *steps: Node) -> Confidence:
    """A folder of the machine is another one in each container: what components find there need not be one file."""
    of_machine = place.store is Store.FILE and place.id.rpartition(":")[2].startswith("/")
    apart = len({step.component for step in steps}) > 1
    return Confidence.HINT if of_machine and apart else Confidence.CERTAIN


def _by_tests(graph: Graph, load: Node) -> Confidence:
    """A test that loads the stored model as the service does and scores it may stand between."""
    asking = {user for one in graph.code.definitions if one.id == load.function for user in one.test_used_by}
    places = {edge.source for edge in graph.in_edges(load.id, EdgeKind.READS)}
    asking |= {edge.target for place in places for edge in graph.out_edges(place, EdgeKind.READS)}
    scoring = {node.function for node in graph.nodes(NodeKind.STEP) if node.role is Role.EVALUATE and not is_ours(node)}
    return Confidence.HINT if asking & scoring else Confidence.CERTAIN


def _knows(graph: Graph, fit: Node) -> Confidence:
    """What learns labels that are drawn at random is a stand-in, made where there is no model."""
    labels = [graph.node(edge.source) for edge in graph.in_edges(fit.id) if edge.slot == "label"]
    drawn = (one.role is Role.SAMPLE and not any(e.slot == "data" for e in graph.in_edges(one.id)) for one in labels)
    return Confidence.HINT if labels and all(drawn) else Confidence.CERTAIN


def _promoted(graph: Graph, fits: list[Node]) -> Iterator[Replaced]:
    """Promotions by the program that trains: where another one promotes, a person has started that."""
    steps = [one for one in graph.nodes(NodeKind.STEP) if "promotes" in one.traits and is_ours(one)]
    training: dict[str, list[Node]] = defaultdict(list)
    users = {one.id: list(one.used_by) for one in graph.code.definitions}
    for fit in fits if steps else ():
        named = {id.partition(":")[2] for id in _naming(users, fit) if id.startswith("module:")}
        for program in sorted({entry_file(fit), *named}):
            training[program].append(fit)
    kept = _registered(graph)
    for step in steps:
        if _ASKED not in step.traits and not step.at.cell:
            program = entry_file(step)
            if program in training and program in kept:
                place = kept[program]
                reads = (load for load in graph.successors(place.id, EdgeKind.READS) if load.role is Role.LOAD)
                fit = _last_before(training[program], step)
                surely = _in_one_run(graph, users, fit, step) and "unsure-where" not in step.traits
                sure = Confidence.LIKELY if surely else Confidence.HINT
                yield Replaced(fit, step, place, next(reads, None), sure)


def _in_one_run(graph: Graph, users: Mapping[str, list[str]], fit: Node, step: Node) -> bool:
    """Whether one function, or a program that orders no tasks, comes from the one to the other: a task between may
    ask."""
    both = _naming(users, fit) & _naming(users, step)
    if (fit.at.path, fit.symbol) == (step.at.path, step.symbol) or any(one.startswith("function:") for one in both):
        return True
    program = entry_file(step)
    return not any(program in (edge.at.path, graph.node(edge.source).at.path) for edge in graph.edges(EdgeKind.ORDERS))


def _naming(users: Mapping[str, list[str]], node: Node) -> frozenset[str]:
    """The functions and modules that name the function of a step, straight or through others."""
    return closure([node.function], users) if node.function else frozenset()


def _last_before(fits: list[Node], step: Node) -> Node:
    """The fit that stands nearest before a step in its file; the first one where none does."""
    before = (fit for fit in fits if fit.at.path == step.at.path and fit.at < step.at)
    return max(before, key=lambda fit: fit.at, default=min(fits, key=lambda fit: fit.at))


def _registered(graph: Graph) -> dict[str, Node]:
    """The first model that each program registers."""
    found: dict[str, Node] = {}
    for place in graph.nodes(*_PLACES):
        for writer in graph.predecessors(place.id, EdgeKind.WRITES) if place.store is Store.MODEL else ():
            found.setdefault(entry_file(writer), place)
    return found


def _replaces(step: Node) -> bool:
    return step.role in STORES and is_ours(step) and not step.at.cell and step.traits.isdisjoint((_ASKED, _MISSING))


@lru_cache(maxsize=1)  # asked once for each artifact that is saved
def places_served(graph: Graph) -> frozenset[str]:
    """The places from which what answers requests gets its models."""
    return frozenset(_service_loads(graph))


def _service_loads(graph: Graph) -> dict[str, list[tuple[Edge, Confidence]]]:
    """The reads by which what answers requests gets its models, by the place; under other names of it, too."""
    files = serving_files(graph) | behind_answers(graph) | scoring_files(graph)
    lent = _lent(graph, serving_files(graph))
    found: dict[str, list[tuple[Edge, Confidence]]] = defaultdict(list)
    for load in graph.nodes(NodeKind.MODEL, NodeKind.STEP):
        if load.role in BRINGS_IN and is_ours(load) and (entry_file(load) in files or load.function in lent):
            for read in graph.in_edges(load.id, EdgeKind.READS):
                found[read.source].append((read, Confidence.CERTAIN))
                for alias in graph.in_edges(read.source, EdgeKind.DERIVES):
                    if graph.node(alias.source).kind in _PLACES:
                        found[alias.source].append((read, alias.confidence))
    return found


def scoring_files(graph: Graph) -> frozenset[str]:
    """The files of production code that put what a model says into tables and topics, and that neither train nor judge
    one: answers beside their labels are kept to be looked at."""
    working = {entry_file(fit) for fit in trainings(graph)}
    working |= {entry_file(node) for node in graph.nodes(NodeKind.STEP) if node.role is Role.EVALUATE}
    asked = (node for node in graph.nodes(NodeKind.PREDICTION) if is_ours(node) and not node.at.cell)
    return frozenset(entry_file(node) for node in asked if _is_handed_out(graph, node)) - working


def _is_handed_out(graph: Graph, prediction: Node) -> bool:
    kept = graph.downstream(prediction.id, EdgeKind.DERIVES, EdgeKind.WRITES)
    return any(node.kind is NodeKind.ARTIFACT and node.store in _FOR_OTHERS for node in kept)


def _lent(graph: Graph, files: frozenset[str]) -> frozenset[str]:
    """The functions that files name which answer requests: a helper may load the model for them."""
    named = ((one.id, user) for one in graph.code.definitions for user in one.used_by if ":" in user)
    return frozenset(id for id, user in named if user.split(":")[1] in files)


def _judges_scores(graph: Graph) -> bool:
    """Whether production code goes no further because of a score."""
    checks = (node for node in graph.nodes(NodeKind.STEP) if node.role is Role.VALIDATE and is_ours(node))
    return any(_is_of_score(graph, node) for node in checks)


def _is_of_score(graph: Graph, check: Node) -> bool:
    near = graph.upstream(check.id, EdgeKind.DERIVES, EdgeKind.EVALUATES, hops=3)
    return any(node.role is Role.EVALUATE for node in near)
