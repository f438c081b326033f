"""Answers that say that nothing differs, where there was nothing to compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.comparing import APART, LENGTH, Comparing
from mldebt.link.falling_back import FAILURE, Body, says
from mldebt.link.operands import operands
from mldebt.link.spreading import roots
from mldebt.roles import Role

_NOTHING = frozenset({"empty"})
_COUNT = frozenset({"size"})
"""Attributes of rows that tell whether there are none, and how many there are."""
_EMPTY = (("==", 0), ("<", 1), ("<=", 0))
"""The comparisons of a count that say that it is none."""
_ORDERS = frozenset({"<", "<=", ">", ">="})
_MOST = 40
"""A function with more answers than that is no measure."""


@dataclass(frozen=True, slots=True)
class _Measure:
    """A function that compares, with what each of its steps is made of, and its answers by their parts."""

    body: Body
    known: Comparing
    made_of: Mapping[int, frozenset[str]]
    answers: Mapping[int, Mapping[str, int]]

    def both_asked(self) -> bool:
        """Whether the function asks of two things that it is given whether they are there."""
        conditions = (one.condition for one in self.body.steps if isinstance(one, facts.Branch))
        asked = (one for condition in conditions for one in _lacking(self.body, condition))
        return len(frozenset().union(*(self.made_of[one] for one in asked)) - {APART}) > 1


def unmeasured(body: Body, id: str, known: Comparing) -> Iterator[Fallback]:
    """What a function that compares answers where data are not there: no, or no distance at all, as if it had found
    that nothing differs."""
    if not known.compares(body.unit):
        return
    given = {at: _parts(body, step.value) for at, step in enumerate(body.steps) if isinstance(step, facts.Return)}
    measure = _Measure(body, known, roots(body, known.marks(body)), {at: parts for at, parts in given.items() if parts})
    yield from _chosen(measure, id)
    told: set[int] = set()
    for where, arm in _arms(measure) if 2 <= len(measure.answers) <= _MOST else ():
        found = next((at for at in arm if at in measure.answers), None)
        if found is not None and found not in told and not _is_told(body, arm):
            told.add(found)
            yield from _of_answer(measure, id, where, arm, found)


def _chosen(measure: _Measure, id: str) -> Iterator[Fallback]:
    """Zero, or no, that is taken where a collection of distances is empty, and that is compared with a limit."""
    body = measure.body
    sides = [side for one in body.steps if isinstance(one, facts.Compare) for side in (one.left, one.right)
             if one.operator in _ORDERS]  # fmt: skip
    for at, step in enumerate(body.steps):
        if not isinstance(step, facts.Choice) or APART not in measure.made_of[step.condition]:
            continue
        asked, value = body.steps[step.condition], body.steps[step.otherwise]
        plain = not isinstance(asked, (facts.Compare, facts.Binary, facts.Unary))
        if plain and _is_zero(value) and any(body.depends(side, frozenset({at})) for side in sides):
            yield _fallback(measure, id, (step, body.steps[step.then], value), "unmeasured", "", said=False)


def _parts(body: Body, at: int) -> Mapping[str, int]:
    """What an answer is made of, by the names of its parts; a plain one has no name."""
    step = body.steps[at] if at >= 0 else None
    if isinstance(step, facts.Collection) and step.kind == "tuple":
        return {str(number): one for number, one in enumerate(step.items)}
    if isinstance(step, facts.Collection) and step.kind == "dict":
        keys = (body.steps[key] if key >= 0 else None for key in step.keys)
        pairs = zip(keys, step.items, strict=True)
        return {str(key.value): one for key, one in pairs if isinstance(key, facts.Const)}
    if isinstance(step, facts.Call) and not body.rows(at) and len([one for one in step.arguments if one.name]) > 1:
        return {one.name: one.value for one in step.arguments if one.name}
    return {"": at} if step is not None else {}


def _arms(measure: _Measure) -> Iterator[tuple[facts.Step, range]]:
    """The handlers, and the arms for what is not there of which the function's answers are made."""
    body = measure.body
    given = (one for parts in measure.answers.values() for one in parts.values())
    data = frozenset().union(*(measure.made_of[one] for one in given)) - {APART}
    for at, step in enumerate(body.steps):
        if isinstance(step, facts.Handler):
            yield step, range(at + 1, step.end_step)
        elif isinstance(step, facts.Branch):
            lacking = _lacking(body, step.condition)
            if any(measure.made_of[one] & data or _asks(body, one) for one in lacking):
                yield step, range(at + 1, step.then_end)


