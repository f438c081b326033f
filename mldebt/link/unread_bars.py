"""Scores to beat that could not be read, whatever the reason, and without which a new model passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.comparing import Comparing
from mldebt.link.falling_back import Body, says, tells
from mldebt.link.going_without import is_broad
from mldebt.roles import Role, Store
from mldebt.rows import Row

_ORDERS = frozenset({"<", "<=", ">", ">="})
_NO = "None"
_DEEP = 2
"""Through so many calls it is followed what is done with a new model."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """A handler that leaves nothing where something was to be read: the body it stands in, and the step that fails."""

    body: Body
    handler: facts.Handler
    failing: int
    said: bool


def bars_unread(body: Body, id: str, known: Comparing) -> Iterator[Fallback]:
    """Branches by which a model passes if it is better than another, or if there is nothing to compare it with, as a
    handler of whatever fails leaves it."""
    told: set[int] = set()
    for at, step in body.each(facts.Branch):
        asked = _absent(body, step.condition)
        if asked is None:
            continue
        lost = next(_lost(body, known, asked, at), None)
        arm = range(at + 1, step.then_end)
        if lost is None or lost.handler.start in told or not _is_compared(body, asked):
            continue
        through = _is_either(body, step.condition) or any(_is_yes(body, one) for one in arm)
        of_model = through and any(map(_is_of_model, _done(lost.body, known, lost.failing)))
        if of_model or _passes(body, known, arm):
            told.add(lost.handler.start)
            yield _fallback(id, lost)


def _fallback(id: str, lost: _Lost) -> Fallback:
    body = lost.body
    program, file = body.machine.program, body.machine.program.file_of[body.unit]
    failing = body.steps[lost.failing]
    where, failed = (program.span((file, one.start, one.end)) for one in (lost.handler, failing))
    return Fallback(where, id, Role.EVALUATE, failed, where, _NO, lost.said, "beaten")


def _absent(body: Body, at: int) -> int | None:
    """The value of which a condition says that it is not there, or asks in the same breath whether it is beaten."""
    step = body.steps[at]
    if isinstance(step, facts.Binary) and step.operator == "or":
        return _absent(body, step.left)
    if isinstance(step, facts.Unary) and step.operator == "not":
        return step.operand if isinstance(body.steps[step.operand], (facts.Phi, facts.Call, facts.Element)) else None
    if isinstance(step, facts.Compare) and step.operator in ("is", "=="):
        other = body.steps[step.right]
        return step.left if isinstance(other, facts.Const) and other.value is None else None
    return None


def _is_compared(body: Body, asked: int) -> bool:
    """Whether the value, or what came with it, is one side of a comparison with another that was not written down."""
    source = _source(body, asked)
    for _, step in body.each(facts.Compare):
        if step.operator in _ORDERS:
            sides = (step.left, step.right), (step.right, step.left)
            if any(_is_of(body, one, source) and not _is_plain(body, other, source) for one, other in sides):
                return True
    return False


def _source(body: Body, at: int) -> int:
    """The call whose answer a value is, be it a part of it, or in one of several ways."""
    step = body.steps[at]
    if isinstance(step, facts.Phi):
        calls = (_source(body, one) for one in step.values if 0 <= one < at)
        return next((one for one in calls if isinstance(body.steps[one], facts.Call)), at)
    return _source(body, step.base) if isinstance(step, (facts.Element, facts.Item, facts.Attribute)) else at


def _is_of(body: Body, at: int, source: int) -> bool:
    return _source(body, at) == source


def _is_plain(body: Body, at: int, source: int) -> bool:
    return isinstance(body.steps[at], facts.Const) or body.depends(at, frozenset({source}))


def _lost(body: Body, known: Comparing, asked: int, before: int) -> Iterator[_Lost]:
    """The handlers that leave nothing in the place of a value: here, or in the function that was asked for it."""
    source = _source(body, asked)
    for at, step in body.each(facts.Try):
        if at < before and at < source < step.body_end and isinstance(body.steps[asked], facts.Phi):
            for handler in _quiet(body, step):
                if any(_is_none(body, one) for one in _values(body, asked)):
                    yield _Lost(body, handler[1], source, handler[2])
    for callee in known.called(body, source):
        yield from _given_nothing(Body(body.machine, callee, body.machine.program.body(callee)))


def _given_nothing(body: Body) -> Iterator[_Lost]:
    """The handlers of a function that give back nothing, where something was to be given."""
    for at, step in body.each(facts.Try):
        for first, handler, said in _quiet(body, step):
            given = [one.value for one in body.steps[first : handler.end_step] if isinstance(one, facts.Return)]
            call = next((one for one in range(at + 1, first) if isinstance(body.steps[one], facts.Call)), None)
            if call is not None and given and all(one == facts.NONE or _is_none(body, one) for one in given):
                yield _Lost(body, handler, call, said)


def _quiet(body: Body, step: facts.Try) -> Iterator[tuple[int, facts.Handler, bool]]:
    """The handlers of whatever fails that tell nobody, each with the step where it begins, and whether it says so."""
    for at in range(step.body_end, step.end_step):
        handler = body.steps[at]
        if isinstance(handler, facts.Handler) and is_broad(body, handler.caught):
            inside = range(at + 1, handler.end_step)
            if not any(tells(body, one) for one in inside):
                yield at, handler, any(says(body, one) for one in inside)


def _values(body: Body, at: int) -> Iterator[int]:
    """The values of which one is meant, through all joins."""
    seen, todo = {at}, [at]
    while todo:
        number = todo.pop()
        step = body.steps[number]
        yield number
        fresh = [one for one in step.values if one >= 0 and one not in seen] if isinstance(step, facts.Phi) else []
        seen.update(fresh)
        todo += fresh


def _is_none(body: Body, at: int) -> bool:
    step = body.steps[at]
    return isinstance(step, facts.Const) and step.value is None and not step.kind


def _is_either(body: Body, at: int) -> bool:
    """Whether a condition holds as well where something is better."""
    step = body.steps[at]
    if isinstance(step, facts.Binary) and step.operator == "or":
        return _is_either(body, step.right)
    return isinstance(step, facts.Compare) and step.operator in _ORDERS


def _is_yes(body: Body, at: int) -> bool:
    step = body.steps[at]
    value = body.steps[step.value] if isinstance(step, facts.Return) and step.value >= 0 else None
    first = body.steps[value.items[0]] if isinstance(value, facts.Collection) and value.items else value
    return isinstance(first, facts.Const) and first.value is True


def _is_of_model(row: Row) -> bool:
    """Whether a call loads a model, or reads what a store of models or of their runs keeps."""
    return row.role is Role.LOAD or (row.role is Role.READ and row.store in (Store.MODEL, Store.RUN))


def _passes(body: Body, known: Comparing, arm: range) -> bool:
    """Whether an arm puts a model in force, or stores one."""
    rows = (row for at in arm for row in _done(body, known, at))
    return any("promotes" in row.traits or row.role is Role.PERSIST for row in rows)


def _done(body: Body, known: Comparing, at: int, deep: int = 0) -> Iterator[Row]:
    """What a call means, and all that is done by the function that it calls."""
    yield from body.rows(at)
    for callee in known.called(body, at) if deep < _DEEP else ():
        inner = Body(body.machine, callee, body.machine.program.body(callee))
        for one in range(len(inner.steps)):
            yield from _done(inner, known, one, deep + 1)
