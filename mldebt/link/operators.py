"""Operators, f-strings, conditional values and displays of collections."""

from __future__ import annotations

import itertools
import math

from mldebt import facts
from mldebt.facts import NONE
from mldebt.link import texts
from mldebt.link.compared import told_by_statistic, with_statistic
from mldebt.link.containers import opened
from mldebt.link.keys import as_list, is_section
from mldebt.link.kinds import is_setting, kind_of, same, truth
from mldebt.link.machine import Frame, Machine
from mldebt.link.pool import MOST_ALTERNATIVES, Pool
from mldebt.link.values import (
    Alt,
    Code,
    Deferred,
    Derived,
    Event,
    Lib,
    Param,
    Place,
    Record,
    Result,
    Scalar,
    Sequence,
    Setting,
    Text,
    Unknown,
    Value,
    is_none,
    literal,
)
from mldebt.roles import Role

ORDERINGS = ("<", "<=", ">", ">=")
_EQUALITIES = ("==", "is", "!=", "is not")
_MEMBERSHIPS = ("in", "not in")
_DATA = ("table", "column", "array", "group")
_THINGS = ("table", "array", "model", "transformer")
CONDITIONS = frozenset({"compare", "not", "and", "or"})
"""Operations that ask something."""


def template(machine: Machine, frame: Frame, step: facts.Template, place: Place) -> Value:
    """An f-string."""
    parts = [machine.pool.string(p, place) if isinstance(p, str) else frame.values[p] for p in step.parts]
    return spread(machine.pool, parts, place)


def spread(pool: Pool, parts: list[Value], place: Place) -> Value:
    """Texts joined; parts with alternatives give alternatives, as long as they are few."""
    options = [part.values if isinstance(part, Alt) else (part,) for part in parts]
    if 1 < math.prod(map(len, options)) <= MOST_ALTERNATIVES:
        return pool.alt(*(texts.concat(pool, list(chosen)) for chosen in itertools.product(*options)))
    joined = texts.concat(pool, parts)
    return pool.text(joined.parts, joined.places or [place], joined.kind)


def unary(machine: Machine, operator: str, operand: Value, unit: int) -> Value:
    """`not x`, `-x`, `~x`; a width as `02` fills a number up with zeros."""
    if operator.isdigit():
        return _with_zeros(machine, operator, operand, unit)
    if operator == "not":
        known = truth(operand)
        if known is not None:
            return machine.pool.scalar(not known)
        return _waiting(machine, "not", (operand,), unit)
    if operator == "-" and isinstance(operand, Scalar) and type(operand.value) in (int, float):
        return machine.pool.scalar(-operand.value)  # type: ignore[operator]
    return machine.pool.derived(kind_of(machine, operand), operand)


def _with_zeros(machine: Machine, width: str, operand: Value, unit: int) -> Value:
    if isinstance(operand, Alt):
        return machine.pool.alt(*(_with_zeros(machine, width, part, unit) for part in operand.values))
    if isinstance(operand, Scalar) and type(operand.value) is int:
        return machine.pool.text([f"{operand.value:{width}d}"])
    if operand.open:
        return machine.pool.deferred(width, (operand,), (-1, 0, 0), unit)
    return machine.pool.derived("text", operand)


