"""Columns that rows lack and that are put there with one made-up number, before a model gets them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body, shown
from mldebt.link.operands import operands
from mldebt.roles import Role

_LISTED, _ENCODES = "listed", "encoder"
_FILLED = "fill_value"
_BRINGS = frozenset({Role.READ, Role.CONSTRUCT})


def columns_filled(body: Body, id: str) -> Iterator[Fallback]:
    """Calls that give rows the columns of a list, and a number for all that are not there, where the function itself
    reads or makes the rows. What one-hot encoding leaves out is no column that is missing, it is zero: who encoded the
    rows that a function is given, nobody knows here."""
    if any(_ENCODES in row.traits for at in range(len(body.steps)) for row in body.rows(at)):
        return
    for at, step in enumerate(body.steps):
        given = _number(body, step) if any(_LISTED in row.traits for row in body.rows(at)) else facts.NONE
        if given != facts.NONE and isinstance(step, facts.Call) and _is_made_here(body, step.callee):
            program, file = body.machine.program, body.machine.program.file_of[body.unit]
            call, value = (program.span((file, one.start, one.end)) for one in (step, body.steps[given]))
            yield Fallback(call, id, Role.TRANSFORM, call, value, shown(body, given), False, "aligned")


def _is_made_here(body: Body, at: int) -> bool:
    """Whether rows come of nothing but what is read or put into a table here."""
    seen, todo = {at}, [at]
    while todo:
        number = todo.pop()
        step = body.steps[number]
        roles = {row.role for row in body.rows(number)}
        if isinstance(step, facts.Param) or (isinstance(step, facts.Call) and not roles):
            return False
        if not roles & _BRINGS:
            parts = (step.then, step.otherwise) if isinstance(step, facts.Choice) else operands(step)
            fresh = [part for part in parts if part not in seen]
            seen.update(fresh)
            todo += fresh
    return True


def _number(body: Body, call: facts.Step) -> int:
    """The number that is given for what is missing; none below zero, which says by itself that there is none."""
    for one in call.arguments if isinstance(call, facts.Call) else ():
        value = body.steps[one.value] if one.name == _FILLED else None
        if isinstance(value, facts.Const) and isinstance(value.value, (int, float)) and value.value >= 0:
            return one.value
    return facts.NONE
