"""Checks that code makes itself: the names of a table's columns asserted, or an error raised for them."""

from __future__ import annotations

from mldebt.facts import Branch, Compare, Comprehended, Raise, Step
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Frame, Machine
from mldebt.link.operands import operands
from mldebt.link.values import Event, Value

CHECK = "check"
_DEEPEST = 12


def checked(machine: Machine, frame: Frame, condition: int, start: int, end: int) -> None:
    """Notes a check of the tables whose column names a condition is about. A test checks tables of its own."""
    if machine.is_test(frame.unit):
        return
    for names in _names_in(machine, frame, condition):
        event = Event(
            open=names.open, what=CHECK, row=None, callee="", place=(frame.file, start, end), unit=frame.unit,
            receiver=names, arguments=(), chain=(), guards=(), sure=True,
        )  # fmt: skip
        machine.emit(frame, machine.pool.event(event))


def refuses(frame: Frame, index: int, step: Branch) -> bool:
    """Whether one arm of a branch raises straight away."""
    return any(type(inside) is Raise for inside in frame.steps[index + 1 : step.end_step])


def _names_in(machine: Machine, frame: Frame, condition: int) -> list[Value]:
    """The names of tables that a condition is about as a whole: whether one name is there is no such condition."""
    found: dict[Value, None] = {}
    ring, seen, each = [condition], {condition}, False
    for _ in range(_DEEPEST):
        found.update((frame.values[i], None) for i in ring if kind_of(machine, frame.values[i]).endswith(".names"))
        each = each or any(isinstance(frame.steps[i], Comprehended) for i in ring)
        ring = [
            part
            for i in ring
            if each or not _asks_for_one(frame.steps[i])
            for part in operands(frame.steps[i])
            if part < i and part not in seen
        ]
        seen.update(ring)
    return list(found)


def _asks_for_one(step: Step) -> bool:
    return isinstance(step, Compare) and step.operator in ("in", "not in")
