"""Which code does ML work: the steps with a role, and the units in which they stand."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt.link.machine import Machine
from mldebt.link.remarks import is_ml
from mldebt.link.values import Event


def ml_events(machine: Machine) -> list[Event]:
    """The steps of ML work that happen, or would if somebody called what they stand in."""
    events: dict[Event, None] = dict(machine.ground)
    for summary in machine.summaries.values():
        events.update((effect, None) for effect in summary.effects if isinstance(effect, Event))
    return [event for event in events if event.unit >= 0 and is_ml(event)]


def ml_units(machine: Machine, events: Iterable[Event]) -> set[int]:
    """Units whose own code holds steps with a role, with the units around them."""
    found: set[int] = set()
    for event in events:
        unit = event.unit
        while unit >= 0 and unit not in found:
            found.add(unit)
            kind = machine.info(unit).kind
            unit = machine.program.parent(unit)
            if kind in ("function", "class") and unit >= 0 and machine.info(unit).kind == "module":
                break  # what a function does is not what its module does
    return found
