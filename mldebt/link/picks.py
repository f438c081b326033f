"""Which rows: marks on values that hold part of the rows of others, or rows chosen in a way nobody knows.

A mark is an origin like any other. It makes no node; `link/lineage.py` turns it into evidence on edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from mldebt import facts
from mldebt.facts import NONE
from mldebt.link.access import ITERATE, element
from mldebt.link.kinds import is_names, kind_of, names_one
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.pool import Pool, any_argument_open
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
    Scalar,
    Sequence,
    Text,
    Value,
    literal,
)

ROWS = "rows"
LOST = "lost"
"""What marks are called: rows are picked; or a call that nobody knows may have made others of them."""
_MARKS = (ROWS, LOST)
_INDEXERS = ("loc", "iloc")
_ROWED = ("table", "column", "array", "data", "")

FROM, UP_TO, COLUMN = "from", "up to", "of"
_SIDES = {">": FROM, ">=": FROM, "<": UP_TO, "<=": UP_TO}
Ends = tuple[tuple[str, Value], ...]
"""Where rows that are picked begin and end: numbers of rows in a slice, values of a column in a comparison."""

Pick = tuple[Event, bool]
"""A mark, and whether the rows are picked out of a thing (True) or the thing tells which (False)."""


class Marks:
    """The marks in values, and what they are about."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._about: dict[Event, tuple[frozenset[Value], frozenset[Value]]] = {}

    def between(self, value: Value) -> Iterator[tuple[Value, tuple[Pick, ...]]]:
        """What a value derives from, each with the marks that lie between."""
        origins = self._pool.origins(value)
        marks = [origin.event for origin in origins if _is_mark(origin)]
        sides = [(mark, *self._sides(mark)) for mark in marks]
        for origin in origins:
            if not _is_mark(origin):
                whole = self._whole(origin) if sides else origin
                yield origin, tuple([(m, whole in base) for m, base, keys in sides if whole in base or whole in keys])

    def naming(self, value: Value) -> Iterator[tuple[Value, tuple[Pick, ...]]]:
        """The columns of a table that tell which of its own rows are picked, where a value holds no more of them."""
        origins = self._pool.origins(value)
        for mark in (origin.event for origin in origins if _is_mark(origin)):
            for origin in self._pool.origins(*(key for name, key in mark.arguments if not name)):
                if origin not in origins and not _is_mark(origin) and self._whole(origin) in self._sides(mark)[0]:
                    yield origin, ((mark, False),)

    def repeats(self, parts: Sequence) -> bool:
        """Whether rows of one of these tables surely stand in another of them, too."""
        known = [self._picked(part) for part in parts.items]
        pairs = ((a, b) for place, a in enumerate(known) for b in known[place + 1 :])
        return any(a[base] <= b[base] or b[base] <= a[base] for a, b in pairs for base in a.keys() & b.keys())

    def _picked(self, table: Value) -> dict[Value, set[Pick]]:
        """By what a table holds rows of, their marks. Where it holds picked rows, what none is picked out of, as the
        date at which a part ends, brings no rows."""
        between = [(self._whole(origin), set(picks)) for origin, picks in self.between(table)]
        if not any(picks for _, picks in between):
            return dict(between)
        return {base: picks for base, picks in between if any(of_it for _, of_it in picks)}

    def _sides(self, mark: Event) -> tuple[frozenset[Value], frozenset[Value]]:
        """What the rows of a mark are picked out of, and what tells which."""
        if mark not in self._about and mark.receiver is not None:
            base, keys = (mark.receiver,), tuple(value for _, value in mark.arguments)
            self._about[mark] = (self._wholes(base), self._wholes(keys))
        return self._about.get(mark, (frozenset(), frozenset()))

    def _wholes(self, values: tuple[Value, ...]) -> frozenset[Value]:
        return frozenset(self._whole(origin) for origin in self._pool.origins(*values))

    def _whole(self, origin: Value) -> Value:
        return _whole(self._pool, origin)


def _whole(pool: Pool, origin: Value) -> Value:
    """The thing without its kind, and the table in place of one of its columns."""
    if not isinstance(origin, Result):
        return origin
    return pool.result(origin.event, "", -1 if pool.column_name(origin.index) is not None else origin.index)


