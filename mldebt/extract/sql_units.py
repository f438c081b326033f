"""Normal forms of expressions of SQL: two columns of one form hold one value, but for a unit.

A form is `scale * core + shift`. Brackets, conversions between kinds of numbers, the order of factors and of terms, and
`* 1.0` make no difference to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from sqlglot import exp

if TYPE_CHECKING:
    Tree: TypeAlias = exp.Expr
else:
    Tree = getattr(exp, "Expr", exp.Expression)  # the base of all nodes: the name changed with a version

LONGEST = 120
DEEPEST = 60
_DIGITS = 9
_COMMUTES = (exp.Add, exp.Mul, exp.And, exp.Or, exp.EQ, exp.NEQ)
_LINEAR = (exp.Sum, exp.Avg)


@dataclass(frozen=True, slots=True)
class Form:
    """`core` is what is measured, empty for a plain number; `columns`: it hangs on columns of a table."""

    core: str
    scale: float = 1.0
    shift: float = 0.0
    columns: bool = False

    @property
    def unit(self) -> tuple[float, float]:
        """The factor and the constant, so that equal ones compare equal."""
        return round(self.scale, _DIGITS), round(self.shift, _DIGITS)

    def spelled(self) -> str:
        """As a part of a larger core."""
        scale, shift = self.unit
        if not self.core:
            return f"{shift:g}"
        return self.core if (scale, shift) == (1.0, 0.0) else f"({scale!r}*{self.core}+{shift!r})"


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
        return None if inner is None else replace(inner, scale=-inner.scale, shift=-inner.shift)
    if isinstance(node, (exp.Add, exp.Sub, exp.Mul, exp.Div)):
        return _arithmetic(node, form_of(node.this, column, depth + 1), form_of(node.expression, column, depth + 1))
    if isinstance(node, _LINEAR):
        inner = form_of(node.this, column, depth + 1)
        if inner is not None and not inner.shift and inner.core:
            return replace(inner, core=_short(f"{type(node).__name__}({inner.core})"))
    return _plain(node, column, depth)


def _is_of_numbers(node: Tree) -> bool:
    """`CAST(x AS DOUBLE)`: the same number in another kind of number."""
    return isinstance(node, exp.Cast) and node.to.this in exp.DataType.NUMERIC_TYPES


def _number(text: str) -> Form | None:
    try:
        return Form("", 0.0, float(text))
    except ValueError:
        return None


def _arithmetic(node: Tree, left: Form | None, right: Form | None) -> Form | None:
    if left is None or right is None:
        return None
    if isinstance(node, (exp.Add, exp.Sub)) and not (left.core and right.core):
        sign = 1.0 if isinstance(node, exp.Add) else -1.0
        kept, scale = (left, left.scale) if left.core else (right, sign * right.scale)
        return replace(kept, scale=scale, shift=left.shift + sign * right.shift)
    if isinstance(node, exp.Mul) and not (left.core and right.core):
        number, other = (left.shift, right) if not left.core else (right.shift, left)
        return replace(other, scale=other.scale * number, shift=other.shift * number)
    if isinstance(node, exp.Div) and not right.core:
        return replace(left, scale=left.scale / right.shift, shift=left.shift / right.shift) if right.shift else None
    scale = 1.0
    if isinstance(node, (exp.Mul, exp.Div)) and not (left.shift or right.shift) and left.scale and right.scale:
        scale = left.scale * right.scale if isinstance(node, exp.Mul) else left.scale / right.scale
        left, right = replace(left, scale=1.0), replace(right, scale=1.0)
    parts = [left.spelled(), right.spelled()]
    core = f"{type(node).__name__}({','.join(sorted(parts) if isinstance(node, _COMMUTES) else parts)})"
    return Form(_short(core), scale, 0.0, left.columns or right.columns)


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
    if isinstance(node, _COMMUTES):
        parts.sort()
    return Form(_short(f"{type(node).__name__}({','.join(parts)})"), columns=columns)


def _parts(node: Tree) -> Iterator[tuple[str, object]]:
    for key, value in sorted(node.args.items()):
        for one in value if isinstance(value, list) else [value]:
            if one is not None and one is not False:
                yield key, one


def _short(core: str) -> str:
    """A core of bounded length: what is long is told by its digest."""
    return core if len(core) <= LONGEST else hashlib.blake2b(core.encode(), digest_size=12).hexdigest()
