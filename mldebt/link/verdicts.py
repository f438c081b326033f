"""Answers of yes or no that stored data or a model decide, and that a failure to get at them decides too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body, says, tells
from mldebt.link.going_without import absent_arms, opens
from mldebt.roles import Role

_ASKED = frozenset({Role.LOAD, Role.PREDICT, Role.EVALUATE})


def verdicts_without(body: Body, id: str) -> Iterator[Fallback]:
    """Handlers, and branches for a file that is not there, that give one of the answers which what was to be read,
    loaded or scored decides."""
    for at, step in body.each(facts.Try):
        for one in range(step.body_end, step.end_step):
            handler = body.steps[one]
            if isinstance(handler, facts.Handler):
                inside = range(one + 1, handler.end_step)
                yield from _verdict(body, id, handler, inside, range(at + 1, step.body_end))
    for branch, arm, what in absent_arms(body):
        behind = (at for at in range(arm.stop, len(body.steps)) if opens(body, at, what))
        yield from _verdict(body, id, branch, arm, behind)


def _roles(body: Body, steps: Iterable[int]) -> dict[int, Role]:
    """The steps that load or score a model, and those that read what a function is handed on to decide by."""
    asked = _ASKED | ({Role.READ} if body.unit in body.machine.noted.passed else frozenset())
    return {at: row.role for at in steps for row in body.rows(at) if row.role is not None and row.role in asked}


def _verdict(body: Body, id: str, where: facts.Step, inside: range, tried: Iterable[int]) -> Iterator[Fallback]:
    made = next((at for at in inside if (given := _answer(body, at)) is not None and given in inside), None)
    asked = _roles(body, tried) if made is not None and not any(tells(body, at) for at in inside) else {}
    if made is None or not asked:
        return
    value = body.steps[_answer(body, made) or 0]
    decided = _decided(body, inside, frozenset(asked))
    if isinstance(value, facts.Const) and value.value in decided and len(decided) > 1:
        program, file = body.machine.program, body.machine.program.file_of[body.unit]
        last = max(asked)
        spans = [program.span((file, one.start, one.end)) for one in (where, body.steps[last], value)]
        said = any(says(body, at) for at in inside)
        yield Fallback(spans[0], id, asked[last], spans[1], spans[2], repr(value.value), said, "verdict")


def _answer(body: Body, at: int) -> int | None:
    """What a step gives back, if that is yes or no."""
    step = body.steps[at]
    value = body.steps[step.value] if isinstance(step, facts.Return) and step.value >= 0 else None
    return step.value if isinstance(step, facts.Return) and isinstance(value, facts.Const) and _is_bool(value) else None


def _is_bool(value: facts.Const) -> bool:
    return isinstance(value.value, bool)


def _decided(body: Body, aside: range, asked: frozenset[int]) -> frozenset[object]:
    """The answers that are given in an arm of a branch, or behind one, that asks about the data."""
    found: set[object] = set()
    for at, step in body.each(facts.Branch):
        if at not in aside and body.depends(step.condition, asked):
            behind = range(at + 1, len(body.steps))
            values = (body.steps[given] for one in behind if one not in aside
                      and (given := _answer(body, one)) is not None)  # fmt: skip
            found.update(one.value for one in values if isinstance(one, facts.Const))
    return frozenset(found)
