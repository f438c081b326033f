"""Where values go inside of a unit: through calculations, into collections, around loops, and by what they decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mldebt import facts
from mldebt.link.falling_back import Body
from mldebt.link.operands import operands

_ROUNDS = 2
"""What the end of a loop gives its head is known in the second round."""
_HOLD = (facts.Collection, facts.Phi, facts.Call)
_NO_ROOTS: frozenset[str] = frozenset()
_Found = dict[int, frozenset[str]]


class _Flow(NamedTuple):
    """What a step is made of: the values that it uses, its own root and those it is marked with, and what decides it.
    What it `puts` into a collection, decided by the conditions around, is in that from then on."""

    uses: Sequence[int]
    own: frozenset[str]
    marks: frozenset[str]
    decided: Sequence[int]
    into: int
    puts: int
    around: Sequence[int]


def roots(body: Body, marked: Mapping[int, str] | None = None) -> Mapping[int, frozenset[str]]:
    """The parameters, and fields of the own object, that each step of a function is made of, or decided by; with marks
    of some steps, also which of those it comes from."""
    found: _Found = defaultdict(lambda: _NO_ROOTS)
    flows = _flows(body, marked or {})
    for _ in range(_ROUNDS):
        for at, flow in enumerate(flows):
            made_of = flow.own or found[at].union(*[found[one] for one in flow.uses])
            found[at] = made_of | flow.marks
            if flow.into != facts.NONE:
                found[flow.into] = found[flow.into].union(found[flow.puts], *[found[one] for one in flow.around])
            if flow.decided:
                found[at] = found[at].union(*[found[one] for one in flow.decided])
    return found


def _flows(body: Body, marks: Mapping[int, str]) -> list[_Flow]:
    owner, branches = _owner(body), body.each(facts.Branch)
    flows: list[_Flow] = []
    for at, step in enumerate(body.steps):
        root, (into, puts) = _root(body, at, owner), _put_in(body, at, step)
        around = [one.condition for first, one in branches if into != facts.NONE and first < at < one.end_step]
        marked = frozenset({marks[at]}) if at in marks else _NO_ROOTS
        own = frozenset({root}) if root else _NO_ROOTS
        flows.append(_Flow(operands(step), own, marked, _decided_by(body, at, step), into, puts, around))
    return flows


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
    first = (at for at, step in body.each(facts.Param) if step.index == 0)
    return next(first, len(body.steps))


def _put_in(body: Body, at: int, step: facts.Step) -> tuple[int, int]:
    """The collection that something is stored into, or the thing made here whose method is handed something, and what
    that is."""
    if isinstance(step, facts.SetItem):
        return step.base, step.value
    callee = body.steps[step.callee] if isinstance(step, facts.Call) else None
    if isinstance(callee, facts.Attribute) and isinstance(body.steps[callee.base], _HOLD):
        return callee.base, at
    return facts.NONE, facts.NONE


def _decided_by(body: Body, at: int, step: facts.Step) -> list[int]:
    """What a name is behind a branch is decided by what the branch asks, and so is what a comprehension keeps."""
    if isinstance(step, facts.Phi):
        ended = ((first, one) for first, one in body.each(facts.Branch) if one.end_step <= at)
        return [one.condition for first, one in ended if any(first < value < one.end_step for value in step.values)]
    if isinstance(step, facts.Comprehended):
        loop = next((one for one in range(at, -1, -1) if isinstance(body.steps[one], facts.Loop)), at)
        return [one for one in range(loop, at) if isinstance(body.steps[one], facts.Compare)]
    return []
