"""Steps hand data to each other through files, and no definition orders them."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph
from mldebt.graph.handovers import HandOver, entry_file, hand_overs
from mldebt.roles import Confidence, Role
from mldebt.trail import MAX_STOPS, Stop

_FEWEST_STEPS = 4
_FEWEST_ARTIFACTS = 5
_FEWEST_JOINS = 2


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each group of programs that hang together by what they write and read."""
    overs = [over for over in hand_overs(graph) if entry_file(over.writer) != entry_file(over.reader)]
    for group in _groups(overs):
        steps = {entry_file(end) for over in group for end in (over.writer, over.reader)}
        artifacts = {over.artifact.id for over in group}
        joins = _joins(group)
        large = len(steps) >= _FEWEST_STEPS and len(artifacts) >= _FEWEST_ARTIFACTS and len(joins) >= _FEWEST_JOINS
        if large and not _is_ordered(graph, steps):
            yield _hit(graph, group, steps, len(artifacts), len(joins))


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


def _joins(group: list[HandOver]) -> set[str]:
    """The steps that bring several artifacts of others together."""
    read: dict[str, set[str]] = defaultdict(set)
    for over in group:
        read[entry_file(over.reader)].add(over.artifact.id)
    return {step for step, artifacts in read.items() if len(artifacts) > 1}


def _is_ordered(graph: Graph, steps: set[str]) -> bool:
    """Whether a definition says which of these steps comes before which."""
    ordered = {graph.node(id).at.path for edge in graph.edges(EdgeKind.ORDERS) for id in (edge.source, edge.target)}
    return len(steps & ordered) * 2 > len(steps)


def _may_be_ordered(graph: Graph, steps: set[str]) -> bool:
    """Whether a pipeline definition, or a script that runs others, may name these very steps."""
    named = {one.path for one in graph.code.definitions if one.kind == "module" and "text" in one.used_by}
    pipelines = any(one.kind in ("pipeline", "ci", "shell") for one in graph.code.unseen)
    runners = any(node.role is Role.RUN for node in graph.nodes())
    return (pipelines or runners) and len(steps & named) * 2 > len(steps)


def _hit(graph: Graph, group: list[HandOver], steps: set[str], artifacts: int, joins: int) -> Hit:
    busiest = _busiest(group)
    here = sorted((over for over in group if over.artifact.id == busiest), key=lambda over: (over.write.at, over.reader.at))
    first = here[0]
    others = sorted((over for over in group if over.artifact.id != busiest), key=lambda over: over.write.at)
    stops = [Stop(over.reader.at, f"read: {over.artifact.name}") for over in here]
    for over in others:
        stops += [Stop(over.write.at, f"write: {over.artifact.name}"), Stop(over.reader.at, f"read: {over.artifact.name}")]
    hint = _may_be_ordered(graph, steps)
    return Hit(
        at=first.write.at,
        details={
            "producer": posixpath.basename(entry_file(first.writer)), "artifact": first.artifact.name,
            "consumer": posixpath.basename(entry_file(first.reader)),
            "count": f"{len(steps)} steps, {joins} joins and {artifacts} intermediate artifacts",
        },
        keys=(first.artifact.id,),
        confidence=Confidence.HINT if hint else Confidence.LIKELY,
        symbol=first.writer.symbol,
        trail=tuple(dict.fromkeys((Stop(first.write.at, f"write: {first.artifact.name}"), *stops)))[:MAX_STOPS],
        related=_one_each(stops),
    )  # fmt: skip


def _busiest(group: list[HandOver]) -> str:
    """The artifact at which most steps meet."""
    meets = {(over.artifact.id, entry_file(end)) for over in group for end in (over.writer, over.reader)}
    count = Counter(artifact for artifact, _ in meets)
    return min(count, key=lambda artifact: (-count[artifact], artifact))


def _one_each(stops: list[Stop]) -> tuple[Stop, ...]:
    """The first stop in each file."""
    found: dict[str, Stop] = {}
    for stop in stops:
        found.setdefault(stop.at.path, stop)
    return tuple(found.values())
