"""Fixed lists of columns that are cut, without a word, to those that a table has, before something learns from them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body
from mldebt.link.operands import operands
from mldebt.roles import Role

_LEARNS = (Role.FIT, Role.SEARCH)
_KEEPS = (Role.PERSIST, Role.WRITE, Role.TRACK)
_NAMES = "columns"
_VALUE = "a list of those that are there"


def lists_cut(body: Body, id: str) -> Iterator[Fallback]:
    """Comprehensions that keep of a fixed list the columns that are there, where only a fit knows of it, and the model
    is kept."""
    steps = body.steps
    for at, step in body.each(facts.Comprehended):
        if not (step.key == facts.NONE and _is_cut(body, at)):
            continue
        picked, others = _uses(body, at)
        learning = _learning(body, picked) if picked and not others and not _asks_for_others(body) else None
        if learning is not None and is_kept(body, learning):
            program, file = body.machine.program, body.machine.program.file_of[body.unit]
            made, fit = (program.span((file, steps[one].start, steps[one].end)) for one in (at, learning))
            yield Fallback(made, id, Role.FIT, fit, made, _VALUE, False, "cut")


def _is_cut(body: Body, at: int) -> bool:
    """Whether a comprehension keeps what stands in a fixed list and among the columns of a table, as it is."""
    steps, collected = body.steps, body.steps[at]
    first = next((one for one in range(at, -1, -1) if isinstance(steps[one], facts.Loop)), at)
    loop = steps[first]
    if not (isinstance(loop, facts.Loop) and loop.end_step == at + 1 and isinstance(collected, facts.Comprehended)):
        return False
    asked = [one for one in steps[first:at] if isinstance(one, facts.Compare)]
    plain = all(isinstance(one, (facts.Loop, facts.Element, facts.Attribute, facts.Load, facts.Compare))
                for one in steps[first:at])  # fmt: skip
    kept = len(asked) == 1 and asked[0].operator == "in" and asked[0].left == collected.item == first + 1
    return plain and kept and _is_columns(body, asked[0].right) and _is_fixed(body, loop.iterable)


def _is_columns(body: Body, at: int) -> bool:
    step = body.steps[at]
    return isinstance(step, facts.Attribute) and step.name == _NAMES


def _is_fixed(body: Body, at: int) -> bool:
    """Whether it is a list of names, or a constant that may be one."""
    step = body.steps[at]
    if isinstance(step, facts.Collection):
        texts = (body.steps[one] for one in step.items)
        return bool(step.items) and all(isinstance(one, facts.Const) and isinstance(one.value, str) for one in texts)
    if isinstance(step, facts.Attribute):
        return step.name != _NAMES and isinstance(body.steps[step.base], (facts.Load, facts.Param, facts.Import))
    return isinstance(step, facts.Load)


def _uses(body: Body, at: int) -> tuple[list[int], list[int]]:
    """Where a list picks columns, and what else is done with it, under whichever name."""
    same, picked, others = {at}, [], []
    for number in range(at + 1, len(body.steps)):
        step = body.steps[number]
        if same.isdisjoint(operands(step)):
            continue
        if isinstance(step, facts.Phi):
            same.add(number)
        elif isinstance(step, facts.Item) and step.key in same:
            picked.append(number)
        else:
            others.append(number)
    return picked, others


def _learning(body: Body, picked: list[int]) -> int | None:
    """The first step that learns from the columns that are picked."""
    calls = ((at, rows) for at, rows in body.meant.items() if at >= picked[0])
    learning = (at for at, rows in calls if any(row.role in _LEARNS for row in rows))
    return next((at for at in learning if body.depends(at, frozenset(picked))), None)


def is_kept(body: Body, learning: int) -> bool:
    """Whether what has learnt is stored or given back, and so used by others."""
    fit = body.steps[learning]
    callee = body.steps[fit.callee] if isinstance(fit, facts.Call) else fit
    learnt = frozenset({learning} | ({callee.base} if isinstance(callee, facts.Attribute) else set()))
    behind = range(learning + 1, len(body.steps))
    given = (step.value for step in map(body.steps.__getitem__, behind) if isinstance(step, facts.Return))
    stores = (at for at in behind if any(row.role in _KEEPS for row in body.rows(at)))
    return any(body.depends(at, learnt) for at in (*given, *stores))


def _asks_for_others(body: Body) -> bool:
    """Whether the code looks for columns that are not there, too."""
    return any(one.operator == "not in" and _is_columns(body, one.right) for _, one in body.each(facts.Compare))
