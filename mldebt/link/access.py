"""Looking into values: attributes, items, elements, kinds, and truth."""

from __future__ import annotations

from mldebt.link import injected, keys, settings_classes, texts
from mldebt.link.kinds import instance_kind, is_names, item_kind, keeps_columns, kind_of, library_bases, names_one
from mldebt.link.machine import Machine
from mldebt.link.pool import MOST_ALTERNATIVES, Pool
from mldebt.link.settings_modules import held_by_module
from mldebt.link.values import (
    FIRST_COLUMN,
    NOWHERE,
    Alt,
    Bound,
    Code,
    Deferred,
    Derived,
    Instance,
    Item,
    Lib,
    Member,
    Module,
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
    field_of,
    is_none,
    literal,
    place_of,
    unnamed_items,
)
from mldebt.roles import Role

MOST_PARENTS = 16
ROW_INDEXERS = ("loc", "iloc", "at", "iat")
_SHUT = frozenset({Param, Deferred, Derived, Result, Item, Unknown, Sequence, Scalar})  # nothing is known inside
_PATH_PARTS = {"parent": texts.parent, "name": texts.name, "stem": texts.stem}


def elements_of(machine: Machine, value: Value) -> tuple[Value, ...] | None:
    """What iterating a value gives, one by one, where all of it is known."""
    value = keys.settled(machine, value)
    if isinstance(value, Setting) and value.how == "config":
        return keys.elements(machine, value)
    if isinstance(value, Sequence) and not value.rest:
        return value.items
    if isinstance(value, Record) and not value.rest:
        return value.keys
    if isinstance(value, Text) and value.kind == "text" and value.parts:
        return None
    return None


def attribute(machine: Machine, base: Value, name: str, from_unit: int, place: Place = NOWHERE) -> Value:
    """`base.name`, at a place of the code."""
    if injected.is_state(machine, base) and (held := injected.kept(machine, name, from_unit)) is not None:
        return held
    if type(base) in _SHUT or (isinstance(base, Member) and base.name != "super"):
        return machine.pool.member(base, name)
    if isinstance(base, Lib):
        if base.name in machine.catalogue.objects:
            return machine.pool.member(base, name)
        held = held_by_module(machine, base, name, from_unit)
        return machine.pool.lib(machine.canonical(f"{base.name}.{name}")) if held is None else held
    if isinstance(base, Module):
        found = machine.module_value(base, name, from_unit)
        if found is None and name == "__path__":
            return machine.pool.package_path(base.name)
        return machine.pool.not_followed("no such name in the module") if found is None else found
    if isinstance(base, Alt):
        return machine.pool.alt(*[attribute(machine, part, name, from_unit, place) for part in base.values])
    if isinstance(base, Instance):
        return instance_attribute(machine, base, name, from_unit, place)
    if isinstance(base, Code) and machine.info(base.unit).kind == "class":
        found = class_attribute(machine, base.unit, name, from_unit)
        if isinstance(found, Code) and "builtins.classmethod" in _decorators(machine, found):
            return machine.pool.bound(found, (("", base),))
        return machine.pool.member(base, name) if found is None else found
    if isinstance(base, Text) and base.kind == "path" and name == "path":
        return base
    if isinstance(base, Text) and base.kind == "path" and name in _PATH_PARTS and texts.ends_known(base):
        return _PATH_PARTS[name](machine.pool, base)
    if isinstance(base, Setting) and base.how == "config":
        return keys.named(machine, base, name, place)
    if isinstance(base, Record) and (found := field_of(base, name)) is not None:
        return found
    if isinstance(base, Member) and isinstance(base.base, Bound):
        return _of_base_class(machine, base.base, name, from_unit)
    return machine.pool.member(base, name)


def _of_base_class(machine: Machine, proxy: Bound, name: str, from_unit: int) -> Value:
    assert isinstance(proxy.callee, Code)
    found = class_attribute(machine, proxy.callee.unit, name, from_unit)
    if isinstance(found, Code) and machine.info(found.unit).kind == "function":
        return machine.pool.bound(found, proxy.arguments)
    return machine.pool.derived("") if found is None else found


