"""Parts that a record lacks and that become a number, in rows that are made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt import facts
from mldebt.graph.fallback import Caller, Fallback
from mldebt.link.falling_back import FAILURE, Body, shown
from mldebt.roles import Role

_GET = "get"
_FEWEST = 2
_KINDS = frozenset({"list", "dict"})
_ROWS = ("table", "array", "column")
_ADDS = frozenset({"list.append", "list.extend"})
_COMES = frozenset({Role.READ, Role.REQUEST})


def parts_absent(body: Body, id: str, callers: tuple[Caller, ...]) -> Iterator[Fallback]:
    """The first part for which a function takes a number where a record that it is handed, or reads, lacks it, if it
    makes a row of such parts; not where it refuses or tells of anything."""
    gets: dict[int, list[int]] = defaultdict(list)
    for at, step in body.each(facts.Call):
        if _default(body, step) != facts.NONE:
            record = _record(body, body.steps[step.callee])
            if record is not None:
                gets[record].append(at)
    for found in gets.values():
        if _is_row(body, found) and not _refuses(body):
            yield _fallback(body, id, found[0], callers)


def _fallback(body: Body, id: str, at: int, callers: tuple[Caller, ...]) -> Fallback:
    program, file = body.machine.program, body.machine.program.file_of[body.unit]
    given = _default(body, body.steps[at])
    where, value = (program.span((file, one.start, one.end)) for one in (body.steps[at], body.steps[given]))
    return Fallback(where, id, Role.TRANSFORM, where, value, shown(body, given), False, "absent",
                    callers=callers)  # fmt: skip


def _default(body: Body, step: facts.Step) -> int:
    """The number that stands for what a record does not hold under a name; none below zero, which says so itself."""
    if not isinstance(step, facts.Call) or len(step.arguments) != 2 or any(one.name for one in step.arguments):
        return facts.NONE
    callee, value = body.steps[step.callee], body.steps[step.arguments[1].value]
    asks = isinstance(callee, facts.Attribute) and callee.name == _GET
    number = value.value if asks and isinstance(value, facts.Const) and not isinstance(value.value, bool) else None
    return step.arguments[1].value if isinstance(number, (int, float)) and number >= 0 else facts.NONE


def _record(body: Body, callee: facts.Step) -> int | None:
    """What is asked, if a function is handed it or reads it."""
    base = callee.base if isinstance(callee, facts.Attribute) else facts.NONE
    at = base
    while isinstance(body.steps[at], (facts.Item, facts.Element)):
        step = body.steps[at]
        at = step.base if isinstance(step, (facts.Item, facts.Element)) else at
    step = body.steps[at]
    comes = isinstance(step, facts.Param) or any(row.role in _COMES for row in body.rows(at))
    return base if comes else None


def _is_row(body: Body, gets: list[int]) -> bool:
    """Whether a function makes a row of several such parts: one after the other, or for each of a list of names."""
    for at, step in enumerate(body.steps):
        if isinstance(step, facts.Collection) and step.kind in _KINDS and _becomes_a_row(body, at):
            items = [one for one in step.items if one != facts.NONE]
            if sum(any(body.depends(item, frozenset({one})) for item in items) for one in gets) >= _FEWEST:
                return True
        elif isinstance(step, facts.Comprehended) and step.kind == "list":
            if any(body.depends(step.item, frozenset({one})) and _is_each(body, one, at) for one in gets):
                return True
    return False


def _becomes_a_row(body: Body, at: int) -> bool:
    """Whether a row is given back or put among others, or a table or array is made of it; not what is made a key."""
    for number in range(at + 1, len(body.steps)):
        step = body.steps[number]
        if isinstance(step, facts.Return) and step.value == at:
            return True
        if isinstance(step, facts.Collection) and at in step.items and _becomes_a_row(body, number):
            return True
        if isinstance(step, facts.Call) and any(one.value == at for one in step.arguments):
            if any(row.op in _ADDS or "".join(row.result[:1]).startswith(_ROWS) for row in body.rows(number)):
                return True
    return False


def _is_each(body: Body, get: int, at: int) -> bool:
    """Whether it is asked for the name that a comprehension is at, of a record that stays the same."""
    step = body.steps[get]
    key = body.steps[step.arguments[0].value] if isinstance(step, facts.Call) else None
    callee = body.steps[step.callee] if isinstance(step, facts.Call) else None
    same = isinstance(callee, facts.Attribute) and not isinstance(body.steps[callee.base], facts.Element)
    return same and isinstance(key, facts.Element) and isinstance(body.steps[key.base], (facts.Load, facts.Attribute))


def _refuses(body: Body) -> bool:
    return body.has(facts.Raise, facts.Assert) or body.means(FAILURE)
