"""Columns that calls make, name and choose, as the `columns` tables of the catalogue say: `assign`, `with_columns`,
`select`, `rename`, named aggregations, expressions of columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mldebt.facts import NONE, Collection
from mldebt.link.access import item
from mldebt.link.columns import column_made, columns_picked
from mldebt.link.keys import as_list, name_told, names_told
from mldebt.link.kinds import column_kind, kind_of
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.said_columns import said_columns
from mldebt.link.slots import argument, arguments_of
from mldebt.link.values import (
    NOWHERE,
    Alt,
    Code,
    Event,
    Item,
    Member,
    Place,
    Record,
    Result,
    Sequence,
    Text,
    Value,
    literal,
)
from mldebt.rows import Row
from mldebt.tabling import Tabling

if TYPE_CHECKING:
    from mldebt.link.calling import Site

FREE = "free column"
"""What is called the event of a column of whatever table an expression is used on. It is an origin like any other and
makes no node."""
_ALIAS = "text.alias"
_COLUMN = "text.column"
"""The kinds of the key by which an expression has a name: one that it was given or kept, and that of a column to which
nothing was done."""
_ALL = "*"


@dataclass(frozen=True, slots=True)
class _One:
    """A column that comes out: its name, None where that is not known, its value, and where it is said."""

    name: Value | None
    value: Value | None
    place: Place
    old: Value | None = None
    same: bool = False


def expression(
    machine: Machine, row: Row, kind: str, receiver: Value | None, arguments: Arguments, value: Value
) -> Value:
    """What a call makes of expressions of columns: texts that name columns stand for these, and the name goes on."""
    for tabling in row.columns:
        if tabling.alias is not None and receiver is not None:
            name = argument(arguments, tabling.alias)
            return value if name is None else _named(machine, value, name, _ALIAS)
        for one in _said(machine, kind, tabling, arguments):
            if one is not None and one.value is not None:
                value = machine.pool.derived(kind, value, one.value)
            return value if one is None or one.name is None else _named(machine, value, one.name, _ALIAS)
        given = [one for slot in tabling.texts for one in arguments_of(arguments, slot, receiver)]
        names = [one for part in given for one in _flat(machine, part)]
        columns = [column for one in names if (column := _free(machine, kind, one)) is not None]
        value = machine.pool.derived(kind, value, *columns) if columns else value
        first = receiver if receiver is not None else given[0] if len(given) == 1 else None
        name = None if first is None or not tabling.keeps else name_of(machine, first, texts=bool(tabling.texts))
        if name is not None:
            return _named(machine, value, name, _COLUMN if tabling.column else _ALIAS)
    return value


def table_made(
    machine: Machine, frame: Frame, row: Row, kind: str, receiver: Value, arguments: Arguments, site: Site
) -> Value | None:
    """The table that a call gives, with the columns that it makes; None where none is known by name."""
    table = receiver if kind_of(machine, receiver).startswith("table") else machine.pool.derived(kind, receiver)
    only: list[_One | None] = []
    made = False
    for tabling in row.columns:
        for one in _ones(machine, frame, tabling, receiver, arguments, site):
            only += [one] if tabling.only else []
            if one is None or one.name is None or one.same:
                continue
            value = _bound(machine, frame, receiver, one.value, site, texts=bool(tabling.texts))
            table, made = column_made(machine, frame, one.place, table, one.name, value, one.old), True
    names = [one.name for one in only if one is not None and one.name is not None]
    if only and len(names) == len(only) and all(literal(name) != _ALL for name in names):
        return columns_picked(machine, frame, site.place, table, machine.pool.sequence("list", tuple(names)))
    if only and not any(literal(name) == _ALL for name in names):
        return None
    return table if made else None


def row_of_columns(
    machine: Machine, frame: Frame, row: Row, kind: str, arguments: Arguments, table: Value, site: Site
) -> Value:
    """The table of one row that is given as a list beside the names of its columns; each stands where its value is."""
    slots = [slot for tabling in row.columns if tabling.only for slot in tabling.each]
    names = None if not slots else names_told(machine, argument(arguments, slots[0]) or machine.pool.unknown)
    values = _only_row(arguments)
    if not kind.startswith("table") or not isinstance(names, Sequence) or values is None:
        return table
    if names.rest or len(names.items) != len(values.items):
        return table
    steps = _steps_of_row(frame, site)
    for name, value, at in zip(names.items, values.items, steps or [NONE] * len(values.items), strict=False):
        step = frame.steps[at] if at != NONE else None
        place = site.place if step is None else (frame.file, step.start, step.end)
        table = column_made(machine, frame, place, table, name, value)
    return table


def _only_row(arguments: Arguments) -> Sequence | None:
    """The values of the one row that a call is given."""
    rows = arguments[0][1] if arguments and not arguments[0][0] else None
    only = rows.items[0] if isinstance(rows, Sequence) and len(rows.items) == 1 and not rows.rest else None
    return only if isinstance(only, Sequence) and not only.rest else None


def _steps_of_row(frame: Frame, site: Site) -> tuple[int, ...]:
    """The steps of the values of the one row that a call is given; none where it is not written in this code."""
    at = next((at for name, at in site.arguments_at if not name), NONE) if site.unit == frame.unit else NONE
    for _ in range(2):
        step = frame.steps[at] if 0 <= at < len(frame.steps) else None
        if not isinstance(step, Collection):
            return ()
        at, items = step.items[0] if step.items else NONE, step.items
    return items


def column_taken(machine: Machine, row: Row, receiver: Value, arguments: Arguments) -> Value | None:
    """The one column that a call gives, where it is asked for by name."""
    for tabling in row.columns:
        name = None if tabling.takes is None else argument(arguments, tabling.takes)
        if name is not None and literal(name_told(machine, name)) is not None:
            return item(machine, receiver, name)
    return None


def name_of(machine: Machine, value: Value, *, texts: bool) -> Value | None:
    """The name that the column of an expression has, where it is known."""
    value = name_told(machine, value)
    if isinstance(value, Text) and texts:
        return value if _is_name(literal(value)) else None
    if isinstance(value, Item) and kind_of(machine, value.key) in (_ALIAS, _COLUMN):
        return value.key
    if isinstance(value, Result) and (name := machine.pool.column_name(value.index)) is not None:
        return machine.pool.text([name])
    if isinstance(value, Member) and column_kind(machine, value):
        return machine.pool.text([value.name])
    return None


def _is_name(name: str | None) -> bool:
    """Whether a text names one column, or all: no pattern, and no field of one."""
    return name is not None and not name.startswith("^") and "." not in name


def _named(machine: Machine, value: Value, name: Value, kind: str) -> Value:
    if not isinstance(name, Text):
        return machine.pool.derived(kind_of(machine, value), value)
    return machine.pool.item(value, machine.pool.text(name.parts, name.places, kind))


def _flat(machine: Machine, value: Value) -> tuple[Value, ...]:
    listed = as_list(machine, value)
    return listed.items if isinstance(listed, Sequence) and listed.kind != "tuple" else (value,)


def _free(machine: Machine, kind: str, name: Value) -> Value | None:
    """The column of a name, of a table that is not known yet."""
    if not (isinstance(name, Text) and _is_name(literal(name))) and not name.open:
        return None
    event = Event(
        open=name.open, what=FREE, row=None, callee="", place=NOWHERE, unit=-1, receiver=None,
        arguments=(("name", name),), chain=(), guards=(), sure=True,
    )  # fmt: skip
    return machine.pool.result(machine.pool.event(event), kind)


def _ones(
    machine: Machine, frame: Frame, tabling: Tabling, receiver: Value, arguments: Arguments, site: Site
) -> Iterator[_One | None]:
    """The columns that come out, None for what is not known; as they are said."""
    if tabling.renames is not None:
        yield from _renamed(machine, argument(arguments, tabling.renames), receiver, site)
    elif tabling.old is not None and tabling.named is not None:
        old, new = argument(arguments, tabling.old), argument(arguments, tabling.named)
        if old is not None and isinstance(new, Text):
            yield _One(new, item(machine, receiver, old), _place_of(new, site), old)
    elif tabling.named is not None:
        name = argument(arguments, tabling.named)
        name = machine.pool.text([tabling.default]) if name is None and tabling.default else name
        value = receiver if tabling.value is None else argument(arguments, tabling.value, receiver)
        if name is not None:
            yield _One(name if literal(name) is not None or name.open else None, value, _place_of(name, site))
    keyed = None if tabling.keyed is None else argument(arguments, tabling.keyed)
    if isinstance(keyed, Record):
        for key, part in zip(keyed.keys, keyed.items, strict=True):
            folded = item(machine, receiver, key) if tabling.folds else part
            yield _One(key, folded, _place_of(key, site)) if literal(key) is not None else None
    yield from _said(machine, kind_of(machine, receiver), tabling, arguments)
    for slot in tabling.each:
        if slot.keywords:
            yield from _by_keyword(machine, frame, arguments, site)
        else:
            for value in arguments_of(arguments, slot):
                yield from _by_name(machine, value, site, texts=bool(tabling.texts))


def _said(machine: Machine, kind: str, tabling: Tabling, arguments: Arguments) -> Iterator[_One | None]:
    """The columns that texts make of others, in the language of the library."""
    for slot in tabling.said:
        for value in (part for given in arguments_of(arguments, slot) for part in _flat(machine, given)):
            text = literal(value)
            columns = () if text is None else said_columns(text, tabling.language, machine.read_sql)
            places = value.places[:1] if isinstance(value, Text) else ()
            if not columns:
                yield None
            for one in columns:
                free = [_free(machine, kind, machine.pool.text([name])) for name in one.columns]
                made = [column for column in free if column is not None]
                name = machine.pool.text([one.name], places) if one.name else None
                whole = machine.pool.derived(kind, *made) if made else None
                yield _One(name, whole, places[0] if places else NOWHERE, same=one.same)


def _renamed(machine: Machine, names: Value | None, receiver: Value, site: Site) -> Iterator[_One]:
    if isinstance(names, Record):
        for old, new in zip(names.keys, names.items, strict=True):
            if literal(old) is not None and isinstance(new, Text) and literal(new) != literal(old):
                yield _One(new, item(machine, receiver, old), _place_of(new, site), old)


def _by_keyword(machine: Machine, frame: Frame, arguments: Arguments, site: Site) -> Iterator[_One | None]:
    """`x=...`: the keyword is the name; it stands where its value does."""
    steps = dict(site.arguments_at) if site.unit == frame.unit else {}
    for name, value in arguments:
        at = steps.get(name, NONE)
        step = frame.steps[at] if 0 <= at < len(frame.steps) else None
        place = site.place if step is None else (frame.file, step.start, step.end)
        if name.startswith("*"):
            yield None
        elif name:
            yield _One(machine.pool.text([name], [place]), value, place)


def _by_name(machine: Machine, value: Value, site: Site, *, texts: bool) -> Iterator[_One | None]:
    """Expressions in the order in which they are given."""
    listed = names_told(machine, value)
    if isinstance(listed, Sequence) and listed.kind != "tuple":
        for one in listed.items:
            yield from _by_name(machine, one, site, texts=texts)
        if listed.rest:
            yield None
        return
    name = name_of(machine, value, texts=texts)
    yield None if name is None else _One(name, value, _place_of(name, site), same=_is_same(machine, value))


def _is_same(machine: Machine, value: Value) -> bool:
    """Whether an expression is no more than the column of its name."""
    return not isinstance(value, Item) or kind_of(machine, value.key) == _COLUMN


def _place_of(name: Value, site: Site) -> Place:
    known = [place for place in name.places if place[0] >= 0] if isinstance(name, Text) else []
    return known[0] if known else site.place


def _bound(
    machine: Machine, frame: Frame, table: Value, value: Value | None, site: Site, *, texts: bool
) -> Value:
    """The value of a column where an expression is used on a table."""
    from mldebt.link.calling import apply  # calling applies rows

    if value is None:
        return machine.pool.derived("", table)
    if isinstance(value, Code) and machine.info(value.unit).kind in ("function", "lambda"):
        return apply(machine, frame, value.unit, (("", table),), site)
    if texts and isinstance(value, Sequence) and value.kind == "tuple" and value.items:
        value = value.items[0]
    if texts and isinstance(value, Text):
        return _of_table(machine, table, value)
    origins = machine.pool.origins(value)
    if not any(isinstance(one, Result) and one.event.what == FREE for one in origins):
        return value
    parts = [_of_free(machine, table, one) for one in origins]
    return machine.pool.derived(kind_of(machine, value), *parts)


def _of_free(machine: Machine, table: Value, origin: Value) -> Value:
    if not (isinstance(origin, Result) and origin.event.what == FREE):
        return origin
    return _of_table(machine, table, dict(origin.event.arguments)["name"])


def _of_table(machine: Machine, table: Value, name: Value) -> Value:
    if isinstance(table, Alt):
        return machine.pool.alt(*(_of_table(machine, part, name) for part in table.values))
    if table.open or name.open:
        return machine.pool.deferred("item", (table, name), NOWHERE, -1)
    return item(machine, table, name)
