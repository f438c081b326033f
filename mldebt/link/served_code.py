"""What a framework calls to answer requests, and no decorator says so: methods of classes, functions it is handed."""

from __future__ import annotations

from mldebt.link.defined import unit_of
from mldebt.link.kinds import library_bases
from mldebt.link.machine import Machine, Made
from mldebt.link.slots import argument
from mldebt.roles import Role

_ENDPOINT = "endpoint"
PAGE = "page"
"""The trait of calls that show a person something on a page: an answer, and no trace of it."""


def note_served_code(machine: Machine) -> None:
    """Notes what the methods of classes are whose library base answers with them, and what servers and pages call."""
    for unit in range(len(machine.program.units)):
        owner = machine.program.parent(unit)
        if machine.info(unit).kind == "function" and owner >= 0 and machine.info(owner).kind == "class":
            bases = library_bases(machine, owner)
            what = machine.catalogue.method_made(bases, machine.info(unit).name) if bases else ""
            if what:
                _note(machine, unit, what, bases[0])
    for event in machine.happened():
        row = event.row
        if row is not None and row.role is Role.SERVE and row.callback is not None:
            unit = unit_of(argument(event.arguments, row.callback, event.receiver))
            if unit >= 0 and machine.info(unit).kind == "function":
                _note(machine, unit, _ENDPOINT, event.callee)


def _note(machine: Machine, unit: int, what: str, callee: str) -> None:
    made = machine.made.setdefault(unit, [])
    place = (machine.program.file_of[unit], machine.info(unit).start, machine.info(unit).end)
    if all(one.what != what for one in made):
        made.append(Made(what, callee, (), place, place))


def pages(machine: Machine) -> frozenset[int]:
    """The files whose code shows something on a page."""
    meant = machine.noted.meant.items()
    return frozenset(file for (file, _, _), rows in meant if any(PAGE in row.traits for row in rows))
