"""Read-only questions about packages that several lists ask for in different versions."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from mldebt.graph.environment import Dependency
from mldebt.graph.graph import Graph
from mldebt.graph.handovers import entry_file
from mldebt.graph.nodes import EdgeKind
from mldebt.source import Purpose, folders_above

LISTS = frozenset({"requirements", "conda", "container"})
_RUNS = frozenset({"mlruns", "artifacts"})
_CONDA = re.compile(r"=?(?P<version>\d[\w.]*?)(?P<any>\.?\*)?(?P<build>[=\s][\w.*]+)?")
_OF_A_MACHINE = re.compile(r"\b(?:os_name|sys_platform|platform_\w+)\b")
_CARET = re.compile(r"\^\s*(?P<version>\d[\w.]*)")


@dataclass(frozen=True, slots=True)
class Versions:
    """ML packages that lists ask for in different versions, the lists hanging together by one of them at once.
    `pinned`: a list asks for one version of each. `meets`: two that differ are of programs that have something in
    common; where one version does for both, of such as are known to import each other or to touch one thing."""

    asked: tuple[Dependency, ...]
    pinned: bool
    meets: bool


def versions(graph: Graph) -> Iterator[Versions]:
    """ML packages that lists of different programs ask for in different versions; those of lists that hang together by
    one of them, and are as sure, at once."""
    groups: list[tuple[tuple[bool, bool], set[str], list[Dependency]]] = []
    programs = _Programs(graph)
    for _, found in sorted(_asked(graph).items()):
        asked = list(found.values())
        if len({_plain(one.specifier) for one in asked}) > 1:
            kind = (any(map(is_pinned, asked)), programs.share(asked, _are_apart(asked)))
            files = {one.at.path for one in asked}
            met = [one for one in groups if one[0] == kind and one[1] & files]
            before = [one for _, _, earlier in met for one in earlier]
            groups = [one for one in groups if one not in met]
            groups.append((kind, files.union(*(one for _, one, _ in met)), [*before, *asked]))
    for (pinned, meets), _, together in sorted(groups, key=lambda one: (not one[0][0], not one[0][1], sorted(one[1]))):
        asked = sorted(together, key=lambda one: (one.name.lower(), one.at.path.count("/"), one.at))
        yield Versions(tuple(asked), pinned, meets)


def tools(graph: Graph) -> Iterator[tuple[Dependency, ...]]:
    """What runs before a commit in one version, and is asked for in another one by the lists of its repository: of each
    such file all at once, each list's own first."""
    for hooks in graph.code.environments:
        if hooks.form == "hooks":
            mine = {one.name.lower(): one for one in hooks.dependencies}
            told: dict[Dependency, None] = {}
            for other in graph.code.environments:
                near = graph.code.repository_of(other.path) == graph.code.repository_of(hooks.path)
                for one in other.dependencies if near and other.form in (*LISTS, "project") else ():
                    hook = mine.get(one.name.lower())
                    if hook and is_pinned(one) and _are_apart((hook, one)):
                        told.update(dict.fromkeys((one, hook)))
            if told:
                yield tuple(sorted(told, key=lambda one: (one.at.path == hooks.path, one.at)))


def _asked(graph: Graph) -> dict[tuple[str, str], dict[str, Dependency]]:
    """Where each package is asked for with a version, by its repository and name."""
    asked: dict[tuple[str, str], dict[str, Dependency]] = defaultdict(dict)
    for environment in graph.code.environments:
        kept = not _RUNS.isdisjoint(environment.path.split("/"))  # with a model, by what stores it
        kept = kept or environment.path.endswith(".in")  # lists are made of it
        if environment.form in (*LISTS, "task") and environment.purpose is Purpose.PRODUCTION and not kept:
            for one in environment.dependencies:
                # For one kind of machine, beside lists for others.
                built = "+" in one.specifier or _OF_A_MACHINE.search(one.marker)
                if one.ml and not one.aside and not one.local and one.specifier and not built:
                    key = (graph.code.repository_of(environment.path), one.name.lower())
                    asked[key].setdefault(environment.component + environment.path, one)
    return asked


def is_pinned(one: Dependency) -> bool:
    """Whether one version is asked for. Several lower bounds are met by one that is above all of them."""
    return _plain(one.specifier).startswith("==") and "*" not in _plain(one.specifier)


def _plain(specifier: str) -> str:
    """What a list asks for in the words of pip: conda names a version with one sign, a build behind it."""
    text = specifier.strip()
    if found := _CONDA.fullmatch(text):
        exact = found["build"] or (not found["any"] and (text[0] != "=" or found["version"].count(".") > 1))
        return f"=={found['version']}" if exact else f"=={found['version']}.*"
    if found := _CARET.fullmatch(text):
        return f">={found['version']},<{int(found['version'].partition('.')[0]) + 1}"
    return text.replace(" ", "")


def _are_apart(asked: Iterable[Dependency]) -> bool:
    """Whether no version meets what all lists ask for."""
    try:
        wanted = [SpecifierSet(_plain(one.specifier)) for one in asked]
        named = {Version(spec.version.removesuffix(".*")) for each in wanted for spec in each}
    except (InvalidSpecifier, InvalidVersion):
        return False
    near = {Version(f"{version.base_version}.1") for version in named}  # the first one above a bound
    return not any(all(each.contains(version, prereleases=True) for each in wanted) for version in named | near)


class _Programs:
    """What the programs of different lists have in common."""

    def __init__(self, graph: Graph) -> None:
        lists = (one.path for one in graph.code.environments if one.form in LISTS)
        self._homes = frozenset(map(posixpath.dirname, lists))
        self._with_code = set(map(self._home, graph.files_of(Purpose.PRODUCTION)))
        imports = {(one.at.path, one.path) for one in graph.code.local_imports}
        self._pairs = {frozenset((self._home(by), self._home(path))) for by, path in imports}
        for users in _users(graph).values():
            self._pairs.update(map(frozenset, combinations(sorted(set(map(self._home, users))), 2)))

    def share(self, asked: Iterable[Dependency], apart: bool) -> bool:
        """Whether two lists that ask for different versions of a package are of programs that meet. Where no version
        does for both, those of one program do, and those of programs whose code lies elsewhere."""
        pairs = [pair for pair in combinations(asked, 2) if _plain(pair[0].specifier) != _plain(pair[1].specifier)]
        homes = [frozenset(posixpath.dirname(one.at.path) for one in pair) for pair in pairs]
        known = any(len(one) > 1 and one in self._pairs for one in homes)
        return known or (apart and any(len(one) == 1 or not one <= self._with_code for one in homes))

    def _home(self, path: str) -> str:
        return next((folder for folder in (posixpath.dirname(path), *folders_above(path)) if folder in self._homes), "")


def _users(graph: Graph) -> dict[str, set[str]]:
    """The files that read or write each thing."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind in (EdgeKind.READS, EdgeKind.WRITES):
        for edge in graph.edges(kind):
            thing, step = (edge.source, edge.target) if kind is EdgeKind.READS else (edge.target, edge.source)
            found[thing] |= {edge.at.path, entry_file(graph.node(step))}
    return found
