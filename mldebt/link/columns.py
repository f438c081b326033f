"""Columns written to tables: `df["x"] = ...`, `df.loc[m, "x"] = ...`, tables made of dictionaries."""

from __future__ import annotations

from msgspec.structs import replace

from mldebt.link.access import item
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Frame, Machine
from mldebt.link.picks import Ends, marked_key
from mldebt.link.unsettled import is_own_field
from mldebt.link.values import (
    Alt,
    Deferred,
    Derived,
    Event,
    Item,
    Member,
    Param,
    Place,
    Record,
    Result,
    Sequence,
    Setting,
    Text,
    Unknown,
    Value,
)

WHOLE = "dict"
"""The callee of the columns of a table that is made of a dictionary, all of whose keys are known."""

IN_PART = "loc"
"""The callee of columns that are written in some rows: in the others stands what was there before."""

_INDEXERS = ("loc", "iloc", "at", "iat")
_LISTS = ("json", "list", "pickle")
_KNOW_NAMES = ("model", "transformer", "search", "pickle", "")
_LATER = frozenset({"field", "global", "item", "when", "choice", "call"})


def column_written(
    machine: Machine, frame: Frame, place: Place, base: Value, key: Value | None, value: Value, attribute: str
) -> Value | None:
    """The table after the store; None when the store is to nothing that could be a table."""
    callee = ""
    if isinstance(base, Member) and base.name in _INDEXERS:
        rows = key.items[0] if isinstance(key, Sequence) and key.items else key
        callee = "" if rows is not None and kind_of(machine, rows) == "slice.whole" else IN_PART
        base = base.base
        key = key.items[-1] if isinstance(key, Sequence) and len(key.items) > 1 else machine.pool.unknown
    kind = kind_of(machine, base)
    if key is None:
        if attribute != "columns" and not _may_name(machine, base, kind, attribute):
            return None
        renames = attribute == "columns"
        key = _renamed(machine, value) if renames else machine.pool.text([attribute])
        value = base if renames else value
    if not kind and not (isinstance(key, (Text, Param)) or is_choice(machine, key)):
        return None
    if kind.partition(".")[0] not in ("table", "") or not (base.open or machine.pool.origins(base)):
        return None
    event = _column(machine, frame, place, base, key, value, sure=kind.startswith("table"), callee=callee)
    return machine.pool.result(event, kind)


def column_of(machine: Machine, table: Value, made: Value) -> Value:
    """A table with a column more that was `made` of one that was not known yet; as it is where it is none."""
    kind = kind_of(machine, table)
    if not isinstance(made, Result) or not kind.startswith("table"):
        return table
    event = made.event
    is_open = table.open or any(value.open for _, value in event.arguments)
    return machine.pool.result(machine.pool.event(replace(event, open=is_open, receiver=table, sure=True)), kind)


def _may_name(machine: Machine, base: Value, kind: str, attribute: str) -> bool:
    """Whether an attribute that is stored is a column: one that a table has not by itself, or of what has columns
    already, whatever it turns out to be."""
    if kind.startswith("table"):
        return not machine.catalogue.of_method(kind, attribute)
    return not kind and isinstance(base, Result) and base.event.what == "column"


def columns_chosen(
    machine: Machine, frame: Frame, place: Place, base: Value, key: Value, ends: Ends = ()
) -> Value | None:
    """`df[["a", "b"]]`: the table of those columns; None when this chooses no list of columns."""
    if isinstance(base, Member) and base.name in _INDEXERS and isinstance(key, Sequence) and len(key.items) == 2:
        return _columns_beside_rows(machine, frame, place, base, key, ends)
    kind = kind_of(machine, base)
    may = kind.startswith("table") and (_may_choose(key) or _is_foreign(machine, base, key))
    part = isinstance(base, Member) and (base.name in _INDEXERS or not is_own_field(machine, base))
    if part or not (is_choice(machine, key) or may):
        return None
    if not kind.startswith("table") and not (base.open and not kind):
        return None
    return columns_picked(machine, frame, place, base, key)


def columns_picked(machine: Machine, frame: Frame, place: Place, base: Value, key: Value) -> Value:
    """The table of the columns that a list names."""
    kind = kind_of(machine, base)
    event = machine.pool.event(
        Event(
            open=base.open or key.open,
            what="select",
            row=None,
            callee="",
            place=place,
            unit=frame.unit,
            receiver=base,
            arguments=(("key", key),),
            chain=(),
            guards=tuple(frame.guards),
            sure=bool(kind),
        )
    )
    machine.emit(frame, event)
    return machine.pool.result(event, kind)


