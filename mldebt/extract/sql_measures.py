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


def form_of(node: Tree, column: Callable[[exp.Column], Form | None], depth: int = 0) -> Form | None:
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


def _is_of_numbers(node: Tree) -> bool:
    """`CAST(x AS DOUBLE)`: the same number in another kind of number."""
    return isinstance(node, exp.Cast) and node.to.this in exp.DataType.NUMERIC_TYPES


def _number(text: str) -> Form | None:
    try:
        return number(float(text))
    except ValueError:
        return None


def _plain(node: Tree, column: Callable[[exp.Column], Form | None], depth: int) -> Form | None:
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