def _lacking(body: Body, at: int) -> Iterator[int]:
    """The values of which a condition says that they are nothing, empty or not there."""
    step = body.steps[at]
    if isinstance(step, facts.Binary) and step.operator == "or":
        for side in (step.left, step.right):
            yield from _lacking(body, side)
    elif isinstance(step, facts.Unary) and step.operator == "not":
        if not isinstance(body.steps[step.operand], (facts.Compare, facts.Binary)):
            yield step.operand
    elif isinstance(step, facts.Attribute) and step.name in _NOTHING:
        yield step.base
    elif isinstance(step, facts.Compare):
        yield from _none(body, step)


def _none(body: Body, step: facts.Compare) -> Iterator[int]:
    other, asked = body.steps[step.right], body.steps[step.left]
    if not isinstance(other, facts.Const):
        return
    if step.operator == "is" and other.value is None:
        yield step.left
    elif (step.operator, other.value) in _EMPTY and isinstance(asked, facts.Attribute) and asked.name in _COUNT:
        yield asked.base
    elif (step.operator, other.value) in _EMPTY and isinstance(asked, facts.Call):
        if any(LENGTH in row.traits for row in body.rows(step.left)):
            yield from (one.value for one in asked.arguments)


def _asks(body: Body, at: int) -> bool:
    """Whether it is the answer of a call: of whether a file is there, or of who fetches the data."""
    return isinstance(body.steps[at], facts.Call)


def _is_told(body: Body, arm: range) -> bool:
    """Whether an arm raises or logs an error, or a function that it calls may."""
    return any(isinstance(body.steps[at], facts.Raise) or _fails(body, at) for at in arm)


def _fails(body: Body, at: int) -> bool:
    return any(FAILURE in row.traits or row.role is Role.MONITOR for row in body.rows(at))


def _of_answer(measure: _Measure, id: str, where: facts.Step, arm: range, at: int) -> Iterator[Fallback]:
    body, given = measure.body, measure.answers[at]
    others = [parts for other, parts in measure.answers.items() if other not in arm]
    quiet = next((name for name in given if _is_quiet(measure, name, given[name], others)), None)
    if quiet is None:
        return
    whole = [parts for parts in others if quiet in parts and APART in measure.made_of[parts[quiet]]]
    marks = frozenset(name for name in given if name != quiet and _is_mark(body, name, given, whole))
    plain = "uncompared" if isinstance(where, facts.Handler) else "unmeasured"
    how = "marked" if marks and not _is_taken_alone(measure, quiet, marks) else plain
    steps = where, _compared(measure, quiet, whole), body.steps[given[quiet]]
    name = "" if quiet.isdigit() else quiet
    yield _fallback(measure, id, steps, how, name, said=any(says(body, one) for one in arm))


def _fallback(
    measure: _Measure, id: str, steps: tuple[facts.Step, facts.Step, facts.Step], how: str, name: str, *, said: bool
) -> Fallback:
    """`steps`: where nothing is there, what is computed where something is, and what stands in its place."""
    program, file = measure.body.machine.program, measure.body.machine.program.file_of[measure.body.unit]
    where, failed, made = (program.span((file, one.start, one.end)) for one in steps)
    text = repr(steps[2].value) if isinstance(steps[2], facts.Const) else ""
    return Fallback(where, id, Role.MONITOR, failed, made, text, said, how, name)


def _is_quiet(measure: _Measure, name: str, at: int, others: list[Mapping[str, int]]) -> bool:
    """Whether a part says no, or is zero as the whole answer, where else it is decided, or made, by how far two things
    are apart. Whoever gives one plain value has to ask of both whether they are there."""
    value, plain = measure.body.steps[at], name == ""
    quiet = _is_no(value) or (plain and _is_zero(value))
    if not quiet or (plain and not measure.both_asked()):
        return False
    made = [parts[name] for parts in others if name in parts and APART in measure.made_of[parts[name]]]
    return any(_is_zero(value) or _says_differs(measure, one) for one in made)


