"""Credentials in the parts of a notebook that are no code: outputs and text."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from mldebt.declarations import Credential
from mldebt.extract.credentials import credentials

LONGEST_WORD = 2000
LONGEST_SCRIPT = 20_000
_SCRIPT, _END_OF_SCRIPT = "<script", "/script"
_PICTURE = re.compile(r'"(?:image/(?:png|jpeg|gif)|application/pdf)"\s*:\s*(?:\[\s*)?"')
_BLANK = re.compile(r'[\s"]')


class Region(NamedTuple):
    """A cell, where it begins in the file, and where its code stands there."""

    start: int
    number: int
    code: tuple[tuple[int, int], ...]


def shown_credentials(text: str, cells: Sequence[Region]) -> tuple[Credential, ...]:
    """The credentials of the file's text that stand in no code, with their cells and lines."""
    starts, found = [cell.start for cell in cells], []
    for first, last in _without_libraries(text):
        part = text[first:last]
        plain = part.replace('\\"', " '").replace("\\n", "  ").replace("\\t", "  ").replace("\\r", "  ")
        for one in credentials(plain, code=True):
            place = first + one.start
            index = bisect_right(starts, place) - 1
            inside = index >= 0 and any(start <= place < end for start, end in cells[index].code)
            if index >= 0 and not inside and not _is_data(plain, one.start):
                line, cell = text.count("\n", 0, place) + 1, cells[index].number
                found.append(msgspec.structs.replace(one, start=0, end=0, where="output", cell=cell, line=line))
    return tuple(found)


def _without_pictures(text: str) -> Iterator[tuple[int, int]]:
    """The parts of the text between its pictures, which are most of a notebook."""
    start = 0
    for match in _PICTURE.finditer(text):
        if match.start() >= start:
            yield start, match.end()
            end = text.find('"', match.end())
            start = end if end >= 0 else len(text)
    yield start, len(text)


def _without_libraries(text: str) -> Iterator[tuple[int, int]]:
    """The same without the long scripts that a library shows its results with: their words are nobody's here."""
    for first, last in _without_pictures(text):
        start, begins = first, text.find(_SCRIPT, first, last)
        while begins >= 0:
            ends = text.find(_END_OF_SCRIPT, begins, last)
            ends = last if ends < 0 else ends
            if ends - begins > LONGEST_SCRIPT:
                yield start, begins
                start = ends
            begins = text.find(_SCRIPT, ends, last)
        yield start, last


def _is_data(text: str, start: int) -> bool:
    """Whether a place lies in other data than pictures: no blank is near."""
    near = text[max(start - LONGEST_WORD, 0) : start]
    return len(near) == LONGEST_WORD and _BLANK.search(near) is None
