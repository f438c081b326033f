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
    """One hit for each file of code and way, at the first load that is sure; none where the file, or the one that
    brings it in, makes a digest: it may compare it."""
    for part in graph.parts():
        dead = never_called(part)
        groups: dict[tuple[str, str], list[Unpickled]] = defaultdict(list)
        for one in unpickled(part):
            if part.code.digests.isdisjoint({one.at.path, one.brought.at.path}):
                groups[one.at.path, _way(one)].append(one)
        for found in groups.values():
            sure = [one for one in found if not (one.made or one.at.cell or _is_idle(dead, one))]
            yield _hit(sorted(found, key=lambda one: (one not in sure, one.at)), sure=bool(sure))


def _way(one: Unpickled) -> str:
    """How what others may have written comes in."""
    return "told" if one.told else "fetched" if one.place else "sent"


def _is_idle(dead: frozenset[tuple[str, str]], one: Unpickled) -> bool:
    return stands_in_dead(dead, one.at.path, one.step.symbol)


def _hit(found: list[Unpickled], *, sure: bool) -> Hit:
    first = found[0]
    source = _SENT if first.place is None else first.place.name
    brought = (Stop(first.brought.at, f"brought in: {source}"),) if first.brought.at != first.at else ()
    load = Stop(first.at, f"unpickled: {first.step.name}")
    others = {one.at: Stop(one.at, f"unpickled: {one.step.name}") for one in found[1:]}
    return Hit(
        at=first.at,
        details={"source": source, "what": first.step.callee},
        keys=tuple(sorted({one.place.id if one.place else _SENT for one in found})),
        confidence=Confidence.LIKELY if sure else Confidence.HINT,
        symbol=first.step.symbol,
        trail=(*brought, load),
        related=tuple(stop for at, stop in sorted(others.items()) if at != first.at)[:MAX_STOPS],
        variant="told" if first.told else "",
    )
