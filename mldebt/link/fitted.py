"""What an object is behind a method of it that learns, or changes it in place: the fitted or changed one, also where
only a caller knows the object."""

from __future__ import annotations

from mldebt import facts
from mldebt.facts import NONE
from mldebt.link.columns import column_written
from mldebt.link.held import note_changed, note_column
from mldebt.link.kinds import keeping_columns, kind_of
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.slots import chosen, holds
from mldebt.link.values import Alt, Deferred, Member, Place, Result, Value, literal
from mldebt.roles import Role
from mldebt.rows import Row

FITTED = "fitted"
"""The operation that waits for a call to tell what it has made of its receiver."""
CHANGED = "changed"
"""The operation that waits for a call to tell what it has made of its receiver in place, if it does so."""
LEARNS = frozenset({Role.FIT, Role.SEARCH})
CHOOSING = frozenset({"all-but", "by-type", "listed"})
ITSELF = -2
"""The part of a `fit_transform` that is the fitted transformer and not the rows."""


def learn(frame: Frame, at: int, value: Value) -> None:
    """From here on a step has the value of what was fitted in place."""
    frame.learned.append((at, frame.values[at]))
    frame.values[at] = value


def is_fitted(value: Value) -> bool:
    """Whether a value is what some call has fitted, or will have fitted or changed in place."""
    row = value.event.row if isinstance(value, Result) else None
    return (row is not None and row.role in LEARNS) or (isinstance(value, Deferred) and value.op in (FITTED, CHANGED))


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


def await_change(
    machine: Machine, frame: Frame, callee: Value, arguments: Arguments, waiting: Deferred, receiver_at: int
) -> None:
    """What a call that waits is made on is, from here on, whatever the call will have made of it."""
    if not isinstance(callee, Member) or receiver_at == NONE:
        return
    if callee.name in machine.catalogue.learning:
        fits = machine.pool.deferred(FITTED, (waiting, callee.base), waiting.place, waiting.unit)
        learn(frame, receiver_at, fits)
    elif any(holds(row.when, arguments) for row in machine.catalogue.in_place.get(callee.name, ())):
        names, values = (callee.name, *(name for name, _ in arguments)), (value for _, value in arguments)
        operands = (waiting, callee.base, *values)
        changed = machine.pool.deferred(CHANGED, operands, waiting.place, waiting.unit, names)
        learn(frame, receiver_at, changed)
        if not note_changed(machine, callee.base, changed):
            column_changed(machine, frame, waiting.place, receiver_at, changed)


def column_changed(machine: Machine, frame: Frame, place: Place, receiver_at: int, changed: Value) -> None:
    """`table["x"].fillna(0, inplace=True)`: what is changed in place is a column of the table."""
    step = frame.steps[receiver_at]
    if not isinstance(step, (facts.Item, facts.Attribute)):
        return
    base = frame.values[step.base]
    key = frame.values[step.key] if isinstance(step, facts.Item) else machine.pool.text([step.name])
    if literal(key) is not None and _may_be_a_table(machine, base, changed):
        table = column_written(machine, frame, place, base, key, changed, "")
        if table is not None:
            note_column(machine, base, table)
            frame.values[step.base] = table


def changed(machine: Machine, name: str, done: Value, before: Value, arguments: Arguments) -> Value:
    """What an object is behind a call of a method that may change it in place."""
    kind = kind_of(machine, before)
    row = chosen(machine.catalogue.of_method(kind, name), arguments) if kind else None
    in_place = row is not None and any(slot.receiver for slot in row.mutates)
    return changed_by(machine, row, before, arguments, done) if row is not None and in_place else before


def changed_by(machine: Machine, row: Row, receiver: Value, arguments: Arguments, done: Value) -> Value:
    """What a call makes of what it is called on."""
    kind = keeping_columns(kind_of(machine, receiver), row)
    if row.traits & CHOOSING and isinstance(done, Result):
        return machine.pool.result(done.event, kind)  # what is left of the table, and nothing else of it
    return machine.pool.derived(kind, receiver, done, *(value for _, value in arguments))


def _may_be_a_table(machine: Machine, base: Value, changed: Value) -> bool:
    """Whether it is a table, or may be one once it is known what is changed."""
    kind = kind_of(machine, base)
    return kind.startswith("table") or (not kind and isinstance(changed, Deferred))


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
    return machine.pool.result(done.event, kind, ITSELF) if row.role is Role.FIT_TRANSFORM else before
