"""Commands that run code which is not there."""

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
