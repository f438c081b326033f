"""Projects of dbt: which file makes which table, where a declared source lies, and who is told to use what."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec

from mldebt.declarations import Relation, Setting, Statement
from mldebt.link.program import Program
from mldebt.source import Kind, folders_above

PROJECT = ("dbt_project.yml", "dbt_project.yaml")
_PATHS = {
    "models": ("model-paths", "source-paths", "models"),
    "snapshots": ("snapshot-paths", "snapshots"),
    "seeds": ("seed-paths", "data-paths", "seeds"),
}
_REF = re.compile(r"\b(ref|source)\s*\(\s*['\"]([^'\"]+)['\"](?:\s*,\s*['\"]([^'\"]+)['\"])?[^()]*\)")
_SNAPSHOT = "snapshot:"


@dataclass(frozen=True, slots=True)
class Use:
    """A use that a definition declares: `user` is the name of an exposure, or empty for what only describes a
    table; `form` and `name` as in `Relation`."""

    file: int
    user: str
    form: str
    name: str
    start: int
    end: int


@dataclass(slots=True)
class _Project:
    """One project: its folder and the folders of its parts."""

    folder: str
    parts: dict[str, tuple[str, ...]]
    sources: dict[str, str] = field(default_factory=dict)  # declared name -> the table it is
    uses: list[Use] = field(default_factory=list)


def models_of_projects(program: Program) -> frozenset[str]:
    """The files in the folders of models: a project runs them all."""
    homes = [posixpath.dirname(one.path) for one in program.sources if posixpath.basename(one.path) in PROJECT]
    folders = tuple(posixpath.join(home, "models", "") for home in homes)
    return frozenset(one.path for one in program.sources if one.path.startswith(folders))


def models_in_code(program: Program) -> frozenset[str]:
    """The files of code among them: a project calls the function `model` of each."""
    return frozenset(path for path in models_of_projects(program) if path.endswith(".py"))


class Warehouse:
    """The projects of one repository. A file outside of them is an ordinary file of SQL."""

    def __init__(self, program: Program, paths: frozenset[str]) -> None:
        self._program = program
        self._projects = {project.folder: project for project in self._found()}
        self._names: dict[int, str] = {}
        for number, source in enumerate(program.sources):
            project = self._project(source.path)
            if project is not None and source.kind is Kind.SQL:
                self._name(project, number)
            elif project is not None and source.kind is Kind.SETTINGS:
                _define(project, number, program.facts[number].settings)
        self.seeds = dict(self._seeds(paths)) if self._projects else {}

    @property
    def uses(self) -> Iterator[Use]:
        """What the definitions of all projects declare."""
        return (use for project in self._projects.values() for use in project.uses)

    @property
    def models(self) -> Mapping[int, str]:
        """The files that make a table each, with its name."""
        return self._names

    @property
    def queries(self) -> tuple[int, ...]:
        """All files of SQL of the projects: models, and what only asks them."""
        sources = enumerate(self._program.sources)
        return tuple(n for n, one in sources if one.kind is Kind.SQL and self._project(one.path) is not None)

    def statements(self, number: int) -> tuple[Statement, ...]:
        """The statements of a file; the query of a model writes the table of its name."""
        statements = self._program.facts[number].statements
        name = self._names.get(number)
        queries = [index for index, one in enumerate(statements) if one.kind == "select"]
        if name is None:
            return statements
        told = tuple(
            msgspec.structs.replace(relation, use="read")
            for one in statements
            if one.kind == "template"
            for relation in one.relations
        )
        kept = [one for one in statements if one.kind != "template"]
        place = queries[-1] if queries else -1
        made = statements[place] if queries else Statement("select", 0, 0)
        target = Relation(name, "write", "table", made.start, made.start)
        model = msgspec.structs.replace(made, relations=(*made.relations, *told, target))
        return (*(one for one in kept if one is not made), model)

    def resolved(self, number: int, relation: Relation) -> Relation:
        """The relation under the name of its table: a declared source may be kept under another one."""
        if relation.form not in ("source", "this"):
            return relation
        path = self._program.sources[number].path
        project = self._project(path)
        if relation.form == "this":
            return msgspec.structs.replace(relation, name=self._names.get(number, ""), form="table")
        name = project.sources.get(relation.name, relation.name) if project is not None else relation.name
        return msgspec.structs.replace(relation, name=name, form="table")

    def file_of(self, number: int, name: str) -> int:
        """The file that makes a model which a file of the same project refers to; -1 where none does."""
        project = self._project(self._program.sources[number].path)
        for other, model in self._names.items():
            if model == name and self._project(self._program.sources[other].path) is project:
                return other
        return -1

    def _found(self) -> Iterator[_Project]:
        for source, facts in zip(self._program.sources, self._program.facts, strict=True):
            if posixpath.basename(source.path) in PROJECT:
                listed: dict[str, list[str]] = defaultdict(list)
                for one in facts.settings:
                    if len(one.key) == 2 and one.value and one.key[1].isdigit():
                        listed[one.key[0]].append(one.value)
                parts = {part: _listed(listed, names) for part, names in _PATHS.items()}
                yield _Project(posixpath.dirname(source.path), parts)

    def _project(self, path: str) -> _Project | None:
        if not self._projects:
            return None
        return next((self._projects[f] for f in (*folders_above(path), "") if f in self._projects), None)

    def _name(self, project: _Project, number: int) -> None:
        """The table that a file of SQL makes: a model is named by its file, a snapshot in its template."""
        path, flags = self._program.sources[number].path, self._program.facts[number].flags
        snapshot = next((flag.removeprefix(_SNAPSHOT) for flag in flags if flag.startswith(_SNAPSHOT)), "")
        if snapshot or _inside(path, project, "models"):
            self._names[number] = snapshot or posixpath.basename(path).partition(".")[0]

    def _seeds(self, paths: frozenset[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Files of rows that a project loads, with the tables they become: under its name, and under that of a
        declared source of the same name."""
        for path in sorted(paths):
            project = self._project(path) if path.endswith((".csv", ".parquet")) else None
            if project is not None and _inside(path, project, "seeds"):
                name = posixpath.basename(path).partition(".")[0]
                same = [table for said, table in project.sources.items() if said.partition(".")[2] == name]
                yield path, (name, *sorted(same))