def binary(machine: Machine, operator: str, left: Value, right: Value, unit: int) -> Value:
    """Arithmetic on texts and paths as far as it is known; on data, what it derives from."""
    pool = machine.pool
    if operator in ("and", "or"):
        return _logic(machine, operator, left, right, unit)
    if operator == "|" and (isinstance(left, Code) or isinstance(right, Code)):
        return pool.alt(left, right)  # of types, in an annotation
    if isinstance(left, Alt) and len(left.values) <= MOST_ALTERNATIVES and not isinstance(right, Alt):
        return pool.alt(*[binary(machine, operator, part, right, unit) for part in left.values])
    if isinstance(right, Alt) and isinstance(left, Text):
        return pool.alt(*[binary(machine, operator, left, part, unit) for part in right.values])
    if operator == "/" and _is_path(machine, left, right):
        return texts.join(pool, [left, right])
    if operator == "+" and (isinstance(left, Text) or isinstance(right, Text)) and not _is_data(machine, left, right):
        return texts.concat(pool, [left, right])
    if operator == "%" and isinstance(left, Text):
        return _filled(pool, left, right)
    if operator == "+":
        left, right = as_list(machine, left), as_list(machine, right)
    if isinstance(left, Sequence) and operator == "+":
        items = right.items if isinstance(right, Sequence) else (right,)
        return pool.sequence(left.kind, (*left.items, *items), left.rest or not isinstance(right, Sequence))
    if isinstance(left, Record) and isinstance(right, Record) and operator == "|":
        return pool.record(left.keys + right.keys, left.items + right.items, left.rest or right.rest)
    counted = any(kind_of(machine, side) == "number" and not isinstance(side, Scalar) for side in (left, right))
    if (left.open or right.open) and operator in ("+", "/", "%") and not counted and not _is_data(machine, left, right):
        return pool.deferred(operator, (left, right), (-1, 0, 0), unit)
    return _arithmetic(machine, operator, left, right)


def _filled(pool: Pool, template: Text, right: Value) -> Value:
    """`template % right`; of alternatives in a tuple those of all, as long as they are few."""
    if not isinstance(right, Sequence):
        return texts.percent(pool, template, right, (right,))
    options = [item.values if isinstance(item, Alt) else (item,) for item in right.items]
    if 1 < math.prod(map(len, options)) <= MOST_ALTERNATIVES:
        return pool.alt(*(texts.percent(pool, template, right, chosen) for chosen in itertools.product(*options)))
    return texts.percent(pool, template, right, right.items)


def _arithmetic(machine: Machine, operator: str, left: Value, right: Value) -> Value:
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        a, b = left.value, right.value
        if isinstance(a, (int, float)) and isinstance(b, (int, float)) and abs(a) < 1e9 and abs(b) < 1e9:
            if operator == "+":
                return machine.pool.scalar(a + b, left.place)
            if operator == "-":
                return machine.pool.scalar(a - b, left.place)
            if operator == "*":
                return machine.pool.scalar(a * b, left.place)
    sides = [side for side in (left, right) if not isinstance(side, Scalar)]
    kinds = [kind_of(machine, side) for side in sides]
    kind = next((k for k in kinds if k.partition(".")[0] in _DATA), "")
    others = [side for side, known in zip(sides, kinds, strict=True) if known != "number"]
    if not kind and "number" in kinds and not any(_is_of_data(machine, side) for side in others):
        kind = "number"  # a sum or count of rows stays one, whatever constant or parameter it is held against
    return machine.pool.derived(kind, left, right)


def _is_of_data(machine: Machine, side: Value) -> bool:
    """Whether it derives from something that is read or computed: rows, for all we know."""
    return any(isinstance(origin, Result) for origin in machine.pool.origins(side))


def _is_path(machine: Machine, left: Value, right: Value) -> bool:
    return any(isinstance(side, Text) and side.kind == "path" for side in (left, right)) or (
        kind_of(machine, left) == "path"
    )


def _is_data(machine: Machine, left: Value, right: Value) -> bool:
    return any(kind_of(machine, side).partition(".")[0] in _DATA for side in (left, right))


def _logic(machine: Machine, operator: str, left: Value, right: Value, unit: int) -> Value:
    known = truth(left)
    if known is not None:
        return right if known is (operator == "and") else left
    if operator == "or" and isinstance(left, Setting) and (left.default is None or is_none(left.default)):
        if left.file is not None:
            return machine.pool.key_of_file(left.file, left.keys, right, left.place, left.loaded)
        return machine.pool.setting(left.how, left.name, right, left.place, left.variables)
    if left.open:
        return machine.pool.deferred(operator, (left, right), (-1, 0, 0), unit)
    if isinstance(left, (Derived, Unknown)) and isinstance(right, (Derived, Unknown)):
        return machine.pool.derived("", left, right)
    return machine.pool.alt(left, right)


