"""Imports, at the top of files, of modules and names that a package of the repository should hold and does not."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache, cached_property

from mldebt.facts import Branch, Import, Load, StarImport, Step, Try
from mldebt.graph.broken_imports import BrokenImport
from mldebt.link.machine import Machine
from mldebt.link.values import Module
from mldebt.source import Purpose, folders_above

_CODE = ".py"
_AT_RUN_TIME = frozenset({"globals", "exec", "eval", "setattr", "vars", "locals"})
"""The built-in functions by which a module may get names that it does not spell."""
_ASKED = "__getattr__"
_FILE = re.compile(r"[\w-]+\.py\b")


def broken_imports(machine: Machine, paths: Iterable[str], declared: Collection[str]) -> tuple[BrokenImport, ...]:
    """The imports of production code that fail. `declared` are the names of packages that are installed: what is
    called like one of them here may not be what is meant."""
    reader = _Reader(machine, paths, declared)
    sources = machine.program.sources
    files = (n for n, one in enumerate(sources) if one.purpose is Purpose.PRODUCTION and one.path.endswith(_CODE))
    found = (one for file in files for one in reader.of_file(file))
    return tuple(sorted(set(found), key=lambda one: (one.at, one.path, one.name)))


class _Reader:
    """What imports mean, and what is there."""

    def __init__(self, machine: Machine, paths: Iterable[str], declared: Collection[str]) -> None:
        self._machine, self._declared = machine, declared
        listed = set(paths)
        self._there = {_stem(path) for path in listed} | {folder for path in listed for folder in folders_above(path)}
        self._others = {_stem(path) for path in listed if not path.endswith(_CODE)}
        self._loads = cache(self._names_loaded)
        sources = machine.program.sources
        used = {sources[file].path for file in machine.noted.local.values()}
        self._in_use = {folder for path in used for folder in folders_above(path)}

    def of_file(self, file: int) -> Iterator[BrokenImport]:
        unit = self._machine.program.module_unit(file)
        if unit >= 0 and "{{" not in self._machine.program.sources[file].path:
            for step in _unconditional(self._machine.program.body(unit)):
                if isinstance(step, (Import, StarImport)):
                    yield from self._of_step(file, step)

    def _of_step(self, file: int, step: Import | StarImport) -> Iterator[BrokenImport]:
        """One at most: the first part of the name that is not there."""
        name = step.name if isinstance(step, Import) else ""
        home, missing = self._reached(file, step)
        wanted = home is not None and (missing or (name and self._lacks(home, file, name)))
        if home is not None and wanted and (step.level or self._is_meant(file, step.module.partition(".")[0])):
            sources, here = self._machine.program.sources, home.file >= 0
            at = self._machine.program.span((file, step.start, step.end))
            inside = bool(missing) or self._is_package(home)
            path = sources[home.file].path if here and not inside else home.name
            yield BrokenImport(at, missing or name, path, inside)

    def _is_meant(self, file: int, top: str) -> bool:
        """Whether the search path surely has what an import begins with. A folder that is itself a package is on it for
        the files that lie in it, or where other imports find their modules there, but a module of it that asks for its
        own name means another; a module of another project is meant only as a package that is installed, and one of a
        folder that is called like that of another machine is not sure to be the one there."""
        found = self._machine.imports.resolve(file, top, 0)
        if not isinstance(found, Module) or self._machine.imports.is_guessed(file, top):
            return False
        root = posixpath.dirname(found.name)
        inside = bool(root) and f"{root}/__init__" in self._there
        apart = root != self._machine.imports.folder(file) and root not in self._searched
        if inside and (apart or found.file == file):
            return False
        return self._machine.imports.is_near(file, top) or f"{found.name}/__init__" in self._there

    def _reached(self, file: int, step: Import | StarImport) -> tuple[Module | None, str]:
        """The module that an import names, as far as it is here, and the next part of its name where that is not."""
        imports = self._machine.imports
        names = step.module.split(".") if step.module else []
        if not step.level and (names[0] in self._declared or names[0] in self._machine.catalogue.packages):
            return None, ""
        found: Module | None = None
        for length in range(0 if step.level else 1, len(names) + 1):
            inner = imports.resolve(file, ".".join(names[:length]), step.level)
            if not isinstance(inner, Module):
                return (found, names[length - 1]) if found and self._is_absent(found, names[length - 1]) else (None, "")
            found = inner
        return found, ""

    def _is_absent(self, package: Module, name: str) -> bool:
        """Whether a package that is in use here holds nothing of that name, in whatever language it is written, and
        nothing of which it may be made, by its name or by what is said of it."""
        place = f"{package.name}/{name}"
        if not self._is_known(package) or place in self._there or f"{name}{_CODE}" in self._said:
            return False
        return not any(place[:at] in self._others for at, sign in enumerate(place) if sign == "_")

    @cached_property
    def _said(self) -> frozenset[str]:
        """The files that settings and commands speak of, by their names."""
        facts = self._machine.program.facts
        texts = [one.value or "" for each in facts for one in each.settings]
        texts += [one.text for each in facts for task in each.tasks for one in task.commands]
        return frozenset(name for text in texts for name in _FILE.findall(text))

    @cached_property
    def _searched(self) -> frozenset[str]:
        """The folders from which imports of modules by their whole names find them."""
        program, imports, found = self._machine.program, self._machine.imports, set[str]()
        for file, facts in enumerate(program.facts):
            unit = program.module_unit(file) if facts.units else -1
            for step in program.body(unit) if unit >= 0 else ():
                if isinstance(step, (Import, StarImport)) and not step.level and step.module:
                    module, path = imports.resolve(file, step.module, 0), step.module.replace(".", "/")
                    if isinstance(module, Module) and module.file >= 0 and module.name.endswith(f"/{path}"):
                        found.add(module.name.removesuffix(f"/{path}"))
        return frozenset(found)

    def _is_known(self, module: Module) -> bool:
        """A folder of no package may be called like one that is installed, unless somebody imports from it."""
        return module.file >= 0 or module.name in self._in_use

    def _is_package(self, module: Module) -> bool:
        return module.file < 0 or _stem(self._machine.program.sources[module.file].path) != module.name

    def _lacks(self, module: Module, file: int, name: str) -> bool:
        """Whether a module gives no such name, and no module of that name lies in it."""
        if module.file == file or not self._is_absent(module, name):
            return False
        return module.file < 0 or self._spells_no(module.file, name)

    def _spells_no(self, file: int, name: str) -> bool:
        """Whether a file surely does not define a name: it spells all that it defines."""
        program = self._machine.program
        unit, path = program.module_unit(file), program.sources[file].path
        exports = program.exports(unit)
        if not path.endswith(_CODE) or unit in self._machine.stars or file in self._machine.noted.searched:
            return False
        told = name in exports or _ASKED in exports or (file, name) in self._machine.globals
        return not told and not self._loads(file) & _AT_RUN_TIME

    def _names_loaded(self, file: int) -> frozenset[str]:
        program = self._machine.program
        return frozenset(step.name for unit in program.units_of(file) for _, step in program.each(unit, Load))


def _unconditional(steps: tuple[Step, ...]) -> Iterator[Step]:
    """The steps that always happen, and whose failure nothing catches."""
    end = 0
    for index, step in enumerate(steps):
        if index >= end:
            if isinstance(step, (Branch, Try)):
                end = step.end_step
            yield step


def _stem(path: str) -> str:
    """A path without the endings of its file."""
    return posixpath.join(posixpath.dirname(path), posixpath.basename(path).partition(".")[0])
