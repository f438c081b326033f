"""The JSON Schema of the configuration, for editors; shipped as `mldebt/schemas/config.schema.json`.

It says what `config` accepts, but for what only a repository can tell: whether files exist, and whether patterns are
valid. A test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mldebt.cards import FAMILIES
from mldebt.config import FAIL_LEVELS, PROFILES, SQL_DIALECTS, Config, Limits
from mldebt.exemptions import SUBJECTS
from mldebt.roles import Confidence

_Schema = dict[str, Any]
_TEXT: _Schema = {"type": "string"}
_SAID: _Schema = {"type": "string", "pattern": r"\S"}
_TEXTS: _Schema = {"type": "array", "items": _TEXT}
_GLOBS: _Schema = {
    "anyOf": [
        {"type": "string", "minLength": 1},
        {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
    ]
}


def schema(rules: Iterable[str]) -> _Schema:
    """The schema of the table `tool.mldebt`, and of the whole of `mldebt.toml`; `rules` are the slugs there are."""
    slugs = sorted(rules)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of mldebt",
        "description": "mldebt.toml, or [tool.mldebt] of pyproject.toml.",
        "type": "object",
        "additionalProperties": False,
        "properties": _properties(),
        "$defs": {"rule": {"enum": slugs}, "rules": {"type": "array", "items": {"enum": [*slugs, *FAMILIES]}}},
    }


def _properties() -> dict[str, _Schema]:
    default = Config()
    rules: _Schema = {"$ref": "#/$defs/rules"}
    return {
        "include": _TEXTS | _said("Gitignore patterns of the only files to read."),
        "exclude": _TEXTS | _said("Gitignore patterns of files to leave unread."),
        "select": rules | _said("The only rules and families to apply."),
        "ignore": rules | _said("Rules and families not to apply."),
        "profile": _one_of(PROFILES, default.profile, "How many rules to apply."),
        "min-confidence": _one_of([level.value for level in Confidence], default.min_confidence.value,
                                  "Findings that are less sure are left out."),
        "fail-level": _one_of(FAIL_LEVELS, default.fail_level, "A run fails from findings of this severity on."),
        "catalogue": _TEXTS | _said("TOML files, or folders of them, that say what calls of your own mean."),
        "workers": {"type": "integer", "minimum": 1} | _said("Processes to read with; without it, one for each core."),
        "file-timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 86_400, "default": default.file_timeout}
        | _said("Seconds after which a file is given up, which makes the run incomplete."),
        "tests": _flag("Report findings in test code too."),
        "allow-incomplete": _flag("Do not exit with 2 when something was not finished."),
        "max-file-size": _limits(),
        "rules": _table({"type": "object"}) | {"propertyNames": {"$ref": "#/$defs/rule"}}
        | _said("Options of rules, a table for each."),
        "library": {"enum": [True, False, "auto"], "default": "auto"}
        | _said("Whether others import this repository; what it leaves unused is then no debt."),
        "sql-dialect": _one_of(SQL_DIALECTS, None, "The dialect of all SQL; without it, what runs a text decides."),
        "contracts": _table(_contract()) | _said("Who owns an artifact, and who may consume it."),
        "per-file-ignores": _table(rules) | _said("Rules and families not told of files, by gitignore pattern."),
        "exceptions": {"type": "array", "items": _exception()}
        | _said("What is not told of one thing of the graph, or of one finding, for a reason and until a day."),
    }  # fmt: skip


def _contract() -> _Schema:
    known = {"artifact": _GLOBS, "owner": _TEXT, "consumers": _GLOBS, "reason": _TEXT}
    return _object(known, ["artifact", "owner", "consumers"])


def _exception() -> _Schema:
    """A day is a date of TOML; editors hand it on as a string."""
    rule = {"anyOf": [{"$ref": "#/$defs/rules/items"}, {"$ref": "#/$defs/rules"}]}
    known: dict[str, _Schema] = dict.fromkeys(SUBJECTS, _SAID) | {"rule": rule, "reason": _SAID}
    known["until"] = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
    return _object(known, ["rule", "reason"]) | {"oneOf": [{"required": [subject]} for subject in SUBJECTS]}


def _limits() -> _Schema:
    size, default = {"type": "integer", "minimum": 1}, Limits()
    sizes: dict[str, _Schema] = {kind: size | {"default": getattr(default, kind)} for kind in Limits.__slots__}
    return _object(sizes, []) | _said("The largest file of each kind that is read, in bytes.")


def _object(properties: dict[str, _Schema], required: list[str]) -> _Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def _table(values: _Schema) -> _Schema:
    return {"type": "object", "additionalProperties": values}


def _flag(text: str) -> _Schema:
    return {"type": "boolean", "default": False, "description": text}


def _one_of(words: Iterable[str], default: str | None, text: str) -> _Schema:
    found: _Schema = {"enum": list(words), "description": text}
    return found | {"default": default} if default else found


def _said(text: str) -> _Schema:
    return {"description": text}