def _says_differs(measure: _Measure, at: int) -> bool:
    """Whether yes means that a distance is above a limit, or its chance below one; what compares nothing may say so."""
    steps, seen, todo = measure.body.steps, {at}, [at]
    compared: list[facts.Compare] = []
    while todo:
        step = steps[todo.pop()]
        compared += [step] if isinstance(step, facts.Compare) and step.operator in _ORDERS else []
        fresh = [one for one in operands(step) if one not in seen]
        seen.update(fresh)
        todo += fresh
    return not compared or any(_is_above(measure, one) for one in compared)


def _is_above(measure: _Measure, step: facts.Compare) -> bool:
    high, low = (step.left, step.right) if step.operator in (">", ">=") else (step.right, step.left)
    chance = measure.body.steps[low]
    by_chance = isinstance(chance, facts.Element) and chance.index == 1
    return APART in measure.made_of[low if by_chance else high]


def _is_no(step: facts.Step) -> bool:
    return isinstance(step, facts.Const) and step.value is False


def _is_zero(step: facts.Step) -> bool:
    return isinstance(step, facts.Const) and type(step.value) in (int, float) and step.value == 0


def _compared(measure: _Measure, name: str, others: list[Mapping[str, int]]) -> facts.Step:
    """What the part is where there is something to compare."""
    values = (parts[name] for parts in others if name in parts)
    return next(step for one in values if not isinstance(step := measure.body.steps[one], facts.Const))


def _is_mark(body: Body, name: str, given: Mapping[str, int], others: list[Mapping[str, int]]) -> bool:
    """Whether a part says that there is no answer: nothing, or a word that no other answer holds there."""
    value = body.steps[given[name]]
    if isinstance(value, facts.Collection):
        return any(isinstance(body.steps[one], (facts.Const, facts.Template)) for one in value.items)
    if isinstance(value, facts.Const) and value.value is not True:
        told = value.value is None or (isinstance(value.value, str) and value.value != "")
    else:
        told = isinstance(value, (facts.Const, facts.Template)) or _is_no_number(body, value)
    elsewhere = [body.steps[parts[name]] for parts in others if name in parts]
    plain = [one for one in elsewhere if isinstance(one, facts.Const)]
    same = any(isinstance(value, facts.Const) and one.value == value.value for one in plain)
    worded = isinstance(value, (facts.Const, facts.Template)) and not _is_nothing(value)
    return told and not same and not (worded and elsewhere and not plain)


def _is_nothing(value: facts.Step) -> bool:
    return isinstance(value, facts.Const) and value.value is None


def _is_no_number(body: Body, value: facts.Step) -> bool:
    """Whether it is the number that is none: `nan` as an attribute, or made of its name."""
    if isinstance(value, facts.Call) and len(value.arguments) == 1:
        inner = body.steps[value.arguments[0].value]
        return isinstance(inner, facts.Const) and str(inner.value).lower() == "nan"
    return isinstance(value, facts.Attribute) and value.name.lower() == "nan"


def _is_taken_alone(measure: _Measure, name: str, marks: frozenset[str]) -> bool:
    """Whether somebody who asks the function takes this part of its answer, and looks at none of those that tell."""
    for caller, place in measure.known.asked.get(measure.body.unit, ()):
        body = Body(measure.body.machine, caller, measure.body.machine.program.body(caller))
        call = next((at for at, one in enumerate(body.steps) if _stands_at(one, place)), None)
        taken = frozenset(_taken(body, call)) if call is not None else frozenset()
        if name in taken and not taken & marks:
            return True
    return False


def _stands_at(step: facts.Step, place: tuple[int, int, int]) -> bool:
    return isinstance(step, facts.Call) and (step.start, step.end) == place[1:]


def _taken(body: Body, call: int) -> Iterator[str]:
    """The names of the parts that are taken of what a call gave."""
    sources = frozenset({call})
    for step in body.steps[call:]:
        if isinstance(step, facts.Attribute) and body.depends(step.base, sources):
            yield step.name
        key = facts.NONE
        if isinstance(step, facts.Item) and body.depends(step.base, sources):
            key = step.key
        elif isinstance(step, facts.Call) and step.arguments:
            callee = body.steps[step.callee]
            if isinstance(callee, facts.Attribute) and body.depends(callee.base, sources):
                key = step.arguments[0].value
        said = body.steps[key] if key != facts.NONE else None
        if isinstance(said, facts.Const) and isinstance(said.value, str):
            yield said.value
