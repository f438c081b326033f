"""Places where one language hands over to another."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Purpose, Span


@dataclass(frozen=True, slots=True)
class Crossing:
    """A place where code in one language hands over to another one through a command or a text.

    `host` and `language` are the two. `how` is runs (a command runs a program or file in the other one), or
    holds (the other one's program is a text here, of so many `lines`). `file` is the other side where it is a
    file of the repository, or the one the text becomes. `kind` tells where it stands: code, commands,
    settings, container. `step`: it is part of what handles data or models, as far as that can be told. `filled`: values
    of the code around it are put into the text.
    """

    host: str
    language: str
    how: str
    lines: int
    file: str
    at: Span
    kind: str
    symbol: str
    purpose: Purpose
    component: str
    step: bool = True
    filled: bool = False
