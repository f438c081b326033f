"""A TOML file of settings while it is checked: its lines, and all of its mistakes at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import tomli

LARGEST_FILE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in the configuration, and the nearest thing that would be right (may be empty)."""

    file: str
    line: int
    text: str
    nearest: str = ""

    def __str__(self) -> str:
        hint = f" Did you mean {self.nearest!r}?" if self.nearest else ""
        return f"{self.file}:{self.line}: {self.text}{hint}"


class ConfigError(Exception):
    """The configuration cannot be used; `faults` are all of its mistakes, by line."""

    def __init__(self, faults: Collection[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.text)))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A header or key of a TOML text: its full path, its line, and the text up to the next one."""

    path: tuple[str, ...]
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A configuration file while it is checked. `prefix` is where our table stands in it."""

    root: Path
    file: str
    entries: tuple[_Entry, ...]
    prefix: tuple[str, ...]
    rules: Collection[str]
    families: Collection[str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: tuple[str, ...], text: str, nearest: str = "", value: object = None) -> Fault:
        return Fault(self.file, self.line(path, value), text, nearest)

    def complain(self, path: tuple[str, ...], text: str, nearest: str = "", value: object = None) -> None:
        self.faults.append(self.fault(path, text, nearest, value))

    def item(self, key: str, number: int) -> Sheet:
        """The part of the sheet that is one table of a list of tables, counted from 0; its mistakes are the sheet's."""
        prefix = (*self.prefix, key)
        heads = [at for at, entry in enumerate(self.entries) if entry.path == prefix]
        if number >= len(heads) or not self.entries[heads[number]].text.lstrip().startswith("[["):
            return replace(self, prefix=prefix)
        end = heads[number + 1] if number + 1 < len(heads) else len(self.entries)
        return replace(self, entries=self.entries[heads[number] : end], prefix=prefix)

    def line(self, path: tuple[str, ...], value: object = None) -> int:
        """The line of the deepest part of `path` that is written down, or of `value` in its text."""
        path = self.prefix + path
        for size in range(len(path), 0, -1):
            for entry in self.entries:
                if entry.path[:size] == path[:size]:
                    at = entry.text.find(value) if isinstance(value, str) and value else -1
                    return entry.line + entry.text.count("\n", 0, max(at, 0))
        return 1


def parse(path: Path, root: Path) -> tuple[str, dict[str, Any]]:
    """The text and the document of a TOML file. Raises ConfigError."""
    text = text_of(path, root)
    try:
        return text, tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        why = re.sub(r" ?\(at [^()]*\)$", "", str(error))
    except RecursionError:
        line, why = 1, "nested too deep"
    raise ConfigError([Fault(path.name, line, f"not valid TOML: {why}. Correct this line, then run again.")])


def text_of(path: Path, root: Path) -> str:
    """The text of a configuration file, which must be a file of the scanned folder itself. Raises ConfigError."""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            why = "is a link that leaves the scanned folder; put the file itself there."
        elif path.stat().st_size > LARGEST_FILE:
            why = f"is larger than {LARGEST_FILE} bytes; move the rest elsewhere."
        else:
            return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        raise ConfigError([Fault(path.name, line, "not UTF-8; save the file as UTF-8.")]) from error
    except OSError as error:
        why = f"cannot be read ({error.strerror}); check its permissions."
    raise ConfigError([Fault(path.name, 1, why)])


def entries_of(text: str) -> tuple[_Entry, ...]:
    """The headers and keys of a TOML text that has been parsed before, in order."""
    part = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
    dotted = rf"{part}(?:[ \t]*\.[ \t]*{part})*"
    pattern = rf"^[ \t]*(?:\[\[?[ \t]*(?P<header>{dotted})[ \t]*\]|(?P<key>{dotted})[ \t]*=)"
    found = list(re.finditer(pattern, text, re.MULTILINE))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    table: tuple[str, ...] = ()
    entries = []
    for match, end in zip(found, ends, strict=True):
        path = tuple(name.strip("\"'") for name in re.findall(part, match["header"] or match["key"]))
        table = path if match["header"] else table
        full = path if match["header"] else table + path
        start = match.start()
        entries.append(_Entry(full, text.count("\n", 0, start) + 1, text[start:end]))
    return tuple(entries)


def words_of(sheet: Sheet, path: tuple[str, ...], name: str, value: Any) -> tuple[str, ...]:
    """A list of strings that stands under `path` and is told of as `name`."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    sheet.complain(path, f"{name} must be a list of strings, not {kind_of(value)}.")
    return ()


def rules_of(sheet: Sheet, path: tuple[str, ...], name: str, value: Any) -> tuple[str, ...]:
    """A list of rules and families that stands under `path` and is told of as `name`."""
    words, known = words_of(sheet, path, name, value), {*sheet.rules, *sheet.families}
    for word in words:
        if word not in known:
            text = f"{name} names {quoted(word)}, which is neither a rule nor a family."
            sheet.complain(path, text, nearest(word, known), word)
    return words


def nearest(word: str, valid: Collection[str]) -> str:
    return next(iter(get_close_matches(word, sorted(valid), n=1, cutoff=0.6)), "")


def quoted(word: str) -> str:
    """A string of the configuration as a message may hold it: escaped and short."""
    return repr(word if len(word) <= 60 else word[:60] + "...")


def shown_number(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15:
        return f"{value:g}"
    return kind_of(value)


def kind_of(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", dict: "a table"}
    if isinstance(value, list):
        return "a list" if all(isinstance(item, str) for item in value) else "a list with other things in it"
    return names.get(type(value), "a date")
