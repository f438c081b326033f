"""Normal forms of expressions of SQL: brackets and conversions between kinds of numbers make no difference to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from sqlglot import exp

from mldebt.measures import Form, combined, negative, number, whole

if TYPE_CHECKING:
    Tree: TypeAlias = exp.Expr
else:
    Tree = getattr(exp, "Expr", exp.Expression)  # the base of all nodes: the name changed with a version

DEEPEST = 60
_SIGNS: dict[type[Tree], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
_COMMUTES = (exp.And, exp.Or, exp.EQ, exp.NEQ)
_LINEAR = (exp.Sum, exp.Avg)
_COMPARES = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.EQ, exp.NEQ)

Asked: TypeAlias = Callable[[exp.Column], Form | None]


def form_of(node: Tree, column: Asked, depth: int = 0) -> Form | None:
    """The form of an expression, given those of its columns; None where a part of it is not followed."""
    if depth > DEEPEST or isinstance(node, exp.Query):
        return None
    if isinstance(node, exp.Column):
        return column(node)
    if isinstance(node, exp.Star):
        return Form("*", columns=True)
    if isinstance(node, (exp.Alias, exp.Paren)) or _is_of_numbers(node):
        return form_of(node.this, column, depth + 1)
    if isinstance(node, exp.Literal) and not node.is_string:
        return _number(node.name)
    if isinstance(node, exp.Neg):
        inner = form_of(node.this, column, depth + 1)
        return None if inner is None else negative(inner)
    sign = _SIGNS.get(type(node))
    if sign is not None:
        return combined(sign, form_of(node.this, column, depth + 1), form_of(node.expression, column, depth + 1))
    if isinstance(node, _LINEAR):
        inner = form_of(node.this, column, depth + 1)
        if inner is not None and not inner.shift and inner.core:
            return replace(whole(type(node).__name__, [inner.core], inner.columns), scale=inner.scale)
    return _plain(node, column, depth)


def range_of(node: Tree, column: Asked) -> str:
    """The core of what an expression only tells the range of: one expression, written out, that it compares with
    numbers to give constants. Empty for any other, and for the range of a column as it stands."""
    node = _bare(node)
    conditions, given = [node], []
    if isinstance(node, exp.Case) and not node.this:
        arms = node.args.get("ifs") or []
        conditions, given = [arm.this for arm in arms], [arm.args.get("true") for arm in arms]
        given += [node.args.get("default")]
    elif isinstance(node, exp.If):
        conditions, given = [node.this], [node.args.get("true"), node.args.get("false")]
    if not all(one is None or isinstance(_bare(one), (exp.Literal, exp.Neg, exp.Null, exp.Boolean)) for one in given):
        return ""
    cores = {_compared(one, column) for one in conditions}
    return cores.pop() if len(cores) == 1 else ""


def _compared(node: Tree, column: Asked) -> str:
    """The core of what a condition compares with a number."""
    node = _bare(node)
    if not isinstance(node, _COMPARES):
        return ""
    formed = ((form_of(side, column), side) for side in (node.this, node.expression))
    sides = {form.core: side for form, side in formed if form is not None}
    core = next((core for core in sides if core), "")
    return core if len(sides) == 2 and "" in sides and not isinstance(_bare(sides[core]), exp.Column) else ""


def _bare(node: Tree) -> Tree:
    while isinstance(node, (exp.Alias, exp.Paren)) or _is_of_numbers(node):
        node = node.this
    return node


def _is_of_numbers(node: Tree) -> bool:
    """`CAST(x AS DOUBLE)`: the same number in another kind of number."""
    return isinstance(node, exp.Cast) and node.to.this in exp.DataType.NUMERIC_TYPES


def _number(text: str) -> Form | None:
    try:
        return number(float(text))
    except ValueError:
        return None


def _plain(node: Tree, column: Asked, depth: int) -> Form | None:
    """Any other expression: its kind, with the forms of its parts."""
    parts: list[str] = []
    columns = False
    for key, value in _parts(node):
        if not isinstance(value, Tree):
            parts.append(f"{key}={str(value).lower() if not isinstance(node, exp.Literal) else value}")
            continue
        inner = form_of(value, column, depth + 1)
        if inner is None:
            return None
        columns = columns or inner.columns
        parts.append(inner.spelled() if isinstance(node, _COMMUTES) else f"{key}={inner.spelled()}")
    return whole(type(node).__name__, parts, columns, ordered=not isinstance(node, _COMMUTES))


def _parts(node: Tree) -> Iterator[tuple[str, object]]:
    for key, value in sorted(node.args.items()):
        for one in value if isinstance(value, list) else [value]:
            if one is not None and one is not False:
                yield key, one
