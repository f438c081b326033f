"""What others may have written is unpickled, which runs whatever code it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph
from mldebt.graph.reach import never_called, stands_in_dead
from mldebt.graph.unpickled import Unpickled, unpickled
from mldebt.roles import Confidence
from mldebt.trail import MAX_STOPS, Stop

_SENT = "a request"


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each file and place, at the first load, one for all that a file is told to unpickle; none where the
    file, or the one that brings it in, makes a digest: it may compare it."""
    for part in graph.parts():
        dead = never_called(part)
        groups: dict[tuple[str, str], list[Unpickled]] = defaultdict(list)
        for one in unpickled(part):
            if part.code.digests.isdisjoint({one.at.path, one.brought.at.path}):
                groups[one.at.path, _what(one)].append(one)
        for found in groups.values():
            found.sort(key=lambda one: one.at)
            idle = stands_in_dead(dead, found[0].at.path, found[0].step.symbol)
            yield _hit(found, sure=not (found[0].made or idle or found[0].at.cell))


def _what(one: Unpickled) -> str:
    """What is told once for a file: all that it is told to unpickle, and every place of which it does so by itself."""
    return "" if one.told else one.place.id if one.place else _SENT


def _hit(found: list[Unpickled], *, sure: bool) -> Hit:
    first = found[0]
    source = _SENT if first.place is None else first.place.name
    brought = (Stop(first.brought.at, f"brought in: {source}"),) if first.brought.at != first.at else ()
    load = Stop(first.at, f"unpickled: {first.step.name}")
    others = {one.at: Stop(one.at, f"unpickled: {one.step.name}") for one in found[1:]}
    return Hit(
        at=first.at,
        details={"source": source, "what": first.step.callee},
        keys=(source,),
        confidence=Confidence.LIKELY if sure else Confidence.HINT,
        symbol=first.step.symbol,
        trail=(*brought, load),
        related=tuple(stop for at, stop in sorted(others.items()) if at != first.at)[:MAX_STOPS],
        variant="told" if first.told else "",
    )
