"""Where values are made: one object for equal ones, its openness and its origins known at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from mldebt.link.values import (
    FIRST_COLUMN,
    NOWHERE,
    Alt,
    Bound,
    Code,
    Deferred,
    Derived,
    Event,
    Handle,
    Instance,
    Item,
    Lib,
    Member,
    Module,
    Other,
    Param,
    Place,
    Record,
    Result,
    Scalar,
    Sequence,
    Setting,
    Text,
    Unknown,
    Value,
    literal,
)
from mldebt.roles import Role

TOO_MANY = "too many alternatives"
MOST_ALTERNATIVES = 8
MOST_ORIGINS = 24
MOST_PLACES = 4
MOST_ITEMS = 400

V = TypeVar("V")
_SettingKey = tuple[str, str, "Value | None", Place, "Value | None", tuple[str, ...], Place, tuple[str, ...]]


class Pool:
    """Makes values; equal ones are one object."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], Any] = {}
        self._texts: dict[tuple[Any, ...], Text] = {}
        self._settings: dict[tuple[Any, ...], Setting] = {}
        self._columns: dict[str, int] = {}
        self._column_names: dict[int, str] = {}
        self._origins: dict[Value, tuple[Value, ...]] = {}
        self.bounds: dict[str, int] = {}
        self.none = self.scalar(None)
        self.unknown = self.not_followed("")

    def scalar(self, value: object, place: Place = NOWHERE) -> Scalar:
        key = (Scalar, type(value), value, place)
        return self._made.get(key) or self._keep(key, Scalar(False, value, place))

    def package_path(self, folder: str) -> Sequence:
        """What `__path__` of a package is: a list of the folder it lies in."""
        return self.sequence("list", (self.text([f"\x00/{folder}"], kind="path"),))

    def text(self, parts: Iterable[str | Value], places: Iterable[Place] = (), kind: str = "text") -> Text:
        """A text; neighbouring literal parts are joined."""
        joined: list[str | Value] = []
        for part in parts:
            if isinstance(part, str) and joined and isinstance(joined[-1], str):
                joined[-1] += part
            elif part != "":
                joined.append(part)
        spots = tuple(dict.fromkeys(places))[:MOST_PLACES]
        key = (tuple(joined), spots, kind)
        found = self._texts.get(key)
        if found is None:
            is_open = any(not isinstance(part, str) and part.open for part in joined)
            found = self._texts[key] = Text(is_open, *key)
        return found

    def string(self, said: str, place: Place) -> Text:
        """The text of a literal, where it stands."""
        key = ((said,) if said else (), (place,), "text")
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = Text(False, *key)
        return found

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
        is_open = callee.open or any_argument_open(arguments)
        return self._made.get(key) or self._keep(key, Bound(is_open, callee, arguments))

    def record(self, keys: tuple[Value, ...], items: tuple[Value, ...], rest: bool = False) -> Record:
        if len(keys) > MOST_ITEMS:
            self.count("record")
            keys, items, rest = keys[:MOST_ITEMS], items[:MOST_ITEMS], True
        key = (Record, keys, items, rest)
        return self._made.get(key) or self._keep(key, Record(_any_open(keys) or _any_open(items), keys, items, rest))

    def sequence(self, kind: str, items: tuple[Value, ...], rest: bool = False) -> Sequence:
        if len(items) > MOST_ITEMS:
            self.count("sequence")
            items, rest = items[:MOST_ITEMS], True
        key = (Sequence, kind, items, rest)
        return self._made.get(key) or self._keep(key, Sequence(_any_open(items), kind, items, rest))

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
        return self._made.get(key) or self._keep(key, Derived(_any_open(origins), kind, origins))

    def setting(
        self, how: str, name: str, default: Value | None, place: Place, variables: tuple[str, ...] = ()
    ) -> Setting:
        return self._setting((how, name, default, place, None, (), NOWHERE, variables))

    def key_of_file(
        self, file: Value, keys: tuple[str, ...], default: Value | None, place: Place, loaded: Place
    ) -> Setting:
        """What stands under some keys of a settings file, asked for at a place."""
        name = "".join(f".{key}" for key in keys)
        return self._setting(("config", name, default, place, file, keys, loaded, ()))

    def _setting(self, key: _SettingKey) -> Setting:
        found = self._settings.get(key)
        if found is None:
            default, file = key[2], key[4]
            is_open = (default is not None and default.open) or (file is not None and file.open)
            found = self._settings[key] = Setting(is_open, *key)
        return found

    def instance(self, unit: int, arguments: tuple[tuple[str, Value], ...], place: Place) -> Instance:
        key = (Instance, unit, arguments, place)
        return self._made.get(key) or self._keep(
            key, Instance(any_argument_open(arguments), unit, arguments, place)
        )

    def member(self, base: Value, name: str) -> Member:
        key = (Member, base, name)
        return self._made.get(key) or self._keep(key, Member(base.open, base, name))

    def item(self, base: Value, item_key: Value) -> Item:
        key = (Item, base, item_key)
        return self._made.get(key) or self._keep(key, Item(base.open or item_key.open, base, item_key))

    def other(self, base: Value, left: Value) -> Other:
        key = (Other, base, left)
        return self._made.get(key) or self._keep(key, Other(base.open or left.open, base, left))

    def handle(self, path: Value, mode: str, place: Place) -> Handle:
        key = (Handle, path, mode, place)
        return self._made.get(key) or self._keep(key, Handle(path.open, path, mode, place))

    def deferred(
        self, op: str, operands: tuple[Value, ...], place: Place, unit: int, names: tuple[str, ...] = (), hops: int = 0,
        guards: tuple[tuple[Value, bool], ...] = (),
    ) -> Deferred:  # fmt: skip
        key = (Deferred, op, operands, names, place, hops, guards)
        return self._made.get(key) or self._keep(key, Deferred(True, op, operands, names, place, unit, hops, guards))

    def event(self, event: Event) -> Event:
        """The one object for equal events."""
        key = (Event, event.what, event.row and id(event.row), event.callee, event.place, event.receiver,
               event.arguments, event.chain, event.guards)  # fmt: skip
        return self._made.get(key) or self._keep(key, event)

    def alt(self, *values: Value) -> Value:
        """One of these; nested alternatives are flattened, too many are unknown."""
        if len(values) == 1:
            return values[0]
        flat: dict[Value, None] = {}
        for value in values:
            if type(value) is Alt:
                flat.update(dict.fromkeys(value.values))
            else:
                flat[value] = None
        if len(flat) > 1:
            flat.pop(self.unknown, None)
        found = tuple(flat)
        if not found:
            return self.unknown
        if len(found) == 1:
            return found[0]
        if len(found) > MOST_ALTERNATIVES:
            self.count("alternatives")
            return self.too_many(*found)
        key = (Alt, found)
        return self._made.get(key) or self._keep(key, Alt(_any_open(found), found))

    def too_many(self, *found: Value) -> Value:
        """One of more things than are kept: made of all of them, where all are of one kind, as a table is that gets a
        column in each round of a loop."""
        kinds = {value.kind if type(value) is Result or type(value) is Derived else "" for value in found}
        kind = next(iter(kinds)) if len(kinds) == 1 else ""
        return self.derived(kind, *found) if kind else self.not_followed(TOO_MANY, *found)

    def not_followed(self, reason: str, *sources: Value) -> Unknown:
        origins = self.origins(*sources) if sources else ()
        key = (Unknown, reason, origins)
        return self._made.get(key) or self._keep(key, Unknown(_any_open(origins), reason, origins))

    def origins(self, *values: Value) -> tuple[Value, ...]:
        """The events, parameters and settings that values derive from, in order, bounded."""
        if len(values) == 1:
            return self.origins_of(values[0])
        found: dict[Value, None] = {}
        for value in values:
            if type(value) in _OWN_ORIGINS and type(value) is not Setting:
                found[value] = None
            else:
                for origin in self.origins_of(value):
                    found[origin] = None
        return tuple(found) if len(found) <= MOST_ORIGINS else self._bounded(found)

    def origins_of(self, value: Value) -> tuple[Value, ...]:
        """As `origins`, of one value."""
        shape = type(value)
        if shape is Derived or shape is Unknown:
            return value.origins  # type: ignore[attr-defined, no-any-return]
        if shape is Setting and type(value.file) is Result:  # type: ignore[attr-defined]
            return (value.file,)  # type: ignore[attr-defined]
        if shape in _OWN_ORIGINS:
            return (value,)
        if shape in _PLAIN:
            return ()
        known = self._origins.get(value)
        if known is None and shape is Item and _is_column_of_parameter(value):
            # which column it is will be known where the table is filled in
            waiting = self.deferred("item", (value.base, value.key), NOWHERE, -1)  # type: ignore[attr-defined]
            known = self._origins[value] = (waiting,)
        if known is None:
            known = self._origins[value] = self.origins(*_parts(value))
        return known

    def _bounded(self, found: dict[Value, None]) -> tuple[Value, ...]:
        found = dict.fromkeys(self._table_of(value) for value in found)
        if len(found) > MOST_ORIGINS:
            self.count("origins")
        return tuple(found)[:MOST_ORIGINS]

    def _table_of(self, origin: Value) -> Value:
        """The table in place of one of its columns."""
        if isinstance(origin, Result) and origin.index <= FIRST_COLUMN:
            return self.result(origin.event, origin.kind)
        if isinstance(origin, Deferred) and origin.op == "item" and isinstance(origin.operands[0], (Param, Result)):
            return origin.operands[0]
        return origin

    def texts(self) -> tuple[Text, ...]:
        """All texts, in the order in which they were made."""
        return tuple(self._texts.values())

    def users(self) -> Iterator[tuple[Value, ...]]:
        """What things go into whose use of them nobody follows: events, but for those that only show what they are
        given, data made in an unknown way, and comparisons with a whole."""
        for value in self._made.values():
            if type(value) is Derived or type(value) is Unknown:
                yield value.origins
            elif type(value) is Event and not _is_shown(value):
                yield tuple(argument for _, argument in value.arguments)
            elif type(value) is Deferred and value.op == "compare" and value.names[0] in ("==", "!="):
                left, right = value.operands[:2]
                yield (left,) if isinstance(right, Record) else (right,) if isinstance(left, Record) else ()

    def instances(self) -> Iterator[Instance]:
        """All objects of classes of the repository, in the order in which they were made."""
        return (value for value in self._made.values() if type(value) is Instance)

    def settings(self) -> tuple[Setting, ...]:
        """All settings, in the order in which they were made."""
        return tuple(self._settings.values())

    def count(self, bound: str) -> None:
        """Notes that a bound was met."""
        self.bounds[bound] = self.bounds.get(bound, 0) + 1

    def _keep(self, key: tuple[Any, ...], value: V) -> V:
        self._made[key] = value
        return value


