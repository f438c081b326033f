"""What a pipeline hands its tasks: data sets by their names, read before a function is called and written behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mldebt.link.access import item, part_of_result
from mldebt.link.catalogued import parameter
from mldebt.link.defined import unit_of
from mldebt.link.kinds import kind_made_by
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.slots import argument
from mldebt.link.values import Alt, Bound, Code, Event, Place, Record, Result, Scalar, Sequence, Text, Value, literal
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.tasking import Tasking

if TYPE_CHECKING:
    from mldebt.link.calling import Site


def call_task(
    machine: Machine, frame: Frame, row: Row, function: Value | None, arguments: Arguments, site: Site
) -> None:
    """Calls the function of a task with what the task passes or is handed, and keeps what it gives."""
    from mldebt.link.calling import call  # calling applies rows

    tasking = row.task
    if tasking is None or not isinstance(function, (Code, Bound)):
        return
    given = tuple(_passed(tasking, arguments))
    if tasking.hands:
        given = tuple(_taken(machine, frame, row, function, arguments, site))
    returned = call(machine, frame, function, given, site)
    if tasking.hands:
        for slot in tasking.gives:
            _keep(machine, frame, row, argument(arguments, slot), returned, site)


def _passed(tasking: Tasking, arguments: Arguments) -> Iterator[tuple[str, Value]]:
    """Lists become positional arguments, dictionaries keywords."""
    for slot in tasking.passes:
        value = argument(arguments, slot)
        if value is not None:
            yield "**" if isinstance(value, Record) else "*", value


def _taken(
    machine: Machine, frame: Frame, row: Row, function: Value, arguments: Arguments, site: Site
) -> Iterator[tuple[str, Value]]:
    """The data sets that a task takes, as arguments of its function."""
    unit = unit_of(function)
    parameters = machine.info(unit).parameters
    for slot in row.task.takes if row.task is not None else ():
        value = argument(arguments, slot)
        keys = [literal(key) or "" for key in value.keys] if isinstance(value, Record) else []
        for index, one in enumerate(names_in(value)):
            keyword = keys[index] if keys else ""
            at = next((i for i, p in enumerate(parameters) if p.name == keyword), -1) if keyword else index
            notes = machine.annotations.get(unit, ())
            note = notes[at] if 0 <= at < len(notes) else None
            yield keyword, _read(machine, frame, row, one, "" if note is None else kind_made_by(machine, note), site)


def _read(machine: Machine, frame: Frame, row: Row, name: Value, kind: str, site: Site) -> Value:
    assert row.task is not None
    spelled = literal(name)
    if spelled is not None and (setting := row.task.setting(spelled)) is not None:
        known = parameter(machine, "" if setting == spelled else setting, _place(name, site), site.place)
        return known or machine.pool.setting("config", setting, None, site.place)
    event = _event(machine, frame, row, Role.READ, (("", name),), site)
    return machine.pool.result(event, kind)


def _keep(machine: Machine, frame: Frame, row: Row, names: Value | None, returned: Value, site: Site) -> None:
    """What a function returns, under the names of its data sets: one name for the whole, several for its parts."""
    if isinstance(names, Record):
        for key, name in zip(names.keys, names.items, strict=True):
            _event(machine, frame, row, Role.WRITE, (("", name), ("", item(machine, returned, key))), site)
    elif isinstance(names, Sequence):
        for index, name in enumerate(names.items):
            part = _part(machine, returned, index) if len(names.items) > 1 else returned
            _event(machine, frame, row, Role.WRITE, (("", name), ("", part)), site)
    elif isinstance(names, Text):
        _event(machine, frame, row, Role.WRITE, (("", names), ("", returned)), site)


def _part(machine: Machine, returned: Value, index: int) -> Value:
    if isinstance(returned, Result):
        return part_of_result(machine, returned, index)
    return item(machine, returned, machine.pool.scalar(index))


def _event(machine: Machine, frame: Frame, row: Row, role: Role, arguments: Arguments, site: Site) -> Event:
    event = machine.pool.event(
        Event(
            open=any(value.open for _, value in arguments),
            what="call",
            row=machine.handing(row, role),
            callee=row.names[0],
            place=_place(arguments[0][1], site),
            unit=site.unit,
            receiver=None,
            arguments=arguments,
            chain=site.chain,
            guards=tuple(frame.guards),
            sure=True,
        )
    )
    machine.named.setdefault(event, literal(arguments[0][1]) or row.names[0])
    machine.emit(frame, event)
    return event


def _place(name: Value, site: Site) -> Place:
    """Where the name stands, if that is in the call itself."""
    for file, start, end in name.places if isinstance(name, Text) else ():
        if file == site.place[0] and site.place[1] <= start and end <= site.place[2]:
            return file, start, end
    return site.place


def names_in(value: Value | None) -> tuple[Value, ...]:
    """The names in a value that names one data set or several."""
    if isinstance(value, (Sequence, Record)):
        return value.items
    if isinstance(value, Alt):
        return tuple(one for part in value.values for one in names_in(part))
    return () if value is None or isinstance(value, Scalar) else (value,)
