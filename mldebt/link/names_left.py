"""Names of columns of which code leaves some out: `[name for name in table.columns if name not in left]`,
`table.columns.drop(left)`, `set(table.columns) - left`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mldebt import facts
from mldebt.link.keys import names_told
from mldebt.link.machine import Frame, Machine
from mldebt.link.operands import operands
from mldebt.link.values import Other, Record, Result, Sequence, Value, literal

_NOT_IN, _IS_NOT, _AND = "not in", "!=", "and"


def narrowed(machine: Machine, frame: Frame, at: int, collected: facts.Comprehended) -> Value:
    """The element that a comprehension collects: where it is taken as it is, none of those that its conditions leave
    out."""
    value = frame.values[collected.item]
    first = next((one for one in range(at - 1, -1, -1) if isinstance(frame.steps[one], facts.Loop)), facts.NONE)
    if first == facts.NONE or literal(value) is not None:
        return value
    for place in range(first, at):
        step = frame.steps[place]
        if isinstance(step, facts.Compare) and step.left == collected.item and _holds_for_all(frame.steps, place, at):
            if step.operator == _NOT_IN:
                value = machine.pool.other(value, frame.values[step.right])
            elif step.operator == _IS_NOT:
                value = machine.pool.other(value, machine.pool.sequence("list", (frame.values[step.right],)))
    return value


def _holds_for_all(steps: Any, place: int, stop: int) -> bool:
    """Whether a comparison is a condition by itself, or joined to others by `and` alone."""
    used = {place}
    for number in range(place + 1, stop):
        if not used.isdisjoint(operands(steps[number])):
            if not (isinstance(steps[number], facts.Binary) and steps[number].operator == _AND):
                return False
            used.add(number)
    return True


def names_left(machine: Machine, key: Value) -> tuple[list[str], bool]:
    """The names that a choice of columns leaves out, and whether it leaves out others that are not known."""
    told = [literal(one) for left in _left(machine, key) for one in _each(names_told(machine, left))]
    return sorted({name for name in told if name is not None}), None in told


def _left(machine: Machine, key: Value) -> Iterator[Value]:
    for part in key.items if isinstance(key, Sequence) else (key,):
        while isinstance(part, Other):
            yield part.left
            part = part.base
    for origin in machine.pool.origins(key):
        if isinstance(origin, Result) and origin.event.row is not None and "all-but" in origin.event.row.traits:
            yield from (given for _, given in origin.event.arguments)


def _each(left: Value) -> tuple[Value, ...]:
    if isinstance(left, Record):
        return left.keys
    return left.items if isinstance(left, Sequence) else (left,)
