"""What an event uses directly: the events and settings behind its receiver and arguments."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.link.checking import STOP
from mldebt.link.choosing import SCORE
from mldebt.link.columns import IN_PART
from mldebt.link.fields import field_values
from mldebt.link.fitted import ITSELF, LEARNS
from mldebt.link.held import fitted_in
from mldebt.link.kinds import instance_kind, kind_of
from mldebt.link.machine import Machine
from mldebt.link.mapped import held
from mldebt.link.picks import Marks, Pick
from mldebt.link.slots import slot_values
from mldebt.link.values import (
    Alt,
    Event,
    Handle,
    Instance,
    Item,
    Place,
    Record,
    Result,
    Sequence,
    Setting,
    Text,
    Value,
    literal,
)
from mldebt.roles import Role

MOST_COLUMNS = 80
MOST_CALLS = 4
_FITS = LEARNS | {Role.FIT_TRANSFORM}
_KEPT = _FITS | {Role.READ, Role.LOAD}
_STORES = frozenset({Role.WRITE, Role.PERSIST})
_NO_DATA = frozenset({"model", "transformer", "search", "splitter", "client"})


Source = Event | Setting | Instance
_Used = tuple[Source, int, tuple[Pick, ...]]
_Origin = tuple[Value, tuple[Pick, ...]]


class Use(msgspec.Struct, frozen=True, gc=False):
    """One thing an event uses: an event's result or a setting, in which slot, which part of it, which
    column of that part, and the marks of the rows that were picked on the way: out of it (True), or by it
    (False)."""

    source: Source
    slot: str
    part: int
    picks: tuple[Pick, ...] = ()
    joined: bool = False  # to the rows of other data, as in a merge
    column: str = ""


class Lineage:
    """Uses of events; the columns of a table written one after the other all count as used."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._columns: dict[Event, tuple[Event, ...]] = {}
        self._marks = Marks(machine.pool)
        self._uses: dict[Event, tuple[Use, ...]] = {}
        self._held: dict[Instance, tuple[Value, ...]] = {}
        self._known: dict[tuple[Instance, ...], tuple[_Origin, ...]] = {}
        self._calls: dict[Place, list[Event]] | None = None
        self._fitted: dict[Event, list[Event]] | None = None

    def uses(self, event: Event) -> tuple[Use, ...]:
        """What an event uses, each once."""
        found = self._uses.get(event)
        if found is None:
            found = self._uses[event] = tuple(dict.fromkeys(self._used_by(event)))
        return found

    def _used_by(self, event: Event) -> Iterator[Use]:
        main = _main(event)
        given = [(slot, one) for slot, whole in _by_slot(event) for one in held(event, whole)]
        for slot, value in (*given, *self._kept_inside(event)):
            joined = main is not None and slot == "data" and value is not main
            column = _column_of_part(value)
            for origin, picks in self._between(value):
                if not isinstance(origin, Setting):
                    for source, part, inner in self._of_origin(origin):
                        for one, itself in self._as_stored(event, slot, source, part):
                            yield Use(one, slot, itself, _both(inner, picks), joined, column)
            for setting in settings_in(value):
                yield Use(setting, slot, -1)

    def _kept_inside(self, event: Event) -> Iterator[tuple[str, Value]]:
        """What was fitted and is stored as a part of an object that holds it."""
        row = event.row
        for value in slot_values(event, row.data) if row is not None and row.role in _STORES else ():
            if isinstance(value, Instance):
                for held in field_values(self._machine, value):
                    yield from (("data", one) for one in fitted_in(self._machine, held))

    def _as_stored(self, event: Event, slot: str, source: Source, part: int) -> tuple[tuple[Source, int], ...]:
        """What is stored of an object that a field holds is what its methods have fitted it to, not what was made; the
        fitted thing itself, and no rows that it gave."""
        stores = event.row is not None and event.row.role in _STORES and slot in ("data", "model", "receiver")
        if not stores or not isinstance(source, Event) or source.row is None or source.row.role is not Role.CONSTRUCT:
            return ((source, part),)
        if self._fitted is None:
            self._fitted = self._fits_of_what_is_made()
        fits = self._fitted.get(source, ())
        return tuple((one, ITSELF if _gives_rows(one) else part) for one in fits)[:MOST_CALLS] or ((source, part),)

    def _fits_of_what_is_made(self) -> dict[Event, list[Event]]:
        found: dict[Event, list[Event]] = {}
        for done in self._machine.happened():
            if done.row is not None and done.row.role in _FITS and done.receiver is not None:
                for origin in self._machine.pool.origins(done.receiver):
                    if isinstance(origin, Result) and origin.event.row and origin.event.row.role is Role.CONSTRUCT:
                        found.setdefault(origin.event, []).append(done)
        return found

    def _between(self, value: Value, inside: tuple[Instance, ...] = ()) -> Iterator[_Origin]:
        """What a value derives from, with the marks between. A data set of the repository's own class gives the rows
        that it holds; what it changes them with is none."""
        for origin, picks in (*self._marks.between(value), *self._marks.naming(value)):
            if not isinstance(origin, Instance) or not instance_kind(self._machine, origin.unit).startswith("data"):
                yield origin, picks
            elif origin not in inside:
                for one, more in self._behind(origin, (*inside, origin)):
                    yield one, _both(more, picks)

    def _behind(self, data_set: Instance, inside: tuple[Instance, ...]) -> tuple[_Origin, ...]:
        """What the rows of a data set derive from, each once; `inside` are the data sets around it, and itself."""
        if inside not in self._known:
            found = (one for held in self._rows_of(data_set) for one in self._between(held, inside))
            self._known[inside] = tuple(dict.fromkeys(found))
        return self._known[inside]

    def _rows_of(self, data_set: Instance) -> tuple[Value, ...]:
        if data_set not in self._held:
            fields = field_values(self._machine, data_set)
            kinds = [kind_of(self._machine, value).partition(".")[0] for value in fields]
            self._held[data_set] = tuple([v for v, kind in zip(fields, kinds, strict=True) if kind not in _NO_DATA])
        return self._held[data_set]

    def _of_origin(self, origin: Value) -> Iterator[_Used]:
        if isinstance(origin, Instance):
            yield origin, -1, ()
        elif isinstance(origin, Result) and origin.event.what == "column":
            yield from self._of_table(origin)
        elif isinstance(origin, Result):
            yield from ((event, origin.index, ()) for event in self._happening(origin.event))

    def _happening(self, event: Event) -> tuple[Event, ...]:
        """What happens where a field holds what a method makes, whoever calls it: the only call; what is loaded or
        fitted, the same one, and of a fit also what it makes of parameters."""
        if event.row is None or event in self._machine.ground:
            return (event,)
        if self._calls is None:
            self._calls = {}
            for done in self._machine.happened():
                if done.row is not None and done.chain:
                    self._calls.setdefault(done.place, []).append(done)
        calls = self._calls.get(event.place, ())
        if event.row.role not in _KEPT:
            alike = [one for one in calls if len(calls) == 1 or one.arguments == event.arguments]
            return (alike[0],) if len(alike) == 1 else (event,)
        same = [one for one in calls if one.receiver is event.receiver and one.arguments == event.arguments]
        return tuple(same or (calls if event.row.role in _FITS else ()))[:MOST_CALLS] or (event,)

    def _of_table(self, origin: Result) -> Iterator[_Used]:
        """The columns written to a table and what it was before; for one column, only what made that."""
        wanted = self._machine.pool.column_name(origin.index)
        made = False
        for column in self._chain(origin.event):
            name = literal(dict(column.arguments)["key"])
            if wanted is None or name is None or name == wanted:
                yield column, -1 if wanted is None else origin.index, ()
                made = made or (wanted is not None and name == wanted and column.callee != IN_PART)
        if not made:
            yield from self._base(origin.event, origin.index if wanted is not None else -1)

    def _base(self, column: Event, taken: int) -> Iterator[_Used]:
        """What the table was before any of its columns was written; `taken` is the column that counts."""
        chain = self._chain(column)
        for value in (event.receiver for event in chain if event.receiver is not None):
            for origin, picks in self._marks.between(value):
                if isinstance(origin, Result) and origin.event.what != "column":
                    yield origin.event, taken if origin.index == -1 else origin.index, picks

    def _chain(self, column: Event) -> tuple[Event, ...]:
        known = self._columns.get(column)
        if known is not None:
            return known
        found: dict[Event, None] = {}
        todo = [column]
        while todo and len(found) < MOST_COLUMNS:
            event = todo.pop()
            if event in found:
                continue
            found[event] = None
            if event.receiver is not None:
                origins = self._machine.pool.origins(event.receiver)
                todo += [o.event for o in origins if isinstance(o, Result) and o.event.what == "column"]
        self._columns[column] = tuple(found)
        return self._columns[column]


