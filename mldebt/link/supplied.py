"""What a pipeline gives the parameters of tasks that no code calls: what other tasks return, or their objects."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.link.defined import alias_of, joined, names_of, tasks_made
from mldebt.link.filling import Filler
from mldebt.link.machine import Frame, Machine, Made
from mldebt.link.values import Instance, Unknown, Value
from mldebt.tasking import Tasking

Binding = dict[tuple[int, int], Value]


class Supplied:
    """The values of parameters that are called as the tasks whose results they get."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._named: dict[str, int] = {}
        self._values: dict[int, Value | None] = {}
        for unit in sorted(machine.made):
            for made, tasking in tasks_made(machine, unit):
                if tasking.once and tasking.parameters:
                    self._named.update(dict.fromkeys(names_of(machine, unit, made, tasking), unit))

    def binding(self, unit: int) -> Binding:
        """All that is known of a unit's parameters when nobody here calls it."""
        bound = self._own_instance(unit)
        for made, tasking in tasks_made(self._machine, unit):
            if tasking.parameters:
                bound.update(self._by_name(unit, made, tasking))
        return bound

    def _by_name(self, unit: int, made: Made, tasking: Tasking) -> Iterator[tuple[tuple[int, int], Value]]:
        for index, parameter in enumerate(self._machine.info(unit).parameters):
            giver = self._named.get(alias_of(made.arguments, tasking, parameter.name), unit)
            value = self._returned(giver) if giver != unit else None
            if value is not None:
                yield (unit, index), value

    def _returned(self, unit: int) -> Value | None:
        """What a task gives; None where that is not followed."""
        if unit not in self._values:
            self._values[unit] = None  # tasks in a circle give nothing
            machine = self._machine
            summary = machine.interpret(unit)
            frame = Frame(unit, machine.program.file_of[unit], (), [])
            value = Filler(machine, frame, self.binding(unit), None, final=True).fill(summary.returns)
            known = value is not machine.pool.none and not isinstance(value, Unknown)
            self._values[unit] = value if known else None
        return self._values[unit]

    def _own_instance(self, unit: int) -> Binding:
        """A method nobody calls here is called by a framework: on an object made with defaults."""
        machine, owner = self._machine, self._machine.program.parent(unit)
        if owner < 0 or machine.info(owner).kind != "class" or not machine.info(unit).parameters:
            return {}
        instance = own_instance(machine, owner)
        return {(unit, 0): instance, **joined(machine, unit, instance)}


def own_instance(machine: Machine, owner: int) -> Instance:
    """The object of a class that a framework makes."""
    info = machine.info(owner)
    return machine.pool.instance(owner, (), (machine.program.file_of[owner], info.start, info.end))
