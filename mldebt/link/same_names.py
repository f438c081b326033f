"""Files of one name: which of them a word means that says no more than it."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set

from mldebt.link.program import Program
from mldebt.link.spoken import ends_of

_CODE = ".py"
_HIDDEN, _PACKAGE = ".", "__init__.py"


class SameNames:
    """The files of code that others are called like, and where their names are said."""

    def __init__(self, paths: Iterable[str], said: Mapping[str, Set[str]]) -> None:
        called: dict[str, list[str]] = defaultdict(list)
        for path in paths:
            called[posixpath.basename(path)].append(path)
        self._ones = {name: ones for name, ones in called.items() if len(ones) > 1 and name != _PACKAGE}
        self._said: dict[str, list[tuple[str, Set[str]]]] = defaultdict(list)
        for place, words in said.items() if self._ones else ():
            ends = {end for word in words for end in ends_of(word)}
            for name in self._ones:
                if not ends.isdisjoint({name, _stem(name)}):
                    self._said[name].append((_home(place), ends))

    def means(self, path: str) -> bool:
        """Whether a word that says the name of a file may mean this one: the one beside it, or where its folder is said
        as well, or the uppermost of them."""
        name = posixpath.basename(path)
        if name not in self._ones or not self._said[name]:
            return True
        folder = posixpath.basename(posixpath.dirname(path))
        return any(folder in ends or path in self._nearest(name, home) for home, ends in self._said[name])

    def _nearest(self, name: str, home: str) -> list[str]:
        ones = self._ones[name]
        below = [one for one in ones if not home or one.startswith(f"{home}/")]
        uppermost = min((one.count("/") for one in below), default=0)
        return [one for one in below if one.count("/") == uppermost] or ones


def same_names(program: Program, said: Mapping[str, Set[str]]) -> SameNames:
    """The files of code of a program that others are called like, with the words that each file says."""
    return SameNames((source.path for source in program.sources if source.path.endswith(_CODE)), said)


def _home(place: str) -> str:
    """The folder from which commands run that a file holds: the top, for those of a folder for tools."""
    return "" if place.startswith(_HIDDEN) else posixpath.dirname(place)


def _stem(name: str) -> str:
    return name.rpartition(".")[0]
