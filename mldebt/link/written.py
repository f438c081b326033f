"""What stands in the code, in the words of the code."""

from __future__ import annotations

from collections.abc import Sequence

from mldebt.facts import Attribute, Call, Load, Param, Step
from mldebt.link.machine import Machine
from mldebt.link.values import Place


class Calls:
    """The callees of calls as they are written: `self.net.fit`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._by_unit: dict[int, dict[int, str]] = {}

    def callee(self, place: Place) -> str:
        """The callee of the call at a place; empty where it is more than names and dots."""
        unit = self._machine.program.unit_at(place)
        known = self._by_unit.get(unit)
        if known is None:
            steps = self._machine.program.body(unit)
            heads = ((one.start, steps[one.callee]) for one in steps if isinstance(one, Call) and one.callee >= 0)
            known = {start: dotted(steps, head) for start, head in heads if isinstance(head, Attribute)}
            self._by_unit[unit] = known
        written = known.get(place[1], "")
        return written if "." in written else ""


def dotted(steps: Sequence[Step], step: Attribute) -> str:
    """Names joined by dots as they are written; what begins with more than a name begins with its last names."""
    base = steps[step.base]
    if isinstance(base, (Load, Param)):
        return f"{base.name}.{step.name}"
    return f"{dotted(steps, base)}.{step.name}" if isinstance(base, Attribute) else step.name
