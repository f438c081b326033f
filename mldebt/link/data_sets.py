"""Data sets and parameters that code asks for by name, as the settings of a project define them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field

from mldebt.link.environment_names import named
from mldebt.link.interpolation import interpolated
from mldebt.link.pipelines.catalogs import DataSet, data_sets, part_of_project
from mldebt.link.pipelines.tree import documents
from mldebt.link.program import Program
from mldebt.link.values import Place
from mldebt.source import folders_above

CATALOGUED = "catalogued"
"""The trait of calls whose target is the name of a data set in the catalogue of their project."""

MOST_WAYS = 4
MOST_FILES = 8
_BASE = ("", "base")
_USUAL = "local"  # the environment that holds when nobody names one
_ELSEWHERE = ("globals", "runtime_params")

Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A data set that a name stands for. `place` is its path, table, address or query with what is known put in;
    `sure`: the name is its own, not that behind a namespace which the code around may bring."""

    data_set: DataSet
    file: int
    place: str
    sure: bool = True


@dataclass(slots=True)
class Project:
    """The data sets and parameters of one project. What stands in the environment goes before what stands in the base
    of all. `parameters` are files, the one in force first."""

    home: str
    sets: dict[str, tuple[int, DataSet]] = field(default_factory=dict)
    patterns: dict[str, tuple[int, DataSet]] = field(default_factory=dict)
    parameters: list[int] = field(default_factory=list)
    values: dict[Keys, str] = field(default_factory=dict)

    def named(self, name: str) -> tuple[Named, ...]:
        """What a name stands for: its own data set, those of that name in namespaces, or the pattern that fits best."""
        if name in self.sets:
            return self._of(self.sets[name], name)
        spaced = [one for other, one in self.sets.items() if other.endswith(f".{name}")]
        if spaced:
            return tuple(each for one in spaced[:MOST_WAYS] for each in self._of(one, one[1].name, sure=False))
        fitting = [one for one in self.patterns.values() if one[1].filled(name) is not None]
        best = min(fitting, key=lambda one: (-one[1].literal, one[1].name), default=None)
        return self._of(best, name) if best is not None else ()

    def _of(self, found: tuple[int, DataSet], name: str, *, sure: bool = True) -> tuple[Named, ...]:
        file, one = found
        filled = one.filled(name) if one.is_pattern else one.place
        if not filled:
            return ()
        return tuple(Named(one, file, place, sure) for place in interpolated(filled, self._lookup)[:MOST_WAYS])

    def _lookup(self, keys: Keys) -> tuple[str, ...]:
        """What a reference means: a value of the catalogue, or one that all files may use, with a default."""
        name, _, default = keys[-1].partition(",") if keys[0] in _ELSEWHERE else ("", "", "")
        way = ("globals", *name.strip().split(".")) if name else keys
        known = self.values.get(way, default.strip().strip("'\""))
        return (known,) if known else ()


class DataSets:
    """The projects of a program. `environment` picks one of those that settings are written for."""

    def __init__(self, program: Program, environment: str = "") -> None:
        self._program = program
        self._projects: dict[str, Project] = {}
        self._keys: dict[int, tuple[Keys, ...]] = {}
        self._loaders: dict[str, Place] = {}
        for number, home, part in sorted(self._found(environment), key=lambda one: one[0]):
            self._read(self._projects.setdefault(home, Project(home)), number[1], part)

    def project(self, file: int) -> Project | None:
        """The project to which a file of code belongs: that of the nearest folder above."""
        if not self._projects:
            return None
        folders = (*folders_above(self._program.sources[file].path), "")
        return next((self._projects[folder] for folder in folders if folder in self._projects), None)

    def parameter(self, file: int, name: str) -> tuple[tuple[str, ...], tuple[Keys, ...]]:
        """The settings files in which a parameter may stand, the one in force first, and the keys that lead to it. An
        empty name is all of them, in as many files as there are."""
        project = self.project(file)
        if project is None:
            return (), ()
        wanted = tuple(name.split(".")) if name else ()
        holding = {number: self._ways(number, wanted) for number in project.parameters}
        files = project.parameters
        if wanted and len(files) > MOST_FILES:
            files = [number for number in files if holding[number]][:MOST_FILES]
        ways = tuple(dict.fromkeys(way for number in files for way in holding[number]))
        own = tuple(way for way in ways if way == wanted)
        return tuple(self._program.sources[number].path for number in files), (own or ways[:MOST_WAYS])

    def loader(self, place: Place) -> Place:
        """The place that stands for the loading of parameters: the first of a project that asks for one."""
        project = self.project(place[0])
        return self._loaders.setdefault(project.home, place) if project is not None else place

    def _ways(self, file: int, wanted: Keys) -> tuple[Keys, ...]:
        """The keys of a file that are, or end in, those of a parameter: a namespace may stand before them."""
        if file not in self._keys:
            self._keys[file] = tuple(dict.fromkeys(said.key for said in self._program.facts[file].settings))
        if not wanted:
            return ((),)
        return tuple(key for key in self._keys[file] if key[-len(wanted) :] == wanted)

    def _found(self, environment: str) -> Iterator[tuple[tuple[int, int], str, str]]:
        """The files that hold: of all first, then those of the environment."""
        for number, source in enumerate(self._program.sources):
            place = part_of_project(source.path) if self._program.facts[number].settings else None
            if place is not None and place[1] in _BASE:
                yield (0, number), place[0], place[2]
            elif place is not None and named(place[1]) == (environment or _USUAL):
                yield (1, number), place[0], place[2]

    def _read(self, project: Project, number: int, part: str) -> None:
        """One file of a project; what is read later goes before what is there."""
        settings = self._program.facts[number].settings
        if part == "parameters":
            project.parameters.insert(0, number)
            return
        above = ("globals",) if part == "globals" else ()
        project.values |= {(*above, *said.key): said.value for said in settings if said.value is not None}
        for one in (one for root in documents(settings) for one in data_sets(root)) if part == "catalog" else ():
            (project.patterns if one.is_pattern else project.sets)[one.name] = (number, one)


def placed(project: Project, name: str) -> str:
    """The name of a data set that lies nowhere, from the top of the repository: two projects may use one name."""
    return posixpath.join(project.home, name.partition("@")[0])
