"""A credential that stands in code, settings, commands or the output of a notebook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit, Severity
from mldebt.graph import Graph, Secret
from mldebt.roles import Confidence
from mldebt.source import Purpose
from mldebt.trail import MAX_STOPS, Stop

_ORDER = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.HINT)


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each credential, with all places where it stands."""
    groups: dict[tuple[str, str], list[Secret]] = defaultdict(list)
    for one in graph.code.secrets:
        if one.purpose is Purpose.PRODUCTION:
            groups[one.form or "named", one.mark].append(one)
    for _, found in sorted(groups.items()):
        yield _hit(sorted(found, key=lambda one: (_ORDER.index(_sureness(one)), one.where == "output", one.at)))


def _hit(places: list[Secret]) -> Hit:
    first, *others = places
    sure = _sureness(first)
    return Hit(
        at=first.at,
        details={"what": _what(first), "path": first.at.path},
        keys=(first.form, first.name),
        confidence=sure,
        symbol=first.symbol,
        related=tuple(Stop(one.at, f"again: {_what(one)}") for one in others)[:MAX_STOPS],
        severity=Severity.WARNING if sure is Confidence.HINT else None,
        variant="shown" if first.where == "output" else "local" if first.local or first.strength == "weak" else "",
    )


def _sureness(one: Secret) -> Confidence:
    """A known form is a credential by itself; what is meant for one machine, or only shows a form, may be none."""
    if one.local or one.example or one.strength == "weak":
        return Confidence.HINT
    return Confidence.CERTAIN if one.strength == "known" else Confidence.LIKELY


def _what(one: Secret) -> str:
    return one.form or f"secret {one.name}"