def pick(
    machine: Machine, place: Place, unit: int, base: Value, *keys: Value, what: str = ROWS, ends: Ends = ()
) -> Result:
    """The mark of rows that are picked out of `base` at a place, others in each round; the keys tell which."""
    rounds = map(machine.pool.scalar, machine.rounds)
    return _mark(machine, place, unit, base, (*[("", key) for key in (*keys, *rounds)], *ends), what)


def _mark(machine: Machine, place: Place, unit: int, base: Value, arguments: Arguments, what: str = ROWS) -> Result:
    event = Event(
        open=base.open or any_argument_open(arguments), what=what, row=None, callee="", place=place, unit=unit,
        receiver=base, arguments=arguments, chain=(), guards=(), sure=True,
    )  # fmt: skip
    return machine.pool.result(machine.pool.event(event), "")


def ends_of(machine: Machine, frame: Frame, base: int, key: int) -> Ends:
    """Where the rows of `base[key]` begin and end; of several keys the first, which is that of the rows."""
    step = frame.steps[key]
    if isinstance(step, facts.Collection) and step.items:
        return ends_of(machine, frame, base, step.items[0])
    if isinstance(step, facts.Slice) and step.stride == NONE:
        said = ((word, at) for word, at in ((FROM, step.lower), (UP_TO, step.upper)) if at != NONE)
        ends = [(word, _end(machine, frame, at)) for word, at in said]
        return tuple([(word, value) for word, value in ends if not _is_start(value)])
    if isinstance(step, facts.Compare) and step.operator in _SIDES:
        column = _column(machine, frame, frame.values[base], step.left)
        return () if column is None else ((COLUMN, column), (_SIDES[step.operator], frame.values[step.right]))
    return ()


def _end(machine: Machine, frame: Frame, at: int) -> Value:
    """Where rows begin or end: so many rows before or behind a row is not at that row, whichever it is."""
    step, value = frame.steps[at], frame.values[at]
    if isinstance(step, facts.Binary) and step.operator in ("+", "-") and isinstance(value, Derived):
        away = frame.values[step.right]
        if isinstance(away, Scalar):
            return machine.pool.derived(f"number{step.operator}{away.value}", value)
    return value


def _is_start(value: Value) -> bool:
    return isinstance(value, Scalar) and value.value in (0, None)


def _column(machine: Machine, frame: Frame, base: Value, compared: int) -> Value | None:
    """The name of the column of a table whose values are compared."""
    step = frame.steps[compared]
    table = base.base if isinstance(base, Member) and base.name in _INDEXERS else base
    if not isinstance(step, (facts.Item, facts.Attribute)) or frame.values[step.base] is not table:
        return None
    name = machine.pool.text([step.name]) if isinstance(step, facts.Attribute) else frame.values[step.key]
    return name if isinstance(name, (Text, Param)) else None


def end_of(machine: Machine, value: Value) -> Value | None:
    """Where the first rows of something end, if a value is those: `len(table[:n])` is n."""
    marks = [origin.event for origin in machine.pool.origins(value) if _is_mark(origin)]
    ends = [argument for mark in marks for argument in mark.arguments if argument[0]]
    return ends[0][1] if len(marks) == 1 and len(ends) == 1 and ends[0][0] == UP_TO else None


def _is_mark(origin: Value) -> TypeGuard[Result]:
    return isinstance(origin, Result) and origin.event.what in _MARKS


def marked_key(machine: Machine, place: Place, unit: int, base: Value, key: Value, ends: Ends = ()) -> Value:
    """The key of `base[key]`, marked when it picks rows: a mask or a slice with its ends, or row numbers."""
    by_place = isinstance(base, Member) and base.name in _INDEXERS
    if isinstance(key, Sequence) and key.kind == "tuple" and key.items:
        first = marked_key(machine, place, unit, base, key.items[0], ends)
        return machine.pool.sequence("tuple", (first, *key.items[1:]))
    table = base.base if by_place and isinstance(base, Member) else base
    waits = by_place and table.open and not kind_of(machine, table)  # only a table has such places
    rowed = waits or kind_of(machine, table).partition(".")[0] in _ROWED
    if not rowed or not _picks_rows(machine, key, by_place):
        return _names_element(machine, place, unit, table, only_names(machine, key)) if rowed else key
    kind, mark = kind_of(machine, key), pick(machine, place, unit, table, key, ends=ends)
    if not ends or kind.partition(".")[0] != "slice":
        return machine.pool.derived(kind, *_of_others(machine.pool, table, key), mark)
    told = [origin for origin in machine.pool.origins(key) if not _is_mark(origin)]  # an end is a number: no rows
    return machine.pool.derived(kind, *told, mark)


