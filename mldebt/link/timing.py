"""What a call does to rows besides giving data: lags, windows and changes in the order of time, columns that are made
dates, gaps that are filled with what is computed from data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

import tomli

from mldebt import facts
from mldebt.link.kinds import column_kind, kind_of
from mldebt.link.machine import Machine
from mldebt.link.slots import argument
from mldebt.link.values import Bound, Code, Derived, Event, Item, Member, Result, Scalar, Value, literal
from mldebt.rows import Row
from mldebt.slots import Slot

IN_TIME = frozenset({"in-time", "dates"})
AHEAD, FAR = "ahead", "far-ahead"
EACH = "each"
_STEPS = Slot(0, "periods")
_CENTER = Slot(-1, "center")
_LEADS, _OFFSET = "leads", Slot(1, "offset")
_FRAME, _END = "frame", Slot(1, "end")
_AXIS = Slot(-1, "axis")
_COLUMNS = ("columns", 1)
_BY_CODE = "by-code"
_FILLS = "fills"
_LOOKS_UP = "looks-up"
MEANS = ".means"
"""How the kind of a value ends that holds one statistic for each group of rows."""
ORDERED = "ordered"
"""The trait of what puts rows in the order of a column."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_VALUE = Slot(0, "value")


def timed(machine: Machine, row: Row, arguments: tuple[tuple[str, Value], ...]) -> bool:
    """Whether a call looks from row to row, as only makes sense where rows follow each other, or makes dates; fills
    gaps with what is computed from data; puts the means of groups back into their rows; or leaves to a function of the
    code what it does with the rows of a group."""
    if _FILLS in row.traits:
        value = argument(arguments, _VALUE)
        return isinstance(value, (Derived, Result, Item, Member)) and not _is_column(machine, value)
    if _LOOKS_UP in row.traits and row.callback is not None:
        found = argument(arguments, row.callback)
        return found is not None and kind_of(machine, found).endswith(MEANS)
    if _BY_CODE in row.traits and row.callback is not None:
        return isinstance(argument(arguments, row.callback), (Code, Bound))
    return bool(row.traits & IN_TIME) and _known(argument(arguments, _AXIS)) not in _COLUMNS


def _is_column(machine: Machine, value: Value) -> bool:
    """Whether it is a column of a table as it is, which fills a row with what else the row holds."""
    if isinstance(value, Item):
        return literal(value.key) is not None and kind_of(machine, value.base).startswith("table")
    if isinstance(value, Member):
        return bool(column_kind(machine, value))
    return isinstance(value, Result) and machine.pool.column_name(value.index) is not None


def looks_ahead(machine: Machine, event: Event) -> Iterator[str]:
    """Whether a row gets what stands in later ones: `shift(-1)`, `shift(-hours)`, `lead(column)`, a window with the row
    in its middle or rows behind it; and whether that is more than the next one."""
    if event.row is None or "in-time" not in event.row.traits:
        return
    if not event.row.traits.isdisjoint((_LEADS, _FRAME)):
        yield from _said_ahead(event.row, event.arguments)
        return
    steps, center = (_known(argument(event.arguments, slot)) for slot in (_STEPS, _CENTER))
    window = event.callee.endswith("rolling")
    counted = isinstance(steps, (int, float)) and not isinstance(steps, bool)
    back = steps < 0 if counted else not window and _is_negative(machine, event)  # type: ignore[operator]
    if center is True or (not window and back):
        yield AHEAD
        if not window and steps != -1:
            yield FAR


def _said_ahead(row: Row, arguments: tuple[tuple[str, Value], ...]) -> Iterator[str]:
    """As `looks_ahead`, of what counts the rows ahead upwards: a lead, or the end of a frame of rows."""
    last = _known(argument(arguments, _OFFSET if _LEADS in row.traits else _END))
    if _LEADS in row.traits:
        yield AHEAD
        if last not in (None, 1):
            yield FAR
    elif isinstance(last, int) and last > 0:
        yield AHEAD


def _is_negative(machine: Machine, event: Event) -> bool:
    """Whether the code says minus before a number of rows that is not known here: how far ahead to look is counted
    upwards."""
    body = machine.program.body(event.unit)
    calls = (step for step in body if isinstance(step, facts.Call) and (step.start, step.end) == event.place[1:])
    given = (one.value for call in calls for one in call.arguments if one.name in ("", _STEPS.keyword))
    said = next((body[value] for value in given), None)
    return isinstance(said, facts.Unary) and said.operator == "-"


def replaces_each(event: Event) -> bool:
    """Whether something is put in the place of the values of a column that has no name: of one column after another."""
    if event.row is None or _LOOKS_UP not in event.row.traits or not isinstance(event.receiver, Item):
        return False
    return literal(event.receiver.key) is None


def is_of_time(column: str) -> bool:
    """Whether the name of a column says that it tells when a row was."""
    return not _time_words().isdisjoint(word.lower() for word in _WORD.findall(column))


@lru_cache(maxsize=1)
def _time_words() -> frozenset[str]:
    return frozenset(tomli.loads(files("mldebt.rules").joinpath("time.toml").read_text("utf-8"))["words"])


def _known(value: Value | None) -> object:
    if value is None:
        return None
    return value.value if isinstance(value, Scalar) else literal(value)
