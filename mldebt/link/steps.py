"""What each kind of step does to the values of a unit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mldebt import facts
from mldebt.facts import NONE
from mldebt.link import app_settings, operators
from mldebt.link.access import ITERATE, ROW_INDEXERS, attribute, item
from mldebt.link.calling import Site, call, change
from mldebt.link.checking import checked, stopped
from mldebt.link.choosing import better, told_score
from mldebt.link.columns import column_written, columns_chosen
from mldebt.link.defining import define
from mldebt.link.environment_fields import note_field
from mldebt.link.held import note_added, note_column, note_put
from mldebt.link.injected import is_state, keep
from mldebt.link.kinds import kind_made_by, kind_of
from mldebt.link.machine import Frame, Machine
from mldebt.link.names import import_value, load, star_import
from mldebt.link.names_left import narrowed
from mldebt.link.noted import SENT, SUBCLASSES
from mldebt.link.picks import ends_of, marked_key, unpacked
from mldebt.link.rows import iterated
from mldebt.link.settings_classes import note_class
from mldebt.link.values import (
    Alt,
    Bound,
    Code,
    Deferred,
    Derived,
    Handle,
    Instance,
    Item,
    Lib,
    Member,
    Param,
    Place,
    Record,
    Result,
    Scalar,
    Sequence,
    Setting,
    Text,
    Unknown,
    Value,
    literal,
)
from mldebt.roles import Role

Handler = Callable[[Machine, Frame, int, Any], None]
MOST_SHELVED = 16


def _place(frame: Frame, step: Any) -> Place:
    return (frame.file, step.start, step.end)


def _operand(machine: Machine, frame: Frame, index: int) -> Value:
    return machine.pool.unknown if index == NONE else frame.values[index]


def _const(machine: Machine, frame: Frame, index: int, step: facts.Const) -> None:
    place = _place(frame, step)
    if isinstance(step.value, str) and step.kind in ("", "long"):
        frame.values[index] = machine.pool.string(step.value, place)
    elif step.kind:
        frame.values[index] = machine.pool.derived("")
    else:
        frame.values[index] = machine.pool.scalar(step.value, place)


def _param(machine: Machine, frame: Frame, index: int, step: facts.Param) -> None:
    value = machine.pool.param(frame.unit, step.index, step.name)
    frame.values[index] = value
    frame.parameters.append(value)


def _load(machine: Machine, frame: Frame, index: int, step: facts.Load) -> None:
    frame.values[index] = load(machine, frame, step.name)
    if isinstance(frame.values[index], (Alt, Unknown, Deferred)):
        machine.noted.name(step.name, frame.unit)
    if machine.info(frame.unit).kind == "function":
        machine.consume(frame.unit, frame.values[index], _place(frame, step))


def _import(machine: Machine, frame: Frame, index: int, step: facts.Import) -> None:
    frame.values[index] = import_value(machine, frame, step)
    if isinstance(frame.values[index], (Alt, Unknown, Deferred)):
        machine.noted.name(step.name or step.bound, frame.unit)


def _star(machine: Machine, frame: Frame, index: int, step: facts.StarImport) -> None:
    star_import(machine, frame, step)


def _attribute(machine: Machine, frame: Frame, index: int, step: facts.Attribute) -> None:
    base = frame.values[step.base]
    value = attribute(machine, base, step.name, frame.unit, _place(frame, step))
    frame.values[index] = value
    if value.open and machine.settings.paths:
        machine.noted.asked.setdefault(value, _place(frame, step))
    for row in machine.rows_of_call(value.name) if type(value) is Lib else ():
        if SENT in row.traits:
            machine.noted.mean(row, _place(frame, step), sure=True)
    if step.name in machine.catalogue.own_scores:
        told_score(machine, frame, _place(frame, step), base, step.name)
    if step.name == SUBCLASSES:
        machine.noted.families[base] = None
    if not isinstance(value, (Lib, Code, Bound)):
        _note_attribute(machine, base, step.name, frame.unit)
    if isinstance(value, Setting):
        machine.setting_uses.setdefault((value, frame.unit), _place(frame, step))


def _note_attribute(machine: Machine, base: Value, name: str, unit: int) -> None:
    owner = machine.program.parent(base.unit) if isinstance(base, Param) and base.index == 0 else -1
    if owner >= 0 and machine.info(owner).kind == "class":
        machine.noted.own.setdefault((owner, name), set()).add(unit)
    else:
        machine.noted.attribute(name, unit)
        if isinstance(base, (Unknown, Alt)) or (isinstance(base, Derived) and not base.kind):
            machine.noted.asked_of_unknown.setdefault(name, set()).add(unit)


def _item(machine: Machine, frame: Frame, index: int, step: facts.Item) -> None:
    base, key = frame.values[step.base], frame.values[step.key]
    if isinstance(base, (Result, Item)) and (name := literal(key)) is not None:
        machine.noted.columns_asked.setdefault((base, name), _place(frame, step))
    ends = ends_of(machine, frame, step.base, step.key)
    chosen = columns_chosen(machine, frame, _place(frame, step), base, key, ends)
    key = marked_key(machine, _place(frame, step), frame.unit, base, key, ends)
    chosen = chosen or _word(machine, frame, step, base, key)
    frame.values[index] = frame.put.get((base, key)) or (item(machine, base, key) if chosen is None else chosen)


def _word(machine: Machine, frame: Frame, step: facts.Item, base: Value, key: Value) -> Value | None:
    """`argv[1]`: what commands give a script at this place."""
    if not isinstance(base, Lib) or not isinstance(key, Scalar) or type(key.value) is not int:
        return None
    if not any(row.role is Role.CONFIGURE for row in machine.rows_of_call(base.name)):
        return None
    return machine.command_lines.word(frame.file, key.value, _place(frame, step))


def _slice(machine: Machine, frame: Frame, index: int, step: facts.Slice) -> None:
    parts = [frame.values[part] for part in (step.lower, step.upper, step.stride) if part != NONE]
    kind = "slice.open" if parts and _is_open_ended(frame, step) else "slice" if parts else "slice.whole"
    frame.values[index] = machine.pool.derived(kind, *parts)


def _is_open_ended(frame: Frame, step: facts.Slice) -> bool:
    """Whether what it takes depends on how much there is: `1:`, `:-1`."""
    if step.upper == NONE:
        return True
    upper = frame.steps[step.upper]
    negative = isinstance(upper, facts.Const) and isinstance(upper.value, int) and upper.value < 0
    return negative or isinstance(upper, facts.Unary)


def give(machine: Machine, frame: Frame, value: Value) -> None:
    """A value that code hands on. What only a test hands on, as a module of which it puts something else in the place
    of a function, nothing that runs calls."""
    if not machine.is_test(frame.unit):
        machine.noted.give(value)


def _set_attribute(machine: Machine, frame: Frame, index: int, step: facts.SetAttribute) -> None:
    base, value = frame.values[step.base], frame.values[step.value]
    machine.noted.assigned.add(step.name)
    give(machine, frame, value)
    if isinstance(base, Param) and base.index == 0:
        owner = machine.program.parent(base.unit)
        if owner >= 0 and machine.info(owner).kind == "class":
            machine.store(owner, step.name, value, base.unit)
            return
    if isinstance(base, Instance):
        machine.store(base.unit, step.name, value, -1)
    elif is_state(machine, base):
        keep(machine, step.name, value, frame.unit)
    elif not isinstance(base, Code):
        changed = column_written(machine, frame, _place(frame, step), base, None, value, step.name)
        if changed is not None:
            change(machine, frame, step.base, changed)


def _set_item(machine: Machine, frame: Frame, index: int, step: facts.SetItem) -> None:
    base, key, value = frame.values[step.base], frame.values[step.key], frame.values[step.value]
    pool = machine.pool
    give(machine, frame, value)
    if isinstance(base, Member) and isinstance(base.base, Param):
        frame.put[base, key] = value  # a dictionary of an object holds it under this very key until the function ends
    note_put(machine, base, key, value)
    if isinstance(base, Record):
        change(machine, frame, step.base, _with_key(machine, base, key, value))
        _note_shelf(machine, frame, step.base, key, value)
    elif isinstance(base, Sequence):
        change(machine, frame, step.base, pool.sequence(base.kind, (*base.items, value), True))
    elif isinstance(base, Deferred) and base.op == "global":
        _note_shelf(machine, frame, step.base, key, value)
    elif kind_of(machine, base).partition(".")[0] == "array":
        change(machine, frame, step.base, pool.derived(kind_of(machine, base), base, value))
    elif isinstance(base, Member) and app_settings.keeps(machine, base):
        app_settings.put(machine, _place(frame, step), value, literal(key) or "")
    elif not isinstance(base, Handle):
        changed = column_written(machine, frame, _place(frame, step), base, key, value, "")
        if changed is not None:
            note_column(machine, base, changed)
            change(machine, frame, _table_at(frame, step.base, base), changed)


def _table_at(frame: Frame, index: int, base: Value) -> int:
    """The number of the table itself where a store goes by its rows, as in `table.loc[...]`."""
    step = frame.steps[index]
    by_rows = isinstance(base, Member) and base.name in ROW_INDEXERS
    return step.base if by_rows and isinstance(step, facts.Attribute) else index


def _with_key(machine: Machine, base: Record, key: Value, value: Value) -> Record:
    wanted = literal(key)
    if wanted is None and not isinstance(key, Scalar):
        return machine.pool.record((*base.keys, key), (*base.items, value), base.rest)
    kept = [(k, v) for k, v in zip(base.keys, base.items, strict=True) if literal(k) != wanted or wanted is None]
    kept.append((key, value))
    return machine.pool.record(tuple(k for k, _ in kept), tuple(v for _, v in kept), base.rest)


def _note_shelf(machine: Machine, frame: Frame, base: int, key: Value, value: Value) -> None:
    """A store into a dictionary of the module, from a function, is seen by every other function."""
    step = frame.steps[base]
    if isinstance(step, facts.Load):
        known = machine.shelves.setdefault((frame.file, step.name), {})
        if len(known) < MOST_SHELVED:
            known[machine.pool.unknown if key.open else key, value] = None


def _set_global(machine: Machine, frame: Frame, index: int, step: facts.SetGlobal) -> None:
    machine.globals.setdefault((frame.file, step.name), {})[frame.values[step.value]] = None


def _call(machine: Machine, frame: Frame, index: int, step: facts.Call) -> None:
    callee = frame.values[step.callee]
    arguments = tuple([(argument.name, frame.values[argument.value]) for argument in step.arguments])
    sources = tuple([(argument.name, argument.value) for argument in step.arguments])
    machine.noted.call(callee, frame.file, (value for _, value in arguments), test=machine.is_test(frame.unit))
    note_added(machine, callee, arguments)
    for _, value in arguments:
        give(machine, frame, value)
    name, receiver = frame.names.get(index, ""), _receiver_index(frame, step.callee)
    site = Site(_place(frame, step), frame.unit, (), False, name, receiver, sources)
    frame.values[index] = call(machine, frame, callee, arguments, site)


def _receiver_index(frame: Frame, callee: int) -> int:
    step = frame.steps[callee]
    return step.base if isinstance(step, facts.Attribute) else NONE


def _template(machine: Machine, frame: Frame, index: int, step: facts.Template) -> None:
    frame.values[index] = operators.template(machine, frame, step, _place(frame, step))


def _unary(machine: Machine, frame: Frame, index: int, step: facts.Unary) -> None:
    frame.values[index] = operators.unary(machine, step.operator, frame.values[step.operand], frame.unit)


def _binary(machine: Machine, frame: Frame, index: int, step: facts.Binary) -> None:
    left, right = frame.values[step.left], frame.values[step.right]
    frame.values[index] = operators.binary(machine, step.operator, left, right, frame.unit)


def _compare(machine: Machine, frame: Frame, index: int, step: facts.Compare) -> None:
    left, right = frame.values[step.left], frame.values[step.right]
    if step.operator in operators.ORDERINGS:
        better(machine, frame, _place(frame, step), left, right)
    frame.values[index] = operators.compare(machine, step.operator, left, right, _place(frame, step), frame)


def _choice(machine: Machine, frame: Frame, index: int, step: facts.Choice) -> None:
    values = [frame.values[part] for part in (step.condition, step.then, step.otherwise)]
    frame.values[index] = operators.choice(machine, *values)


def _collection(machine: Machine, frame: Frame, index: int, step: facts.Collection) -> None:
    for part in step.items:
        give(machine, frame, _operand(machine, frame, part))
    frame.values[index] = operators.collection(machine, frame, step)


def _comprehended(machine: Machine, frame: Frame, index: int, step: facts.Comprehended) -> None:
    if step.kind == "dict":
        value = frame.values[step.item]
        frame.values[index] = machine.pool.record((frame.values[step.key],), (value,), rest=True)
    else:
        frame.values[index] = machine.pool.sequence("list", (narrowed(machine, frame, index, step),), rest=True)


def _phi(machine: Machine, frame: Frame, index: int, step: facts.Phi) -> None:
    gated = frame.gates.get(index)
    if gated is not None:
        frame.values[index] = gated
        return
    known = [frame.values[value] for value in step.values if value not in (NONE,) and value < index]
    frame.values[index] = machine.pool.alt(*known) if known else machine.pool.unknown


def _element(machine: Machine, frame: Frame, index: int, step: facts.Element) -> None:
    base = frame.values[step.base]
    place = ITERATE if step.index == NONE and step.count == 0 else step.index
    if place == ITERATE:
        base = iterated(machine, frame, base, Site(_place(frame, step), frame.unit))
    frame.values[index] = unpacked(machine, base, place, step.starred, _place(frame, step), frame.unit)


def _enter(machine: Machine, frame: Frame, index: int, step: facts.Enter) -> None:
    frame.values[index] = frame.values[step.manager]


def _annotate(machine: Machine, frame: Frame, index: int, step: facts.Annotate) -> None:
    note_class(machine, frame.unit, step.name, frame.values[step.annotation])
    note_field(machine, frame, step)
    if step.value != NONE:
        frame.values[index] = frame.values[step.value]
    else:
        kind = kind_made_by(machine, frame.values[step.annotation])
        frame.values[index] = machine.pool.from_origins(kind, ())


def _define(machine: Machine, frame: Frame, index: int, step: facts.Define) -> None:
    frame.values[index] = define(machine, frame, step, _place(frame, step))


def _show(machine: Machine, frame: Frame, index: int, step: facts.Show) -> None:
    frame.values[index] = frame.values[step.value]
    if type(frame.steps[step.value]) is facts.Const and isinstance(frame.values[step.value], Text):
        machine.noted.bare[_place(frame, frame.steps[step.value])] = frame.unit


def _assert(machine: Machine, frame: Frame, index: int, step: facts.Assert) -> None:
    checked(machine, frame, step.condition, step.start, step.end)
    stopped(machine, frame, step.condition, step.start, step.end)


def _nothing(machine: Machine, frame: Frame, index: int, step: Any) -> None:
    return


HANDLERS: dict[type, Handler] = {
    facts.Const: _const,
    facts.Param: _param,
    facts.Load: _load,
    facts.Import: _import,
    facts.StarImport: _star,
    facts.Attribute: _attribute,
    facts.Item: _item,
    facts.Slice: _slice,
    facts.SetAttribute: _set_attribute,
    facts.SetItem: _set_item,
    facts.SetGlobal: _set_global,
    facts.Delete: _nothing,
    facts.Call: _call,
    facts.Template: _template,
    facts.Unary: _unary,
    facts.Binary: _binary,
    facts.Compare: _compare,
    facts.Choice: _choice,
    facts.Collection: _collection,
    facts.Comprehended: _comprehended,
    facts.Phi: _phi,
    facts.Element: _element,
    facts.Enter: _enter,
    facts.Try: _nothing,
    facts.Handler: _nothing,
    facts.Raise: _nothing,
    facts.Assert: _assert,
    facts.Show: _show,
    facts.Define: _define,
    facts.Annotate: _annotate,
    facts.Stop: _nothing,
}
