"""What methods and functions store in objects and in the module: seen by all others."""

from __future__ import annotations

from typing import TypeVar

from mldebt.facts import NONE
from mldebt.link.access import class_attribute
from mldebt.link.defined import joined
from mldebt.link.handed import handed
from mldebt.link.held import with_held
from mldebt.link.machine import Frame, Held, Machine
from mldebt.link.values import Alt, Code, Instance, Record, Result, Value

T = TypeVar("T")

MOST_STORES = 12
MOST_FIELDS = 24
_OF_COLUMNS = frozenset({"select", "column"})


def field_value(
    machine: Machine, instance: Instance, name: str, *, final: bool = False, within: int = NONE
) -> Value:
    """A field of an object: whatever the methods of its class store there. `within` is the unit that asks."""
    if not _methods_read(machine, instance.unit):
        if not final:
            return machine.pool.deferred("field", (instance,), instance.place, instance.unit, (name,))
        return machine.pool.not_followed("field of a running class")
    key = (instance, name)
    known = machine.field_values.get(key)
    if known is not None:
        return known
    stores = list(_of_class(machine, machine.fields, instance.unit, name))[:MOST_STORES]
    if not stores:
        return machine.pool.member(instance, name) if not final else machine.pool.derived("", instance)
    if (instance.unit, name) in machine.resolving:
        return machine.pool.unknown  # a field stored from itself adds nothing
    held = list(_of_class(machine, machine.held, instance.unit, name))
    machine.resolving.add((instance.unit, name))
    found = _together(machine, instance, name, stores, held, within)
    machine.resolving.discard((instance.unit, name))
    if found.open and not instance.open:
        found = _made_of_itself(machine, key, found)
    if not any(_is_handed(machine, value, unit) for value, unit in (*stores, *((put[1], unit) for put, unit in held))):
        machine.field_values[key] = found
    return found


def _together(
    machine: Machine, instance: Instance, name: str, stores: list[tuple[Value, int]], held: list[tuple[Held, int]],
    within: int,
) -> Value:  # fmt: skip
    found = machine.pool.alt(*(_filled(machine, instance, value, unit, within) for value, unit in stores))
    for put, unit in held:
        found = with_held(machine, found, _put(machine, instance, put, unit, within))
    return found


def _put(machine: Machine, instance: Instance, held: Held, unit: int, within: int) -> Held:
    keys, value, beside = held
    place = tuple(_filled(machine, instance, key, unit, within) for key in keys)
    return place, _filled(machine, instance, value, unit, within), beside


def _is_handed(machine: Machine, value: Value, unit: int) -> bool:
    """Whether what a method stores may hang on what it is called with, of which more may be known later."""
    return unit >= 0 and value.open and machine.info(unit).name != "__init__"


def _made_of_itself(machine: Machine, key: tuple[Instance, str], found: Value) -> Value:
    """`self.rows = self.rows[...]`: what is stored anew is made of what other methods store there. Once the object is
    known, what it holds itself can be asked for."""
    from mldebt.link.filling import Filler  # filling asks for fields

    stored = found.values if isinstance(found, Alt) else (found,)
    others = [value for value in map(_without_columns, stored) if not value.open]
    machine.field_values[key] = machine.pool.alt(*others) if others else machine.pool.unknown
    filler = Filler(machine, _no_frame(machine, key[0].unit), {}, None)
    made = machine.pool.alt(*(filler.fill(value) for value in stored))
    del machine.field_values[key]
    _note_columns(machine, made)
    return made


def _without_columns(value: Value) -> Value:
    while isinstance(value, Result) and value.event.what == "column" and value.event.receiver is not None:
        value = value.event.receiver
    return value


def _note_columns(machine: Machine, made: Value) -> None:
    """Notes what columns a value was given, or was left with: no call makes that happen again."""
    todo, seen = list(machine.pool.origins(made)), set[Value]()
    while todo:
        origin = todo.pop()
        if isinstance(origin, Result) and origin.event.what in _OF_COLUMNS and origin not in seen:
            seen.add(origin)
            if not origin.event.open:
                machine.ground[origin.event] = None
            if origin.event.receiver is not None:
                todo += machine.pool.origins(origin.event.receiver)


