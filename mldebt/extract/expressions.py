"""Expressions to steps: one small function for each kind of node, by type."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import libcst as cst

from mldebt.extract import definitions
from mldebt.extract.literals import formatted_text, is_secret_name, number_of, text_of
from mldebt.extract.targets import assign, subscript_key
from mldebt.extract.units import Evaluate, UnitBuilder
from mldebt.facts import (
    NONE,
    Argument,
    Attribute,
    Binary,
    Call,
    Choice,
    Collection,
    Compare,
    Comprehended,
    Const,
    Item,
    Loop,
    Template,
    Unary,
    Yield,
)

_OPERATORS: dict[type, str] = {
    cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.FloorDivide: "//",
    cst.Modulo: "%", cst.Power: "**", cst.MatrixMultiply: "@", cst.BitAnd: "&", cst.BitOr: "|",
    cst.BitXor: "^", cst.LeftShift: "<<", cst.RightShift: ">>", cst.And: "and", cst.Or: "or",
    cst.AddAssign: "+", cst.SubtractAssign: "-", cst.MultiplyAssign: "*", cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//", cst.ModuloAssign: "%", cst.PowerAssign: "**",
    cst.MatrixMultiplyAssign: "@", cst.BitAndAssign: "&", cst.BitOrAssign: "|", cst.BitXorAssign: "^",
    cst.LeftShiftAssign: "<<", cst.RightShiftAssign: ">>", cst.Not: "not", cst.Minus: "-",
    cst.Plus: "+", cst.BitInvert: "~", cst.LessThan: "<", cst.LessThanEqual: "<=",
    cst.GreaterThan: ">", cst.GreaterThanEqual: ">=", cst.Equal: "==", cst.NotEqual: "!=",
    cst.In: "in", cst.NotIn: "not in", cst.Is: "is", cst.IsNot: "is not",
}  # fmt: skip

_ZEROS = re.compile(r"0\d+d?")
_SINGLETONS: dict[str, bool | None] = {"None": None, "True": True, "False": False}


def operator_text(node: cst.CSTNode) -> str:
    """The operator as written, `+=` as `+`."""
    return _OPERATORS[type(node)]


def _name(unit: UnitBuilder, node: cst.Name) -> int:
    name = node.value
    value = unit.bound.get(name, NONE)
    if value != NONE:
        return value
    if name in _SINGLETONS:
        return unit.add(Const(*unit.at(node), _SINGLETONS[name]))
    return unit.load(name, *unit.at(node))


def _attribute(unit: UnitBuilder, node: cst.Attribute) -> int:
    base = unit.value(node.value)
    return unit.add(Attribute(*unit.at(node), base, node.attr.value))


def _call(unit: UnitBuilder, node: cst.Call) -> int:
    callee = unit.value(node.func)
    arguments = tuple(_argument(unit, argument) for argument in node.args)
    return unit.add(Call(*unit.at(node), callee, arguments))


def _argument(unit: UnitBuilder, node: cst.Arg) -> Argument:
    if node.star:
        return Argument(node.star, unit.value(node.value))
    if node.keyword is None:
        return Argument("", unit.value(node.value))
    name = node.keyword.value
    if type(node.value) is cst.SimpleString and is_secret_name(name):
        return Argument(name, unit.add(Const(*unit.at(node.value), "***", "secret")))
    return Argument(name, unit.value(node.value))


def _string(unit: UnitBuilder, node: cst.SimpleString) -> int:
    return unit.add(Const(*unit.at(node), *text_of(node)))


def _number(unit: UnitBuilder, node: cst.Integer | cst.Float | cst.Imaginary) -> int:
    return unit.add(Const(*unit.at(node), *number_of(node.value)))


def _ellipsis(unit: UnitBuilder, node: cst.Ellipsis) -> int:
    return unit.add(Const(*unit.at(node), None, "ellipsis"))


def _formatted(unit: UnitBuilder, node: cst.FormattedString) -> int:
    start, end = unit.at(node)
    return unit.add(Template(start, end, tuple(_parts(unit, node))))


def _parts(unit: UnitBuilder, node: cst.BaseString) -> list[str | int]:
    if isinstance(node, cst.ConcatenatedString):
        return _parts(unit, node.left) + _parts(unit, node.right)
    if isinstance(node, cst.SimpleString):
        value, kind = text_of(node)
        return [value] if isinstance(value, str) and kind != "bytes" else [unit.value(node)]
    raw = "r" in getattr(node, "start", "").lower()
    parts: list[str | int] = []
    for part in getattr(node, "parts", ()):
        if isinstance(part, cst.FormattedStringText):
            parts.append(formatted_text(part.value, raw))
        else:
            parts.append(_padded(unit, part, unit.value(part.expression)))
    return parts


def _padded(unit: UnitBuilder, part: cst.FormattedStringExpression, value: int) -> int:
    """The number of a hole, with the zeros that a format as `02d` puts before it."""
    said = "".join(one.value for one in part.format_spec or () if isinstance(one, cst.FormattedStringText))
    if _ZEROS.fullmatch(said) is None:
        return value
    return unit.add(Unary(*unit.at(part.expression), said.rstrip("d"), value))


def _concatenated(unit: UnitBuilder, node: cst.ConcatenatedString) -> int:
    parts = _parts(unit, node)
    start, end = unit.at(node)
    if all(isinstance(part, str) for part in parts):
        return unit.add(Const(start, end, "".join(str(part) for part in parts)))
    return unit.add(Template(start, end, tuple(parts)))


def _subscript(unit: UnitBuilder, node: cst.Subscript) -> int:
    base = unit.value(node.value)
    return unit.add(Item(*unit.at(node), base, subscript_key(unit, node)))


def _unary(unit: UnitBuilder, node: cst.UnaryOperation) -> int:
    operand = unit.value(node.expression)
    sign = operator_text(node.operator)
    step = unit.steps[operand]
    if (
        sign == "-"
        and isinstance(step, Const)
        and isinstance(step.value, (int, float))
        and operand == len(unit.steps) - 1
    ):
        unit.steps[operand] = Const(*unit.at(node), -step.value, step.kind)
        return operand
    return unit.add(Unary(*unit.at(node), sign, operand))


def _binary(unit: UnitBuilder, node: cst.BinaryOperation | cst.BooleanOperation) -> int:
    left = unit.value(node.left)
    right = unit.value(node.right)
    return unit.add(Binary(*unit.at(node), operator_text(node.operator), left, right))


def _comparison(unit: UnitBuilder, node: cst.Comparison) -> int:
    start, end = unit.at(node)
    left = unit.value(node.left)
    result = NONE
    for part in node.comparisons:
        right = unit.value(part.comparator)
        compared = unit.add(Compare(start, end, operator_text(part.operator), left, right))
        result = compared if result == NONE else unit.add(Binary(start, end, "and", result, compared))
        left = right
    return result


def _choice(unit: UnitBuilder, node: cst.IfExp) -> int:
    condition = unit.value(node.test)
    then = unit.value(node.body)
    otherwise = unit.value(node.orelse)
    return unit.add(Choice(*unit.at(node), condition, then, otherwise))


def _sequence(kind: str) -> Callable[[UnitBuilder, Any], int]:
    def collect(unit: UnitBuilder, node: cst.List | cst.Tuple | cst.Set) -> int:
        items = tuple(unit.value(element.value) for element in node.elements)
        starred = [type(element) is cst.StarredElement for element in node.elements]
        keys = tuple(0 if star else NONE for star in starred) if any(starred) else ()
        return unit.add(Collection(*unit.at(node), kind, items, keys))

    return collect


def _dict(unit: UnitBuilder, node: cst.Dict) -> int:
    keys, items = [], []
    for element in node.elements:
        keys.append(unit.value(element.key) if isinstance(element, cst.DictElement) else NONE)
        items.append(unit.value(element.value))
    return unit.add(Collection(*unit.at(node), "dict", tuple(items), tuple(keys)))


def _comprehension(kind: str) -> Callable[[UnitBuilder, Any], int]:
    def comprehend(unit: UnitBuilder, node: cst.BaseSimpleComp | cst.DictComp) -> int:
        outer = dict(unit.bound)
        result = _loop_over(unit, node.for_in, lambda: _collected(unit, node, kind))
        unit.bound = outer
        return result

    return comprehend


def _loop_over(unit: UnitBuilder, loop: cst.CompFor, innermost: Callable[[], int]) -> int:
    iterable = unit.value(loop.iter)
    start, end = unit.at(loop.iter)
    head = unit.reserve()
    assign(unit, loop.target, iterable, element=True)
    for condition in loop.ifs:
        unit.value(condition.test)
    inner = loop.inner_for_in
    result = innermost() if inner is None else _loop_over(unit, inner, innermost)
    unit.fill(head, Loop(start, end, "comprehension", iterable, len(unit.steps)))
    return result


def _collected(unit: UnitBuilder, node: cst.BaseSimpleComp | cst.DictComp, kind: str) -> int:
    start, end = unit.at(node)
    if isinstance(node, cst.DictComp):
        key = unit.value(node.key)
        return unit.add(Comprehended(start, end, kind, unit.value(node.value), key))
    return unit.add(Comprehended(start, end, kind, unit.value(node.elt)))


def _walrus(unit: UnitBuilder, node: cst.NamedExpr) -> int:
    value = unit.value(node.value)
    assign(unit, node.target, value)
    return value


def _starred(unit: UnitBuilder, node: cst.StarredElement) -> int:
    """`*Ts` as an annotation, and other places where a star stands outside of brackets."""
    return unit.value(node.value)


def _await(unit: UnitBuilder, node: cst.Await) -> int:
    return unit.value(node.expression)


def _yield(unit: UnitBuilder, node: cst.Yield) -> int:
    unit.flags.add("generator")
    inner = node.value
    if inner is None:
        return unit.add(Yield(*unit.at(node), NONE))
    value = unit.value(inner.item if isinstance(inner, cst.From) else inner)
    return unit.add(Yield(*unit.at(node), value))


EXPRESSIONS: dict[type, Evaluate] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Call: _call,
    cst.SimpleString: _string,
    cst.Integer: _number,
    cst.Float: _number,
    cst.Imaginary: _number,
    cst.Ellipsis: _ellipsis,
    cst.FormattedString: _formatted,
    cst.ConcatenatedString: _concatenated,
    cst.Subscript: _subscript,
    cst.UnaryOperation: _unary,
    cst.BinaryOperation: _binary,
    cst.BooleanOperation: _binary,
    cst.Comparison: _comparison,
    cst.IfExp: _choice,
    cst.List: _sequence("list"),
    cst.Tuple: _sequence("tuple"),
    cst.Set: _sequence("set"),
    cst.Dict: _dict,
    cst.ListComp: _comprehension("list"),
    cst.SetComp: _comprehension("set"),
    cst.GeneratorExp: _comprehension("generator"),
    cst.DictComp: _comprehension("dict"),
    cst.NamedExpr: _walrus,
    cst.StarredElement: _starred,
    cst.Await: _await,
    cst.Yield: _yield,
    cst.Lambda: definitions.define_lambda,
}
if hasattr(cst, "TemplatedString"):
    EXPRESSIONS[cst.TemplatedString] = _formatted
