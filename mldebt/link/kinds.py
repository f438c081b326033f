"""What is known of a value by itself: its kind in the catalogue's words, whether it is true, whether two are equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mldebt.facts import Define, Import
from mldebt.link.machine import Machine
from mldebt.link.values import (
    Alt,
    Bound,
    Code,
    Deferred,
    Derived,
    Handle,
    Instance,
    Item,
    Lib,
    Member,
    Module,
    Other,
    Param,
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
from mldebt.rows import Row

MOST_FIELDS_BEHIND = 3
_EQUAL = frozenset({Scalar, Text})
_TOLD = frozenset({Result, Derived, Text, Sequence})
_UNDECIDED = frozenset({Param, Deferred, Derived, Result, Member, Item, Alt, Unknown, Setting, Lib, Handle, Other})
_SPLITS = ".splits"  # tables by the name of their split
_SILENT = frozenset({Module, Code, Bound, Deferred, Unknown})
_TEXT = "text"
_BY_ITEM = "__getitem__"
_KEPT = ".kept"  # a table with the columns of the one it is made of, each in its place


def truth(value: Value) -> bool | None:
    """Whether a value counts as true, where that is known."""
    if type(value) in _UNDECIDED:
        return None
    if isinstance(value, Scalar):
        return bool(value.value)
    if isinstance(value, Text) and value.parts:
        return True if any(isinstance(part, str) for part in value.parts) else None
    if isinstance(value, Text):
        return False
    if isinstance(value, (Record, Sequence)) and not value.rest and not value.open:
        return bool(value.items)
    if isinstance(value, (Code, Bound, Instance, Module)):
        return True
    return None


def changed_setting(value: Value) -> Setting | None:
    """The variable of the environment of which a text is made by a method of texts alone, such as `lower`."""
    if type(value) is not Text:
        return None
    part = value.parts[0] if len(value.parts) == 1 else None
    origins = part.origins if isinstance(part, Derived) and part.kind == "text" else ()
    first = origins[0] if len(origins) == 1 else None
    return first if isinstance(first, Setting) and first.how == "env" else None


def is_setting(value: Value) -> bool:
    """Whether a value is a setting, one as a method of texts leaves it, or one of several."""
    if type(value) is Alt:
        return all(isinstance(part, Setting) for part in value.values)
    return type(value) is Setting or changed_setting(value) is not None


def same(left: Value, right: Value) -> bool | None:
    """Whether two values are equal, where that is known."""
    if type(left) not in _EQUAL or type(right) not in _EQUAL:
        return None
    if left is right and not left.open and isinstance(left, (Scalar, Text)):
        return True
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return left.value == right.value
    first, second = literal(left), literal(right)
    if first is not None and second is not None:
        return first == second
    if (isinstance(left, Scalar) and second is not None) or (isinstance(right, Scalar) and first is not None):
        return False
    return None


def kind_of(machine: Machine, value: Value) -> str:
    """The kind of a value in the catalogue's words; empty where unknown."""
    shape = type(value)
    if shape in _TOLD:
        return value.kind  # type: ignore[attr-defined, no-any-return]
    if shape in _SILENT:
        return ""
    return _KINDS[shape](machine, value)


def _object_kind(machine: Machine, value: Instance) -> str:
    return instance_kind(machine, value.unit)


def _one_kind(machine: Machine, value: Alt) -> str:
    """The first that is known: alternatives are hardly ever of two kinds."""
    return next((kind for part in value.values if (kind := kind_of(machine, part))), "")


def _setting_kind(machine: Machine, value: Setting) -> str:
    if value.how == "config":
        known = machine.settings.kind(value)
        return known or ("dict" if not value.keys else "")
    return kind_of(machine, value.default) if value.default is not None else "text"


def _scalar_kind(machine: Machine, value: Scalar) -> str:
    return "number" if isinstance(value.value, (int, float)) and not isinstance(value.value, bool) else ""


def _member_kind(machine: Machine, value: Member) -> str:
    base = kind_of(machine, value.base)
    if not base:
        return "number" if value.name in machine.catalogue.sums else _field_kind(machine, value)
    for row in machine.catalogue.of_method(base, value.name):
        if row.result:
            result = row.result[0]
            return base if result in ("same", "self") else result
    return column_kind(machine, value)


def _field_kind(machine: Machine, value: Member) -> str:
    """A text, where all that a class stores in a field of its own is one. What is stored may come from other fields,
    and from the field itself."""
    owner = machine.program.parent(value.base.unit) if isinstance(value.base, Param) and not value.base.index else -1
    key, asked = (owner, value.name), machine.asked_fields
    stored = machine.fields.get(key, {})
    if not stored or key in asked:
        return ""
    if len(asked) >= MOST_FIELDS_BEHIND:
        machine.pool.count("fields")
        return ""
    asked.append(key)
    try:
        return _TEXT if all(kind_of(machine, one) == _TEXT for one, _ in stored) else ""
    finally:
        asked.pop()


