"""The settings of a scan: `mldebt.toml`, or `[tool.mldebt]` of `pyproject.toml`, checked as a whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mldebt.amending import CannotAmend as CannotAmend
from mldebt.amending import with_item
from mldebt.contracts import Contract, contracts_of
from mldebt.exemptions import Exemption, FileIgnore, exceptions, file_ignores
from mldebt.patterns import compile_patterns
from mldebt.roles import Confidence
from mldebt.sheet import ConfigError as ConfigError
from mldebt.sheet import Fault as Fault
from mldebt.sheet import Sheet, entries_of, kind_of, nearest, parse, quoted, rules_of, shown_number, text_of, words_of

OWN_FILE = "mldebt.toml"
SHARED_FILE = "pyproject.toml"
TABLE = ("tool", "mldebt")
PROFILES = ("core", "full")
SQL_DIALECTS = ("bigquery", "clickhouse", "databricks", "duckdb", "hive", "mysql", "oracle", "postgres", "presto",
                "redshift", "snowflake", "spark", "sqlite", "trino", "tsql")  # fmt: skip
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
    by looking. `sql_dialect` is that of all SQL; empty: what runs it decides. `options` are tables by
    rule slug. `file` is where all this stands, empty if nowhere.
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
    sql_dialect: str = ""
    contracts: tuple[Contract, ...] = ()
    file_ignores: tuple[FileIgnore, ...] = ()
    exceptions: tuple[Exemption, ...] = ()
    file: str = ""
    notes: tuple[str, ...] = ()


def load(root: Path, known_rules: Collection[str], known_families: Collection[str]) -> Config:
    """The configuration of the folder `root`; the defaults where it has none.

    Raises ConfigError, with every mistake at once.
    """
    own, shared = root / OWN_FILE, root / SHARED_FILE
    if own.is_file():
        text, table = parse(own, root)
        sheet = Sheet(root, OWN_FILE, entries_of(text), (), known_rules, known_families)
        return _config(sheet, table, _shadowed(shared, root))
    if not shared.is_file() or TABLE[-1] not in text_of(shared, root):  # mistakes in the rest are not of our settings
        return Config()
    text, document = parse(shared, root)
    tool = document.get("tool")
    if not isinstance(tool, dict) or "mldebt" not in tool:
        return Config()
    sheet = Sheet(root, SHARED_FILE, entries_of(text), TABLE, known_rules, known_families)
    if not isinstance(tool["mldebt"], dict):
        raise ConfigError([sheet.fault((), f"tool.mldebt must be a table, not {kind_of(tool['mldebt'])}.")])
    return _config(sheet, tool["mldebt"], ())


def home(root: Path) -> tuple[Path, tuple[str, ...]]:
    """The file in which the configuration of a folder stands, or would stand, and the table it has there."""
    own, shared = root / OWN_FILE, root / SHARED_FILE
    return (own, ()) if own.is_file() or not shared.is_file() else (shared, TABLE)


def amended(root: Path, key: str, item: Mapping[str, Any] | str, remark: str = "") -> tuple[Path, str]:
    """The configuration of a folder with one more item in the list of a key: its file, and what is to stand there.

    Raises ConfigError where the file cannot be read, CannotAmend where nothing can be added to it.
    """
    file, table = home(root)
    text = parse(file, root)[0] if file.is_file() else ""
    return file, with_item(text, (*table, key), item, remark)


def differences(named: Sequence[tuple[str, Config]]) -> tuple[str, ...]:
    """What is to be said of the configurations of a run, by the names of repositories: of one that is not used, and of
    those that differ."""
    own = [f"{name}: {note}" if name else note for name, config in named for note in config.notes]
    asked: dict[str, Callable[[Config], str]] = {
        "profile": lambda config: config.profile,
        "min-confidence": lambda config: config.min_confidence.value,
        "fail-level": lambda config: config.fail_level,
        "select": lambda config: ", ".join(config.select) or "nothing",
        "ignore": lambda config: ", ".join(config.ignore) or "nothing",
    }
    differ = [
        f"{key} differs: " + "; ".join(f"{value(config)} in {name}" for name, config in named)
        + ". Each holds for the findings of its own repository."
        for key, value in asked.items()
        if len({value(config) for _, config in named}) > 1
    ]  # fmt: skip
    return (*own, *differ)


def keys() -> Mapping[str, str]:
    """All keys that a configuration may have, each with the field of Config that it sets."""
    return MappingProxyType({key: name for key, (name, _) in _readers().items()})


_Reader = Callable[[Sheet, str, Any], Any]


def _config(sheet: Sheet, table: Mapping[str, Any], notes: tuple[str, ...]) -> Config:
    readers = _readers()
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in readers:
            sheet.complain((key,), f"unknown key {key!r}.", nearest(key.replace("_", "-"), readers))
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
        "sql-dialect": ("sql_dialect", lambda sheet, key, value: _choice(sheet, key, value, SQL_DIALECTS)),
        "contracts": ("contracts", contracts_of),
        "per-file-ignores": ("file_ignores", file_ignores),
        "exceptions": ("exceptions", exceptions),
    }


def _patterns(sheet: Sheet, key: str, value: Any) -> tuple[str, ...]:
    words = words_of(sheet, (key,), key, value)
    for number, reason in compile_patterns(words)[1]:
        word = words[number - 1]
        sheet.complain((key,), f"the pattern {quoted(word)} of {key} is {reason}.", value=word)
    return words


def _rules(sheet: Sheet, key: str, value: Any) -> tuple[str, ...]:
    return rules_of(sheet, (key,), key, value)


def _choice(sheet: Sheet, key: str, value: Any, valid: Collection[str]) -> str:
    if isinstance(value, str) and value in valid:
        return value
    said = quoted(value) if isinstance(value, str) else kind_of(value)
    text = f"{key} must be one of {', '.join(valid)}, not {said}."
    sheet.complain((key,), text, nearest(value, valid) if isinstance(value, str) else "")
    return ""


def _confidence(sheet: Sheet, key: str, value: Any) -> Confidence | None:
    word = _choice(sheet, key, value, [level.value for level in Confidence])
    return Confidence(word) if word else None


def _catalogue(sheet: Sheet, key: str, value: Any) -> tuple[str, ...]:
    words, root = words_of(sheet, (key,), key, value), sheet.root.resolve()
    for word in words:
        why = _unusable(root, word)
        if why:
            sheet.complain((key,), f"catalogue names {quoted(word)}, which {why}.", value=word)
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


def _count(sheet: Sheet, key: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    sheet.complain((key,), f"{key} must be a whole number from 1 on, not {shown_number(value)}.")
    return 0


def _seconds(sheet: Sheet, key: str, value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= 86_400:
        return float(value)
    sheet.complain((key,), f"{key} must be a number of seconds from 0 to 86400, not {shown_number(value)}.")
    return 0.0


def _flag(sheet: Sheet, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        sheet.complain((key,), f"{key} must be true or false, not {kind_of(value)}.")
    return bool(value)


def _library(sheet: Sheet, key: str, value: Any) -> bool | None:
    if value == "auto" or isinstance(value, bool):
        return None if value == "auto" else value
    sheet.complain((key,), f'{key} must be true, false or "auto", not {kind_of(value)}.')
    return None


def _limits(sheet: Sheet, key: str, value: Any) -> Limits:
    kinds = Limits.__slots__
    sizes: dict[str, int] = {}
    for kind, size in _table(sheet, key, value).items():
        if kind not in kinds:
            sheet.complain((key, kind), f"{key} has no kind {quoted(kind)}.", nearest(kind, kinds))
        elif isinstance(size, int) and not isinstance(size, bool) and size > 0:
            sizes[kind] = size
        else:
            text = f"{key}.{kind} must be a number of bytes above 0, not {shown_number(size)}."
            sheet.complain((key, kind), text)
    return Limits(**sizes)


def _options(sheet: Sheet, key: str, value: Any) -> Mapping[str, Mapping[str, object]]:
    tables = _table(sheet, key, value)
    for slug, options in tables.items():
        if slug not in sheet.rules:
            sheet.complain((key, slug), f"there is no rule {quoted(slug)}.", nearest(slug, sheet.rules))
        elif not isinstance(options, dict):
            sheet.complain((key, slug), f"the options of {slug} must be a table, not {kind_of(options)}.")
    return tables


def _table(sheet: Sheet, key: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return MappingProxyType(value)
    sheet.complain((key,), f"{key} must be a table, not {kind_of(value)}.")
    return MappingProxyType({})


def _shadowed(shared: Path, root: Path) -> tuple[str, ...]:
    """What to say about a second configuration, which is not used."""
    try:
        tool = parse(shared, root)[1].get("tool") if shared.is_file() else None
    except ConfigError:
        return (f"{SHARED_FILE} cannot be read; {OWN_FILE} is used.",)
    if isinstance(tool, dict) and "mldebt" in tool:
        return (f"[tool.mldebt] in {SHARED_FILE} is not used, because {OWN_FILE} is there.",)
    return ()
