"""Calls: of the repository's own code by filling its summary, of libraries by their rows."""

from __future__ import annotations

import msgspec

from mldebt.facts import NONE
from mldebt.link import keys
from mldebt.link.access import class_attribute
from mldebt.link.fitted import await_change, is_fitted, learn
from mldebt.link.handed import note
from mldebt.link.kinds import instance_kind, kind_of, library_bases
from mldebt.link.machine import DEEPEST, Arguments, Frame, Machine
from mldebt.link.picks import opaque
from mldebt.link.pool import any_argument_open
from mldebt.link.rows import apply_row, chosen
from mldebt.link.settings_classes import WHOLE, hand_on, keeps_section
from mldebt.link.unsettled import can_matter, has_effect
from mldebt.link.values import (
    Alt,
    Bound,
    Code,
    Deferred,
    Instance,
    Item,
    Lib,
    Member,
    Param,
    Place,
    Record,
    Sequence,
    Setting,
    Value,
    is_none,
    literal,
)

RECURSION_ROUNDS = 2
MOST_HOPS = 3
MOST_BASES = 8


class Site(msgspec.Struct, frozen=True, gc=False):
    """Where a call stands: its place and unit, the call sites around it, the name it is bound to,
    and the numbers of the values of its receiver and arguments, which a call can change."""

    place: Place
    unit: int
    chain: tuple[Place, ...] = ()
    final: bool = False
    name: str = ""
    receiver_at: int = NONE
    arguments_at: tuple[tuple[str, int], ...] = ()
    hops: int = 0


def change(machine: Machine, frame: Frame, index: int, value: Value) -> None:
    """Gives a step a new value: what it stands for was changed in place. All later uses see it."""
    if index != NONE and is_fitted(value):
        learn(frame, index, value)
    elif index != NONE:
        frame.values[index] = value


def call(machine: Machine, frame: Frame, callee: Value, arguments: Arguments, site: Site) -> Value:
    """The value of a call; what happens in it is noted in the frame."""
    if arguments and arguments[-1][0] == WHOLE and not keeps_section(machine, callee):
        arguments = keys.as_keywords(machine, arguments)
    if isinstance(callee, Member):
        return _member(machine, frame, callee, arguments, site)
    if isinstance(callee, Setting) and callee.keys:
        return _on_setting(machine, frame, callee, arguments, site)
    if isinstance(callee, Lib):
        return _library(machine, frame, callee.name, arguments, site)
    if isinstance(callee, Code):
        machine.noted.hand(callee.unit, site.place, arguments)
        if machine.info(callee.unit).kind == "class":
            return _construct(machine, frame, callee.unit, arguments, site)
        if not site.final and _forwards(machine, callee, arguments):
            return _defer(machine, frame, callee, arguments, site)
        return apply(machine, frame, callee.unit, arguments, site)
    if isinstance(callee, Bound):
        return _bound(machine, frame, callee, arguments, site)
    if isinstance(callee, Alt):
        return _alternatives(machine, frame, callee, arguments, site)
    if isinstance(callee, Instance):
        method = class_attribute(machine, callee.unit, "__call__", site.unit)
        if isinstance(method, Code):
            return apply(machine, frame, method.unit, (("", callee), *arguments), site)
    if callee.open and isinstance(callee, (Param, Deferred, Item)) and not site.final:
        return _defer(machine, frame, callee, arguments, site)
    return _call_value(machine, frame, callee, arguments, site)


def _alternatives(machine: Machine, frame: Frame, callee: Alt, arguments: Arguments, site: Site) -> Value:
    """One of several callees: whatever any of them gives, and whatever any of them makes of the receiver."""
    results: list[Value] = []
    receivers: list[Value] = []
    before = frame.values[site.receiver_at] if site.receiver_at != NONE else None
    parts = [part for part in callee.values if not (isinstance(part, Member) and is_none(part.base))]
    for part in parts or callee.values:
        base = part.base if isinstance(part, Member) else None
        if before is not None and base is not None:
            frame.values[site.receiver_at] = base
        results.append(call(machine, frame, part, arguments, site))
        if before is not None and base is not None:
            receivers.append(frame.values[site.receiver_at])
    if before is not None:
        frame.values[site.receiver_at] = machine.pool.alt(*receivers) if receivers else before
    return machine.pool.alt(*results)


def _forwards(machine: Machine, callee: Code, arguments: Arguments) -> bool:
    """Whether `*args` or `**kwargs` that a caller decides on are passed on."""
    starred = any(name in ("*", "**") and isinstance(value, Param) for name, value in arguments)
    return starred and machine.info(callee.unit).name != "__init__"