def _of_others(pool: Pool, table: Value, key: Value) -> list[Value]:
    """What a key derives from but the table itself: its columns tell which rows are meant, and none of the rest is made
    of them. The mark keeps them."""
    own = {_whole(pool, origin) for origin in pool.origins(table)}
    return [origin for origin in pool.origins(key) if _is_mark(origin) or _whole(pool, origin) not in own]


def _names_element(machine: Machine, place: Place, unit: int, base: Value, key: Value) -> Value:
    """A key that is a field of one thing that is read, for an element of another, of which nothing says that it is a
    table: it tells which element is meant, and brings no rows."""
    pool = machine.pool
    if not isinstance(key, Item) or literal(key.key) is None or base.open or key.open:
        return key
    if kind_of(machine, base) or kind_of(machine, key):
        return key
    of_base, of_key = (
        {origin.event for origin in pool.origins(value) if isinstance(origin, Result)} for value in (base, key)
    )
    if not of_base or not of_key or of_base & of_key:
        return key
    return pool.derived("", key, _mark(machine, place, unit, pool.none, (("", key),)))


def only_names(machine: Machine, value: Value) -> Value:
    """Names of columns without the table that they were taken from, as they bring none of its rows; anything else as
    it is."""
    pool = machine.pool
    if isinstance(value, Alt):
        return pool.alt(*[only_names(machine, part) for part in value.values])
    if isinstance(value, Sequence):
        return pool.sequence(value.kind, tuple([only_names(machine, part) for part in value.items]), value.rest)
    if not names_one(value) and not is_names(kind_of(machine, value)):
        return value
    kept = tuple([origin for origin in pool.origins(value) if not isinstance(origin, Result)])
    return pool.from_origins(kind_of(machine, value), kept)


def unpacked(machine: Machine, base: Value, index: int, starred: bool, place: Place, unit: int) -> Value:
    """A part of unpacking a value. What nobody followed may give other rows in each part."""
    value = element(machine, base, index, starred)
    if index == ITERATE or starred:
        return value
    if isinstance(value, Deferred) and value.op == "element":
        return machine.pool.deferred("element", value.operands, place, unit)
    if isinstance(value, Derived) and value.origins and not isinstance(base, (Sequence, Record, Alt)):
        mark = pick(machine, place, unit, value, machine.pool.scalar(index), what=LOST)
        return machine.pool.derived(value.kind, value, mark)
    return value


def opaque(machine: Machine, kind: str, place: Place, unit: int, *sources: Value) -> Value:
    """What a call that nobody knows makes of its arguments: their data, but perhaps not all of the rows."""
    value = machine.pool.derived(kind, *sources)
    return machine.pool.derived(kind, value, pick(machine, place, unit, value, what=LOST)) if value.origins else value


def told(machine: Machine, kind: str, place: Place, unit: int, receiver: Value, *keys: Value) -> Value:
    """Rows of the receiver that other data name, as in `table.drop(part.index)`."""
    return machine.pool.derived(kind, receiver, *keys, pick(machine, place, unit, receiver, *keys))


def _picks_rows(machine: Machine, key: Value, by_place: bool) -> bool:
    kind = kind_of(machine, key)
    if kind in ("slice", "slice.open"):
        return True
    if isinstance(key, Deferred):
        return key.op in ("compare", "not")
    if isinstance(key, Derived):
        waits = any(isinstance(origin, Deferred) and origin.op == "compare" for origin in key.origins)
        return waits or (bool(key.origins) and kind.partition(".")[0] in _ROWED and not kind.endswith(".names"))
    rowed = kind.partition(".")[0] in ("column", "array", "table") and not kind.endswith(".names")
    return rowed or (by_place and key.open)
