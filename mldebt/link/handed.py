"""What the methods of one object were called with: a field that a method stores from its parameter is that."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.link.machine import Frame, Machine
from mldebt.link.values import Instance, Value

DEEPEST_HANDS = 4
_FROM_OUTSIDE = -1
_Given = Mapping[tuple[int, int], Value]


def note(machine: Machine, unit: int, bound: _Given, caller: int) -> None:
    """Notes what a method is called with on an object: by another method of it, as long as that waits for its own
    caller, or from outside. Of two calls that give it different values neither counts: nobody knows the last one."""
    owner = bound.get((unit, 0))
    if len(bound) < 2 or not isinstance(owner, Instance):
        return
    waits = _is_open(bound)
    key = caller if waits and _is_method(machine, caller) else _FROM_OUTSIDE
    calls = machine.handed.setdefault((unit, owner), {})
    before = calls.get(key, bound)
    if before is None or _is_same(before, bound):
        calls[key] = before
    elif _is_open(before) is waits:
        calls[key] = None
    elif not waits:
        calls[key] = bound


def handed(machine: Machine, unit: int, owner: Instance, within: int, depth: int = 0) -> _Given:
    """The values of the parameters of a method that was called once on an object, or always with the same; empty where
    that is not known. `within` is the unit that asks: whoever calls it fills its parameters."""
    calls = machine.handed.get((unit, owner), {})
    if _FROM_OUTSIDE in calls or depth >= DEEPEST_HANDS:
        return calls.get(_FROM_OUTSIDE) or {}
    if len(calls) != 1:
        return {}
    ((method, given),) = calls.items()
    if given is None or method == within:
        return given or {}
    return _put_in(machine, unit, given, handed(machine, method, owner, within, depth + 1))


def _put_in(machine: Machine, unit: int, given: _Given, outer: _Given) -> _Given:
    from mldebt.link.filling import Filler  # filling asks for fields, and they ask here

    filler = Filler(machine, Frame(unit, machine.program.file_of[unit], (), []), dict(outer), None)
    return {key: filler.fill(value) for key, value in given.items()}


def _is_method(machine: Machine, unit: int) -> bool:
    owner = machine.program.parent(unit)
    return owner >= 0 and machine.info(owner).kind == "class"


def _is_open(given: _Given) -> bool:
    """Whether a caller has to say what is given."""
    return any(value.open for (_, index), value in given.items() if index)


def _is_same(one: _Given, other: _Given) -> bool:
    return one.keys() == other.keys() and all(other[key] is value for key, value in one.items())
