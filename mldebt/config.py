"""The settings of a scan: `mldebt.toml`, or `[tool.mldebt]` of `pyproject.toml`, checked as a whole."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mldebt.patterns import compile_patterns
from mldebt.roles import Confidence

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

OWN_FILE = "mldebt.toml"
SHARED_FILE = "pyproject.toml"
LARGEST_FILE = 1024 * 1024
PROFILES = ("core", "full")
FAIL_LEVELS = ("error", "warning", "info", "never")


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest file of each kind that is read, in bytes."""

    python: int = 2 * 1024 * 1024
    notebook: int = 50 * 1024 * 1024
    settings: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Config:
    """What a project asks of mldebt. Paths are POSIX and relative to the scanned root.

    `include` and `exclude` are gitignore patterns; `select` and `ignore` are rule slugs or families.
    `workers` 0 means one for each core. `file_timeout` is in seconds. `library` None means: decide
    by looking. `options` are tables by rule slug. `file` is where all this stands, empty if nowhere.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    profile: str = "core"
    min_confidence: Confidence = Confidence.LIKELY
    fail_level: str = "error"
    catalogue: tuple[str, ...] = ()
    workers: int = 0
    file_timeout: float = 60.0
    tests: bool = False
    allow_incomplete: bool = False
    max_file_size: Limits = Limits()
    options: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: MappingProxyType({}))
    library: bool | None = None
    contracts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    file: str = ""
    notes: tuple[str, ...] = ()


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


def load(root: Path, known_rules: Collection[str], known_families: Collection[str]) -> Config:
    """The configuration of the folder `root`; the defaults where it has none.

    Raises ConfigError, with every mistake at once.
    """
    own, shared = root / OWN_FILE, root / SHARED_FILE
    if own.is_file():
        text, table = _parse(own, root)
        sheet = _Sheet(root, OWN_FILE, _entries(text), (), known_rules, known_families)
        return _config(sheet, table, _shadowed(shared, root))
    if not shared.is_file():
        return Config()
    text, document = _parse(shared, root)
    tool = document.get("tool")
    if not isinstance(tool, dict) or "mldebt" not in tool:
        return Config()
    sheet = _Sheet(root, SHARED_FILE, _entries(text), ("tool", "mldebt"), known_rules, known_families)
    if not isinstance(tool["mldebt"], dict):
        raise ConfigError([sheet.fault((), f"tool.mldebt must be a table, not {_kind(tool['mldebt'])}.")])
    return _config(sheet, tool["mldebt"], ())


@dataclass(frozen=True, slots=True)
class _Entry:
    """A header or key of a TOML text: its full path, its line, and the text up to the next one."""

    path: tuple[str, ...]
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A configuration file while it is checked. `prefix` is where our table stands in it."""

    root: Path
    file: str
    entries: tuple[_Entry, ...]
    prefix: tuple[str, ...]
    rules: Collection[str]
    families: Collection[str]
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: tuple[str, ...], text: str, nearest: str = "", value: object = None) -> Fault:
        return Fault(self.file, self._line(self.prefix + path, value), text, nearest)

    def complain(self, path: tuple[str, ...], text: str, nearest: str = "", value: object = None) -> None:
        self.faults.append(self.fault(path, text, nearest, value))

    def _line(self, path: tuple[str, ...], value: object) -> int:
        """The line of the deepest part of `path` that is written down, or of `value` in its text."""
        for size in range(len(path), 0, -1):
            for entry in self.entries:
                if entry.path[:size] == path[:size]:
                    at = entry.text.find(value) if isinstance(value, str) and value else -1
                    return entry.line + entry.text.count("\n", 0, max(at, 0))
        return 1


_Reader = Callable[[_Sheet, str, Any], Any]


def _config(sheet: _Sheet, table: Mapping[str, Any], notes: tuple[str, ...]) -> Config:
    readers = _readers()
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in readers:
            sheet.complain((key,), f"unknown key {key!r}.", _nearest(key.replace("_", "-"), readers))
            continue
        name, reader = readers[key]
        values[name] = reader(sheet, key, value)
    if sheet.faults:
        raise ConfigError(sheet.faults)
    return Config(**values, file=sheet.file, notes=notes)


