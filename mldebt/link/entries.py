"""Where a program is entered from outside, who is on the way to a unit, and who is reached from there."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.link.machine import Machine
from mldebt.link.values import Place


def entries(machine: Machine) -> list[int]:
    """Functions that something outside calls: endpoints, handlers, and those nobody here names."""
    return [
        unit
        for unit in range(len(machine.program.units))
        if unit in machine.handlers
        or any(made.what == "endpoint" for made in machine.made.get(unit, ()))
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


def reached_calls(machine: Machine, active: set[int] | None = None) -> Iterator[tuple[int, int, Place]]:
    """The calls that happen when a program is entered, each pair once at its first place; only those of `active` units,
    if they are given. Tests enter nothing."""
    callees: dict[int, dict[int, Place]] = {}
    for caller, callee, place in machine.calls:
        if not machine.is_test(caller):
            callees.setdefault(caller, {}).setdefault(callee, place)
    todo = entries(machine)
    seen = set(todo)
    while todo:
        caller = todo.pop()
        for callee, place in callees.get(caller, {}).items():
            if active is None or callee in active:
                yield caller, callee, place
                if callee not in seen:
                    seen.add(callee)
                    todo.append(callee)


def reached(machine: Machine) -> set[int]:
    """The units that run when a program is entered from outside."""
    return {*entries(machine), *(callee for _, callee, _ in reached_calls(machine))}
