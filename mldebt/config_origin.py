"""Where each value of a configuration comes from: a line of its file, or the default."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldebt import config
from mldebt.config import Config
from mldebt.sheet import Sheet, entries_of, parse


@dataclass(frozen=True, slots=True)
class Value:
    """What a key has in force, as TOML holds it, and where that is written: `file` is empty for a default, and `value`
    None for one that is found by looking."""

    key: str
    value: Any
    file: str = ""
    line: int = 0


def values(root: Path, rules: Collection[str], families: Collection[str]) -> tuple[Value, ...]:
    """Every key there is, in the order of the documentation, for the folder `root`. Raises ConfigError."""
    config.load(root, rules, families)  # refuses what could not be used
    file, table = config.home(root)
    text, written = parse(file, root) if file.is_file() else ("", {})
    sheet = Sheet(root, file.name, entries_of(text), table, rules, families)
    for key in table:
        written = written.get(key, {})
    return tuple(
        Value(key, written[key], file.name, sheet.line((key,))) if key in written else Value(key, _plain(field))
        for key, field in _defaults().items()
    )


def _defaults() -> Mapping[str, Any]:
    nothing = Config()
    tables: dict[str, Any] = {"contracts": {}, "per-file-ignores": {}, "library": "auto"}
    return {key: tables.get(key, getattr(nothing, field)) for key, field in config.keys().items()}


def _plain(value: Any) -> Any:
    """A default as TOML holds it; None for one that says that something else decides."""
    if isinstance(value, enum.Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    if isinstance(value, bool) or (isinstance(value, (str, int, float)) and value):
        return value
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else None
