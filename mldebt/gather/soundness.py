"""Whether facts from elsewhere hang together as those of a reader do: linking trusts what readers make."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import cache

import msgspec

from mldebt.facts import NONE, Argument, Const, Define, FileFacts, Loop, Phi, Step, Unit, steps

_OFFSETS = ("start", "end")
_BLOCKS = ("then_end", "body_end", "end_step")
_COUNTS = frozenset({"index", "count", "level", "unit"})


def unsound(facts: FileFacts) -> str:
    """What is wrong with the facts of a file; empty if nothing is."""
    if not facts.lines or facts.lines[0] != 0 or not _rises(facts.lines):
        return "lines that do not begin one after another"
    if not _rises([cell.first for cell in facts.cells]) or any(cell.first < 0 for cell in facts.cells):
        return "cells that do not stand one after another"
    placed = (facts.units, facts.settings, facts.tasks, facts.requirements, facts.references)
    if any(not 0 <= one.start <= one.end for some in placed for one in some):
        return "a place that cannot be"
    for index, unit in enumerate(facts.units):
        why = _of_unit(facts, index, unit)
        if why:
            return why
    return ""


def _of_unit(facts: FileFacts, index: int, unit: Unit) -> str:
    if (unit.parent != NONE) if index == 0 else not 0 <= unit.parent < index:
        return "a unit inside one that comes later"
    try:
        body = steps(unit)
    except (msgspec.DecodeError, RecursionError):
        return "a unit whose steps cannot be read"
    if any(not 0 <= value < len(body) for _, value in unit.exports):
        return "an export of a value that is not there"
    if any(not 0 <= value < len(body) for value, _ in unit.names):
        return "a name of a value that is not there"
    return next((why for at, step in enumerate(body) if (why := _of_step(step, at, len(body), len(facts.units)))), "")


def _of_step(step: Step, at: int, size: int, units: int) -> str:
    if not 0 <= step.start <= step.end:
        return "a step at a place that cannot be"
    if isinstance(step, Define) and not 0 < step.unit < units:
        return "a definition of a unit that is not there"
    ends = [getattr(step, name) for name in _blocks(type(step))]
    if ends and not (at < ends[0] and _rises(ends) and ends[-1] <= size):
        return "a block that ends where it cannot"
    latest = size if isinstance(step, (Phi, Loop)) else at
    used = _operands(step)
    if used and not NONE <= min(used) <= max(used) < latest:
        return "a step that uses a value that is not there"
    return ""


def _operands(step: Step) -> list[int]:
    """The numbers of the values a step uses: all its whole numbers but places, blocks, counts and constants."""
    found: list[int] = []
    for name in _fields(type(step)):
        value = getattr(step, name)
        if type(value) is int:
            found.append(value)
        elif type(value) is tuple:
            numbers = [part.value if type(part) is Argument else part for part in value]
            found += [number for number in numbers if type(number) is int]
    return found


@cache
def _fields(kind: Callable[..., Step]) -> tuple[str, ...]:
    names: tuple[str, ...] = () if kind is Const else kind.__struct_fields__  # type: ignore[attr-defined]
    return tuple(name for name in names if name not in (*_OFFSETS, *_BLOCKS, *_COUNTS))


@cache
def _blocks(kind: Callable[..., Step]) -> tuple[str, ...]:
    return tuple(name for name in _BLOCKS if hasattr(kind, name))


def _rises(numbers: Sequence[int]) -> bool:
    return all(one <= other for one, other in itertools.pairwise(numbers))