def _inside(path: str, project: _Project, part: str) -> bool:
    return any(path.startswith(posixpath.join(project.folder, folder) + "/") for folder in project.parts[part])


def _listed(listed: Mapping[str, list[str]], names: tuple[str, ...]) -> tuple[str, ...]:
    *keys, default = names
    found = [folder.strip("./") for key in keys for folder in listed.get(key, ())]
    return tuple(folder for folder in found if folder) or (default,)


def _define(project: _Project, file: int, settings: tuple[Setting, ...]) -> None:
    """What one file of definitions says of sources, models and those who use them."""
    values = {one.key: one for one in settings if one.value is not None}
    for key, one in values.items():
        if key[0] == "sources" and len(key) == 5 and key[2] == "tables" and key[4] == "name":
            _source(project, file, values, key, one)
        elif key[0] in ("models", "seeds", "snapshots") and len(key) == 3 and key[2] == "name":
            project.uses.append(Use(file, "", "ref", one.value or "", one.start, one.end))
        elif key[0] == "exposures" and len(key) == 4 and key[2] == "depends_on":
            name = values.get((*key[:2], "name"))
            for match in _REF.finditer(one.value or ""):
                said = match[3] or match[2] if match[1] == "ref" else ".".join(filter(None, match.groups()[1:]))
                user = name.value if name is not None and name.value else "exposure"
                project.uses.append(Use(file, user, match[1], said, one.start, one.end))


def _source(
    project: _Project, file: int, values: Mapping[tuple[str, ...], Setting], key: tuple[str, ...], one: Setting
) -> None:
    def said(*parts: str) -> str:
        found = values.get(parts)
        return found.value or "" if found is not None else ""

    group = said(*key[:2], "name")
    schema = said(*key[:2], "schema") or group
    table = said(*key[:4], "identifier") or one.value or ""
    if "{" in schema:
        schema = group
    project.sources[f"{group}.{one.value}"] = f"{schema}.{table}"
    project.uses.append(Use(file, "", "source", f"{group}.{one.value}", one.start, one.end))
