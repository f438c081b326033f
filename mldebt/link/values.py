"""What the linker knows of a value: its shape, and where it comes from.

Values are immutable and made by a `Pool`, which gives one object for equal values: they compare
by identity and can be keys. A value is `open` while it holds a parameter or a field whose content
is not known yet; `fill` in `link/filling.py` closes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from mldebt.catalogue import Row

Place = tuple[int, int, int]  # file number, start, end
NOWHERE: Place = (-1, 0, 0)
MOST_ALTERNATIVES = 8
MOST_ORIGINS = 24
MOST_PLACES = 4
MOST_ITEMS = 400
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
    """A setting: `how` is env, option, config or field; `default` holds when nothing sets it."""

    how: str
    name: str
    default: Value | None
    place: Place


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


class Handle(Value, frozen=True, eq=False, gc=False):
    """An open file."""

    path: Value
    mode: str
    place: Place


class Deferred(Value, frozen=True, eq=False, gc=False):
    """An operation that waits for open operands. `hops` counts the call sites it has waited through."""

    op: str
    operands: tuple[Value, ...]
    names: tuple[str, ...]
    place: Place
    unit: int
    hops: int


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


V = TypeVar("V")


class Pool:
    """Makes values; equal ones are one object."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Any] = {}
        self._columns: dict[str, int] = {}
        self._column_names: dict[int, str] = {}
        self.bounds: dict[str, int] = {}
        self.none = self.scalar(None)
        self.unknown = self.not_followed("")

    def scalar(self, value: object, place: Place = NOWHERE) -> Scalar:
        key = (Scalar, type(value), value, place)
        return self._made.get(key) or self._keep(key, Scalar(False, value, place))

    def text(self, parts: Iterable[str | Value], places: Iterable[Place] = (), kind: str = "text") -> Text:
        """A text; neighbouring literal parts are joined."""
        joined: list[str | Value] = []
        for part in parts:
            if isinstance(part, str) and joined and isinstance(joined[-1], str):
                joined[-1] += part
            elif part != "":
                joined.append(part)
        spots = tuple(dict.fromkeys(places))[:MOST_PLACES]
        key = (Text, tuple(joined), spots, kind)
        is_open = any(not isinstance(part, str) and part.open for part in joined)
        return self._made.get(key) or self._keep(key, Text(is_open, key[1], spots, kind))

    def param(self, unit: int, index: int, name: str) -> Param:
        key = (Param, unit, index)
        return self._made.get(key) or self._keep(key, Param(True, unit, index, name))

    def lib(self, name: str) -> Lib:
        key = (Lib, name)
        return self._made.get(key) or self._keep(key, Lib(False, name))

    def module(self, name: str, file: int) -> Module:
        key = (Module, name, file)
        return self._made.get(key) or self._keep(key, Module(False, name, file))

    def code(self, unit: int) -> Code:
        key = (Code, unit)
        return self._made.get(key) or self._keep(key, Code(False, unit))

    def bound(self, callee: Value, arguments: tuple[tuple[str, Value], ...]) -> Bound:
        key = (Bound, callee, arguments)
        is_open = callee.open or any(value.open for _, value in arguments)
        return self._made.get(key) or self._keep(key, Bound(is_open, callee, arguments))

    def record(self, keys: tuple[Value, ...], items: tuple[Value, ...], rest: bool = False) -> Record:
        if len(keys) > MOST_ITEMS:
            self.count("record")
            keys, items, rest = keys[:MOST_ITEMS], items[:MOST_ITEMS], True
        key = (Record, keys, items, rest)
        is_open = any(value.open for value in keys) or any(value.open for value in items)
        return self._made.get(key) or self._keep(key, Record(is_open, keys, items, rest))

    def sequence(self, kind: str, items: tuple[Value, ...], rest: bool = False) -> Sequence:
        if len(items) > MOST_ITEMS:
            self.count("sequence")
            items, rest = items[:MOST_ITEMS], True
        key = (Sequence, kind, items, rest)
        is_open = any(value.open for value in items)
        return self._made.get(key) or self._keep(key, Sequence(is_open, kind, items, rest))

    def result(self, event: Event, kind: str, index: int = -1) -> Result:
        key = (Result, event, index, kind)
        return self._made.get(key) or self._keep(key, Result(event.open, event, index, kind))

    def column(self, table: Result, name: str, kind: str) -> Result:
        """One column of a table that an event gives."""
        index = self._columns.setdefault(name, FIRST_COLUMN - len(self._columns))
        self._column_names[index] = name
        return self.result(table.event, kind, index)

    def column_name(self, index: int) -> str | None:
        """The column that the index of a Result names, if it names one."""
        return self._column_names.get(index)

    def derived(self, kind: str, *sources: Value) -> Derived:
        return self.from_origins(kind, self.origins(*sources))

    def from_origins(self, kind: str, origins: tuple[Value, ...]) -> Derived:
        key = (Derived, kind, origins)
        is_open = any(value.open for value in origins)
        return self._made.get(key) or self._keep(key, Derived(is_open, kind, origins))

    def setting(self, how: str, name: str, default: Value | None, place: Place) -> Setting:
        key = (Setting, how, name, default, place)
        return self._made.get(key) or self._keep(
            key, Setting(default is not None and default.open, how, name, default, place)
        )

    def instance(self, unit: int, arguments: tuple[tuple[str, Value], ...], place: Place) -> Instance:
        key = (Instance, unit, arguments, place)
        return self._made.get(key) or self._keep(
            key, Instance(any(value.open for _, value in arguments), unit, arguments, place)
        )

    def member(self, base: Value, name: str) -> Member:
        key = (Member, base, name)
        return self._made.get(key) or self._keep(key, Member(base.open, base, name))

    def item(self, base: Value, item_key: Value) -> Item:
        key = (Item, base, item_key)
        return self._made.get(key) or self._keep(key, Item(base.open or item_key.open, base, item_key))

    def handle(self, path: Value, mode: str, place: Place) -> Handle:
        key = (Handle, path, mode, place)
        return self._made.get(key) or self._keep(key, Handle(path.open, path, mode, place))

    def deferred(
        self, op: str, operands: tuple[Value, ...], place: Place, unit: int, names: tuple[str, ...] = (), hops: int = 0
    ) -> Deferred:
        key = (Deferred, op, operands, names, place, hops)
        return self._made.get(key) or self._keep(key, Deferred(True, op, operands, names, place, unit, hops))

    def event(self, event: Event) -> Event:
        """The one object for equal events."""
        key = (Event, event.what, event.row and id(event.row), event.callee, event.place, event.receiver,
               event.arguments, event.chain, event.guards)  # fmt: skip
        return self._made.get(key) or self._keep(key, event)

    def alt(self, *values: Value) -> Value:
        """One of these; nested alternatives are flattened, too many are unknown."""
        flat: dict[Value, None] = {}
        for value in values:
            flat.update(dict.fromkeys(value.values if isinstance(value, Alt) else (value,)))
        if len(flat) > 1:
            flat.pop(self.unknown, None)
        found = tuple(flat)
        if not found:
            return self.unknown
        if len(found) == 1:
            return found[0]
        if len(found) > MOST_ALTERNATIVES:
            self.count("alternatives")
            return self.not_followed("too many alternatives", *found)
        key = (Alt, found)
        return self._made.get(key) or self._keep(key, Alt(any(value.open for value in found), found))

    def not_followed(self, reason: str, *sources: Value) -> Unknown:
        origins = self.origins(*sources)
        key = (Unknown, reason, origins)
        return self._made.get(key) or self._keep(key, Unknown(any(v.open for v in origins), reason, origins))

    def origins(self, *values: Value) -> tuple[Value, ...]:
        """The events, parameters and settings that values derive from, in order, bounded."""
        found: dict[Value, None] = {}
        todo = list(reversed(values))
        while todo:
            value = todo.pop()
            if isinstance(value, (Derived, Unknown)):
                found.update(dict.fromkeys(value.origins))
            elif isinstance(value, (Result, Param, Setting, Deferred, Instance)):
                found[value] = None
            else:
                todo.extend(reversed(_parts(value)))
        if len(found) > MOST_ORIGINS:
            found = {  # tables in place of their columns
                self.result(v.event, v.kind) if isinstance(v, Result) and v.index <= FIRST_COLUMN else v: None
                for v in found
            }
        if len(found) > MOST_ORIGINS:
            self.count("origins")
        return tuple(found)[:MOST_ORIGINS]

    def made(self, shape: type[V]) -> list[V]:
        """All values of one shape, in the order in which they were made."""
        return [value for value in self._made.values() if type(value) is shape]

    def count(self, bound: str) -> None:
        """Notes that a bound was met."""
        self.bounds[bound] = self.bounds.get(bound, 0) + 1

    def _keep(self, key: tuple[Any, ...], value: V) -> V:
        self._made[key] = value
        return value


def _parts(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Text):
        return tuple(part for part in value.parts if not isinstance(part, str))
    if isinstance(value, (Sequence, Record)):
        return value.items
    if isinstance(value, Member):
        return (value.base,)
    if isinstance(value, Item):
        return (value.base, value.key)
    if isinstance(value, Alt):
        return value.values
    if isinstance(value, Bound):
        return tuple(argument for _, argument in value.arguments)
    if isinstance(value, Handle):
        return (value.path,)
    return ()


def literal(value: Value) -> str | None:
    """The text of a value without holes; None for anything else."""
    if isinstance(value, Text) and all(isinstance(part, str) for part in value.parts):
        return "".join(str(part) for part in value.parts)
    return None
