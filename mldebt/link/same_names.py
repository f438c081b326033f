"""Files of one name: which of them a word means that says no more than it."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from mldebt.link.program import Program
from mldebt.source import folders_above

_CODE = ".py"
_HIDDEN, _PACKAGE = ".", "__init__.py"
_TOP = ""


class SameNames:
    """The files of code that others are called like, and which of them are meant where their names are said."""

    def __init__(self, paths: Iterable[str], named: Mapping[str, Set[str]]) -> None:
        called: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            called[posixpath.basename(path)].append(path)
        ones = {name: found for name, found in called.items() if len(found) > 1 and name != _PACKAGE}
        homes: dict[str, set[str]] = defaultdict(set)
        self._beside: dict[str, set[str]] = defaultdict(set)
        for place, ends in named.items() if ones else ():
            for name in ones:
                if not ends.isdisjoint({name, _stem(name)}):
                    homes[name].add(_home(place))
                    self._beside[name].update(ends)
        self._meant = {name: _nearest(ones[name], found) for name, found in homes.items()}

    def means(self, path: str) -> bool:
        """Whether a word that says the name of a file may mean this one: the one beside it, or where its folder is said
        as well, or the uppermost of them."""
        name = posixpath.basename(path)
        folder = posixpath.basename(posixpath.dirname(path))
        return name not in self._meant or path in self._meant[name] or folder in self._beside[name]


def same_names(program: Program, named: Mapping[str, Set[str]]) -> SameNames:
    """The files of code of a program that others are called like, with what the words of each file can name."""
    return SameNames((source.path for source in program.sources if source.path.endswith(_CODE)), named)


def _nearest(ones: Sequence[str], homes: Set[str]) -> frozenset[str]:
    """The files of one name that are meant in any of some folders: the uppermost below it, all where none is below."""
    uppermost: dict[str, list[str]] = defaultdict(list)
    for one in sorted(ones, key=_depth):
        for folder in (_TOP, *folders_above(one)):
            if not uppermost[folder] or _depth(uppermost[folder][0]) == _depth(one):
                uppermost[folder].append(one)
    if not homes <= uppermost.keys():
        return frozenset(ones)
    return frozenset(one for home in homes for one in uppermost[home])


def _depth(path: str) -> int:
    return path.count("/")


def _home(place: str) -> str:
    """The folder from which commands run that a file holds: the top, for those of a folder for tools."""
    return _TOP if place.startswith(_HIDDEN) else posixpath.dirname(place)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
