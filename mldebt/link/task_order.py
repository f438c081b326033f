"""The order of tasks that code defines: by what is passed from one call to the next, by operators, by names."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt import facts
from mldebt.link.access import class_attribute
from mldebt.link.defined import Defined, alias_of, tasks_made
from mldebt.link.machine import Machine
from mldebt.link.task_values import Standing
from mldebt.link.values import Alt, Code, Deferred, Instance, Place, Record, Sequence, Value
from mldebt.rows import Row
from mldebt.slots import Slot

MOST_ORDERS = 5000


@dataclass(frozen=True, slots=True)
class Order:
    """One task runs before another, and where that is said. `data`: what the first gives is handed to the second;
    `ordered`: it is said which comes first, not only what is handed on."""

    first: Defined
    then: Defined
    at: Place
    data: bool = False
    ordered: bool = True


@dataclass(frozen=True, slots=True)
class _Said:
    """Where an order is said: its place and unit. `paired`: of tasks that a loop makes each has its partner."""

    at: Place
    unit: int
    paired: bool = False


def task_orders(machine: Machine, tasks: tuple[Defined, ...]) -> tuple[Order, ...]:
    """Every pair of tasks of which the code says that the first comes before the second, each place once."""
    if not tasks:
        return ()
    standing = Standing(machine, tasks)
    found: dict[Order, None] = {}
    for unit in _units(machine, tasks):
        found.update(dict.fromkeys(_said_in(machine, standing, unit)))
    found.update(dict.fromkeys(_by_parameters(machine, tasks)))
    found.update(dict.fromkeys(_by_methods(machine, tasks)))
    found.update(dict.fromkeys(_by_fields(machine, tasks)))
    found.update(dict.fromkeys(_by_lists(machine, tasks)))
    return tuple(found)[:MOST_ORDERS]


def _units(machine: Machine, tasks: tuple[Defined, ...]) -> list[int]:
    """The units that may say in which order tasks run: those that make them, those that import such a file, and
    those with a call that orders tasks."""
    units = {one.home for one in tasks} | {machine.program.unit_at(place) for one in tasks for place in one.chain}
    files = {machine.program.file_of[unit] for unit in units}
    importing = {other for file in files for other in machine.noted.imported.get(file, ())}
    units |= {machine.program.module_unit(file) for file in importing}
    said = (place for place, rows in machine.noted.meant.items() if any(row.orders or row.pulls for row in rows))
    units |= {machine.program.unit_at(place) for place in said}
    return sorted(unit for unit in units if unit >= 0)


def _said_in(machine: Machine, standing: Standing, unit: int) -> Iterator[Order]:
    steps, file = standing.steps(unit), machine.program.file_of[unit]
    looped = 0
    for index, step in enumerate(steps):
        looped = max(looped, step.end_step) if isinstance(step, facts.Loop) else looped
        said = _Said((file, step.start, step.end), unit, index < looped)
        if isinstance(step, facts.Binary) and step.operator in (">>", "<<"):
            sides = (step.left, step.right) if step.operator == ">>" else (step.right, step.left)
            first, then = (standing.of(unit, side) for side in sides)
            yield from _paired(first, then, said)
        elif isinstance(step, facts.Call):
            yield from _by_call(machine, standing, step, said)
        elif isinstance(step, facts.Define):
            yield from _by_decorators(machine, standing, unit, step)


def _by_call(machine: Machine, standing: Standing, step: facts.Call, said: _Said) -> Iterator[Order]:
    """What is passed to a task comes before it; some calls say nothing but the order."""
    unit = said.unit
    for task in standing.made_at(said.at):
        waits = {value for slot in task.tasking.after for value in numbers_in(step, slot)}
        behind = {value for slot in task.tasking.before for value in numbers_in(step, slot)}
        for value in sorted(behind):
            yield from _paired((task,), standing.of(unit, value, task.chain), said)
        for argument in (one for one in step.arguments if one.value not in behind):
            before = standing.of(unit, argument.value, task.chain)
            yield from _paired(before, (task,), said, data=argument.value not in waits)
        for value in sorted(waits):
            yield from _paired(standing.named(unit, value, task.family), (task,), said)
        if isinstance(method := standing.steps(unit)[step.callee], facts.Attribute):
            yield from _paired(standing.of(unit, method.base, task.chain), (task,), said, data=True)
    for row in machine.noted.meant.get(said.at, ()):
        yield from _by_row(standing, step, row, said)
        for value in (value for slot in row.pulls for value in numbers_in(step, slot)):
            yield from _pulled(standing, value, said)


def _by_row(standing: Standing, step: facts.Call, row: Row, said: _Said) -> Iterator[Order]:
    """A call that puts tasks in order: those of each slot before those of the next, and where there is one
    slot, each thing in it before the next."""
    unit = said.unit
    groups = [_in_slot(standing, unit, step, slot) for slot in row.orders]
    if len(row.orders) == 1:
        groups = [standing.of(unit, value) for value in standing.unpacked(unit, numbers_in(step, row.orders[0]))]
        said = _Said(said.at, unit, paired=True)
    for first, then in itertools.pairwise(groups):
        yield from _paired(first, then, said)


def _pulled(standing: Standing, value: int, said: _Said) -> Iterator[Order]:
    """What the task around a call gets of others by their names; that says nothing of the order."""
    for then in standing.around(said.unit):
        for first in standing.named(said.unit, value, then.family):
            if first.at[0] == then.at[0] and first != then:
                yield Order(first, then, said.at, data=True, ordered=False)


def _in_slot(standing: Standing, unit: int, step: facts.Call, slot: Slot) -> tuple[Defined, ...]:
    if slot.around:
        return standing.around(unit)
    if slot.receiver:
        method = standing.steps(unit)[step.callee]
        return standing.of(unit, method.base) if isinstance(method, facts.Attribute) else ()
    found = [task for value in numbers_in(step, slot) for task in standing.of(unit, value)]
    return tuple(dict.fromkeys(found))


def _by_decorators(machine: Machine, standing: Standing, unit: int, step: facts.Define) -> Iterator[Order]:
    """Tasks that the decorator of another names."""
    file = machine.program.file_of[unit]
    inner = machine.unit_of(file, step.unit)
    slots = [slot for _, tasking in tasks_made(machine, inner) for slot in tasking.after]
    for task in standing.around(inner) if slots else ():
        for called in (standing.steps(unit)[index] for index in step.decorators):
            if isinstance(called, facts.Call):
                said = _Said((file, called.start, called.end), unit)
                for value in (value for slot in slots for value in numbers_in(called, slot)):
                    before = (*standing.of(unit, value), *standing.named(unit, value, task.family))
                    yield from _paired(before, (task,), said)


def _by_parameters(machine: Machine, tasks: tuple[Defined, ...]) -> Iterator[Order]:
    """Tasks whose parameters are called as the tasks whose results they get."""
    named: dict[str, list[Defined]] = defaultdict(list)
    for task in tasks:
        for name in (task.name, *task.also) if task.tasking.parameters else ():
            named[name].append(task)
    for then in (task for task in tasks if task.tasking.parameters and task.unit >= 0):
        for parameter in machine.info(then.unit).parameters:
            place = (machine.program.file_of[then.unit], parameter.start, parameter.end)
            before = named.get(alias_of(then.given, then.tasking, parameter.name), ())
            yield from _paired(before, (then,), _Said(place, then.unit), data=True)


def _by_fields(machine: Machine, tasks: tuple[Defined, ...]) -> Iterator[Order]:
    """Methods of one object that is carried from step to step: what one stores another finds there. They say
    nothing of the order."""
    methods = {task.unit: task for task in tasks if task.tasking.fields}
    for (owner, name), values in machine.fields.items():
        users = [methods[unit] for unit in sorted(machine.noted.own.get((owner, name), ())) if unit in methods]
        stores = dict.fromkeys(methods[unit] for _, unit in values if unit in methods)
        pairs = [(one, other) for one in stores for other in users if one != other]
        yield from (Order(one, other, other.at, data=True, ordered=False) for one, other in pairs)


def _by_lists(machine: Machine, tasks: tuple[Defined, ...]) -> Iterator[Order]:
    """Tasks that a settings file lists by name, with the names of those before each."""
    for listed in dict.fromkeys(task.tasking.listed for task in tasks if len(task.tasking.listed) == 3):
        named = {task.name: task for task in tasks if task.tasking.listed == listed}
        for file, facts_of_file in enumerate(machine.program.facts):
            entries: dict[str, str] = {}
            needs: list[tuple[str, str, Place]] = []
            for one in facts_of_file.settings:
                if one.key[:1] == listed[:1] and len(one.key) >= 3 and one.value:
                    if one.key[2] == listed[1] and len(one.key) == 3:
                        entries[one.key[1]] = one.value
                    elif one.key[2] == listed[2] and len(one.key) == 4:
                        needs.append((one.value, one.key[1], (file, one.start, one.end)))
            for before, entry, place in needs:
                first, then = named.get(before), named.get(entries.get(entry, ""))
                if first is not None and then is not None and first is not then:
                    yield Order(first, then, place, data=True)


def _by_methods(machine: Machine, tasks: tuple[Defined, ...]) -> Iterator[Order]:
    """Classes with a method that gives the objects of the classes that come before."""
    of_class = {task.unit: task for task in tasks if task.tasking.needs}
    for unit, task in of_class.items():
        for name in task.tasking.needs:
            method = class_attribute(machine, unit, name, unit)
            if isinstance(method, Code) and machine.info(method.unit).kind == "function":
                for instance in _instances(machine.interpret(method.unit).returns):
                    first = of_class.get(instance.unit)
                    if first is not None and first is not task:
                        yield Order(first, task, instance.place, data=True)


def _instances(value: Value, depth: int = 0) -> Iterator[Instance]:
    if isinstance(value, Instance):
        yield value
    parts: tuple[Value, ...] = ()
    if isinstance(value, (Sequence, Record)):
        parts = value.items
    elif isinstance(value, Alt):
        parts = value.values
    elif isinstance(value, Deferred):
        parts = value.operands
    for part in parts if depth < 4 else ():
        yield from _instances(part, depth + 1)


def _paired(firsts: Iterable[Defined], thens: Iterable[Defined], said: _Said, *, data: bool = False) -> Iterator[Order]:
    """Each with each; of as many tasks that one call in a loop makes on either side, each with its partner."""
    for one in _grouped(firsts):
        for other in _grouped(thens):
            alike = said.paired and len(one) == len(other) > 1
            pairs = zip(one, other, strict=True) if alike else itertools.product(one, other)
            yield from (Order(a, b, said.at, data) for a, b in pairs if a is not b and _in_one_context(a, b, said))


def _grouped(tasks: Iterable[Defined]) -> list[list[Defined]]:
    found: dict[Place, list[Defined]] = defaultdict(list)
    for task in dict.fromkeys(tasks):
        found[task.at].append(task)
    return list(found.values())


def _in_one_context(one: Defined, other: Defined, said: _Said) -> bool:
    """Whether two tasks that one unit makes and orders are made by the same call of it."""
    return not one.home == other.home == said.unit or one.chain == other.chain


def numbers_in(step: facts.Call, slot: Slot) -> list[int]:
    """The numbers of the values that stand in a slot of a call."""
    positional = [argument.value for argument in step.arguments if argument.name in ("", "*")]
    if slot.rest:
        return positional[slot.position :]
    if slot.keywords:
        return [argument.value for argument in step.arguments if argument.name not in ("", "*")]
    named = [argument.value for argument in step.arguments if slot.keyword and argument.name == slot.keyword]
    return named or ([positional[slot.position]] if 0 <= slot.position < len(positional) else [])
