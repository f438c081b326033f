"""A column is read of a table whose columns are all known, and it is none of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph
from mldebt.graph.column_records import MissingField
from mldebt.roles import Confidence
from mldebt.trail import Stop

_NAMED = 6
_CLOSE = 0.75


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each column and function: it is missing there once, wherever it is read."""
    found: dict[tuple[str, str, str], list[MissingField]] = {}
    for one in graph.code.missing_fields:
        found.setdefault((one.at.path, one.symbol, one.name), []).append(one)
    for fields in found.values():
        first, *others = sorted(fields, key=lambda one: one.at)
        near = difflib.get_close_matches(first.name, first.known, 1, _CLOSE)
        yield Hit(
            at=first.at,
            details={"column": first.name, "what": _told(first.known), "value": near[0] if near else ""},
            keys=(first.name,),
            confidence=Confidence.HINT,
            symbol=first.symbol,
            trail=(
                *(Stop(at, f"columns: {_told(first.known)}") for at in first.ends if at != first.at),
                Stop(first.at, f"column: {first.name}"),
            ),
            related=tuple(Stop(one.at, f"column: {one.name}") for one in others),
            variant="near" if near else "",
        )


def _told(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