def _call_value(machine: Machine, frame: Frame, callee: Value, arguments: Arguments, site: Site) -> Value:
    """Calling an object of a library, such as a model: its `__call__` row, or data from data."""
    kind = kind_of(machine, callee)
    rows = machine.catalogue.of_method(kind, "__call__") if kind else ()
    if (row := chosen(rows, arguments)) is not None:
        return apply_row(machine, frame, row, f"{kind}.__call__", callee, arguments, site, sure=True)
    return machine.pool.derived("", callee, *(value for _, value in arguments))


def _defer(machine: Machine, frame: Frame, callee: Value, arguments: Arguments, site: Site) -> Value:
    if not can_matter(machine, callee) or site.hops > MOST_HOPS:
        return machine.pool.derived("", callee, *[value for _, value in arguments])
    waiting = _waiting(machine, frame, callee, arguments, site)
    if not isinstance(callee, Member) or has_effect(machine, callee, arguments):
        machine.emit(frame, waiting)
    await_change(machine, frame, callee, arguments, waiting, site.receiver_at)
    return waiting


def _waiting(machine: Machine, frame: Frame, callee: Value, arguments: Arguments, site: Site) -> Deferred:
    names, operands = tuple([name for name, _ in arguments]), (callee, *[value for _, value in arguments])
    return machine.pool.deferred("call", operands, site.place, site.unit, names, site.hops, frame.undecided())


def _bound(machine: Machine, frame: Frame, callee: Bound, arguments: Arguments, site: Site) -> Value:
    if (
        len(callee.arguments) == 1
        and isinstance(callee.arguments[0][1], (Instance, Param))
        and site.receiver_at != NONE
    ):
        shifted = (("", site.receiver_at), *site.arguments_at)
        site = Site(site.place, site.unit, site.chain, site.final, site.name, NONE, shifted)
    elif callee.arguments:
        site = Site(site.place, site.unit, site.chain, site.final, site.name)
    return call(machine, frame, callee.callee, (*callee.arguments, *arguments), site)


def _member(machine: Machine, frame: Frame, callee: Member, arguments: Arguments, site: Site) -> Value:
    base, name = callee.base, callee.name
    if isinstance(base, Code):
        return _on_code(machine, frame, base, name, arguments, site)
    if isinstance(base, Bound) and isinstance(base.callee, Code):
        return _on_code(machine, frame, base.callee, name, (*base.arguments, *arguments), site)
    kind = kind_of(machine, base)
    row = chosen(machine.catalogue.of_method(kind, name), arguments) if kind else None
    if row is not None and row.op == "option" and isinstance(base, Param) and not site.final:
        waiting = _waiting(machine, frame, callee, arguments, site)
        machine.emit(frame, waiting)
        return waiting
    if row is not None:
        return apply_row(machine, frame, row, f"{kind}.{name}", base, arguments, site, sure=True)
    if base.open and not kind and not site.final:
        return _defer(machine, frame, callee, arguments, site)
    unknown = not kind or kind.partition(".")[0] == "pickle"
    row = chosen(machine.catalogue.distinctive.get(name, ()), arguments) if unknown else None
    if row is not None:
        return apply_row(machine, frame, row, f"?.{name}", base, arguments, site, sure=False)
    if kind:
        _count(machine, f"{kind}.{name}")
    summed = kind in ("", "number") and not arguments and name in machine.catalogue.sums
    return opaque(machine, "number" if summed else "", site.place, site.unit, base, *[value for _, value in arguments])


def _on_setting(machine: Machine, frame: Frame, callee: Setting, arguments: Arguments, site: Site) -> Value:
    """What is called of a settings file is no key but a method of what stands there, which was asked for before."""
    base, name = keys.above(machine, callee), callee.keys[-1]
    machine.settings.called.update(dict.fromkeys((callee, base)))
    guessed = ("dict", "text") if not kind_of(machine, base) else ()
    for kind in (kind_of(machine, base), *guessed):
        row = chosen(machine.catalogue.of_method(kind, name), arguments) if kind else None
        if row is not None:
            return apply_row(machine, frame, row, f"{kind}.{name}", base, arguments, site, sure=True)
    return opaque(machine, "", site.place, site.unit, base, *[value for _, value in arguments])


