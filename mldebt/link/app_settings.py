"""Settings that a whole program keeps in one dictionary: what is put into it, and what it holds under a key.

A web application has one: `app.config.from_object(Production)` stands in one file, `current_app.config["MODEL"]` in
another. The catalogue tells which kinds of value are such dictionaries: those with a method whose `op` puts something
there. What is put by code that takes the application as an open parameter is not seen."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from mldebt.facts import Attribute, SetItem
from mldebt.link import keys
from mldebt.link.access import attribute, class_attribute
from mldebt.link.components import Components
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Machine
from mldebt.link.noted import Asked, Put
from mldebt.link.operation import Operation
from mldebt.link.slots import argument, arguments_of
from mldebt.link.values import (
    Alt,
    Code,
    Deferred,
    Instance,
    Item,
    Member,
    Module,
    Param,
    Place,
    Record,
    Scalar,
    Setting,
    Text,
    Value,
    field_of,
    is_none,
    literal,
)
from mldebt.source import folders_above

HOW = "app"
MOST_HOLDERS = 12
Holder = Code | Module | Instance | Record | Setting


def keeps(machine: Machine, value: Value) -> bool:
    """Whether a value is the dictionary of settings of an application."""
    return kind_of(machine, value) in machine.catalogue.kept.kinds


def put_by(op: Operation) -> Value:
    """`config.from_object(...)`: every object and dictionary that a call puts there; what is open waits for callers."""
    machine, place = op.machine, op.site.place
    given = [value for slot in op.row.data for value in arguments_of(op.arguments, slot) if not slot.keywords]
    key = literal(argument(op.arguments, op.row.target[0]) or machine.pool.unknown) if op.row.target else ""
    if any(value.open for value in given) and not op.site.final and op.receiver is not None:
        machine.emit(op.frame, op.later())
    for value in given:
        put(machine, place, keys.loaded(machine, value, place) if keys.LOADS in op.row.traits else value, key or "")
    for name, value in op.arguments if any(slot.keywords for slot in op.row.data) else ():
        put(machine, place, value if name.isidentifier() else None, name if name.isidentifier() else "")
    if not op.row.data:
        put(machine, place, None)
    return machine.pool.none


def put(machine: Machine, place: Place, value: Value | None, key: str = "") -> None:
    """Notes that something is put into the settings: an object, or a value under a key; None for what nobody knows."""
    machine.noted.put.setdefault(Put(place, value, key), None)


def asked(machine: Machine, key: str, place: Place, default: Value | None = None) -> Value | None:
    """What the settings hold under a key; None where nothing is known to be put there."""
    if place[0] < 0:
        return None
    machine.noted.wanted.setdefault(Asked(place, key), default is not None)
    _look_for_givers(machine)
    found = dict.fromkeys(value for value, _ in held(machine, place[0], key))
    values = [value for value in found if not is_none(value)] or list(found)
    if not values:
        return None
    plain = all(isinstance(value, (Text, Scalar, Setting)) for value in values)
    whole = machine.pool.alt(*values)
    return machine.pool.setting(HOW, key, whole, place) if plain else whole


def held(machine: Machine, file: int, key: str) -> Iterator[tuple[Value, Place]]:
    """The values under a key of the application of a file, with the places that put them or what holds them there."""
    for one in of_application(machine, file):
        if one.key == key and one.value is not None:
            yield one.value, one.place
        elif not one.key and key.isupper():
            for holder in holders(machine, one) or ():
                value = _inside(machine, holder, key, one.place)
                if value is not None:
                    yield value, one.place


def of_application(machine: Machine, file: int) -> tuple[Put, ...]:
    """What is put into the settings of the application that a file belongs to."""
    own = group(machine, file)
    return tuple(one for one in settled(machine) if group(machine, one.place[0]) == own)


def settled(machine: Machine) -> tuple[Put, ...]:
    """What is put into settings, without what callers have filled meanwhile."""
    known = {(one.place, one.key) for one in machine.noted.put if one.value is not None and not one.value.open}
    return tuple(
        one for one in machine.noted.put
        if one.value is None or not one.value.open or (one.place, one.key) not in known
    )  # fmt: skip


def group(machine: Machine, file: int) -> str:
    """The folder of the program that a file belongs to: the nearest one with marks of its own, or the top."""
    if machine.noted.marked is None:
        machine.noted.marked = Components(source.path for source in machine.program.sources).marked()
    path = machine.program.sources[file].path
    return next((above for above in folders_above(path) if above in (machine.noted.marked or ())), "")


def holders(machine: Machine, one: Put) -> tuple[Holder, ...] | None:
    """The objects, modules and dictionaries that something put there may be; None where not all is known."""
    found = None if one.value is None else _holders(machine, one.value, one.place[0])
    return None if found is None else tuple(dict.fromkeys(found))[:MOST_HOLDERS]


# --- what is put there ------------------------------------------------------------------------------------------


def _holders(machine: Machine, value: Value, file: int, depth: int = 0) -> list[Holder] | None:
    if depth > 4:
        return None
    if isinstance(value, (Alt, Param, Deferred, Item)):
        options = _options(machine, value)
        parts = [_holders(machine, part, file, depth + 1) for part in options]
        known = [part for part in parts if part is not None]
        return [one for part in known for one in part] if known and len(known) == len(parts) else None
    if isinstance(value, Code):
        return [value] if machine.info(value.unit).kind == "class" else None
    if isinstance(value, (Module, Instance)):
        return [value]
    if isinstance(value, Record):
        return None if value.rest else [value]
    if isinstance(value, Setting) and value.how == "config":
        return [value] if machine.settings.is_known(value) else None
    said = literal(value)
    named = [] if said is None else [_named(machine, said, file)]
    if isinstance(value, Setting):
        texts = [literal(one) for one in (*machine.settings.values(value), value.default) if one is not None]
        named = [_named(machine, text, file) for text in texts if text]
    elif isinstance(value, Text) and said is None:
        named = list(_spelled(machine, value, file))
    known_ones = [one for one in named if one is not None]
    return known_ones if named and len(known_ones) == len(named) else None


def _options(machine: Machine, value: Value) -> tuple[Value, ...]:
    """What a value that is not decided may be: an alternative, a default, an element of a dictionary."""
    if isinstance(value, Alt):
        return value.values
    if isinstance(value, Param):
        defaults = machine.defaults.get(value.unit, ())
        default = defaults[value.index] if value.index < len(defaults) else None
        return () if default is None or is_none(default) else (default,)
    base: Value | None = value.base if isinstance(value, Item) else None
    if isinstance(value, Deferred) and value.op in ("item", "call"):
        base = value.operands[0]
        if value.op == "call":
            base = base.base if isinstance(base, Member) and base.name == "get" else None
    return tuple(dict.fromkeys(base.items)) if isinstance(base, Record) else ()


def _named(machine: Machine, said: str, file: int) -> Holder | None:
    """A module, or a name in one, that a text tells with dots; or a file of Python or of settings by its path."""
    if said.replace(".", "").isidentifier() and not said.endswith(".py"):
        found = _module(machine, said, file)
        above, _, name = said.rpartition(".")
        if found is None and above and (module := _module(machine, above, file)) is not None:
            held_there = machine.module_value(module, name, machine.program.module_unit(file))
            return held_there if isinstance(held_there, (Code, Instance, Module, Record)) else None
        return found
    if said.endswith(".py"):
        folders = ("", *folders_above(machine.program.sources[file].path))
        stems = (posixpath.normpath(posixpath.join(folder, said[: -len(".py")])) for folder in folders)
        return next((module for stem in stems if (module := machine.imports.at(stem)) and module.file >= 0), None)
    return None


def _module(machine: Machine, said: str, file: int) -> Module | None:
    found = machine.imports.resolve(file, said, 0)
    return found if isinstance(found, Module) and found.file >= 0 else None


def _spelled(machine: Machine, value: Text, file: int) -> Iterator[Holder | None]:
    """`f"app.config.{name}Config"`: the classes of the module that a part of the name chooses from."""
    first = value.parts[0] if value.parts and isinstance(value.parts[0], str) else ""
    last = value.parts[-1] if isinstance(value.parts[-1], str) and len(value.parts) > 1 else ""
    above, _, begin = first.rpartition(".")
    module = _module(machine, above, file) if above.replace(".", "").isidentifier() else None
    if module is None:
        yield None
        return
    for name in machine.program.exports(machine.program.module_unit(module.file)):
        if name.startswith(begin) and name.endswith(last):
            found = machine.module_value(module, name, machine.program.module_unit(file))
            if isinstance(found, Code) and machine.info(found.unit).kind == "class":
                yield found


def _inside(machine: Machine, holder: Holder, key: str, place: Place) -> Value | None:
    unit = machine.program.unit_at(place)
    if isinstance(holder, Record):
        return field_of(holder, key)
    if isinstance(holder, Module):
        return machine.module_value(holder, key, unit)
    if isinstance(holder, Setting):
        inside = machine.settings.below(holder) or ()
        return keys.child(machine, holder, machine.pool.text([key]), place) if key in inside else None
    if isinstance(holder, Code):
        return class_attribute(machine, holder.unit, key, unit)
    known = class_attribute(machine, holder.unit, key, unit) is not None or (holder.unit, key) in machine.fields
    return attribute(machine, holder, key, unit, place) if known else None


# --- where it is put --------------------------------------------------------------------------------------------


def _look_for_givers(machine: Machine) -> None:
    """Interprets the code that puts settings there, before the first place that asks for one."""
    if machine.noted.all_put:
        return
    machine.noted.all_put = True
    for unit in range(len(machine.program.units)):
        if not machine.is_test(unit) and unit not in machine.frames and _may_put(machine, unit):
            machine.interpret(unit)


def _may_put(machine: Machine, unit: int) -> bool:
    """Whether a unit says the name of a method that puts settings there, or stores under a key of such a name."""
    kept, written = machine.catalogue.kept, machine.program.units[unit].body
    if any(name.encode() in written for name in kept.methods):
        return True
    if not any(name.encode() in written for name in kept.attributes):
        return False
    body = machine.program.body(unit)
    bases = (body[step.base] for step in body if isinstance(step, SetItem) and step.base >= 0)
    return any(isinstance(base, Attribute) and base.name in kept.attributes for base in bases)
