"""In which order rows are put: the columns of time by which a function sorts them before it sets some apart."""

from __future__ import annotations

from mldebt import facts
from mldebt.link.machine import Machine
from mldebt.link.timing import ORDERED, is_of_time
from mldebt.link.values import Event

_BY = ("", "by")


class Orders:
    """The sorts of the units of one linking."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._by_unit: dict[int, tuple[tuple[int, str], ...]] = {}

    def before(self, event: Event) -> list[str]:
        """The columns of time by which the function of an event has put rows in order when it happens."""
        if event.unit not in self._by_unit:
            self._by_unit[event.unit] = tuple(self._sorts(event.unit))
        return sorted({column for end, column in self._by_unit[event.unit] if end <= event.place[1]})

    def _sorts(self, unit: int) -> list[tuple[int, str]]:
        steps, file = self._machine.program.body(unit), self._machine.program.file_of[unit]
        meant = self._machine.noted.meant
        return [
            (step.end, column)
            for step in steps
            if isinstance(step, facts.Call)
            and any(ORDERED in row.traits for row in meant.get((file, step.start, step.end), ()))
            for column in _columns(steps, step)
            if is_of_time(column)
        ]


def _columns(steps: tuple[facts.Step, ...], call: facts.Call) -> list[str]:
    """The names by which a call sorts, as far as they are written there."""
    given = [steps[argument.value] for argument in call.arguments if argument.name in _BY]
    parts = [steps[at] for step in given if isinstance(step, facts.Collection) for at in step.items]
    return [step.value for step in (*given, *parts) if isinstance(step, facts.Const) and isinstance(step.value, str)]
