"""What the linker knows of a value: its shape, and where it comes from.

Values are immutable and made by a `Pool`, which gives one object for equal values: they compare
by identity and can be keys. A value is `open` while it holds a parameter or a field whose content
is not known yet; `fill` in `link/filling.py` closes it.
"""

from __future__ import annotations

import msgspec

from mldebt.rows import Row

Place = tuple[int, int, int]  # file number, start, end
NOWHERE: Place = (-1, 0, 0)
FIRST_COLUMN = -2000  # from here downwards the index of a Result names a column of its table


class Value(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The base of all shapes."""

    open: bool


class Scalar(Value, frozen=True, eq=False, gc=False):
    """A number, a boolean, None or bytes."""

    value: object
    place: Place


class Text(Value, frozen=True, eq=False, gc=False):
    """A string or a path: text, with values where parts are not known (holes).

    `places` are where its literal parts stand. `kind` is text or path."""

    parts: tuple[str | Value, ...]
    places: tuple[Place, ...]
    kind: str


class Param(Value, frozen=True, eq=False, gc=False):
    """What a caller passes for a parameter of a unit."""

    unit: int
    index: int
    name: str


class Lib(Value, frozen=True, eq=False, gc=False):
    """Something of a library, by its full dotted name."""

    name: str


class Module(Value, frozen=True, eq=False, gc=False):
    """A module or package of the repository."""

    name: str
    file: int  # -1: a namespace package


class Code(Value, frozen=True, eq=False, gc=False):
    """A function, lambda or class of the repository."""

    unit: int


class Bound(Value, frozen=True, eq=False, gc=False):
    """A callable with its first arguments already given: a method of an object, or a partial."""

    callee: Value
    arguments: tuple[tuple[str, Value], ...]


class Record(Value, frozen=True, eq=False, gc=False):
    """A dictionary; `rest` when it may hold more than is listed."""

    keys: tuple[Value, ...]
    items: tuple[Value, ...]
    rest: bool


class Sequence(Value, frozen=True, eq=False, gc=False):
    """A list, tuple or set; `rest` when it may hold more of the same."""

    kind: str
    items: tuple[Value, ...]
    rest: bool


class Result(Value, frozen=True, eq=False, gc=False):
    """What an event gives, or the part `index` of it."""

    event: Event
    index: int
    kind: str


class Derived(Value, frozen=True, eq=False, gc=False):
    """Data made of other data in a way that is not followed further."""

    kind: str
    origins: tuple[Value, ...]


class Setting(Value, frozen=True, eq=False, gc=False):
    """A setting: `how` is env, option, config or field; `default` holds when nothing sets it.

    One of a settings file (config) has the path that it was `loaded` from, and the keys that lead to it
    there; `*` is any of them. `place` is where it is asked for, `variables` are the names that fill a field."""

    how: str
    name: str
    default: Value | None
    place: Place
    file: Value | None = None
    keys: tuple[str, ...] = ()
    loaded: Place = NOWHERE
    variables: tuple[str, ...] = ()


class Instance(Value, frozen=True, eq=False, gc=False):
    """An object of a class of the repository, with the place and arguments of its construction."""

    unit: int
    arguments: tuple[tuple[str, Value], ...]
    place: Place


class Member(Value, frozen=True, eq=False, gc=False):
    """An attribute or method of a value that is no class of the repository."""

    base: Value
    name: str


class Item(Value, frozen=True, eq=False, gc=False):
    """An element, column or key of a value whose content is not known."""

    base: Value
    key: Value


class Other(Value, frozen=True, eq=False, gc=False):
    """One of some names that is none of those in `left`, as in `[name for name in names if name not in left]`."""

    base: Value
    left: Value


class Handle(Value, frozen=True, eq=False, gc=False):
    """An open file."""

    path: Value
    mode: str
    place: Place


class Deferred(Value, frozen=True, eq=False, gc=False):
    """An operation that waits for open operands. `hops` counts the call sites it has waited through, `guards` are the
    conditions under which it is done at all."""

    op: str
    operands: tuple[Value, ...]
    names: tuple[str, ...]
    place: Place
    unit: int
    hops: int
    guards: tuple[tuple[Value, bool], ...] = ()


class Alt(Value, frozen=True, eq=False, gc=False):
    """One of several values."""

    values: tuple[Value, ...]


class Unknown(Value, frozen=True, eq=False, gc=False):
    """Not followed, and why."""

    reason: str
    origins: tuple[Value, ...]


class Event(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Something that happens at a place of the code: a call with a role, a column written, a
    branch taken. `chain` are the call sites through which parameters were filled, innermost first;
    `guards` the conditions under which it happens."""

    open: bool
    what: str  # call, column, branch
    row: Row | None
    callee: str
    place: Place
    unit: int
    receiver: Value | None
    arguments: tuple[tuple[str, Value], ...]
    chain: tuple[Place, ...]
    guards: tuple[tuple[Value, bool], ...]
    sure: bool  # False: the receiver's kind was not known


def is_none(value: Value) -> bool:
    """Whether a value is None, and not something unknown."""
    return isinstance(value, Scalar) and value.value is None


def literal(value: Value) -> str | None:
    """The text of a value without holes; None for anything else. Such a text is one part: a pool joins them."""
    if type(value) is not Text:
        return None
    parts = value.parts
    if not parts:
        return ""
    return parts[0] if len(parts) == 1 and isinstance(parts[0], str) else None


def place_of(value: Value | None) -> Place | None:
    """Where the code says a text or a scalar."""
    if isinstance(value, Scalar):
        return value.place
    return value.places[0] if isinstance(value, Text) and value.places else None


def field_of(record: Record, name: str) -> Value | None:
    """The value of a constant key of a dictionary."""
    for key, value in zip(reversed(record.keys), reversed(record.items), strict=True):
        if literal(key) == name:
            return value
    return None


def unnamed_items(record: Record) -> tuple[Value, ...]:
    """The values of a dictionary whose keys are not known: any of them may be meant."""
    pairs = zip(record.keys, record.items, strict=True)
    return tuple(value for key, value in pairs if literal(key) is None and not isinstance(key, Scalar))
