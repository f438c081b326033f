"""Keys that stand twice in one map of a settings file: of two values one is lost, and readers differ on which."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from mldebt.declarations import Setting
from mldebt.facts import Trouble

_Key = tuple[int, tuple[str, ...]]  # the number of the document, the keys

MOST_TOLD = 20
LONGEST_SHOWN = 80
_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_SECTIONS = (".ini", ".cfg")
_BLOCKS = (".tf", ".tfvars")  # what is said twice there is two things


def repeated_keys(name: str, text: str, settings: Iterable[Setting]) -> Iterator[Trouble]:
    """A trouble for each key that is there already, in the same document: its place is that of the second."""
    if name.lower().endswith(_BLOCKS):
        return
    documents = [match.start() for match in _DOCUMENT.finditer(text)]
    first: dict[_Key, int] = {}
    twice: set[_Key] = set()
    for setting in settings:
        key = bisect_right(documents, setting.start), setting.key
        start = first.setdefault(key, setting.start)
        section = setting.kind == "map" and name.lower().endswith(_SECTIONS)
        if start != setting.start and not section and not _is_inside(key, twice):
            twice.add(key)
            yield _trouble(text, setting, start)
            if len(twice) >= MOST_TOLD:
                return


def _is_inside(key: _Key, twice: set[_Key]) -> bool:
    """Whether it, or a section that it stands in, is told already."""
    return any((key[0], key[1][:length]) in twice for length in range(1, len(key[1]) + 1))


def _trouble(text: str, setting: Setting, first: int) -> Trouble:
    line = text.count("\n", 0, first) + 1
    shown = ".".join(setting.key)[:LONGEST_SHOWN]
    said = f"the key {shown!r} stands twice, first in line {line}: one of the values is lost"
    return Trouble(setting.start, "repeated-key", said, "keep one of them, or give the other its own name")
