"""The names of columns that keys and arguments say, as far as they are known."""

from __future__ import annotations

from collections import defaultdict

from mldebt import facts
from mldebt.link.keys import names_told
from mldebt.link.liveness import Flow
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import (
    Alt,
    Bound,
    Code,
    Derived,
    Event,
    Item,
    Lib,
    Member,
    Place,
    Record,
    Result,
    Scalar,
    Value,
    literal,
)
from mldebt.link.values import Sequence as Listed

_ROWS = (facts.Compare, facts.Slice)
_NO_DATA = (Scalar, Lib, Code, Bound, Result, Derived, Member, Item)


class SaidNames:
    """What the steps of a linking say of columns."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._events: dict[Place, list[Event]] = defaultdict(list)
        for event in machine.happened():
            if event.what in ("select", "call"):
                self._events[event.place].append(event)

    def picks_rows(self, flow: Flow, key: int) -> bool:
        """Whether rows are picked: by a comparison, a slice, conditions joined."""
        step = flow.steps[key]
        if isinstance(step, _ROWS):
            return True
        if isinstance(step, facts.Unary) and step.operator == "~":
            return True
        if isinstance(step, facts.Binary) and step.operator in ("&", "|"):
            return True
        if isinstance(step, facts.Call):
            rows = self._machine.noted.meant.get((flow.file, step.start, step.end), ())
            return bool(rows) and all(row.result[:1] in (("same",), ("column",)) for row in rows)
        return False

    def of_key(self, flow: Flow, key: int, place: Place) -> frozenset[str] | None:
        """The names of columns that a key says, or may say as one of a few in a loop; None where they are not known."""
        step = flow.steps[key]
        if isinstance(step, facts.Element) and isinstance(flow.steps[step.base], facts.Collection):
            step = flow.steps[step.base]
        if isinstance(step, facts.Const):
            return frozenset({step.value}) if isinstance(step.value, str) else None
        if isinstance(step, facts.Collection) and all(isinstance(flow.steps[item], facts.Const) for item in step.items):
            values = [flow.steps[item].value for item in step.items]  # type: ignore[union-attr]
            texts = frozenset(value for value in values if isinstance(value, str))
            return texts if values and len(texts) == len(set(values)) else None
        found: set[str] = set()
        events = [event for event in self._events.get(place, ()) if event.what == "select"]
        for event in events:
            told = names_told(self._machine, dict(event.arguments)["key"])
            names = [literal(item) for item in told.items] if isinstance(told, Listed) and not told.rest else [None]
            if None in names:
                return None
            found.update(name for name in names if name is not None)
        return frozenset(found) if events else None

    def of_call(self, place: Place) -> frozenset[str] | None:
        """All texts that the arguments of a call hold; None where some are not known."""
        found: set[str] = set()
        events = [event for event in self._events.get(place, ()) if event.what == "call"]
        for event in events:
            for _, value in event.arguments:
                said = _said(value)
                if said is None:
                    return None
                found |= said
        return frozenset(found) if events else None


def _said(value: Value) -> frozenset[str] | None:
    """The texts in a value; None where it may hold others."""
    text = literal(value)
    if text is not None:
        return frozenset({text})
    if isinstance(value, (Listed, Record)) and not value.rest:
        keys = value.keys if isinstance(value, Record) else ()
        parts = [_said(part) for part in (*value.items, *keys)]
        return None if None in parts else frozenset().union(*(part for part in parts if part is not None))
    if isinstance(value, Alt):
        parts = [_said(part) for part in value.values]
        return None if None in parts else frozenset().union(*(part for part in parts if part is not None))
    return frozenset() if isinstance(value, _NO_DATA) else None


def constants(flow: Flow, call: facts.Call) -> frozenset[str] | None:
    """The texts in the arguments of a call as they are written; None where a name stands for what is not known."""
    found: set[str] = set()
    todo = [argument.value for argument in call.arguments]
    while todo:
        step = flow.steps[todo.pop()]
        if isinstance(step, facts.Const):
            found.update([step.value] if isinstance(step.value, str) else ())
        elif isinstance(step, (facts.Collection, facts.Unary, facts.Binary, facts.Compare)):
            todo += operands(step)
        elif isinstance(step, (facts.Load, facts.Phi, facts.Param, facts.Element, facts.Template, facts.Define)):
            return None
    return frozenset(found)


def says(flow: Flow, index: int, name: str) -> bool:
    """Whether an expression holds a name as a text."""
    todo, seen = [index], set[int]()
    while todo:
        number = todo.pop()
        step = flow.steps[number]
        if isinstance(step, facts.Const) and step.value == name:
            return True
        if number not in seen:
            seen.add(number)
            todo += operands(step)
    return False
