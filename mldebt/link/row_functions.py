"""Functions that a table hands its rows, one by one: `apply(lambda row: row["a"] + row["b"], axis=1)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt import facts
from mldebt.link.access import item
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import Code, Value

_OR_DEFAULT = "get"


def columns_of_row(machine: Machine, table: Value, function: Value | None) -> tuple[Value, ...]:
    """The columns that a function takes of its first parameter; nothing where it may take others."""
    if not isinstance(function, Code) or machine.info(function.unit).kind not in ("function", "lambda"):
        return ()
    names: dict[str, None] = {}
    for name in _names(machine.program.body(function.unit)):
        if name is None:
            return ()
        names[name] = None
    return tuple(item(machine, table, machine.pool.text([name])) for name in names)


def _names(steps: tuple[facts.Step, ...]) -> Iterator[str | None]:
    """The names by which the row is asked, None for any other use of it."""
    row = next((at for at, step in enumerate(steps) if isinstance(step, facts.Param) and step.index == 0), facts.NONE)
    users: dict[int, list[facts.Step]] = defaultdict(list)
    for step in steps:
        for operand in set(operands(step)):
            users[operand].append(step)
    for at, step in enumerate(steps):
        if isinstance(step, (facts.Define, facts.Yield)):
            yield None  # what is defined inside may see the row too
        elif row in operands(step):
            yield _name(steps, step, row, users[at])


def _name(steps: tuple[facts.Step, ...], step: facts.Step, row: int, users: list[facts.Step]) -> str | None:
    if isinstance(step, facts.Item) and step.base == row and step.key != row:
        return _text(steps[step.key])
    if not (isinstance(step, facts.Attribute) and step.base == row):
        return None
    calls = [user for user in users if isinstance(user, facts.Call) and steps[user.callee] is step]
    if not calls:
        return step.name
    if step.name != _OR_DEFAULT or len(calls) != len(users) or not all(call.arguments for call in calls):
        return None
    said = {_text(steps[call.arguments[0].value]) for call in calls}
    return said.pop() if len(said) == 1 else None


def _text(step: facts.Step) -> str | None:
    return step.value if isinstance(step, facts.Const) and isinstance(step.value, str) else None
