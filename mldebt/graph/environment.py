"""What the code needs installed, and what says so: requirements, their pins, and imports. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mldebt.source import Purpose, Span


@dataclass(frozen=True, slots=True)
class Dependency:
    """A package that a file asks for.

    `roots` are what it is imported as, `pinned_by` the file that fixes its version (its own, a lock
    file, constraints), empty when none does. `aside`: only for tests, documents, tools. `local`: a
    folder or file of this machine. `marker` says for which machines and versions of Python alone it is asked for.
    """

    name: str
    roots: tuple[str, ...]
    specifier: str
    at: Span
    ml: bool
    pinned_by: str = ""
    aside: bool = False
    local: bool = False
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """A file that says what is installed.

    `form`: requirements, constraints, lock, project (metadata of a package), conda, container, notebook, hooks (what
    runs before a commit), task (what tasks in a file of code install where they run).
    `open`: not all that it asks for is known. `missing` are the files it names that do not exist, `installs` those
    of projects that an image installs without what locks them.
    """

    path: str
    form: str
    purpose: Purpose
    component: str
    dependencies: tuple[Dependency, ...] = ()
    open: bool = False
    missing: tuple[tuple[str, Span], ...] = ()
    installs: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """A library that a file imports, at its first import there.

    `name` is what it is called where it is installed from. `declared_in` is the first file that asks
    for it, `told_in` one that may install it and is not read for that, or the image a container is
    built from. `brought_by` is a package asked for that installs it, too. `optional`: the code goes on
    without it, or runs where it is there.
    """

    root: str
    name: str
    at: Span
    purpose: Purpose
    component: str
    ml: bool
    declared_in: str = ""
    told_in: str = ""
    brought_by: str = ""
    optional: bool = False


def package_names(environments: Iterable[Environment], imported: Iterable[Imported]) -> frozenset[str]:
    """What is installed, in lower case: services run under accounts, and settings lie in files, of such names."""
    asked = (one.name for environment in environments for one in environment.dependencies)
    return frozenset(name.lower() for name in (*asked, *(one.root for one in imported)))
