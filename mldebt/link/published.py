"""Whether a repository is a library: a package that others install and import."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from mldebt.facts import NONE, Call, Const, Step, steps
from mldebt.graph.code import Definition
from mldebt.link.accesses import Access
from mldebt.link.machine import Machine
from mldebt.roles import Store
from mldebt.source import Kind, Purpose, folders_above

_SETUP = "setup.py"
_BUILDS = (_SETUP, "setup.cfg", "pyproject.toml")
_PLAIN_FOLDERS = frozenset({"src", "app", "tests", "test", "scripts", "notebooks"})
_SOURCES = "src"
_PROGRAM = "*"
_HERE = frozenset({"repository", "relative"})
_SEVERAL = 3
_NAME, _PACKAGES = "name", "packages"


def is_library(machine: Machine, definitions: Iterable[Definition]) -> bool:
    """Whether half of the code of the repository or more is a package that others install and import: a folder with
    an `__init__` beside a build file that names it, or beside a `setup.py`, which counts on no side."""
    paths = {source.path for source in machine.program.sources}
    packages = {posixpath.dirname(path) for path in paths if posixpath.basename(path) == "__init__.py"}
    modules = {posixpath.dirname(path) for path in paths if path.endswith(".py")}
    published = {package for package in packages if _is_published(machine, package, packages, modules)}
    own = [one.path for one in definitions if one.kind == "module" and one.purpose is Purpose.PRODUCTION]
    scripts = [path for path in own if path.endswith(".py") and posixpath.basename(path) not in _BUILDS]
    inside = [path for path in scripts if any(path.startswith(f"{package}/") for package in published)]
    return bool(inside) and 2 * len(inside) >= len(scripts)


def is_at_home(machine: Machine, accesses: Iterable[Access]) -> bool:
    """Whether the code of packages itself says the names of files of this very repository that lie in no package:
    whoever only installs it has none of them."""
    paths = {source.path for source in machine.program.sources}
    packages = {posixpath.dirname(path) for path in paths if posixpath.basename(path) == "__init__.py"}
    named: set[str] = set()
    for access in accesses:
        unit, location = access.event.unit, access.location
        inside = posixpath.dirname(machine.program.path_of(unit)) in packages
        said = location.exact and not (location.settings or location.given or location.varies)
        here = location.store is Store.FILE and location.anchor in _HERE
        if inside and said and here and machine.program.purpose(unit) is Purpose.PRODUCTION:
            path = access.key.partition(":")[2]
            named |= {path} if packages.isdisjoint(folders_above(path)) else set()
    return len(named) >= _SEVERAL


def _is_published(machine: Machine, package: str, packages: set[str], modules: set[str]) -> bool:
    above, name = posixpath.split(package)
    if above in packages or name in _PLAIN_FOLDERS:
        return False
    around = (above, *folders_above(above), "")
    told = (_told(machine, folder) for folder in around)
    if _PROGRAM in _told(machine, above) or any(_normal(name) in names for names in told):
        return True
    return any(_is_named_whole(machine, package, folder, modules) for folder in dict.fromkeys(around))


def _is_named_whole(machine: Machine, package: str, folder: str, modules: set[str]) -> bool:
    """Whether the build file of a folder is called like the package with the folders above it, which hold nothing but
    packages: `acme-risk` publishes `acme.risk`, from the folder itself or from its `src`."""
    names = _told(machine, folder) | _called(machine, folder)
    for root in (folder, posixpath.join(folder, _SOURCES)) if names else ():
        inner = package[len(root) + 1 :] if root else package
        between = set(_between(package, root))
        if package.startswith(f"{root}/" if root else "") and between and _normal(inner.replace("/", ".")) in names:
            return not between & modules
    return False


def _between(package: str, root: str) -> Iterator[str]:
    """The folders between a package and what its name is counted from."""
    return (folder for folder in folders_above(package) if len(folder) > len(root))


def _told(machine: Machine, folder: str) -> set[str]:
    """The names under which the build files of a folder publish; `*` for one that is a program itself."""
    return {_project_name(machine, posixpath.join(folder, build)) for build in _BUILDS} - {""}


def _project_name(machine: Machine, path: str) -> str:
    number = machine.program.number.get(path)
    if number is None:
        return ""
    if machine.program.sources[number].kind is Kind.PYTHON:
        return _PROGRAM
    for setting in machine.program.facts[number].settings:
        if setting.key in (("project", "name"), ("tool", "poetry", "name"), ("metadata", "name")):
            return _normal(setting.value or "")
    return ""


def _called(machine: Machine, folder: str) -> set[str]:
    """The name that a `setup.py` gives to what it publishes, where that is written out."""
    number = machine.program.number.get(posixpath.join(folder, _SETUP))
    units = () if number is None else machine.program.facts[number].units
    return {_normal(name) for unit in units for name in _named(steps(unit))}


def _named(body: tuple[Step, ...]) -> Iterator[str]:
    for call in (step for step in body if isinstance(step, Call)):
        given = {argument.name: argument.value for argument in call.arguments}
        name = body[given[_NAME]] if _PACKAGES in given and given.get(_NAME, NONE) != NONE else None
        if isinstance(name, Const) and isinstance(name.value, str) and not name.kind:
            yield name.value


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
