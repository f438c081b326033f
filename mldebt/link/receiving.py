"""Which functions take up what somebody sends with a request as it comes, and which may turn a request away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from mldebt.facts import Assert, Attribute, Call, Compare, Const, Item, Param, Raise, Step
from mldebt.graph.code import SERVED, Definition, Received
from mldebt.link.definitions import Definitions
from mldebt.link.kinds import kind_made_by
from mldebt.link.machine import Machine
from mldebt.link.noted import SENT
from mldebt.link.operands import operands
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.source import Purpose

_REFUSALS = range(400, 500)  # RFC 9110, section 15.5: the client has to ask otherwise
_PLAIN = frozenset({"dict", "json"})


class Receiving:
    """Both, of the components that answer requests; elsewhere nobody asks."""

    def __init__(self, machine: Machine, known: Definitions, definitions: Iterable[Definition]) -> None:
        self._machine, self._known = machine, known
        ours = [one for one in definitions if one.purpose is Purpose.PRODUCTION]
        components = {one.component for one in ours if SERVED & set(one.made)}
        self._files = {machine.program.number[one.path] for one in ours if one.component in components}
        self._entries = {one.id for one in ours if SERVED & set(one.made)}
        calls = machine.calls if self._files else ()
        self._here = {at for _, _, at in calls}
        self._classes = {at for _, callee, at in calls if machine.info(callee).kind == "class"}

    def received(self) -> tuple[Received, ...]:
        """Where functions take up what was sent, once each, at the first place."""
        found = (self._received(unit) for unit in self._units())
        return tuple(sorted((one for one in found if one is not None), key=lambda one: one.at))

    def refusing(self) -> frozenset[str]:
        """The ids of functions that raise an error or assert something, answer that a request is wrong, ask whether
        something is there, or have it checked."""
        return frozenset(self._known.id(unit) for unit in self._units() if self._refuses(unit))

    def _units(self) -> Iterator[int]:
        program = self._machine.program
        for unit, file in enumerate(program.file_of):
            if file in self._files and program.units[unit].kind in ("function", "lambda"):
                yield unit

    def _received(self, unit: int) -> Received | None:
        body = self._machine.program.body(unit)
        start = next((index for index, step in enumerate(body) if self._brings(unit, body, index, step)), None)
        if start is None:
            return None
        if any(self._may_check(unit, body, call) for call in _calls_of(body, _used(body, start))):
            return None
        at = self._machine.program.span((self._machine.program.file_of[unit], body[start].start, body[start].end))
        taken = _calls_of(body, _used(body, start, through=_is_part))
        typed = any(_makes_a_number(row) for call in taken for row in self._meant(unit, call))
        return Received(self._known.id(unit), at, typed)

    def _brings(self, unit: int, body: tuple[Step, ...], index: int, step: Step) -> bool:
        """Whether a step is what was sent: what a library has of it, or a part of what a handler is called with, or
        of a dictionary that a route is called with."""
        if isinstance(step, (Call, Attribute)):
            return any(SENT in row.traits for row in self._meant(unit, step))
        if not isinstance(step, Item) or self._known.id(unit) not in self._entries:
            return False
        base, key = body[step.base], body[step.key]
        said = isinstance(key, Const) and isinstance(key.value, str)
        return said and isinstance(base, Param) and self._is_sent(unit, base)

    def _is_sent(self, unit: int, parameter: Param) -> bool:
        if unit in self._machine.handlers:
            return parameter.index == 0
        notes = self._machine.annotations.get(unit, ())
        note = notes[parameter.index] if parameter.index < len(notes) else None
        return note is not None and kind_made_by(self._machine, note) in _PLAIN

    def _meant(self, unit: int, step: Step) -> tuple[Row, ...]:
        file = self._machine.program.file_of[unit]
        return self._machine.noted.meant.get((file, step.start, step.end), ())

    def _may_check(self, unit: int, body: tuple[Step, ...], call: Call) -> bool:
        """Whether a call makes an object of a class, validates, or does what nobody here knows; a method of what was
        sent itself is that of a dictionary."""
        place = (self._machine.program.file_of[unit], call.start, call.end)
        rows = self._meant(unit, call)
        if rows:
            return any(row.role is Role.VALIDATE for row in rows)
        return place in self._classes or (place not in self._here and not isinstance(body[call.callee], Attribute))

    def _refuses(self, unit: int) -> bool:
        body = self._machine.program.body(unit)
        return any(self._turns_away(unit, body, step) for step in body)

    def _turns_away(self, unit: int, body: tuple[Step, ...], step: Step) -> bool:
        if isinstance(step, (Raise, Assert)):
            return True
        if isinstance(step, Const):
            return isinstance(step.value, int) and step.value in _REFUSALS
        if isinstance(step, Compare):
            asked = body[step.left]
            return step.operator in ("in", "not in") and isinstance(asked, Const) and isinstance(asked.value, str)
        return isinstance(step, Call) and any(row.role is Role.VALIDATE for row in self._meant(unit, step))


def _used(
    body: tuple[Step, ...], start: int, through: Callable[[Step, tuple[Step, ...]], bool] | None = None
) -> frozenset[int]:
    """The steps that a value goes into, in its own function; from one of them on where `through` holds."""
    used, passed = {start}, {start}
    for index in range(start + 1, len(body)):
        if any(part in passed for part in operands(body[index])):
            used.add(index)
            if through is None or through(body[index], body):
                passed.add(index)
    return frozenset(used)


def _is_part(step: Step, body: tuple[Step, ...]) -> bool:
    """Whether a step gives a part of what it uses: nothing is made of it but by its own methods."""
    return not isinstance(step, Call) or isinstance(body[step.callee], Attribute)


def _calls_of(body: tuple[Step, ...], used: frozenset[int]) -> list[Call]:
    return [step for index, step in enumerate(body) if index in used and isinstance(step, Call)]


def _makes_a_number(row: Row) -> bool:
    return row.op == "type.convert" and row.result[:1] == ("number",)
