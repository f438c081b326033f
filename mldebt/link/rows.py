"""What a call with a row of the catalogue does: an event, or data from data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mldebt.facts import NONE
from mldebt.link import intrinsics
from mldebt.link.access import item
from mldebt.link.choosing import SCORE, best_of, picked_path
from mldebt.link.columns import columns_of_record
from mldebt.link.compared import told_by_statistic
from mldebt.link.fitted import CHOOSING, LEARNS, changed_by, column_changed, learn
from mldebt.link.handing import call_task
from mldebt.link.kinds import keeping_columns, kind_of
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.made_columns import column_taken, expression, row_of_columns, table_made
from mldebt.link.operators import decide
from mldebt.link.picks import end_of, only_names, opaque, told
from mldebt.link.row_functions import columns_of_row
from mldebt.link.slots import argument, arguments_of, chosen, expanded
from mldebt.link.timing import timed
from mldebt.link.values import (
    Bound,
    Code,
    Deferred,
    Derived,
    Event,
    Member,
    Record,
    Result,
    Scalar,
    Sequence,
    Value,
    literal,
)
from mldebt.roles import Role
from mldebt.rows import Row

if TYPE_CHECKING:
    from mldebt.link.calling import Site

__all__ = ["apply_row", "chosen", "iterated"]

_VIEW = "view-name"
_PICKS = "picks"
_ITERATED = "__iter__"
_ITERATE = ("enumerate", "zip")
_LENGTH = "length"
_LATER = "sets-later"
_UNPICKLES = "unpickles"
_BY_COLUMN = "hands-columns"
_BY_ROW = "hands-rows"
_IN_STEPS = frozenset({"pipeline", "sequence"})
_LAYER = ".layer"
_ROWED = ("table", "column", "array")
_QUIET = frozenset({Role.DERIVE, Role.LOG})
_LEARNT = frozenset({"self", "same", "model", "transformer", "search", "pickle"})
_NAMED_BY_RECEIVER = frozenset({Role.FIT, Role.SEARCH, Role.LOAD, Role.FIT_TRANSFORM})
_MARKED = CHOOSING | {"per-run", "encoder", "aligns", "scales"}
_LISTING, _LISTS = frozenset({"glob", "listing"}), "lists"
_BUILT = ("model", "transformer", "splitter", "search", "data", "loader", "parser", "client")


def iterated(machine: Machine, frame: Frame, value: Value, site: Site) -> Value:
    """What a loop goes over: for a kind of value that gives its elements by a call, what that gives."""
    kind = kind_of(machine, value) if type(value) is Result else ""
    rows = machine.catalogue.methods.get((kind, _ITERATED)) if kind else None
    if rows is None:
        return value
    return apply_row(machine, frame, rows[0], f"{kind}.{_ITERATED}", value, (), site, sure=True)


def apply_row(
    machine: Machine, frame: Frame, row: Row, callee: str, receiver: Value | None, arguments: Arguments, site: Site,
    *, sure: bool,
) -> Value:  # fmt: skip
    """Applies a row to a call; gives the value of the call."""
    arguments = expanded(arguments)
    machine.noted.mean(row, site.place, sure=sure)
    if _VIEW in row.traits and row.target and (name := argument(arguments, row.target[0], receiver)) is not None:
        machine.noted.views.setdefault(site.place[0], set()).add((literal(name) or "").lower())
    if row.op in _LISTING or _LISTS in row.traits:
        folders = (receiver,) if receiver is not None else [given for _, given in arguments[:1]]
        machine.noted.listed.setdefault(site.place[0], {}).update(dict.fromkeys(folders))
    for _, given in arguments:
        if isinstance(given, Code):
            machine.refer(given.unit, site.unit)
    for origin in machine.pool.origins(receiver) if receiver is not None and _LATER in row.traits else ():
        if isinstance(origin, Result):
            machine.noted.set_later.setdefault(origin.event.place, set()).update(name for name, _ in arguments)
    if row.op:
        if row.op in _ITERATE:
            arguments = tuple([(name, iterated(machine, frame, one, site)) for name, one in arguments])
        return intrinsics.apply(machine, frame, row, callee, receiver, arguments, site)
    if row.columns:
        base = receiver
        if "listed" in row.traits:  # its columns are those it names, and none of the table it is made of
            made = _event(machine, frame, row, callee, receiver, arguments, site, sure)
            base = machine.pool.result(made, result_kind(machine, row, receiver, arguments))
        if (table := _tabled(machine, frame, row, base, arguments, site)) is not None:
            return table
    given_back = _call_back(machine, frame, row, receiver, arguments, site)
    if row.role is Role.SEARCH and given_back is not None:
        arguments = (*arguments, (SCORE, given_back))
    also = _also(machine, frame, row, callee, receiver, arguments, site, sure)
    if given_back is not None:
        also = (*also, *((given_back,) if _BY_COLUMN in row.traits else told_by_statistic(machine, given_back)))
    kind = keeping_columns(result_kind(machine, row, receiver, arguments), row)
    if kind == "date" and len(arguments) >= 3 and all(isinstance(value, Scalar) for _, value in arguments):
        machine.noted.dated[site.place] = tuple(value.value for _, value in arguments if isinstance(value, Scalar))
    if _LENGTH in row.traits and arguments and (end := end_of(machine, arguments[0][1])) is not None:
        return end
    if _PICKS in row.traits and (path := picked_path(machine, arguments)) is not None:
        return path
    if not _is_event(row, kind):
        told_of = arguments
        if kind.partition(".")[0] in _ROWED:
            told_of = tuple([(name, only_names(machine, one)) for name, one in arguments])
        data = () if row.role is Role.LOG and not row.result else _sources(receiver, told_of)
        if _BY_ROW in row.traits and receiver is not None and row.callback is not None:
            data = columns_of_row(machine, receiver, argument(arguments, row.callback)) or data
        value: Value = machine.pool.derived(kind, *data, *also, *_ordering(machine, row, receiver, arguments))
        if receiver is not None and _told_by_data(arguments):
            value = told(machine, kind, site.place, site.unit, receiver, *(given for _, given in arguments))
            value = machine.pool.derived(kind, value, *also) if also else value
        elif row.axis == "rows":
            value = opaque(machine, kind, site.place, site.unit, value)
            if receiver is not None and kind.startswith("table"):
                value = item(machine, receiver, value)  # other rows, the same columns
        if row.columns and (receiver is not None or not kind.startswith("table")):
            value = expression(machine, row, kind, receiver, arguments, value)
        else:
            value = _with_columns(machine, frame, kind, arguments, value, receiver)
            value = row_of_columns(machine, frame, row, kind, arguments, value, site)
            value = _tabled(machine, frame, row, value, arguments, site) or value
        value = _cut(machine, frame, row, receiver, arguments, value, site)
    else:
        event = _event(machine, frame, row, callee, receiver, arguments, site, sure)
        value = machine.pool.result(event, kind)
        _learned(machine, frame, row, receiver, event, site)
    _mutated(machine, frame, row, receiver, arguments, value, site)
    taken = None if receiver is None or not row.columns else column_taken(machine, row, receiver, arguments)
    return value if taken is None else taken


def _tabled(
    machine: Machine, frame: Frame, row: Row, receiver: Value | None, arguments: Arguments, site: Site
) -> Value | None:
    """The table that a method gives, with the columns it makes, or the column it takes, by name; None for any other
    call, and where no name is known. Where it changes the table itself, that has them from here on."""
    if receiver is None:
        return None
    taken = None if row.mutates else column_taken(machine, row, receiver, arguments)
    if taken is not None:
        return taken
    kind = result_kind(machine, row, receiver, arguments) or kind_of(machine, receiver)
    made = table_made(machine, frame, row, kind, receiver, arguments, site) if kind.startswith("table") else None
    if made is None or not row.mutates:
        return made
    if site.receiver_at != NONE:
        frame.values[site.receiver_at] = made
    return machine.pool.derived("")


def _also(
    machine: Machine, frame: Frame, row: Row, callee: str, receiver: Value | None, arguments: Arguments, site: Site,
    sure: bool,
) -> tuple[Value, ...]:  # fmt: skip
    """What a call that only gives data is besides: a choice by scores, a look from row to row."""
    if _PICKS in row.traits:
        data = tuple([value for slot in row.data for value in arguments_of(arguments, slot, receiver)])
        key = None if row.callback is None else argument(arguments, row.callback)
        by_itself = row.callback is not None and key is None  # gives the largest number: for an axis, as likely as not
        return () if by_itself else best_of(machine, frame, site, data, key)
    if _UNPICKLES in row.traits and row.role in _QUIET:  # a step by itself, besides the data that lead through it
        _event(machine, frame, row, callee, receiver, arguments, site, sure)
    if not timed(machine, row, arguments):
        return ()
    return (machine.pool.result(_event(machine, frame, row, callee, receiver, arguments, site, sure), ""),)


def result_kind(machine: Machine, row: Row, receiver: Value | None, arguments: Arguments) -> str:
    """The kind of what a call gives."""
    if not row.result:
        return ""
    result = row.result[0]
    if result in ("self", "same"):
        return "" if receiver is None else kind_of(machine, receiver)
    if result.startswith("like:"):
        positional = [value for name, value in arguments if not name]
        at = int(result[5:]) if result[5:].isdigit() else 0
        return kind_of(machine, positional[at]) if at < len(positional) else ""
    if result.startswith("element:"):
        return _element_kind(machine, arguments)
    if row.traits & _IN_STEPS and (kinds := _transforming(machine, [value for _, value in arguments])):
        return kinds.pop() if len(kinds) == 1 else result.replace("model", "transformer", 1)
    return "" if result == "item" else result


def _transforming(machine: Machine, steps: Iterable[Value]) -> set[str]:
    """The kinds of the steps of a pipeline, where all are known, and none of them answers, or is a layer of what does:
    what they make together is a transformer. Else none."""
    kinds = {kind_of(machine, step) for step in _single_steps(steps)}
    return kinds if all(kind.startswith("transformer.") and not kind.endswith(_LAYER) for kind in kinds) else set()


def _single_steps(steps: Iterable[Value]) -> Iterator[Value]:
    """The steps of a pipeline, without their names and what stands for none; what is not known counts as one."""
    for step in steps:
        if isinstance(step, Sequence) and not step.rest:
            yield from _single_steps(step.items)
        elif not isinstance(step, Scalar) and literal(step) is None:
            yield step


def _element_kind(machine: Machine, arguments: Arguments) -> str:
    """The kind of what the first argument holds, where it is one for all; of a plain value, its own."""
    first = next((value for name, value in arguments if not name), None)
    parts = first.items if isinstance(first, Sequence) else (first,) if first is not None else ()
    kinds = {kind_of(machine, part) for part in parts}
    return kinds.pop() if len(kinds) == 1 else ""


def _is_event(row: Row, kind: str) -> bool:
    if row.traits & _MARKED or (row.task is not None and row.task.space is not None):
        return True
    if row.role is None or (row.role in _QUIET and not row.random):
        return False
    if row.role is Role.CONSTRUCT and not row.random:
        return kind.partition(".")[0] in _BUILT or bool(row.target)
    return True


def _sources(receiver: Value | None, arguments: Arguments) -> tuple[Value, ...]:
    given = tuple(value for _, value in arguments)
    return given if receiver is None else (receiver, *given)


def _ordering(machine: Machine, row: Row, receiver: Value | None, arguments: Arguments) -> tuple[Value, ...]:
    """The columns by whose values rows are put in order or chosen, where the table is known."""
    if receiver is None or receiver.open or "by-column" not in row.traits:
        return ()
    names = [argument(arguments, slot) for slot in row.data if not slot.receiver]
    return tuple(item(machine, receiver, name) for name in names if name is not None and literal(name) is not None)


def _told_by_data(arguments: Arguments) -> bool:
    """Whether other data may tell a method which rows to keep."""
    return any(isinstance(value, (Derived, Result, Member)) for _, value in arguments)


def _cut(
    machine: Machine, frame: Frame, row: Row, receiver: Value | None, arguments: Arguments, value: Value, site: Site
) -> Value:
    """`cut(score, bins)`, `score.gt(limit)`: data compared with limits is a decision."""
    scores = [argument(arguments, slot, receiver) for slot in row.data] if "cuts" in row.traits else []
    if len(scores) != 1 or scores[0] is None:
        return value
    limit = next((other for _, other in arguments if other is not scores[0]), None)
    if limit is None or (receiver is None and not isinstance(limit, Sequence)):
        return value  # so many bins of equal width, wherever they fall
    decided = decide(machine, frame, site.place, scores[0], limit, site.chain)
    return machine.pool.derived(kind_of(machine, value), value, *decided) if decided else value


def _with_columns(
    machine: Machine, frame: Frame, kind: str, arguments: Arguments, value: Value, receiver: Value | None
) -> Value:
    """A table made of a dictionary, or of a list of them, has the dictionary's keys as columns; a method of a table
    makes them of those of the same name, and may give others beside them."""
    if not kind.startswith("table") or not arguments:
        return value
    first = arguments[0][1]
    if isinstance(first, Sequence) and len(first.items) == 1:
        first = first.items[0]
    if not isinstance(first, Record):
        return value
    if receiver is not None:
        made = tuple([_of_column(machine, receiver, *pair) for pair in zip(first.keys, first.items, strict=True)])
        first = machine.pool.record(first.keys, made, first.rest)
    return columns_of_record(machine, frame, first, value, receiver is not None)


def _of_column(machine: Machine, table: Value, name: Value, value: Value) -> Value:
    return machine.pool.derived(kind_of(machine, value), item(machine, table, name), value)


def _event(
    machine: Machine, frame: Frame, row: Row, callee: str, receiver: Value | None, arguments: Arguments, site: Site,
    sure: bool,
) -> Event:  # fmt: skip
    values = _sources(receiver, arguments)
    guards = tuple(frame.guards)
    event = machine.pool.event(
        Event(
            open=any(value.open for value in values) or any(condition.open for condition, _ in guards),
            what="call",
            row=row,
            callee=callee,
            place=site.place,
            unit=site.unit,
            receiver=receiver,
            arguments=arguments,
            chain=site.chain,
            guards=guards,
            sure=sure,
        )
    )
    called_on = receiver is not None and row.role in _NAMED_BY_RECEIVER
    name = frame.names.get(site.receiver_at, "") if called_on else ""
    name = name or ("" if _gives_report(row) else site.name)
    if name:
        machine.named.setdefault(event, name)
    machine.emit(frame, event)
    return event


def _gives_report(row: Row) -> bool:
    """Whether what a training gives back tells how it went, or what it found: that has a name of its own."""
    return row.role in LEARNS and row.result[:1] != () and row.result[0].partition(".")[0] not in _LEARNT


def _learned(machine: Machine, frame: Frame, row: Row, receiver: Value | None, event: Event, site: Site) -> None:
    """What was fitted is from here on the fitted one."""
    if receiver is None or site.receiver_at == NONE:
        return
    kind = kind_of(machine, receiver)
    if row.role in LEARNS or (row.role is Role.LOAD and any(slot.receiver for slot in row.mutates)):
        learn(frame, site.receiver_at, machine.pool.result(event, kind))
    elif row.role is Role.FIT_TRANSFORM:
        learn(frame, site.receiver_at, machine.pool.result(event, kind, -2))


def _mutated(
    machine: Machine, frame: Frame, row: Row, receiver: Value | None, arguments: Arguments, value: Value, site: Site
) -> None:
    for slot in row.mutates:
        if slot.receiver and receiver is not None and site.receiver_at != NONE:
            if row.role in LEARNS or row.role in (Role.FIT_TRANSFORM, Role.LOAD):
                continue
            changed = changed_by(machine, row, receiver, arguments, value)
            frame.values[site.receiver_at] = changed
            column_changed(machine, frame, site.place, site.receiver_at, changed)
        else:
            _mutate_argument(machine, frame, slot.position, arguments, value, site)


def _mutate_argument(
    machine: Machine, frame: Frame, position: int, arguments: Arguments, value: Value, site: Site
) -> None:
    positional = [at for name, at in site.arguments_at if not name]
    values = [given for name, given in arguments if not name]
    if 0 <= position < min(len(positional), len(values)):
        old = values[position]
        frame.values[positional[position]] = machine.pool.derived(kind_of(machine, old), old, value)


def _column_of(machine: Machine, table: Value) -> str:
    """The kind of one column of a table."""
    return kind_of(machine, table).replace("table", "column", 1)


def _call_back(
    machine: Machine, frame: Frame, row: Row, receiver: Value | None, arguments: Arguments, site: Site
) -> Value | None:
    """A function given to a library is called with data the library has, maybe with each column of a table; gives what
    it returns."""
    if row.callback is None:
        return None
    function = argument(arguments, row.callback)
    if row.task is not None:
        call_task(machine, frame, row, function, arguments, site)
    elif isinstance(function, Code) and machine.info(function.unit).kind != "class":
        from mldebt.link.calling import apply  # calling applies rows

        whole = receiver if _BY_COLUMN in row.traits else None
        data = machine.pool.derived("") if whole is None else machine.pool.derived(_column_of(machine, whole), whole)
        given = tuple(("", data) for _ in machine.info(function.unit).parameters[:1])
        return apply(machine, frame, function.unit, given, site)
    elif isinstance(function, Bound) or (isinstance(function, (Member, Deferred)) and function.open):
        from mldebt.link.calling import call

        return call(machine, frame, function, (("", machine.pool.derived("")),), site)
    return None
