"""What is told of columns that code makes: those that come to nothing, and those that hold one value."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Span


@dataclass(frozen=True, slots=True)
class IdleColumn:
    """A column that is computed and comes to nothing.

    `source` is the node out of which the columns beside it flow; `scope` the part of it that makes the column, if
    that has a name. `end` tells in a word where the column ends (unused, unread: of a table of which others are read,
    renamed: it only has another name, dropped, left out, overwritten), `ends` where.
    """

    name: str
    at: Span
    source: str
    scope: str
    end: str
    ends: tuple[Span, ...] = ()
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class MissingField:
    """A column that code asks a table for whose columns are all known: `known`, as they are said at `ends`."""

    name: str
    at: Span
    known: tuple[str, ...]
    ends: tuple[Span, ...] = ()
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Twin:
    """One of several columns of one value: `unit` is the factor and the constant by which it measures. `ranges`: it
    only tells in which range the value lies, by the same expression written again."""

    name: str
    at: Span
    unit: tuple[float, float]
    ranges: bool = False


@dataclass(frozen=True, slots=True)
class Twins:
    """Columns that hold one value, but for its unit, in the rows that flow out of the node `source`."""

    columns: tuple[Twin, ...]
    source: str
    symbol: str = ""
