"""Code that goes on without what it needs: a branch for a file or model that is not there, a function in the place of
one that cannot be imported, a score that anything beats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mldebt import facts
from mldebt.graph.code import Definition
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body, is_made_up, says, shown, tells
from mldebt.link.values import Module
from mldebt.roles import Role

_NEEDS = (Role.LOAD, Role.PREDICT, Role.EVALUATE, Role.TRANSFORM)
_OPENS = (Role.LOAD, Role.READ)
_BROAD = frozenset({"Exception", "BaseException"})
_ENDLESS = frozenset({"inf", "infinity", "+inf"})
_STANDS = {"import": "a function that does nothing", "beaten": "infinite"}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a condition asks about, and whether it is not there where the condition holds."""

    what: int
    absent: bool


def absent_arms(body: Body) -> Iterator[tuple[facts.Branch, range, int]]:
    """The branches that ask whether a file or a value is there, with the arm for where it is not, and what it is."""
    for at, step in body.each(facts.Branch):
        asked = _asked(body, step.condition)
        if asked is not None:
            arms = range(at + 1, step.then_end), range(step.then_end, step.end_step)
            yield step, arms[0] if asked.absent else arms[1], asked.what


def branches_without(body: Body, id: str) -> Iterator[Fallback]:
    """Arms of a branch for a file or model that is not there, which give a made-up value where the function goes on to
    give what it makes of it."""
    for step, arm, what in absent_arms(body):
        made = next(_given_back(body, arm), None)
        if made is None or any(tells(body, one) for one in arm):
            continue
        needing = _needing(body, [one for one in range(step.condition + 1, len(body.steps)) if one not in arm], what)
        if needing:
            others = (one for at, one in enumerate(body.steps) if at not in arm)
            answers = (one.value for one in others if isinstance(one, facts.Return))
            if any(body.depends(one, frozenset(needing)) for one in answers):
                yield _fallback(body, id, step, made, max(needing), needing[max(needing)], "missing", arm)


def _asked(body: Body, at: int) -> _Asked | None:
    """What a condition asks to be there: a path for a file, or a value for being anything."""
    step = body.steps[at]
    if isinstance(step, facts.Unary) and step.operator == "not":
        inner = _asked(body, step.operand)
        return None if inner is None else _Asked(inner.what, not inner.absent)
    if isinstance(step, facts.Compare) and step.operator in ("is", "is not", "==", "!="):
        other = body.steps[step.right]
        none = isinstance(other, facts.Const) and other.value is None
        return _Asked(step.left, step.operator in ("is", "==")) if none else None
    if isinstance(step, facts.Binary) and step.operator == "or":
        sides = [_asked(body, side) for side in (step.left, step.right)]
        return next((one for one in sides if one is not None and one.absent), None)
    if isinstance(step, facts.Call):
        given = [one.value for one in step.arguments] or [_base(body, step.callee)]
        return _Asked(given[0], False) if any(row.op == "exists" for row in body.rows(at)) else None
    return _Asked(at, False) if isinstance(step, (facts.Load, facts.Attribute, facts.Phi)) else None


def _base(body: Body, at: int) -> int:
    step = body.steps[at]
    return step.base if isinstance(step, facts.Attribute) else at


def _needing(body: Body, behind: list[int], what: int) -> dict[int, Role]:
    """The steps with a role that are done by the model which was asked about, or with what lies at that path."""
    opened = [one for one in behind if opens(body, one, what)]
    found: dict[int, Role] = {}
    for at in behind:
        role = next((row.role for row in body.rows(at) if row.role in _NEEDS), None)
        step = body.steps[at]
        if role is not None and isinstance(step, facts.Call):
            if _is_same(body, _base(body, step.callee), what) or body.depends(at, frozenset(opened)):
                found[at] = role
    return found


def opens(body: Body, at: int, what: int) -> bool:
    """Whether a step reads or loads what lies at a path, or is named by a value."""
    step = body.steps[at]
    if not (isinstance(step, facts.Call) and any(row.role in _OPENS for row in body.rows(at))):
        return False
    return body.depends(at, frozenset(one for one in range(at) if _is_same(body, one, what)))


def _is_same(body: Body, one: int, other: int) -> bool:
    """Whether two steps are one value: of a name, field or path that is said twice, too."""
    first, second = body.steps[one], body.steps[other]
    if isinstance(first, facts.Attribute) and isinstance(second, facts.Attribute):
        return first.name == second.name and _is_same(body, first.base, second.base)
    if isinstance(first, facts.Load) and isinstance(second, facts.Load):
        return first.name == second.name
    if isinstance(first, facts.Const) and isinstance(second, facts.Const):
        return isinstance(first.value, str) and first.value == second.value
    return one == other


def _given_back(body: Body, arm: range) -> Iterator[int]:
    """The made-up values that an arm gives back, with nothing that says that there is none."""
    values = [one.value for one in body.steps[arm.start : arm.stop] if isinstance(one, facts.Return)]
    yield from (one for one in values if one in arm and is_made_up(body, one))


def _fallback(
    body: Body, id: str, where: facts.Step, made: int, failing: int, role: Role, how: str, inside: Iterable[int],
    name: str = "",
) -> Fallback:  # fmt: skip
    program, file = body.machine.program, body.machine.program.file_of[body.unit]
    spans = [program.span((file, one.start, one.end)) for one in (where, body.steps[failing], body.steps[made])]
    value = _STANDS.get(how) or shown(body, made)
    return Fallback(spans[0], id, role, spans[1], spans[2], value, any(says(body, one) for one in inside), how, name)


