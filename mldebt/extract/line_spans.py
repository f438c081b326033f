"""The room that small statements take, which share a line, with the names that they import or declare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import libcst as cst

from mldebt.extract.expression_spans import annotation, expression, from_clause
from mldebt.extract.trivia import (
    DEFAULT,
    LOOSE_COMMA,
    SPACED_EQUAL,
    ByType,
    Rule,
    Walk,
    closing,
    gap,
    line_end,
    mark,
    opening,
    operator,
    optional_gap,
    optional_mark,
)


def simple(node: cst.SimpleStatementLine | cst.SimpleStatementSuite, at: int, walk: Walk) -> int:
    """The offset behind small statements that share a line, and behind that line's end."""
    start = at
    end = at if node.body else at + len("pass")
    at = end
    for statement in node.body:
        end = _SMALL[type(statement)](statement, at, walk)
        begun, at = at, end
        if statement.semicolon is not DEFAULT:
            at = mark(statement.semicolon, at, walk)
        elif statement is not node.body[-1]:
            at += len("; ")
        if type(statement) is cst.TypeAlias:
            end = at  # PositionProvider counts the semicolon as part of this one kind
        walk.spans[statement] = (begun, end)
    walk.spans[node] = (start, end)
    tail = node.trailing_whitespace
    return line_end(tail, at, walk, tail.comment is not None and _continued(node.body))


def _continued(body: Sequence[cst.BaseSmallStatement]) -> bool:
    """Whether a backslash after the last semicolon puts what follows on a line of its own."""
    semicolon = body[-1].semicolon if body else DEFAULT
    if not isinstance(semicolon, cst.Semicolon):
        return False
    space = semicolon.whitespace_after
    return isinstance(space, cst.SimpleWhitespace) and "\\" in space.value


def as_name(node: cst.AsName | None, at: int, walk: Walk) -> int:
    """The offset behind the `as` clause of an import, a handler or a context manager, if there is one."""
    if node is None:
        return at
    start = at
    at = gap(node.whitespace_after_as, gap(node.whitespace_before_as, at, walk) + len("as"), walk)
    end = expression(node.name, at, walk)
    walk.spans[node] = (start, end)
    return end


def type_parameters(node: cst.TypeParameters | None, at: int, walk: Walk) -> int:
    """The offset behind the type parameters of a definition or an alias, if there are any."""
    if node is None:
        return at
    at = opening(node.lbracket, at, walk)
    for item in node.params:
        at = _TYPE_PARAMETERS[type(item.param)](item.param, at, walk)
        at = optional_mark(item.equal, at, walk, 0 if item.default is None else SPACED_EQUAL)
        at = gap(item.whitespace_after_star, at + len(item.star), walk)
        if item.default is not None:
            at = expression(item.default, at, walk)
        at = optional_mark(item.comma, at, walk, 0 if item is node.params[-1] else LOOSE_COMMA)
    return closing(node.rbracket, at, walk)


def _type_variable(node: cst.TypeVar, at: int, walk: Walk) -> int:
    start, bound = at, node.bound
    at = expression(node.name, at, walk)
    at = optional_mark(node.colon, at, walk, 0 if bound is None else len(": "))
    end = at if bound is None else expression(bound, at, walk)
    walk.spans[node] = (start, end)
    return end


def _type_tuple(node: cst.TypeVarTuple, start: int, walk: Walk) -> int:
    end = expression(node.name, gap(node.whitespace_after_star, start + len("*"), walk), walk)
    walk.spans[node] = (start, end)
    return end


def _parameter_specification(node: cst.ParamSpec, start: int, walk: Walk) -> int:
    end = expression(node.name, gap(node.whitespace_after_star, start + len("**"), walk), walk)
    walk.spans[node] = (start, end)
    return end


def _expr(node: cst.Expr, at: int, walk: Walk) -> int:
    return expression(node.value, at, walk)


def _assign(node: cst.Assign, at: int, walk: Walk) -> int:
    for target in node.targets:
        at = gap(target.whitespace_before_equal, expression(target.target, at, walk), walk) + len("=")
        at = gap(target.whitespace_after_equal, at, walk)
    return expression(node.value, at, walk)


def _annotated_assign(node: cst.AnnAssign, at: int, walk: Walk) -> int:
    at = annotation(node.annotation, expression(node.target, at, walk), walk, ":")
    at = optional_mark(node.equal, at, walk, 0 if node.value is None else SPACED_EQUAL)
    return at if node.value is None else expression(node.value, at, walk)


def _augmented_assign(node: cst.AugAssign, at: int, walk: Walk) -> int:
    at = operator(node.operator, expression(node.target, at, walk), walk)
    return expression(node.value, at, walk)


def _pass(node: cst.Pass, at: int, walk: Walk) -> int:
    return at + len("pass")


def _break(node: cst.Break, at: int, walk: Walk) -> int:
    return at + len("break")


