"""Handlers in which the failure of a step of a model's life is turned into made-up data."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.program import S
from mldebt.roles import Role
from mldebt.rows import Row

FAILURE = "failure"
"""The trait of calls that tell of a failure, so that somebody may look."""
_FAILS = (
    Role.PREDICT, Role.EVALUATE, Role.FIT, Role.FIT_TRANSFORM, Role.TRANSFORM, Role.SEARCH, Role.LOAD,
)  # fmt: skip
_KEEPS = (facts.SetItem, facts.SetAttribute, facts.SetGlobal, facts.Delete, facts.Return, facts.Yield)
_SAYS = frozenset({Role.LOG, Role.INSPECT})
_QUIET = frozenset({None, Role.CONSTRUCT, Role.DERIVE, *_SAYS})
_BUILTIN = frozenset(dir(builtins))
_LONGEST = 40


@dataclass(frozen=True)
class Body:
    """The steps of a unit, and what its calls mean. Few calls mean anything, and few steps are of one kind: who looks
    for either goes by `meant` and `each`, as walks over all steps are most of what describing costs."""

    machine: Machine
    unit: int
    steps: tuple[facts.Step, ...]

    @cached_property
    def meant(self) -> Mapping[int, tuple[Row, ...]]:
        """What calls mean, by their steps, in order."""
        file, meant = self.machine.program.file_of[self.unit], self.machine.noted.meant
        found = ((at, meant.get((file, step.start, step.end), ())) for at, step in self.each(facts.Call))
        return {at: rows for at, rows in found if rows}

    def rows(self, at: int) -> tuple[Row, ...]:
        """What the call at a step means."""
        return self.meant.get(at, ())

    def each(self, kind: type[S]) -> Sequence[tuple[int, S]]:
        """The steps of a kind, with where they stand, in order."""
        return self.machine.program.each(self.unit, kind)

    def means(self, trait: str) -> bool:
        """Whether any call is one with a trait."""
        return any(trait in row.traits for rows in self.meant.values() for row in rows)

    def has(self, *kinds: type[facts.Step]) -> bool:
        """Whether there is any step of these kinds."""
        return any(self.each(kind) for kind in kinds)

    def depends(self, at: int, sources: frozenset[int]) -> bool:
        """Whether a value is made of one of these, by steps of the unit."""
        seen, todo = {at}, [at]
        while todo:
            one = todo.pop()
            if one in sources:
                return True
            fresh = {part for part in operands(self.steps[one]) if part < one} - seen
            seen |= fresh
            todo += fresh
        return False


def handlers_without(body: Body, id: str) -> Iterator[Fallback]:
    """Handlers around a step of a model's life that put something made up in its place."""
    for at, step in body.each(facts.Try):
        yield from _of_try(body, id, at, step)


def _of_try(body: Body, id: str, at: int, step: facts.Try) -> Iterator[Fallback]:
    tried = range(at + 1, step.body_end)
    roles = {one: role for one in tried for row in body.rows(one) if (role := _fails(row)) is not None}
    handlers = (one for one in range(step.body_end, step.end_step) if isinstance(body.steps[one], facts.Handler))
    for handler in handlers if roles else ():
        first = body.steps[handler]
        assert isinstance(first, facts.Handler)
        inside = range(handler + 1, first.end_step)
        if any(tells(body, one) for one in inside):
            continue
        failing = frozenset(roles)
        made = next(_made_up(body, tried, inside, step.end_step, failing), None)
        if made is None and _lets_go_on(body, inside) and not _records(body, step, failing):
            made = next(_bound_before(body, at, step, failing), None)
        if made is not None and not (roles[max(roles)] is Role.EVALUATE and _is_no_score(body, inside, made)):
            yield _fallback(body, id, first, made, roles, any(says(body, one) for one in inside))


def _fails(row: Row) -> Role | None:
    """What may fail where a call has this meaning; what learns and gives numbers alone is a score of the columns."""
    role = row.role if row.role in _FAILS else None
    numbers = bool(row.result) and all(one.startswith("array") for one in row.result)
    return Role.EVALUATE if role is Role.FIT and numbers else role


def _fallback(
    body: Body, id: str, handler: facts.Handler, made: int, roles: dict[int, Role], said: bool
) -> Fallback:
    program, file = body.machine.program, body.machine.program.file_of[body.unit]
    failing = max(roles)  # the last one makes what is replaced
    step, value = body.steps[failing], body.steps[made]
    return Fallback(
        program.span((file, handler.start, handler.end)), id, roles[failing],
        program.span((file, step.start, step.end)), program.span((file, value.start, value.end)),
        shown(body, made), said,
    )  # fmt: skip


def tells(body: Body, at: int) -> bool:
    """Whether a step of a handler tells somebody that it failed, or may: what nobody knows may do anything."""
    step = body.steps[at]
    if isinstance(step, facts.Raise):
        return True
    if not isinstance(step, facts.Call):
        return False
    rows = body.rows(at)
    if not rows:
        callee = body.steps[step.callee]
        return not (isinstance(callee, facts.Load) and callee.name in _BUILTIN)
    return any(FAILURE in row.traits or row.role not in _QUIET for row in rows)


def says(body: Body, at: int) -> bool:
    """Whether a step prints or logs something."""
    return any(row.role in _SAYS for row in body.rows(at))


def _made_up(body: Body, tried: range, inside: range, end: int, failing: frozenset[int]) -> Iterator[int]:
    """The values of a handler that stand where what may fail would have stood, as nobody can tell them from answers. A
    text or nothing beside them, in the place of another part of it, says that it failed."""
    found = list(_in_its_place(body, tried, inside, end, failing))
    return iter(() if any(_says_none(body, one) for one in found) else [one for one in found if is_made_up(body, one)])


