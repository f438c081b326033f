"""A Jupyter notebook as Python cells whose lines, columns and lines in the file are known."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType

import msgspec

from mldebt.declarations import Credential
from mldebt.extract.credentials import covered, credentials
from mldebt.extract.decode import NOTHING_LEFT
from mldebt.extract.json_values import Path, Value, decoded, values
from mldebt.extract.magics import Mark, translate
from mldebt.extract.shown import Region, shown_credentials
from mldebt.extract.unreadable import Unreadable
from mldebt.facts import NONE, Cell, Trouble

LARGEST = 50 * 1024 * 1024
MOST_VALUES = 300_000
LONGEST_COUNT = 9


@dataclass(frozen=True, slots=True)
class CodeCell:
    """A code cell. `number` counts from 1 over all cells, markdown included.

    `text` is Python of the same lines and columns as the source, but for an indentation of the whole
    cell, and ends with a line feed;
    `file_lines` has the line in the file, from 1, of each of its lines; `count` is the execution
    count or -1. `magics` are (offset in text, kind, name, rest): run, shell, line or cell. Credentials are
    covered, and their places count in `text`.
    """

    number: int
    text: str
    file_lines: tuple[int, ...]
    count: int
    magics: tuple[Mark, ...]
    credentials: tuple[Credential, ...] = ()


@dataclass(frozen=True, slots=True)
class Notebook:
    """What is to be read of a notebook; `skipped` counts code cells in other languages. `shown` are the
    credentials outside of code: in outputs and in text."""

    cells: tuple[CodeCell, ...]
    skipped: int
    troubles: tuple[Trouble, ...]
    shown: tuple[Credential, ...] = ()


@dataclass(slots=True)
class _Draft:
    """A cell as it is met; `pieces` are its strings with the lines they stand on."""

    number: int
    line: int
    start: int = 0
    kind: str = ""
    language: str = ""
    count: int = NONE
    old: bool = False
    readable: bool = False
    pieces: list[tuple[int, str]] = field(default_factory=list)
    sources: list[tuple[int, int]] = field(default_factory=list)


_CELL_FIELDS = (
    (),
    ("cell_type",), ("source",), ("source", "#"), ("input",), ("input", "#"), ("language",),
    ("execution_count",), ("prompt_number",),
    ("metadata",), ("metadata", "vscode"), ("metadata", "vscode", "languageId"),
)  # fmt: skip
_WANTED: frozenset[Path] = frozenset(
    [(), ("cells",), ("worksheets",), ("worksheets", "#"), ("worksheets", "#", "cells")]
    + [("metadata",), ("metadata", "kernelspec"), ("metadata", "language_info")]
    + [("metadata", "kernelspec", "language"), ("metadata", "kernelspec", "name")]
    + [("metadata", "language_info", "name")]
    + [("cells", "#", *rest) for rest in _CELL_FIELDS]
    + [("worksheets", "#", "cells", "#", *rest) for rest in _CELL_FIELDS]
)
_KINDS = frozenset(("code", "markdown", "raw", "heading", "html"))
_RESAVE = "open it in Jupyter and save it again"
_CELL_DEPTH = MappingProxyType({"cells": 2, "worksheets": 4})
_MARK = "\xef\xbb\xbf"
_POINTER = b"version https://git-lfs.github.com/spec/"
_LETTER = re.compile(rb"[#A-Za-z\"'@]")
_CONFLICT = re.compile(rb"^<{7} ", re.MULTILINE)
_PYTHON = re.compile(r"(?:i?python|pyspark|cpython|pypy|xpython|xeus-python)[\d.]*(?:kernel)?", re.IGNORECASE)
_OTHER_KERNEL = re.compile(
    r"(?:ir|irkernel|r|xr|julia|scala|spylon|bash|deno|java|\.net)(?:[-_].*)?", re.IGNORECASE
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|script|writefile|system|sx|!)")


def read_notebook(data: bytes) -> Notebook:
    """The cells of an `.ipynb` file of format 3 or 4. Never raises: what cannot be read is a trouble."""
    try:
        _refuse(data)
        # One character for each byte: offsets stay cheap, and only the strings wanted are decoded.
        text = data.decode("latin-1")
        drafts, language = _drafts(text)
    except Unreadable as error:
        return Notebook((), 0, (_whole_file(data, error),))
    broken = [draft for draft in drafts if not draft.readable or draft.kind not in _KINDS]
    readable = [draft for draft in drafts if draft.kind == "code" and draft.readable]
    python = [draft for draft in readable if _is_python(draft.language or language)]
    cells = [_cell(draft) for draft in python]
    skipped = len(readable) - len(python) + sum(foreign for _, foreign in cells)
    told = {draft.number for draft in python}
    regions = [Region(one.start, one.number, tuple(one.sources if one.number in told else ())) for one in drafts]
    shown = shown_credentials(text, regions)
    return Notebook(tuple(cell for cell, _ in cells), skipped, tuple(_broken(broken)), shown)


def assemble(notebook: Notebook) -> tuple[str, tuple[Cell, ...]]:
    """All cells as the text of one virtual module, and where each of them stands in it."""
    firsts = accumulate((len(cell.file_lines) for cell in notebook.cells), initial=0)
    marks = (
        Cell(cell.number, first, cell.file_lines, cell.count)
        for cell, first in zip(notebook.cells, firsts, strict=False)
    )
    return "".join(cell.text for cell in notebook.cells), tuple(marks)


def _refuse(data: bytes) -> None:
    """Raises Unreadable for what is no notebook at first sight."""
    if len(data) > LARGEST:
        raise Unreadable(0, "too-large", f"{len(data)} bytes, more than {LARGEST}", "clear the outputs")
    if data.startswith(_POINTER):
        raise Unreadable(0, "truncated", "a Git LFS pointer, not the notebook itself", "run `git lfs pull`")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable(0, "encoding", "UTF-16, where notebooks are UTF-8", "save it as UTF-8")
    if not data.strip():
        raise Unreadable(0, "empty", "an empty file", NOTHING_LEFT[1])
    if not data.strip(b"\0"):
        raise Unreadable(0, "encoding", *NOTHING_LEFT)
    if _LETTER.match(data):
        raise Unreadable(0, "syntax", "plain text, where notebooks are JSON", "name it by what it holds, or exclude it")
    if conflict := _CONFLICT.search(data):
        raise Unreadable(conflict.start(), "syntax", "an unresolved merge conflict", "resolve the conflict")


def _whole_file(data: bytes, error: Unreadable) -> Trouble:
    """The trouble of a whole file: it has no place in the module, so its text names the line."""
    line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
    place = f" (line {line} of the file)" if error.start else ""
    return Trouble(0, error.code, error.text + place, error.cure or _RESAVE)


def _broken(drafts: list[_Draft]) -> Iterator[Trouble]:
    if drafts:
        first = drafts[0]
        place = f"cell {first.number} (line {first.line} of the file)"
        text = f"no type or no source in {len(drafts)} cells, first in {place}"
        yield Trouble(0, "syntax", text, _RESAVE)


def _drafts(text: str) -> tuple[list[_Draft], str]:
    """The cells and the language of the kernel."""
    drafts: list[_Draft] = []
    kernel: dict[Path, str] = {}
    listed = False
    if text.startswith(_MARK):
        text = " " * len(_MARK) + text[len(_MARK) :]
    lines = _Lines(text)
    for value in values(text, _wanted, MOST_VALUES):
        tail = _tail(value.path)
        if tail is None:
            listed = listed or (value.path in (("cells",), ("worksheets",)) and value.kind == "list")
            if value.kind == "text":
                kernel[value.path] = _string(text, value)
        elif not tail:
            old = value.path[0] == "worksheets"
            drafts.append(_Draft(len(drafts) + 1, lines.at(value.start), value.start, old=old))
        elif drafts:
            _fill(drafts[-1], tail, value, text, lines)
    if not listed:
        raise Unreadable(0, "syntax", "no list of cells")
    return drafts, _language(kernel)


def _wanted(path: Path) -> bool:
    return tuple("#" if part.isdigit() else part for part in path) in _WANTED


def _tail(path: Path) -> Path | None:
    """The part of a path inside a cell; None outside of cells."""
    depth = _CELL_DEPTH.get(path[0], 0) if path else 0
    return path[depth:] if 0 < depth <= len(path) else None


def _fill(draft: _Draft, tail: Path, value: Value, text: str, lines: _Lines) -> None:
    """Takes one field of a cell."""
    name = tail[-1] if tail[0] == "metadata" else tail[0]
    if name in ("source", "input"):
        if len(tail) == 1:
            draft.pieces, draft.readable = [], value.kind in ("text", "list")
            draft.line = lines.at(value.start)
        if value.kind == "text":
            draft.pieces.append((lines.at(value.start), _string(text, value)))
            draft.sources.append((value.start, value.end))
    elif name in ("execution_count", "prompt_number"):
        number = text[value.start : value.end]
        draft.count = int(number) if number.isdecimal() and len(number) <= LONGEST_COUNT else NONE
    elif value.kind == "text" and name == "cell_type":
        draft.kind = _string(text, value)
    elif value.kind == "text":
        draft.language = _string(text, value)


def _string(text: str, value: Value) -> str:
    """A string of the file, of which `text` has one character for each byte."""
    try:
        string = decoded(text[value.start : value.end].encode("latin-1").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(value.start + error.start, "encoding", "bytes that are no UTF-8") from None
    except ValueError:
        raise Unreadable(value.start, "syntax", "an escape that JSON does not know") from None
    return _SURROGATE.sub("\ufffd", string)


def _language(kernel: dict[Path, str]) -> str:
    for path in (("metadata", "kernelspec", "language"), ("metadata", "language_info", "name")):
        if kernel.get(path):
            return kernel[path]
    name = kernel.get(("metadata", "kernelspec", "name"), "")
    return name if _OTHER_KERNEL.fullmatch(name) else ""


def _is_python(language: str) -> bool:
    return not language or _PYTHON.fullmatch(language) is not None


def _cell(draft: _Draft) -> tuple[CodeCell, bool]:
    """The cell in Python, and whether it is in another language by its magic."""
    strings = [string for _, string in draft.pieces]
    if draft.old and len(strings) > 1 and not strings[0].endswith(("\n", "\r")):
        # Format 3 also wrote lists of lines without their ends.
        strings = [f"{string}\n" for string in strings]
    whole = "".join(strings)
    found = credentials(whole, code=_SHELL_CELL.match(whole) is None)
    lines = list(_source_lines(draft, strings, covered(whole, found)))
    translated = translate([text for _, text, _ in lines])
    places = _replaced(found, [start for _, _, start in lines], translated.text)
    file_lines = tuple(line for line, _, _ in lines)
    cell = CodeCell(draft.number, translated.text, file_lines, draft.count, translated.marks, places)
    return cell, translated.foreign


def _source_lines(draft: _Draft, strings: list[str], whole: str) -> Iterator[tuple[int, str, int]]:
    """The lines of the source without their ends, each with the line in the file where it begins, and its offset."""
    starts = list(accumulate((len(string) for string in strings), initial=0))
    offset = 0
    for end in [*_LINE_END.finditer(whole), None]:
        stop = end.start() if end else len(whole)
        if end is None and offset == stop and offset > 0:
            return
        piece = min(bisect_right(starts, offset), len(strings)) - 1
        yield (draft.pieces[piece][0] if strings else draft.line), whole[offset:stop], offset
        offset = end.end() if end else stop


def _replaced(found: tuple[Credential, ...], starts: list[int], text: str) -> tuple[Credential, ...]:
    """The credentials of a source at their places in the translated text, whose lines are the same."""
    lines = (0, *(end.end() for end in _LINE_END.finditer(text)))
    shifts = [lines[number] - start for number, start in enumerate(starts)]
    return tuple(
        msgspec.structs.replace(one, start=one.start + shift, end=one.end + shift)
        for one in found
        for shift in (shifts[bisect_right(starts, one.start) - 1],)
    )


class _Lines:
    """The lines of a file at growing offsets, counted as they are asked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = "\n" if "\n" in text else "\r"
        self._offset = 0
        self._line = 1

    def at(self, offset: int) -> int:
        """The line, from 1, of an offset at or behind the last one asked for."""
        self._line += self._text.count(self._end, self._offset, offset)
        self._offset = max(offset, self._offset)
        return self._line
