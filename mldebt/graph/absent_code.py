"""Code that cannot run: commands whose code is not there, and files that fail whenever they are run."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Span


@dataclass(frozen=True, slots=True)
class AbsentCode:
    """A command, of the step `step` of a definition of this form, that runs the file or module `said`, which is not
    there. `path` is the file of the repository that may be meant, if one is. `expected`: the folder in which it would
    lie is here, or written differently."""

    step: str
    form: str
    said: str
    at: Span
    path: str
    expected: bool


@dataclass(frozen=True, slots=True)
class FailingFile:
    """The place at which a file fails whenever it is run or imported: it calls the function `called`, which is defined
    at `defined`, without its parameters `missing`."""

    at: Span
    called: str
    missing: tuple[str, ...]
    defined: Span
