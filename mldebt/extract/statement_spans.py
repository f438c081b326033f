"""The room that compound statements take, with their blocks, clauses and decorators; the way into a body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import libcst as cst
from libcst import SimpleStatementLine

from mldebt.extract.expression_spans import annotation, arguments, asynchronous, expression, parameters
from mldebt.extract.line_spans import as_name, simple, type_parameters
from mldebt.extract.pattern_spans import pattern
from mldebt.extract.trivia import (
    LOOSE_COMMA,
    ByType,
    Rule,
    Walk,
    closing,
    gap,
    line_end,
    lines,
    opening,
    optional_mark,
)


def statements(body: Sequence[Any], at: int, walk: Walk) -> int:
    """The offset behind statements that stand below each other, line ends included."""
    for node in body:
        if node.leading_lines:
            at = lines(node.leading_lines, at, walk)
        if type(node) is SimpleStatementLine:
            at = simple(node, at + walk.indent, walk)
        else:
            at = _COMPOUND[type(node)](node, at + walk.indent, walk)
    return at


def _suite(node: cst.BaseSuite, at: int, walk: Walk) -> int:
    """The offset behind the body of a compound statement, whose colon stands before `at`."""
    return _SUITES[type(node)](node, at, walk)


def _simple_suite(node: cst.SimpleStatementSuite, at: int, walk: Walk) -> int:
    return simple(node, gap(node.leading_whitespace, at, walk), walk)


def _block(node: cst.IndentedBlock, at: int, walk: Walk) -> int:
    at = line_end(node.header, at, walk)
    outer = walk.indent
    walk.indent += walk.default_indent if node.indent is None else len(node.indent)
    if node.body:
        at = statements(node.body, at, walk)
        walk.spans[node] = (walk.spans[node.body[0]][0], walk.spans[node.body[-1]][1])
    else:
        at += walk.indent
        walk.spans[node] = (at, at + len("pass"))
        at += len("pass") + walk.newline
        walk.last_newline = walk.newline
    if node.footer:
        at = lines(node.footer, at, walk)
    walk.indent = outer
    return at


def _clause(node: Any, at: int, walk: Walk) -> int:
    """The offset behind a clause of a compound statement, with the lines above it."""
    if node.leading_lines:
        at = lines(node.leading_lines, at, walk)
    return _CLAUSES[type(node)](node, at + walk.indent, walk)


def _close(node: cst.CSTNode, start: int, last: cst.CSTNode, walk: Walk) -> None:
    # A compound statement ends where its last part does, not behind that part's line end.
    walk.spans[node] = (start, walk.spans[last][1])


def _if(node: cst.If, at: int, walk: Walk) -> int:
    return _branch(node, at, at + len("if"), walk)


def _elif(node: cst.If, at: int, walk: Walk) -> int:
    return _branch(node, at, at + len("elif"), walk)


def _branch(node: cst.If, start: int, at: int, walk: Walk) -> int:
    at = expression(node.test, gap(node.whitespace_before_test, at, walk), walk)
    at = gap(node.whitespace_after_test, at, walk) + len(":")
    at = _suite(node.body, at, walk)
    if node.orelse is not None:
        at = _clause(node.orelse, at, walk)
    _close(node, start, node.orelse or node.body, walk)
    return at


def _while(node: cst.While, start: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_while, start + len("while"), walk)
    at = gap(node.whitespace_before_colon, expression(node.test, at, walk), walk) + len(":")
    at = _suite(node.body, at, walk)
    if node.orelse is not None:
        at = _clause(node.orelse, at, walk)
    _close(node, start, node.orelse or node.body, walk)
    return at


def _for(node: cst.For, start: int, walk: Walk) -> int:
    at = asynchronous(node.asynchronous, start, walk)
    at = gap(node.whitespace_after_for, at + len("for"), walk)
    at = gap(node.whitespace_before_in, expression(node.target, at, walk), walk)
    at = gap(node.whitespace_after_in, at + len("in"), walk)
    at = gap(node.whitespace_before_colon, expression(node.iter, at, walk), walk) + len(":")
    at = _suite(node.body, at, walk)
    if node.orelse is not None:
        at = _clause(node.orelse, at, walk)
    _close(node, start, node.orelse or node.body, walk)
    return at


def _try(node: cst.Try | cst.TryStar, start: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_colon, start + len("try"), walk) + len(":")
    at = _suite(node.body, at, walk)
    last: cst.CSTNode = node.body
    for clause in (*node.handlers, node.orelse, node.finalbody):
        if clause is not None:
            at = _clause(clause, at, walk)
            last = clause
    _close(node, start, last, walk)
    return at


def _handler(node: cst.ExceptHandler | cst.ExceptStarHandler, start: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_except, start + len("except"), walk)
    if isinstance(node, cst.ExceptStarHandler):
        at = gap(node.whitespace_after_star, at + len("*"), walk)
    if node.type is not None:
        at = expression(node.type, at, walk)
    at = gap(node.whitespace_before_colon, as_name(node.name, at, walk), walk) + len(":")
    at = _suite(node.body, at, walk)
    _close(node, start, node.body, walk)
    return at


def _else(node: cst.Else, start: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_colon, start + len("else"), walk) + len(":")
    at = _suite(node.body, at, walk)
    _close(node, start, node.body, walk)
    return at


def _finally(node: cst.Finally, start: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_colon, start + len("finally"), walk) + len(":")
    at = _suite(node.body, at, walk)
    _close(node, start, node.body, walk)
    return at


def _with(node: cst.With, start: int, walk: Walk) -> int:
    at = asynchronous(node.asynchronous, start, walk)
    at = gap(node.whitespace_after_with, at + len("with"), walk)
    default = len("(") if any(_breaks_line(item) for item in node.items) else 0
    at = opening(node.lpar, at, walk) if isinstance(node.lpar, cst.LeftParen) else at + default
    for item in node.items:
        end = as_name(item.asname, expression(item.item, at, walk), walk)
        walk.spans[item] = (at, end)
        at = optional_mark(item.comma, end, walk, 0 if item is node.items[-1] else LOOSE_COMMA)
    at = closing(node.rpar, at, walk) if isinstance(node.rpar, cst.RightParen) else at + default
    at = gap(node.whitespace_before_colon, at, walk) + len(":")
    at = _suite(node.body, at, walk)
    _close(node, start, node.body, walk)
    return at


def _breaks_line(item: cst.WithItem) -> bool:
    comma = item.comma
    return isinstance(comma, cst.Comma) and isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace)


def _decorated(node: cst.FunctionDef | cst.ClassDef, at: int, walk: Walk) -> int:
    """The offset of the keyword of a definition whose first token stands at `at`."""
    at -= walk.indent
    for decorator in node.decorators:
        if decorator.leading_lines:
            at = lines(decorator.leading_lines, at, walk)
        start = at + walk.indent
        end = gap(decorator.whitespace_after_at, start + len("@"), walk)
        end = expression(decorator.decorator, end, walk)
        walk.spans[decorator] = (start, end)
        at = line_end(decorator.trailing_whitespace, end, walk)
    at = lines(node.lines_after_decorators, at, walk) + walk.indent
    walk.keywords[node] = at
    return at


def _function(node: cst.FunctionDef, at: int, walk: Walk) -> int:
    start = _decorated(node, at, walk)
    at = asynchronous(node.asynchronous, start, walk)
    at = gap(node.whitespace_after_def, at + len("def"), walk)
    at = gap(node.whitespace_after_name, expression(node.name, at, walk), walk)
    at = gap(node.whitespace_after_type_parameters, type_parameters(node.type_parameters, at, walk), walk)
    at = gap(node.whitespace_before_params, at + len("("), walk)
    at = parameters(node.params, at, walk) + len(")")
    if node.returns is not None:
        at = annotation(node.returns, at, walk, "->")
    at = gap(node.whitespace_before_colon, at, walk) + len(":")
    at = _suite(node.body, at, walk)
    _close(node, start, node.body, walk)
    return at


def _class(node: cst.ClassDef, at: int, walk: Walk) -> int:
    start = _decorated(node, at, walk)
    at = gap(node.whitespace_after_class, start + len("class"), walk)
    at = gap(node.whitespace_after_name, expression(node.name, at, walk), walk)
    at = gap(node.whitespace_after_type_parameters, type_parameters(node.type_parameters, at, walk), walk)
    args = (*node.bases, *node.keywords)
    default = 1 if args else 0
    at = opening(node.lpar, at, walk) if isinstance(node.lpar, cst.LeftParen) else at + default
    at = arguments(args, at, walk)
    at = closing(node.rpar, at, walk) if isinstance(node.rpar, cst.RightParen) else at + default
    at = gap(node.whitespace_before_colon, at, walk) + len(":")
    at = _suite(node.body, at, walk)
    _close(node, start, node.body, walk)
    return at


def _match(node: cst.Match, start: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_match, start + len("match"), walk)
    at = gap(node.whitespace_before_colon, expression(node.subject, at, walk), walk) + len(":")
    at = line_end(node.whitespace_after_colon, at, walk)
    outer = walk.indent
    walk.indent += walk.default_indent if node.indent is None else len(node.indent)
    for case in node.cases:
        at = _clause(case, at, walk)
    at = lines(node.footer, at, walk)
    walk.indent = outer
    _close(node, start, node.cases[-1], walk)
    return at


def _case(node: cst.MatchCase, start: int, walk: Walk) -> int:
    at = pattern(node.pattern, gap(node.whitespace_after_case, start + len("case"), walk), walk)
    at = gap(node.whitespace_before_if, at, walk) + (0 if node.guard is None else len("if"))
    at = gap(node.whitespace_after_if, at, walk)
    if node.guard is not None:
        at = expression(node.guard, at, walk)
    at = gap(node.whitespace_before_colon, at, walk) + len(":")
    at = _suite(node.body, at, walk)
    _close(node, start, node.body, walk)
    return at


_SUITES: Final[Mapping[type, Rule]] = ByType(
    {cst.IndentedBlock: _block, cst.SimpleStatementSuite: _simple_suite}
)
_CLAUSES: Final[Mapping[type, Rule]] = ByType(
    {
        cst.Else: _else,
        cst.ExceptHandler: _handler,
        cst.ExceptStarHandler: _handler,
        cst.Finally: _finally,
        cst.If: _elif,
        cst.MatchCase: _case,
    }
)
_COMPOUND: Final[Mapping[type, Rule]] = ByType(
    {
        cst.ClassDef: _class,
        cst.For: _for,
        cst.FunctionDef: _function,
        cst.If: _if,
        cst.Match: _match,
        cst.Try: _try,
        cst.TryStar: _try,
        cst.While: _while,
        cst.With: _with,
    }
)
