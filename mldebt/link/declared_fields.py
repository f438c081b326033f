"""The fields that a class declares, as the dictionary that its objects give of themselves."""

from __future__ import annotations

from mldebt.link.access import attribute
from mldebt.link.machine import Machine
from mldebt.link.operation import Operation
from mldebt.link.values import Code, Instance, Lib, Param, Place, Value

_MOST_BASES = 8


def told_by_name(op: Operation) -> Value:
    """`request.dict()`: what the fields hold, each under its name; where the class is not known, what nobody knows."""
    machine, whole = op.machine, op.receiver
    unit = None if whole is None else _class_of(machine, whole)
    fields = {} if unit is None else _fields(machine, unit)
    if whole is None or not fields:
        return op.opaque(op.row.result[0] if op.row.result else "")
    keys = tuple(machine.pool.text([name], [place]) for name, place in fields.items())
    return machine.pool.record(keys, tuple(attribute(machine, whole, name, op.site.unit) for name in fields))


def _class_of(machine: Machine, value: Value) -> int | None:
    """The class of an object that was made here, or by which a parameter says what it is."""
    if isinstance(value, Instance):
        return value.unit
    notes = machine.annotations.get(value.unit, ()) if isinstance(value, Param) else ()
    note = notes[value.index] if isinstance(value, Param) and value.index < len(notes) else None
    return note.unit if isinstance(note, Code) and machine.info(note.unit).kind == "class" else None


def _fields(machine: Machine, unit: int, depth: int = 0) -> dict[str, Place]:
    """The fields with their places, inherited ones first; none where a class that it inherits from is not known."""
    found: dict[str, Place] = {}
    for base in machine.bases.get(unit, ()):
        inherited = _fields(machine, base.unit, depth + 1) if isinstance(base, Code) and depth < _MOST_BASES else {}
        if not inherited and not isinstance(base, Lib):
            return {}
        found |= inherited
    return found | {name: one.at for (owner, name), one in machine.noted.declared.items() if owner == unit}