def compare(
    machine: Machine, operator: str, left: Value, right: Value, place: Place, frame: Frame,
    decided: tuple[Value, ...] = (),
) -> Value:  # fmt: skip
    """A comparison: decided where both sides are known, waiting where one is open.

    `decided` is the decision that was noted when a comparison began to wait."""
    known = compared(operator, left, right)
    if known is None and operator in _EQUALITIES and same(right, machine.pool.none):
        known = operator in ("!=", "is not") if _is_loaded(machine, left) or _is_thing(machine, left) else None
    if known is not None:
        return machine.pool.scalar(known)
    if operator in _MEMBERSHIPS and isinstance(right, Record) and right.rest:
        return machine.pool.unknown  # what else it holds is never known: nothing that is filled in later decides it
    if operator in ORDERINGS and not decided:
        score, limit = (left, right) if _is_limit(right) else (right, left)
        decided = decide(machine, frame, place, score, limit)
    if isinstance(left, Lib) and left.name == "builtins.__name__":
        return machine.pool.derived("main", right)
    setting = is_setting(left) or is_setting(right)
    if left.open or right.open or (setting and not _is_data(machine, left, right)):
        return machine.pool.deferred("compare", (left, right, *decided), place, frame.unit, (operator,))
    told = with_statistic(machine, frame, operator, left, right, place)
    return answer(machine, kind_of(machine, left), left, right, *decided, *told)


def answer(machine: Machine, kind: str, *asked: Value) -> Value:
    """What a question about values gives. It hands on nothing of a settings file's section that it asks about."""
    origins = machine.pool.origins(*asked)
    kept = tuple([one for one in origins if not (isinstance(one, Setting) and is_section(machine, one))])
    return machine.pool.from_origins(kind, kept)


def decide(
    machine: Machine, frame: Frame, place: Place, score: Value, limit: Value, chain: tuple[Place, ...] = ()
) -> tuple[Value, ...]:
    """Data compared with numbers or a setting: a decision, when the data turn out to be a score."""
    if not _is_limit(limit) or _is_limit(score) or not machine.pool.origins(score) or place[0] < 0:
        return ()
    event = machine.pool.event(
        Event(
            open=score.open,
            what="decide",
            row=None,
            callee="",
            place=place,
            unit=frame.unit,
            receiver=None,
            arguments=(("score", score), ("limit", limit)),
            chain=chain,
            guards=tuple(frame.guards),
            sure=True,
        )
    )
    machine.emit(frame, event)
    return (machine.pool.result(event, kind_of(machine, score)),)


def _is_limit(value: Value) -> bool:
    if isinstance(value, Scalar):
        return isinstance(value.value, (int, float)) and not isinstance(value.value, bool)
    if isinstance(value, Sequence):
        numbers = [item for item in value.items if isinstance(item, Scalar)]
        return bool(numbers) and not value.rest and not _computed(value) and all(_is_limit(one) for one in numbers)
    return isinstance(value, Setting)


def _computed(limits: Sequence) -> bool:
    """Whether some of the limits are computed from data."""
    return any(isinstance(item, (Derived, Unknown)) and bool(item.origins) for item in limits.items)


def compared(operator: str, left: Value, right: Value) -> bool | None:
    """What a comparison comes out as, where both sides are known enough."""
    if operator in _EQUALITIES:
        equal = same(left, right)
        if equal is None and isinstance(right, Scalar) and right.value is None and _is_something(left):
            equal = False
        return None if equal is None else equal is (operator in ("==", "is"))
    if operator in _MEMBERSHIPS and isinstance(right, (Sequence, Record)) and not right.rest:
        members = right.items if isinstance(right, Sequence) else right.keys
        answers = [same(left, member) for member in members]
        if True in answers:
            return operator == "in"
        return (operator == "not in") if all(answer is False for answer in answers) else None
    return None


