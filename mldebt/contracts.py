"""Who owns an artifact and who may consume it, as a project declares in `[tool.mldebt.contracts]`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mldebt.sheet import Sheet, kind_of, nearest, quoted
from mldebt.source import Span

_KEYS = ("artifact", "owner", "consumers", "reason")
_NEEDED = _KEYS[:3]


@dataclass(frozen=True, slots=True, order=True)
class Contract:
    """A promise about artifacts. `artifacts` and `consumers` are globs in which `*` stands for any text,
    slashes too: of places (a path in this repository, `s3://...`, a table, a topic) and of components.
    `owner` is the component or team that keeps them. `at` is where it is declared. `foreign`: a file for other tools
    declares it, and may speak of what is not here.
    """

    name: str
    artifacts: tuple[str, ...]
    owner: str
    consumers: tuple[str, ...]
    reason: str
    at: Span
    foreign: bool = False

    def is_about(self, places: Iterable[str]) -> bool:
        """Whether one of the names of an artifact is meant."""
        return any(fnmatchcase(place, pattern) for place in places for pattern in self.artifacts)

    def allows(self, names: Iterable[str]) -> bool:
        """Whether one of the names of a component is among the consumers."""
        return any(fnmatchcase(_plain(name), _plain(pattern)) for name in names for pattern in self.consumers)


def _plain(name: str) -> str:
    """A name of a component as people write it: case, blanks and underscores make no difference."""
    return re.sub(r"[\s_]+", "-", name.lower())


def contracts_of(sheet: Sheet, key: str, value: Any) -> tuple[Contract, ...]:
    """The contracts of a configuration, in its order; `sheet` gets what is wrong with them."""
    if not isinstance(value, dict):
        sheet.complain((key,), f"{key} must be a table, not {kind_of(value)}.")
        return ()
    return tuple(found for name, table in value.items() if (found := _contract(sheet, (key, name), table)) is not None)


def _contract(sheet: Sheet, path: tuple[str, str], table: Any) -> Contract | None:
    name = quoted(path[1])
    if not isinstance(table, dict):
        sheet.complain(path, f"the contract {name} must be a table, not {kind_of(table)}.")
        return None
    for key in sorted(set(table) - set(_KEYS)):
        sheet.complain((*path, key), f"the contract {name} has no key {quoted(key)}.", nearest(key, _KEYS))
    lacking = [key for key in _NEEDED if key not in table]
    if lacking:
        sheet.complain(path, f"the contract {name} lacks {' and '.join(lacking)}.")
        return None
    artifacts, consumers = (_globs(sheet, (*path, key), table[key]) for key in ("artifact", "consumers"))
    owner, reason = (_word(sheet, (*path, key), table.get(key, "")) for key in ("owner", "reason"))
    line = sheet.line(path)
    return Contract(path[1], artifacts, owner, consumers, reason, Span(sheet.file, line, file_line=line))


def _globs(sheet: Sheet, path: tuple[str, ...], value: Any) -> tuple[str, ...]:
    globs = (value,) if isinstance(value, str) else value
    if isinstance(globs, (list, tuple)) and globs and all(isinstance(glob, str) and glob for glob in globs):
        return tuple(globs)
    sheet.complain(path, f"{path[-1]} must be a glob or a list of globs, not {kind_of(value) if value else 'empty'}.")
    return ()


def _word(sheet: Sheet, path: tuple[str, ...], value: Any) -> str:
    if isinstance(value, str):
        return value
    sheet.complain(path, f"{path[-1]} must be a string, not {kind_of(value)}.")
    return ""
