"""A failure in ML code is turned into made-up data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, NodeKind
from mldebt.graph.code import Definition
from mldebt.graph.fallback import Fallback
from mldebt.graph.handing_on import handing_on
from mldebt.graph.model_work import behind_models
from mldebt.graph.questions import trainings
from mldebt.graph.reach import never_called, stands_in_dead
from mldebt.roles import Confidence, Role
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_WORDS: Mapping[Role, str] = {
    Role.PREDICT: "a prediction",
    Role.EVALUATE: "a score",
    Role.FIT: "training",
    Role.FIT_TRANSFORM: "preparing data",
    Role.TRANSFORM: "preparing data",
    Role.SEARCH: "a search",
    Role.LOAD: "loading a model",
    Role.READ: "reading what decides",
    Role.REQUEST: "an answer",
    Role.MONITOR: "the answer",
}

_MANY = 3
_LEFT: Mapping[Role, str] = {
    **_WORDS, Role.READ: "reading", Role.REQUEST: "asking", Role.LOAD: "loading", Role.FIT: "training",
}  # fmt: skip
"""What is not done for a part that is left out."""
_PACKAGES = frozenset({"other", "unwatched"})
_FILLED = frozenset({"coerced", "mapped", "coded", "aligned", "put"})
_FAILED: Mapping[str, str] = {
    "missing": "needs it", "cut": "goes on", "default": "answers without", "skipped": "would learn",
    "coerced": "leaves gaps", "mapped": "leaves gaps", "coded": "leaves gaps",
    "absent": "may be lacking", "aligned": "may lack columns",
    "put": "may lack columns", "unmeasured": "compared here", "marked": "compared here",
    "uncompared": "may fail",
}  # fmt: skip
_HANDLED: Mapping[str, str] = {
    "missing": "asked here", "left": "left out here", "cut": "left out here", "default": "read here",
    "skipped": "asked here", "absent": "taken here", "unmeasured": "nothing to compare", "marked": "nothing to compare",
}  # fmt: skip


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function and way of doing so, for each file where gaps are filled, or for many of one component,
    at the first place; a hint in code that nothing uses. What fills gaps stands for a failure only where a model gets
    it."""
    for part in graph.parts():
        names, dead = {one.id: one for one in part.code.definitions}, never_called(part)
        functions: dict[tuple[str, str], list[Fallback]] = defaultdict(list)
        last = _last_work(part)
        handing, learning = handing_on(part, last), {node.function for node in trainings(part)}
        for one in part.scrutiny.fallbacks:  # a training asks what it is set to by names, too
            made = handing.gives(one) and one.id not in learning
            if made if one.how == "absent" else _concerns_a_model(one, last):
                functions[one.at.path if one.how in _FILLED else one.id, one.how].append(one)
        for found in _by_component(part, functions):
            holder = names.get(min(found, key=lambda one: one.at).id)
            idle = holder is not None and stands_in_dead(dead, holder.path, holder.name)
            first = min(found, key=lambda one: one.at)
            aside = idle or _is_offered(part, first) or (_may_be_meant(first) and not _skips(part, first))
            yield _hit(holder, sorted(found, key=lambda one: one.at), aside=aside)


def _by_component(graph: Graph, groups: Mapping[tuple[str, str], list[Fallback]]) -> Iterator[list[Fallback]]:
    """The groups; one of those by which many files of a component fill gaps alike: it is one habit."""
    homes = {one.path: one.component for one in graph.code.definitions}
    habits: dict[tuple[str, str], list[list[Fallback]]] = defaultdict(list)
    for (where, how), found in groups.items():
        habits[homes.get(where, "") if how in _FILLED else where, how].append(found)
    for files in habits.values():
        yield from files if len(files) < _MANY else [[one for found in files for one in found]]


def _concerns_a_model(one: Fallback, last: Mapping[str, Span]) -> bool:
    """Whether a model gets what a fallback makes, where that is not clear by itself: what fills gaps before the last
    work of its function does, and so does a list without some of its parts where there is such work at all."""
    if one.how == "left":
        return one.id in last or one.at.path in last
    work = last.get(one.at.path if one.id.startswith("module:") else one.id)
    return one.how not in _FILLED or (work is not None and _is_before(one.at, work))


def _is_before(filled: Span, work: Span) -> bool:
    return filled.path != work.path or (filled.cell, filled.line) <= (work.cell, work.end_line)


def _last_work(graph: Graph) -> dict[str, Span]:
    """Where each function, and each file outside of its functions, last makes what a model gets, or asks one: what is
    filled behind that, no model gets."""
    asked = (node.id for node in graph.nodes(NodeKind.PREDICTION))
    last: dict[str, Span] = {}
    for node in map(graph.node, (*behind_models(graph), *asked)):
        where = node.function or node.at.path
        last[where] = max(last.get(where, node.at), node.at)
    return last


def _hit(holder: Definition | None, found: list[Fallback], *, aside: bool) -> Hit:
    first = found[0]
    stops = [stop for one in found for stop in _stops(one)]
    return Hit(
        at=first.at,
        details={"what": _named(first), "value": first.value},
        keys=tuple(filter(None, (first.role.value, first.how, first.name, first.value))),
        symbol=holder.name if holder is not None and holder.kind != "module" else "",
        confidence=Confidence.HINT if first.at.cell or aside else Confidence.LIKELY,
        trail=_stops(first)[:MAX_STOPS],
        related=tuple(stop for stop in stops if stop.at != first.at)[:MAX_STOPS],
        variant="-".join(filter(None, (first.how, "said" if first.said else ""))),
    )


def _named(one: Fallback) -> str:
    """What fails, or has a value in its place."""
    return one.name or (_LEFT if one.how == "left" else _WORDS)[one.role]


def _may_be_meant(one: Fallback) -> bool:
    """Whether an answer may say that nothing can be said: no, as that something is not there or not well, or the number
    of a value that stands for what is not known, or of a column that one-hot encoding left out; and what a row is made
    of for a model that is not followed to it."""
    doubted = one.how == "verdict" and (one.value == repr(False) or one.role is Role.READ)
    return doubted or one.how in ("coded", "put", "marked", "absent")


def _is_offered(graph: Graph, one: Fallback) -> bool:
    """Whether those who install a library choose what it does without a package."""
    return one.how in _PACKAGES and graph.code.is_library(one.at.path)


def _skips(graph: Graph, one: Fallback) -> bool:
    return one.how == "verdict" and _learns_after(graph, one.id)


def _learns_after(graph: Graph, function: str) -> bool:
    """Whether a task asks a function, and a later task of its pipeline trains: no is no answer but what skips it."""
    tasks = [one.id for one in (graph.predecessors(function, EdgeKind.CALLS) if function in graph else ())]
    later = {one.id for task in tasks for one in graph.downstream(task, EdgeKind.ORDERS)}
    done = later | {one.id for task in later for one in graph.downstream(task, EdgeKind.CALLS)}
    return any(fit.function in done or f"module:{fit.at.path}" in done for fit in trainings(graph))


def _stops(one: Fallback) -> tuple[Stop, ...]:
    failed = Stop(one.failed, f"{_FAILED.get(one.how, 'may fail')}: {_named(one)}")
    made = Stop(one.made, f"in its place: {one.value}")
    if one.how == "left":
        return failed, Stop(one.at, _HANDLED[one.how])
    return (failed, made) if one.how in _FILLED else (failed, Stop(one.at, _HANDLED.get(one.how, "handled here")), made)
