"""Data in a format of settings or of statements: crowds of JSON files, dumps in SQL. They are told and not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from mldebt.gather.content import Choice
from mldebt.gather.discover import Entry
from mldebt.gather.purpose import SQL_LIMIT, kind_of
from mldebt.source import Kind, Problem, Span

MOST_ALIKE = 500
"""No project spreads its settings over more JSON files below one folder."""


def without_data(choices: Iterable[Choice]) -> tuple[tuple[Choice, ...], tuple[Problem, ...]]:
    """The choices without JSON files that lie in crowds below one top folder, and a problem for each crowd."""
    chosen = tuple(choices)
    crowds = Counter(crowd for choice in chosen if (crowd := _crowd(choice)))
    crowded = {crowd for crowd, count in crowds.items() if count > MOST_ALIKE}
    kept = tuple(choice for choice in chosen if _crowd(choice) not in crowded)
    return kept, tuple(_told(folder, crowds[folder]) for folder in sorted(crowded))


def _crowd(choice: Choice) -> str:
    """The top folder of a JSON file of settings; empty for any other file."""
    path = choice.entry.path
    is_json = choice.kind is Kind.SETTINGS and path.lower().endswith(".json")
    return (path.partition("/")[0] if "/" in path else ".") if is_json else ""


def _told(folder: str, count: int) -> Problem:
    text = f"{count} JSON files lie below this folder: they are taken for data and not read"
    return Problem(Span(folder, 1, file_line=1), "bound", text, "move settings out of the folder if it holds any")


def dumps(entries: Iterable[Entry]) -> tuple[Problem, ...]:
    """A problem for each file of SQL that is too large to hold what people write."""
    large = [entry for entry in entries if entry.size > SQL_LIMIT and kind_of(entry.path, 0) is Kind.SQL]
    text = f"this file of SQL is larger than {SQL_LIMIT} bytes: it is taken for a dump and not read"
    cure = "keep what defines tables in a file apart from their rows"
    return tuple(Problem(Span(entry.path, 1, file_line=1), "bound", text, cure) for entry in large)
