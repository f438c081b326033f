"""A training puts its model in the place of the one that serves, and nothing is asked before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph, Node
from mldebt.graph.handovers import entry_file
from mldebt.graph.prototypes import serving_files
from mldebt.graph.reach import never_called, stands_in_dead
from mldebt.graph.replaced import Replaced, replaced, scoring_files
from mldebt.roles import Confidence, Role, weakest
from mldebt.trail import Stop


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function or script that replaces models so, at the first step."""
    for part in graph.parts():
        groups: dict[tuple[str, str], list[Replaced]] = defaultdict(list)
        for one in replaced(part):
            groups[one.step.at.path, one.step.symbol].append(one)
        for _, found in sorted(groups.items()):
            yield _hit(part, sorted(found, key=_order))


def _order(one: Replaced) -> tuple[object, ...]:
    """By the place of the write; of several trainings that keep their model there, one of the same file comes first."""
    return one.step.at, one.place.id, one.fit.at.path != one.step.at.path, one.fit.at


def _hit(graph: Graph, found: list[Replaced]) -> Hit:
    first = found[0]
    promoted = "promotes" in first.step.traits
    loads = dict.fromkeys(Stop(one.load.at, f"load: {one.place.name}") for one in found if one.load is not None)
    others = {one.step.at: one for one in reversed(found) if one.step.at != first.step.at}
    does = "promote" if promoted else "write"
    through = (one for one in found if one.step.chain)
    calls = dict.fromkeys(Stop(one.step.chain[-1], f"call: {does}s {one.place.name}") for one in through)
    return Hit(
        at=first.step.at,
        details={
            "producer": first.step.symbol or first.step.at.path,
            "artifact": first.place.name,
            "consumer": _server_of(graph, found),
        },
        keys=tuple(sorted({one.place.id for one in found})),
        confidence=Confidence.HINT if _is_not_run(graph, first.step) else weakest(Confidence.LIKELY, first.confidence),
        symbol=first.step.symbol,
        trail=(
            Stop(first.fit.at, f"fit: {first.fit.name}"),
            Stop(first.step.at, f"{does}: {first.place.name}"),
            *list(loads)[:1],
        ),
        related=(
            *calls,
            *(Stop(at, f"{does}: {one.place.name}") for at, one in sorted(others.items())),
            *list(loads)[1:],
        ),
        variant="promotion" if promoted else "scoring" if _scores_alone(graph, found) else "",
    )


def _scores_alone(graph: Graph, found: list[Replaced]) -> bool:
    """Whether nothing answers requests with the models, and a program stores what they say."""
    files = scoring_files(graph)
    return all(one.load is not None and entry_file(one.load) in files for one in found) and not any(
        _server(graph, one.load) in serving_files(graph) for one in found if one.load is not None
    )


def _is_not_run(graph: Graph, step: Node) -> bool:
    """Whether others decide that a step is run, or nobody does."""
    idle = stands_in_dead(never_called(graph), step.at.path, step.symbol)
    return idle or graph.code.is_library(step.at.path)


def _server_of(graph: Graph, found: list[Replaced]) -> str:
    """What serves the models of one function: rather a file that only asks them than one that judges them as well."""
    judging = {node.at.path for node in graph.nodes() if node.role is Role.EVALUATE}
    servers = [_server(graph, one.load) for one in found if one.load is not None]
    return min(servers, key=judging.__contains__, default="what serves it")


def _server(graph: Graph, load: Node) -> str:
    """The file that answers requests with what is loaded: the one that asks for it, where a helper loads."""
    files, own = serving_files(graph), entry_file(load)
    users = (user for one in graph.code.definitions if one.id == load.function for user in one.used_by if ":" in user)
    asking = sorted({user.split(":")[1] for user in users} & files)
    return own if own in files or not asking else asking[0]
