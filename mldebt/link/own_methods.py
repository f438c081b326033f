"""Methods that a method calls on its own object, before it is known which object that is."""

from __future__ import annotations

from mldebt.link.access import class_attribute
from mldebt.link.machine import Machine
from mldebt.link.values import Code, Deferred, Member, Param, Value


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