def _is_thing(machine: Machine, value: Value) -> bool:
    """Whether it is a table, a model or the like, whichever of several it is: what was handed in is not None."""
    if isinstance(value, Alt):
        return all(_is_something(part) or _is_thing(machine, part) for part in value.values)
    known = isinstance(value, (Result, Derived)) and not value.open
    return known and kind_of(machine, value).partition(".")[0] in _THINGS


def _is_loaded(machine: Machine, value: Value) -> bool:
    """Whether a value is a section of a settings file that is known, so surely not None."""
    return isinstance(value, Setting) and is_section(machine, value)


def _is_something(value: Value) -> bool:
    """Whether a value is surely not None: a container, or what a constructor or a generator's maker gives."""
    if isinstance(value, Result) and value.event.row is not None:
        return value.event.row.role is Role.CONSTRUCT or bool(value.event.row.generator)
    return isinstance(value, (Record, Sequence))


def choice(machine: Machine, condition: Value, then: Value, otherwise: Value) -> Value:
    """`then if condition else otherwise`."""
    known = truth(condition)
    if known is not None:
        return then if known else otherwise
    if condition.open:
        return machine.pool.deferred("choice", (condition, then, otherwise), (-1, 0, 0), -1)
    told = told_by_statistic(machine, condition)
    return machine.pool.alt(then, otherwise, *[machine.pool.derived("", *told)] * bool(told))


def _waiting(machine: Machine, op: str, operands: tuple[Value, ...], unit: int) -> Value:
    if any(operand.open or isinstance(operand, Setting) for operand in operands):
        return machine.pool.deferred(op, operands, (-1, 0, 0), unit)
    return answer(machine, "", *operands)


def collection(machine: Machine, frame: Frame, step: facts.Collection) -> Value:
    """A list, tuple, set or dictionary as written."""
    items = [frame.values[item] for item in step.items]
    if step.kind == "dict":
        return _dictionary(machine, frame, step, items)
    if not step.keys:
        return machine.pool.sequence(step.kind, tuple(items))
    flat: list[Value] = []
    rest = False
    for item, starred in zip(items, step.keys, strict=True):
        if starred == NONE:
            flat.append(item)
        elif isinstance(whole := as_list(machine, item), Sequence):
            flat += whole.items
            rest = rest or whole.rest
        else:
            flat.append(item)
            rest = True
    return machine.pool.sequence(step.kind, tuple(flat), rest)


def _dictionary(machine: Machine, frame: Frame, step: facts.Collection, items: list[Value]) -> Value:
    keys: list[Value] = []
    values: list[Value] = []
    rest = False
    for key, item in zip(step.keys, items, strict=True):
        if key != NONE:
            keys.append(frame.values[key])
            values.append(item)
        elif isinstance(whole := opened(machine, item), Record):
            keys += whole.keys
            values += whole.items
            rest = rest or whole.rest
        else:
            keys.append(machine.pool.unknown)
            values.append(item)
            rest = True
    return machine.pool.record(tuple(keys), tuple(values), rest)


def constant(value: Value) -> object:
    """The Python value of a known text or scalar; raises LookupError on anything else."""
    if isinstance(value, Scalar):
        return value.value
    text = literal(value)
    if text is None:
        raise LookupError
    return text


def is_of_callers(condition: Value) -> bool:
    """Whether a condition asks of nothing but parameters and constants."""
    if isinstance(condition, Deferred):
        return condition.op in CONDITIONS and all(map(is_of_callers, condition.operands))
    return isinstance(condition, (Param, Scalar, Text))
