"""What is answered to requests: predictions in bare dictionaries, and whether these tell which model gave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from mldebt.graph.code import SERVED, Answered, Definition
from mldebt.link.definitions import Definitions
from mldebt.link.kinds import kind_made_by
from mldebt.link.machine import Machine
from mldebt.link.values import (
    NOWHERE,
    Alt,
    Code,
    Deferred,
    Event,
    Param,
    Place,
    Record,
    Result,
    Scalar,
    Sequence,
    Text,
    Unknown,
    Value,
)
from mldebt.roles import Role
from mldebt.source import Purpose

_PLAIN = frozenset({"", "dict", "json", "list", "text"})
_DEEPEST, _MOST = 3, 8
_BRINGS = frozenset({Role.PREDICT, Role.READ})
_ROWS = frozenset({"table", "column", "array", "group"})
_DATA = frozenset({
    Role.PREDICT, Role.TRANSFORM, Role.FIT_TRANSFORM, Role.DERIVE, Role.COMBINE, Role.SAMPLE, Role.SELECT,
    Role.REQUEST, Role.DECIDE,
})  # fmt: skip
"""What values come from that are rows, or made of rows: they tell of no model."""


def answered(machine: Machine, known: Definitions, definitions: Iterable[Definition]) -> tuple[Answered, ...]:
    """The predictions that functions of production code answer requests with in a bare dictionary, by function."""
    entries = {one.id for one in definitions if SERVED & set(one.made) and one.purpose is Purpose.PRODUCTION}
    units = [unit for unit in machine.summaries if entries and machine.info(unit).kind in ("function", "lambda")]
    typed = {unit for unit in units if _is_typed(machine, unit)}
    said = {_first(one) for unit in typed for one in _records(machine.summaries[unit].returns)} - {NOWHERE}
    found: list[Answered] = []
    for unit in sorted(units):
        if known.id(unit) in entries and unit not in typed:
            found += _of_unit(machine, unit, known.id(unit), said)
    return tuple(found)


def _is_typed(machine: Machine, unit: int) -> bool:
    """Whether a class says what is answered: by the annotation, or because the decorator is given one."""
    notes = machine.annotations.get(unit, ())
    note = notes[-1] if notes else None
    said = [value for made in machine.made.get(unit, ()) for _, value in made.arguments]
    return (note is not None and kind_made_by(machine, note) not in _PLAIN) or any(
        _names_a_class(machine, value) for value in (*said, *((note,) if note is not None else ()))
    )


def _names_a_class(machine: Machine, value: Value) -> bool:
    parts = value.values if isinstance(value, Alt) else (value,)
    return any(isinstance(part, Code) and machine.info(part.unit).kind == "class" for part in parts)


def _of_unit(machine: Machine, unit: int, id: str, said: Set[Place]) -> Iterator[Answered]:
    """The dictionaries, at their first names, in which what was predicted or read is put under a name. Of those with
    their first name at a place that is `said`, a function that gives them back tells the class."""
    for record in dict.fromkeys(_records(machine.summaries[unit].returns)):
        if _first(record) in said:
            continue
        fields = [(at, value, _brought(machine, value)) for at, value in _fields(record)]
        tells = [_tells(machine, unit, value) for _, value, _ in fields]
        for at, _, brought in fields:
            if brought and at[0] >= 0:
                yield Answered(
                    id, machine.program.span(at), machine.program.spans(brought, _MOST),
                    names=any(one is True for one in tells), may_name=any(one is None for one in tells),
                )  # fmt: skip


def _records(value: Value) -> Iterator[Record]:
    """The dictionaries that a value is, or that a library is given to answer with."""
    if isinstance(value, Alt):
        for one in value.values:
            yield from _records(one)
    elif isinstance(value, Record):
        yield value
    elif isinstance(value, Result) and value.event.row is not None and value.event.row.role is Role.SERVE:
        for _, given in value.event.arguments:
            yield from _records(given)
    elif isinstance(value, Sequence) and value.kind == "tuple" and value.items:
        yield from _records(value.items[0])  # with the number of what became of the request
    elif isinstance(value, Sequence):
        for one in value.items:
            yield from _records(one)


def _fields(record: Record, depth: int = 0) -> Iterator[tuple[Place, Value]]:
    """The values of a dictionary and of those in it, each with the place of the first name beside it."""
    first = _first(record)
    for value in record.items:
        inner = [one for one in _records(value) if depth < _DEEPEST]
        if not inner:
            yield first, value
        for one in inner:
            yield from _fields(one, depth + 1)


def _first(record: Record) -> Place:
    """The place of the first name in a dictionary."""
    return next((place for key in record.keys if isinstance(key, Text) for place in key.places), NOWHERE)


def _brought(machine: Machine, value: Value) -> list[Place]:
    """Where what a value comes from was predicted or read, and the calls through which it was."""
    origins = machine.pool.origins_of(value)
    events = [one.event for one in origins if isinstance(one, Result) and _role(one.event) in _BRINGS]
    return [place for event in events for place in (event.place, *event.chain)]


def _role(event: Event) -> Role | None:
    return event.row.role if event.row is not None else None


def _tells(machine: Machine, unit: int, value: Value) -> bool | None:
    """Whether a value may tell which model it is: not if it is a number that the code says, or comes of the request or
    of rows. None for a text that the code says: it may be a name of the model."""
    if isinstance(value, Alt):
        if any(_is_predicted(machine, one) and _tells(machine, unit, one) is False for one in value.values):
            return False  # what stands there instead is a prediction as well
        told = {_tells(machine, unit, one) for one in value.values}
        return True if True in told else None if None in told else False
    if isinstance(value, Scalar):
        return False
    if isinstance(value, Text) and all(isinstance(part, str) for part in value.parts):
        return None
    origins = machine.pool.origins_of(value)
    if isinstance(value, Unknown) and not origins:
        return True
    return not all(_is_of_rows(machine, unit, one) for one in origins)


def _is_predicted(machine: Machine, value: Value) -> bool:
    origins = machine.pool.origins_of(value)
    return any(isinstance(one, Result) and _role(one.event) is Role.PREDICT for one in origins)


def _is_of_rows(machine: Machine, unit: int, origin: Value) -> bool:
    if isinstance(origin, Param):
        return origin.unit == unit
    if isinstance(origin, Deferred):
        parts = (part for operand in origin.operands for part in machine.pool.origins_of(operand))
        return all(_is_of_rows(machine, unit, part) for part in parts if part is not origin)
    if not isinstance(origin, Result):
        return False
    row = origin.event.row
    if row is None and origin.event.what != "lost":
        return True  # a column, a comparison: what code itself does with rows
    if row is None:
        asked = () if origin.event.receiver is None else machine.pool.origins_of(origin.event.receiver)
        return bool(asked) and all(_is_of_rows(machine, unit, one) for one in asked if one is not origin)
    table = row.result[:1] != () and row.result[0].partition(".")[0] in _ROWS
    if row.role in (Role.READ, Role.CONSTRUCT) and table:
        return True
    return row.role in _DATA or bool({"sent", "per-run"} & set(row.traits))