def _on_code(machine: Machine, frame: Frame, base: Code, name: str, arguments: Arguments, site: Site) -> Value:
    """`task.submit(...)`, `function.delay(...)`: what a decorator added calls the function."""
    if machine.info(base.unit).kind == "class":
        methods = machine.catalogue.of_method(instance_kind(machine, base.unit), name)
        rows = [machine.rows_of_call(f"{library}.{name}") for library in library_bases(machine, base.unit)]
        row = next((row for one in (*rows, methods) if (row := chosen(one, arguments)) is not None), None)
        if row is not None:
            return apply_row(machine, frame, row, name, base, arguments, site, sure=True)
        return machine.pool.derived("", *(value for _, value in arguments))
    if machine.made.get(base.unit):
        if (row := chosen(machine.catalogue.of_method("task", name), arguments)) is not None:
            return apply_row(machine, frame, row, name, base, arguments, site, sure=True)
        return apply(machine, frame, base.unit, arguments, site)
    return machine.pool.derived("", *(value for _, value in arguments))


def _library(machine: Machine, frame: Frame, name: str, arguments: Arguments, site: Site) -> Value:
    if name == "builtins.super":
        return _super(machine, site)
    row = chosen(machine.rows_of_call(name), arguments)
    if row is not None:
        return apply_row(machine, frame, row, name, None, arguments, site, sure=True)
    _count(machine, name)
    for _, value in arguments:
        if isinstance(value, Code):
            machine.refer(value.unit, site.unit)
    return opaque(machine, "", site.place, site.unit, *[value for _, value in arguments])


def _super(machine: Machine, site: Site) -> Value:
    owner = machine.program.parent(site.unit)
    first = machine.pool.param(site.unit, 0, "self")
    for base in machine.bases.get(owner, ()):
        if isinstance(base, Code):
            return machine.pool.member(machine.pool.bound(base, (("", first),)), "super")
    return machine.pool.derived("")


def _count(machine: Machine, name: str) -> None:
    """Notes a call of which nothing is known; a decorator that is given something is none."""
    if not machine.catalogue.makes(name):
        machine.unknown_calls[name] = machine.unknown_calls.get(name, 0) + 1


def _construct(machine: Machine, frame: Frame, unit: int, arguments: Arguments, site: Site) -> Value:
    """An object of a class; `__init__` runs with it."""
    machine.refer(unit, site.unit)
    machine.calls[site.unit, unit, site.place] = None
    if library_bases(machine, unit):
        machine.noted.constructed.setdefault(site.place, arguments)
    init = class_attribute(machine, unit, "__init__", site.unit)
    if isinstance(init, Code):
        hand_on(machine, frame, arguments, site.place)
        instance = object_of(machine, unit, init, arguments, site.place)
        inner = Site(site.place, site.unit, site.chain, site.final)
        apply(machine, frame, init.unit, (("", instance), *arguments), inner)
        return instance
    named = _named(arguments, _fields(machine, unit))
    if arguments and arguments[-1][0] == WHOLE and keeps_section(machine, machine.pool.code(unit)):
        named = (*named, arguments[-1])
    return machine.pool.instance(unit, named, site.place)


def object_of(machine: Machine, unit: int, init: Code, arguments: Arguments, place: Place) -> Instance:
    """The object that a class makes, by the names of what it is made of."""
    names = [parameter.name for parameter in machine.info(init.unit).parameters][1:]
    return machine.pool.instance(unit, _named(arguments, names), place)


def _fields(machine: Machine, unit: int, depth: int = 0) -> list[str]:
    """The fields of a class without `__init__`, in the order in which they are written."""
    names: dict[str, None] = {}
    for base in machine.bases.get(unit, ()) if depth < MOST_BASES else ():
        if isinstance(base, Code):
            names.update(dict.fromkeys(_fields(machine, base.unit, depth + 1)))
    exports = sorted(machine.info(unit).exports, key=lambda pair: pair[1])
    return list(names | dict.fromkeys(name for name, _ in exports))


def _named(arguments: Arguments, names: list[str]) -> Arguments:
    positional = iter(names)
    return tuple((name or next(positional, ""), value) for name, value in arguments if not name.startswith("*"))


def apply(machine: Machine, frame: Frame, unit: int, arguments: Arguments, site: Site) -> Value:
    """Calls a function of the repository: fills its summary with the arguments."""
    machine.refer(unit, site.unit)
    machine.calls[site.unit, unit, site.place] = None
    if machine.is_test(site.unit) and not machine.is_test(unit):
        return machine.pool.derived("", *(value for _, value in arguments))
    if machine.applying.count(unit) >= RECURSION_ROUNDS or len(machine.applying) >= DEEPEST:
        machine.pool.count("recursion")
        return machine.pool.not_followed("recursion", *(value for _, value in arguments))
    _prepare(machine, unit)
    for _, value in arguments:
        machine.consume(unit, value, site.place)
    closed = not any_argument_open(arguments)
    key = (unit, arguments, site.place, site.chain)
    if closed and key in machine.applied:
        return machine.applied[key]
    machine.applying.append(unit)
    try:
        returned = _filled(machine, frame, unit, arguments, site)
    finally:
        machine.applying.pop()
    if closed and not machine.interpret(unit).updates:
        machine.applied[key] = returned
    return returned


