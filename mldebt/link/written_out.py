"""Lists and tables of constants that several files of code write out, entry by entry."""

from __future__ import annotations

import calendar
import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from mldebt.facts import NONE, Collection, Const, SetAttribute, Step, Unary
from mldebt.graph.written_out import WrittenOut
from mldebt.link.machine import Frame, Machine
from mldebt.link.values import Lib
from mldebt.source import Purpose

FEWEST_ENTRIES = 6
"""What has fewer values is soon the same by chance."""
_CODE = ".py"
_ALL = "__all__"
_DICT = "dict"
_TABLE, _LIST = "table", "list"
_NUMBERS, _NEGATIVE, _MOST = frozenset({"int", "float"}), "-", 1e15
_NAMED, _LONGEST_MONTH = frozenset({"str", "int"}), 31
_Said = tuple[object, ...]


def written_out(machine: Machine) -> tuple[tuple[WrittenOut, ...], ...]:
    """Equal ones of several files of production code, of which one at the least is kept under a name of its module."""
    alike: dict[_Said, list[WrittenOut]] = defaultdict(list)
    for unit in range(len(machine.program.units)):
        path = machine.program.sources[machine.program.file_of[unit]].path
        if path.endswith(_CODE) and machine.program.purpose(unit) is Purpose.PRODUCTION:
            for said, one in _of_unit(machine, unit):
                alike[said].append(one)
    several = [
        tuple(sorted(ones, key=lambda one: one.at)) for ones in alike.values()
        if len({one.at.path for one in ones}) > 1 and any(one.constant for one in ones)
    ]  # fmt: skip
    return tuple(sorted(several, key=lambda ones: ones[0].at))


def _of_unit(machine: Machine, unit: int) -> Iterator[tuple[_Said, WrittenOut]]:
    """The outermost lists and tables of a unit that hold nothing but constants, with what they say."""
    collections = machine.program.each(unit, Collection)
    steps, frame = machine.program.body(unit) if collections else (), machine.frames.get(unit)
    whole = {at: said for at, _ in collections if (said := _said(steps, frame, at)) is not None}
    inner = {item for at in whole for item in (*steps[at].items, *steps[at].keys)}  # type: ignore[union-attr]
    names = _names(machine, unit) if whole else {}
    file, module = machine.program.file_of[unit], machine.info(unit).kind == "module"
    for at, said in whole.items():
        entries, name = _entries(said), names.get(at, "")
        if at not in inner and entries >= FEWEST_ENTRIES and name != _ALL and not _is_plain(said):
            span = machine.program.span((file, steps[at].start, steps[at].end))
            yield said, WrittenOut(span, name, entries, module and bool(name))


def _names(machine: Machine, unit: int) -> dict[int, str]:
    """The names and attributes that values of a unit are kept under, by their steps."""
    kept = {step.value: step.name for _, step in machine.program.each(unit, SetAttribute)}
    info = machine.info(unit)
    return {**kept, **dict(info.names), **{index: name for name, index in info.exports}}


def _said(steps: tuple[Step, ...], frame: Frame | None, at: int) -> _Said | None:
    """What a list or table says in full; None where it holds something else than constants and what libraries have."""
    step = steps[at] if at >= 0 else None
    if isinstance(step, Const):
        return (type(step.value).__name__, step.value)
    if isinstance(step, Unary):
        inner = _said(steps, frame, step.operand)
        return None if inner is None else (step.operator, inner)
    if isinstance(step, Collection):
        return _collected(steps, frame, step)
    value = None if frame is None or step is None else frame.values[at]
    return ("of a library", value.name) if isinstance(value, Lib) else None


def _collected(steps: tuple[Step, ...], frame: Frame | None, step: Collection) -> _Said | None:
    if step.kind != _DICT and step.keys:
        return None
    parts = [_said(steps, frame, part) for part in (*step.keys, *step.items) if part != NONE]
    complete = None not in parts and len(parts) == len(step.keys) + len(step.items)
    return (_TABLE if step.kind == _DICT else _LIST, *parts) if complete else None


def _values(said: _Said) -> Iterator[_Said]:
    parts = [part for part in said if isinstance(part, tuple)]
    if not parts:
        yield said
    for part in parts:
        yield from _values(part)


def _entries(said: _Said) -> int:
    return sum(1 for _ in _values(said))


def _is_plain(said: _Said) -> bool:
    """Whether many write the same for reasons of their own: one value, numbers that are counted off, the calendar."""
    return len(set(_values(said))) == 1 or _is_counted_off(said) or _is_of_the_calendar(said)


def _is_of_the_calendar(said: _Said) -> bool:
    """Whether it names months or days of the week, with their numbers: none is ever added."""
    values = set(_values(said))
    texts = {str(value[1]).lower() for value in values if value[0] == "str"}
    numbers = [value[1] for value in values if value[0] == "int"]
    several = (calendar.month_name, calendar.month_abbr, calendar.day_name, calendar.day_abbr)
    known = {name.lower() for names in several for name in names if name}
    days = all(isinstance(one, int) and 0 <= one <= _LONGEST_MONTH for one in numbers)
    return bool(texts) and texts <= known and days and all(value[0] in _NAMED for value in values)


def _is_counted_off(said: _Said) -> bool:
    """Whether it is a list of numbers, each as much or as many times more than the one before: two of them say all, and
    many write the same."""
    numbers = [_number(part) for part in said[1:] if isinstance(part, tuple)]
    known = [one for one in numbers if one is not None]
    if said[0] != _LIST or len(known) < len(numbers):
        return False
    pairs = list(pairwise(known))
    steps = ([later - one for one, later in pairs], [later / one for one, later in pairs if one])
    return any(len(step) == len(pairs) and all(math.isclose(one, step[0]) for one in step) for step in steps)


def _number(said: _Said) -> float | None:
    if said[0] == _NEGATIVE and isinstance(said[1], tuple):
        inner = _number(said[1])
        return None if inner is None else -inner
    if said[0] not in _NUMBERS:
        return None
    value = said[1]
    return float(value) if isinstance(value, (int, float)) and abs(value) < _MOST else None