def field_values(machine: Machine, instance: Instance) -> tuple[Value, ...]:
    """What the fields of an object hold, the first ones by name."""
    units = (instance.unit, *(base.unit for base in machine.bases.get(instance.unit, ()) if isinstance(base, Code)))
    names = sorted({name for unit in units for name in machine.field_names.get(unit, ())})
    return tuple([field_value(machine, instance, name, final=True) for name in names[:MOST_FIELDS]])


def global_value(machine: Machine, file: int, name: str, known: Value) -> Value:
    """A dictionary or variable of a module into which functions store."""
    if isinstance(known, Record) and (file, name) in machine.shelves:
        return shelved(machine, file, name, known)
    values = machine.globals.get((file, name), {})
    return machine.pool.alt(known, *values) if values else known


def shelved(machine: Machine, file: int, name: str, known: Record) -> Record:
    """A dictionary of the module with what functions store into it: under each key, one of all that is stored there."""
    values: dict[Value, list[Value]] = {}
    own = zip(known.keys, known.items, strict=True)
    for key, value in (*own, *machine.shelves[file, name]):
        values.setdefault(key, []).append(value)
    return machine.pool.record(tuple(values), tuple(machine.pool.alt(*found) for found in values.values()), rest=True)


def _filled(machine: Machine, instance: Instance, value: Value, unit: int, within: int) -> Value:
    from mldebt.link.filling import Filler  # filling asks for fields

    if unit < 0 or not value.open:
        return value
    binding: dict[tuple[int, int], Value] = {(unit, 0): instance, **joined(machine, unit, instance)}
    if machine.info(unit).name != "__init__":
        binding = {**handed(machine, unit, instance, within), **binding}
        return Filler(machine, _no_frame(machine, unit), binding, None).fill(value)
    own = Filler(machine, _no_frame(machine, unit), binding, None).fill(value)
    given = dict(instance.arguments)
    inherited = machine.program.parent(unit) != instance.unit  # what a subclass passes on is not followed
    for index, parameter in enumerate(machine.info(unit).parameters):
        if parameter.name in given:
            binding[unit, index] = given[parameter.name]
        elif (
            index and inherited and class_attribute(machine, instance.unit, "__init__", unit) != machine.pool.code(unit)
        ):
            binding[unit, index] = machine.pool.not_followed("argument of super")
        elif index:
            defaults = machine.defaults.get(unit, ())
            default = defaults[index] if index < len(defaults) else None
            binding[unit, index] = default or machine.pool.unknown
    return Filler(machine, _no_frame(machine, unit), binding, instance.place).fill(own)


def _no_frame(machine: Machine, unit: int) -> Frame:
    """A frame whose effects nobody sees: the call that stores already made them happen."""
    return Frame(unit, machine.program.file_of[unit], (), [])


def _of_class(
    machine: Machine, known: dict[tuple[int, str], dict[tuple[T, int], None]], unit: int, name: str, depth: int = 0
) -> dict[tuple[T, int], None]:
    """What is known of a field by the methods of a class and of its bases, each with the method."""
    found = dict(known.get((unit, name), {}))
    for base in machine.bases.get(unit, ()) if depth < 8 else ():
        if isinstance(base, Code):
            found |= _of_class(machine, known, base.unit, name, depth + 1)
    return found


def _methods_read(machine: Machine, unit: int, depth: int = 0) -> bool:
    """Runs all methods of a class, once; false while one of them is running."""
    if unit in machine.read_classes:
        return True
    methods = [other for other in children(machine, unit) if machine.info(other).kind == "function"]
    if any(other in machine.running for other in methods):
        return False
    machine.read_classes.add(unit)
    for method in methods:
        machine.interpret(method)
    for base in machine.bases.get(unit, ()) if depth < 8 else ():
        if isinstance(base, Code):
            _methods_read(machine, base.unit, depth + 1)
    return True


def children(machine: Machine, unit: int) -> list[int]:
    """The units that stand in a unit."""
    file = machine.program.file_of[unit]
    first = machine.program.first[file]
    local = unit - first
    return [first + i for i, u in enumerate(machine.program.facts[file].units) if u.parent == local]
