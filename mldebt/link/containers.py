"""The engine's own operations on dictionaries, lists and what is iterated."""

from __future__ import annotations

from mldebt.link import app_settings, paths
from mldebt.link import keys as settings_keys
from mldebt.link.access import ITERATE, element, elements_of, item
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Machine
from mldebt.link.operation import Operation
from mldebt.link.pool import MOST_ALTERNATIVES
from mldebt.link.settings_modules import held_by_module
from mldebt.link.values import (
    Lib,
    Member,
    Record,
    Scalar,
    Sequence,
    Setting,
    Text,
    Value,
    field_of,
    literal,
    unnamed_items,
)


def opened(machine: Machine, value: Value) -> Value:
    """A value, or the dictionary that a settings file holds there."""
    found = settings_keys.settled(machine, value)
    is_config = isinstance(found, Setting) and found.how == "config"
    return settings_keys.record_of(machine, found) if is_config and isinstance(found, Setting) else value


def dict_get(op: Operation) -> Value:
    """`d.get(key, default)`."""
    operands = op.operands()
    record = settings_keys.settled(op.machine, operands[0]) if operands else op.machine.pool.unknown
    key = operands[1] if len(operands) > 1 else op.machine.pool.unknown
    default = operands[2] if len(operands) > 2 else op.machine.pool.none
    op.machine.noted.spared.update(default.places if isinstance(default, Text) else ())
    if isinstance(record, Setting) and record.how == "config":
        return settings_keys.child(op.machine, record, key, op.site.place, default)
    if isinstance(record, Record):
        wanted = literal(key)
        found = field_of(record, wanted) if wanted is not None else None
        if found is not None:
            return found
        if wanted is not None and not record.rest:
            return default
        return op.machine.pool.alt(*(record.items if wanted is None else unnamed_items(record)), default)
    held = _held(op, record, key)
    if held is None and isinstance(record, Member) and app_settings.keeps(op.machine, record):
        held = app_settings.asked(op.machine, literal(key) or "", op.site.place, default)
    if held is not None:
        return held
    if record.open and not isinstance(record, Lib):
        op.machine.settings.softly.update(key.places if isinstance(key, Text) else ())
        return op.machine.pool.alt(op.machine.pool.item(record, key), default)
    return op.machine.pool.alt(
        op.machine.pool.derived("json" if kind_of(op.machine, record) == "json" else "", record), default
    )


def _held(op: Operation, record: Value, key: Value) -> Value | None:
    """What a module holds that stands behind a name of a library: `getattr(settings, "NAME", default)`."""
    name = literal(key)
    if not isinstance(record, Lib) or name is None:
        return None
    return held_by_module(op.machine, record, name, op.frame.unit)


def dict_update(op: Operation) -> Value:
    """`d.update(other)`; without a receiver, a new dictionary of all that are given."""
    record = None if op.receiver is None else opened(op.machine, op.receiver)
    others = [opened(op.machine, value) for name, value in op.arguments if not name]
    _note_merged(op.machine, [*op.operands()], others)
    if record is None:
        return op.machine.pool.alt(*(value for name, value in op.arguments if not name))
    if isinstance(record, Record):
        keys, items, rest = list(record.keys), list(record.items), record.rest
        for other in others:
            if isinstance(other, Record):
                keys += other.keys
                items += other.items
            else:
                keys.append(op.machine.pool.unknown)
                items.append(other)
                rest = True
        op.change_receiver(op.machine.pool.record(tuple(keys), tuple(items), rest))
    elif record is not None:
        op.change_receiver(op.machine.pool.alt(record, *others))
    return op.machine.pool.none


def _note_merged(machine: Machine, whole: list[Value], others: list[Value]) -> None:
    """A settings file into which something goes that nobody follows may hold any key."""
    known = all(isinstance(other, (Record, Setting)) for other in others)
    for one in whole:
        found = settings_keys.settled(machine, one)
        if isinstance(found, Setting) and found.how == "config" and not known:
            machine.settings.merged.add(found.loaded)


def append(op: Operation) -> Value:
    """`list.append`, `list.extend`, `set.add`. A loop of unknown length may add nothing, or more of the same."""
    receiver, rest = op.receiver, op.frame.loops > 0
    given = [value for name, value in op.arguments if not name]
    if isinstance(receiver, Sequence) and given:
        added = given[-1:]
        if op.row.op == "list.extend":
            found = elements_of(op.machine, given[0])
            added = list(found) if found is not None else given[:1]
        kept = dict.fromkeys((*receiver.items, *added))
        op.change_receiver(op.machine.pool.sequence(receiver.kind, tuple(kept), receiver.rest or rest))
    elif receiver is not None and given:
        op.change_receiver(op.machine.pool.derived(kind_of(op.machine, receiver), receiver, *given))
    return op.machine.pool.none