def _gives_rows(fit: Event) -> bool:
    return fit.row is not None and fit.row.role is Role.FIT_TRANSFORM


def _main(event: Event) -> Value | None:
    """Of tables that are joined the one whose rows are kept, the first; None for anything else."""
    row = event.row
    if row is None or row.role is not Role.COMBINE or row.axis == "rows":
        return None
    data = slot_values(event, row.data)
    return data[0] if data else None


def _column_of_part(value: Value) -> str:
    """The column that is taken of one part of a split table; empty for anything else."""
    taken = value if isinstance(value, Item) else None
    part = taken is not None and isinstance(taken.base, Result) and taken.base.index >= 0
    return (literal(taken.key) or "") if taken is not None and part else ""


def _both(first: tuple[Pick, ...], second: tuple[Pick, ...]) -> tuple[Pick, ...]:
    return (*first, *[pick for pick in second if pick not in first]) if first else second


def settings_in(value: Value) -> tuple[Setting, ...]:
    """The settings that a value is, or is put together from; not those behind data it derives from."""
    if isinstance(value, Setting):
        return (value,)
    parts: tuple[Value, ...] = ()
    if isinstance(value, Text):
        parts = tuple(part for part in value.parts if not isinstance(part, str))
    elif isinstance(value, Alt):
        parts = value.values
    elif isinstance(value, (Sequence, Record)):
        parts = value.items
    elif isinstance(value, Handle):
        parts = (value.path,)
    return tuple(setting for part in parts for setting in settings_in(part))


