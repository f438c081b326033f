"""What tasks of code declare to take and to give: artifacts, under the names that accesses have too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.link.access import class_attribute
from mldebt.link.accesses import nameless
from mldebt.link.catalogued import places_of_name
from mldebt.link.defined import Defined
from mldebt.link.filling import Filler
from mldebt.link.handing import names_in
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.places import Location, locations_of
from mldebt.link.portrait import shown
from mldebt.link.slots import argument
from mldebt.link.spaces import Namespaces
from mldebt.link.supplied import own_instance
from mldebt.link.task_order import Order
from mldebt.link.values import Code, Item, Place, Text, Value, literal
from mldebt.roles import Store
from mldebt.tasking import Tasking

_FIELDS_OF_A_CLOCK = (5, 6)


@dataclass(frozen=True, slots=True)
class Port:
    """An artifact that a task declares to take (`slot` in) or to give (out), and where it says so."""

    task: Defined
    slot: str
    key: str
    name: str
    at: Place


def ports(machine: Machine, tasks: tuple[Defined, ...]) -> tuple[Port, ...]:
    """All that tasks declare, each once."""
    spaces = Namespaces(machine)
    found = [port for task in tasks for slot in ("in", "out") for port in _of_task(machine, spaces, task, slot)]
    return tuple(dict.fromkeys(found))


def started(machine: Machine, tasks: tuple[Defined, ...], orders: tuple[Order, ...]) -> Iterator[Order]:
    """A task that starts another pipeline by its name comes before the first tasks of that."""
    behind = {order.then for order in orders if order.ordered}
    holders = [(_called(tasking, given), inside) for tasking, given, inside in _holders(machine, tasks)]
    for task in tasks:
        slot = task.tasking.starts
        wanted = argument(task.given, slot) if slot is not None else None
        name = "" if wanted is None else literal(wanted)
        for held, inside in holders if name else ():
            yield from (Order(task, one, task.at) for one in inside if held == name and one not in behind)


def _called(tasking: Tasking, given: Arguments) -> str | None:
    name = None if tasking.name is None else argument(given, tasking.name)
    return None if name is None else literal(name)


def enclosing_ports(machine: Machine, tasks: tuple[Defined, ...], orders: tuple[Order, ...]) -> tuple[Port, ...]:
    """What the holders of tasks take: their first tasks take it."""
    behind = {order.then for order in orders if order.ordered}
    found: list[Port] = []
    for tasking, given, inside in _holders(machine, tasks):
        values = [value for slot in tasking.takes for value in names_in(argument(given, slot)) if not _is_time(value)]
        for task in inside:
            if task not in behind:
                found += [port for value in values for port in _located(machine, task, value, tasking, "in")]
    return tuple(dict.fromkeys(found))


def _is_time(value: Value) -> bool:
    """Whether a text says when something runs: fields of a clock, or a word for them."""
    said = literal(value) or ""
    return said.startswith("@") or len(said.split()) in _FIELDS_OF_A_CLOCK


def _holders(machine: Machine, tasks: tuple[Defined, ...]) -> Iterator[tuple[Tasking, Arguments, tuple[Defined, ...]]]:
    """What holds tasks, with the arguments of its definition and the tasks."""
    for unit in sorted(machine.made):
        for made in machine.made[unit]:
            tasking = machine.catalogue.taskings.get(made.callee)
            if tasking is not None and tasking.encloses:
                yield tasking, made.arguments, tuple(task for task in tasks if task.home == unit)
    events = [event for event in machine.happened() if event.row is not None and event.row.task is not None]
    holding = sorted((event for event in events if event.row.task.encloses), key=lambda event: event.place)  # type: ignore[union-attr]
    for number, event in enumerate(holding):
        last = next((one.place[1] for one in holding[number + 1 :] if one.unit == event.unit), -1)
        assert event.row is not None and event.row.task is not None
        own = [task for task in tasks if task.home == event.unit and task.at[0] == event.place[0]]
        inside = [task for task in own if task.at[1] > event.place[1] and (last < 0 or task.at[1] < last)]
        yield event.row.task, event.arguments, tuple(inside)


def orders_by_name(found: tuple[Port, ...]) -> Iterator[Order]:
    """A task that takes what another gives comes behind it. What whole libraries call by different names is one
    artifact as soon as its key is one."""
    giving: dict[str, list[Port]] = defaultdict(list)
    for port in found:
        if port.slot == "out":
            giving[port.key].append(port)
    for port in found:
        for source in giving.get(port.key, ()) if port.slot == "in" else ():
            if source.task != port.task:
                yield Order(source.task, port.task, port.at, data=True)


def _of_task(machine: Machine, spaces: Namespaces, task: Defined, slot: str) -> Iterator[Port]:
    tasking = task.tasking
    for value in _made(machine, task) if slot == "out" else ():
        yield from _located(machine, task, value, tasking, slot)
    for one in tasking.takes if slot == "in" else tasking.gives:
        for value in names_in(argument(task.given, one)):
            if not tasking.hands:
                yield from _located(machine, task, value, tasking, slot)
            elif (name := literal(value)) is None or tasking.setting(name) is None:
                yield from _by_name(machine, spaces, task, value, slot)


def _by_name(machine: Machine, spaces: Namespaces, task: Defined, value: Value, slot: str) -> Iterator[Port]:
    named = Location(task.tasking.store, "global", shown(machine, value), literal(value) is not None)
    found = places_of_name(machine, spaces, task.event, named) if task.event is not None else (named,)
    for location in found:
        yield Port(task, slot, key_of(location), location.path, _place(value, (), task))


def _located(machine: Machine, task: Defined, value: Value, tasking: Tasking, slot: str) -> Iterator[Port]:
    whole = value.base if isinstance(value, Item) else value  # some features of a view
    for location in locations_of(machine, whole, tasking.store):
        yield Port(task, slot, key_of(location), location.path, _place(value, location.places, task))


def _made(machine: Machine, task: Defined) -> tuple[Value, ...]:
    """What the methods of a class say that it writes."""
    found: list[Value] = []
    for name in task.tasking.outputs:
        method = class_attribute(machine, task.unit, name, task.unit)
        if isinstance(method, Code) and machine.info(method.unit).kind == "function":
            frame = Frame(method.unit, machine.program.file_of[method.unit], (), [])
            owner: Value = own_instance(machine, task.unit)
            filler = Filler(machine, frame, {(method.unit, 0): owner}, None, final=True)
            found += names_in(filler.fill(machine.interpret(method.unit).returns))
    return tuple(found)


def key_of(location: Location) -> str:
    """The name under which equal artifacts are one; a relative path begins at the top."""
    if location.store is not Store.FILE:
        key = f"{location.store.value}:{nameless(location.path)}"
        return key.lower() if location.store is Store.TABLE else key
    if location.anchor in ("relative", "repository"):
        return f"file:{nameless(location.path)}"
    return f"file:{location.anchor}:{nameless(location.path)}"


def _place(value: Value, places: tuple[Place, ...], task: Defined) -> Place:
    """Where the name stands in the definition of the task, else the task."""
    file, start, end = task.at
    for place in (*(value.places if isinstance(value, Text) else ()), *places):
        if place[0] == file and start <= place[1] and place[2] <= end:
            return place
    return task.at
