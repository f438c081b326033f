"""What a write stores, as far as the form and the fields of it are known."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.link.columns import WHOLE
from mldebt.link.fields import field_values
from mldebt.link.held import fitted_in
from mldebt.link.kinds import instance_kind, kind_of
from mldebt.link.machine import Machine
from mldebt.link.slots import slot_values
from mldebt.link.values import Alt, Event, Handle, Instance, Record, Result, Scalar, Sequence, Value, literal
from mldebt.roles import Role

_MOST_STORES = 60
_MOST_FIELDS = 40
_STORES = frozenset({Role.WRITE, Role.PERSIST})
_DATA = frozenset({"table", "array", "column", "data"})
_LEARNED = frozenset({"model", "search"})
_TELLING = ("encoding", "header", "index", "sep")


def contents(machine: Machine, event: Event) -> Iterator[str]:
    """Traits of a write: `appends` to a file that is open for it, `form:` a record or the stem of its kind, `field:`
    each key or column where all of them are known, `of-scores` where it holds answers of models only as compared with
    other data, `of-names` where it holds the names of a table's columns, `as-read` where it is a table that was read,
    and nothing was made of it, `holds-model` for an object of a class of the repository with a model in a field,
    `with:` the options that change what a reader finds."""
    row = event.row
    if row is None or row.role not in _STORES:
        return
    if any(isinstance(target, Handle) and "a" in target.mode for target in slot_values(event, row.target)):
        yield "appends"
    values = slot_values(event, row.data)
    if len(values) == 1:
        form = "record" if isinstance(values[0], Record) else kind_of(machine, values[0]).partition(".")[0]
        if form:
            yield f"form:{form}"
        yield from (f"field:{name}" for name in fields_of(values[0])[:_MOST_FIELDS])
        if _is_learned(machine, values[0]):
            yield "holds-model"
        if isinstance(values[0], Record) and _tells_scores(machine, values[0]):
            yield "of-scores"
        if _holds_names(machine, values[0]):
            yield "of-names"
        if _is_as_read(machine, values[0]):
            yield "as-read"
    for name, value in event.arguments:
        if name in _TELLING and (said := _constant(value)) is not None:
            yield f"with:{name}={said}"


def _is_learned(machine: Machine, value: Value) -> bool:
    if not isinstance(value, Instance) or instance_kind(machine, value.unit):
        return False
    fitted = (one for held in field_values(machine, value) for one in fitted_in(machine, held))
    return any(kind_of(machine, one).partition(".")[0] in _LEARNED for one in fitted)


def fields_of(value: Value) -> tuple[str, ...]:
    """The keys of a dictionary, or the columns of a table made of one, in order; none where others may be there."""
    written: list[str] = []
    for _ in range(_MOST_STORES):
        if isinstance(value, Record):
            return _named(value.rest, value.keys, written)
        if not isinstance(value, Result) or value.index != -1:
            return ()
        event, given = value.event, dict(value.event.arguments)
        if event.what == "column" and event.receiver is not None and (name := literal(given["key"])) is not None:
            written.insert(0, name)
            if event.callee == WHOLE and not _is_made_so(event.receiver):
                return tuple(dict.fromkeys(written))
            value = event.receiver
        elif event.what == "select" and isinstance(given["key"], Sequence):
            return _named(given["key"].rest, given["key"].items, written)
        elif event.row is not None and event.row.role is Role.CONSTRUCT and event.arguments:
            value = event.arguments[0][1]
        else:
            return ()
    return ()


def _holds_names(machine: Machine, value: Value) -> bool:
    """Whether it is the names of a table's columns, or holds them under a key."""
    held = value.items if isinstance(value, Record) else (value,)
    parts = [part for one in held for part in (one.items if isinstance(one, Sequence) else (one,))]
    return any(_is_names(machine, part) for part in parts)


def _is_names(machine: Machine, value: Value) -> bool:
    kind = kind_of(machine, value)
    return kind == "text.name" or kind.endswith(".names")


def _tells_scores(machine: Machine, record: Record) -> bool:
    """Whether all that a dictionary holds of answers of models are numbers that compare them with other data."""
    kept, todo = [], list(record.items)
    while todo:
        value = todo.pop()
        if isinstance(value, Record):
            todo += value.items
        elif isinstance(value, Alt):
            todo += value.values
        elif any(isinstance(one, Result) and _answers(one.event) for one in machine.pool.origins(value)):
            kept.append(value)
    return bool(kept) and all(_compares(machine, value) for value in kept)


def _answers(event: Event) -> bool:
    return event.row is not None and event.row.role is Role.PREDICT


def _compares(machine: Machine, value: Value) -> bool:
    kinds = [kind_of(machine, one).partition(".")[0] for one in machine.pool.origins(value)]
    return kind_of(machine, value) == "number" and sum(kind in _DATA for kind in kinds) > 1


def _is_as_read(machine: Machine, table: Value) -> bool:
    """Whether a table is what was read, from one place or several, with nothing made of it."""
    origins = machine.pool.origins(table)
    read = [one for one in origins if isinstance(one, Result) and one.event.row is not None and one.index == -1]
    tables = all(kind_of(machine, one).startswith("table") and _reads(one.event) for one in read)
    return bool(read) and len(read) == len(origins) and tables


def _reads(event: Event) -> bool:
    return event.row is not None and event.row.role is Role.READ


def _is_made_so(table: Value) -> bool:
    return isinstance(table, Result) and table.event.callee == WHOLE


def _named(rest: bool, names: tuple[Value, ...], more: list[str]) -> tuple[str, ...]:
    said = [literal(name) for name in names]
    known = [name for name in said if name is not None]
    return () if rest or len(known) < len(said) else tuple(dict.fromkeys([*known, *more]))


def _constant(value: Value) -> str | None:
    if isinstance(value, Scalar):
        return str(value.value)
    return literal(value)
