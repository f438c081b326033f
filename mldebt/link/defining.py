"""Functions and classes as values: defaults, annotations, bases, and what decorators make of them."""

from __future__ import annotations

from mldebt.facts import NONE, Call, Define
from mldebt.link import keys
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Frame, Machine, Made
from mldebt.link.slots import chosen
from mldebt.link.values import Alt, Code, Derived, Lib, Member, Place, Setting, Value, is_none, literal

_HANDS = "hands"
"""The trait of decorators that give the first parameter a value of the kind of their result."""


def define(machine: Machine, frame: Frame, step: Define, place: Place) -> Value:
    """The value of a `def`, `class` or `lambda`."""
    unit = machine.unit_of(frame.file, step.unit)
    code = machine.pool.code(unit)
    machine.defaults[unit] = tuple(None if d == NONE else frame.values[d] for d in step.defaults)
    machine.annotations[unit] = tuple(None if a == NONE else frame.values[a] for a in step.annotations)
    if machine.info(unit).kind == "class":
        machine.bases[unit] = tuple(
            _of_library(machine, frame, frame.values[base.value]) for base in step.bases if not base.name
        )
        for base in machine.bases[unit]:
            if isinstance(base, Code):
                machine.refer(base.unit, unit)
    made = [_made(machine, frame, index, place) for index in step.decorators]
    machine.made[unit] = [one for one in made if one is not None]
    if machine.made[unit]:
        _options(machine, unit)
        _command(machine, unit)
        _settings(machine, unit)
    if machine.info(unit).kind == "class":
        machine.interpret(unit)
    return code


def _options(machine: Machine, unit: int) -> None:
    """A decorator that makes an option gives the parameter of its name a default."""
    places = {parameter.name: index for index, parameter in enumerate(machine.info(unit).parameters)}
    defaults = list(machine.defaults.get(unit) or [None] * len(places))
    lines, file, part = machine.command_lines, machine.program.file_of[unit], machine.info(unit).name
    by_place = 0
    for made in machine.made[unit]:
        named = dict(made.arguments)
        spelled = [literal(value) or "" for name, value in made.arguments if not name]
        index = next((places[key] for key in map(parameter_name, spelled) if key in places), None)
        if made.what != "option" or index is None:
            continue
        flag = "is_flag" in named
        default = named.get("default", machine.pool.scalar(False) if flag else None)
        if any(name.startswith("-") for name in spelled):
            defaults[index] = lines.option(file, spelled, default, made.place, flag=flag, part=part)
        else:
            defaults[index] = lines.argument(file, spelled[0], by_place, default, made.place, part)
            by_place += 1
    machine.defaults[unit] = tuple(defaults)


def _command(machine: Machine, unit: int) -> None:
    """The parameters of a function that a decorator makes a command are its options, where no other says so."""
    made = machine.made[unit]
    if not any(one.what == "command" for one in made) or any(one.what == "option" for one in made):
        return
    info, lines, file = machine.info(unit), machine.command_lines, machine.program.file_of[unit]
    defaults = list(machine.defaults.get(unit) or [None] * len(info.parameters))
    by_place = 0
    for index, parameter in enumerate(info.parameters):
        default, place = defaults[index], (file, parameter.start, parameter.end)
        known = default.default if isinstance(default, Setting) else default
        if known is None or isinstance(known, Derived):
            value = lines.argument(file, parameter.name, by_place, None, place, info.name)
            by_place += 1
        else:
            value = lines.option(file, (_option_name(parameter.name),), known, place, part=info.name)
        told = isinstance(value, Alt) or (isinstance(value, Setting) and value.default not in (None, known))
        if told or (known is not None and _says_nothing(known)):
            defaults[index] = value
    machine.defaults[unit] = tuple(defaults)


def _says_nothing(default: Value) -> bool:
    """Whether a default only stands for what is not given: code looks whether something was."""
    return is_none(default) or literal(default) == ""


def _option_name(parameter: str) -> str:
    return f"--{parameter.replace('_', '-')}"


def _settings(machine: Machine, unit: int) -> None:
    """A decorator that loads a settings file gives it to the first parameter; one that hands something else tells of
    which kind that is."""
    defaults = list(machine.defaults.get(unit) or [None] * len(machine.info(unit).parameters))
    for made in machine.made[unit]:
        row = chosen(machine.rows_of_call(made.callee), made.arguments)
        if row is None or not defaults or defaults[0] is not None:
            continue
        if _HANDS in row.traits:
            defaults[0] = machine.pool.derived(row.result[0])
        elif row.op == "config.load":
            machine.noted.mean(row, made.place, sure=True)
            path = keys.file_beside(machine, row, made.arguments, made.place)
            defaults[0] = keys.loaded(machine, path, made.place)
    machine.defaults[unit] = tuple(defaults)


def parameter_name(option: str) -> str:
    """The name under which a function has an option of its command."""
    return option.partition("/")[0].lstrip("-").replace("-", "_").lower()


def _made(machine: Machine, frame: Frame, index: int, place: Place) -> Made | None:
    step = frame.steps[index]
    arguments: tuple[tuple[str, Value], ...] = ()
    callee, at = frame.values[index], (frame.file, step.start, step.end)
    if isinstance(step, Call):
        callee = frame.values[step.callee]
        arguments = tuple((argument.name, frame.values[argument.value]) for argument in step.arguments)
    callee = _of_library(machine, frame, callee)
    if isinstance(callee, Code):
        machine.refer(callee.unit, frame.unit)
        return Made("", machine.info(callee.unit).id, arguments, place, at)
    name = _decorator_name(machine, callee)
    return Made(machine.catalogue.makes(name), name, arguments, place, at) if name else None


def _of_library(machine: Machine, frame: Frame, value: Value) -> Value:
    """What an import brings; of a stand-in for where the library is missing only the name is used."""
    parts = value.values if isinstance(value, Alt) else ()
    for part in parts:
        if isinstance(part, Code):
            machine.refer(part.unit, frame.unit)
    found = (part for part in parts if isinstance(part, Lib) and not part.name.startswith("builtins."))
    return next(found, value)


def _decorator_name(machine: Machine, callee: Value) -> str:
    if isinstance(callee, Lib):
        return callee.name
    if isinstance(callee, Member):
        kind = kind_of(machine, callee.base)
        return machine.catalogue.decorator_of(kind, callee.name) or f"{kind or '?'}.{callee.name}"
    return ""
