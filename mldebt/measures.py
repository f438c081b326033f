"""Normal forms of expressions: two columns of one form hold one value, but for a unit.

A form is `scale * core + shift`. The order of factors and of terms, and factors of one, make no difference to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

LONGEST = 120
_DIGITS = 9
_COMMUTES = frozenset({"+", "*"})


@dataclass(frozen=True, slots=True)
class Form:
    """`core` is what is measured, empty for a plain number; `columns`: it hangs on columns of a table. `steps` is the
    core of the expression of which it only tells, by constants, in which range its value lies."""

    core: str
    scale: float = 1.0
    shift: float = 0.0
    columns: bool = False
    steps: str = ""

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


def number(value: float) -> Form:
    """A plain number."""
    return Form("", 0.0, float(value))


def negative(form: Form) -> Form:
    """The form with its sign changed."""
    return replace(form, scale=-form.scale, shift=-form.shift)


def combined(operator: str, left: Form | None, right: Form | None) -> Form | None:
    """Two forms joined by `+`, `-`, `*` or `/`; None where one is not known, or nothing is left to divide by."""
    if left is None or right is None:
        return None
    if operator in ("+", "-") and not (left.core and right.core):
        sign = 1.0 if operator == "+" else -1.0
        kept, scale = (left, left.scale) if left.core else (right, sign * right.scale)
        return replace(kept, scale=scale, shift=left.shift + sign * right.shift)
    if operator == "*" and not (left.core and right.core):
        factor, other = (left.shift, right) if not left.core else (right.shift, left)
        return replace(other, scale=other.scale * factor, shift=other.shift * factor)
    if operator == "/" and not right.core:
        return replace(left, scale=left.scale / right.shift, shift=left.shift / right.shift) if right.shift else None
    scale = 1.0
    if operator in ("*", "/") and not (left.shift or right.shift) and left.scale and right.scale:
        scale = left.scale * right.scale if operator == "*" else left.scale / right.scale
        left, right = replace(left, scale=1.0), replace(right, scale=1.0)
    return replace(whole(operator, (left.spelled(), right.spelled()), left.columns or right.columns), scale=scale)


def whole(word: str, parts: Iterable[str], columns: bool, *, ordered: bool = True) -> Form:
    """A form that is taken as a whole: `word` of its parts."""
    said = list(parts) if ordered and word not in _COMMUTES else sorted(parts)
    return Form(_short(f"{word}({','.join(said)})"), columns=columns)


def _short(core: str) -> str:
    """A core of bounded length: what is long is told by its digest."""
    return core if len(core) <= LONGEST else hashlib.blake2b(core.encode(), digest_size=12).hexdigest()
