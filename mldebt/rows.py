"""One row of the catalogue: what a callable, method or class means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mldebt.roles import Role, Store
from mldebt.slots import Condition, Slot, conditions, listed, one_slot, parse_slots
from mldebt.tabling import Tabling, parse_tablings
from mldebt.tasking import Tasking, parse_tasking


@dataclass(frozen=True, slots=True)
class Row:
    """What one callable, method or class means; the keys are described in `rules/schema.md`."""

    names: tuple[str, ...]
    library: str
    form: str  # call, method, class
    kinds: tuple[str, ...] = ()
    role: Role | None = None
    target: tuple[Slot, ...] = ()
    store: Store = Store.FILE
    bucket: Slot | None = None
    folder: Slot | None = None
    data: tuple[Slot, ...] = ()
    label: Slot | None = None
    model: Slot | None = None
    result: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    mutates: tuple[Slot, ...] = ()
    when: tuple[Condition, ...] = ()
    random: bool = False
    seeds: tuple[Slot, ...] = ()
    random_when: tuple[Condition, ...] = ()
    generator: str = ""
    global_seed: tuple[str, ...] = ()
    pin: tuple[Slot, ...] = ()
    versioned: bool = False
    callback: Slot | None = None
    op: str = ""
    traits: frozenset[str] = frozenset()
    distinctive: bool = False
    axis: str = ""
    task: Tasking | None = None
    orders: tuple[Slot, ...] = ()
    dialect: str = ""
    through: tuple[str, ...] = ()
    pulls: tuple[Slot, ...] = ()
    environment: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    module: str = ""
    object: str = ""
    file: str = ""
    prefix: str = ""
    sections: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    watches: tuple[Slot, ...] = ()
    stops: tuple[Slot, ...] = ()
    columns: tuple[Tabling, ...] = ()
    named_by: str = ""


def _words(value: object) -> tuple[str, ...]:
    return tuple(listed(value))


def _environment(value: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    return {key: _words(names) for key, names in value.items()}


_READERS: Mapping[str, Callable[[Any], object]] = MappingProxyType({
    "role": Role, "store": Store, "attributes": dict, "environment": _environment, "traits": frozenset,
    "task": parse_tasking, "columns": parse_tablings, "when": conditions, "random_when": conditions,
    **dict.fromkeys(("bucket", "folder", "label", "model", "callback"), one_slot),
    **dict.fromkeys(("target", "data", "mutates", "pin", "orders", "pulls", "watches", "stops"), parse_slots),
    **dict.fromkeys(("global_seed", "through", "sections", "own"), _words),
    **dict.fromkeys(("random", "versioned", "distinctive"), bool),
    **dict.fromkeys(("generator", "op", "axis", "dialect", "module", "object", "file", "prefix", "named_by"), str),
})  # fmt: skip
"""How the value of each key is read that is a field of its own; a row has few of them."""
_OTHERS = frozenset({"name", "on", "kind", "result", "seed", "why"})


def row_of(library: str, form: str, entry: Mapping[str, Any]) -> Row:
    """A row of a catalogue file. Raises ValueError, TypeError and KeyError where it cannot be used."""
    unknown = entry.keys() - _READERS.keys() - _OTHERS
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    read: dict[str, Any] = {key: _READERS[key](value) for key, value in entry.items() if key in _READERS}
    if form == "class":
        read.setdefault("role", Role.CONSTRUCT)
    seed = entry.get("seed")
    return Row(
        names=_words(entry["name"]),
        library=library,
        form=form,
        kinds=_words(entry.get("on")),
        result=_words(entry.get("kind") or entry.get("result")),
        seeds=() if seed == "none" else parse_slots(seed),
        **read,
    )
