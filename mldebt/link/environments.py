"""What files ask for and what code imports, put together: which file pins what, which import is declared."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mldebt.declarations import Reference, Requirement
from mldebt.facts import FileFacts
from mldebt.graph.environment import Dependency, Environment
from mldebt.link.components import Components
from mldebt.link.machine import Machine
from mldebt.link.task_packages import task_packages
from mldebt.packages import Packages, normal
from mldebt.source import Kind, Purpose, SourceFile, Span, folders_above

_ASIDE = re.compile(r"(?:^|[_.:-])(?:dev|develop|development|tests?|testing|lint|linting|docs?|documentation|ci|typing|"
                    r"style|quality|tools?|notebooks?|build|release|pre-commit)(?:[_.-]|$)")  # fmt: skip
_PROJECT = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})
_HOOKS = ".pre-commit-config.yaml"
_CONTAINER = re.compile(r"(?:docker|container)file(?:\..+|-[\w-]+)?|.+\.(?:docker|container)file")
_IMAGE = re.compile(r"(?:.*/)?(?P<name>[\w.-]+):v?\d+\.\d+[\w.-]*(?:@.*)?")
_PINNING = ("requirements", "conda", "container", "project", "constraints")
_SOMEWHERE = frozenset({"container", "notebook"})  # what they name lies where they run
CONSTRAINT, _OPEN = "constraint", "open-requirements"

Pins = Mapping[str, str]  # a package's normal name -> the file that pins it


def environments(machine: Machine, components: Components, packages: Packages) -> tuple[Environment, ...]:
    """Every file that asks for packages, sorted by path; then those whose tasks do."""
    declared = Declared(machine, components)
    lists = tuple(_environment(declared, file, packages) for file in declared.files)
    tasks = task_packages(machine).items()
    return (*lists, *(_of_tasks(declared, file, asked, packages) for file, asked in tasks))


def _of_tasks(declared: Declared, file: int, asked: Iterable[Requirement], packages: Packages) -> Environment:
    """What the tasks of a file of code install where they run: no list beside it holds there."""
    source = declared.source(file)
    found = tuple(replace(_dependency(declared, file, one, packages), aside=False) for one in asked)
    return Environment(source.path, "task", source.purpose, declared.components.of(source.path), found)


class Declared:
    """The files that ask for packages, and what they pin for themselves and for one another."""

    def __init__(self, machine: Machine, components: Components) -> None:
        program = machine.program
        self.machine, self.components = machine, components
        self.files = [number for number in range(len(program.sources)) if self._asks(number)]
        bounded = {path for file in self.files for kind, path, _ in self.followed(file) if kind == "constraints"}
        self.form = {file: _form(self.source(file), self.facts(file), bounded) for file in self.files}
        self.own = {file: self._own_pins(file) for file in self.files}
        self._pinning = [
            file for file in self.files
            if self.form[file] == "lock" or (self.form[file] in _PINNING and not is_aside(self.source(file)))
        ]  # fmt: skip
        self._includers: dict[str, list[int]] = {}
        for file in self.files:
            for kind, path, _ in self.followed(file):
                if kind == "requirements":
                    self._includers.setdefault(path, []).append(file)

    def source(self, file: int) -> SourceFile:
        """The file of this number."""
        return self.machine.program.sources[file]

    def facts(self, file: int) -> FileFacts:
        """What the file says."""
        return self.machine.program.facts[file]

    def followed(self, file: int) -> Iterator[tuple[str, str, Reference]]:
        """The files that a file names, with how; the path is empty when there is no such file."""
        path, known = self.source(file).path, self.machine.program.number
        for one in self.facts(file).references:
            if one.kind in ("image", "project") or "://" in one.path or "$" in one.path or "{" in one.path:
                continue
            said = one.path.replace("\\", "/")
            tried = [posixpath.normpath(posixpath.join(posixpath.dirname(path), said)), posixpath.normpath(said)]
            tried.append(posixpath.join(posixpath.dirname(path), posixpath.basename(said)))
            yield one.kind, next((found for found in tried if found in known), ""), one

    def installed(self, file: int) -> Iterator[tuple[str, Span]]:
        """The lists and projects that a container installs as they are, without the lock file beside them."""
        path, known = self.source(file).path, self.machine.program.number
        for one in self.facts(file).references:
            if one.kind == "project":
                homes = (posixpath.normpath(posixpath.join(base, one.path)) for base in (posixpath.dirname(path), ""))
                tried = (name for home in homes for name in (home, posixpath.normpath(f"{home}/pyproject.toml")))
                yield from ((there, _span(self, file, one)) for there in [*filter(known.__contains__, tried)][:1])

    def pins(self, file: int) -> Pins:
        """What else pins what this one asks for: constraints, lock files, pinned lists beside it, and the image of a
        package in one version."""
        form, found = self.form[file], dict[str, str]()
        images = (_IMAGE.fullmatch(one.path) for one in self.facts(file).references if one.kind == "image")
        found.update((normal(image["name"]), self.source(file).path) for image in images if image)
        for other in self._pinning if form != "container" else ():
            if other != file and self._is_over(other, file):
                found.update(self.own[other])
        for other in (file, *self._includers.get(self.source(file).path, ())):
            for kind, path, _ in self.followed(other):
                if path and (kind == "constraints" or form == "container"):
                    found.update(self.own.get(self.machine.program.number[path], {}))
        return found

    def unknown_pins(self, file: int) -> str:
        """What may pin all of it: a lock file in a form that nobody knows, constraints from elsewhere."""
        for other in (file, *self._includers.get(self.source(file).path, ())):
            far = [one.path for one in self.facts(other).references if one.kind == "constraints"]
            near = {one.path for kind, path, one in self.followed(other) if path}
            if unknown := next((path for path in far if path not in near), ""):
                return unknown
        for other in self._pinning if self.form[file] != "container" else ():
            if self.form[other] == "lock" and not self.own[other] and self._is_over(other, file):
                return self.source(other).path
        return ""

    def _is_over(self, other: int, file: int) -> bool:
        """Whether what one file pins holds for another one: a lock file for all below its folder, other
        files for their own component, and for projects and notebooks below."""
        theirs, ours = self.source(other).path, self.source(file).path
        above = posixpath.dirname(theirs) in (posixpath.dirname(ours), *folders_above(ours), "")
        if self.form[other] == "lock":
            return above
        wide = self.form[file] in ("project", "notebook")
        return (above and wide) or self.components.of(theirs) == self.components.of(ours)

    def _asks(self, file: int) -> bool:
        facts = self.facts(file)
        asks = facts.requirements or facts.references or _OPEN in facts.flags
        return self.source(file).kind is Kind.REQUIREMENTS or bool(asks)

    def _own_pins(self, file: int) -> Pins:
        path, every = self.source(file).path, self.form[file] == "lock"
        return {normal(one.name): path for one in self.facts(file).requirements if every or one.pinned}


def is_aside(source: SourceFile) -> bool:
    """Whether a file asks for what only tests, documents and tools need."""
    name = posixpath.basename(source.path).lower()
    folder = posixpath.basename(posixpath.dirname(source.path)).lower()
    stem = name.partition(".")[0] if folder in ("requirements", "requirement", "reqs") else name
    return source.purpose is not Purpose.PRODUCTION or bool(_ASIDE.search(stem))


def _form(source: SourceFile, facts: FileFacts, bounded: set[str]) -> str:
    name = posixpath.basename(source.path).lower()
    if "lock" in facts.flags:
        return "lock"
    if source.kind is Kind.NOTEBOOK:
        return "notebook"
    if name in _PROJECT:
        return "project"
    if name == _HOOKS:
        return "hooks"
    if _CONTAINER.fullmatch(name):
        return "container"
    if source.kind is Kind.SETTINGS:
        return "conda"
    return "constraints" if source.path in bounded or "constraints" in name else "requirements"


def _environment(declared: Declared, file: int, packages: Packages) -> Environment:
    source, facts, form = declared.source(file), declared.facts(file), declared.form[file]
    found = [_dependency(declared, file, one, packages) for one in facts.requirements]
    if form != "lock":
        pins, unknown = declared.pins(file), declared.unknown_pins(file)
        found = [replace(one, pinned_by=one.pinned_by or pins.get(normal(one.name), unknown)) for one in found]
    named = [(path, one) for _, path, one in declared.followed(file)] if form not in _SOMEWHERE else []
    return Environment(
        path=source.path,
        form=form,
        purpose=source.purpose,
        component=declared.components.of(source.path),
        dependencies=tuple(found),
        open=_OPEN in facts.flags,
        installs=tuple(declared.installed(file)) if form == "container" else (),
        missing=tuple((one.path, _span(declared, file, one)) for path, one in named if not path),
    )


def _dependency(declared: Declared, file: int, one: Requirement, packages: Packages) -> Dependency:
    source = declared.source(file)
    roots = packages.roots_of(one.name)
    return Dependency(
        name=one.name,
        roots=roots,
        specifier=one.specifier,
        at=_span(declared, file, one),
        ml=not packages.ml.isdisjoint(roots),
        pinned_by=source.path if one.pinned else "",
        aside=is_aside(source) or one.group == CONSTRAINT or bool(_ASIDE.search(one.group.lower())),
        local=one.source == "path",
        marker=one.marker,
    )


def _span(declared: Declared, file: int, one: Requirement | Reference) -> Span:
    return declared.machine.program.span((file, one.start, one.end))
