"""A text of SQL to its statements, without a parser: quotes, comments, lines of a client, and the rows of dumps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

DEEPEST = 150
_TOKEN = re.compile(
    r"--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)|'(?:[^'\\]+|''|\\(?:(?!').|'(?![\s,);])|))*(?:'|\Z)"
    r"|\"(?:[^\"]+|\"\")*(?:\"|\Z)|`[^`\n]*`|(?P<dollar>\$\w*\$)|(?P<open>\()|(?P<shut>\))|(?P<end>;|\\g(?:set|exec|desc|x)?\b[^\n]*)"
    r"|(?P<line>^[ \t]*(?:\\[^\n]*|(?:GO|go)[ \t]*$|(?:DELIMITER|delimiter)[^\n]*))",
    re.MULTILINE | re.DOTALL,
)
_COPIED = re.compile(r"\s*copy\b[^;]*\bfrom\s+stdin\b", re.IGNORECASE)
_LEAD = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/)*")


@dataclass(frozen=True, slots=True)
class Piece:
    """One statement, or one line of a client (`client`), without what stands before its first word. `deep`: its
    parentheses are nested too deep to be parsed."""

    text: str
    start: int
    client: bool = False
    deep: bool = False


def pieces(text: str) -> Iterator[Piece]:
    """The statements of a text in order; those that hold nothing are left out."""
    at, start, depth, deepest = 0, 0, 0, 0
    while match := _TOKEN.search(text, at):
        at = max(match.end(), match.start() + 1)
        kind = match.lastgroup
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "shut":
            depth -= 1
        elif kind == "dollar":
            close = text.find(match["dollar"], at)
            at = len(text) if close < 0 else close + len(match["dollar"])
        elif kind in ("end", "line"):
            yield from _piece(text, start, match.start(), deepest)
            if kind == "line":
                yield from _piece(text, match.start(), match.end(), 0, client=True)
            at = _behind_rows(text, start, at) if kind == "end" else at
            start, depth, deepest = at, 0, 0
    yield from _piece(text, start, len(text), deepest)


def _piece(text: str, start: int, end: int, deepest: int, client: bool = False) -> Iterator[Piece]:
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    said = text[start:end].rstrip()
    if said:
        yield Piece(said, start, client, deepest > DEEPEST)


def _behind_rows(text: str, start: int, end: int) -> int:
    """Behind the rows that follow a `COPY ... FROM stdin` of a dump, up to a line with a backslash and a dot."""
    if not _COPIED.match(text, start, end):
        return end
    close = text.find("\n\\.", end)
    return len(text) if close < 0 else close + 3
