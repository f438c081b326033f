"""Credentials that stand in files."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Purpose, Span


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential that stands in a file, of which nothing is kept but where it stands.

    `form` is what it is by its form, `name` what it is bound to where it has none. `strength` is known (by
    its form), strong (drawn at random, or a real password), plain (words), or weak (words that all try). `local`: for a
    service of the same machine or network. `where` is output for what a notebook shows, fallback for what a variable
    comes before. `mark` is the same for equal ones. `example`: the file shows what another one looks like. `service` is
    the one of a compose file that takes whoever has it for its administrator, and is `opened` to other machines there.
    """

    form: str
    name: str
    strength: str
    local: bool
    where: str
    mark: str
    example: bool
    at: Span
    symbol: str
    purpose: Purpose
    component: str
    service: str = ""
    opened: Span | None = None
