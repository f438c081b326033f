"""Steps hand data to each other through files, and no definition orders them."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice

from mldebt.findings import Hit
from mldebt.graph import FLOW, EdgeKind, Graph
from mldebt.graph.handovers import HandOver, entry_file, function_around, hand_overs
from mldebt.graph.pipelines import ordered_files
from mldebt.graph.questions import LEARNS
from mldebt.roles import Confidence, Role
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_FEWEST_STEPS = 5
_FEWEST_ARTIFACTS = 5
_FEWEST_JOINS = 2
_FEWEST_TAKEN = 2
_TAKES = LEARNS | {Role.TRANSFORM, Role.PREDICT, Role.SPLIT}


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each group of programs that hang together by what they write and read."""
    for part in graph.parts():
        yield from _in_repository(part)


def _in_repository(graph: Graph) -> Iterator[Hit]:
    overs = [over for over in hand_overs(graph) if entry_file(over.writer) != entry_file(over.reader)]
    for group in _groups(overs):
        steps, artifacts, joins = _steps(group), _artifacts(group), _joins(group)
        large = len(steps) >= _FEWEST_STEPS and len(artifacts) >= _FEWEST_ARTIFACTS and len(joins) >= _FEWEST_JOINS
        if large and not _is_ordered(graph, group, steps):
            count = f"{len(steps)} steps, {len(joins)} joins and {len(artifacts)} intermediate artifacts"
            yield _hit(graph, group, steps, count)


def _groups(overs: list[HandOver]) -> list[list[HandOver]]:
    """Hand-overs that hang together by the files at their ends."""
    home: dict[str, str] = {}
    for over in overs:
        one, other = sorted(_root(home, entry_file(end)) for end in (over.writer, over.reader))
        home[other] = one
    found: dict[str, list[HandOver]] = defaultdict(list)
    for over in overs:
        found[_root(home, entry_file(over.writer))].append(over)
    return [found[name] for name in sorted(found)]


def _root(home: dict[str, str], name: str) -> str:
    while home.setdefault(name, name) != name:
        name = home[name]
    return name


def _steps(group: list[HandOver]) -> set[str]:
    return {entry_file(end) for over in group for end in (over.writer, over.reader)}


def _artifacts(group: list[HandOver]) -> set[str]:
    """What is handed over, each thing once: one table that many statements fill is no more than one, and so are files
    that one function writes into one folder, such as the parts of a split."""
    together = {_writer(over) for over in group}
    return min({over.artifact.id for over in group}, {_handed(over) for over in group}, together, key=len)


def _writer(over: HandOver) -> str:
    """The function that writes, with the folder it fills; what a helper writes for others is each by itself."""
    own = over.writer.symbol and not over.writer.chain
    return f"{over.writer.function} {posixpath.dirname(over.artifact.id)}" if own else over.artifact.id


def _handed(over: HandOver) -> str:
    """What is handed over; the tables that one file of statements makes for another are one thing."""
    if "sql" in over.writer.traits:
        return f"{entry_file(over.writer)} for {entry_file(over.reader)}"
    return over.artifact.id


def _joins(group: list[HandOver]) -> set[str]:
    """The steps that bring several artifacts of others together."""
    read: dict[str, set[str]] = defaultdict(set)
    for over in group:
        read[entry_file(over.reader)].add(_handed(over))
    return {step for step, artifacts in read.items() if len(artifacts) > 1}


def _is_ordered(graph: Graph, group: list[HandOver], steps: set[str]) -> bool:
    """Whether a definition says which of these steps comes before which: of most of them, or of most that make
    something, as pages and services that only show it are run at any time."""
    ordered = ordered_files(graph)
    makers = {entry_file(over.writer) for over in group}
    return any(2 * len(files & ordered) > len(files) for files in (steps, makers))


def _may_be_ordered(graph: Graph, group: list[HandOver], steps: set[str]) -> bool:
    """Whether a definition that is not read yet, a flow that calls their code, or a script that runs others, may order
    these very steps."""
    named = {one.path for one in graph.code.definitions if one.kind == "module" and "text" in one.used_by}
    able = any(one.kind in ("pipeline", "ci", "shell") for one in graph.code.unseen)
    able = able or any(node.role is Role.RUN and not graph.out_edges(node.id, EdgeKind.CALLS) for node in graph.nodes())
    flows = _flow_files(graph)
    called = {use.path for use in graph.code.local_imports if use.at.path in flows}
    if steps & (flows | called) or _one_imports_most(graph, steps) or _most_are_run_in_order(graph, steps):
        return True
    listed = {over.artifact.id for over in group if "listed-output" in over.artifact.traits}
    return (able and len(steps & named) * 2 > len(steps)) or 2 * len(listed) > len({o.artifact.id for o in group})


