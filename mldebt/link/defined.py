"""Tasks that code defines: operators that are made, decorated functions that a flow calls, classes to be run."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.link.kinds import library_bases
from mldebt.link.machine import Arguments, Machine, Made
from mldebt.link.slots import argument
from mldebt.link.values import Alt, Bound, Code, Event, Place, Record, Sequence, Value, literal
from mldebt.tasking import Tasking

MOST_TASKS = 2000


@dataclass(frozen=True, slots=True)
class Defined:
    """One task. `at` is where it is made: a call, or the definition of a function or class that is a task by
    itself; `home` the unit that holds that place. `unit` is the function or class that runs (-1: not
    known), `chain` the call sites around `at`, `given` the arguments that define it."""

    name: str
    at: Place
    home: int
    unit: int
    tasking: Tasking
    chain: tuple[Place, ...] = ()
    event: Event | None = None
    given: Arguments = ()
    family: str = ""
    also: tuple[str, ...] = ()


def defined_tasks(machine: Machine) -> tuple[Defined, ...]:
    """All tasks, in order of their places."""
    found = [*_made_by_calls(machine), *_called_in_flows(machine), *_by_themselves(machine), *_of_classes(machine)]
    unique = {(one.at, one.chain, one.name): one for one in found}
    ordered = sorted(unique.values(), key=lambda one: (one.at, one.chain))  # in a loop the rounds keep their order
    return tuple(ordered[:MOST_TASKS])


def _made_by_calls(machine: Machine) -> Iterator[Defined]:
    """Calls of the catalogue that make a task, such as an operator."""
    for event in machine.happened():
        row = event.row
        if row is None or row.task is None or _is_no_task(row.task) or event.what != "call":
            continue
        unit = -1 if row.callback is None else unit_of(argument(event.arguments, row.callback, event.receiver))
        name = _told(argument(event.arguments, row.task.name) if row.task.name else None)
        name = name or machine.named.get(event, "") or (machine.info(unit).name if unit >= 0 else event.callee)
        yield Defined(name, event.place, event.unit, unit, row.task, event.chain, event, event.arguments, row.names[0])


def _is_no_task(tasking: Tasking) -> bool:
    return tasking.group or tasking.encloses or tasking.space is not None


def _called_in_flows(machine: Machine) -> Iterator[Defined]:
    """Functions that a decorator makes tasks, once for each call."""
    for caller, callee, place in machine.calls:
        for made, tasking in tasks_made(machine, callee):
            if not tasking.once and caller != callee:
                yield _of_function(machine, callee, made, tasking, place)


def _by_themselves(machine: Machine) -> Iterator[Defined]:
    """Functions that are tasks wherever they stand: nobody calls them."""
    for unit in sorted(machine.made):
        for made, tasking in tasks_made(machine, unit):
            if tasking.once:
                yield _of_function(machine, unit, made, tasking, _definition(machine, unit))


def _of_function(machine: Machine, unit: int, made: Made, tasking: Tasking, place: Place) -> Defined:
    name, *also = names_of(machine, unit, made, tasking)
    home = machine.program.parent(unit) if tasking.once else machine.program.unit_at(place)
    return Defined(name, place, home, unit, tasking, given=made.arguments, family=made.callee, also=tuple(also))


def names_of(machine: Machine, unit: int, made: Made, tasking: Tasking) -> tuple[str, ...]:
    """The names of a function that is a task, the one it is shown by first."""
    told = _told(argument(made.arguments, tasking.name) if tasking.name else None)
    tables = [argument(made.arguments, slot) for slot in tasking.also]
    further = [_told(key) for table in tables if isinstance(table, Record) for key in table.keys]
    path = machine.program.path_of(unit)
    own = posixpath.splitext(posixpath.basename(path))[0] if tasking.file else machine.info(unit).name
    return (told or own, *filter(None, further))


def alias_of(given: Arguments, tasking: Tasking, parameter: str) -> str:
    """The name of the task that gives a parameter its value: its own, or that which the decorator says."""
    table = argument(given, tasking.renames) if tasking.renames is not None else None
    if isinstance(table, Record):
        for key, value in zip(table.keys, table.items, strict=True):
            if literal(key) == parameter:
                last = value.items[-1] if isinstance(value, Sequence) and value.items else value
                return literal(last) or parameter
    return parameter


def _of_classes(machine: Machine) -> Iterator[Defined]:
    """Classes of the repository whose base in a library makes their objects, or them, tasks."""
    of_class = {unit: found for unit in machine.bases if (found := class_tasking(machine, unit)) is not None}
    for unit, (family, tasking) in of_class.items():
        if tasking.once:
            name, place = machine.info(unit).name, _definition(machine, unit)
            yield Defined(name, place, machine.program.parent(unit), unit, tasking, family=family)
    for caller, callee, place in machine.calls:
        if callee in of_class and not of_class[callee][1].once and machine.info(caller).name != "__init__":
            family, tasking = of_class[callee]
            given = machine.noted.constructed.get(place, ())
            name = _told(argument(given, tasking.name) if tasking.name else None) or machine.info(callee).name
            yield Defined(name, place, caller, callee, tasking, given=given, family=family)


def class_tasking(machine: Machine, unit: int) -> tuple[str, Tasking] | None:
    """The library base that makes a class of the repository a task, and how."""
    for base in library_bases(machine, unit):
        for row in machine.rows_of_call(machine.canonical(base)):
            if row.task is not None:
                return row.names[0], row.task
    return None


def tasks_made(machine: Machine, unit: int) -> Iterator[tuple[Made, Tasking]]:
    """The decorators of a function that make it a task."""
    for made in machine.made.get(unit, ()):
        tasking = machine.catalogue.taskings.get(made.callee)
        if tasking is not None and not _is_no_task(tasking):
            yield made, tasking


def joined(machine: Machine, unit: int, owner: Value) -> dict[tuple[int, int], Value]:
    """The parameter behind the object of a method that joins several branches: the object as each branch left it."""
    joins = any(tasking.joins for _, tasking in tasks_made(machine, unit))
    if not joins or len(machine.info(unit).parameters) < 2:
        return {}
    return {(unit, 1): machine.pool.sequence("list", (owner,), rest=True)}


def unit_of(value: Value | None) -> int:
    """The function that a value stands for; -1 where that is not known."""
    if isinstance(value, Code):
        return value.unit
    if isinstance(value, Bound):
        return unit_of(value.callee)
    if isinstance(value, Alt):
        return next((unit for part in value.values if (unit := unit_of(part)) >= 0), -1)
    return -1


def by_place(tasks: tuple[Defined, ...]) -> dict[Place, tuple[Defined, ...]]:
    """The tasks that a call at a place makes, itself or in what it calls."""
    found: dict[Place, list[Defined]] = defaultdict(list)
    for task in tasks:
        for place in dict.fromkeys((task.at, *task.chain)):
            found[place].append(task)
    return {place: tuple(ones) for place, ones in found.items()}


def _definition(machine: Machine, unit: int) -> Place:
    info = machine.info(unit)
    return machine.program.file_of[unit], info.start, info.end


def _told(value: Value | None) -> str:
    return "" if value is None else literal(value) or ""
