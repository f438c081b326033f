"""Columns that rows lack and that are put there with one made-up number, before a model gets them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body, says, shown, tells
from mldebt.link.operands import operands
from mldebt.roles import Role

_LISTED, _ENCODES = "listed", "encoder"
_FILLED = "fill_value"
_NAMES = "columns"
_BRINGS = frozenset({Role.READ, Role.CONSTRUCT})


def columns_filled(body: Body, id: str) -> Iterator[Fallback]:
    """Calls that give rows the columns of a list, and a number for all that are not there, where the function itself
    reads or makes the rows. What one-hot encoding leaves out is no column that is missing, it is zero: who encoded the
    rows that a function is given, nobody knows here."""
    if body.means(_ENCODES):
        return
    for at, rows in body.meant.items():
        step = body.steps[at]
        given = _number(body, step) if any(_LISTED in row.traits for row in rows) else facts.NONE
        if given != facts.NONE and isinstance(step, facts.Call) and _is_made_here(body, step.callee):
            program, file = body.machine.program, body.machine.program.file_of[body.unit]
            call, value = (program.span((file, one.start, one.end)) for one in (step, body.steps[given]))
            yield Fallback(call, id, Role.TRANSFORM, call, value, shown(body, given), False, "aligned")


def columns_put(body: Body, id: str) -> Iterator[Fallback]:
    """Loops over the columns of a list that put a number under the name of each that a table lacks. It may be meant
    where the file one-hot encodes rows: what the encoding leaves out is zero."""
    program, file = body.machine.program, body.machine.program.file_of[body.unit]
    for at, loop in body.each(facts.Loop):
        put = next(_put(body, at, loop), None)
        if put is None:
            continue
        step, near = body.steps[put], _speaking(body, at, loop)
        if isinstance(step, facts.SetItem) and not any(tells(body, one) for one in near):
            where, value = (program.span((file, one.start, one.end)) for one in (step, body.steps[step.value]))
            said, how = any(says(body, one) for one in near), "put" if _encodes(body) else "aligned"
            yield Fallback(where, id, Role.TRANSFORM, where, value, shown(body, step.value), said, how)


def _speaking(body: Body, at: int, loop: facts.Loop) -> list[int]:
    """The steps of a loop, and the messages outside that tell what it is over."""
    names = frozenset({loop.iterable})
    told = (one for one in body.meant if says(body, one) and body.depends(one, names))
    return [*range(at, loop.end_step), *told]


def _encodes(body: Body) -> bool:
    machine, file = body.machine, body.machine.program.file_of[body.unit]
    meant = (rows for (where, _, _), rows in machine.noted.meant.items() if where == file)
    return any(_ENCODES in row.traits for rows in meant for row in rows)


def _put(body: Body, at: int, loop: facts.Loop) -> Iterator[int]:
    """The stores of a number under the name that a loop is at, where the table has no such column."""
    steps = body.steps
    missing = _are_missing(body, loop.iterable)
    for number in range(at + 1, loop.end_step):
        step = steps[number]
        element = steps[step.key] if isinstance(step, facts.SetItem) else None
        if isinstance(step, facts.SetItem) and isinstance(element, facts.Element) and element.base == loop.iterable:
            if _is_number(steps[step.value]) and (missing or _is_lacking(body, at, number, step.key)):
                yield number


def _is_lacking(body: Body, first: int, at: int, name: int) -> bool:
    """Whether a step stands in the arm of a branch in which a table has no column of that name."""
    for number in range(first + 1, at):
        branch = body.steps[number]
        asked = body.steps[branch.condition] if isinstance(branch, facts.Branch) else None
        if not isinstance(branch, facts.Branch) or not isinstance(asked, facts.Compare) or at >= branch.end_step:
            continue
        lacking = asked.operator == "not in" if at < branch.then_end else asked.operator == "in"
        if lacking and asked.left == name and _has_names(body, asked.right):
            return True
    return False


def _are_missing(body: Body, at: int) -> bool:
    """Whether these are the names of a list without those of a table's columns."""
    step = body.steps[at]
    if isinstance(step, facts.Call):
        return any(_are_missing(body, one.value) for one in step.arguments)
    if isinstance(step, facts.Comprehended):
        first = next((one for one in range(at, -1, -1) if isinstance(body.steps[one], facts.Loop)), at)
        inside = body.steps[first:at]
        return any(isinstance(one, facts.Compare) and one.operator == "not in" and _has_names(body, one.right)
                   for one in inside)  # fmt: skip
    taken = isinstance(step, facts.Binary) and step.operator == "-"
    return taken and isinstance(step, facts.Binary) and _has_names(body, step.right)


def _has_names(body: Body, at: int) -> bool:
    """Whether it is the columns of a table, as they are or as a set or list."""
    step = body.steps[at]
    if isinstance(step, facts.Call):
        return len(step.arguments) == 1 and _has_names(body, step.arguments[0].value)
    return isinstance(step, facts.Attribute) and step.name == _NAMES


def _is_number(value: facts.Step) -> bool:
    """Whether it is a number that is not below zero: one that is says by itself that there is none."""
    return isinstance(value, facts.Const) and isinstance(value.value, (int, float)) and value.value >= 0


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
        if one.name == _FILLED and _is_number(body.steps[one.value]):
            return one.value
    return facts.NONE