def imports_without(body: Body, id: str, definitions: Mapping[tuple[str, str], Definition]) -> Iterator[Fallback]:
    """Handlers that put a function which does nothing in the place of one of the repository that does ML work."""
    for _, step in body.each(facts.Try):
        for handler in _handlers(body, step):
            inside = range(handler + 1, _end(body, handler))
            if any(isinstance(body.steps[one], facts.Raise) for one in inside):
                continue
            for where, phi in body.each(facts.Phi):
                if where >= step.end_step:
                    yield from _stood_in(body, id, handler, inside, phi, definitions)


def _stood_in(
    body: Body, id: str, handler: int, inside: range, phi: facts.Phi,
    definitions: Mapping[tuple[str, str], Definition],
) -> Iterator[Fallback]:  # fmt: skip
    imported = next((one for one in phi.values if one >= 0 and isinstance(body.steps[one], facts.Import)), None)
    made = next((one for one in phi.values if one in inside and isinstance(body.steps[one], facts.Define)), None)
    if imported is None or made is None or not _is_idle(body, made):
        return
    step = body.steps[imported]
    assert isinstance(step, facts.Import)
    module = body.machine.imports.resolve(body.machine.program.file_of[body.unit], step.module, step.level)
    path = body.machine.program.sources[module.file].path if isinstance(module, Module) and module.file >= 0 else ""
    meant = definitions.get((path, step.name))
    if meant is not None and meant.ml:
        where = body.steps[handler]
        yield _fallback(body, id, where, made, imported, Role.FIT, "import", inside, step.name)


def _is_idle(body: Body, made: int) -> bool:
    """Whether a function that is defined prints or logs at most, and gives nothing it has not been given."""
    define = body.steps[made]
    assert isinstance(define, facts.Define)
    program = body.machine.program
    unit = program.first[program.file_of[body.unit]] + define.unit
    inner = Body(body.machine, unit, program.body(unit))
    doing = (facts.Raise, facts.SetAttribute, facts.SetItem, facts.SetGlobal, facts.Loop, facts.Try, facts.Yield)
    return program.units[unit].kind == "function" and not any(
        isinstance(one, doing) or tells(inner, at) for at, one in enumerate(inner.steps)
    )


def scores_without(body: Body, id: str) -> Iterator[Fallback]:
    """Handlers of whatever fails that leave, as the score to beat, one that anything beats."""
    for at, step in body.each(facts.Try):
        for handler in _handlers(body, step):
            inside = range(handler + 1, _end(body, handler))
            first = body.steps[handler]
            assert isinstance(first, facts.Handler)
            if not is_broad(body, first.caught) or any(tells(body, one) for one in inside):
                continue
            for phi in (where for where, _ in body.each(facts.Phi) if where >= step.end_step):
                made = _endless(body, phi, range(at + 1, step.body_end), handler)
                if made is not None and _is_beaten(body, phi, positive=made[1]):
                    failing = made[2]
                    yield _fallback(body, id, first, made[0], failing, Role.EVALUATE, "beaten", inside)


def _endless(body: Body, phi: int, tried: range, handler: int) -> tuple[int, bool, int] | None:
    """The endless value that a name has where what is tried fails, whether it is positive, and what else it has."""
    step = body.steps[phi]
    if not isinstance(step, facts.Phi):
        return None
    values = [*step.values, *(part for one in step.values for part in _joined(body, one))]
    other = next((one for one in values if one in tried and _calls(body, one, tried)), None)
    for one in values:
        sign = None if one < 0 or one in tried else _sign(body, one)
        if sign is not None and other is not None and (one < tried.start or one > handler):
            return one, sign, other
    return None


def _joined(body: Body, at: int) -> tuple[int, ...]:
    """The values that are one where a handler begins, as what is tried may fail before or behind them."""
    step = body.steps[at] if at >= 0 else None
    return step.values if isinstance(step, facts.Phi) else ()


def _calls(body: Body, at: int, tried: range) -> bool:
    return body.depends(at, frozenset(one for one in tried if isinstance(body.steps[one], facts.Call)))


def _sign(body: Body, at: int) -> bool | None:
    """Whether an endless number is positive; None for other values."""
    step = body.steps[at]
    if isinstance(step, facts.Unary) and step.operator == "-":
        inner = _sign(body, step.operand)
        return None if inner is None else not inner
    if isinstance(step, facts.Attribute):
        return True if step.name == "inf" else None
    if isinstance(step, facts.Call) and len(step.arguments) == 1:
        callee, said = body.steps[step.callee], body.steps[step.arguments[0].value]
        text = str(said.value).lower() if isinstance(said, facts.Const) else ""
        if isinstance(callee, facts.Load) and callee.name == "float" and text.lstrip("-") in _ENDLESS:
            return not text.startswith("-")
    return None


def _is_beaten(body: Body, phi: int, *, positive: bool) -> bool:
    """Whether a branch of the function asks whether something is better than the value: anything is."""
    asked = {one.condition for _, one in body.each(facts.Branch)}
    for at, step in body.each(facts.Compare):
        if at in asked and phi in (step.left, step.right):
            bar_right = step.right == phi
            less = step.operator in ("<", "<=")
            more = step.operator in (">", ">=")
            if (less and bar_right is positive) or (more and bar_right is not positive):
                return True
    return False


def is_broad(body: Body, caught: int) -> bool:
    """Whether a handler takes whatever fails."""
    step = body.steps[caught] if caught >= 0 else None
    return step is None or (isinstance(step, facts.Load) and step.name in _BROAD)


def _handlers(body: Body, step: facts.Try) -> list[int]:
    return [one for one in range(step.body_end, step.end_step) if isinstance(body.steps[one], facts.Handler)]


def _end(body: Body, at: int) -> int:
    step = body.steps[at]
    assert isinstance(step, facts.Handler)
    return step.end_step