def _readers() -> dict[str, tuple[str, _Reader]]:
    """By key: the field of Config and what reads it."""
    return {
        "include": ("include", _patterns),
        "exclude": ("exclude", _patterns),
        "select": ("select", _rules),
        "ignore": ("ignore", _rules),
        "profile": ("profile", lambda sheet, key, value: _choice(sheet, key, value, PROFILES)),
        "min-confidence": ("min_confidence", _confidence),
        "fail-level": ("fail_level", lambda sheet, key, value: _choice(sheet, key, value, FAIL_LEVELS)),
        "catalogue": ("catalogue", _catalogue),
        "workers": ("workers", _count),
        "file-timeout": ("file_timeout", _seconds),
        "tests": ("tests", _flag),
        "allow-incomplete": ("allow_incomplete", _flag),
        "max-file-size": ("max_file_size", _limits),
        "rules": ("options", _options),
        "library": ("library", _library),
        "contracts": ("contracts", _table),
    }


def _words(sheet: _Sheet, key: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    sheet.complain((key,), f"{key} must be a list of strings, not {_kind(value)}.")
    return ()


def _patterns(sheet: _Sheet, key: str, value: Any) -> tuple[str, ...]:
    words = _words(sheet, key, value)
    for number, reason in compile_patterns(words)[1]:
        word = words[number - 1]
        sheet.complain((key,), f"the pattern {_shown(word)} of {key} is {reason}.", value=word)
    return words


def _rules(sheet: _Sheet, key: str, value: Any) -> tuple[str, ...]:
    words, known = _words(sheet, key, value), {*sheet.rules, *sheet.families}
    for word in words:
        if word not in known:
            text = f"{key} names {_shown(word)}, which is neither a rule nor a family."
            sheet.complain((key,), text, _nearest(word, known), word)
    return words


def _choice(sheet: _Sheet, key: str, value: Any, valid: Collection[str]) -> str:
    if isinstance(value, str) and value in valid:
        return value
    shown = _shown(value) if isinstance(value, str) else _kind(value)
    text = f"{key} must be one of {', '.join(valid)}, not {shown}."
    sheet.complain((key,), text, _nearest(value, valid) if isinstance(value, str) else "")
    return ""


def _confidence(sheet: _Sheet, key: str, value: Any) -> Confidence | None:
    word = _choice(sheet, key, value, [level.value for level in Confidence])
    return Confidence(word) if word else None


def _catalogue(sheet: _Sheet, key: str, value: Any) -> tuple[str, ...]:
    words, root = _words(sheet, key, value), sheet.root.resolve()
    for word in words:
        why = _unusable(root, word)
        if why:
            sheet.complain((key,), f"catalogue names {_shown(word)}, which {why}.", value=word)
    return words


def _unusable(root: Path, word: str) -> str:
    """Why a catalogue path cannot be used; empty if it can."""
    try:
        real = (root / word).resolve()
        if not real.is_relative_to(root):
            return "is outside the scanned folder"
        if real.is_dir() or (real.is_file() and real.suffix == ".toml"):
            return ""
        return "is no TOML file" if real.exists() else "does not exist"
    except (OSError, ValueError, RuntimeError):
        return "is not a usable path"


def _count(sheet: _Sheet, key: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    sheet.complain((key,), f"{key} must be a whole number from 1 on, not {_shown_number(value)}.")
    return 0


def _seconds(sheet: _Sheet, key: str, value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 86_400:
        return float(value)
    sheet.complain((key,), f"{key} must be a number of seconds from 0 to 86400, not {_shown_number(value)}.")
    return 0.0


def _flag(sheet: _Sheet, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        sheet.complain((key,), f"{key} must be true or false, not {_kind(value)}.")
    return bool(value)


def _library(sheet: _Sheet, key: str, value: Any) -> bool | None:
    if value == "auto" or isinstance(value, bool):
        return None if value == "auto" else value
    sheet.complain((key,), f'{key} must be true, false or "auto", not {_kind(value)}.')
    return None


def _limits(sheet: _Sheet, key: str, value: Any) -> Limits:
    kinds = Limits.__slots__
    sizes: dict[str, int] = {}
    for kind, size in _table(sheet, key, value).items():
        if kind not in kinds:
            sheet.complain((key, kind), f"{key} has no kind {_shown(kind)}.", _nearest(kind, kinds))
        elif isinstance(size, int) and not isinstance(size, bool) and size > 0:
            sizes[kind] = size
        else:
            text = f"{key}.{kind} must be a number of bytes above 0, not {_shown_number(size)}."
            sheet.complain((key, kind), text)
    return Limits(**sizes)


def _options(sheet: _Sheet, key: str, value: Any) -> Mapping[str, Mapping[str, object]]:
    tables = _table(sheet, key, value)
    for slug, options in tables.items():
        if slug not in sheet.rules:
            sheet.complain((key, slug), f"there is no rule {_shown(slug)}.", _nearest(slug, sheet.rules))
        elif not isinstance(options, dict):
            sheet.complain((key, slug), f"the options of {slug} must be a table, not {_kind(options)}.")
    return tables


def _table(sheet: _Sheet, key: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return MappingProxyType(value)
    sheet.complain((key,), f"{key} must be a table, not {_kind(value)}.")
    return MappingProxyType({})


def _shadowed(shared: Path, root: Path) -> tuple[str, ...]:
    """What to say about a second configuration, which is not used."""
    try:
        tool = _parse(shared, root)[1].get("tool") if shared.is_file() else None
    except ConfigError:
        return (f"{SHARED_FILE} cannot be read; {OWN_FILE} is used.",)
    if isinstance(tool, dict) and "mldebt" in tool:
        return (f"[tool.mldebt] in {SHARED_FILE} is not used, because {OWN_FILE} is there.",)
    return ()


def _parse(path: Path, root: Path) -> tuple[str, dict[str, Any]]:
    """The text and the document of a TOML file. Raises ConfigError."""
    text = _text(path, root)
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        why = re.sub(r" ?\(at [^()]*\)$", "", str(error))
    except RecursionError:
        line, why = 1, "nested too deep"
    raise ConfigError([Fault(path.name, line, f"not valid TOML: {why}. Correct this line, then run again.")])


def _text(path: Path, root: Path) -> str:
    """The text of a configuration file, which must be a file of the scanned folder itself."""
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


def _entries(text: str) -> tuple[_Entry, ...]:
    """The headers and keys of a TOML text that has been parsed before, in order."""
    part = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
    dotted = rf"{part}(?:[ \t]*\.[ \t]*{part})*"
    pattern = rf"^[ \t]*(?:\[\[?[ \t]*(?P<header>{dotted})[ \t]*\]|(?P<key>{dotted})[ \t]*=)"
    found = list(re.finditer(pattern, text, re.MULTILINE))
    ends = [match.start() for match in found[1:]] + [len(text)]
    table: tuple[str, ...] = ()
    entries = []
    for match, end in zip(found, ends, strict=True):
        path = tuple(name.strip("\"'") for name in re.findall(part, match["header"] or match["key"]))
        table = path if match["header"] else table
        full = path if match["header"] else table + path
        start = match.start()
        entries.append(_Entry(full, text.count("\n", 0, start) + 1, text[start:end]))
    return tuple(entries)


def _nearest(word: str, valid: Collection[str]) -> str:
    return next(iter(get_close_matches(word, sorted(valid), n=1, cutoff=0.6)), "")


def _shown(word: str) -> str:
    """A string of the configuration as a message may hold it: escaped and short."""
    return repr(word if len(word) <= 60 else word[:60] + "...")


def _shown_number(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15:
        return f"{value:g}"
    return _kind(value)


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", dict: "a table"}
    if isinstance(value, list):
        return "a list" if all(isinstance(item, str) for item in value) else "a list with other things in it"
    return names.get(type(value), "a date")
