"""A component reads what another one writes, and nothing declares it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, Node, NodeKind
from mldebt.graph.apart import run_apart
from mldebt.graph.code import TOP
from mldebt.graph.covering import is_covered, tells_of_users
from mldebt.graph.declared import UNREAD, Agreements
from mldebt.graph.handovers import (
    HandOver,
    components_by_file,
    copies,
    entry_file,
    hand_overs,
    hands_on,
    holds_model,
    holds_predictions,
    holds_scores,
    programs,
    spelled_once,
)
from mldebt.graph.questions import serves, trainings
from mldebt.graph.routes import asked_abroad
from mldebt.roles import Confidence, Store, weakest
from mldebt.source import Purpose
from mldebt.trail import MAX_STOPS, Stop


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each artifact and each program that reads it without writing it, and for open routes."""
    overs = (*hand_overs(graph), *copies(graph), *asked_abroad(graph))
    home, by_file = programs(graph, overs), components_by_file(graph)
    groups: dict[tuple[str, str], list[HandOver]] = defaultdict(list)
    agreed, apart, asking = Agreements(graph), run_apart(graph), _asking(graph, by_file)
    for over in overs:
        sides = entry_file(over.writer), entry_file(over.reader)
        declared = _is_declared(graph, over, by_file) or agreed.holds(over.artifact, *sides)
        if not declared and (apart.holds(over) or not _is_asked_for(over, by_file)):
            reading, writing = (by_file.get(side, "") for side in reversed(sides))
            lent = not over.reader.chain and asking.get(over.reader.function) == writing
            groups[over.artifact.id, writing if lent else reading].append(over)
    together, spelled = _sharing_code(graph, by_file), spelled_once(graph, overs)
    training = {home.get(by_file.get(entry_file(fit), ""), "") for fit in trainings(graph)}
    # What answers requests runs by itself, whoever owns the folder beside it.
    alone = graph.code.deployed | {by_file.get(node.at.path, "") for node in graph.nodes() if serves(node)}
    for (_, consumer), found in sorted(groups.items()):
        producers = {_producer(over, by_file, alone) for over in found}
        if is_covered(graph, found[0].artifact, producers, consumer):
            continue
        own = home.get(consumer) in {home.get(producer) for producer in producers}
        found = [over for over in found if apart.holds(over)] if own else found
        if found:
            several = len({home.get(producer) for producer in producers}) > 1
            shared = not together.isdisjoint((consumer, producer) for producer in producers)
            abroad = _is_abroad(graph, consumer, producers)
            trains = home.get(consumer) in training
            unsure = several or (not abroad and (shared or trains))
            alike = own or abroad or consumer in alone
            deployed = alike or (not trains and any(hands_on(graph, over) for over in found))
            deployed = deployed and not spelled.issuperset(over.artifact.id for over in found)
            names = _names(consumer, sorted(producers)[0], found[0], own=own)
            yield _hit(graph, consumer, names, found, unsure, deployed=deployed, abroad=abroad)
    yield from _open_routes(graph, overs)


def _producer(over: HandOver, by_file: Mapping[str, str], alone: Set[str]) -> str:
    """The component that is run when an artifact is written; where that is a script beside a program that runs by
    itself, and whose code it lends, the program."""
    run, own = by_file.get(entry_file(over.writer), ""), by_file.get(over.writer.at.path, "")
    return own if own in alone and run not in alone else run


def _is_abroad(graph: Graph, consumer: str, producers: set[str]) -> bool:
    """Whether another repository than those that write it reads an artifact: whoever changes it there sees nothing
    of this."""
    return graph.code.repository_of(consumer) not in {graph.code.repository_of(producer) for producer in producers}


def _names(consumer: str, producer: str, over: HandOver, *, own: bool) -> tuple[str, str]:
    """What the two programs are called: their folders, or of programs of one folder the files that are run."""
    return (entry_file(over.reader), entry_file(over.writer)) if own else (_told(consumer), _told(producer))


def _hit(
    graph: Graph, consumer: str, names: tuple[str, str], found: list[HandOver], unsure: bool, *, deployed: bool,
    abroad: bool,
) -> Hit:  # fmt: skip
    overs = sorted(found, key=lambda over: (over.confidence.value == "hint", over.reader.at, over.write.at))
    first = overs[0]
    predictions = any(holds_predictions(graph, over.writer) for over in overs)
    told = predictions or any(holds_scores(graph, over.writer) for over in overs)
    reads = [Stop(over.reader.at, f"read: {over.artifact.name}") for over in overs]
    writes = [Stop(over.write.at, f"write: {over.artifact.name}") for over in overs]
    return Hit(
        at=first.reader.at,
        details={"consumer": names[0], "producer": names[1], "artifact": first.artifact.name},
        keys=(first.artifact.id, consumer),
        # Within one repository most of what no model gave is made for the program that reads it, by its own tools.
        confidence=_confidence(graph, first, (unsure and not told) or not deployed or not (told or abroad), abroad),
        symbol=first.reader.symbol,
        trail=tuple(dict.fromkeys((writes[0], *reads)))[:MAX_STOPS],
        related=tuple(dict.fromkeys((*reads, *writes)))[1:],
        variant="request" if first.artifact.store is Store.ROUTE else "predictions" if predictions else "",
    )


