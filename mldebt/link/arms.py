"""Which arms of branches and bodies of `try` a place stands in: what does not happen in every run."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from mldebt.facts import Attribute, Branch, Call, Define, Load, Return, Step, Try, Unary
from mldebt.link.operands import operands
from mldebt.link.program import Program
from mldebt.link.values import Place


class Arms:
    """The arms of the units of one program; `asked` are the questions whether something is there."""

    def __init__(self, program: Program, asked: AbstractSet[Place]) -> None:
        self._program = program
        self._asked = asked
        self._units: dict[int, dict[tuple[int, int], tuple[str, ...]]] = {}
        self._missing: dict[int, frozenset[str]] = {}
        self._left: dict[int, float] = {}
        self._calls: dict[int, dict[str, list[tuple[int, Place]]]] = {}

    def where_missing(self, unit: int, place: Place) -> bool:
        """Whether a place is only reached where something is not there."""
        around = self.around(unit, place)
        missing = bool(around) and not self._arms_if_missing(unit).isdisjoint(around)
        return missing or place[1] >= self._left_if_there(unit)

    def _left_if_there(self, unit: int) -> float:
        """Where a unit goes on only if something is not there: behind `if exists(path): return`."""
        if unit not in self._left:
            file, body = self._program.file_of[unit], self._program.body(unit)
            ends = (
                one.end for _, one in self._program.each(unit, Branch)
                if not self.around(unit, (file, one.start, one.end))
                and isinstance(body[one.then_end - 1], Return) and _asks(file, body[one.condition], self._asked)
            )  # fmt: skip
            self._left[unit] = min(ends, default=math.inf)
        return self._left[unit]

    def _arms_if_missing(self, unit: int) -> frozenset[str]:
        """The arms of a unit that begin where something is not there."""
        if unit not in self._missing:
            file, body = self._program.file_of[unit], self._program.body(unit)
            branches = [step for _, step in self._program.each(unit, Branch)]
            missing = (one for one in branches if _asks_if_missing(file, body, one.condition, self._asked))
            there = (one for one in branches if _asks(file, body[one.condition], self._asked))
            arms = (*(f"then:{unit}:{one.start}" for one in missing), *(f"else:{unit}:{one.start}" for one in there))
            self._missing[unit] = frozenset(arms)
        return self._missing[unit]

    def calls(self, unit: int) -> Sequence[tuple[int, Place]]:
        """The calls of a function in its own file, as far as its name tells, each with the unit it stands in."""
        info, file = self._program.units[unit], self._program.file_of[unit]
        if info.kind != "function":
            return ()
        if file not in self._calls:
            self._calls[file] = _calls_by_name(self._program, file)
        return self._calls[file].get(info.name, ())

    def around(self, unit: int, place: Place) -> tuple[str, ...]:
        """The arms around a place, outermost first: `then:`, `else:` or `try:` with the place where that begins, and
        `leaves:` for one after which the function ends."""
        if unit not in self._units:
            self._units[unit] = dict(_arms(unit, self._program.body(unit)))
        return self._units[unit].get(place[1:], ())


def _calls_by_name(program: Program, file: int) -> dict[str, list[tuple[int, Place]]]:
    """The calls in a file by the name that is called, each with the unit it stands in."""
    found: dict[str, list[tuple[int, Place]]] = defaultdict(list)
    units = program.units_of(file)
    for unit in units:
        body = program.body(unit)
        for _, step in program.each(unit, Call):
            callee = body[step.callee]
            if isinstance(callee, (Attribute, Define, Load)):  # of what the unit itself defines no name is loaded
                name = program.units[units[callee.unit]].name if isinstance(callee, Define) else callee.name
                found[name].append((unit, (file, step.start, step.end)))
    return found


def _asks_if_missing(file: int, body: tuple[Step, ...], condition: int, asked: AbstractSet[Place]) -> bool:
    parts, todo = {condition}, [condition]
    while todo:
        fresh = [part for part in operands(body[todo.pop()]) if part not in parts]
        parts.update(fresh)
        todo += fresh
    denied = [body[step.operand] for part in parts if isinstance(step := body[part], Unary) and step.operator == "not"]
    return any(_asks(file, one, asked) for one in denied)


def _asks(file: int, step: Step, asked: AbstractSet[Place]) -> bool:
    return isinstance(step, Call) and (file, step.start, step.end) in asked


def _arms(unit: int, steps: tuple[Step, ...]) -> Iterator[tuple[tuple[int, int], tuple[str, ...]]]:
    """The places of steps in arms. Blocks lie within each other, so what is open is a stack."""
    open_ones: list[tuple[int, str]] = []
    later: dict[int, tuple[int, str]] = {}
    for index, step in enumerate(steps):
        open_ones = [one for one in open_ones if one[0] > index]
        if index in later:
            open_ones.append(later.pop(index))
        if open_ones:
            yield (step.start, step.end), tuple(name for _, name in open_ones)
        name = f"{unit}:{step.start}"
        if isinstance(step, Branch):
            open_ones.append((step.then_end, f"then:{name}"))
            if any(isinstance(inner, Return) for inner in steps[index + 1 : step.then_end]):
                open_ones.append((step.then_end, f"leaves:{name}"))
            if step.end_step > step.then_end:
                later[step.then_end] = (step.end_step, f"else:{name}")
        elif isinstance(step, Try) and step.end_step > step.body_end:
            open_ones.append((step.body_end, f"try:{name}"))
