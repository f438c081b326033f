"""The words of code: which of them may mean a key of a settings file that nobody follows to its reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from mldebt.facts import Attribute, Call, Collection, Compare, Const, Item, SetAttribute, SetItem, Step

if TYPE_CHECKING:
    from mldebt.link.machine import Machine
    from mldebt.link.values import Place

LONGEST = 80
FEW = 16
"""So many words are looked for one by one, in the code that holds them; for more, all code is read once."""
DOCUMENTS = (".md", ".rst", ".txt", ".adoc")  # what they tell people of is read by nobody
_OTHERS = 2
_WORD = re.compile(r"[A-Za-z_]\w*")


def told_to_people(mentions: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The words of pages that are written for people."""
    pages = (words for path, words in sorted(mentions.items()) if path.lower().endswith(DOCUMENTS))
    return frozenset().union(*pages)


@dataclass(slots=True)
class _Said:
    """Words of some code: `loose` ask for something that nobody follows, `stored` may put a key somewhere."""

    every: set[str] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)


class Words:
    """The texts and attributes that code holds, read once somebody asks.

    `followed` are the places of reads whose settings are known: a word that stands only there means nothing else."""

    def __init__(self, machine: Machine, mentions: Mapping[str, frozenset[str]], followed: Iterable[Place]) -> None:
        self._program = machine.program
        self._mentions = {path: words for path, words in mentions.items() if not path.lower().endswith(DOCUMENTS)}
        self._followed = frozenset((place[0], place[1]) for place in followed)
        self._whole: _Said | None = None
        self._asked: set[str] = set()
        self._words = lru_cache(maxsize=None)(lambda said: frozenset({said, *_WORD.findall(said)}))

    def may_mean(self, file: int, word: str) -> bool:
        """Whether code that nobody follows holds the word of a key in a file."""
        loose, own = self._everything().loose, self._program.sources[file].path
        return word in loose or word.replace("-", "_") in loose or self._is_mentioned(word, own)

    def holds(self, word: str) -> bool:
        """Whether any code or script holds a word."""
        return word in self._everything().every or word in self._pieces or self._is_mentioned(word)

    @cached_property
    def _pieces(self) -> frozenset[str]:
        """The words that files which run code put together: `${HOST}:${PORT}`."""
        said = frozenset().union(*(words for _, words in sorted(self._mentions.items())))
        return frozenset(piece for words in said for piece in _WORD.findall(words))

    def is_stored(self, word: str) -> bool:
        """Whether code may put a key there: it stores under the word, looks whether it is there, or just names it."""
        self._asked.add(word)
        if self._whole is not None or len(self._asked) > FEW:
            return word in self._everything().stored
        written = word.encode()
        holding = [number for number, unit in enumerate(self._program.units) if written in unit.body]
        return word in self._read(holding).stored

    def _is_mentioned(self, word: str, own: str = "") -> bool:
        paths = self._mentioned.get(word, ())
        return any(path != own for path in paths)

    @cached_property
    def _mentioned(self) -> Mapping[str, Sequence[str]]:
        """The files that mention a word, two at most: a key of a file asks for another one that does."""
        found: dict[str, list[str]] = {}
        for path, words in self._mentions.items():
            for word in words:
                paths = found.setdefault(word, [])
                if len(paths) < _OTHERS:
                    paths.append(path)
        return found

    def _everything(self) -> _Said:
        if self._whole is None:
            self._whole = self._read(range(len(self._program.units)))
        return self._whole

    def _read(self, units: Iterable[int]) -> _Said:
        found = _Said()
        for unit in units:
            self._unit(found, unit)
        return found

    def _unit(self, found: _Said, unit: int) -> None:
        file, steps, each = self._program.file_of[unit], self._program.body(unit), self._program.each
        for _, name in each(unit, Attribute):
            found.every.add(name.name)
            if (file, name.start) not in self._followed:
                found.loose.add(name.name)
        keys = {item.key for _, item in each(unit, Item)}
        keys.update(key for _, call in each(unit, Call) for key in _of_call(found, steps, call))
        given = {key for _, made in each(unit, Collection) if made.kind == "dict" for key in made.keys}
        found.stored.update(store.name for _, store in each(unit, SetAttribute))
        found.stored.update(word for _, store in each(unit, SetItem) for word in _said(steps[store.key]))
        found.stored.update(word for _, asked in each(unit, Compare) for word in _said(steps[asked.left]))
        for index, text in each(unit, Const):
            if isinstance(text.value, str) and len(text.value) <= LONGEST:
                words = self._words(text.value)
                self._see(found, words, file, text.start, asks=index not in given)
                if index not in keys:
                    found.stored |= words

    def _see(self, found: _Said, words: Set[str], file: int, start: int, *, asks: bool = True) -> None:
        """Words at a place; those that name what is given (a key of a dictionary as written) ask for nothing."""
        found.every |= words
        if asks and (file, start) not in self._followed:
            found.loose |= words


def _of_call(found: _Said, steps: tuple[Step, ...], call: Call) -> set[int]:
    """The names of arguments are stored under; the first texts that a method gets may be keys that it looks for."""
    names = {argument.name for argument in call.arguments}
    found.every |= names
    found.stored |= names
    if not isinstance(steps[call.callee], Attribute):
        return set()
    return {argument.value for argument in call.arguments[:2] if not argument.name}


def _said(named: Step) -> set[str]:
    return {named.value} if isinstance(named, Const) and isinstance(named.value, str) else set()