def _by_slot(event: Event) -> list[tuple[str, Value]]:
    """The receiver and arguments with the slot they stand in."""
    if event.what == "decide":
        return [("data" if name == "score" else "limit", value) for name, value in event.arguments]
    if event.what == STOP:
        return [("data", value) for _, value in event.arguments]
    if event.what == "choose":
        return [(SCORE, value) for _, value in event.arguments]
    if event.what == "select":
        return [] if event.receiver is None else [("data", event.receiver)]
    if event.what == "column":
        return [("data", value) for name, value in event.arguments if name == "value"]
    row = event.row
    data = set() if row is None else set(slot_values(event, row.data))
    label = set() if row is None or row.label is None else set(slot_values(event, (row.label,)))
    model = set() if row is None or row.model is None else set(slot_values(event, (row.model,)))
    target = set() if row is None else set(slot_values(event, row.target))
    watched = set() if row is None else set(slot_values(event, row.watches))
    pairs: list[tuple[str, Value]] = []
    if event.receiver is not None:
        pairs.append((_receiver_slot(event), event.receiver))
    for name, value in event.arguments:
        slot = (
            "label" if value in label else "data" if value in data else "model" if value in model
            else "target" if value in target else "watched" if value in watched
            else "score" if name == SCORE else "other"
        )  # fmt: skip
        pairs.append((slot, value))
    return pairs


def _receiver_slot(event: Event) -> str:
    row = event.row
    if row is not None and any(slot.receiver for slot in row.data):
        return "data"
    if row is not None and row.role in (Role.PREDICT, Role.EVALUATE, Role.TRANSFORM, Role.PERSIST):
        return "model"
    return "receiver"