def _continue(node: cst.Continue, at: int, walk: Walk) -> int:
    return at + len("continue")


def _del(node: cst.Del, at: int, walk: Walk) -> int:
    return expression(node.target, gap(node.whitespace_after_del, at + len("del"), walk), walk)


def _return(node: cst.Return, at: int, walk: Walk) -> int:
    value = node.value
    at = optional_gap(node.whitespace_after_return, at + len("return"), walk, 0 if value is None else 1)
    return at if value is None else expression(value, at, walk)


def _raise(node: cst.Raise, at: int, walk: Walk) -> int:
    at = optional_gap(node.whitespace_after_raise, at + len("raise"), walk, 0 if node.exc is None else 1)
    if node.exc is not None:
        at = expression(node.exc, at, walk)
    return at if node.cause is None else from_clause(node.cause, at, walk, 1)


def _assert(node: cst.Assert, at: int, walk: Walk) -> int:
    at = expression(node.test, gap(node.whitespace_after_assert, at + len("assert"), walk), walk)
    at = optional_mark(node.comma, at, walk, 0 if node.msg is None else LOOSE_COMMA)
    return at if node.msg is None else expression(node.msg, at, walk)


def _global(node: cst.Global, at: int, walk: Walk) -> int:
    return _names(node.names, gap(node.whitespace_after_global, at + len("global"), walk), walk)


def _nonlocal(node: cst.Nonlocal, at: int, walk: Walk) -> int:
    return _names(node.names, gap(node.whitespace_after_nonlocal, at + len("nonlocal"), walk), walk)


def _names(names: Sequence[cst.NameItem], at: int, walk: Walk) -> int:
    for item in names:
        end = expression(item.name, at, walk)
        walk.spans[item] = (at, end)
        at = optional_mark(item.comma, end, walk, 0 if item is names[-1] else LOOSE_COMMA)
    return at


def _import(node: cst.Import, at: int, walk: Walk) -> int:
    return _aliases(node.names, gap(node.whitespace_after_import, at + len("import"), walk), walk)


def _lazy_import(node: cst.LazyImport, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_lazy, at + len("lazy"), walk)
    return _aliases(node.names, gap(node.whitespace_after_import, at + len("import"), walk), walk)


def _lazy_import_from(node: cst.LazyImportFrom, at: int, walk: Walk) -> int:
    return _import_from(node, gap(node.whitespace_after_lazy, at + len("lazy"), walk), walk)


def _import_from(node: cst.ImportFrom | cst.LazyImportFrom, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_from, at + len("from"), walk)
    for dot in node.relative:
        at = mark(dot, at, walk)
    if node.module is not None:
        at = expression(node.module, at, walk)
    at = gap(node.whitespace_before_import, at, walk) + len("import")
    at = gap(node.whitespace_after_import, at, walk)
    at = at if node.lpar is None else opening(node.lpar, at, walk)
    at = at + len("*") if isinstance(node.names, cst.ImportStar) else _aliases(node.names, at, walk)
    return at if node.rpar is None else closing(node.rpar, at, walk)


def _aliases(names: Sequence[cst.ImportAlias], at: int, walk: Walk) -> int:
    for alias in names:
        end = as_name(alias.asname, expression(alias.name, at, walk), walk)
        walk.spans[alias] = (at, end)
        at = optional_mark(alias.comma, end, walk, 0 if alias is names[-1] else LOOSE_COMMA)
    return at


def _type_alias(node: cst.TypeAlias, at: int, walk: Walk) -> int:
    bare = node.type_parameters is None
    at = expression(node.name, gap(node.whitespace_after_type, at + len("type"), walk), walk)
    at = optional_gap(node.whitespace_after_name, at, walk, 1 if bare else 0)
    if not bare:
        at = type_parameters(node.type_parameters, at, walk)
        at = optional_gap(node.whitespace_after_type_parameters, at, walk, 1)
    return expression(node.value, gap(node.whitespace_after_equals, at + len("="), walk), walk)


_TYPE_PARAMETERS: Final[Mapping[type, Rule]] = ByType(
    {
        cst.ParamSpec: _parameter_specification,
        cst.TypeVar: _type_variable,
        cst.TypeVarTuple: _type_tuple,
    }
)
_SMALL: Final[Mapping[type, Rule]] = ByType(
    {
        cst.AnnAssign: _annotated_assign,
        cst.Assert: _assert,
        cst.Assign: _assign,
        cst.AugAssign: _augmented_assign,
        cst.Break: _break,
        cst.Continue: _continue,
        cst.Del: _del,
        cst.Expr: _expr,
        cst.Global: _global,
        cst.Import: _import,
        cst.ImportFrom: _import_from,
        cst.LazyImport: _lazy_import,
        cst.LazyImportFrom: _lazy_import_from,
        cst.Nonlocal: _nonlocal,
        cst.Pass: _pass,
        cst.Raise: _raise,
        cst.Return: _return,
        cst.TypeAlias: _type_alias,
    }
)
