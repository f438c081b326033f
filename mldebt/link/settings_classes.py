"""Classes of the repository whose fields are settings: objects that are made of a section of a file.

`Settings(**loaded)` keeps the section whole, and each field is looked up when it is asked for. So a key is read where
its field is read, and a path that is not known yet does not lose the fields."""

from __future__ import annotations

from mldebt.link import keys
from mldebt.link.environment_fields import below, required, variables_of
from mldebt.link.kinds import instance_kind, library_bases
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.values import (
    Alt,
    Code,
    Event,
    Instance,
    Item,
    Lib,
    Place,
    Record,
    Scalar,
    Sequence,
    Setting,
    Text,
    Value,
    literal,
)

WHOLE = "**"
GIVEN = "given"
"""What an event is that hands all of something on."""
_ONE_OF = frozenset({"typing.Optional", "typing.Annotated", "typing.Union"})
_MOST_BASES = 8


def keeps_section(machine: Machine, callee: Value) -> bool:
    """Whether a call makes an object whose fields are given by name: a class of checked fields, a plain one that says
    nothing of how it is made, or a library's whose attributes are the keys of a mapping."""
    if isinstance(callee, Lib):
        return any(row.op == "attributes" for row in machine.rows_of_call(callee.name))
    if not isinstance(callee, Code) or machine.info(callee.unit).kind != "class":
        return False
    if is_checked(machine, callee.unit):
        return True
    return not library_bases(machine, callee.unit) and "__init__" not in machine.program.exports(callee.unit)


def is_checked(machine: Machine, unit: int) -> bool:
    """Whether the fields of a class are checked, and made of what stands under their names."""
    return instance_kind(machine, unit).partition(".")[0] == "config"


def given(machine: Machine, instance: Instance, name: str, place: Place) -> Value | None:
    """What an object was made with for a field; None where nothing was given. Of a section that is given as it is or
    with something put into it, the section tells."""
    own = dict(instance.arguments)
    if name in own:
        return own[name]
    whole = keys.settled(machine, own[WHOLE]) if WHOLE in own else None
    ones = whole.values if isinstance(whole, Alt) else (whole,)
    return next((found for one in ones if (found := _under(machine, one, name, place)) is not None), None)


def _under(machine: Machine, whole: Value | None, name: str, place: Place) -> Value | None:
    """What stands under a name in a section or dictionary."""
    if isinstance(whole, Setting) and whole.how == "config":
        there = machine.settings.below(whole)
        lacks = there is not None and name not in there
        return None if lacks else keys.child(machine, whole, machine.pool.text([name]), place)
    if isinstance(whole, Record):
        pairs = zip(whole.keys, whole.items, strict=True)
        return next((value for key, value in pairs if literal(key) == name), None)
    return None


def may_be_filled(machine: Machine, unit: int) -> bool:
    """Whether code makes an object of a class of whatever stands in a dictionary that is not known: its fields may be
    given there, whatever the class says."""
    calls = (
        several for (made, place), several in machine.noted.handed.items()
        if made == unit and not machine.is_test(machine.program.unit_at(place))
    )  # fmt: skip
    wholes = (dict(arguments).get(WHOLE) for several in calls for arguments in several)
    return any(whole is not None and not (isinstance(whole, Record) and not whole.rest) for whole in wholes)


def field(machine: Machine, instance: Instance, name: str, default: Value, place: Place) -> Value:
    """A field of an object of checked fields: a setting, or the object that a section under its name makes."""
    value = given(machine, instance, name, place)
    inner = _class_of(machine, instance.unit, name)
    if inner is not None and is_checked(machine, inner):
        if value is None and not isinstance(default, (Instance, Scalar)):
            return machine.pool.instance(inner, below(machine, instance, name), instance.place)
        if value is None and isinstance(default, Instance) and is_checked(machine, default.unit):
            arguments = (*default.arguments, *below(machine, instance, name))
            return machine.pool.instance(default.unit, arguments, default.place)
        if isinstance(value, Record) or (isinstance(value, Setting) and keys.is_section(machine, value)):
            return machine.pool.instance(inner, ((WHOLE, value),), instance.place)
    if isinstance(value, Setting) and value.how == "config":
        return value
    where, variables = _place_of(default, instance.place), variables_of(machine, instance, name)
    declared = required(machine, instance, name) if value is None else None
    if declared is not None:
        return machine.pool.setting("field", name, None, declared, variables)
    return machine.pool.setting("field", name, value or default, where, variables)


def note_class(machine: Machine, unit: int, name: str, annotation: Value) -> None:
    """Notes the class of the repository that the annotation of a field names."""
    found = _class_in(annotation)
    if found is not None and machine.info(unit).kind == "class" and machine.info(found).kind == "class":
        machine.noted.typed[unit, name] = found


def _class_of(machine: Machine, unit: int, name: str, depth: int = 0) -> int | None:
    found = machine.noted.typed.get((unit, name))
    for base in machine.bases.get(unit, ()) if found is None and depth < _MOST_BASES else ():
        if isinstance(base, Code):
            found = _class_of(machine, base.unit, name, depth + 1) if found is None else found
    return found


def _class_in(annotation: Value) -> int | None:
    """The one class that an annotation names, beside None."""
    if isinstance(annotation, Code):
        return annotation.unit
    parts: tuple[Value, ...] = ()
    if isinstance(annotation, Alt):
        parts = annotation.values
    elif isinstance(annotation, Item) and isinstance(annotation.base, Lib) and annotation.base.name in _ONE_OF:
        parts = annotation.key.items if isinstance(annotation.key, Sequence) else (annotation.key,)
    return next((unit for part in parts if (unit := _class_in(part)) is not None), None)


def _place_of(default: Value, otherwise: Place) -> Place:
    if isinstance(default, Text) and default.places:
        return default.places[0]
    return default.place if isinstance(default, Scalar) and default.place[0] >= 0 else otherwise


def hand_on(machine: Machine, frame: Frame, arguments: Arguments, place: Place) -> None:
    """Notes that all of what a caller decides on is given to a class, be it a section of the settings."""
    open_ones = tuple((name, value) for name, value in arguments if name == WHOLE and value.open)
    if open_ones and not machine.is_test(frame.unit):
        event = Event(
            open=True, what=GIVEN, row=None, callee="", place=place, unit=frame.unit, receiver=None,
            arguments=open_ones, chain=(), guards=(), sure=True,
        )  # fmt: skip
        machine.emit(frame, machine.pool.event(event))
