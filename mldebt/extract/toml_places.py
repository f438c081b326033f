"""Where the keys and list items of a TOML text stand; right for valid texts, harmless for others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from mldebt.extract.json_values import decoded
from mldebt.extract.unreadable import Unreadable

DEEPEST = 200
LARGEST = 4 * 1024 * 1024
TRIPLE = 3

Path = tuple[str, ...]
Places = dict[Path, tuple[int, int]]


class _Token(NamedTuple):
    """`kind` is word, string, line (a line end), or the sign itself."""

    kind: str
    start: int
    end: int
    text: str


@dataclass(slots=True)
class _Frame:
    """An open array (`closing` is `]`) or inline table; `index` counts the items of an array."""

    closing: str
    path: Path
    index: int = 0


@dataclass(slots=True)
class _Scan:
    """Where the scan is: `expects` is key, value or end; `header` counts the brackets of a table's name."""

    places: Places = field(default_factory=dict)
    arrays: dict[Path, int] = field(default_factory=dict)
    table: Path = ()
    parts: list[_Token] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    expects: str = "key"
    header: int = 0
    value_path: Path = ()
    kept: int = 0


_TOKEN = re.compile(r"[^\S\n]+|#[^\n]*|\n|\"\"\"|'''|[\"'\[\]{},.=]|[^\s\[\]{},.=\"'#]+")
_QUOTES = ('"""', "'''", '"', "'")


def toml_places(text: str) -> Places:
    """The span of the first mention of each key path. Raises `Unreadable` when nested too deeply."""
    scan = _Scan()
    for token in _tokens(text):
        if token.kind == "line" and not scan.frames:
            _end_statement(scan)
        elif token.kind == "line":
            continue
        elif scan.expects == "key":
            _at_key(scan, token)
        elif scan.expects == "value":
            _at_value(scan, token)
        else:
            _at_end(scan, token)
        if max(len(scan.frames), len(scan.parts)) > DEEPEST:
            raise Unreadable(token.start, "too-deep", f"more than {DEEPEST} levels of nesting")
    _end_statement(scan)
    return scan.places


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKEN.match(text, position):
        start, position = match.span()
        first = match.group()[0]
        if match.group() in _QUOTES:
            position = _string_end(text, match.group(), position)
            yield _Token("string", start, position, text[start:position])
        elif first == "\n":
            yield _Token("line", start, position, "")
        elif first in "[]{},.=":
            yield _Token(first, start, position, first)
        elif not first.isspace() and first != "#":
            yield _Token("word", start, position, match.group())


def _string_end(text: str, quote: str, position: int) -> int:
    while True:
        end = text.find(quote, position)
        line = text.find("\n", position, end if end >= 0 else len(text)) if len(quote) == 1 else -1
        if line >= 0:
            return line
        if end < 0:
            return len(text)
        if quote[0] == "'" or not _escaped(text, end, position):
            break
        position = end + 1
    position = end + len(quote)
    while len(quote) == TRIPLE and text[position : position + 1] == quote[0] and position < end + 5:
        position += 1
    return position


def _escaped(text: str, quote: int, first: int) -> bool:
    before = quote
    while before > first and text[before - 1] == "\\":
        before -= 1
    return (quote - before) % 2 == 1


def _at_key(scan: _Scan, token: _Token) -> None:
    if token.kind in ("word", "string"):
        scan.parts.append(token)
    elif token.kind == "=":
        above = scan.frames[-1].path if scan.frames else scan.table
        scan.value_path = _bind(scan, above)
        scan.expects = "value"
    elif token.kind == "[" and not scan.frames and not scan.parts:
        scan.header += 1
    elif token.kind == "}" and scan.frames:
        _close(scan)
    elif token.kind == ",":
        scan.parts.clear()


def _at_value(scan: _Scan, token: _Token) -> None:
    inside = bool(scan.frames) and scan.frames[-1].closing == "]"
    if token.kind == "]" and inside:
        _close(scan)
        return
    if inside and token.kind != ",":
        _keep(scan, scan.value_path, token)
    if token.kind == "[":
        scan.frames.append(_Frame("]", scan.value_path))
        scan.value_path = (*scan.value_path, "0")
    elif token.kind == "{":
        scan.frames.append(_Frame("}", scan.value_path))
        scan.expects = "key"
    else:
        scan.expects = "end"


def _at_end(scan: _Scan, token: _Token) -> None:
    if not scan.frames:
        return
    frame = scan.frames[-1]
    if token.kind == frame.closing:
        _close(scan)
    elif token.kind == "," and frame.closing == "]":
        frame.index += 1
        scan.value_path = (*frame.path, str(frame.index))
        scan.expects = "value"
    elif token.kind == ",":
        scan.expects = "key"


def _close(scan: _Scan) -> None:
    scan.frames.pop()
    scan.parts.clear()
    scan.expects = "end"


def _end_statement(scan: _Scan) -> None:
    """A line end outside of brackets; after `[a.b]` or `[[a.b]]` that table is the current one."""
    if scan.header and scan.parts:
        array = scan.header > 1
        scan.table = _bind(scan, (), array)
    scan.parts.clear()
    scan.header = 0
    scan.expects = "key"


def _bind(scan: _Scan, above: Path, array: bool = False) -> Path:
    """The path that the key parts name, each part with its place; `array` adds an item to its table."""
    path = above
    last = len(scan.parts) - 1
    for number, part in enumerate(scan.parts):
        path = (*path, _unquoted(part))
        _keep(scan, path, part)
        if array and number == last:
            scan.arrays[path] = scan.arrays.get(path, -1) + 1
        if path in scan.arrays:
            path = (*path, str(scan.arrays[path]))
            _keep(scan, path, part)
    scan.parts.clear()
    return path


def _keep(scan: _Scan, path: Path, token: _Token) -> None:
    scan.kept += sum(map(len, path)) + len(path)
    if scan.kept > LARGEST:
        raise Unreadable(token.start, "too-large", "more keys than are kept of one file")
    scan.places.setdefault(path, (token.start, token.end))


def _unquoted(part: _Token) -> str:
    if part.kind == "word":
        return part.text
    if part.text[0] == "'":
        return part.text[1:-1]
    try:
        return decoded(part.text)
    except ValueError:
        return part.text[1:-1]
