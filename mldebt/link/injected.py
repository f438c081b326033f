"""What a framework hands to functions: what dependencies give back, and what is kept in the state of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldebt.facts import Attribute, SetAttribute
from mldebt.link.kinds import kind_of
from mldebt.link.machine import STATE, Machine
from mldebt.link.slots import argument
from mldebt.link.values import Bound, Code, Member, Sequence, Value

if TYPE_CHECKING:
    from mldebt.link.operation import Operation


def given_back(op: Operation) -> Value:
    """`Depends(get_service)`: what the function gives back, of a generator what it yields; of a class an object."""
    from mldebt.link.calling import call  # calling applies rows, and these ask for attributes

    function = None if op.row.callback is None else argument(op.arguments, op.row.callback)
    if not isinstance(function, Code):
        return op.opaque()
    found = call(op.machine, op.frame, function, (), op.site)
    return found.items[0] if isinstance(found, Sequence) and found.kind == "generator" and found.items else found


def called_on(op: Operation) -> Value:
    """`table.pipe(function, ...)`: what the function makes of what it is handed to, and of the other arguments."""
    from mldebt.link.calling import call  # calling applies rows, and these ask for attributes

    function = None if op.row.callback is None else argument(op.arguments, op.row.callback)
    if op.receiver is None or not isinstance(function, (Code, Bound)):
        return op.opaque(kind_of(op.machine, op.receiver) if op.receiver is not None else "")
    given = tuple(one for one in op.arguments if one[1] is not function)
    return call(op.machine, op.frame, function, (("", op.receiver), *given), op.site)


def is_state(machine: Machine, value: Value) -> bool:
    """Whether a value is where an application keeps what all its requests share."""
    named = isinstance(value, Member) and value.name in machine.state_names
    return named and kind_of(machine, value).startswith(STATE)


def keep(machine: Machine, name: str, value: Value, unit: int) -> None:
    """Notes that something is kept there: `app.state.model = model`. What a test puts there serves nobody."""
    if not machine.is_test(unit):
        machine.states.setdefault((_program(machine, unit), name), {})[value, unit] = None


def kept(machine: Machine, name: str, unit: int) -> Value | None:
    """What the application of a unit keeps under a name, whichever function put it there; None where not all of that
    is known."""
    if not machine.state_read:
        machine.state_read = True
        for one in range(len(machine.program.units)):
            if not machine.is_test(one) and one not in machine.frames and _may_keep(machine, one):
                machine.interpret(one)
    found = [value for value, _ in machine.states.get((_program(machine, unit), name), ())]
    return machine.pool.alt(*found) if found and not any(value.open for value in found) else None


def _program(machine: Machine, unit: int) -> str:
    from mldebt.link.app_settings import group  # it asks for attributes, and these ask here

    return group(machine, machine.program.file_of[unit])


def _may_keep(machine: Machine, unit: int) -> bool:
    """Whether a unit stores into an attribute of something that is called as such a state is."""
    written = machine.program.units[unit].body
    if not any(name.encode() in written for name in machine.state_names):
        return False
    body = machine.program.body(unit)
    bases = (body[step.base] for step in body if isinstance(step, SetAttribute) and step.base >= 0)
    return any(isinstance(base, Attribute) and base.name in machine.state_names for base in bases)
