"""Where values go inside of a unit: through calculations, into collections, around loops, and by what they decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from mldebt import facts
from mldebt.link.falling_back import Body
from mldebt.link.operands import operands

_ROUNDS = 2
"""What the end of a loop gives its head is known in the second round."""
_HOLD = (facts.Collection, facts.Phi, facts.Call)
_NO_ROOTS: frozenset[str] = frozenset()
_Found = dict[int, frozenset[str]]


def roots(body: Body, marked: Mapping[int, str] | None = None) -> Mapping[int, frozenset[str]]:
    """The parameters, and fields of the own object, that each step of a function is made of, or decided by; with marks
    of some steps, also which of those it comes from."""
    found: _Found = defaultdict(lambda: _NO_ROOTS)
    owner, marks = _owner(body), marked or {}
    branches = [(at, one) for at, one in enumerate(body.steps) if isinstance(one, facts.Branch)]
    for _ in range(_ROUNDS):
        for at, step in enumerate(body.steps):
            own = _root(body, at, owner)
            made_of = (found[one] for one in operands(step))
            found[at] = frozenset({own}) if own else found[at].union(*made_of)
            found[at] |= {marks[at]} if at in marks else _NO_ROOTS
            _put_in(body, found, at, branches)
            _join(body, found, at, branches)
    return found


def _root(body: Body, at: int, owner: int) -> str:
    """The name of the parameter or field that a step is; empty for others."""
    step = body.steps[at]
    if isinstance(step, facts.Attribute) and step.base == owner:
        return f".{step.name}"
    return step.name if isinstance(step, facts.Param) and at != owner else ""


def _owner(body: Body) -> int:
    """The step of the object whose method a unit is; one that no step has for other functions."""
    program = body.machine.program
    parent = program.parent(body.unit)
    if parent < 0 or program.units[parent].kind != "class":
        return len(body.steps)
    first = (at for at, step in enumerate(body.steps) if isinstance(step, facts.Param) and step.index == 0)
    return next(first, len(body.steps))


def _put_in(body: Body, found: _Found, at: int, branches: list[tuple[int, facts.Branch]]) -> None:
    """What is stored into a collection, or handed to a method of what is made here, is in it from then on, and so is
    what decided that it is put there."""
    step, base, given = body.steps[at], facts.NONE, _NO_ROOTS
    if isinstance(step, facts.SetItem):
        base, given = step.base, found[step.value]
    elif isinstance(step, facts.Call):
        callee = body.steps[step.callee]
        if isinstance(callee, facts.Attribute) and isinstance(body.steps[callee.base], _HOLD):
            base, given = callee.base, found[at]
    if base != facts.NONE:
        around = (found[one.condition] for first, one in branches if first < at < one.end_step)
        found[base] = found[base].union(given, *around)


def _join(body: Body, found: _Found, at: int, branches: list[tuple[int, facts.Branch]]) -> None:
    """What a name is behind a branch is decided by what the branch asks, and so is what a comprehension keeps."""
    step = body.steps[at]
    if isinstance(step, facts.Phi):
        ended = ((first, one) for first, one in branches if one.end_step <= at)
        asked = [one.condition for first, one in ended if any(first < value < one.end_step for value in step.values)]
    elif isinstance(step, facts.Comprehended):
        loop = next((one for one in range(at, -1, -1) if isinstance(body.steps[one], facts.Loop)), at)
        asked = [one for one in range(loop, at) if isinstance(body.steps[one], facts.Compare)]
    else:
        return
    found[at] = found[at].union(*(found[one] for one in asked))
