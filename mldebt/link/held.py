"""What methods put into the lists and dictionaries of their object: all of its methods find it there."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.link.access import ROW_INDEXERS
from mldebt.link.columns import column_of
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Arguments, Held, Machine
from mldebt.link.unsettled import is_own_field
from mldebt.link.values import Alt, Item, Member, Param, Record, Sequence, Value, literal

MOST_HELD = 24
MOST_INSIDE = 3
_ADDS, _UPDATES = "list.append", "dict.update"
_FITTED = frozenset({"model", "search", "transformer"})


def note_put(machine: Machine, base: Value, key: Value, value: Value) -> None:
    """`self.models["a"] = model`."""
    _note(machine, base, (key,), value, beside=False)


def note_column(machine: Machine, base: Value, made: Value) -> None:
    """`self.rows["a"] = ...`, `self.rows.loc[m, "a"] = ...`: a table that the object keeps has the column."""
    table = base.base if isinstance(base, Member) and base.name in ROW_INDEXERS else base
    _note(machine, table, (), made, beside=False)


def note_changed(machine: Machine, base: Value, changed: Value) -> bool:
    """`self.rows.fillna(0, inplace=True)`: from then on the object may hold that. Whether it is a field of it."""
    if not isinstance(base, Member) or not isinstance(base.base, Param) or not is_own_field(machine, base):
        return False
    machine.store(machine.program.parent(base.base.unit), base.name, changed, base.base.unit)
    return True


def note_added(machine: Machine, callee: Value, arguments: Arguments) -> None:
    """`self.models.append(model)`, `self.models.update({"a": model})`."""
    if not callee.open or not isinstance(callee, Member) or not isinstance(callee.base, (Member, Item)):
        return
    given = [value for name, value in arguments if not name]
    if not given:
        return
    if any(row.op == _ADDS for row in machine.catalogue.of_method("list", callee.name)):
        _note(machine, callee.base, (), given[-1], beside=True)
    elif any(row.op == _UPDATES for row in machine.catalogue.of_method("dict", callee.name)):
        pairs = zip(given[0].keys, given[0].items, strict=True) if isinstance(given[0], Record) else ()
        for key, value in pairs:
            _note(machine, callee.base, (key,), value, beside=False)


def _note(machine: Machine, base: Value, keys: tuple[Value, ...], value: Value, *, beside: bool) -> None:
    while isinstance(base, Item) and len(keys) < MOST_INSIDE:
        keys, base = (base.key, *keys), base.base
    if not isinstance(base, Member) or not isinstance(base.base, Param) or base.base.index:
        return
    owner = machine.program.parent(base.base.unit)
    if owner >= 0 and machine.info(owner).kind == "class":
        known = machine.held.setdefault((owner, base.name), {})
        if len(known) < MOST_HELD:
            known[(keys, value, beside), base.base.unit] = None


def with_held(machine: Machine, field: Value, held: Held) -> Value:
    """A field with one thing more in it, as far as it is a list or dictionary."""
    pool, (keys, value, beside) = machine.pool, held
    if isinstance(field, Alt):
        return pool.alt(*(with_held(machine, one, held) for one in field.values))
    if not keys and not beside:
        return column_of(machine, field, value)
    if isinstance(field, Sequence) and len(keys) + beside == 1:
        return pool.sequence(field.kind, tuple(dict.fromkeys((*field.items, value))), True)
    if not isinstance(field, Record) or not keys:
        return field
    if field.keys and literal(keys[0]) is None:
        return field  # under a name that is not known stands one more of what is there, or what becomes of it
    there = [one for key, one in zip(field.keys, field.items, strict=True) if _is_same(key, keys[0])]
    if len(keys) + beside > 1:
        value = pool.alt(*(with_held(machine, one, (keys[1:], value, beside)) for one in there)) if there else value
        return _with_key(machine, field, keys[0], value) if there else field
    return _with_key(machine, field, keys[0], pool.alt(*there, value))


def _with_key(machine: Machine, record: Record, key: Value, value: Value) -> Record:
    kept = [pair for pair in zip(record.keys, record.items, strict=True) if not _is_same(pair[0], key)]
    keys, items = zip(*kept, (key, value), strict=True)
    return machine.pool.record(keys, items, record.rest or literal(key) is None)


def _is_same(key: Value, other: Value) -> bool:
    return key is other or (literal(key) is not None and literal(key) == literal(other))


def fitted_in(machine: Machine, value: Value, depth: int = 0) -> Iterator[Value]:
    """The models and transformers that a value is, or holds in its lists and dictionaries."""
    parts: tuple[Value, ...] = ()
    if depth < MOST_INSIDE:
        parts = value.items if isinstance(value, (Sequence, Record)) else value.values if isinstance(value, Alt) else ()
    if kind_of(machine, value).partition(".")[0] in _FITTED:
        yield value
    else:
        for part in parts:
            yield from fitted_in(machine, part, depth + 1)
