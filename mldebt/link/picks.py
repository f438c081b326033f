"""Which rows: marks on values that hold part of the rows of others, or rows chosen in a way nobody knows.

A mark is an origin like any other. It makes no node; `link/lineage.py` turns it into evidence on edges.
"""

from __future__ import annotations

from mldebt.link.access import ITERATE, element, kind_of
from mldebt.link.machine import Machine
from mldebt.link.values import Deferred, Derived, Event, Member, Place, Result, Sequence, Value

ROWS = "rows"
_INDEXERS = ("loc", "iloc")
_ROWED = ("table", "column", "array", "data", "")


def pick(machine: Machine, place: Place, unit: int, *sources: Value) -> Result:
    """The mark of rows that are picked at a place out of these values."""
    arguments = tuple(("", source) for source in sources)
    event = Event(
        open=any(source.open for source in sources), what=ROWS, row=None, callee="", place=place, unit=unit,
        receiver=None, arguments=arguments, chain=(), guards=(), sure=True,
    )  # fmt: skip
    return machine.pool.result(machine.pool.event(event), "")


def marked_key(machine: Machine, place: Place, unit: int, base: Value, key: Value) -> Value:
    """The key of `base[key]`, marked when it picks rows: a mask, a slice or row numbers."""
    by_place = isinstance(base, Member) and base.name in _INDEXERS
    if by_place and isinstance(key, Sequence) and key.kind == "tuple" and key.items:
        return machine.pool.sequence("tuple", (marked_key(machine, place, unit, base, key.items[0]), *key.items[1:]))
    table = base.base if by_place and isinstance(base, Member) else base
    if not _picks_rows(machine, key, by_place) or kind_of(machine, table).partition(".")[0] not in _ROWED:
        return key
    return machine.pool.derived(kind_of(machine, key), key, pick(machine, place, unit, table, key))


def unpacked(machine: Machine, base: Value, index: int, starred: bool, place: Place, unit: int) -> Value:
    """A part of unpacking a value. What nobody followed may give other rows in each part."""
    value = element(machine, base, index, starred)
    if index == ITERATE or starred:
        return value
    if isinstance(value, Deferred) and value.op == "element":
        return machine.pool.deferred("element", value.operands, place, unit)
    if isinstance(value, Derived) and value.origins:
        return machine.pool.derived(value.kind, value, pick(machine, place, unit, value))
    return value


def opaque(machine: Machine, kind: str, place: Place, unit: int, *sources: Value) -> Value:
    """What a call that nobody knows makes of its arguments: their data, but perhaps not all of the rows."""
    value = machine.pool.derived(kind, *sources)
    return machine.pool.derived(kind, value, pick(machine, place, unit, value)) if value.origins else value


def _picks_rows(machine: Machine, key: Value, by_place: bool) -> bool:
    kind = kind_of(machine, key)
    if kind == "slice":
        return True
    if isinstance(key, Deferred):
        return key.op in ("compare", "not")
    if isinstance(key, Derived):
        waits = any(isinstance(origin, Deferred) and origin.op == "compare" for origin in key.origins)
        return waits or kind.partition(".")[0] in ("column", "array", "table")
    return kind.partition(".")[0] in ("column", "array", "table") or (by_place and key.open)
