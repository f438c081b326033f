"""Import roots that belong to files, and what an import names: a module of the repository or a library."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

from mldebt.catalogue import Catalogue
from mldebt.link.pool import Pool
from mldebt.link.program import Program
from mldebt.link.values import Module, Value

_SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")


class Imports:
    """Finds modules. Roots of a file: its own folder, each folder above it, and their `src`."""

    def __init__(self, program: Program, catalogue: Catalogue, pool: Pool) -> None:
        self._program, self._catalogue, self._pool = program, catalogue, pool
        self._modules: dict[str, int] = {}
        self._folders: set[str] = {""}
        for number, source in enumerate(program.sources):
            if source.path.endswith(_SUFFIXES) and program.facts[number].units:
                self._add(source.path, number)
        self._found: dict[tuple[str, str], Value] = {}

    def resolve(self, file: int, module: str, level: int) -> Value:
        """The module that `import module` names in a file; a library's if none here is meant."""
        folder = self.folder(file)
        if level:
            above = folder.split("/") if folder else []
            above = above[: len(above) - (level - 1)] if level > 1 else above
            path = "/".join([*above, *(module.split(".") if module else [])])
            return self.at(path) or self._pool.not_followed("relative import of a missing module")
        key = (folder, module)
        if key not in self._found:
            self._found[key] = self._absolute(folder, module)
        return self._found[key]

    def top_package(self, file: int, module: str) -> Value:
        """What `import a.b` binds: the package `a`."""
        return self.resolve(file, module.partition(".")[0], 0)

    def at(self, path: str) -> Module | None:
        """The module or package at a path without suffix, if it is in the repository."""
        number = self._modules.get(path)
        if number is None:
            number = self._modules.get(f"{path}/__init__" if path else "__init__")
        if number is not None:
            return self._pool.module(path, number)
        return self._pool.module(path, -1) if path in self._folders else None

    def submodule(self, module: Module, name: str) -> Module | None:
        """The module `name` inside a package."""
        return self.at(f"{module.name}/{name}" if module.name else name)

    def folder(self, file: int) -> str:
        """The folder of a file, empty for the root."""
        return str(PurePosixPath(self._program.sources[file].path).parent).removeprefix(".")

    def _add(self, path: str, number: int) -> None:
        stem = path[: path.rindex(".")]
        if not path.endswith(".ipynb"):
            self._modules.setdefault(stem, number)
        parent = str(PurePosixPath(path).parent).removeprefix(".")
        while parent and parent not in self._folders:
            self._folders.add(parent)
            parent = str(PurePosixPath(parent).parent).removeprefix(".")

    def _absolute(self, folder: str, module: str) -> Value:
        top = module.partition(".")[0]
        if top in sys.stdlib_module_names:
            return self._pool.lib(module)
        path = module.replace(".", "/")
        for root in _roots(folder):
            found = self.at(f"{root}/{path}" if root else path)
            if found is not None and self._is_meant(root, top, found):
                return found
        return self._pool.lib(self._catalogue.canonical(module))

    def _is_meant(self, root: str, top: str, found: Module) -> bool:
        """A folder without `__init__` that is called like a known library is data, not the library."""
        first = f"{root}/{top}" if root else top
        if top in self._catalogue.packages:
            return first in self._modules or f"{first}/__init__" in self._modules
        return True


def _roots(folder: str) -> list[str]:
    roots = [folder]
    while folder:
        folder = str(PurePosixPath(folder).parent).removeprefix(".")
        roots.append(folder)
    return [root for base in roots for root in (base, f"{base}/src" if base else "src")]
