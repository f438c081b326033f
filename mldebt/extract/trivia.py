"""The room that whitespace, comments, line ends, punctuation and operators take; and the state of a walk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import libcst as cst
from libcst import MaybeSentinel, ParenthesizedWhitespace, SimpleWhitespace

Extent = tuple[int, int]


@dataclass(slots=True)
class Walk:
    """What one walk knows and has found so far. Offsets and widths are in code points."""

    newline: int
    """Width of the module's default line end."""
    default_indent: int
    """Width of one level where a block does not say."""
    indent: int = 0
    """Width of the indentation in force."""
    last_newline: int = 0
    """Width of the line end met last."""
    spans: dict[cst.CSTNode, Extent] = field(default_factory=dict)
    comments: list[tuple[int, str, bool]] = field(default_factory=list)
    keywords: dict[cst.CSTNode, int] = field(default_factory=dict)
    """Where the words that open definitions stand."""


Rule = Callable[[Any, int, Walk], int]
"""Takes a node, the offset where it begins and the walk; gives the offset behind the node."""

_Entry = TypeVar("_Entry")


class ByType(dict[type, _Entry]):
    """A table of node types that has no default: an unknown type is a `TypeError` that names it."""

    def __missing__(self, kind: type) -> _Entry:
        raise TypeError(f"no rule says how much room a node of type {kind.__name__} takes")


DEFAULT: Final = MaybeSentinel.DEFAULT
LOOSE_COMMA: Final = len(", ")
SPACED_EQUAL: Final = len(" = ")


def gap(space: cst.BaseParenthesizableWhitespace, at: int, walk: Walk) -> int:
    """The offset behind the whitespace within a statement."""
    if type(space) is SimpleWhitespace:
        return at + len(space.value)
    if type(space) is not ParenthesizedWhitespace:
        raise TypeError(f"no rule says how much room whitespace of type {type(space).__name__} takes")
    at = lines(space.empty_lines, line_end(space.first_line, at, walk), walk)
    if space.indent:
        at += walk.indent
    return at + len(space.last_line.value)


def optional_gap(
    space: cst.BaseParenthesizableWhitespace | MaybeSentinel, at: int, walk: Walk, default: int
) -> int:
    """The offset behind whitespace that may be left to libcst, which then writes `default` characters."""
    return at + default if space is DEFAULT else gap(space, at, walk)


def line_end(node: cst.TrailingWhitespace, at: int, walk: Walk, continued: bool = False) -> int:
    """The offset behind what follows the last token of a line, comment and line end included.

    `continued` says that a backslash has already put `at` on a line without tokens."""
    space = node.whitespace.value
    at += len(space)
    comment = node.comment
    if comment is not None:
        text = comment.value
        walk.comments.append((at, text, continued or "\\" in space))
        at += len(text)
    value = node.newline.value
    walk.last_newline = width = walk.newline if value is None else len(value)
    return at + width


def lines(blank: Sequence[cst.EmptyLine], at: int, walk: Walk) -> int:
    """The offset behind lines that hold no token, recording the comments that have one to themselves."""
    for line in blank:
        if line.indent:
            at += walk.indent
        at += len(line.whitespace.value)
        comment = line.comment
        if comment is not None:
            text = comment.value
            walk.comments.append((at, text, True))
            at += len(text)
        value = line.newline.value
        walk.last_newline = width = walk.newline if value is None else len(value)
        at += width
    return at


def mark(node: Any, at: int, walk: Walk, width: int = 1) -> int:
    """The offset behind one operator or punctuation mark with the whitespace it owns on both sides."""
    return gap(node.whitespace_after, gap(node.whitespace_before, at, walk) + width, walk)


def optional_mark(node: Any, at: int, walk: Walk, default: int) -> int:
    """The offset behind a mark that may be left to libcst, which then writes `default` characters."""
    return at + default if node is DEFAULT else mark(node, at, walk)


def opening(node: Any, at: int, walk: Walk) -> int:
    """The offset behind an opening bracket and the whitespace it owns."""
    return gap(node.whitespace_after, at + 1, walk)


def closing(node: Any, at: int, walk: Walk) -> int:
    """The offset behind a closing bracket and the whitespace it owns."""
    return gap(node.whitespace_before, at, walk) + 1


def operator(node: cst.CSTNode, at: int, walk: Walk) -> int:
    """The offset behind an operator and the whitespace it owns."""
    return _OPERATORS[type(node)](node, at, walk)


def _one_wide(node: Any, at: int, walk: Walk) -> int:
    return mark(node, at, walk)


def _two_wide(node: Any, at: int, walk: Walk) -> int:
    return mark(node, at, walk, 2)


def _three_wide(node: Any, at: int, walk: Walk) -> int:
    return mark(node, at, walk, 3)


def _sign(node: Any, at: int, walk: Walk) -> int:
    return gap(node.whitespace_after, at + 1, walk)


def _not(node: cst.Not, at: int, walk: Walk) -> int:
    return gap(node.whitespace_after, at + len("not"), walk)


def _two_words(node: cst.NotIn | cst.IsNot, at: int, walk: Walk) -> int:
    first, second = node._get_tokens()
    at = gap(node.whitespace_before, at, walk) + len(first)
    at = gap(node.whitespace_between, at, walk) + len(second)
    return gap(node.whitespace_after, at, walk)


_ONE = (
    cst.Add, cst.Subtract, cst.Multiply, cst.Divide, cst.Modulo, cst.MatrixMultiply, cst.BitOr, cst.BitAnd,
    cst.BitXor, cst.LessThan, cst.GreaterThan,
)  # fmt: skip
_TWO = (
    cst.FloorDivide, cst.Power, cst.LeftShift, cst.RightShift, cst.Equal, cst.NotEqual, cst.LessThanEqual,
    cst.GreaterThanEqual, cst.In, cst.Is, cst.Or, cst.AddAssign, cst.SubtractAssign, cst.MultiplyAssign,
    cst.MatrixMultiplyAssign, cst.DivideAssign, cst.ModuloAssign, cst.BitAndAssign, cst.BitOrAssign,
    cst.BitXorAssign,
)  # fmt: skip
_THREE = (cst.And, cst.LeftShiftAssign, cst.RightShiftAssign, cst.PowerAssign, cst.FloorDivideAssign)
_OPERATORS: Final[Mapping[type, Rule]] = ByType(
    [
        *((kind, _one_wide) for kind in _ONE),
        *((kind, _two_wide) for kind in _TWO),
        *((kind, _three_wide) for kind in _THREE),
        *((kind, _sign) for kind in (cst.Plus, cst.Minus, cst.BitInvert)),
        (cst.Not, _not),
        (cst.NotIn, _two_words),
        (cst.IsNot, _two_words),
    ]
)
