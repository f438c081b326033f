"""A TOML file with something added to it: its comments, its order and its form are kept."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import tomli


class CannotAmend(ValueError):
    """A file in whose form nothing can be added; the text says what to write by hand."""


def with_item(text: str, path: tuple[str, ...], item: Mapping[str, Any] | str, remark: str = "") -> str:
    """The text of a TOML file with one more item in the list under `path`: a table, or a string. `remark` is a comment
    beside the first key of the table.

    Raises CannotAmend where the file has something else there, or would say anything else than before.
    """
    expected = tomli.loads(text)
    try:
        _list_of(expected, path).append(dict(item) if isinstance(item, Mapping) else item)
    except (TypeError, AttributeError, KeyError) as error:
        raise CannotAmend(f"{'.'.join(path)} is no list there. Add by hand: {_shown(item)}") from error
    amended = _amended(text, path, item, remark)
    if amended is None or _read(amended) != expected:
        raise CannotAmend(f"The form of the file leaves no place for it. Add by hand: {_shown(item)}")
    return amended


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError:
        return None


def _list_of(document: dict[str, Any], path: tuple[str, ...]) -> Any:
    """The list under a path, made where there is none."""
    table: Any = document
    for key in path[:-1]:
        table = table.setdefault(key, {})
    return table.setdefault(path[-1], [])


def _amended(text: str, path: tuple[str, ...], item: Mapping[str, Any] | str, remark: str) -> str | None:
    """The text as it would be, unless the library cannot; whether it is right is for others to see."""
    import tomlkit  # only commands that write need it
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        table: Any = document
        for place, key in enumerate(path[:-1]):
            if key not in table:
                table[key] = tomlkit.table(is_super_table=place < len(path) - 2 or isinstance(item, Mapping))
            table = table[key]
        is_first = path[-1] not in table
        if is_first:
            table[path[-1]] = tomlkit.aot() if isinstance(item, Mapping) else tomlkit.array()
        added: Any = item
        if isinstance(item, Mapping):
            added = tomlkit.inline_table() if isinstance(table[path[-1]], tomlkit.items.Array) else tomlkit.table()
            added.update(deepcopy(dict(item)))
            if not isinstance(table[path[-1]], tomlkit.items.Array):
                if not is_first:  # a blank line before it, as the first one gets of itself
                    added.trivia.indent = "\r\n" if "\r\n" in text else "\n"
                if remark:
                    added[next(iter(item))].comment(remark)
        table[path[-1]].append(added)
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, AttributeError, KeyError, ValueError):
        return None


def _shown(item: Mapping[str, Any] | str) -> str:
    return ", ".join(f"{key} = {value}" for key, value in item.items()) if isinstance(item, Mapping) else repr(item)
