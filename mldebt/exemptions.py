"""What a project excuses in its configuration: rules for some of its files, and findings about one thing.

A thing is named as the graph names it; a finding is excused until a day, or for good, and always for a reason.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from mldebt.patterns import compile_patterns
from mldebt.sheet import Sheet, kind_of, nearest, quoted, rules_of
from mldebt.source import Span

SUBJECTS = ("artifact", "model", "setting", "function", "fingerprint")
"""What an exception can be about: kinds of things of the graph, or one finding."""
_KEYS = (*SUBJECTS, "rule", "reason", "until")


@dataclass(frozen=True, slots=True, order=True)
class FileIgnore:
    """Rules or families that are not told of files: `pattern` is one of gitignore. `at` is where that is declared."""

    pattern: str
    rules: tuple[str, ...]
    at: Span


@dataclass(frozen=True, slots=True, order=True)
class Exemption:
    """Rules or families that are not told of one thing, or one finding.

    `subject` is one of SUBJECTS, `name` the fingerprint, or a glob of the thing's name in which `*` stands for any
    text, slashes too. The last day on which it holds is `until`; None is for good.
    """

    subject: str
    name: str
    rules: tuple[str, ...]
    reason: str
    until: datetime.date | None
    at: Span

    def fits(self, name: str) -> bool:
        """Whether a name is meant."""
        return fnmatchcase(name, self.name)

    def holds_on(self, day: datetime.date | None) -> bool:
        """Whether it is in force; without a day it is."""
        return self.until is None or day is None or day <= self.until


def file_ignores(sheet: Sheet, key: str, value: Any) -> tuple[FileIgnore, ...]:
    """`[tool.mldebt.per-file-ignores]`, in its order; `sheet` gets what is wrong with it."""
    if not isinstance(value, dict):
        sheet.complain((key,), f"{key} must be a table, not {kind_of(value)}.")
        return ()
    for number, reason in compile_patterns(value)[1]:
        pattern = tuple(value)[number - 1]
        sheet.complain((key, pattern), f"the pattern {quoted(pattern)} of {key} is {reason}.")
    return tuple(
        FileIgnore(pattern, rules_of(sheet, (key, pattern), f"{key} of {quoted(pattern)}", rules), _at(sheet, line))
        for pattern, rules in value.items()
        if (line := sheet.line((key, pattern)))
    )


def exceptions(sheet: Sheet, key: str, value: Any) -> tuple[Exemption, ...]:
    """`[[tool.mldebt.exceptions]]`, in their order; `sheet` gets what is wrong with them."""
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        sheet.complain((key,), f"{key} must be a list of tables: [[tool.mldebt.{key}]] above each.")
        return ()
    return tuple(found for number, table in enumerate(value) for found in _exemption(sheet.item(key, number), table))


def _exemption(sheet: Sheet, table: Mapping[str, Any]) -> Iterator[Exemption]:
    """The exception of one table, unless something is wrong with it."""
    before = len(sheet.faults)
    for key in sorted(set(table) - set(_KEYS)):
        sheet.complain((key,), f"an exception has no key {quoted(key)}.", nearest(key, _KEYS))
    named = [subject for subject in SUBJECTS if subject in table]
    if len(named) != 1:
        sheet.complain((), f"an exception names one of {', '.join(SUBJECTS)}, not {len(named)} of them.")
    lacking = [key for key in ("rule", "reason") if key not in table]
    if lacking:
        sheet.complain((), f"this exception lacks {' and '.join(lacking)}.")
    for key in (*named, "reason"):
        if key in table and not (isinstance(table[key], str) and table[key].strip()):
            sheet.complain((key,), f"{key} must be a string that says something, not {kind_of(table[key])}.")
    until = _until(sheet, table.get("until"))
    rule = table.get("rule", [])
    rules = rules_of(sheet, ("rule",), "rule", [rule] if isinstance(rule, str) else rule)
    if len(sheet.faults) == before:
        yield Exemption(named[0], table[named[0]], rules, table["reason"].strip(), until, _at(sheet, sheet.line(())))


def _until(sheet: Sheet, value: Any) -> datetime.date | None:
    if value is None or (isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)):
        return value
    sheet.complain(("until",), f"until must be a day such as 2031-12-31, without quotes, not {kind_of(value)}.")
    return None


def _at(sheet: Sheet, line: int) -> Span:
    return Span(sheet.file, line, file_line=line)
