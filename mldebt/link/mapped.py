"""Objects and classes of the code that stand for rows of a table; the catalogue says which attribute names it."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.link.access import class_attribute
from mldebt.link.machine import Machine
from mldebt.link.values import Alt, Code, Event, Instance, Sequence, Value


def names_of_tables(machine: Machine, event: Event, target: Value) -> Value:
    """What the classes of what is given name as their tables; the value itself where none does."""
    attribute = event.row.named_by if event.row is not None else ""
    if not attribute:
        return target
    units = dict.fromkeys(_units(target))
    names = [class_attribute(machine, unit, attribute, event.unit) for unit in units]
    known = [name for name in names if name is not None]
    return machine.pool.alt(*known) if known and len(known) == len(names) else target


def held(event: Event, value: Value) -> tuple[Value, ...]:
    """What objects that are kept as rows were made with; of all other values, these themselves."""
    if event.row is None or not event.row.named_by:
        return (value,)
    if isinstance(value, (Sequence, Alt)):
        parts = value.items if isinstance(value, Sequence) else value.values
        return tuple(one for part in parts for one in held(event, part))
    return tuple(given for _, given in value.arguments) if isinstance(value, Instance) else (value,)


def _units(value: Value) -> Iterator[int]:
    if isinstance(value, (Instance, Code)):
        yield value.unit
    elif isinstance(value, (Sequence, Alt)):
        for part in value.items if isinstance(value, Sequence) else value.values:
            yield from _units(part)
