"""Texts of lists of which code takes the one that is there: each is one of several, and none is the setting."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts import (
    NONE,
    Annotate,
    Branch,
    Call,
    Choice,
    Collection,
    Comprehended,
    Const,
    Element,
    Load,
    Loop,
    Step,
)
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import Place

_ASKS = "exists"
_FEWEST = 2


def tried_places(machine: Machine) -> frozenset[Place]:
    """The places of the texts in lists each of whose elements is asked whether it is there."""
    rows = machine.noted.meant.items()
    asked = {place for place, found in rows if any(row.op == _ASKS for row in found)}
    files = {place[0] for place in asked}
    found: set[Place] = set()
    for unit, file in enumerate(machine.program.file_of):
        if file in files:
            body = machine.program.body(unit)
            for at in _deciding(body):
                step = body[at]
                if isinstance(step, Call) and (file, step.start, step.end) in asked:
                    found.update(_of_question(machine, file, body, at))
    return frozenset(found)


def _deciding(body: tuple[Step, ...]) -> frozenset[int]:
    """The steps of which it depends where the code goes on, which of two values is taken, or what is collected."""
    conditions = (step.condition for step in body if isinstance(step, (Branch, Choice)))
    found = {part for condition in conditions for part in _behind(body, condition)}
    for start, step in enumerate(body):
        if isinstance(step, Loop) and step.kind == "comprehension":
            inside = range(start + 1, step.end_step)
            items = (index for index in inside if isinstance(body[index], Comprehended))
            found.update({*inside}.difference(*(_behind(body, index) for index in items)))
    return frozenset(found)


def _of_question(machine: Machine, file: int, body: tuple[Step, ...], at: int) -> Iterator[Place]:
    for index in _behind(body, at):
        step = body[index]
        if isinstance(step, Element) and step.index == NONE:
            where, listed = _list(machine, file, body, step.base)
            made = where[listed] if where else None
            if isinstance(made, Collection) and len(made.items) >= _FEWEST:
                texts = (where[one] for one in _behind(where, listed))
                yield from ((file, one.start, one.end) for one in texts if isinstance(one, Const))


def _list(machine: Machine, file: int, body: tuple[Step, ...], at: int) -> tuple[tuple[Step, ...], int]:
    """The steps in which a list is made, and which one makes it: these, or those of the module."""
    step = body[at]
    if not isinstance(step, Load):
        return body, at
    unit = machine.program.module_unit(file)
    index = machine.program.exports(unit).get(step.name, NONE) if unit >= 0 else NONE
    if index == NONE:
        return (), NONE
    module = machine.program.body(unit)
    made = module[index]
    return module, made.value if isinstance(made, Annotate) else index


def _behind(body: tuple[Step, ...], at: int) -> frozenset[int]:
    """A step and all that goes into it, up to the elements of loops."""
    seen, todo = {at}, [at]
    while todo:
        step = body[todo.pop()]
        fresh = [] if isinstance(step, Element) else [one for one in operands(step) if one < at and one not in seen]
        seen.update(fresh)
        todo += fresh
    return frozenset(seen)
