"""Lists and tables of constants that several files of code write out, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Span


@dataclass(frozen=True, slots=True)
class WrittenOut:
    """A list or table of constants: `entries` values in all, the name that holds it, and whether that is one of the
    module."""

    at: Span
    name: str
    entries: int
    constant: bool
