"""The variables that a container file sets: ENV and ARG, with their places and secrets masked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.declarations import Setting
from mldebt.extract.line_settings import kind_of
from mldebt.extract.masking import masked_value

MOST = 500
_INSTRUCTION = re.compile(
    r"^[ \t]*(?P<word>ENV|ARG)[ \t]+(?P<rest>(?:\\[ \t]*\r?\n|[^\r\n])*)", re.IGNORECASE | re.MULTILINE
)
_PAIR = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:=(?P<value>\"(?:\\.|[^\"\\])*\"|'[^']*'|(?:\\[^\r\n]|[^\s\"'\\])*))?")
_OLD = re.compile(r"(?P<name>[A-Za-z_]\w*)[ \t]+(?P<value>[^=\r\n][^\r\n]*)")


def container_variables(text: str) -> tuple[Setting, ...]:
    """One setting for each variable, with the keys ENV or ARG and its name."""
    found: list[Setting] = []
    for match in _INSTRUCTION.finditer(text):
        for name, value, start in _pairs(match["rest"], match.start("rest")):
            kind = "null" if value is None else kind_of(value)
            kept = None if value is None else masked_value(name, value, kind)
            found.append(Setting((match["word"].upper(), name), kept, kind, start, start + len(name)))
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def _pairs(rest: str, at: int) -> Iterator[tuple[str, str | None, int]]:
    old = _OLD.fullmatch(rest.strip())
    if old is not None:
        yield old["name"], old["value"].strip(), at + rest.index(old["name"])
        return
    position = 0
    while match := _PAIR.search(rest, position):
        value = match["value"]
        yield match["name"], None if value is None else _unquoted(value), at + match.start()
        position = match.end()


def _unquoted(value: str) -> str:
    return value[1:-1] if value[:1] in ("'", '"') and value[-1:] == value[:1] and len(value) > 1 else value