def column_kind(machine: Machine, value: Member) -> str:
    """The kind of the column that an attribute of a table is, by a name that its kind has not; empty for any other."""
    base = kind_of(machine, value.base)
    stem, _, leaf = base.partition(".")
    return f"column.{leaf}" if stem == "table" and leaf and not machine.catalogue.of_method(base, value.name) else ""


def item_kind(machine: Machine, value: Item) -> str:
    """The kind of a part of a table, column, array, of the groups of a table, or of what a client holds by its name."""
    base = kind_of(machine, value.base)
    stem, _, leaf = base.removesuffix(_KEPT).partition(".")
    single = isinstance(value.key, (Text, Scalar)) or names_one(value.key) or _is_text(machine, value.key)
    if stem == "group" and single and leaf and not leaf.endswith(".column"):
        return f"{base}.column"
    if stem == "table" and leaf.endswith(_SPLITS):
        return base.removesuffix(_SPLITS)
    if stem == "table":
        return f"column.{leaf}" if single and leaf else "column" if single else base
    if stem == "client":
        return next((row.result[0] for row in machine.catalogue.of_method(base, _BY_ITEM) if row.result), "")
    return base if stem in ("column", "array", "group", "json", "number") else ""


def _is_text(machine: Machine, key: Value) -> bool:
    """Whether it is one name, whatever it is: a parameter or a field that is a text, one of the names of a table."""
    if isinstance(key, Deferred) and key.op == "element":
        return is_names(kind_of(machine, key.operands[0]))
    return isinstance(key, (Param, Member)) and kind_of(machine, key) == _TEXT


def _annotated_kind(machine: Machine, value: Param) -> str:
    notes = machine.annotations.get(value.unit, ())
    note = notes[value.index] if value.index < len(notes) else None
    return "" if note is None else kind_made_by(machine, note)


def kind_made_by(machine: Machine, note: Value) -> str:
    """The kind of the instances of a class or annotation."""
    if isinstance(note, Lib):
        name = machine.canonical(note.name)
        for row in machine.rows_of_call(name):
            if row.result and row.result[0] not in ("self", "same"):
                return row.result[0]
        return {"builtins.str": "text", "builtins.dict": "dict", "builtins.list": "list"}.get(name, "")
    if isinstance(note, Code) and machine.info(note.unit).kind == "class":
        return instance_kind(machine, note.unit)
    if isinstance(note, Alt):
        return next((kind for part in note.values if (kind := kind_made_by(machine, part))), "")
    if isinstance(note, Item):
        return kind_made_by(machine, note.base)
    return ""


def instance_kind(machine: Machine, unit: int, depth: int = 0) -> str:
    """The kind a class of the repository inherits from a library class."""
    for base in machine.bases.get(unit, ()):
        kind = kind_made_by(machine, base) if isinstance(base, Lib) else ""
        if not kind and isinstance(base, Code) and depth < 8:
            kind = instance_kind(machine, base.unit, depth + 1)
        if kind:
            return kind
    return ""


def library_bases(machine: Machine, unit: int, depth: int = 0) -> tuple[str, ...]:
    """The library classes that a class of the repository inherits from."""
    found: list[str] = []
    for base in machine.bases.get(unit, ()):
        if isinstance(base, Lib):
            found.append(base.name)
        elif isinstance(base, Code) and depth < 8:
            found += library_bases(machine, base.unit, depth + 1)
    return tuple(found)


def keeping_columns(kind: str, row: Row) -> str:
    """The kind of a table that a call gives: whether it has the columns of the one it is made of."""
    plain = kind.removesuffix(_KEPT)
    return plain + _KEPT if plain.startswith("table.") and "keeps-columns" in row.traits else plain


def keeps_columns(value: Value) -> bool:
    """Whether a table has the columns of the one it is made of."""
    return isinstance(value, Derived) and value.kind.endswith(_KEPT)


def names_one(key: Value) -> bool:
    """Whether it is one of the names of a table's columns."""
    return isinstance(key, Derived) and key.kind == "text.name"


def is_names(kind: str) -> bool:
    """Whether it is the names of a table's columns."""
    return kind.startswith("column") and kind.endswith(".names")


_KINDS: Mapping[type[Value], Callable[[Machine, Any], str]] = {
    Member: _member_kind,
    Item: item_kind,
    Param: _annotated_kind,
    Instance: _object_kind,
    Record: lambda machine, value: "dict",
    Handle: lambda machine, value: "file",
    Other: lambda machine, value: kind_of(machine, value.base),
    Alt: _one_kind,
    Setting: _setting_kind,
    Scalar: _scalar_kind,
    Lib: lambda machine, value: machine.catalogue.objects.get(value.name, ""),
}


def offers_application(machine: Machine, unit: int) -> bool:
    """Whether a module makes an application that a server of its library is started with, under a name of its own."""
    body = machine.program.body(unit)
    names = machine.program.exports(unit).items()
    made = (name for name, step in names if not isinstance(body[step], (Define, Import)))
    values = (machine.export(unit, name, unit) for name in made)
    return any(value is not None and kind_of(machine, value).partition(".")[0] == "app" for value in values)
