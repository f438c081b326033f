"""Files of settings that nothing loads, though settings of their names are in force elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Span


@dataclass(frozen=True, slots=True)
class IdleSetting:
    """A setting, at a place of a file that nothing loads, and one of its name that is in force, with the text of what
    each is."""

    name: str
    at: Span
    value: str
    in_force: Span
    told: str


@dataclass(frozen=True, slots=True)
class IdleSettings:
    """A file of settings that nothing loads or names. `known`: no code loads a file of which nobody knows the name."""

    path: str
    at: Span
    end_line: int
    settings: tuple[IdleSetting, ...]
    known: bool
