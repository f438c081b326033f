"""What calls are told of columns: those that go into and come out of the parts of a model, its label, and how a join
calls those of which both tables have one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from mldebt.graph.composed import GIVES, LABEL, PICKS
from mldebt.graph.ways import SIDES
from mldebt.link.keys import as_list, name_told, names_told
from mldebt.link.machine import Machine
from mldebt.link.slots import argument, arguments_of
from mldebt.link.values import Event, Sequence, Value, literal
from mldebt.slots import Slot
from mldebt.tabling import Tabling

_DROPPED = "drop"


def composed(machine: Machine, event: Event) -> list[str]:
    """The traits of what is made: nothing where some of the columns that go in are not known by name."""
    traits: list[str] = []
    for tabling in event.row.columns if event.row is not None else ():
        picked = [name for value in _picked(event, machine, tabling) for name in _names(machine, value)]
        if picked and None not in picked:
            traits += [f"{PICKS}{name}" for name in picked]
        traits += [f"{GIVES}{name}" for slot in tabling.gives for name in _said(machine, event, slot) if name]
        traits += [f"{LABEL}{name}" for name in _said(machine, event, tabling.label) if name]
        ends = _ends(machine, event, tabling)
        traits += [f"{side}{end}" for side, end in zip(SIDES, ends, strict=False) if end]
    return traits


def _ends(machine: Machine, event: Event, tabling: Tabling) -> tuple[str | None, ...]:
    """What the names of columns end in that come of the first and of the second of two tables."""
    given = [_said(machine, event, slot) for slot in tabling.suffixes]
    if len(given) == 1 and given[0]:
        return tuple(given[0][-2:]) if len(given[0]) > 1 else ("", given[0][0])
    return tuple(said[0] if said else end for said, end in zip_longest(given, tabling.ends))


def _picked(event: Event, machine: Machine, tabling: Tabling) -> Iterator[Value]:
    """The lists of columns: what stands in the slots, or a part of each thing in the list that stands there."""
    for slot in tabling.picks:
        for value in arguments_of(event.arguments, slot):
            if tabling.part < 0:
                yield value
                continue
            listed = as_list(machine, value)
            parts = listed.items if isinstance(listed, Sequence) and listed.kind != "tuple" else (listed,)
            if isinstance(listed, Sequence) and listed.rest:
                yield machine.pool.unknown
            for one in parts:
                known = isinstance(one, Sequence) and not one.rest and len(one.items) > tabling.part
                if not known or not isinstance(one, Sequence):
                    yield machine.pool.unknown
                elif not any(literal(said) == _DROPPED for said in one.items[: tabling.part]):
                    yield one.items[tabling.part]


def _names(machine: Machine, value: Value) -> Iterator[str | None]:
    """The names that a value says, None for what is not known."""
    told = names_told(machine, value)
    if not isinstance(told, Sequence):
        yield literal(name_told(machine, told))
        return
    yield from (literal(one) for one in told.items)
    if told.rest:
        yield None


def _said(machine: Machine, event: Event, slot: Slot | None) -> list[str | None]:
    value = None if slot is None else argument(event.arguments, slot)
    return [] if value is None else list(_names(machine, value))
