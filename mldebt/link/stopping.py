"""Which code may go no further: what raises an error, asserts something, ends the program or leaves early."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mldebt.facts import Assert, Branch, Call, Raise, Return, Step
from mldebt.graph.code import Definition
from mldebt.link.checking import ENDS
from mldebt.link.definitions import Definitions
from mldebt.link.machine import Machine
from mldebt.source import Purpose

_KINDS = frozenset({"function", "lambda", "module"})


def stopping(machine: Machine, known: Definitions, definitions: Iterable[Definition]) -> frozenset[str]:
    """The ids of functions and files of production code, outside of notebooks, that may go no further."""
    ours = {one.path for one in definitions if one.purpose is Purpose.PRODUCTION and one.kind == "module"}
    files = {machine.program.number[path] for path in ours}
    return frozenset(known.id(unit) for unit in _units(machine, files) if _stops(machine, unit))


def _units(machine: Machine, files: set[int]) -> Iterator[int]:
    for unit, file in enumerate(machine.program.file_of):
        if file in files and machine.program.units[unit].kind in _KINDS:
            yield unit


def _stops(machine: Machine, unit: int) -> bool:
    body = machine.program.body(unit)
    return any(_ends(machine, unit, body, index, step) for index, step in enumerate(body))


def _ends(machine: Machine, unit: int, body: tuple[Step, ...], index: int, step: Step) -> bool:
    if isinstance(step, (Raise, Assert)):
        return True
    if isinstance(step, Branch):
        early = step.end_step < len(body)
        return early and any(isinstance(inside, Return) for inside in body[index + 1 : step.end_step])
    place = (machine.program.file_of[unit], getattr(step, "start", 0), getattr(step, "end", 0))
    return isinstance(step, Call) and any(ENDS in row.traits for row in machine.noted.meant.get(place, ()))
