"""Where the nodes and comments of a Python file stand, from one walk over its tree with its trivia."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import libcst as cst

from mldebt.extract.statement_spans import statements
from mldebt.extract.trivia import Walk, lines

_LINE_END: Final = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand in `module.code`. Offsets count code points from 0; ends are exclusive."""

    spans: dict[cst.CSTNode, tuple[int, int]]
    """The places that libcst's `PositionProvider` gives to expressions, patterns, statements, blocks and
    their clauses, and to what is in them: arguments, parameters, annotations, elements, subscripts,
    assignment targets, imported and declared names, `as`, `from`, `for` and `if` clauses, type parameters.
    An expression's span is without its parentheses, a parameter's is its star and name alone, a definition's
    begins behind its decorators, and a comprehension's `for` and `if` have the whitespace before them."""
    keywords: dict[cst.CSTNode, int]
    """Where a function or class definition begins behind its decorators: at `async`, `def` or `class`."""
    comments: list[tuple[int, str, bool]]
    """Offset, text with its `#`, and whether the comment has the line to itself; in the order of the file."""
    length: int
    """The length of `module.code`."""


def layout(module: cst.Module) -> Layout:
    """The places of a module that `libcst.parse_module` made.

    The walk recurses: five frames at most for one level of nesting. Raises `TypeError` for a node type that
    it has no rule for, and `RecursionError` where the interpreter's limit is met."""
    walk = Walk(newline=len(module.default_newline), default_indent=len(module.default_indent))
    at = statements(module.body, lines(module.header, 0, walk), walk)
    at = lines(module.footer, at, walk)
    if not module.has_trailing_newline:
        at -= walk.last_newline
    elif not (module.header or module.body or module.footer):
        at = walk.newline
    return Layout(walk.spans, walk.keywords, walk.comments, at)


def line_starts(text: str) -> tuple[int, ...]:
    r"""The offsets at which lines begin, the first being 0. Only `\r\n`, `\r` and `\n` end a line."""
    return (0, *(end.end() for end in _LINE_END.finditer(text)))
