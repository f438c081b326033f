"""What tasks of a pipeline install where they run: the requirements that code gives the decorator of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.declarations import Requirement
from mldebt.extract.requirement import standard
from mldebt.link.defined import tasks_made
from mldebt.link.machine import Machine
from mldebt.link.slots import argument
from mldebt.link.values import Alt, Sequence, Text, Value, literal


def task_packages(machine: Machine) -> dict[int, tuple[Requirement, ...]]:
    """The requirements of tasks, by the file that spells them; each package of a file once, where it stands first."""
    found: dict[int, dict[str, Requirement]] = defaultdict(dict)
    for unit in sorted(machine.made):
        for made, tasking in tasks_made(machine, unit):
            given = argument(made.arguments, tasking.installs) if tasking.installs else None
            for file, one in _asked(given):
                found[file].setdefault(one.name.lower(), one)
    return {file: tuple(sorted(ones.values(), key=lambda one: one.start)) for file, ones in sorted(found.items())}


def _asked(value: Value | None) -> Iterator[tuple[int, Requirement]]:
    if isinstance(value, (Sequence, Alt)):
        for part in value.items if isinstance(value, Sequence) else value.values:
            yield from _asked(part)
    elif isinstance(value, Text) and value.places and value.places[0][0] >= 0 and (said := literal(value)):
        file, start, end = value.places[0]
        one = standard(said, start, end)
        if one is not None:
            yield file, one
