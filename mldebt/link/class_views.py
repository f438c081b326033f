"""Classes by which a service answers: a framework calls their methods, and no decorator says so."""

from __future__ import annotations

from mldebt.link.kinds import library_bases
from mldebt.link.machine import Machine, Made


def note_class_views(machine: Machine) -> None:
    """Notes what the methods of classes are whose library base answers with them."""
    for unit in range(len(machine.program.units)):
        owner = machine.program.parent(unit)
        if machine.info(unit).kind == "function" and owner >= 0 and machine.info(owner).kind == "class":
            bases = library_bases(machine, owner)
            what = machine.catalogue.method_made(bases, machine.info(unit).name) if bases else ""
            if what:
                place = (machine.program.file_of[unit], machine.info(unit).start, machine.info(unit).end)
                machine.made.setdefault(unit, []).append(Made(what, bases[0], (), place, place))
