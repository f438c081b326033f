"""The room that the patterns of match statements take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import libcst as cst

from mldebt.extract.expression_spans import expression
from mldebt.extract.trivia import (
    DEFAULT,
    LOOSE_COMMA,
    ByType,
    Rule,
    Walk,
    closing,
    gap,
    mark,
    opening,
    optional_gap,
    optional_mark,
)


def pattern(node: Any, at: int, walk: Walk) -> int:
    """The offset behind a pattern and its parentheses; its span, which is recorded, is without them."""
    if type(node) in _VALUES:
        end = expression(node.value, at, walk)
        walk.spans[node] = (at, end)
        return end
    for bracket in node.lpar:
        at = opening(bracket, at, walk)
    end = _PATTERNS[type(node)](node, at, walk)
    walk.spans[node] = (at, end)
    for bracket in node.rpar:
        end = closing(bracket, end, walk)
    return end


def _items(items: Sequence[Any], at: int, walk: Walk, more: bool = False) -> int:
    # Unlike those of other lists, the spans of these items take in their comma.
    for item in items:
        end = _ITEMS[type(item)](item, at, walk)
        default = LOOSE_COMMA if more or item is not items[-1] else 0
        end = optional_mark(item.comma, end, walk, default)
        walk.spans[item] = (at, end)
        at = end
    return at


def _plain(node: cst.MatchSequenceElement, at: int, walk: Walk) -> int:
    return pattern(node.value, at, walk)


def _star(node: cst.MatchStar, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_name, at + len("*"), walk)
    return at + len("_") if node.name is None else expression(node.name, at, walk)


def _mapped(node: cst.MatchMappingElement, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_colon, expression(node.key, at, walk), walk)
    return pattern(node.pattern, gap(node.whitespace_after_colon, at + len(":"), walk), walk)


def _named(node: cst.MatchKeywordElement, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_before_equal, expression(node.key, at, walk), walk)
    return pattern(node.pattern, gap(node.whitespace_after_equal, at + len("="), walk), walk)


def _list(node: cst.MatchList, at: int, walk: Walk) -> int:
    at = at if node.lbracket is None else opening(node.lbracket, at, walk)
    at = _items(node.patterns, at, walk)
    return at if node.rbracket is None else closing(node.rbracket, at, walk)


def _tuple(node: cst.MatchTuple, at: int, walk: Walk) -> int:
    end = _items(node.patterns, at, walk)
    if len(node.patterns) == 1 and node.patterns[0].comma is DEFAULT:
        end += len(",")
        walk.spans[node.patterns[0]] = (at, end)
    return end


def _mapping(node: cst.MatchMapping, at: int, walk: Walk) -> int:
    at = _items(node.elements, opening(node.lbrace, at, walk), walk, more=node.rest is not None)
    if node.rest is not None:
        at = gap(node.whitespace_before_rest, at + len("**"), walk)
        at = expression(node.rest, at, walk)
        at = at if node.trailing_comma is None else mark(node.trailing_comma, at, walk)
    return closing(node.rbrace, at, walk)


def _class(node: cst.MatchClass, at: int, walk: Walk) -> int:
    at = gap(node.whitespace_after_cls, expression(node.cls, at, walk), walk)
    at = gap(node.whitespace_before_patterns, at + len("("), walk)
    at = _items(node.patterns, at, walk, more=bool(node.kwds))
    at = _items(node.kwds, at, walk)
    return gap(node.whitespace_after_kwds, at, walk) + len(")")


def _as(node: cst.MatchAs, at: int, walk: Walk) -> int:
    keyword = space = 0
    if node.pattern is not None:
        at = pattern(node.pattern, at, walk)
        keyword, space = len("as"), len(" ")
    at = optional_gap(node.whitespace_before_as, at, walk, space) + keyword
    at = optional_gap(node.whitespace_after_as, at, walk, space)
    return at + len("_") if node.name is None else expression(node.name, at, walk)


def _or(node: cst.MatchOr, at: int, walk: Walk) -> int:
    for option in node.patterns:
        end = pattern(option.pattern, at, walk)
        default = 0 if option is node.patterns[-1] else len(" | ")
        end = optional_mark(option.separator, end, walk, default)
        walk.spans[option] = (at, end)
        at = end
    return at


_VALUES: Final = frozenset({cst.MatchValue, cst.MatchSingleton})
_ITEMS: Final[Mapping[type, Rule]] = ByType(
    {
        cst.MatchKeywordElement: _named,
        cst.MatchMappingElement: _mapped,
        cst.MatchSequenceElement: _plain,
        cst.MatchStar: _star,
    }
)
_PATTERNS: Final[Mapping[type, Rule]] = ByType(
    {
        cst.MatchAs: _as,
        cst.MatchClass: _class,
        cst.MatchList: _list,
        cst.MatchMapping: _mapping,
        cst.MatchOr: _or,
        cst.MatchTuple: _tuple,
    }
)
