"""The room that expressions take, with the arguments, parameters, elements and clauses inside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import libcst as cst
from libcst import Arg, Element, Name

from mldebt.extract.trivia import (
    DEFAULT,
    LOOSE_COMMA,
    SPACED_EQUAL,
    ByType,
    Rule,
    Walk,
    closing,
    gap,
    mark,
    opening,
    operator,
    optional_gap,
    optional_mark,
)


def expression(node: Any, at: int, walk: Walk) -> int:
    """The offset behind an expression and its parentheses; its span, which is recorded, is without them."""
    if node.lpar:
        for bracket in node.lpar:
            at = opening(bracket, at, walk)
    if type(node) is Name:
        end = at + len(node.value)
    else:
        end = _EXPRESSIONS[type(node)](node, at, walk)
    walk.spans[node] = (at, end)
    if node.rpar:
        for bracket in node.rpar:
            end = closing(bracket, end, walk)
    return end


def arguments(args: Sequence[Arg], at: int, walk: Walk) -> int:
    """The offset behind the arguments of a call or of a class definition."""
    for arg in args:
        start = at
        at = gap(arg.whitespace_after_star, at + len(arg.star), walk) if arg.star else at
        if arg.keyword is not None:
            at = expression(arg.keyword, at, walk)
            at = optional_mark(arg.equal, at, walk, SPACED_EQUAL)
        at = expression(arg.value, at, walk)
        walk.spans[arg] = (start, at)
        if arg.comma is not DEFAULT:
            at = mark(arg.comma, at, walk)
        elif arg is not args[-1]:
            at += LOOSE_COMMA
        at = gap(arg.whitespace_after_arg, at, walk)
    return at


def annotation(node: cst.Annotation, at: int, walk: Walk, indicator: str) -> int:
    """The offset behind an annotation. Its span is without the indicator: `:` or `->`."""
    at = optional_gap(node.whitespace_before_indicator, at, walk, 1 if indicator == "->" else 0)
    start = gap(node.whitespace_after_indicator, at + len(indicator), walk)
    end = expression(node.annotation, start, walk)
    walk.spans[node] = (start, end)
    return end


def parameters(node: cst.Parameters, at: int, walk: Walk) -> int:
    """The offset behind the parameters of a function or a lambda."""
    star_arg = node.star_arg
    late = bool(node.kwonly_params) or node.star_kwarg is not None
    starred = bool(node.kwonly_params) if star_arg is DEFAULT else True
    for param in node.posonly_params:
        at = _parameter(param, at, walk, 0, True)
    at = _positional_only_mark(node, at, walk, starred or late or bool(node.params))
    for param in node.params:
        at = _parameter(param, at, walk, 0, starred or late or param is not node.params[-1])
    if isinstance(star_arg, cst.ParamStar):
        at = mark(star_arg.comma, at + len("*"), walk)
    elif isinstance(star_arg, cst.Param):
        at = _parameter(star_arg, at, walk, len("*"), late)
    elif starred:
        at += len("*, ")
    for param in node.kwonly_params:
        more = node.star_kwarg is not None or param is not node.kwonly_params[-1]
        at = _parameter(param, at, walk, 0, more)
    if node.star_kwarg is not None:
        at = _parameter(node.star_kwarg, at, walk, len("**"), False)
    return at


def from_clause(node: cst.From, at: int, walk: Walk, default_space: int) -> int:
    """The offset behind the `from` clause of a raise or a yield."""
    start = optional_gap(node.whitespace_before_from, at, walk, default_space)
    at = gap(node.whitespace_after_from, start + len("from"), walk)
    end = expression(node.item, at, walk)
    walk.spans[node] = (start, end)
    return end


def asynchronous(node: cst.Asynchronous | None, at: int, walk: Walk) -> int:
    """The offset behind the word `async`, if there is one."""
    return at if node is None else gap(node.whitespace_after, at + len("async"), walk)


def _positional_only_mark(node: cst.Parameters, at: int, walk: Walk, more: bool) -> int:
    slash = node.posonly_ind
    if isinstance(slash, cst.ParamSlash):
        at = gap(slash.whitespace_after, at + len("/"), walk)
        return optional_mark(slash.comma, at, walk, LOOSE_COMMA if more else 0)
    if not node.posonly_params:
        return at
    return at + len("/, " if more else "/")


def _parameter(node: cst.Param, at: int, walk: Walk, star: int, more: bool) -> int:
    start = at
    at += len(node.star) if isinstance(node.star, str) else star
    at = gap(node.whitespace_after_star, at, walk)
    at = expression(node.name, at, walk)
    walk.spans[node] = (start, at)
    if node.annotation is not None:
        at = annotation(node.annotation, at, walk, ":")
    at = optional_mark(node.equal, at, walk, 0 if node.default is None else SPACED_EQUAL)
    if node.default is not None:
        at = expression(node.default, at, walk)
    at = optional_mark(node.comma, at, walk, LOOSE_COMMA if more else 0)
    return gap(node.whitespace_after_param, at, walk)


def _verbatim(node: Any, at: int, walk: Walk) -> int:
    return at + len(node.value)


def _ellipsis(node: cst.Ellipsis, at: int, walk: Walk) -> int:
    return at + len("...")


def _concatenated(node: cst.ConcatenatedString, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_between, expression(node.left, at, walk), walk)
    return expression(node.right, at, walk)


def _interpolated(node: cst.FormattedString | cst.TemplatedString, at: int, walk: Walk) -> int:
    at += len(node.start)
    for part in node.parts:
        at = _CONTENTS[type(part)](part, at, walk)
    return at + len(node.end)


def _field(node: cst.FormattedStringExpression | cst.TemplatedStringExpression, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_expression, at + len("{"), walk)
    at = expression(node.expression, at, walk)
    if node.equal is not None:
        at = mark(node.equal, at, walk)
    at = gap(node.whitespace_after_expression, at, walk)
    if node.conversion is not None:
        at += len("!") + len(node.conversion)
    if node.format_spec is not None:
        at += len(":")
        for part in node.format_spec:
            at = _CONTENTS[type(part)](part, at, walk)
    return at + len("}")


def _attribute(node: cst.Attribute, at: int, walk: Walk) -> int:
    at = mark(node.dot, expression(node.value, at, walk), walk)
    return expression(node.attr, at, walk)


def _call(node: cst.Call, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_func, expression(node.func, at, walk), walk)
    at = gap(node.whitespace_before_args, at + len("("), walk)
    return arguments(node.args, at, walk) + len(")")


def _subscript(node: cst.Subscript, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_value, expression(node.value, at, walk), walk)
    at = opening(node.lbracket, at, walk)
    last = node.slice[-1]
    for element in node.slice:
        start, kind = at, type(element.slice)
        at = _SLICES[kind](element.slice, at, walk)
        walk.spans[element.slice] = (start, at)
        at = optional_mark(element.comma, at, walk, 0 if element is last else LOOSE_COMMA)
    return closing(node.rbracket, at, walk)


def _index(node: cst.Index, at: int, walk: Walk) -> int:
    if node.star is not None:
        at += len(node.star)
    if node.whitespace_after_star is not None:
        at = gap(node.whitespace_after_star, at, walk)
    return expression(node.value, at, walk)


def _slice(node: cst.Slice, at: int, walk: Walk) -> int:
    if node.lower is not None:
        at = expression(node.lower, at, walk)
    at = mark(node.first_colon, at, walk)
    if node.upper is not None:
        at = expression(node.upper, at, walk)
    at = optional_mark(node.second_colon, at, walk, 0 if node.step is None else len(":"))
    return at if node.step is None else expression(node.step, at, walk)


def _unary(node: cst.UnaryOperation, at: int, walk: Walk) -> int:
    return expression(node.expression, operator(node.operator, at, walk), walk)


def _binary(node: cst.BinaryOperation | cst.BooleanOperation, at: int, walk: Walk) -> int:
    at = operator(node.operator, expression(node.left, at, walk), walk)
    return expression(node.right, at, walk)


def _comparison(node: cst.Comparison, at: int, walk: Walk) -> int:
    at = expression(node.left, at, walk)
    for target in node.comparisons:
        at = expression(target.comparator, operator(target.operator, at, walk), walk)
    return at


def _conditional(node: cst.IfExp, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_if, expression(node.body, at, walk), walk)
    at = gap(node.whitespace_after_if, at + len("if"), walk)
    at = gap(node.whitespace_before_else, expression(node.test, at, walk), walk)
    at = gap(node.whitespace_after_else, at + len("else"), walk)
    return expression(node.orelse, at, walk)


def _walrus(node: cst.NamedExpr, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_walrus, expression(node.target, at, walk), walk)
    at = gap(node.whitespace_after_walrus, at + len(":="), walk)
    return expression(node.value, at, walk)


def _lambda(node: cst.Lambda, at: int, walk: Walk) -> int:
    params = node.params
    named = params.params or params.posonly_params or params.kwonly_params or params.star_kwarg
    spaced = named or isinstance(params.star_arg, cst.Param)
    at = optional_gap(node.whitespace_after_lambda, at + len("lambda"), walk, 1 if spaced else 0)
    at = mark(node.colon, parameters(params, at, walk), walk)
    return expression(node.body, at, walk)


def _await(node: cst.Await, at: int, walk: Walk) -> int:
    return expression(node.expression, gap(node.whitespace_after_await, at + len("await"), walk), walk)


def _yield(node: cst.Yield, at: int, walk: Walk) -> int:
    value = node.value
    at = optional_gap(node.whitespace_after_yield, at + len("yield"), walk, 0 if value is None else 1)
    if isinstance(value, cst.From):
        return from_clause(value, at, walk, 0)
    return at if value is None else expression(value, at, walk)


def _starred(node: cst.StarredElement, at: int, walk: Walk) -> int:
    return expression(node.value, gap(node.whitespace_before_value, at + len("*"), walk), walk)


def _elements(elements: Sequence[Any], at: int, walk: Walk) -> int:
    for element in elements:
        if type(element) is Element:
            end = expression(element.value, at, walk)
        else:
            end = _ELEMENTS[type(element)](element, at, walk)
        # A starred element is an expression too and has recorded itself without its parentheses.
        walk.spans.setdefault(element, (at, end))
        if element.comma is not DEFAULT:
            end = mark(element.comma, end, walk)
        elif element is not elements[-1]:
            end += LOOSE_COMMA
        at = end
    return at


def _pair(node: cst.DictElement | cst.DictComp, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_colon, expression(node.key, at, walk), walk)
    return expression(node.value, gap(node.whitespace_after_colon, at + len(":"), walk), walk)


def _double_starred(node: cst.StarredDictElement | cst.StarredDictComp, at: int, walk: Walk) -> int:
    return expression(node.value, gap(node.whitespace_before_value, at + len("**"), walk), walk)


def _tuple(node: cst.Tuple, at: int, walk: Walk) -> int:
    at = _elements(node.elements, at, walk)
    alone = len(node.elements) == 1 and node.elements[0].comma is DEFAULT
    return at + len(",") if alone else at


def _list(node: cst.List, at: int, walk: Walk) -> int:
    return closing(node.rbracket, _elements(node.elements, opening(node.lbracket, at, walk), walk), walk)


def _braced(node: cst.Set | cst.Dict, at: int, walk: Walk) -> int:
    return closing(node.rbrace, _elements(node.elements, opening(node.lbrace, at, walk), walk), walk)


def _generator(node: cst.GeneratorExp, at: int, walk: Walk) -> int:
    return _for_clause(node.for_in, expression(node.elt, at, walk), walk)


def _list_comprehension(node: cst.ListComp, at: int, walk: Walk) -> int:
    at = expression(node.elt, opening(node.lbracket, at, walk), walk)
    return closing(node.rbracket, _for_clause(node.for_in, at, walk), walk)


def _set_comprehension(node: cst.SetComp, at: int, walk: Walk) -> int:
    at = expression(node.elt, opening(node.lbrace, at, walk), walk)
    return closing(node.rbrace, _for_clause(node.for_in, at, walk), walk)


def _dict_comprehension(node: cst.DictComp | cst.StarredDictComp, at: int, walk: Walk) -> int:
    at = opening(node.lbrace, at, walk)
    at = _pair(node, at, walk) if isinstance(node, cst.DictComp) else _double_starred(node, at, walk)
    return closing(node.rbrace, _for_clause(node.for_in, at, walk), walk)


def _for_clause(node: cst.CompFor, at: int, walk: Walk) -> int:
    start = at
    at = asynchronous(node.asynchronous, gap(node.whitespace_before, at, walk), walk)
    at = gap(node.whitespace_after_for, at + len("for"), walk)
    at = gap(node.whitespace_before_in, expression(node.target, at, walk), walk)
    at = gap(node.whitespace_after_in, at + len("in"), walk)
    at = expression(node.iter, at, walk)
    for condition in node.ifs:
        at = _condition(condition, at, walk)
    if node.inner_for_in is not None:
        at = _for_clause(node.inner_for_in, at, walk)
    walk.spans[node] = (start, at)
    return at


def _condition(node: cst.CompIf, at: int, walk: Walk) -> int:
    start = at
    at = gap(node.whitespace_before_test, gap(node.whitespace_before, at, walk) + len("if"), walk)
    end = expression(node.test, at, walk)
    walk.spans[node] = (start, end)
    return end


_CONTENTS: Final[Mapping[type, Rule]] = ByType(
    {
        cst.FormattedStringText: _verbatim,
        cst.FormattedStringExpression: _field,
        cst.TemplatedStringText: _verbatim,
        cst.TemplatedStringExpression: _field,
    }
)
_SLICES: Final[Mapping[type, Rule]] = ByType({cst.Index: _index, cst.Slice: _slice})
_ELEMENTS: Final[Mapping[type, Rule]] = ByType(
    {
        cst.DictElement: _pair,
        cst.StarredDictElement: _double_starred,
        cst.StarredElement: expression,
    }
)
_EXPRESSIONS: Final[Mapping[type, Rule]] = ByType(
    {
        cst.Attribute: _attribute,
        cst.Await: _await,
        cst.BinaryOperation: _binary,
        cst.BooleanOperation: _binary,
        cst.Call: _call,
        cst.Comparison: _comparison,
        cst.ConcatenatedString: _concatenated,
        cst.Dict: _braced,
        cst.DictComp: _dict_comprehension,
        cst.Ellipsis: _ellipsis,
        cst.Float: _verbatim,
        cst.FormattedString: _interpolated,
        cst.GeneratorExp: _generator,
        cst.IfExp: _conditional,
        cst.Imaginary: _verbatim,
        cst.Integer: _verbatim,
        cst.Lambda: _lambda,
        cst.List: _list,
        cst.ListComp: _list_comprehension,
        cst.NamedExpr: _walrus,
        cst.Set: _braced,
        cst.SetComp: _set_comprehension,
        cst.SimpleString: _verbatim,
        cst.StarredDictComp: _dict_comprehension,
        cst.StarredElement: _starred,
        cst.Subscript: _subscript,
        cst.TemplatedString: _interpolated,
        cst.Tuple: _tuple,
        cst.UnaryOperation: _unary,
        cst.Yield: _yield,
    }
)
