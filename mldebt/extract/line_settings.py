"""The settings of texts with one setting a line: INI and `.env`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.declarations import Setting
from mldebt.extract.unreadable import Unreadable

_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_BOOL = frozenset(["true", "false", "yes", "no", "on", "off"])
_SECTION = re.compile(r"\[(.+)\]\s*(?:[#;].*)?")
_INI_KEY = re.compile(r"([^=:\s][^=:]*)([=:]?)(.*)")
_ENV_KEY = re.compile(r"\s*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:=[ \t]*(.*))?")
_ENV_COMMENT = re.compile(r"(?:^|\s)#.*")
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class _Held:
    """A key of an INI text whose value may go on; no values: a key without a sign."""

    key: tuple[str, ...]
    start: int
    values: list[str]

    def setting(self) -> Setting:
        value = "\n".join(self.values).strip() if self.values else None
        kind = "null" if value is None else kind_of(value)
        return Setting(self.key, value, kind, self.start, self.start + len(self.key[-1]))


def kind_of(value: str) -> str:
    """The kind that a bare value looks like: number, bool or text."""
    if _NUMBER.fullmatch(value):
        return "number"
    return "bool" if value.lower() in _BOOL else "text"


def ini_settings(text: str) -> Iterator[Setting]:
    """Sections and keys, names as written, interpolation untouched. Raises `Unreadable`."""
    section: tuple[str, ...] = ()
    held: _Held | None = None
    indent = 0
    for start, line in _lines(text):
        body = line.strip()
        column = len(line) - len(line.lstrip())
        if not body or body[0] in "#;":
            continue
        if held and column > indent:
            held.values.append(body)
            continue
        if held:
            yield held.setting()
        held, indent = None, column
        if match := _SECTION.fullmatch(body):
            section = (match.group(1),)
            yield Setting(section, None, "map", start + column + 1, start + column + 1 + len(section[0]))
        else:
            held = _ini_key(section, body, start + column)
    if held:
        yield held.setting()


def env_settings(text: str) -> Iterator[Setting]:
    """`KEY=value` lines, with `export`, quotes (also over lines) and comments. Raises `Unreadable`."""
    position = 0
    while position < len(text):
        line, end = _line_at(text, position)
        if line.strip() and not line.lstrip().startswith("#"):
            match = _ENV_KEY.fullmatch(line)
            if match is None:
                raise Unreadable(position, "syntax", "a line that is no KEY=value", "mend or remove the line")
            start, stop = (position + edge for edge in match.span(1))
            if match.group(2) is None:
                yield Setting((match.group(1),), None, "null", start, stop)
            else:
                value, last = _env_value(text, position + match.start(2), match.group(2))
                yield Setting((match.group(1),), value, kind_of(value), start, stop)
                end = max(end, _line_at(text, last)[1])
        position = end


def _ini_key(section: tuple[str, ...], body: str, start: int) -> _Held:
    match = _INI_KEY.fullmatch(body)
    if match is None:
        raise Unreadable(start, "syntax", "a line that is no section and no key", "mend or remove the line")
    name = match.group(1).rstrip()
    return _Held((*section, name), start, [match.group(3).strip()] if match.group(2) else [])


def _env_value(text: str, start: int, rest: str) -> tuple[str, int]:
    """The value that begins at `start`, and where it ends; a quoted one may span lines."""
    quote = rest[:1]
    if quote in ("'", '"'):
        end = text.find(quote, start + 1)
        while quote == '"' and end > 0 and text[end - 1] == "\\":
            end = text.find(quote, end + 1)
        if end < 0:
            raise Unreadable(start, "truncated", "a quote that is never closed", "close the quote")
        return text[start + 1 : end], end
    comment = _ENV_COMMENT.search(rest)
    return (rest[: comment.start()] if comment else rest).strip(), start


def _lines(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    while position < len(text):
        line, end = _line_at(text, position)
        yield position, line
        position = end


def _line_at(text: str, position: int) -> tuple[str, int]:
    """The rest of the line at `position` without its end, and where the next line begins."""
    match = _LINE_END.search(text, position)
    return (text[position : match.start()], match.end()) if match else (text[position:], len(text))
