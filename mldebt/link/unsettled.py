"""What hangs on an object that is not known yet: whether a call on it is worth waiting for, and what are its fields."""

from __future__ import annotations

from mldebt.link.machine import Arguments, Machine
from mldebt.link.values import Member, Param, Value


def can_matter(machine: Machine, callee: Value) -> bool:
    """Whether knowing the receiver could tell more: some library or class here has such a method."""
    if not isinstance(callee, Member):
        return True
    names = machine.program.method_names
    return callee.name in machine.catalogue.method_names or callee.name in names or _may_be_an_object(machine, callee)


def _may_be_an_object(machine: Machine, callee: Member) -> bool:
    """Whether what is called may be a field of the object itself, of a class here whose objects can be called."""
    return "__call__" in machine.program.method_names and is_own_field(machine, callee)


def is_own_field(machine: Machine, value: Member) -> bool:
    """Whether it is asked of the object itself in a method of it: what it holds is known once the object is."""
    if not isinstance(value.base, Param) or value.base.index:
        return False
    owner = machine.program.parent(value.base.unit)
    return owner >= 0 and machine.info(owner).kind == "class"


def has_effect(machine: Machine, callee: Member, arguments: Arguments) -> bool:
    """Whether such a method could do more than give a value."""
    least = machine.catalogue.eventful.get(callee.name, len(arguments) + 1)
    named = callee.name in machine.program.method_names
    return len(arguments) >= least or named or _may_be_an_object(machine, callee)
