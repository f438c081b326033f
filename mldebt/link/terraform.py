"""What Terraform works out of what: values of variables through modules, and resources that lead to others.

The language: https://developer.hashicorp.com/terraform/language/expressions/references
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mldebt.link.program import Program
from mldebt.link.values import Place
from mldebt.source import folders_above

MOST_NAMES = 200
_SOURCES = (".tf", ".tfvars")


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """Something that has a value in the files of a folder: `var.region`, `local.tags`, `output.url`, an attribute of a
    resource by its type and name, a value in a file of values by the path of that file."""

    folder: str
    address: str

    @property
    def shown(self) -> str:
        """The name by which people know it."""
        return self.address.rpartition(".")[2]


@dataclass(slots=True)
class _Module:
    """The `.tf` files of one folder, with the folders of the modules they call."""

    calls: dict[str, str] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)


class Terraform:
    """All names of a repository: where each stands, and of which others its value is worked out."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._modules: dict[str, _Module] = defaultdict(_Module)
        self.places: dict[Name, Place] = {}
        self.used: dict[Name, dict[Name, None]] = defaultdict(dict)
        self.at: dict[Place, tuple[Name, ...]] = {}
        files = [n for n, source in enumerate(program.sources) if source.path.endswith(_SOURCES)]
        for file in files:
            self._declare(file)
        for file in files:
            self._work_out(file)

    def behind(self, first: Iterable[Name]) -> Iterator[tuple[Name, Name]]:
        """Pairs of names, a value and what is worked out of it, from these names back to where values come from."""
        todo = list(first)
        seen = set(todo)
        while todo and len(seen) < MOST_NAMES:
            name = todo.pop(0)
            for other in self.used.get(name, ()):
                yield other, name
                if other not in seen:
                    seen.add(other)
                    todo.append(other)

    def reached(self, first: Iterable[Name], kind: str) -> tuple[str, ...]:
        """The resources of a type that values come from: folder and name of each, as in `folder:type.name`."""
        names = {*first, *(name for pair in self.behind(first) for name in pair)}
        return tuple(sorted({resource_of(name) for name in names if name.address.startswith(f"{kind}.")}))

    def resources(self, kind: str) -> Iterator[Name]:
        """The attributes of all resources of a type."""
        yield from (name for name in sorted(self.places) if name.address.startswith(f"{kind}."))

    def value(self, name: Name) -> str:
        """The text of an attribute that is written down; empty for what is worked out."""
        place = self.places.get(name)
        said = self._program.facts[place[0]].settings if place is not None else ()
        return next((one.value or "" for one in said if place is not None and one.start == place[1]), "")

    def _declare(self, file: int) -> None:
        path = self._program.sources[file].path
        folder = posixpath.dirname(path)
        module = self._modules[folder] if path.endswith(".tf") else None
        for said in self._program.facts[file].settings:
            key, place = said.key, (file, said.start, said.end)
            if module is None:
                if len(key) == 1:
                    self.places.setdefault(Name(path, key[0]), place)
                continue
            if key[0] == "module" and key[2:] == ("source",) and (said.value or "").startswith("."):
                module.calls[key[1]] = posixpath.normpath(posixpath.join(folder, said.value or ""))
            elif key[0] == "variable" and len(key) == 2:
                module.variables.add(key[1])
                self.places.setdefault(Name(folder, f"var.{key[1]}"), place)
            elif address := _address(key):
                self.places.setdefault(Name(folder, address), place)

    def _work_out(self, file: int) -> None:
        path = self._program.sources[file].path
        folder = posixpath.dirname(path)
        if path.endswith(".tfvars"):
            self._give(path)
            return
        for one in self._program.facts[file].expressions:
            uses = tuple(name for use in one.uses if (name := self._used(folder, use)) is not None)
            self.at[file, one.start, one.end] = uses
            if (name := self._made(folder, one.key)) is not None:
                self.used[name].update(dict.fromkeys(uses))

    def _give(self, path: str) -> None:
        """The values of a file go to the nearest module above it that declares such a variable."""
        for name in [name for name in self.places if name.folder == path]:
            folders = (posixpath.dirname(path), *folders_above(path), "")
            homes = (f for f in folders if f in self._modules and name.address in self._modules[f].variables)
            if (home := next(homes, None)) is not None:
                self.used[Name(home, f"var.{name.address}")][name] = None

    def _made(self, folder: str, key: tuple[str, ...]) -> Name | None:
        """What an expression gives a value: a variable of a module that is called, or a name of this one."""
        if key[0] == "module" and len(key) > 2:
            called = self._modules[folder].calls.get(key[1])
            return Name(called, f"var.{key[2]}") if called is not None else None
        return Name(folder, address) if (address := _address(key)) else None

    def _used(self, folder: str, use: str) -> Name | None:
        parts = use.split(".")
        if parts[0] in ("var", "local"):
            return Name(folder, ".".join(parts[:2]))
        if parts[0] == "module" and len(parts) > 2:
            called = self._modules[folder].calls.get(parts[1])
            return Name(called, f"output.{parts[2]}") if called is not None else None
        size = 4 if parts[0] == "data" else 3
        return Name(folder, ".".join(parts[:size])) if len(parts) >= size else None


def resource_of(name: Name) -> str:
    """The resource that an attribute belongs to."""
    return f"{name.folder}:{'.'.join(name.address.split('.')[:2])}"


def _address(key: tuple[str, ...]) -> str:
    """The address of what stands under a key; empty for what has none of its own."""
    if key[0] == "locals" and len(key) > 1:
        return f"local.{key[1]}"
    if key[0] == "output" and len(key) > 1:
        return f"output.{key[1]}"
    if key[0] == "resource" and len(key) > 3:
        return ".".join(key[1:4])
    return ".".join(("data", *key[1:4])) if key[0] == "data" and len(key) > 3 else ""
