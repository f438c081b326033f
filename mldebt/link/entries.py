"""Where a program is entered from outside, and who is on the way to a unit."""

from __future__ import annotations

from mldebt.link.machine import Machine


def entries(machine: Machine) -> list[int]:
    """Functions that something outside calls: endpoints, and those nobody here names."""
    return [
        unit
        for unit in range(len(machine.program.units))
        if any(made.what == "endpoint" for made in machine.made.get(unit, ()))
        or (machine.info(unit).kind == "function" and unit not in machine.references and machine.info(unit).parameters)
    ]


def with_callers(machine: Machine, units: set[int]) -> set[int]:
    """Units and everything that calls them, straight or through others."""
    callers: dict[int, set[int]] = {}
    for caller, callee, _ in machine.calls:
        callers.setdefault(callee, set()).add(caller)
    found, todo = set(units), sorted(units)
    while todo:
        for caller in sorted(callers.get(todo.pop(), ())):
            if caller not in found:
                found.add(caller)
                todo.append(caller)
    return found
