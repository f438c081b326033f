"""Read-only questions about modules that lie beside the one that took their place, and that nothing uses."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from mldebt.graph.code import Definition
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind
from mldebt.graph.pipelines import declared_steps
from mldebt.source import Purpose, folders_above

_OWN = frozenset({"lock", "container", "pipeline"})
_FEWEST = 3
_Defined = frozenset[tuple[str, str, tuple[str, ...]]]


@lru_cache(maxsize=1)  # several rules ask the same of one graph
def superseded(graph: Graph) -> frozenset[str]:
    """The files of modules that no code, no test and no command uses, and of which most stands again, under the same
    names and with the same parameters, in a module that has their name or the beginning of it, and that is used:
    earlier states of it, kept aside. A variant that is installed or deployed by itself is none, nor is one that stores
    what the other does not: another model that somebody trains beside it. Whether they answer requests or do something
    when they are run says nothing, as the module in their place does the same."""
    modules = [one for one in graph.code.definitions if _is_module(one) and not graph.code.is_library(one.path)]
    users = {one.path: set(map(_file_of, (*one.used_by, *one.test_used_by))) - {"document"} for one in modules}
    asked = {step.at.path for step in declared_steps(graph)}
    lone = sorted(path for path, by in users.items() if by <= users.keys() and path not in asked)
    twins = _twins(graph, lone, sorted(path for path, by in users.items() if by))
    old: set[str] = set()
    while found := {
        path for path, others in twins.items()
        if path not in old and users[path] <= old and any(users[other] - old for other in others)
    }:  # fmt: skip
        old |= found
    return frozenset(old)


def _is_module(one: Definition) -> bool:
    code = one.path.endswith(".py") and not one.path.endswith("__init__.py")
    return one.kind == "module" and one.purpose is Purpose.PRODUCTION and code


def _file_of(user: str) -> str:
    """The file of the definition that uses another, or the word for what else does."""
    return user.split(":")[1] if ":" in user else user


def _twins(graph: Graph, lone: Iterable[str], used: Iterable[str]) -> dict[str, list[str]]:
    """For each module that maybe nothing uses those in use that hold most of it and have its name, or the beginning of
    it."""
    called: dict[str, list[str]] = defaultdict(list)
    for path in used:
        called[_stem(path)].append(path)
    defined, homes, stored = _defined(graph.code.definitions), _homes(graph), _stored(graph)
    found: dict[str, list[str]] = defaultdict(list)
    for path in lone:
        for other in _called_alike(path, called):
            at_home = _home_of(path, homes) == _home_of(other, homes)
            if at_home and stored[path] <= stored[other] and _is_much(defined[path], defined[other]):
                found[path].append(other)
    return found


def _called_alike(path: str, called: dict[str, list[str]]) -> list[str]:
    """The other modules whose name is that of a module, or the beginning of it up to what is no letter or digit."""
    stem = _stem(path)
    ends = (end for end in range(1, len(stem) + 1) if end == len(stem) or not stem[end].isalnum())
    return [other for end in ends for other in called.get(stem[:end], ()) if other != path]


def _stored(graph: Graph) -> defaultdict[str, frozenset[str]]:
    """By file the places into which its code writes."""
    found: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges(EdgeKind.WRITES):
        found[edge.at.path].add(edge.target)
    return defaultdict(frozenset, {path: frozenset(places) for path, places in found.items()})


def _homes(graph: Graph) -> frozenset[str]:
    """The folders with packages, a lock file or a container of their own."""
    folders = {posixpath.dirname(one.path) for one in graph.code.unseen if one.kind in _OWN}
    return frozenset(folders | {posixpath.dirname(one.path) for one in graph.code.environments})


def _home_of(path: str, homes: frozenset[str]) -> str:
    return next((folder for folder in folders_above(path) if folder in homes), "")


def _stem(path: str) -> str:
    return posixpath.basename(path).removesuffix(".py")


def _defined(definitions: Iterable[Definition]) -> defaultdict[str, _Defined]:
    found: dict[str, set[tuple[str, str, tuple[str, ...]]]] = defaultdict(set)
    for one in definitions:
        if one.kind != "module":
            found[one.path].add((one.kind, one.name, one.parameters))
    return defaultdict(frozenset, {path: frozenset(inside) for path, inside in found.items()})


def _is_much(own: _Defined, other: _Defined) -> bool:
    """Whether two thirds of what a module defines, and no less than a few things, stand in another."""
    both = len(own & other)
    return both >= _FEWEST and 3 * both >= 2 * len(own)