def _filled(machine: Machine, frame: Frame, unit: int, arguments: Arguments, site: Site) -> Value:
    from mldebt.link.filling import LONGEST_CHAIN, Filler  # filling calls back what becomes known
    from mldebt.link.own_methods import on_object

    bound = bind(machine, unit, arguments)
    note(machine, unit, bound, frame.unit)
    owner = bound.get((unit, 0))
    summary = on_object(machine, unit, owner) if isinstance(owner, Instance) else machine.interpret(unit)
    deep = len(site.chain) >= LONGEST_CHAIN
    if deep:
        machine.pool.count("context")
    filler = Filler(machine, frame, bound, site.place, final=deep, around=site.chain)
    for effect in summary.effects:
        filler.effect(effect)
    for index, value in summary.updates:
        change(machine, frame, _argument_at(machine, unit, index, site), filler.fill(value))
    returned = filler.fill(summary.returns)
    if machine.info(site.unit).kind == "function":
        machine.consume(site.unit, returned, site.place, returned=True)
    return returned


def _prepare(machine: Machine, unit: int) -> None:
    """Defaults and decorators are known once the units around a function have run."""
    module = machine.program.module_unit(machine.program.file_of[unit])
    if module not in machine.frames:
        machine.interpret(module)


def bind(machine: Machine, unit: int, arguments: Arguments) -> dict[tuple[int, int], Value]:
    """The values of a unit's parameters for these arguments; defaults where none is given."""
    parameters = machine.info(unit).parameters
    positional, keywords, rest = _spread(arguments)
    bound: dict[tuple[int, int], Value] = {}
    for index, parameter in enumerate(parameters):
        key = unit, index
        if parameter.kind == "*":
            bound[key] = machine.pool.sequence("tuple", tuple(positional), rest=rest)
            positional = []
        elif parameter.kind == "**":
            names = tuple(machine.pool.text([name]) for name in keywords)
            bound[key] = machine.pool.record(names, tuple(keywords.values()), rest=rest)
        elif parameter.kind != "k" and positional:
            bound[key] = positional.pop(0)
        elif parameter.name in keywords:
            bound[key] = keywords.pop(parameter.name)
        else:
            bound[key] = _default(machine, unit, index, rest, arguments)
    return bound


def _default(machine: Machine, unit: int, index: int, rest: bool, arguments: Arguments) -> Value:
    """A parameter that is not given by itself: what is unpacked may hold it."""
    defaults = machine.defaults.get(unit, ())
    default = defaults[index] if index < len(defaults) else None
    if default is not None and (default.open or not rest):
        return default
    unpacked = [value for name, value in arguments if name == WHOLE and isinstance(value, Item)]
    missing = machine.pool.not_followed("argument not followed", *unpacked)
    return missing if default is None else machine.pool.alt(default, missing)


def _spread(arguments: Arguments) -> tuple[list[Value], dict[str, Value], bool]:
    """Positional and keyword arguments with known `*` and `**` unpacked; whether some are not known."""
    positional: list[Value] = []
    keywords: dict[str, Value] = {}
    rest = False
    for name, value in arguments:
        if name == "*":
            rest = rest or not isinstance(value, Sequence) or value.rest
            positional += value.items if isinstance(value, Sequence) else ()
        elif name == "**":
            rest = rest or not isinstance(value, Record) or value.rest
            keywords |= _texts(value) if isinstance(value, Record) else {}
        elif name:
            keywords[name] = value
        else:
            positional.append(value)
    return positional, keywords, rest


def _texts(record: Record) -> dict[str, Value]:
    pairs = zip(record.keys, record.items, strict=True)
    return {name: value for key, value in pairs if (name := literal(key)) is not None}


def _argument_at(machine: Machine, unit: int, index: int, site: Site) -> int:
    """The number of the value that was passed for a parameter, if it is a value of the caller."""
    parameter = machine.info(unit).parameters[index]
    for name, at in site.arguments_at:
        if name == parameter.name:
            return at
    positional = [at for name, at in site.arguments_at if not name]
    return positional[index] if index < len(positional) else NONE
