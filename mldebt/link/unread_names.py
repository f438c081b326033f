"""Names that classes and modules of settings give values, and that no code asks for.

A class whose fields the environment fills is one of settings, and so is what takes a value from there, or is made of
the keys of a settings file. A module is one where other files take several plain values from it: what it holds beside
them is taken for a setting, too."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from mldebt.facts import NONE, Annotate, Attribute, Const, Element, Import, Load, Phi, Step
from mldebt.graph.settings import UnreadName
from mldebt.link.environment_fields import is_filled
from mldebt.link.kinds import library_bases
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.program import Program
from mldebt.link.slots import expanded
from mldebt.link.values import (
    Bound,
    Code,
    Handle,
    Instance,
    Lib,
    Member,
    Module,
    Place,
    Result,
    Scalar,
    Setting,
    Text,
    Unknown,
    Value,
)
from mldebt.source import Purpose

_SEVERAL = 3
"""So many plain values other files take of a module of settings."""
_NO_VALUES = (Bound, Code, Handle, Instance, Lib, Member, Module, Result, Unknown)
_MADE_ELSEWHERE = (Element, Import, Phi)
_WORD = re.compile(r"[A-Za-z_]\w*")
_OBJECT = "builtins.object"
_PACKAGE, _NOTEBOOK = "__init__.py", ".ipynb"


@dataclass(frozen=True, slots=True)
class _Named:
    """A name of a holder, and the place that gives it its value. `declared`: a field of a class that the environment
    fills; `given`: its value comes from there; `acts`: it does, or says where something lies, or goes into a
    step that handles data or models."""

    name: str
    at: Place
    declared: bool
    given: bool
    acts: bool


@dataclass(frozen=True, slots=True)
class _Use:
    """A place of a unit that says a name; `asks` for it, or only holds it in a text."""

    at: Place
    unit: int
    tested: bool
    asks: bool


def unread_names(machine: Machine) -> tuple[UnreadName, ...]:
    """The names of settings that no code says, where others of the same holder are asked for."""
    names = _Names(machine)
    found = [one for unit in names.holders() for one in names.unread(unit)]
    return tuple(sorted(found, key=lambda one: (one.at, one.name)))


class _Names:
    """What the code of a repository says of names."""

    def __init__(self, machine: Machine) -> None:
        self._machine, self._program = machine, machine.program

    def holders(self) -> Iterable[int]:
        """The classes and modules that may hold settings."""
        return self._held

    def unread(self, unit: int) -> Iterator[UnreadName]:
        """The unread names of one class or module."""
        named, file = self._held[unit], self._file(unit)
        said = {one: [use for use in self._uses.get(one.name, ()) if use.unit != unit or use.asks] for one in named}
        uses = {one: [use for use in found if use.asks or not self._fills(unit, use.at)] for one, found in said.items()}
        taking = self._taking(file)
        asked = {one: [use.at for use in found if not use.tested] for one, found in uses.items()}
        taken = {
            one: [use.at for use in found if use.asks and not use.tested and use.at[0] in taking]
            for one, found in uses.items()
        }  # fmt: skip
        first = min((at for places in taken.values() for at in places), default=None)
        shared = sum(map(bool, taken.values())) >= _SEVERAL and any(one.acts for one, places in taken.items() if places)
        for one, found in uses.items() if first is not None else ():
            if not asked[one] and (one.declared or one.given or shared):
                yield UnreadName(
                    path=self._program.sources[file].path, name=one.name, at=self._program.span(one.at),
                    holder=self._machine.info(unit).name, read_at=self._program.span(first),
                    given=one.declared or one.given, tested=bool(found),
                )  # fmt: skip

    @cached_property
    def _held(self) -> Mapping[int, list[_Named]]:
        """The names of the classes and modules that are not handed on as a whole."""
        units = (unit for unit in range(len(self._program.units)) if self._may_hold(unit) and unit not in self._whole)
        return {unit: named for unit in units if (named := list(self._named(unit)))}

    def _may_hold(self, unit: int) -> bool:
        source, kind = self._program.sources[self._file(unit)], self._machine.info(unit).kind
        ours = source.purpose is Purpose.PRODUCTION and not source.path.endswith((_NOTEBOOK, _PACKAGE))
        return ours and kind in ("class", "module") and self._program.exports(unit) != {}

    def _named(self, unit: int) -> Iterator[_Named]:
        """The names of a holder that nothing in its own body uses."""
        body, file = self._program.body(unit), self._file(unit)
        used = {index for step in body for index in operands(step)}
        filled = self._machine.info(unit).kind == "class" and is_filled(self._machine, unit)
        if not filled and set(library_bases(self._machine, unit)) - {_OBJECT}:
            return  # the library may ask for the names
        for name, index in self._program.exports(unit).items():
            step = body[index]
            if name.startswith("_") or index in used or isinstance(step, _MADE_ELSEWHERE):
                continue
            if isinstance(step, Annotate) and name in self._carried.get(unit, ()):
                yield _Named(name, (file, step.start, step.end), declared=True, given=False, acts=False)
                continue
            value = self._machine.export(unit, name, unit)
            declared, given = filled and isinstance(step, Annotate), self._is_given(value)
            if declared or (not filled and value is not None and self._is_plain(value, step)):
                yield _Named(name, (file, step.start, step.end), declared, given, given or self._acts(value))

    @cached_property
    def _carried(self) -> Mapping[int, Set[str]]:
        """The fields of classes that production code fills with keys of settings files."""
        found: dict[int, set[str]] = defaultdict(set)
        for one in self._made:
            found[one.unit].update(name for name, value in one.arguments if name and self._is_of_file(value))
        return found

    @cached_property
    def _made(self) -> Sequence[Instance]:
        """The objects that production code makes."""
        found = (one for one in self._machine.pool.instances() if one.place[0] >= 0)
        return [one for one in found if self._program.purpose(self._program.unit_at(one.place)) is Purpose.PRODUCTION]

    @cached_property
    def _making(self) -> Mapping[int, Set[Place]]:
        """The places of the calls in other files that make objects of a class out of keys of settings files: what they
        say fills its fields, and asks for none."""
        found: dict[int, set[Place]] = defaultdict(set)
        for one in self._made:
            if self._carried[one.unit] and one.place[0] != self._file(one.unit):
                found[one.unit].add(one.place)
        return found

    def _fills(self, unit: int, at: Place) -> bool:
        places = self._making.get(unit, ())
        return any(place[0] == at[0] and place[1] <= at[1] and at[2] <= place[2] for place in places)

    def _is_of_file(self, value: Value) -> bool:
        return any(isinstance(one, Setting) and one.how == "config" for one in self._machine.pool.origins(value))

    def _is_plain(self, value: Value, step: Step) -> bool:
        """Whether a value is written there, or made of settings alone."""
        bare = isinstance(step, Annotate) and step.value == NONE
        return not bare and not isinstance(value, _NO_VALUES) and all(
            isinstance(one, Setting) for one in self._machine.pool.origins(value)
        )

    def _acts(self, value: Value | None) -> bool:
        known = isinstance(value, Scalar) and value.place in self._handled
        return known or (isinstance(value, Text) and value.kind == "path")

    @cached_property
    def _handled(self) -> Set[Place]:
        """The places of plain values that go into steps with a role."""
        events = (event for event in self._machine.happened() if event.row is not None and event.row.role is not None)
        given = (value for event in events for _, value in expanded(event.arguments))
        plain = (value.default if isinstance(value, Setting) else value for value in given)
        return frozenset(value.place for value in plain if isinstance(value, Scalar))

    def _is_given(self, value: Value | None) -> bool:
        origins = () if value is None else self._machine.pool.origins(value)
        return any(isinstance(one, Setting) and one.how == "env" for one in origins)

    @cached_property
    def _whole(self) -> frozenset[int]:
        """The classes and modules that are handed on as a whole: whoever gets them may ask for all names."""
        found: set[int] = set()
        for value in set[Value](self._machine.noted.abroad).union(*self._machine.pool.users()):
            if isinstance(value, (Code, Instance)):
                found.add(value.unit)
            elif isinstance(value, Module) and value.file >= 0:
                found.add(self._program.module_unit(value.file))
        return frozenset(found)

    @cached_property
    def _uses(self) -> Mapping[str, list[_Use]]:
        """The places that say a name, by names; one walk over all code."""
        names = {one.name for named in self._held.values() for one in named}
        found: dict[str, list[_Use]] = defaultdict(list)
        for unit in range(len(self._program.units)) if names else ():
            file, tested = self._file(unit), self._program.is_test[unit]
            for step, said in _saying(self._program, unit):
                for name in names.intersection(said):
                    text = isinstance(step, Const)
                    if not (text and self._is_of_variable(file, step)):
                        found[name].append(_Use((file, step.start, step.end), unit, tested, not text))
        return found

    @cached_property
    def _variables(self) -> Mapping[int, list[Place]]:
        """The places that ask for variables of the environment, by files: the text there is the name of one."""
        found: dict[int, list[Place]] = defaultdict(list)
        for one in self._machine.pool.settings():
            if one.how == "env":
                found[one.place[0]].append(one.place)
        return found

    def _is_of_variable(self, file: int, step: Step) -> bool:
        return any(at[1] <= step.start and step.end <= at[2] for at in self._variables.get(file, ()))

    def _taking(self, file: int) -> Set[int]:
        """The files that import a file, or the package that imports it to give its names on."""
        imported = self._machine.noted.imported
        found = set(imported.get(file, ()))
        packages = [one for one in found if self._program.sources[one].path.endswith(_PACKAGE)]
        return found.union(*(imported.get(one, ()) for one in packages))

    def _file(self, unit: int) -> int:
        return self._program.file_of[unit]


def _saying(program: Program, unit: int) -> Iterator[tuple[Step, Sequence[str]]]:
    """The steps that ask for names, or hold them in a text by which somebody may ask for them."""
    yield from ((step, (step.name,)) for _, step in program.each(unit, Load))
    yield from ((step, (step.name,)) for _, step in program.each(unit, Attribute))
    yield from ((step, (step.name,)) for _, step in program.each(unit, Import))
    for _, text in program.each(unit, Const):
        if isinstance(text.value, str):
            yield text, _WORD.findall(text.value)