def _confidence(graph: Graph, over: HandOver, unsure: bool, abroad: bool) -> Confidence:
    """Likely for what a program that runs by itself reads, or another repository, unless both take the name from one
    module. A hint for a step of the way to a
    model (the next training, a model put to use), where a pipeline, container or shell file names the artifact, and
    where a name is one that several programs write; and for a view, which is there to be asked."""
    names = over.artifact.traits | graph.node(over.read.source).traits
    run = over.artifact.store is Store.RUN and "/" not in over.artifact.name
    doubtful = run or holds_model(graph, over) or UNREAD in names
    if unsure or "view" in over.writer.traits or (doubtful and not abroad):
        return Confidence.HINT
    return weakest(Confidence.LIKELY, over.confidence)


def _is_declared(graph: Graph, over: HandOver, by_file: Mapping[str, str]) -> bool:
    """Whether a definition tells who uses the artifact, or a pipeline that lists what its steps take and give names it.
    A model that a pipeline or container file names is put to use there, in sight of all. No pipeline is seen from
    another repository."""
    if tells_of_users(graph, over.artifact):
        return True
    ends = {by_file.get(entry_file(over.reader), ""), by_file.get(entry_file(over.writer), "")}
    if len({graph.code.repository_of(end) for end in ends}) > 1:
        return False
    if "mentioned" in over.artifact.traits and holds_model(graph, over):
        return True
    return "declared" in over.artifact.traits | graph.node(over.read.source).traits


def _sharing_code(graph: Graph, by_file: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    """Pairs of components of which one runs on code of the other, in both orders: hardly two teams."""
    pairs = {
        (one.component, by_file.get(user.split(":")[1], ""))
        for one in graph.code.definitions
        for user in one.used_by
        if ":" in user
    }
    return frozenset(pairs | {(other, one) for one, other in pairs})


def _asking(graph: Graph, by_file: Mapping[str, str]) -> dict[str, str]:
    """For functions that only one component calls, by their ids, that component: what they read is read for it, as a
    library's are for the scripts beside it."""
    users = {one.id: {by_file.get(user.split(":")[1], "") for user in one.used_by if ":" in user}
             for one in graph.code.definitions}  # fmt: skip
    return {id: next(iter(names)) for id, names in users.items() if len(names) == 1}


def _is_asked_for(over: HandOver, by_file: Mapping[str, str]) -> bool:
    """Whether the producer's own code does the reading: who calls that says so by an import."""
    reading = by_file.get(over.reader.at.path, "")
    return bool(reading) and reading == by_file.get(entry_file(over.writer), "") != by_file.get(entry_file(over.reader))


def _open_routes(graph: Graph, overs: tuple[HandOver, ...]) -> Iterator[Hit]:
    """Routes that answer with predictions and that nothing but the route's own decorator guards."""
    stored = {over.reader.id for over in overs if holds_predictions(graph, over.writer)}
    made = {one.id: one.made for one in graph.code.definitions if one.purpose is Purpose.PRODUCTION}
    groups: dict[str, list[tuple[Node, Node]]] = defaultdict(list)
    for route in graph.nodes(NodeKind.ENDPOINT):
        answer = _prediction_in(graph, route, stored)
        if answer is not None and set(made.get(route.id, ("?",))) == {"endpoint"}:
            groups[route.component].append((route, answer))
    for component, routes in sorted(groups.items()):
        route, answer = routes[0]
        does = answer.role.value if answer.role else "predict"
        yield Hit(
            at=route.at,
            details={"producer": route.name, "consumer": "anyone", "artifact": "predictions"},
            keys=(component, "route"),
            confidence=Confidence.HINT,
            symbol=route.symbol,
            trail=(Stop(route.at, f"serve: {route.name}"), Stop(answer.at, f"{does}: {answer.name}")),
            related=tuple(Stop(other.at, f"serve: {other.name}") for other, _ in routes[1:]),
            variant="route",
        )


def _prediction_in(graph: Graph, route: Node, stored: set[str]) -> Node | None:
    """A prediction that a route makes or looks up, itself or in what it calls."""
    functions = {route.id, *(node.id for node in graph.downstream(route.id, EdgeKind.CALLS))}
    made = [node for node in graph.nodes(NodeKind.PREDICTION) if node.function in functions]
    found = {edge.source for id in functions for edge in graph.in_edges(id, EdgeKind.DERIVES) if edge.source in stored}
    return next(iter([*made, *(graph.node(id) for id in sorted(found))]), None)


def _told(component: str) -> str:
    return "the top folder" if component == TOP else component or "another file"
