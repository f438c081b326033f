"""One row of the catalogue: what a callable, method or class means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


_KEYS = {
    "name", "on", "role", "target", "store", "bucket", "data", "label", "model", "result", "attributes", "mutates",
    "when", "random", "seed", "random_when", "generator", "global_seed", "pin", "versioned", "callback", "op",
    "traits", "distinctive", "axis", "dialect", "why", "kind", "task", "orders", "through", "pulls",
    "environment", "module", "object", "file", "prefix", "sections", "own",
    "watches", "stops", "columns",
}  # fmt: skip


def row_of(library: str, form: str, entry: Mapping[str, Any]) -> Row:
    """A row of a catalogue file. Raises ValueError, TypeError and KeyError where it cannot be used."""
    unknown = set(entry) - _KEYS
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    kind = entry.get("kind")
    seed = entry.get("seed")
    return Row(
        names=tuple(listed(entry["name"])),
        library=library,
        form=form,
        kinds=tuple(listed(entry.get("on"))),
        role=Role(entry["role"]) if "role" in entry else (Role.CONSTRUCT if form == "class" else None),
        target=parse_slots(entry.get("target")),
        store=Store(entry.get("store", "file")),
        bucket=one_slot(entry.get("bucket")),
        data=parse_slots(entry.get("data")),
        label=one_slot(entry.get("label")),
        model=one_slot(entry.get("model")),
        result=tuple(listed(kind)) if kind else tuple(listed(entry.get("result"))),
        attributes=dict(entry.get("attributes", {})),
        mutates=parse_slots(entry.get("mutates")),
        when=conditions(entry.get("when")),
        random=bool(entry.get("random", False)),
        seeds=() if seed == "none" else parse_slots(seed),
        random_when=conditions(entry.get("random_when")),
        generator=str(entry.get("generator", "")),
        global_seed=tuple(listed(entry.get("global_seed"))),
        pin=parse_slots(entry.get("pin")),
        versioned=bool(entry.get("versioned", False)),
        callback=one_slot(entry.get("callback")),
        op=str(entry.get("op", "")),
        traits=frozenset(entry.get("traits", ())),
        distinctive=bool(entry.get("distinctive", False)),
        axis=str(entry.get("axis", "")),
        task=parse_tasking(entry.get("task")),
        orders=parse_slots(entry.get("orders")),
        dialect=str(entry.get("dialect", "")),
        pulls=parse_slots(entry.get("pulls")),
        through=tuple(listed(entry.get("through"))),
        environment={key: tuple(listed(names)) for key, names in entry.get("environment", {}).items()},
        module=str(entry.get("module", "")),
        object=str(entry.get("object", "")),
        file=str(entry.get("file", "")),
        prefix=str(entry.get("prefix", "")),
        sections=tuple(listed(entry.get("sections"))),
        own=tuple(listed(entry.get("own"))),
        watches=parse_slots(entry.get("watches")),
        stops=parse_slots(entry.get("stops")),
        columns=parse_tablings(entry.get("columns")),
    )