def _in_its_place(body: Body, tried: range, inside: range, end: int, failing: frozenset[int]) -> Iterator[int]:
    """What a handler gives back, puts under the same key, or under the same name."""
    steps = body.steps
    answers = [step.value for step in steps[tried.start : tried.stop] if isinstance(step, facts.Return)]
    given = any(body.depends(one, failing) for one in answers)
    for at in inside:
        step = steps[at]
        if isinstance(step, facts.Return) and given and step.value in inside:
            yield step.value
        if isinstance(step, facts.SetItem) and step.value in inside:
            if any(_sets_the_same(body, steps[one], step, failing) for one in tried):
                yield step.value
    for step in steps[end:]:
        if isinstance(step, facts.Phi):
            meant = any(one in tried and body.depends(one, failing) for one in step.values)
            yield from (one for one in step.values if meant and one in inside)


def _lets_go_on(body: Body, inside: range) -> bool:
    """Whether a handler lets the code behind it go on, and leaves nothing in an object that says that it was here."""
    steps = (body.steps[one] for one in inside)
    if any(isinstance(one, _KEEPS) or (isinstance(one, facts.Stop) and one.word != "pass") for one in steps):
        return False
    return not any(row.mutates for one in inside for row in body.rows(one))


def _records(body: Body, step: facts.Try, failing: frozenset[int]) -> bool:
    """Whether a name that is used says which way was taken, as it holds something else where the step failed, and
    nothing of what would have been answered: an error that is kept, a count of failures, a mark."""
    joined = [(at, phi) for at, phi in body.each(facts.Phi) if at >= step.end_step and phi.start == step.start]
    return any(
        _differs(body, phi, step) and not body.depends(at, failing) and _is_used(body, at) for at, phi in joined
    )


def _differs(body: Body, phi: facts.Phi, step: facts.Try) -> bool:
    """Whether a name has a value on both ways, or one that a handler gives it."""
    values = list(_joined(body, phi))
    return facts.NONE not in values or any(step.body_end <= one < step.end_step for one in values)


def _is_used(body: Body, at: int) -> bool:
    """Whether a step other than the joining of ways uses a value."""
    seen, todo = {at}, [at]
    while todo:
        one = todo.pop()
        users = {index for index, step in enumerate(body.steps) if one in operands(step)} - seen
        if any(not isinstance(body.steps[user], facts.Phi) for user in users):
            return True
        seen |= users
        todo += users
    return False


def _bound_before(body: Body, at: int, step: facts.Try, failing: frozenset[int]) -> Iterator[int]:
    """The made-up values that names keep where what would have filled them fails, as the handler goes on from there;
    a text or nothing among them says that it failed."""
    names = [one for one in body.steps[step.end_step :] if isinstance(one, facts.Phi)]
    kept = [
        before
        for one in names
        if any(at < part < step.body_end and body.depends(part, failing) for part in one.values)
        for before in _joined(body, one)
        if 0 <= before < at
    ]
    if not any(_says_none(body, one) for one in kept):
        yield from (one for one in kept if is_made_up(body, one))


def _joined(body: Body, phi: facts.Phi) -> Iterator[int]:
    """The values that a name may have, those that it has where a handler begins too."""
    for one in phi.values:
        step = body.steps[one] if one >= 0 else None
        yield from step.values if isinstance(step, facts.Phi) else (one,)


def _says_none(body: Body, at: int) -> bool:
    step = body.steps[at]
    return isinstance(step, facts.Const) and not isinstance(step.value, (int, float))


def _sets_the_same(body: Body, tried: facts.Step, step: facts.SetItem, failing: frozenset[int]) -> bool:
    if not isinstance(tried, facts.SetItem) or not body.depends(tried.value, failing):
        return False
    one, other = body.steps[tried.key], body.steps[step.key]
    return isinstance(one, facts.Const) and isinstance(other, facts.Const) and one.value == other.value


def is_made_up(body: Body, at: int) -> bool:
    """A number, a collection of nothing else, or an array that is made of no data: what nobody can tell from an
    answer. What is empty, or None, says by itself that there is none."""
    step = body.steps[at]
    if isinstance(step, facts.Const):
        return isinstance(step.value, (int, float)) and not isinstance(step.value, bool)
    if isinstance(step, facts.Collection):
        return bool(step.items) and all(is_made_up(body, one) for one in step.items)
    return any(
        row.role is Role.CONSTRUCT and row.result and row.result[0].startswith("array") for row in body.rows(at)
    )


def _is_no_score(body: Body, inside: range, at: int) -> bool:
    """Whether a number stands below those that scores are, which says by itself that there is none, or is the worst of
    scores that a search is told for settings that do not work: it calls what it is handed."""
    step = body.steps[at]
    below = isinstance(step, facts.Const) and isinstance(step.value, (int, float)) and step.value < 0
    returned = any(isinstance(one, facts.Return) and one.value == at for one in body.steps[inside.start : inside.stop])
    return below or (returned and body.unit in body.machine.noted.passed)


def shown(body: Body, at: int) -> str:
    """The value as a reader sees it; numbers only, as a text may hold what nobody should see."""
    step = body.steps[at]
    if isinstance(step, facts.Const):
        return repr(step.value)[:_LONGEST]
    return "a list of fixed numbers" if isinstance(step, facts.Collection) else "a made-up array"
