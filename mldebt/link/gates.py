"""Whether code asks something before a step: a comparison or a judgement that decides whether it happens at all."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts import (
    Assert,
    Attribute,
    Binary,
    Branch,
    Call,
    Compare,
    Element,
    Item,
    Phi,
    Raise,
    Return,
    Step,
    Unary,
)  # fmt: skip
from mldebt.link.checking import ENDS
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import Event, Place
from mldebt.roles import Role

_ORDERS = frozenset({"<", "<=", ">", ">="})
_ASKED_OF_USERS = frozenset({"exists", "options.parse", "env.get", "option", "config.load"})
_OF_A_TYPE = frozenset({"isinstance", "hasattr", "callable"})
_Stretch = tuple[int, int]


class Gates:
    """The questions in the units of one linking."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._units: dict[int, tuple[dict[tuple[int, int], int], tuple[_Stretch, ...]]] = {}

    def before(self, event: Event) -> bool:
        """Whether a question is asked before an event, where it stands or where one of its callers calls. Whether a
        file is there, and what the user wants, is no question about the thing itself."""
        places = ((event.unit, event.place), *((self._machine.program.unit_at(at), at) for at in event.chain))
        return any(self._is_asked(unit, place) for unit, place in places if unit >= 0)

    def _is_asked(self, unit: int, place: Place) -> bool:
        if unit not in self._units:
            body, file = self._machine.program.body(unit), self._machine.program.file_of[unit]
            indices = {(step.start, step.end): index for index, step in enumerate(body) if isinstance(step, Call)}
            self._units[unit] = indices, tuple(self._stretches(file, body))
        indices, stretches = self._units[unit]
        at = indices.get(place[1:], -1)
        return any(first <= at < last for first, last in stretches)

    def _stretches(self, file: int, body: tuple[Step, ...]) -> Iterator[_Stretch]:
        """The steps that run only after a question: those in an arm, or all behind one that goes no further."""
        for index, step in enumerate(body):
            if isinstance(step, Assert) and self._asks(file, body, step.condition):
                yield index, len(body)
            elif isinstance(step, Branch) and self._asks(file, body, step.condition):
                ends = any(self._ends(file, inside) for inside in body[index + 1 : step.end_step])
                yield index, len(body) if ends else step.end_step

    def _ends(self, file: int, step: Step) -> bool:
        if isinstance(step, Call):
            return any(ENDS in row.traits for row in self._machine.noted.meant.get((file, step.start, step.end), ()))
        return isinstance(step, (Raise, Return))

    def _asks(self, file: int, body: tuple[Step, ...], condition: int) -> bool:
        """Whether a condition compares by size, or is the answer of code or a part of one."""
        seen, todo = {condition}, [condition]
        while todo:
            index = todo.pop()
            step = body[index]
            joins = isinstance(step, Binary) and step.operator in ("and", "or")
            if isinstance(step, (Unary, Phi)) or joins:
                fresh = [part for part in operands(step) if part not in seen]
                seen.update(fresh)
                todo += fresh
            elif (isinstance(step, Compare) and step.operator in _ORDERS) or self._is_answered(file, body, index):
                return True
        return False

    def _is_answered(self, file: int, body: tuple[Step, ...], index: int) -> bool:
        """Whether a value is the answer of a call that is no option, no setting and no look for a file."""
        step = body[index]
        while isinstance(step, (Attribute, Item, Element)):
            step = body[step.base]
        if not isinstance(step, Call):
            return False
        rows = self._machine.noted.meant.get((file, step.start, step.end), ())
        callee = body[step.callee]
        if getattr(callee, "name", "") in _OF_A_TYPE:
            return False
        return not any(row.op in _ASKED_OF_USERS or row.role is Role.CONFIGURE for row in rows)
