"""Builders of units: steps in order, local names resolved to values, joins as phi."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from mldebt.facts import (
    NONE,
    Comment,
    Load,
    Parameter,
    Phi,
    SetGlobal,
    Step,
    Unit,
    pack_steps,
)

Bindings = dict[str, int]
Evaluate = Callable[["UnitBuilder", Any], int]
Execute = Callable[["UnitBuilder", Any], None]


@dataclass(slots=True)
class Reader:
    """What is shared while one file is read: the handlers by node type, places, finished units."""

    expressions: Mapping[type, Evaluate]
    statements: Mapping[type, Execute]
    units: list[Unit | None] = field(default_factory=list)
    spans: Mapping[cst.CSTNode, tuple[int, int]] = field(default_factory=dict)
    keywords: Mapping[cst.CSTNode, int] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    base: int = 0
    ids: Counter[str] = field(default_factory=Counter)
    flags: set[str] = field(default_factory=set)
    all_names: list[str] = field(default_factory=list)

    def new_id(self, qualified: str) -> str:
        """The qualified name, with an ordinal from its second use on."""
        self.ids[qualified] += 1
        count = self.ids[qualified]
        return qualified if count == 1 else f"{qualified}#{count}"


class UnitBuilder:
    """One unit while it grows. `bound` maps each local name to the value it has at this point;
    `dead` tells that the code that follows in this block cannot be reached."""

    __slots__ = (
        "bound", "breaks", "captured", "dead", "flags", "free", "global_names", "id", "index",
        "kind", "latest", "loads", "name", "names", "parameters", "parent", "reader", "steps",
    )  # fmt: skip

    def __init__(self, reader: Reader, kind: str, name: str, parent: UnitBuilder | None) -> None:
        self.reader = reader
        self.kind = kind
        self.name = name
        self.parent = parent
        prefix = f"{parent.id}." if parent is not None and parent.id else ""
        self.id: str = "" if kind == "module" else reader.new_id(prefix + name)
        self.index = len(reader.units)
        reader.units.append(None)
        self.steps: list[Step | None] = []
        self.bound: Bindings = {}
        self.latest: Bindings = {}
        self.names: dict[int, str] = {}
        self.loads: Bindings = {}
        self.free: set[str] = set()
        self.captured: set[str] = set()
        self.global_names: set[str] = set()
        self.flags: set[str] = set()
        self.breaks: list[list[Bindings]] = []
        self.parameters: list[Parameter] = []
        self.dead = False

    def at(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where the node stands in the text of the module."""
        start, end = self.reader.spans[node]
        base = self.reader.base
        return start + base, end + base

    def add(self, step: Step) -> int:
        """Appends a step and gives the number of its value."""
        self.steps.append(step)
        return len(self.steps) - 1

    def reserve(self) -> int:
        """Keeps the place of a step whose end is not known yet; `fill` puts it there."""
        self.steps.append(None)
        return len(self.steps) - 1

    def fill(self, index: int, step: Step) -> None:
        """Puts a step into the place kept for it."""
        self.steps[index] = step

    def value(self, node: cst.CSTNode) -> int:
        """The value of an expression; raises KeyError on a node type nobody handles."""
        return self.reader.expressions[type(node)](self, node)

    def execute(self, node: cst.CSTNode) -> None:
        """The effect of a statement; raises KeyError on a node type nobody handles."""
        self.reader.statements[type(node)](self, node)

    def load(self, name: str, start: int, end: int) -> int:
        """The value of a name here. A name of another unit is loaded once for the whole unit."""
        value = self.bound.get(name, NONE)
        if value != NONE:
            return value
        found = self.loads.get(name)
        if found is None:
            self.free.add(name)
            found = self.loads[name] = self.add(Load(start, end, name))
        return found

    def bind(self, name: str, value: int, start: int, end: int) -> None:
        """Gives a name a new value."""
        if name in self.global_names:
            self.add(SetGlobal(start, end, name, value))
            self.loads[name] = value
            return
        self.bound[name] = self.latest[name] = value
        self.names.setdefault(value, name)

    def join(self, branches: list[Bindings], start: int, end: int) -> Bindings:
        """The bindings behind blocks of which one ran; names that differ become phi."""
        if not branches:
            return self.bound
        first, *others = branches
        if not others:
            return first
        joined: Bindings = {}
        for name in dict.fromkeys(name for branch in branches for name in branch):
            values = tuple(dict.fromkeys(branch.get(name, NONE) for branch in branches))
            joined[name] = values[0] if len(values) == 1 else self.add(Phi(start, end, name, values))
        return joined

    def finish(self, start: int, end: int) -> None:
        """Packs the unit and hands the names it needs to the unit around it."""
        # What an inner unit captures in a block that returns is bound no more where this unit ends.
        known = self.bound if self.kind in ("module", "class") else {**self.latest, **self.bound}
        visible = known if self.kind in ("module", "class") else self.captured
        exports = tuple((name, known[name]) for name in sorted(visible) if known.get(name, NONE) != NONE)
        if self.parent is not None:
            self.parent.free |= self.free
            self.parent.captured |= self.free
        self.reader.units[self.index] = Unit(
            id=self.id,
            kind=self.kind,
            name=self.name,
            parent=NONE if self.parent is None else self.parent.index,
            start=start,
            end=end,
            parameters=tuple(self.parameters),
            exports=exports,
            body=pack_steps([step for step in self.steps if step is not None]),
            flags=tuple(sorted(self.flags)),
            names=tuple(self.names.items()),
        )