def class_attribute(machine: Machine, unit: int, name: str, from_unit: int, depth: int = 0) -> Value | None:
    """A name defined in a class body, or in that of a base class of the repository."""
    found = machine.export(unit, name, from_unit)
    if found is not None:
        return found
    for base in machine.bases.get(unit, ()) if depth < 8 else ():
        if isinstance(base, Code):
            found = class_attribute(machine, base.unit, name, from_unit, depth + 1)
            if found is not None:
                return found
    return None


def instance_attribute(
    machine: Machine, base: Instance, name: str, from_unit: int, place: Place = NOWHERE
) -> Value:
    """A method bound to the object, a field, or a member of its library base."""
    found = class_attribute(machine, base.unit, name, from_unit)
    if isinstance(found, Code) and machine.info(found.unit).kind == "function":
        return _method(machine, base, found)
    if base.open and settings_classes.WHOLE in dict(base.arguments):
        return machine.pool.member(base, name)
    if found is not None and settings_classes.is_checked(machine, base.unit):
        return settings_classes.field(machine, base, name, found, place)
    given = settings_classes.given(machine, base, name, place)
    if given is not None:
        return given
    if found is not None and not is_none(found):
        return found
    if library_bases(machine, base.unit) and machine.catalogue.of_method(instance_kind(machine, base.unit), name):
        return machine.pool.member(base, name)
    return machine.pool.deferred("field", (base,), base.place, base.unit, (name,))


def _method(machine: Machine, base: Instance, method: Code) -> Value:
    decorated = _decorators(machine, method)
    if "builtins.staticmethod" in decorated:
        return method
    if "builtins.classmethod" in decorated:
        return machine.pool.bound(method, (("", machine.pool.code(base.unit)),))
    bound = machine.pool.bound(method, (("", base),))
    if decorated & {"builtins.property", "functools.cached_property"}:
        return machine.pool.deferred("call", (bound,), base.place, method.unit)
    return bound


def _decorators(machine: Machine, function: Code) -> set[str]:
    return {made.callee for made in machine.made.get(function.unit, ())}


def item(machine: Machine, base: Value, key: Value) -> Value:
    """`base[key]`."""
    base = keys.settled(machine, base)
    if isinstance(key, Setting) and kind_of(machine, base).startswith("table"):
        key = keys.name_told(machine, key)
    if isinstance(base, Record):
        return _record_item(machine.pool, base, key)
    if isinstance(base, Sequence) and isinstance(key, Scalar) and isinstance(key.value, int):
        return _sequence_item(machine.pool, base, key.value)
    if isinstance(base, Alt):
        parts = [part for part in base.values if not _lacks(part, key)]
        return machine.pool.alt(*(item(machine, part, key) for part in parts or base.values))
    if isinstance(base, Setting) and base.how == "config":
        return keys.child(machine, base, key, NOWHERE)
    if isinstance(base, Member) and (kept := _kept(machine, base, key)) is not None:
        return kept
    if isinstance(base, Lib) and base.name == "os.environ" and literal(key) is not None:
        return machine.pool.setting("env", str(literal(key)), None, place_of(key) or NOWHERE)
    if isinstance(base, Lib) and base.name == "os.environ" and isinstance(key, Alt):
        return machine.pool.alt(*(item(machine, base, one) for one in key.values))
    if isinstance(base, Lib) and base.name == "os.environ" and not key.open:
        machine.noted.any_variable.add(place_of(key) or NOWHERE)
    if isinstance(base, Member) and isinstance(base.base, Text) and base.base.kind == "path" and base.name == "parents":
        return _folder_above(machine.pool, base, key)
    if isinstance(base, Result) and isinstance(key, Scalar) and isinstance(key.value, int):
        return part_of_result(machine, base, key.value)
    if isinstance(base, Result) and base.index == -1 and base.kind.startswith("table"):
        name = literal(key)
        if name is not None:
            return machine.pool.column(base, name, item_kind(machine, machine.pool.item(base, key)))
    if (isinstance(base, Item) or keeps_columns(base)) and literal(key) is not None:
        return _column_of_rows(machine, base, key)
    if isinstance(base, Member) and isinstance(key, Sequence) and key.kind == "tuple" and len(key.items) == 2:
        return _column_of_rows(machine, machine.pool.item(base, key.items[0]), key.items[1])
    if isinstance(base, (Derived, Unknown, Item, Member)) and not isinstance(key, (Text, Sequence)):
        if _table_of(base) is not None and not is_names(kind_of(machine, base)):
            return machine.pool.item(base, key)
        grouped = isinstance(base, Derived) and base.open and base.kind.startswith("group")
        if grouped and isinstance(key, (Param, Member)):
            return machine.pool.item(base, key)  # a column of it, by a name that callers and objects know
        if isinstance(base, Member) and isinstance(base.base, Param) and isinstance(key, Param):
            return machine.pool.item(base, key)  # what an object keeps under the name that a caller gives
        return machine.pool.derived(_kind_of_part(kind_of(machine, base), key), base, key)
    if isinstance(base, Derived) and not base.open and base.kind.startswith("group") and literal(key) is not None:
        return _column_of_groups(machine, base, key)
    return machine.pool.item(base, key)


