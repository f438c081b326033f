"""Import roots that belong to files, and what an import names: a module of the repository or a library."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

from mldebt.catalogue import Catalogue
from mldebt.link.pool import Pool
from mldebt.link.program import Program
from mldebt.link.values import Lib, Module, Value

_SUFFIXES = (".py", ".pyi", ".pyw", ".ipynb")
_PROJECTS = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})


class Imports:
    """Finds modules. Roots of a file: its own folder, each folder above it, and their `src`; then the folders
    that its code adds to the search path; then the projects of the repository, where one alone has the module."""

    def __init__(self, program: Program, catalogue: Catalogue, pool: Pool) -> None:
        self._program, self._catalogue, self._pool = program, catalogue, pool
        self._modules: dict[str, int] = {}
        self._folders: set[str] = {""}
        self._by_case: dict[str, list[str]] = {}
        for number, source in enumerate(program.sources):
            if source.path.endswith(_SUFFIXES) and program.facts[number].units:
                self._add(source.path, number)
        self._found: dict[tuple[str, str], Value] = {}
        self._projects = tuple(_projects(source.path for source in program.sources))
        self._added: dict[int, tuple[str, ...]] = {}
        self._alike: dict[int, set[str]] = {}
        self.folder = lru_cache(maxsize=None)(self._folder)
        self._roots = lru_cache(maxsize=None)(_roots)

    def add_root(self, file: int, folder: str) -> None:
        """Looks for what a file imports from now on in this folder, too."""
        self._added[file] = tuple(dict.fromkeys((*self._added.get(file, ()), folder)))

    def add_alike(self, file: int, folder: str) -> None:
        """As `add_root`, of a folder that is only called like the one that is meant: that one may be another."""
        self._alike.setdefault(file, set()).add(folder)
        self.add_root(file, folder)

    def resolve(self, file: int, module: str, level: int) -> Value:
        """The module that `import module` names in a file; a library's if none here is meant."""
        folder = self.folder(file)
        if level:
            above = folder.split("/") if folder else []
            above = above[: len(above) - (level - 1)] if level > 1 else above
            path = "/".join([*above, *(module.split(".") if module else [])])
            here = self.at(path) or self._spelled(path)
            return here or self._pool.not_followed("relative import of a missing module")
        key = (folder, module)
        if key not in self._found:
            self._found[key] = self._absolute(folder, module)
        found = self._found[key]
        if isinstance(found, Module) or file not in self._added:
            return found
        return self._under(self._added[file], module) or found

    def is_near(self, file: int, module: str) -> bool:
        """Whether a module lies where a file looks for it by itself, and not only in another project of the
        repository."""
        roots = (*self._roots(self.folder(file)), *self._added.get(file, ()))
        return self._under(roots, module) is not None

    def is_guessed(self, file: int, module: str) -> bool:
        """Whether a module is found only in folders that are called like those that are meant."""
        alike = self._alike.get(file, set())
        if not alike or isinstance(self._absolute(self.folder(file), module), Module):
            return False
        told = tuple(folder for folder in self._added.get(file, ()) if folder not in alike)
        return self._under(told, module) is None

    def top_package(self, file: int, module: str) -> Value:
        """What `import a.b` binds: the package `a`."""
        found = self.resolve(file, module.partition(".")[0], 0)
        inner = self.resolve(file, module, 0) if isinstance(found, Lib) else found
        if isinstance(inner, Module) and inner is not found:
            top = "/".join(inner.name.split("/")[: -module.count(".")])
            return self.at(top) or found
        return found

    def resolve_from(self, file: int, module: str, level: int, name: str) -> Value:
        """What `from module import name` takes from: a folder here that is called like a library, where it has a file
        of that name and the library is known to have none."""
        found = self.resolve(file, module, level)
        if name and isinstance(found, Lib) and not level and f"{found.name}.{name}" not in self._catalogue.calls:
            inner = self.resolve(file, f"{module}.{name}", 0)
            if isinstance(inner, Module) and inner.file >= 0:
                return self.at(posixpath.dirname(inner.name)) or found
        return found

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

    def below(self, module: Module, names: re.Pattern[str]) -> list[int]:
        """The modules below a package whose dotted names in it are of a form."""
        folder = self.folder(module.file) if module.file >= 0 else module.name
        above = f"{folder}/"
        inside = ((stem.removeprefix(above), file) for stem, file in self._modules.items() if stem.startswith(above))
        return [file for stem, file in inside if names.fullmatch(stem.replace("/", "."))]

    def under(self, folder: str) -> list[int]:
        """All modules in a folder and below."""
        above = "" if folder == "." else f"{folder}/"
        return [file for stem, file in self._modules.items() if stem.startswith(above)]

    def listed(self, pattern: str) -> list[int]:
        """The modules whose path, without its ending, fits a pattern of files."""
        asked = pattern.split("/")
        found = []
        for stem, file in self._modules.items():
            names = stem.split("/")
            if len(names) == len(asked) and all(map(fnmatchcase, names, asked)):
                found.append(file)
        return found

    def elsewhere(self, path: str) -> str:
        """The one folder here that is called like the end of a path of another machine or an image, where code is put
        or copied to; empty where there is none, or several."""
        names = path.strip("/").split("/")
        ends = ("/".join(names[first:]) for first in range(len(names)))
        for end in filter(None, ends):
            alike = [folder for folder in self._folders if folder == end or folder.endswith(f"/{end}")]
            if alike:
                return alike[0] if len(alike) == 1 else ""
        return ""

    def _folder(self, file: int) -> str:
        """The folder of a file, empty for the root."""
        return posixpath.dirname(self._program.sources[file].path)

    def _add(self, path: str, number: int) -> None:
        stem = path[: path.rindex(".")]
        if not path.endswith(".ipynb"):
            self._modules.setdefault(stem, number)
            self._by_case.setdefault(stem.lower(), []).append(stem)
        parent = posixpath.dirname(path)
        while parent and parent not in self._folders:
            self._folders.add(parent)
            parent = posixpath.dirname(parent)

    def _absolute(self, folder: str, module: str) -> Value:
        if module.partition(".")[0] in sys.stdlib_module_names:
            return self._pool.lib(module)
        found = self._under(self._roots(folder), module)
        if found is not None:
            return found
        homes = [home for root in self._projects if (home := self._under((root,), module)) is not None]
        return homes[0] if len(homes) == 1 else self._pool.lib(self._catalogue.canonical(module))

    def _under(self, roots: Iterable[str], module: str) -> Module | None:
        """The module under the first of these roots that has it."""
        path = module.replace(".", "/")
        for root in roots:
            found = self.at(f"{root}/{path}" if root else path)
            if found is not None and self._is_meant(root, module, found):
                return found
        if "/" not in path:
            return None
        others = (self._spelled(f"{root}/{path}" if root else path) for root in roots)
        return next((one for one in others if one is not None), None)

    def _spelled(self, path: str) -> Module | None:
        """The one module beside it that only differs in the case of its name: a file that was renamed where git does
        not tell cases apart."""
        known = self._by_case.get(path.lower(), ())
        if len(known) != 1:
            return None
        folder = posixpath.dirname(path)
        return self.at(known[0]) if folder in self._folders and posixpath.dirname(known[0]) == folder else None

    def _is_meant(self, root: str, module: str, found: Module) -> bool:
        """A folder without `__init__` that is called like a known library is data, not the library; what is asked for
        below it is meant where it is a file."""
        top = module.partition(".")[0]
        if found.file >= 0 and top != module:
            return True
        first = f"{root}/{top}" if root else top
        if top in self._catalogue.packages:
            return first in self._modules or f"{first}/__init__" in self._modules
        return True


def _roots(folder: str) -> list[str]:
    roots = [folder]
    while folder:
        folder = posixpath.dirname(folder)
        roots.append(folder)
    return [root for base in roots for root in (base, f"{base}/src" if base else "src")]


def _projects(paths: Iterable[str]) -> Iterable[str]:
    """The folders that are installed as projects of their own, and their `src`."""
    for folder in sorted({posixpath.dirname(path) for path in paths if posixpath.basename(path) in _PROJECTS}):
        yield from (folder, posixpath.join(folder, "src"))
