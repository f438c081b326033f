"""Methods of an object: which another of them calls, and what they do once it is known which object it is."""

from __future__ import annotations

from mldebt.link.access import class_attribute
from mldebt.link.filling import Filler
from mldebt.link.machine import Frame, Machine, Summary
from mldebt.link.values import Code, Deferred, Instance, Member, Param, Value


def own_method(machine: Machine, callee: Value) -> int | None:
    """The method that `self.name` means in a method, as far as no subclass has another; None for anything else."""
    if not isinstance(callee, Member) or not isinstance(callee.base, Param) or callee.base.index:
        return None
    owner = machine.program.parent(callee.base.unit)
    if owner < 0 or machine.info(owner).kind != "class":
        return None
    found = class_attribute(machine, owner, callee.name, callee.base.unit)
    return found.unit if isinstance(found, Code) and machine.info(found.unit).kind == "function" else None


def own_methods_called(machine: Machine, unit: int) -> set[int]:
    """The methods of its own object that a method calls."""
    summary = machine.summaries.get(unit)
    effects = () if summary is None else summary.effects
    calls = (one for one in effects if isinstance(one, Deferred) and one.op == "call")
    return {found for one in calls if (found := own_method(machine, one.operands[0])) is not None}


def on_object(machine: Machine, unit: int, owner: Instance) -> Summary:
    """The summary of a method once the object is known: its fields in place of those of any object."""
    key = unit, owner
    found = machine.on_objects.get(key)
    if found is None:
        summary = machine.interpret(unit)
        machine.on_objects[key] = summary  # while this runs
        frame = Frame(unit, machine.program.file_of[unit], (), [])
        filler = Filler(machine, frame, {(unit, 0): owner}, None)
        effects = [filler.effect_value(effect) for effect in summary.effects]
        updates = tuple([(index, filler.fill(value)) for index, value in summary.updates])
        returns = filler.fill(summary.returns)
        found = Summary(returns, tuple(dict.fromkeys((*effects, *frame.effects, *frame.minor))), updates)
        machine.on_objects[key] = found
    return found
