"""What is compared with a statistic of rows: by what comes out, each row knows of all the others."""

from __future__ import annotations

from mldebt.link.kinds import kind_of
from mldebt.link.machine import Frame, Machine
from mldebt.link.values import Derived, Event, Place, Result, Scalar, Setting, Value

_METHODS = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
_STATISTIC = "number"
_DATA = ("table", "column", "array")


def with_statistic(
    machine: Machine, frame: Frame, operator: str, left: Value, right: Value, place: Place
) -> tuple[Value, ...]:
    """`x > x.mean()`: what the comparison gives, as made of the statistic. Nothing for numbers that are written out,
    for settings, and for two statistics, which say nothing of a row."""
    one, other = (left, right) if _is_statistic(machine, right) else (right, left)
    plain = isinstance(one, (Scalar, Setting)) or kind_of(machine, one) == _STATISTIC
    if operator not in _METHODS or plain or place[0] < 0 or not _is_statistic(machine, other):
        return ()
    row, *_ = machine.catalogue.of_method(_STATISTIC, _METHODS[operator])
    event = machine.pool.event(Event(
        open=one.open, what="call", row=row, callee=f"{_STATISTIC}.{_METHODS[operator]}", place=place, unit=frame.unit,
        receiver=other, arguments=(("0", one),), chain=(), guards=tuple(frame.guards), sure=True,
    ))  # fmt: skip
    machine.emit(frame, event)
    return (machine.pool.result(event, kind_of(machine, one)),)


def told_by_statistic(machine: Machine, condition: Value) -> tuple[Value, ...]:
    """Of a condition, the comparisons with a statistic: what is chosen by them tells them."""
    callees = {f"{_STATISTIC}.{method}" for method in _METHODS.values()}
    return tuple(
        [one for one in machine.pool.origins(condition) if isinstance(one, Result) and one.event.callee in callees]
    )


def _is_statistic(machine: Machine, value: Value) -> bool:
    known = isinstance(value, Derived) and not value.open and kind_of(machine, value) == _STATISTIC
    return known and any(kind_of(machine, one).partition(".")[0] in _DATA for one in machine.pool.origins(value))
