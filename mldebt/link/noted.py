"""What the interpretation notes about names beside values: who names what, and what is given away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mldebt.graph.absent_code import FailingFile
from mldebt.link.values import Alt, Bound, Code, Event, Instance, Lib, Member, Module, Place, Value
from mldebt.rows import Row

SUBCLASSES = "__subclasses__"
SENT = "sent"
"""The trait of calls and names that give what somebody sends with a request, as it comes."""
_BY_NAME = frozenset(f"builtins.{name}" for name in ("eval", "exec", "globals", "locals", "vars"))
_WITH_NAMES = frozenset({Code, Instance, Module})
_CALLED = frozenset({Code, Module, Bound, Alt})

_MOST_HANDED = 4

@dataclass(frozen=True, slots=True)
class Declared:
    """A field as its class declares it: where, whether without a value, and the texts that its call gives by name."""

    at: Place
    left_open: bool
    told: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """What is put into the settings of an application at a place: an object with all that it holds, or a value under a
    key; None for what nobody knows."""

    place: Place
    value: Value | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A place that asks the settings of an application for a key."""

    place: Place
    key: str


@dataclass(slots=True)
class Noted:
    """Names and places that no value keeps, by the units in which they stand.

    `attributes` are names loaded from objects that are not known, `own` those loaded from the first
    parameter of a method, by its class, `loose` plain names of unknown meaning, and `asked_of_unknown` names
    of what may be a module. `held` are files that code holds as modules. `passed` are
    units handed on as values. `assigned` are names of attributes that are stored anywhere.
    `imported` are files by the files that import them, `searched` files whose names code looks up at
    run time. `local` are the files that imports mean, by the places of those. `libraries` are the places where
    a file imports a library, by its first word: unit, start, end.
    `bare` are strings that stand alone,
    `dated` are dates made of numbers,
    `flagged` branches whose condition was known once, `undecided` those whose condition cannot be known
    somewhere, `full` units that hold more than is kept.
    `meant` are the rows that calls were taken to be, by their places, `surely` those of which more than the name of a
    method says so, `constructed` the arguments with which
    classes of the repository that inherit from a library were called.
    `cut` are places that no run reaches, with the statement that ends the run before them.
    `asked` are attributes of objects that are not known yet, with the first place where each is asked for.
    `views` are the names in small letters that a file gives rows for later queries.
    `shown` are the places of texts that options only show to people, `options` those of the calls that make options,
    `handed` are the arguments of calls of functions and classes here, by these and the places of the calls,
    `spared` the places of texts that stand in where a dictionary lacks a key.
    `typed` are the classes of the repository that annotations of fields name, `declared` the fields that have an
    annotation, by class and field.
    `modules` are those that variables of the environment name, by the variables.
    `put` is what is put into settings of applications, `wanted` what they are asked for, with whether there is a
    default; `all_put` tells that all that is put there was looked for, `marked` are folders with marks of their own.
    `loaded` are the files of variables that calls load, `any_variable` the places that may read any variable.
    `columns_asked` are columns that are taken of tables by name, each with its first place.
    `set_later` are names of arguments that what was made at a place is given afterwards.
    `left_out` would happen in arms that no call takes.
    `listed` are the folders and packages whose contents a file asks for, `finding` the files that import by names they
    do not say, `naming` those that import whatever they are told, `families` the classes that are asked for their
    subclasses,
    `abroad` the classes, objects and modules that libraries are given.
    `failing` are the files that fail whenever they are run.
    """

    attributes: dict[str, set[int]] = field(default_factory=dict)
    own: dict[tuple[int, str], set[int]] = field(default_factory=dict)
    loose: dict[str, set[int]] = field(default_factory=dict)
    asked_of_unknown: dict[str, set[int]] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    passed: set[int] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    imported: dict[int, set[int]] = field(default_factory=dict)
    searched: set[int] = field(default_factory=set)
    local: dict[Place, int] = field(default_factory=dict)
    libraries: dict[tuple[int, str], set[tuple[int, int, int]]] = field(default_factory=dict)
    bare: dict[Place, int] = field(default_factory=dict)
    flagged: set[Place] = field(default_factory=set)
    undecided: set[Place] = field(default_factory=set)
    full: set[int] = field(default_factory=set)
    left_out: dict[Event, None] = field(default_factory=dict)
    dated: dict[Place, tuple[object, ...]] = field(default_factory=dict)
    meant: dict[Place, tuple[Row, ...]] = field(default_factory=dict)
    surely: set[Place] = field(default_factory=set)
    constructed: dict[Place, tuple[tuple[str, Value], ...]] = field(default_factory=dict)
    cut: dict[Place, tuple[int, Place, str]] = field(default_factory=dict)
    asked: dict[Value, Place] = field(default_factory=dict)
    views: dict[int, set[str]] = field(default_factory=dict)
    shown: set[Place] = field(default_factory=set)
    options: set[Place] = field(default_factory=set)
    spared: set[Place] = field(default_factory=set)
    handed: dict[tuple[int, Place], dict[tuple[tuple[str, Value], ...], None]] = field(default_factory=dict)
    typed: dict[tuple[int, str], int] = field(default_factory=dict)
    declared: dict[tuple[int, str], Declared] = field(default_factory=dict)
    modules: dict[str, tuple[Module, ...]] = field(default_factory=dict)
    put: dict[Put, None] = field(default_factory=dict)
    wanted: dict[Asked, bool] = field(default_factory=dict)
    all_put: bool = False
    marked: frozenset[str] | None = None
    loaded: dict[Place, Value] = field(default_factory=dict)
    any_variable: set[Place] = field(default_factory=set)
    columns_asked: dict[tuple[Value, str], Place] = field(default_factory=dict)
    set_later: dict[Place, set[str]] = field(default_factory=dict)
    listed: dict[int, dict[Value, None]] = field(default_factory=dict)
    finding: set[int] = field(default_factory=set)
    naming: set[int] = field(default_factory=set)
    families: dict[Value, None] = field(default_factory=dict)
    abroad: dict[Value, None] = field(default_factory=dict)
    failing: tuple[FailingFile, ...] = ()

    def attribute(self, name: str, unit: int) -> None:
        """A name loaded from an object that is not known."""
        self.attributes.setdefault(name, set()).add(unit)

    def mean(self, row: Row, place: Place, *, sure: bool) -> None:
        """A call that a row of the catalogue describes; not `sure` where only the name of a method says so."""
        if sure:
            self.surely.add(place)
        known = self.meant.get(place, ())
        if not any(row is one for one in known):
            self.meant[place] = (*known, row)

    def name(self, name: str, unit: int) -> None:
        """A plain name whose meaning is not known, or one of several."""
        self.loose.setdefault(name, set()).add(unit)

    def call(self, callee: Value, file: int, given: Iterable[Value], *, test: bool) -> None:
        """A call: of what looks names up at run time, all names of the file may be meant; what a library is given may
        be asked for all that it has."""
        if isinstance(callee, Lib) and callee.name in _BY_NAME and not test:
            self.searched.add(file)
        if isinstance(callee, (Lib, Member)):
            self.abroad.update((value, None) for value in given if type(value) in _WITH_NAMES)

    def hand(self, unit: int, place: Place, arguments: tuple[tuple[str, Value], ...]) -> None:
        """What a call gives a function or class here; of many fillings of one call the first few."""
        several = self.handed.setdefault((unit, place), {}) if arguments else {}
        if len(several) < _MOST_HANDED:
            several[arguments] = None

    def give(self, value: Value) -> None:
        """A value that code which is no test hands on: whoever gets it can call it."""
        if type(value) not in _CALLED:
            return
        if isinstance(value, Code):
            self.passed.add(value.unit)
        elif isinstance(value, Module):
            self.searched.add(value.file)
        elif isinstance(value, Bound):
            self.give(value.callee)
        elif isinstance(value, Alt):
            for part in value.values:
                self.give(part)