def _columns_beside_rows(
    machine: Machine, frame: Frame, place: Place, base: Member, key: Sequence, ends: Ends
) -> Value | None:
    """`df.loc[rows, ["a", "b"]]`, `df.iloc[:, 1:]`: the choice is the second of two."""
    rows, columns = key.items
    by_place = kind_of(machine, columns) == "slice.open" or kind_of(machine, columns).endswith(".names")
    if not by_place and not is_choice(machine, columns) and not _may_choose(columns):
        return None
    whole = kind_of(machine, rows) == "slice.whole"
    picked = base.base if whole else item(machine, base, marked_key(machine, place, frame.unit, base, rows, ends))
    chosen = machine.pool.sequence("list", (columns,), rest=True) if by_place else columns
    return columns_chosen(machine, frame, place, picked, chosen)


def chooses(machine: Machine, event: Event) -> bool:
    """Whether what may have been a choice of columns is one, now that its key is known."""
    key = dict(event.arguments)["key"]
    return is_choice(machine, key) or (event.receiver is not None and _is_foreign(machine, event.receiver, key))


def _is_foreign(machine: Machine, base: Value, key: Value) -> bool:
    """Whether nothing is known of a key but that it is not made of the table, as a mask is."""
    if not isinstance(key, (Derived, Unknown, Result, Member, Item)) or key.open or kind_of(machine, key):
        return False
    own = {origin.event for origin in machine.pool.origins(base) if isinstance(origin, Result)}
    return not any(isinstance(origin, Result) and origin.event in own for origin in machine.pool.origins(key))


def is_choice(machine: Machine, key: Value) -> bool:
    """Whether it names columns: a list of names, some of a table's names, a stored list, what a model knows."""
    if isinstance(key, Sequence):
        return key.kind != "tuple"
    if isinstance(key, Alt):
        return any(is_choice(machine, part) for part in key.values)
    if isinstance(key, Member) and kind_of(machine, key.base).partition(".")[0] in _KNOW_NAMES:
        return kind_of(machine, key) != "text"
    kind = kind_of(machine, key)
    if isinstance(key, Member):
        return kind.endswith(".names")
    return isinstance(key, (Derived, Result, Item, Setting)) and (kind in _LISTS or kind.endswith(".names"))


def _may_choose(key: Value) -> bool:
    """Whether it may name columns once it is known what callers pass and objects hold."""
    return isinstance(key, Param) or (isinstance(key, Deferred) and key.op in _LATER)


def columns_of_record(machine: Machine, frame: Frame, record: Record, table: Value, others: bool) -> Value:
    """The table made of a dictionary: one column for each key, where the key is written, and maybe `others`."""
    whole = not others and not record.rest and all(isinstance(key, Text) and key.places for key in record.keys)
    for key, value in zip(record.keys, record.items, strict=True):
        place = key.places[0] if isinstance(key, Text) and key.places else None
        if place is not None:
            event = _column(machine, frame, place, table, key, value, sure=True, callee=WHOLE if whole else "")
            table = machine.pool.result(event, kind_of(machine, table))
    return table


def column_made(
    machine: Machine, frame: Frame, place: Place, table: Value, name: Value, value: Value, old: Value | None = None
) -> Value:
    """A table with one more column, or with one that had an `old` name before."""
    event = _column(machine, frame, place, table, name, value, sure=True, old=old)
    return machine.pool.result(event, kind_of(machine, table))


def _renamed(machine: Machine, value: Value) -> Value:
    if isinstance(value, Sequence) and len(value.items) == 1:
        return value.items[0]
    return machine.pool.derived("", value)


def _column(
    machine: Machine, frame: Frame, place: Place, base: Value, key: Value, value: Value, *, sure: bool,
    callee: str = "", old: Value | None = None,
) -> Event:  # fmt: skip
    arguments = (("key", key), ("value", value), *(() if old is None else (("old", old),)))
    event = machine.pool.event(
        Event(
            open=base.open or key.open or value.open,
            what="column",
            row=None,
            callee=callee,
            place=place,
            unit=frame.unit,
            receiver=base,
            arguments=arguments,
            chain=(),
            guards=tuple(frame.guards),
            sure=sure,
        )
    )
    machine.emit(frame, event)
    return event
