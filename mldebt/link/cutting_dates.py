"""Dates written in code by which rows are kept, parted or measured: compared with a column, taken from one, or the
bounds of a slice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mldebt.facts import Attribute, Binary, Call, Compare, Const, Item, Load, Phi, Slice, Step
from mldebt.link.liveness import SHOWN, Fates
from mldebt.link.values import Place

_ROWED = frozenset({"column", "table", "array"})
_ORDERED = frozenset({"<", "<=", ">", ">="})
"""Who asks for one day looks at it; what stands before or behind a day is a part of the rows."""
_LOOKED_AT = frozenset({SHOWN})
_CUTS = "cuts"
_NONE: frozenset[Place] = frozenset()


def cutting_dates(fates: Fates, dates: Iterable[Place]) -> frozenset[Place]:
    """Those of the dates that do, but for those whose rows are only looked at."""
    machine = fates.machine
    by_file: dict[int, set[Place]] = {}
    for place in dates:
        by_file.setdefault(place[0], set()).add(place)
    found: set[Place] = set()
    for file, places in sorted(by_file.items()):
        constants: dict[str, frozenset[Place]] = {}
        for unit in sorted(machine.program.units_of(file), key=lambda unit: machine.info(unit).kind != "module"):
            reader = _Reader(fates, unit, places, constants)
            found |= reader.cutting
            if machine.info(unit).kind == "module":
                constants |= {name: reader.at(index) for name, index in machine.info(unit).exports}
    return frozenset(found)


class _Reader:
    """One unit: which dates each of its values may stand for, and which of them cut."""

    def __init__(
        self, fates: Fates, unit: int, dates: set[Place], constants: Mapping[str, frozenset[Place]]
    ) -> None:
        machine = fates.machine
        self._fates, self._machine, self._dates, self._constants = fates, machine, dates, constants
        self._file, self._steps = machine.program.file_of[unit], machine.program.body(unit)
        self._inside = machine.info(unit).kind == "function"
        self._said: list[frozenset[Place]] = []
        self.cutting: set[Place] = set()
        for step in self._steps:
            self._said.append(self._of(step))

    def _of(self, step: Step) -> frozenset[Place]:
        place = (self._file, getattr(step, "start", -1), getattr(step, "end", -1))
        if isinstance(step, (Const, Call)) and place in self._dates:
            return frozenset({place})
        match step:
            case Load():
                return self._constants.get(step.name, _NONE)
            case Phi():
                return _NONE.union(*(self.at(value) for value in step.values))
            case Slice():
                self.cutting |= self.at(step.lower) | self.at(step.upper)
            case Compare() if step.operator in _ORDERED:
                if not self._is_a_look(place):
                    self._meet(step.left, step.right)
            case Binary() if step.operator == "-":
                return self._meet(step.left, step.right)
            case Binary():  # a date and spans of time make other dates
                return self.at(step.left) | self.at(step.right)
            case Attribute():
                return self.at(step.base)
            case Call():
                return self._called(step, place)
        return _NONE

    def _is_a_look(self, place: Place) -> bool:
        """Whether a function only shows the rows that a comparison keeps, beside what it does. What a script shows may
        be all that it is for."""
        return self._inside and self._fates.of(place, whole=False) <= _LOOKED_AT

    def _called(self, step: Call, place: Place) -> frozenset[Place]:
        """What makes a date of a text, or another of a date; a call that compares with limits cuts."""
        given = _NONE.union(*(self.at(one.value) for one in step.arguments))
        rows = self._machine.noted.meant.get(place, ())
        if any(_CUTS in row.traits for row in rows):
            self.cutting |= given
        made = any(kind.partition(".")[0] == "date" or "dates" in row.traits for row in rows for kind in row.result[:1])
        return (given if made else _NONE) | self.at(step.callee)

    def _meet(self, left: int, right: int) -> frozenset[Place]:
        """A date and rows, which it cuts or is measured from; else a date and a span of time."""
        for one, other in ((left, right), (right, left)):
            if self.at(one) and self._is_of_rows(other):
                self.cutting |= self.at(one)
                return _NONE
        return self.at(left) | self.at(right)

    def _is_of_rows(self, index: int) -> bool:
        """Whether a value is a column: what is taken out of something by a name, or a call that makes one of it."""
        step = self._steps[index] if 0 <= index < len(self._steps) else None
        if isinstance(step, Item):
            key = self._steps[step.key] if step.key >= 0 else None
            return isinstance(key, Const) and isinstance(key.value, str)
        if isinstance(step, Call):
            rows = self._machine.noted.meant.get((self._file, step.start, step.end), ())
            return any(kind.partition(".")[0] in _ROWED for row in rows for kind in row.result[:1])
        return isinstance(step, Attribute) and not self.at(index)

    def at(self, index: int) -> frozenset[Place]:
        """The dates that a value may stand for."""
        return self._said[index] if 0 <= index < len(self._said) else _NONE
