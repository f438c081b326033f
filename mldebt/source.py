"""A scanned file, a place in it, and why something could not be read."""

from __future__ import annotations

import enum
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

_ASIDE = re.compile(r"[._\d-]*(?:archived?|backups?|deprecated)[._\d-]*", re.IGNORECASE)
"""How folders are called into which is put what is run no more, be it with a number or a date."""
_BACKUP = re.compile(r"(?<![^\W\d_])backups?(?![^\W\d_])", re.IGNORECASE)
_COPY = re.compile(r"\.(?:backup|bak|old|orig)", re.IGNORECASE)
"""How the name ends that a file is given before another takes its own."""
_DAY = re.compile(r"(?<!\d)(?:\d{8}|\d{4}[-_.]\d\d[-_.]\d\d)(?!\d)")


class Kind(enum.Enum):
    """What a file is, by name and content; each kind has one reader."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    SETTINGS = "settings"
    COMMANDS = "commands"
    REQUIREMENTS = "requirements"
    SQL = "sql"
    OTHER = "other"


class Purpose(enum.Enum):
    """Why a file exists; findings are reported in PRODUCTION files only unless asked for."""

    __hash__ = object.__hash__  # members are single objects; by their names it would be worked out in Python each time

    PRODUCTION = "production"
    TEST = "test"
    EXAMPLE = "example"
    VENDORED = "vendored"
    GENERATED = "generated"
    ASIDE = "aside"
    """What is kept of what was code once, and is run no more."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a scanned file.

    `path` is POSIX and relative to the scanned root. Lines count from 1, columns from 1 in
    code points, `end_column` is exclusive. In a notebook `cell` counts from 1 over all cells,
    `line` counts within the cell, and `file_line` is the line in the `.ipynb` file itself;
    elsewhere `cell` is 0 and `file_line` equals `line`.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    cell: int = 0
    file_line: int = 0

    def of_lines(self, first: int, last: int) -> Span:
        """The span of whole lines in the same file."""
        shift = self.file_line - self.line if self.cell else 0
        return Span(self.path, first, 1, max(last, first), 1, self.cell, first + shift)


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A file that was found: where, what it is, and the digest of its content."""

    path: str
    kind: Kind
    purpose: Purpose
    digest: str
    size: int


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something mldebt could not read or follow. `code` is stable, `text` is for people.

    Codes: syntax, old-syntax (a Python before 3.7 reads it), python-2, template (no Python before it is filled in),
    encoding, empty, truncated, too-large, too-deep, timeout, crash, io, cell-syntax, line-syntax (one line of a file),
    statement (some of a file's SQL), repeated-key (one that stands twice in a settings file), not-followed, bound,
    contract (one that covers nothing), suppression (a comment that excuses nothing).
    """

    at: Span
    code: str
    text: str
    cure: str = ""


UNREADABLE = frozenset(
    {"syntax", "old-syntax", "python-2", "template", "encoding", "empty", "truncated", "too-large", "too-deep",
     "timeout", "crash", "io"}
)  # fmt: skip
"""The codes of problems that mean a whole file is missing from the graph."""


def under(problem: Problem, name: str) -> Problem:
    """A problem of the repository `name`, as it is told among those of others."""
    path = problem.at.path
    if not path:
        return replace(problem, text=f"{name}: {problem.text}")
    return replace(problem, at=replace(problem.at, path=name if path == "." else f"{name}/{path}"))


def put_aside(path: str) -> str:
    """The name of the folder above a file into which is put what is run no more, or of a file that is called so
    itself; empty where there is none."""
    *folders, name = path.split("/")
    aside = next((folder for folder in folders if _ASIDE.fullmatch(folder)), "")
    aside = aside or (name if _COPY.fullmatch(posixpath.splitext(name)[1]) else "")
    return aside or (_kept_of_a_day(folders, name.removesuffix(".py")) if name.endswith(".py") else "")


def _kept_of_a_day(folders: list[str], stem: str) -> str:
    """The first of some folders and the module in them that is a backup with a date, behind the word or as that of the
    folder in it: the code as it was on that day. What makes backups has none."""
    for part, inner in zip_longest([*folders, stem], folders[1:], fillvalue=""):
        word = _BACKUP.search(part)
        if word and _DAY.search(f"{part}/{inner}", word.end()):
            return part
    return ""


def folders_above(path: str) -> Iterator[str]:
    """The folders above a path, innermost first; neither the top nor a root such as `/` or `//` is one."""
    folder = path.rpartition("/")[0].rstrip("/")
    while folder:
        yield folder
        folder = folder.rpartition("/")[0].rstrip("/")
