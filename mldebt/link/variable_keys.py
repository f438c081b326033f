"""Variables of the environment in the words of checks: who gives each a value, and who asks for it."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from mldebt.graph.settings import DefinedSetting, SettingRead
from mldebt.link.app_settings import group
from mldebt.link.components import Components
from mldebt.link.environment_fields import declared_variables
from mldebt.link.environment_names import is_template, of_environment
from mldebt.link.machine import Machine
from mldebt.link.plain_values import masked
from mldebt.link.sheets import Keys
from mldebt.link.values import Place, Setting
from mldebt.link.variable_files import VariableFiles
from mldebt.link.variables import DECLARED, Variable, env_files, variables
from mldebt.link.words import Words
from mldebt.source import Span, folders_above

MOST_PLACES = 12
_BUILT = (".jar",)
"""The endings of programs whose words nobody can read."""
ALL = "all-variables"
"""The trait of rows that take all variables there are."""
GIVES = "gives"
"""The trait of rows that give a variable a value for what runs after it."""


class VariableKeys:
    """What one linking knows of variables. `of_files` are reads of files of variables as settings files, `paths` all
    files that there are."""

    def __init__(
        self, machine: Machine, components: Components, words: Words,
        of_files: Mapping[tuple[int, Keys], tuple[Place, ...]], paths: Iterable[str],
    ) -> None:  # fmt: skip
        self._machine, self._components, self._words, self._of_files = machine, components, words, of_files
        self._variables, self._given = variables(machine.program), env_files(machine.program)
        self._files = VariableFiles(machine)
        self._free = {group(machine, place[0]) for place in self._taking_all()}
        others = [path for path in paths if path.endswith(_BUILT)]
        self._others = {above for path in others for above in ("", *folders_above(path))}

    def _taking_all(self) -> Iterator[Place]:
        """The places that may read any variable."""
        noted = self._machine.noted
        taking = (at for at, rows in noted.meant.items() if any(ALL in row.traits for row in rows))
        for place in sorted({*noted.any_variable, *taking}):
            if place[0] >= 0 and not self._machine.is_test(self._machine.program.unit_at(place)):
                yield place

    def _is_free(self, path: str, name: str) -> bool:
        """Whether a library may read a variable by itself, somebody all variables, or a program of unknown code: one
        that is built already, or in an image."""
        number = self._machine.program.number.get(path)
        taken = number is not None and group(self._machine, number) in self._free
        elsewhere = posixpath.dirname(path) in self._others
        return taken or elsewhere or path in self._files.theirs or self._is_of_library(name)

    @cached_property
    def _is_of_library(self) -> Callable[[str], bool]:
        return _any_of(self._machine.catalogue.variables)

    def defined(self) -> Iterator[DefinedSetting]:
        """Every place that gives a variable a value."""
        read = self._places_of_reads()
        environment = self._machine.settings.environment
        for one in self._variables:
            source = self._machine.program.sources[one.at[0]]
            if environment and of_environment(source.path) not in ("", environment):
                continue
            yield DefinedSetting(
                form=one.form, file=source.path, key=(one.name,), name=one.name, kind=one.kind, value=one.value or "",
                at=self._span(one.at),
                loaded_by=self._spans(self._files.loaders.get(source.path, ()) if one.form == "env" else ()),
                read_at=self._uses(one) if one.scope == DECLARED else self._spans(
                    (*read.get(one.name, ()), *self._of_files.get((one.at[0], (one.name,)), ()))
                ),
                passed_on=one.form == "env" and self._is_free(source.path, one.name),
                mentioned=one.name not in read and self._words.holds(one.name), environment=of_environment(source.path),
                template=is_template(source.path), scope=one.scope,
                component=self._components.of(self._home(source.path)),
                purpose=source.purpose, end_line=self._span(one.at).line,
            )  # fmt: skip

    def given(self, name: str) -> Iterator[Place]:
        """The places that give a variable a value."""
        return (one.at for one in self._variables if one.name == name and one.scope != DECLARED)

    def _home(self, path: str) -> str:
        """The file to whose program a file of variables belongs: the one above it that gives it to a service."""
        giver = self._given.get(path, path)
        folder = posixpath.dirname(giver)
        return giver if not folder or path.startswith(f"{folder}/") else path

    def _uses(self, one: Variable) -> tuple[Span, ...]:
        """Where Terraform files of the same folder use one of its variables."""
        program = self._machine.program
        folder = posixpath.dirname(program.sources[one.at[0]].path)
        places = [
            (number, said.start, said.end)
            for number, source in enumerate(program.sources)
            if source.path.endswith(".tf") and posixpath.dirname(source.path) == folder
            for said in program.facts[number].settings
            if said.key == ("var", one.name)
        ]
        return self._spans(places)

    def reads(self) -> Iterator[tuple[SettingRead, Place]]:
        """Every place that asks for a variable, with that place."""
        by_name: dict[str, list[Place]] = defaultdict(list)
        for one in self._variables:
            if one.scope != DECLARED:
                by_name[one.name].append(one.at)
        searched = {self._machine.program.sources[one.at[0]].path for one in self._variables if one.scope != DECLARED}
        asked: dict[tuple[Place, str], Setting] = {}
        for setting in self._machine.pool.settings():
            if setting.how == "env" and not setting.open and setting.place[0] >= 0:
                key = setting.place, setting.name
                asked[key] = asked[key] if key in asked and setting.default is None else setting
        for setting in asked.values():
            yield self._read(setting, (setting.name,), by_name, searched)
        for setting in self._machine.pool.settings():
            if setting.how == "field" and setting.variables and setting.default is None and setting.place[0] >= 0:
                yield self._read(setting, setting.variables, by_name, searched)

    def _read(
        self, setting: Setting, names: tuple[str, ...], by_name: Mapping[str, list[Place]], searched: set[str]
    ) -> tuple[SettingRead, Place]:
        """A read of a variable, under one of its names."""
        default, named = setting.default, names[-1]
        places = [place for name in names for place in by_name.get(name, ())]
        spared = default is not None or bool(places)  # nobody needs to ask for the words of all code
        read = SettingRead(
            how=setting.how, key=(named,), name=named, at=self._span(setting.place),
            files=tuple(sorted(searched)), defined_at=self._spans(places),
            has_default=default is not None and default is not self._machine.pool.none,
            default=masked(named, default) or "", required=default is None,
            known=spared or not any(map(self._words.is_stored, names)),
        )  # fmt: skip
        return read, setting.place

    def _places_of_reads(self) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = defaultdict(list)
        for setting in self._machine.pool.settings():
            if setting.how == "env" and setting.place[0] >= 0:
                found[setting.name].append(setting.place)
            elif setting.how == "field" and setting.place[0] >= 0:
                for name in setting.variables or (setting.name.upper(),):
                    found[name].append(setting.place)
            elif setting.place[0] >= 0 and (variable := self._machine.settings.variable(setting)):
                found[variable].append(setting.place)
        for unit in range(len(self._machine.program.units)):
            if self._machine.info(unit).kind == "class":
                for name, place in declared_variables(self._machine, unit):
                    found[name].append(place)
        return found

    def _span(self, place: Place) -> Span:
        return self._machine.program.span(place)

    def _spans(self, places: Iterable[Place]) -> tuple[Span, ...]:
        return self._machine.program.spans(places, MOST_PLACES)


def _any_of(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Whether a name is of one of these patterns."""
    matching = re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)")
    return lambda name: matching.match(name) is not None