_OWN_ORIGINS = frozenset({Result, Param, Setting, Deferred, Instance})
_PLAIN = frozenset({Scalar, Lib, Module, Code})
_SHOWS = frozenset({Role.INSPECT, Role.LOG})
_LOOKS = frozenset({"plot", "page"})  # how these look is what they are told


def _is_shown(event: Event) -> bool:
    """Whether a call shows people what it is given, and gives nothing back."""
    row = event.row
    return row is not None and row.role in _SHOWS and not (row.result or row.traits & _LOOKS)


def any_argument_open(arguments: tuple[tuple[str, Value], ...]) -> bool:
    """Whether the value of an argument is open."""
    for _, value in arguments:  # noqa: SIM110  as below
        if value.open:
            return True
    return False


def _is_column_of_parameter(item: Value) -> bool:
    """`df["x"]`, where a caller passes `df`; a column of a table that is read here, or of groups of its rows, by a name
    that is given or kept by the object, too."""
    if not isinstance(item, Item):
        return False
    if isinstance(item.key, (Param, Member, Deferred)) and item.key.open:
        grouped = isinstance(item.base, Derived) and item.base.kind.startswith("group") and item.base.open
        table = isinstance(item.base, Result) and item.base.index == -1 and item.base.kind.startswith("table")
        return grouped or table
    return isinstance(item.base, Param) and literal(item.key) is not None


def _any_open(values: tuple[Value, ...]) -> bool:
    for value in values:  # noqa: SIM110  a generator would cost more than the loop
        if value.open:
            return True
    return False


def _parts(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Text):
        return tuple(part for part in value.parts if not isinstance(part, str))
    if isinstance(value, (Sequence, Record)):
        return value.items
    if isinstance(value, (Member, Other)):
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
