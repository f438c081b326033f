"""What an object is behind a method of it that learns: the fitted one, also where only a caller knows the object."""

from __future__ import annotations

from mldebt.facts import NONE
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Frame, Machine
from mldebt.link.values import Alt, Deferred, Member, Result, Value
from mldebt.roles import Role

FITTED = "fitted"
"""The operation that waits for a call to tell what it has made of its receiver."""
LEARNS = frozenset({Role.FIT, Role.SEARCH})
_ITSELF = -2
"""The part of a `fit_transform` that is the fitted transformer and not the rows."""


def learn(frame: Frame, at: int, value: Value) -> None:
    """From here on a step has the value of what was fitted in place."""
    frame.learned.append((at, frame.values[at]))
    frame.values[at] = value


def is_fitted(value: Value) -> bool:
    """Whether a value is what some call has fitted, or will have."""
    row = value.event.row if isinstance(value, Result) else None
    return (row is not None and row.role in LEARNS) or (isinstance(value, Deferred) and value.op == FITTED)


def taken_back(frame: Frame, mark: int) -> dict[int, Value]:
    """What one arm of a branch has fitted, by its steps, which have the values before it again: the other arm knows
    nothing of it."""
    found = {at: frame.values[at] for at, _ in frame.learned[mark:]}
    for at, before in reversed(frame.learned[mark:]):
        frame.values[at] = before
    return found


def joined(machine: Machine, frame: Frame, mark: int, then: dict[int, Value], goes_on: tuple[bool, bool]) -> None:
    """Behind a branch a step has what either of its arms has fitted, as far as the code goes on behind that arm."""
    otherwise = taken_back(frame, mark)
    for at in {**then, **otherwise}:
        arms = zip((then, otherwise), goes_on, strict=True)
        known = [arm[at] for arm, counts in arms if counts and at in arm]
        if known:
            frame.values[at] = machine.pool.alt(*known)


def await_fit(machine: Machine, frame: Frame, callee: Value, waiting: Deferred, receiver_at: int) -> None:
    """What a call that waits is made on is, from here on, whatever the call will have made of it."""
    if isinstance(callee, Member) and receiver_at != NONE and callee.name in machine.catalogue.learning:
        operands = (waiting, callee.base)
        learn(frame, receiver_at, machine.pool.deferred(FITTED, operands, waiting.place, waiting.unit))


def fitted(machine: Machine, done: Value, before: Value) -> Value:
    """What an object is behind a call: fitted, if that is what the call was."""
    if isinstance(done, Alt):
        return machine.pool.alt(*(fitted(machine, one, before) for one in done.values))
    row = done.event.row if isinstance(done, Result) else None
    if row is None or not isinstance(done, Result) or done.event.receiver is None:
        return before
    kind = kind_of(machine, done.event.receiver)
    if row.role in LEARNS:
        return machine.pool.result(done.event, kind)
    return machine.pool.result(done.event, kind, _ITSELF) if row.role is Role.FIT_TRANSFORM else before
