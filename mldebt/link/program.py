"""All files of a run, numbered: units by one number each, places turned into spans."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from mldebt.facts import Attribute, Cell, FileFacts, Load, Step, Unit, steps
from mldebt.link.values import Place
from mldebt.source import Purpose, SourceFile, Span

BODIES_KEPT = 32_768
"""Each body is asked for a dozen times, mostly by passes over all units: where not all of them are kept, each pass
decodes all of them anew. One takes some 5 kB, a small part of what is known of its values."""


S = TypeVar("S", bound=Step)
"""A kind of steps."""


class Program:
    """The files in order of their paths. A unit's number is its file's first number plus its index."""

    def __init__(self, files: Sequence[tuple[SourceFile, FileFacts]]) -> None:
        self.sources = [source for source, _ in files]
        self.facts = [facts for _, facts in files]
        self.number = {source.path: index for index, source in enumerate(self.sources)}
        self.first: list[int] = []
        self.units: list[Unit] = []
        self.parents: list[int] = []
        self.file_of: list[int] = []
        for index, facts in enumerate(self.facts):
            self.first.append(len(self.units))
            first = len(self.units)
            self.parents.extend([-1 if unit.parent < 0 else first + unit.parent for unit in facts.units])
            self.units.extend(facts.units)
            self.file_of.extend([index] * len(facts.units))
        self._named: dict[str, list[int]] = {}
        for index, source in enumerate(self.sources):
            self._named.setdefault(source.path.rpartition("/")[2].partition(".")[0], []).append(index)
        self.is_test = [self.purpose(unit) is Purpose.TEST for unit in range(len(self.units))]
        self._exports: dict[int, dict[str, int]] = {}
        self.span = lru_cache(maxsize=None)(self._span)
        self.body = lru_cache(maxsize=BODIES_KEPT)(self._body)
        self._by_kind = lru_cache(maxsize=BODIES_KEPT)(self._sorted_out)
        self._innermost: dict[int, tuple[list[int], list[int]]] = {}
        self.method_names = frozenset(
            unit.name
            for facts in self.facts
            for unit in facts.units
            if unit.kind == "function" and unit.parent > 0 and facts.units[unit.parent].kind == "class"
        )

    def spans(self, places: Iterable[Place], most: int) -> tuple[Span, ...]:
        """The first few of places in the files, in order, each once."""
        return tuple(sorted({self.span(place) for place in places if place[0] >= 0})[:most])

    def put_aside(self, files: Iterable[int]) -> None:
        """Takes files for what is run no more."""
        for file in files:
            self.sources[file] = replace(self.sources[file], purpose=Purpose.ASIDE)

    def _body(self, unit: int) -> tuple[Step, ...]:
        """The steps of a unit, decoded."""
        return steps(self.units[unit])

    def each(self, unit: int, kind: type[S]) -> Sequence[tuple[int, S]]:
        """The steps of a kind in a unit, with where they stand, in order: most passes look for few of them."""
        found: Sequence[tuple[int, S]] = self._by_kind(unit).get(kind, ())
        return found

    def names_asked(self, unit: int) -> Set[str]:
        """The names that a unit asks for outside of it, or asks objects for."""
        loads = {step.name for _, step in self.each(unit, Load)}
        return loads.union(step.name for _, step in self.each(unit, Attribute))

    def _sorted_out(self, unit: int) -> Mapping[type[Any], Sequence[tuple[int, Any]]]:
        found: dict[type[Any], list[tuple[int, Step]]] = {}
        for at, step in enumerate(self.body(unit)):
            found.setdefault(type(step), []).append((at, step))
        return found

    def files_named(self, stem: str) -> Sequence[int]:
        """The files of this name, without their ending."""
        return self._named.get(stem, ())

    def exports(self, unit: int) -> Mapping[str, int]:
        """The names a unit gives away, and the steps that make their values."""
        found = self._exports.get(unit)
        if found is None:
            found = self._exports[unit] = dict(reversed(self.units[unit].exports))
        return found

    def parent(self, unit: int) -> int:
        """The number of the unit around a unit; -1 for a module."""
        return self.parents[unit]

    def inner_units(self) -> Mapping[int, Sequence[int]]:
        """The units that stand in each unit, at any depth."""
        found: dict[int, list[int]] = defaultdict(list)
        for unit, outer in enumerate(self.parents):
            while outer >= 0:
                found[outer].append(unit)
                outer = self.parent(outer)
        return found

    def units_of(self, file: int) -> range:
        """The numbers of a file's units."""
        return range(self.first[file], self.first[file] + len(self.facts[file].units))

    def module_unit(self, file: int) -> int:
        """The number of a file's module unit; -1 if it has none (settings, unreadable)."""
        return self.first[file] if file >= 0 and self.facts[file].units else -1

    def unit_at(self, place: Place) -> int:
        """The innermost unit that holds a place; -1 in a file that has none, such as one of settings."""
        file = place[0]
        if not self.facts[file].units:
            return -1
        found = self._innermost.get(file)
        if found is None:
            found = self._innermost[file] = _innermost(self.facts[file].units)
        bounds, units = found
        return self.first[file] + units[bisect_right(bounds, place[1]) - 1]

    def path_of(self, unit: int) -> str:
        """The path of the file in which a unit stands."""
        return self.sources[self.file_of[unit]].path

    def purpose(self, unit: int) -> Purpose:
        """Why the file of a unit exists."""
        return self.sources[self.file_of[unit]].purpose

    def _span(self, place: Place) -> Span:
        """A place as path, lines and columns, within its cell for notebooks."""
        file, start, end = place
        facts = self.facts[file]
        line, column = self._line(facts, start)
        end_line, end_column = self._line(facts, max(end, start))
        path = self.sources[file].path
        if not facts.cells:
            return Span(path, line, column, end_line, end_column, 0, line)
        cell = _cell_at(facts.cells, line - 1)
        if cell is None:
            return Span(path, line, column, end_line, end_column, 0, 1)
        inside = line - 1 - cell.first
        file_line = cell.file_lines[min(inside, len(cell.file_lines) - 1)] if cell.file_lines else 1
        return Span(
            path, inside + 1, column, max(end_line - cell.first, inside + 1), end_column, cell.number, file_line
        )

    def unit_span(self, unit: int) -> Span:
        """Where a unit is defined."""
        found = self.units[unit]
        file = self.file_of[unit]
        return self.span((file, found.start, min(found.end, found.start + 1)))

    def _line(self, facts: FileFacts, offset: int) -> tuple[int, int]:
        index = bisect_right(facts.lines, offset) - 1
        return index + 1, offset - facts.lines[index] + 1


def _innermost(units: Sequence[Unit]) -> tuple[list[int], list[int]]:
    """The offsets at which units begin and end, and the innermost unit from each of them on."""
    bounds = sorted({0, *(unit.start for unit in units), *(unit.end for unit in units)})
    inner = [0] * len(bounds)
    for index, unit in enumerate(units):  # outer units stand before inner ones
        first, behind = bisect_left(bounds, unit.start), bisect_left(bounds, unit.end)
        inner[first:behind] = [index] * (behind - first)
    return bounds, inner


def _cell_at(cells: Sequence[Cell], line: int) -> Cell | None:
    index = bisect_right([cell.first for cell in cells], line) - 1
    return cells[index] if index >= 0 else None
