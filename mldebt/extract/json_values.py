"""The values of a JSON text with their places, without recursion, and skipping what nobody wants.

Comments, trailing commas, NaN and raw line ends in strings are accepted: editors and tools write
them. What is skipped is only balanced, not checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from mldebt.extract.unreadable import Unreadable

DEEPEST = 500
MOST_VALUES = 1_000_000

Path = tuple[str, ...]


class Value(NamedTuple):
    """One value. `path` holds keys as written and positions as digits; `kind` is as in `Setting`.

    `start` and exclusive `end` are offsets of the value, for a map or list of its opening
    bracket alone; `key` is the span of its key with quotes, `None` in a list and at the root.
    """

    path: Path
    kind: str
    start: int
    end: int
    key: tuple[int, int] | None


@dataclass(slots=True)
class _Open:
    """A map or list whose end is still to come; `count` is the number of values met."""

    kind: str
    path: Path
    count: int = 0


class _Place(NamedTuple):
    """Where the next value starts."""

    position: int
    path: Path
    key: tuple[int, int] | None


_BLANK = re.compile(r"[ \t\r\n\ufeff]*(?:(?://[^\n]*|/\*.*?\*/)[ \t\r\n]*)*", re.DOTALL)
_WORD = re.compile(r"-?(?:\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|Infinity)|NaN|true|false|null")
_MARK = re.compile(r'["\[\]{}]')
# Strings without escapes, and brackets with neither strings nor brackets inside: most of what is skipped.
# The counts bound the memory that a match takes.
_FLAT = re.compile(r'(?:[^"\[\]{}]*(?:"[^"\\]*"|\[[^"\[\]{}]*\]|\{[^"\[\]{}]*\})){1,500}')
_ESCAPES = re.compile(r'(?:[^"\\]*\\.){1,500}', re.DOTALL)
_CLOSING = MappingProxyType({"map": "}", "list": "]"})
_KINDS = MappingProxyType({"true": "bool", "false": "bool", "null": "null"})


def everything(path: Path) -> bool:
    """The choice that skips nothing."""
    return True


def values(
    text: str, wanted: Callable[[Path], bool] = everything, most: int = MOST_VALUES
) -> Iterator[Value]:
    """Every wanted value in order, a map or list before what is in it; an unwanted one is skipped whole.

    Raises `Unreadable` where the text is no JSON, ends early, or is too deep or too large.
    """
    frames: list[_Open] = []
    place: _Place | None = _Place(_after_blank(text, 0), (), None)
    for _ in range(most):
        if place is None:
            return
        value = _value(text, place)
        if not wanted(value.path):
            position = _skipped(text, value)
        else:
            yield value
            position = value.end
            if value.kind in _CLOSING:
                frames.append(_Open(value.kind, value.path))
        if len(frames) > DEEPEST:
            raise Unreadable(position, "too-deep", f"more than {DEEPEST} levels of nesting")
        place = _next(text, position, frames)
    if place is not None:
        raise Unreadable(place.position, "too-large", f"more than {most} values")


def decoded(literal: str) -> str:
    """The text that a string literal with its quotes stands for. Raises ValueError on a bad escape."""
    return str(json.loads(literal, strict=False)) if "\\" in literal else literal[1:-1]


def _value(text: str, place: _Place) -> Value:
    start, path, key = place
    mark = text[start : start + 1]
    if mark == '"':
        return Value(path, "text", start, _string_end(text, start), key)
    if mark in ("{", "["):
        return Value(path, "map" if mark == "{" else "list", start, start + 1, key)
    word = _WORD.match(text, start)
    if word is None:
        raise _broken(text, start, "a value")
    return Value(path, _KINDS.get(word.group(), "number"), start, word.end(), key)


def _next(text: str, position: int, frames: list[_Open]) -> _Place | None:
    """The place of the value that follows, closing what ends before it; None at the end of all."""
    while frames:
        frame = frames[-1]
        position = _after_blank(text, position)
        comma = frame.count > 0 and text[position : position + 1] == ","
        if comma:
            position = _after_blank(text, position + 1)
        if text[position : position + 1] == _CLOSING[frame.kind]:
            frames.pop()
            position += 1
            continue
        if frame.count and not comma:
            raise _broken(text, position, "a comma or a closing bracket")
        return _entry(text, position, frame)
    if _after_blank(text, position) < len(text):
        raise _broken(text, _after_blank(text, position), "the end")
    return None


def _entry(text: str, position: int, frame: _Open) -> _Place:
    frame.count += 1
    if frame.kind == "list":
        return _Place(position, (*frame.path, str(frame.count - 1)), None)
    if text[position : position + 1] != '"':
        raise _broken(text, position, "a key in quotes")
    end = _string_end(text, position)
    colon = _after_blank(text, end)
    if text[colon : colon + 1] != ":":
        raise _broken(text, colon, "a colon")
    try:
        name = decoded(text[position:end])
    except ValueError:
        raise Unreadable(position, "syntax", "a key has an escape that JSON does not know") from None
    return _Place(_after_blank(text, colon + 1), (*frame.path, name), (position, end))


def _skipped(text: str, value: Value) -> int:
    """The offset behind a value, found by its brackets alone."""
    position, depth = value.end, 1 if value.kind in _CLOSING else 0
    while depth:
        if flat := _FLAT.match(text, position):
            position = flat.end()
        mark = _MARK.search(text, position)
        if mark is None:
            raise _broken(text, len(text), "a closing bracket")
        position = mark.end()
        if mark.group() == '"':
            position = _string_end(text, mark.start())
        else:
            depth += 1 if mark.group() in "[{" else -1
    return position


def _string_end(text: str, start: int) -> int:
    end = text.find('"', start + 1)
    if end > 0 and text[end - 1] == "\\":
        position = start + 1
        while escapes := _ESCAPES.match(text, position):
            position = escapes.end()
        end = text.find('"', position)
    if end < 0:
        raise Unreadable(start, "truncated", "ends inside a string")
    return end + 1


def _after_blank(text: str, position: int) -> int:
    blank = _BLANK.match(text, position)
    return blank.end() if blank else position


def _broken(text: str, position: int, expected: str) -> Unreadable:
    if position >= len(text):
        return Unreadable(len(text), "truncated", f"ends where {expected} should stand")
    return Unreadable(position, "syntax", f"{expected} should stand here")