def _column_of_groups(machine: Machine, base: Derived, key: Value) -> Value:
    """`table.groupby("x")["y"]`: a column of the table that is grouped, and what else the groups come of."""
    kind, name = item_kind(machine, machine.pool.item(base, key)), literal(key) or ""
    tables = [o for o in base.origins if isinstance(o, Result) and o.index == -1 and o.kind.startswith("table")]
    return machine.pool.derived(kind, base, *[machine.pool.column(table, name, kind) for table in tables])


def _kept(machine: Machine, base: Member, key: Value) -> Value | None:
    """What the settings of an application hold under a key."""
    from mldebt.link import app_settings  # which looks into objects

    name = literal(key) if base.name in machine.catalogue.kept.attributes else None
    if name is None or not app_settings.keeps(machine, base):
        return None
    return app_settings.asked(machine, name, place_of(key) or NOWHERE)


def _lacks(value: Value, key: Value) -> bool:
    """Whether it is None, or a dictionary that surely has no such key, as the empty one of a fallback: not what is
    meant."""
    name = literal(key)
    if is_none(value):
        return True
    return isinstance(value, Record) and not value.rest and name is not None and field_of(value, name) is None


def _column_of_rows(machine: Machine, base: Value, key: Value) -> Value:
    """`table[mask]["x"]`, `table.iloc[0]["x"]`: a column of the table, in rows that something picks."""
    found = machine.pool.item(base, key)
    kind, table, name = item_kind(machine, found), _table_of(base), literal(key)
    if table is None or name is None:
        return found
    picked = tuple(origin for origin in machine.pool.origins(base) if not _is_of(origin, table, base))
    return machine.pool.derived(kind, machine.pool.column(table, name, kind), *picked)


def _is_of(origin: Value, table: Result, rows: Value) -> bool:
    """Whether it is the table, or a column of it by which all of it is put in order."""
    ordered = keeps_columns(rows) and isinstance(origin, Result) and origin.index <= FIRST_COLUMN
    return origin is table or (ordered and origin.event is table.event)  # type: ignore[attr-defined]


def _table_of(rows: Value) -> Result | None:
    """The whole table of which a value is a row, or some of the rows."""
    while isinstance(rows, (Item, Member)):
        if isinstance(rows, Item) and (isinstance(rows.key, (Text, Sequence)) or names_one(rows.key)):
            return None
        if isinstance(rows, Member) and rows.name not in ROW_INDEXERS:
            return None
        rows = rows.base
    known = rows.origins if isinstance(rows, Derived) and keeps_columns(rows) else (rows,)
    tables = [one for one in known if isinstance(one, Result) and one.index == -1 and one.kind.startswith("table")]
    return tables[0] if len(tables) == 1 else None


def _folder_above(pool: Pool, parents: Member, key: Value) -> Value:
    """`path.parents[2]`: the folder three up."""
    if not isinstance(key, Scalar) or not isinstance(key.value, int) or not 0 <= key.value <= MOST_PARENTS:
        return pool.item(parents, key)
    folder = parents.base
    for _ in range(key.value + 1):
        folder = texts.parent(pool, folder)
    return folder


