"""Loops that leave out, without a word, the parts for which a step of a model's life fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body, says, tells
from mldebt.link.machine import Machine
from mldebt.link.values import Place
from mldebt.roles import Role

_FAILS = (Role.READ, Role.REQUEST, Role.LOAD, Role.FIT, Role.SEARCH, Role.PREDICT, Role.EVALUATE)
_COLLECTS = frozenset({"list.append", "list.extend"})
_ADDS = _COLLECTS | {"dict.update"}
_KEEPS = (facts.Return, facts.SetItem, facts.SetAttribute, facts.SetGlobal, facts.Branch, facts.Loop, facts.Yield)
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Inside:
    """The first step of a model's life that functions of the repository hold, by the places of their calls."""

    roles: Mapping[Place, Role]


def done_inside(machine: Machine) -> Inside:
    """What the functions do that are called, each by itself."""
    does: dict[int, Role] = {}
    for place, rows in machine.noted.meant.items():
        role = next((row.role for row in rows if row.role in _FAILS), None)
        if role is not None:
            does.setdefault(machine.program.unit_at(place), role)
    return Inside({place: does[callee] for _, callee, place in machine.calls if callee in does})


def parts_left_out(body: Body, id: str, inside: Inside) -> Iterator[Fallback]:
    """Loops that collect what a step gives for each part, and go on with the others where it fails: neither are the
    failures kept or counted, nor told as such."""
    for at, loop in body.each(facts.Loop):
        if loop.kind == "for":
            tries = (one for one in range(at + 1, loop.end_step) if isinstance(body.steps[one], facts.Try))
            yield from (one for first in tries for one in _of_try(body, id, inside, loop, first))


def _of_try(body: Body, id: str, inside: Inside, loop: facts.Loop, at: int) -> Iterator[Fallback]:
    step = body.steps[at]
    assert isinstance(step, facts.Try)
    handlers = [(one, body.steps[one]) for one in range(step.body_end, step.end_step)]
    ranges = [range(one + 1, first.end_step) for one, first in handlers if isinstance(first, facts.Handler)]
    failing = {one: role for one in range(at + 1, step.body_end) if (role := _role(body, inside, one)) is not None}
    handled = {one for each in ranges for one in each}
    quiet = bool(ranges) and all(_is_quiet(body, one) for one in handled) and not _gives(body, step.end_step, handled)
    # unless a handler goes on at once, what stands behind is done for the failed part as well
    goes_on = all(_takes_the_next_part(body, each) for each in ranges)
    collecting = range(at + 1, loop.end_step if goes_on else step.end_step)
    if failing and quiet and _collects(body, collecting, frozenset(failing)):
        program, file = body.machine.program, body.machine.program.file_of[body.unit]
        first, handler = body.steps[min(failing)], body.steps[ranges[0].start - 1]
        failed, left = (program.span((file, one.start, one.end)) for one in (first, handler))
        said = any(says(body, one) for one in handled)
        yield Fallback(left, id, failing[min(failing)], failed, left, _NOTHING, said, "left")


def _role(body: Body, inside: Inside, at: int) -> Role | None:
    """What a call does, or the function that it calls."""
    step = body.steps[at]
    if not isinstance(step, facts.Call):
        return None
    own = next((row.role for row in body.rows(at) if row.role in _FAILS), None)
    place = (body.machine.program.file_of[body.unit], step.start, step.end)
    return own or inside.roles.get(place)


def _is_quiet(body: Body, at: int) -> bool:
    """Whether a step of a handler keeps nothing of the failure, nor tells of it as one, nor counts it."""
    step = body.steps[at]
    if tells(body, at) or isinstance(step, _KEEPS) or any(row.op in _ADDS for row in body.rows(at)):
        return False
    parts = (body.steps[step.left], body.steps[step.right]) if isinstance(step, facts.Binary) else ()
    return not any(isinstance(one, facts.Const) and isinstance(one.value, (int, float)) for one in parts)


def _gives(body: Body, end: int, handled: set[int]) -> bool:
    """Whether handlers give a value to what goes on behind them, such as a flag."""
    joins = (step.values for step in body.steps[end:] if isinstance(step, facts.Phi))
    return any(one in handled for values in joins for one in values)


def _takes_the_next_part(body: Body, handler: range) -> bool:
    """Whether a handler goes on with the next part at once."""
    stops = (step for step in (body.steps[one] for one in handler) if isinstance(step, facts.Stop))
    return any(step.word == "continue" for step in stops)


def _collects(body: Body, inside: range, failing: frozenset[int]) -> bool:
    """Whether what may fail is put into a list: in a dictionary everybody sees which names are not there."""
    for at in inside:
        step = body.steps[at]
        if isinstance(step, facts.Call) and any(row.op in _COLLECTS for row in body.rows(at)):
            if any(body.depends(one.value, failing) for one in step.arguments):
                return True
    return False
