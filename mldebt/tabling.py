"""How calls of table libraries make, choose and name columns: the `columns` table of a catalogue row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mldebt.slots import Slot, listed, one_slot, parse_slots

_KEYS = {
    "named", "value", "default", "each", "only", "keyed", "folds", "renames", "old", "takes",
    "alias", "column", "keeps", "texts", "said", "language", "picks", "part", "gives", "label", "suffixes", "ends",
}  # fmt: skip
_SINGLE = ("named", "value", "keyed", "renames", "old", "takes", "alias", "label")


@dataclass(frozen=True, slots=True)
class Tabling:
    """Which columns come out, and what they are made of; the keys are described in `rules/schema.md`."""

    named: Slot | None = None
    value: Slot | None = None
    default: str = ""
    each: tuple[Slot, ...] = ()
    only: bool = False
    renames: Slot | None = None
    old: Slot | None = None
    keyed: Slot | None = None
    folds: bool = False
    takes: Slot | None = None
    alias: Slot | None = None
    column: bool = False
    keeps: bool = False
    texts: tuple[Slot, ...] = ()
    said: tuple[Slot, ...] = ()
    language: str = ""
    picks: tuple[Slot, ...] = ()
    part: int = -1
    gives: tuple[Slot, ...] = ()
    label: Slot | None = None
    suffixes: tuple[Slot, ...] = ()
    ends: tuple[str, ...] = ()


def parse_tablings(table: Any) -> tuple[Tabling, ...]:
    """The `columns` table of a row, or several. Raises ValueError for keys and slots that mean nothing."""
    tables = table if isinstance(table, list) else [] if table is None else [table]
    return tuple(_parsed(one) for one in tables)


def _parsed(table: Mapping[str, Any]) -> Tabling:
    unknown = set(table) - _KEYS
    if unknown:
        raise ValueError(f"unknown keys of columns {sorted(unknown)}")
    slots = {key: one_slot(table.get(key)) for key in _SINGLE}
    return Tabling(
        **slots,
        default=str(table.get("default", "")),
        each=parse_slots(table.get("each")),
        folds=bool(table.get("folds", False)),
        only=bool(table.get("only", False)),
        column=bool(table.get("column", False)),
        keeps=bool(table.get("keeps", False)),
        picks=parse_slots(table.get("picks")),
        part=int(table.get("part", -1)),
        gives=parse_slots(table.get("gives")),
        suffixes=parse_slots(table.get("suffixes")),
        ends=tuple(listed(table.get("ends"))),
        texts=parse_slots(table.get("texts")),
        said=parse_slots(table.get("said")),
        language=str(table.get("language", "")),
    )
