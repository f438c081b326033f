"""How pipeline libraries make tasks of calls, functions and classes: the `task` table of a catalogue row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mldebt.roles import Store
from mldebt.slots import Slot, listed, one_slot, parse_slots

_KEYS = {
    "name", "passes", "takes", "gives", "after", "command", "once", "parameters", "hands", "needs",
    "store", "group", "settings", "renames", "also", "fields", "joins",
    "outputs", "before", "script", "file", "listed", "encloses", "space", "keeps", "starts",
    "installs",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tasking:
    """What is a task here, and how it says what it takes, gives and waits for; the keys are described in
    `rules/schema.md`."""

    name: Slot | None = None
    passes: tuple[Slot, ...] = ()
    takes: tuple[Slot, ...] = ()
    gives: tuple[Slot, ...] = ()
    after: tuple[Slot, ...] = ()
    command: tuple[Slot, ...] = ()
    once: bool = False
    parameters: bool = False
    hands: bool = False
    needs: tuple[str, ...] = ()
    store: Store = Store.FILE
    group: bool = False
    settings: tuple[str, ...] = ()
    renames: Slot | None = None
    also: tuple[Slot, ...] = ()
    fields: bool = False
    joins: bool = False
    outputs: tuple[str, ...] = ()
    before: tuple[Slot, ...] = ()
    script: Slot | None = None
    file: bool = False
    listed: tuple[str, ...] = ()
    encloses: bool = False
    space: Slot | None = None
    keeps: tuple[Slot, ...] = ()
    starts: Slot | None = None
    installs: Slot | None = None

    def setting(self, name: str) -> str | None:
        """The key of the settings that a name in `takes` stands for; None for a data set."""
        for start in self.settings:
            if name == start or (start.endswith(":") and name.startswith(start)):
                return name.removeprefix(start) or name
        return None


def parse_tasking(table: Mapping[str, Any] | None) -> Tasking | None:
    """The `task` table of a row. Raises ValueError for keys and slots that mean nothing."""
    if table is None:
        return None
    unknown = set(table) - _KEYS
    if unknown:
        raise ValueError(f"unknown keys {sorted(unknown)} of a task")
    return Tasking(
        name=one_slot(table.get("name")),
        passes=parse_slots(table.get("passes")),
        takes=parse_slots(table.get("takes")),
        gives=parse_slots(table.get("gives")),
        after=parse_slots(table.get("after")),
        command=parse_slots(table.get("command")),
        once=bool(table.get("once", False)),
        parameters=bool(table.get("parameters", False)),
        hands=bool(table.get("hands", False)),
        needs=tuple(listed(table.get("needs"))),
        store=Store(table.get("store", "file")),
        renames=one_slot(table.get("renames")),
        also=parse_slots(table.get("also")),
        fields=bool(table.get("fields", False)),
        joins=bool(table.get("joins", False)),
        outputs=tuple(listed(table.get("outputs"))),
        before=parse_slots(table.get("before")),
        script=one_slot(table.get("script")),
        file=bool(table.get("file", False)),
        encloses=bool(table.get("encloses", False)),
        listed=tuple(listed(table.get("listed"))),
        settings=tuple(listed(table.get("settings"))),
        group=bool(table.get("group", False)),
        space=one_slot(table.get("space")),
        keeps=parse_slots(table.get("keeps")),
        starts=one_slot(table.get("starts")),
        installs=one_slot(table.get("installs")),
    )
