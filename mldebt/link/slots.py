"""Slots of a row against the arguments of a call."""

from __future__ import annotations

from collections.abc import Sequence as Items

from mldebt.link.values import Event, Lib, Record, Result, Scalar, Sequence, Value, field_of, literal
from mldebt.rows import Row
from mldebt.slots import DEFAULT, LISTED, MAPPING, Condition, Slot

Arguments = tuple[tuple[str, Value], ...]


def expanded(arguments: Arguments) -> Arguments:
    """The arguments with known `*` and `**` unpacked; what may hold more stays beside what is known of it."""
    found: list[tuple[str, Value]] = []
    for name, value in arguments:
        if name == "*" and isinstance(value, Sequence):
            found += [("", item) for item in value.items]
        elif name == "**" and isinstance(value, Record):
            pairs = zip(value.keys, value.items, strict=True)
            found += [(literal(key) or "**", item) for key, item in pairs]
            found += [("**", value)] if value.rest else []
        else:
            found.append((name, value))
    return tuple(found)


def argument(arguments: Arguments, slot: Slot, receiver: Value | None = None) -> Value | None:
    """What stands in a slot; None when nothing does. The key of an object of a library is what it was made with."""
    found = _whole(arguments, slot, receiver)
    if slot.key and isinstance(found, Record):
        return field_of(found, slot.key)
    if slot.key and isinstance(found, Result):
        return dict(found.event.arguments).get(slot.key)
    return found


def _whole(arguments: Arguments, slot: Slot, receiver: Value | None) -> Value | None:
    if slot.receiver:
        return receiver
    if slot.keyword:
        for name, value in arguments:
            if name == slot.keyword:
                return value
    if slot.position >= 0 and not slot.rest:
        positional = [value for name, value in arguments if not name]
        if slot.position < len(positional) and "*" not in (name for name, _ in arguments):
            return positional[slot.position]
    return None


def arguments_of(arguments: Arguments, slot: Slot, receiver: Value | None = None) -> tuple[Value, ...]:
    """Everything that stands in a slot that may hold several things."""
    if slot.rest:
        positional = [value for name, value in arguments if not name or name == "*"]
        return tuple(positional[max(slot.position, 0) :])
    if slot.keywords:
        return tuple(value for name, value in arguments if name and name != "*")
    found = argument(arguments, slot, receiver)
    return () if found is None else (found,)


def chosen(rows: Items[Row], arguments: Arguments) -> Row | None:
    """The first row whose conditions hold; else the first that may hold."""
    if not rows or not rows[0].when:
        return rows[0] if rows else None
    maybe: Row | None = None
    flat = expanded(arguments)
    for row in rows:
        answer = holds(row.when, flat)
        if answer is True:
            return row
        if answer is None and maybe is None:
            maybe = row
    return maybe


def holds(conditions: Items[Condition], arguments: Arguments) -> bool | None:
    """Whether all conditions hold; None where an argument is not known."""
    answers = [_holds(condition, arguments) for condition in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def _holds(condition: Condition, arguments: Arguments) -> bool | None:
    value = argument(arguments, condition.slot)
    if value is None:
        if any(name in ("**", "*") for name, _ in arguments):
            return None
        return DEFAULT in condition.values
    if LISTED in condition.values:
        return isinstance(value, Sequence) and _is_written(value)
    if isinstance(value, Record) and MAPPING in condition.values:
        return not value.rest
    if isinstance(value, Scalar) and value.value is None:
        return DEFAULT in condition.values  # who gives nothing leaves it as it is
    if isinstance(value, Scalar):
        return any(type(known) is type(value.value) and known == value.value for known in condition.values)
    text = value.name.rpartition(".")[2] if isinstance(value, Lib) else literal(value)
    return None if text is None else text in condition.values


def _is_written(value: Value) -> bool:
    """Whether code writes out all that a list, and the lists in it, hold."""
    if isinstance(value, Sequence):
        return not value.rest and all(map(_is_written, value.items))
    return isinstance(value, Scalar) or literal(value) is not None


def slot_values(event: Event, slots: Items[Slot]) -> tuple[Value, ...]:
    """What stands in slots of an event."""
    return tuple(v for slot in slots for v in arguments_of(event.arguments, slot, event.receiver))