def _kind_of_part(kind: str, key: Value | None = None) -> str:
    if is_names(kind) and not (isinstance(key, Derived) and key.kind.startswith(("slice", "column", "array"))):
        return "text.name"
    return kind if kind.partition(".")[0] in ("table", "column", "array", "group", "json", "number") else ""


def _record_item(pool: Pool, base: Record, key: Value) -> Value:
    wanted = literal(key)
    for known, value in zip(reversed(base.keys), reversed(base.items), strict=True):
        if known is key or (wanted is not None and literal(known) == wanted):
            return value
        if isinstance(key, Scalar) and isinstance(known, Scalar) and key.value == known.value:
            return value
    if key.open:
        return pool.deferred("item", (base, key), NOWHERE, -1)
    if wanted is not None or isinstance(key, Scalar):
        return pool.not_followed("no such key", *unnamed_items(base)) if base.rest else pool.item(base, key)
    return pool.alt(*base.items) if base.items else pool.derived("", base)


def _sequence_item(pool: Pool, base: Sequence, index: int) -> Value:
    if not base.rest and -len(base.items) <= index < len(base.items):
        return base.items[index]
    return pool.alt(*base.items) if base.items else pool.unknown


def part_of_result(machine: Machine, base: Result, index: int) -> Value:
    """One part of what an event gives: a partition of a split, a part of a tuple."""
    event, row = base.event, base.event.row
    if row is not None and row.role is Role.SPLIT and base.index == -1:
        data = [value for name, value in event.arguments if not name]
        told = row.result[index] if 0 <= index < len(row.result) and len(row.result) > 1 else ""
        kind = kind_of(machine, data[index // 2]) if 0 <= index // 2 < len(data) and index >= 0 else told
        return machine.pool.result(event, kind, index)
    if row is not None and len(row.result) > 1 and -len(row.result) <= index < len(row.result):
        return machine.pool.result(event, row.result[index], index)
    return machine.pool.derived(_kind_of_part(base.kind), base)


def element(machine: Machine, base: Value, index: int, starred: bool = False) -> Value:
    """A part of unpacking a value; with `index` -1000, an element of iterating it."""
    if base.open and not isinstance(base, (Sequence, Record, Result)):
        return machine.pool.deferred("element", (base, machine.pool.scalar(index)), NOWHERE, -1)
    if isinstance(base, Alt):
        return machine.pool.alt(*(element(machine, part, index, starred) for part in base.values))
    base = _part_of_settings(machine, base, index)
    if starred:
        return machine.pool.sequence("list", _starred(base, index), rest=True)
    if isinstance(base, Sequence):
        return machine.pool.alt(*base.items) if index == ITERATE else _sequence_item(machine.pool, base, index)
    if isinstance(base, Record):
        return machine.pool.alt(*base.keys) if index == ITERATE and base.keys else machine.pool.derived("", base)
    if isinstance(base, Result):
        if index != ITERATE:
            return part_of_result(machine, base, index)
        if base.event.row is not None and base.event.row.role is Role.SPLIT:
            return base
        return machine.pool.derived(_kind_of_part(base.kind), base)
    kind = kind_of(machine, base)
    if kind.startswith("group.") and index == 1:  # a key and its rows
        return machine.pool.derived(f"table.{kind.partition('.')[2]}", base)
    return machine.pool.derived(_kind_of_part(kind), base)


def _part_of_settings(machine: Machine, base: Value, index: int) -> Value:
    """A list or dictionary of a settings file as such; where its elements are not known, one that is any of them."""
    base = keys.settled(machine, base)
    if not isinstance(base, Setting) or base.how != "config":
        return base
    known = keys.sequence_of(machine, base)
    if index == ITERATE and isinstance(known, Sequence) and len(known.items) > MOST_ALTERNATIVES:
        known = base
    if known is base and machine.settings.kind(base) in ("dict", "config.sections"):
        known = keys.record_of(machine, base)
    return machine.pool.sequence("list", (keys.any_of(machine, base),), rest=True) if known is base else known


def _starred(base: Value, index: int) -> tuple[Value, ...]:
    return base.items[index:] if isinstance(base, Sequence) else (base,)


ITERATE = -1000
