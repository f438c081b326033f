"""Checks that code makes itself: names of columns, or what data hold, asserted, or an error raised for them."""

from __future__ import annotations

from mldebt.facts import Binary, Branch, Call, Compare, Comprehended, Const, Load, Param, Raise, Step, Unary
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Frame, Machine
from mldebt.link.operands import operands
from mldebt.link.values import Event, Value

CHECK = "check"
STOP = "stop"
"""What an event is that stops the run for what a condition finds in data."""
ENDS = "ends"
"""The trait of calls that end the program."""
STATUS = ".status"
"""The kind of what tells whether a service answered."""
_DEEPEST = 12
_MOST_ASKED = 4
_NO_CONTENT = (".empty", STATUS)
_OF_A_TYPE = frozenset({"isinstance", "issubclass", "callable", "hasattr", "len", "bool"})
_COUNTS = frozenset({"len"})
_STOPPING = frozenset({Call, Raise})


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


def stopped(machine: Machine, frame: Frame, condition: int, start: int, end: int) -> None:
    """Notes what a condition asks about the content of data, by which the code goes no further."""
    asked = [frame.values[index] for index in _questions(frame, condition)]
    asked = [value for value in asked if value.open or machine.pool.origins(value)]
    if asked and not machine.is_test(frame.unit):
        arguments = tuple(("", value) for value in asked)
        event = Event(
            open=any(value.open for value in asked), what=STOP, row=None, callee="", place=(frame.file, start, end),
            unit=frame.unit, receiver=None, arguments=arguments, chain=(), guards=(), sure=True,
        )  # fmt: skip
        machine.emit(frame, machine.pool.event(event))


def is_of_content(machine: Machine, value: Value) -> bool:
    """Whether a question is about what data hold: not only whether they hold anything, or came at all."""
    return not kind_of(machine, value).endswith(_NO_CONTENT)


def refuses(frame: Frame, index: int, step: Branch) -> bool:
    """Whether one arm of a branch raises straight away."""
    return any(type(inside) is Raise for inside in frame.steps[index + 1 : step.end_step])


def goes_no_further(machine: Machine, frame: Frame, index: int, step: Branch) -> bool:
    """Whether one arm of a branch, which has been run, raises or ends the program."""
    inside = [one for one in frame.steps[index + 1 : step.end_step] if type(one) in _STOPPING]
    meant = machine.noted.meant
    return any(type(one) is Raise for one in inside) or any(
        ENDS in row.traits for one in inside for row in meant.get((frame.file, one.start, one.end), ())
    )


def _questions(frame: Frame, condition: int) -> list[int]:
    """The parts of a condition that ask for what a thing holds, not only whether it is there, or holds anything."""
    found: list[int] = []
    todo = [condition]
    while todo and len(found) < _MOST_ASKED:
        index = todo.pop()
        step = frame.steps[index]
        if isinstance(step, Unary) or (isinstance(step, Binary) and step.operator in ("and", "or")):
            todo += reversed(tuple(operands(step)))
        elif not _asks_what_it_is(frame, step):
            found.append(index)
    return found


def _asks_what_it_is(frame: Frame, step: Step) -> bool:
    """Whether a condition is a name, a test for None or of a type, or asks whether there is anything."""
    if isinstance(step, Call):
        return _calls(frame, step, _OF_A_TYPE)
    if isinstance(step, Compare):
        sides = frame.steps[step.left], frame.steps[step.right]
        counted = any(_calls(frame, side, _COUNTS) for side in sides)
        return step.operator in ("is", "is not") or (counted and any(_is_constant(side, (0, 1)) for side in sides))
    return isinstance(step, (Load, Param))


def _calls(frame: Frame, step: Step, names: frozenset[str]) -> bool:
    callee = frame.steps[step.callee] if isinstance(step, Call) else None
    return isinstance(callee, Load) and callee.name in names


def _is_constant(step: Step, values: tuple[object, ...]) -> bool:
    return isinstance(step, Const) and not isinstance(step.value, (str, bool)) and step.value in values


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
