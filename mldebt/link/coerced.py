"""What is not understood becomes missing, and then a made-up value: no numbers, values that no dictionary knows."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body, shown
from mldebt.roles import Role

_LOSES = {"coerces": "coerced", "closed": "mapped"}
"""The traits of calls that give nothing for what they do not understand, and how that is told."""
_FILLS, _ASKS = "fills", "asks-missing"
_WITH = "value"
_OTHERS = "a value for all gaps"


def gaps_filled(body: Body, id: str) -> Iterator[Fallback]:
    """The first call of each kind that leaves gaps for what it does not understand, where the same function fills them
    and neither looks for gaps nor refuses anything behind it."""
    if _looks_for_gaps(body):
        return
    told: set[str] = set()
    for at, rows in body.meant.items():
        how = next((word for row in rows for trait, word in _LOSES.items() if trait in row.traits), "")
        fill = next(_fills(body, at), None) if how and how not in told else None
        given = body.steps[_given(body, fill)] if fill is not None else None
        if fill is None or (how == "mapped" and isinstance(given, facts.Const) and not _is_code(body, at, given)):
            continue
        told.add(how)
        yield _fallback(body, id, at, fill, "coded" if how == "mapped" and isinstance(given, facts.Const) else how)


def _is_code(body: Body, at: int, given: facts.Const) -> bool:
    """Whether a number is, or may be, one that the dictionary of a call holds: any other is a mark of its own."""
    call = body.steps[at]
    table = body.steps[call.arguments[0].value] if isinstance(call, facts.Call) and call.arguments else None
    if not isinstance(table, facts.Collection):
        return True
    values = (body.steps[one] for one in table.items if one != facts.NONE)
    return any(not isinstance(one, facts.Const) or one.value == given.value for one in values)


def _fallback(body: Body, id: str, at: int, fill: int, how: str) -> Fallback:
    program, file = body.machine.program, body.machine.program.file_of[body.unit]
    lost, filled = (program.span((file, body.steps[one].start, body.steps[one].end)) for one in (at, fill))
    given = _given(body, fill)
    plain = given != facts.NONE and isinstance(body.steps[given], facts.Const)
    return Fallback(lost, id, Role.TRANSFORM, lost, filled, shown(body, given) if plain else _OTHERS, False, how)


def _looks_for_gaps(body: Body) -> bool:
    return body.has(facts.Raise, facts.Assert) or body.means(_ASKS)


def _fills(body: Body, at: int) -> Iterator[int]:
    """The calls that put a value in the place of what a call left out: of its outcome, or of where that was put."""
    stores = (step for where, step in body.each(facts.SetItem) if where >= at)
    kept = [step for step in stores if body.depends(step.value, frozenset({at}))]
    for number in (one for one in body.meant if one > at):
        step = body.steps[number]
        if not any(_FILLS in row.traits for row in body.rows(number)) or not _is_made_up(body, _given(body, number)):
            continue
        callee = body.steps[step.callee] if isinstance(step, facts.Call) else None
        filled = callee.base if isinstance(callee, facts.Attribute) else facts.NONE
        if filled != facts.NONE and _holds(body, filled, at, kept):
            yield number


def _holds(body: Body, filled: int, at: int, kept: list[facts.SetItem]) -> bool:
    """Whether what is filled is what a call gave, the column it was put into, or a table with that column."""
    if body.depends(filled, frozenset({at})):
        return True
    column = body.steps[filled]
    for store in kept:
        if isinstance(column, facts.Item):
            if _is_table(body, column.base, store.base) and _is_same(body, column.key, store.key):
                return True
        elif _is_table(body, filled, store.base):
            return True
    return False


def _is_table(body: Body, at: int, base: int) -> bool:
    """Whether it is that table, under whichever name, or what its methods gave."""
    seen, todo = {at}, [at]
    while todo:
        number = todo.pop()
        step = body.steps[number]
        callee = body.steps[step.callee] if isinstance(step, facts.Call) else None
        before = [callee.base] if isinstance(callee, facts.Attribute) else []
        before = list(step.values) if isinstance(step, facts.Phi) else before
        if number == base:
            return True
        todo += [one for one in before if one != facts.NONE and one not in seen]
        seen.update(before)
    return False


def _is_same(body: Body, one: int, other: int) -> bool:
    first, second = body.steps[one], body.steps[other]
    if isinstance(first, facts.Const) and isinstance(second, facts.Const):
        return first.value == second.value
    return one == other


def _is_made_up(body: Body, given: int) -> bool:
    """Whether nobody can tell a value from others: a text, or a number below zero, says that there is none."""
    step = body.steps[given] if given != facts.NONE else None
    if isinstance(step, facts.Const):
        return isinstance(step.value, (int, float)) and step.value >= 0
    return step is not None


def _given(body: Body, fill: int) -> int:
    """The value that takes the place of what is missing; none where only the way of filling is named."""
    step = body.steps[fill]
    arguments = step.arguments if isinstance(step, facts.Call) else ()
    return next((one.value for one in arguments if one.name in ("", _WITH)), facts.NONE)