def _most_are_run_in_order(graph: Graph, steps: set[str]) -> bool:
    """Whether what a definition puts in order imports the code of most steps, and so may be what calls them."""
    importers, ordered = _importers(graph), ordered_files(graph)
    code = [step for step in steps if step.endswith(".py")]
    return 2 * sum(not ordered.isdisjoint(_above(importers, step)) for step in code) > len(code)


def _importers(graph: Graph) -> Mapping[str, set[str]]:
    importers: dict[str, set[str]] = defaultdict(set)
    for one in graph.code.definitions:
        if one.kind == "module":
            importers[one.path].update(user.split(":")[1] for user in one.used_by if ":" in user)
    return importers


def _one_imports_most(graph: Graph, steps: set[str]) -> bool:
    """Whether some program imports the code of most steps, and so may be what calls them in order."""
    importers = _importers(graph)
    importing = Counter(above for step in steps for above in _above(importers, step))
    return any(2 * count > len(steps) for count in importing.values())


def _above(importers: Mapping[str, set[str]], path: str) -> set[str]:
    found, todo = {path}, [path]
    while todo:
        fresh = importers.get(todo.pop(), set()) - found
        found |= fresh
        todo += fresh
    return found


def _feeds_models(graph: Graph, group: list[HandOver]) -> bool:
    """Whether models take several of the things that are handed over: other files are reports and pages."""
    artifacts = dict.fromkeys(over.artifact.id for over in group)
    taken = (id for id in artifacts if any(node.role in _TAKES for node in graph.downstream(id, *FLOW)))
    return len(list(islice(taken, _FEWEST_TAKEN))) == _FEWEST_TAKEN


def _flow_files(graph: Graph) -> set[str]:
    """The files that define a flow, whose order is not read yet."""
    flows = {one.path for one in graph.code.definitions if {"task", "flow"} & set(one.made)}
    return flows | {node.at.path for node in graph.nodes() if node.role is Role.RUN and "flow" in node.traits}


def _hit(graph: Graph, group: list[HandOver], steps: set[str], count: str) -> Hit:
    first, at = _busiest(graph, group)
    ordered = _may_be_ordered(graph, group, steps)
    stops: list[Stop] = []
    for over in sorted(group, key=lambda over: (over.artifact.id != first.artifact.id, over.write.at, over.reader.at)):
        name = over.artifact.name
        stops += [Stop(over.write.at, f"write: {name}"), Stop(over.reader.at, f"read: {name}")]
    return Hit(
        at=at,
        details={
            "producer": posixpath.basename(entry_file(first.writer)), "artifact": first.artifact.name,
            "consumer": posixpath.basename(entry_file(first.reader)), "count": count,
        },
        keys=(),  # its place says which it is; which steps belong to it changes with each new one
        confidence=Confidence.LIKELY if _feeds_models(graph, group) and not ordered else Confidence.HINT,
        symbol=first.writer.symbol if at == first.write.at else first.reader.symbol,
        trail=tuple(dict.fromkeys(stops))[:MAX_STOPS],
        related=_one_each(stops),
    )  # fmt: skip


def _busiest(graph: Graph, group: list[HandOver]) -> tuple[HandOver, Span]:
    """The artifact at which most steps meet, at its write; or the step in which more artifacts meet, at
    the code that brings most of them in."""
    meetings = {(over.artifact.id, entry_file(end)) for over in group for end in (over.writer, over.reader)}
    at_artifact, at_step = Counter(id for id, _ in meetings), Counter(step for _, step in meetings)
    artifact, step = (min(count, key=lambda name: (-count[name], name)) for count in (at_artifact, at_step))
    here = [over for over in group if over.artifact.id == artifact]
    into = [over for over in group if entry_file(over.reader) == step]
    if not into or at_step[step] <= at_artifact[artifact]:
        first = min(here, key=lambda over: (over.write.at, over.reader.at))
        return first, first.write.at
    around = {over: function_around(graph, over.reader.at) for over in into}
    asking = {over: function.at if function else over.reader.at for over, function in around.items()}
    count = Counter(asking.values())
    busy = min(count, key=lambda at: (-count[at], at))
    return min((over for over in into if asking[over] == busy), key=lambda over: over.reader.at), busy


def _one_each(stops: list[Stop]) -> tuple[Stop, ...]:
    """The first stop in each file."""
    found: dict[str, Stop] = {}
    for stop in stops:
        found.setdefault(stop.at.path, stop)
    return tuple(found.values())
