"""The lines of code around a place, for findings whose line itself says what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from mldebt.extract.credentials import covered, credentials
from mldebt.gather.line_hashes import line_hashes
from mldebt.source import Span

LONGEST_LINE = 160
_CODE = (".py", ".pyw")
_BREAK = re.compile(r"\r\n|\r|\n")


class Frames:
    """Reads lines on demand, each file once; credentials in them are covered. `roots` are folders by the names
    that paths in them begin with."""

    def __init__(self, roots: Mapping[str, Path]) -> None:
        self._roots = roots
        self._lines: dict[str, list[str]] = {}
        self._hashes: dict[str, tuple[str, ...]] = {}

    def around(self, span: Span) -> tuple[tuple[int, str], ...]:
        """The line and its neighbours with their numbers. Empty for notebooks, whose lines in the
        file are JSON, for blank lines, and for a file that cannot be read any more."""
        if span.cell or span.line < 1:
            return ()
        lines = self._read(span.path)
        first, last = max(span.line - 1, 1), min(span.line + 1, len(lines))
        shown = tuple((number, lines[number - 1][:LONGEST_LINE]) for number in range(first, last + 1))
        return shown if any(text.strip() for _, text in shown) else ()

    def line_hash(self, span: Span) -> str:
        """GitHub's identity of a line in its file; empty where the file has no such line any more."""
        if span.path not in self._hashes:
            self._hashes[span.path] = line_hashes(self._text(span.path))
        known, line = self._hashes[span.path], span.file_line or span.line
        return known[line - 1] if 0 < line <= len(known) else ""

    def _text(self, path: str) -> str:
        name = next((name for name in self._roots if name and path.startswith(f"{name}/")), "")
        try:
            content = (self._roots[name] / path.removeprefix(f"{name}/")).read_bytes()
        except (OSError, KeyError):
            return ""
        return content.decode("utf-8", "backslashreplace")

    def _read(self, path: str) -> list[str]:
        if path not in self._lines:
            text = self._text(path)
            self._lines[path] = _BREAK.split(covered(text, credentials(text, code=path.endswith(_CODE))))
        return self._lines[path]
