"""One setting that has different values in one system."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph
from mldebt.graph.conflicts import Conflict, Said, conflicts
from mldebt.graph.said_twice import Pair, said_twice
from mldebt.roles import Confidence
from mldebt.trail import MAX_STOPS, Stop

_MOST_SAID = 3


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each setting; what one file gives twice is told together."""
    for conflict in conflicts(graph):
        yield _hit(conflict)
    for pairs in said_twice(graph, differing=True):
        yield _of_one_file(pairs)


def _of_one_file(pairs: list[Pair]) -> Hit:
    (first, last), *others = pairs
    names = [one.name for one, _ in pairs]
    more = f" and {len(names) - _MOST_SAID} more" if len(names) > _MOST_SAID else ""
    return Hit(
        at=last.at,
        details={
            "setting": ", ".join(names[:_MOST_SAID]) + more, "path": last.file, "what": first.name,
            "value": f"{first.value}, then {last.value}",
        },
        keys=(last.file, "twice", *names),
        confidence=Confidence.LIKELY,
        trail=(Stop(first.at, f"not in force: {first.value}"), Stop(last.at, f"in force: {last.value}")),
        related=(
            Stop(first.at, f"not in force: {first.value}"),
            *(Stop(again.at, f"given again: {again.name}") for _, again in others),
        )[:MAX_STOPS],
        refutation="what loads the file keeps the first value",
        variant="twice",
    )  # fmt: skip


def _hit(conflict: Conflict) -> Hit:
    places = conflict.places
    values = [_said(value, [one for one in places if one.value == value]) for value in _values(places)]
    more = f" and {len(values) - _MOST_SAID} more" if len(values) > _MOST_SAID else ""
    ignored = any(not one.in_force for one in places)
    return Hit(
        at=places[0].at,
        details={"setting": conflict.name, "value": ", ".join(values[:_MOST_SAID]) + more},
        keys=(conflict.scope, conflict.name),
        confidence=conflict.confidence,
        trail=tuple(Stop(one.at, _label(one)) for one in places[:MAX_STOPS]),
        related=tuple(Stop(one.at, _label(one)) for one in places[1:MAX_STOPS]),
        refutation=f"the places mean different things by {conflict.name}",
        variant="ignored" if ignored else "",
    )


def _values(places: tuple[Said, ...]) -> list[str]:
    return list(dict.fromkeys(one.value for one in places))


def _said(value: str, places: list[Said]) -> str:
    others = f" and {len(places) - 1} more" if len(places) > 1 else ""
    return f"{value} ({places[0].where}{others})"


def _label(one: Said) -> str:
    return f"{'in force' if one.in_force else 'not in force'}: {one.value}"
