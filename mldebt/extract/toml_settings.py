"""The settings of a TOML text: values from the standard reader, places from a scan of its keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import tomli

from mldebt.declarations import Setting
from mldebt.extract.toml_places import Places, toml_places
from mldebt.extract.unreadable import Unreadable

_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")


class _Number(str):
    """A float as it was written."""


def toml_settings(text: str) -> Iterator[Setting]:
    """The settings of a TOML text in the order of its tables. Raises `Unreadable`."""
    places = toml_places(text)
    try:
        document = tomli.loads(text, parse_float=_Number)
    except RecursionError:
        raise Unreadable(0, "too-deep", "too many levels of nesting") from None
    except ValueError as error:
        problem = f"no valid TOML: {error}"
        raise Unreadable(_offset(text, str(error)), "syntax", problem, "mend the TOML") from None
    return _walk(document, places)


def _walk(document: dict[str, Any], places: Places) -> Iterator[Setting]:
    frames: list[tuple[tuple[str, ...], Iterator[tuple[str, Any]]]] = [((), iter(document.items()))]
    while frames:
        path, entries = frames[-1]
        entry = next(entries, None)
        if entry is None:
            frames.pop()
            continue
        below = (*path, entry[0])
        kind, value = _scalar(entry[1])
        yield Setting(below, value, kind, *_place(below, places))
        if isinstance(entry[1], dict):
            frames.append((below, iter(entry[1].items())))
        elif isinstance(entry[1], list):
            frames.append((below, ((str(number), item) for number, item in enumerate(entry[1]))))


def _scalar(value: Any) -> tuple[str, str | None]:
    if isinstance(value, dict):
        return "map", None
    if isinstance(value, list):
        return "list", None
    if isinstance(value, bool):
        return "bool", str(value).lower()
    if isinstance(value, (int, _Number)):
        return "number", str(value)
    return "text", str(value)


def _place(path: tuple[str, ...], places: Places) -> tuple[int, int]:
    """The span of a key; where the scan missed it, that of what it is in."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, (0, 1))


def _offset(text: str, message: str) -> int:
    match = _AT_LINE.search(message)
    if match is None:
        return len(text) if "end of document" in message else 0
    line, column = int(match.group(1)), int(match.group(2))
    offset = 0
    for _ in range(line - 1):
        offset = text.find("\n", offset) + 1
    return offset + column - 1