def items(op: Operation) -> Value:
    """Pairs of a dictionary."""
    record = opened(op.machine, op.first())
    pool = op.machine.pool
    whole = settings_keys.settled(op.machine, op.first())
    if isinstance(whole, Setting) and isinstance(record, Record) and len(record.keys) > MOST_ALTERNATIVES:
        pair = pool.sequence("tuple", (pool.derived("text"), settings_keys.any_of(op.machine, whole)))
        return pool.sequence("list", (pair,), rest=True)
    if isinstance(record, Record):
        pairs = [pool.sequence("tuple", pair) for pair in zip(record.keys, record.items, strict=True)]
        return pool.sequence("list", tuple(pairs), record.rest)
    return op.opaque("")


def rows(op: Operation) -> Value:
    """`for index, row in table.iterrows()`: each row has the columns of the table."""
    pool = op.machine.pool
    row = item(op.machine, op.first(), pool.derived("number"))
    return pool.sequence("list", (pool.sequence("tuple", (pool.unknown, row)),), rest=True)


def keys(op: Operation) -> Value:
    """Keys of a dictionary."""
    record = opened(op.machine, op.first())
    if isinstance(record, Record):
        return op.machine.pool.sequence("list", record.keys, record.rest)
    return op.opaque("")


def values(op: Operation) -> Value:
    """Values of a dictionary."""
    record = opened(op.machine, op.first())
    whole = settings_keys.settled(op.machine, op.first())
    if isinstance(whole, Setting) and isinstance(record, Record) and len(record.keys) > MOST_ALTERNATIVES:
        return op.machine.pool.sequence("list", (settings_keys.any_of(op.machine, whole),), rest=True)
    if isinstance(record, Record):
        return op.machine.pool.sequence("list", record.items, record.rest)
    return op.opaque("")


def enumerated(op: Operation) -> Value:
    """`enumerate`."""
    items = elements_of(op.machine, op.first())
    pool = op.machine.pool
    if items is None:
        one = element(op.machine, op.first(), ITERATE)
        return pool.sequence("list", (pool.sequence("tuple", (pool.unknown, one)),), rest=True)
    pairs = [pool.sequence("tuple", (pool.scalar(i), item)) for i, item in enumerate(items)]
    return pool.sequence("list", tuple(pairs))


def zipped(op: Operation) -> Value:
    """`zip`."""
    columns = [elements_of(op.machine, operand) for operand in op.operands()]
    pool = op.machine.pool
    if columns and all(column is not None for column in columns):
        rows = zip(*(column for column in columns if column is not None), strict=False)
        return pool.sequence("list", tuple(pool.sequence("tuple", row) for row in rows))
    ones = tuple(element(op.machine, operand, ITERATE) for operand in op.operands())
    return pool.sequence("list", (pool.sequence("tuple", ones),), rest=True)


def numbers(op: Operation) -> Value:
    """`range`."""
    numbers = [value.value for value in op.operands() if isinstance(value, Scalar) and isinstance(value.value, int)]
    if len(numbers) == len(op.operands()) and 1 <= len(numbers) <= 2:
        span = range(*numbers)
        if len(span) <= 8:
            return op.machine.pool.sequence("list", tuple(op.machine.pool.scalar(n) for n in span))
    return op.opaque("")


def converted(op: Operation) -> Value:
    """`str`, `list`, `dict`, `float` and the like."""
    first = op.first()
    name = op.callee.rpartition(".")[2]
    if isinstance(first, (Text, Setting)) and name in ("str", "fspath", "as_posix", "__str__"):
        return paths.path_text(op)
    if name == "dict" and not op.operands():
        pool = op.machine.pool
        return pool.record(tuple(pool.text([k]) for k, _ in op.arguments), tuple(v for _, v in op.arguments))
    if isinstance(first, Sequence) and name in ("list", "tuple", "set", "sorted"):
        return op.machine.pool.sequence(name if name != "sorted" else "list", first.items, first.rest)
    if isinstance(first, Record) and name == "dict":
        return first
    if isinstance(first, Record) and name in ("list", "tuple", "set", "sorted"):
        return op.machine.pool.sequence("list", first.keys, first.rest)
    if name in ("list", "tuple", "set") and not op.operands():
        return op.machine.pool.sequence(name, ())
    if isinstance(first, Scalar) or first.open:
        return first
    kind = kind_of(op.machine, first)
    return op.machine.pool.derived(kind if name in ("list", "tuple") or kind == "number" else "", first)
