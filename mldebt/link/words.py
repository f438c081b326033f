"""The words of code: which of them may mean a key of a settings file that nobody follows to its reader."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from typing import TYPE_CHECKING

from mldebt.facts import Attribute, Call, Collection, Compare, Const, Item, SetAttribute, SetItem, Step

if TYPE_CHECKING:
    from mldebt.link.machine import Machine
    from mldebt.link.values import Place

LONGEST = 80
DOCUMENTS = (".md", ".rst", ".txt", ".adoc")  # what they tell people of is read by nobody
_WORD = re.compile(r"[A-Za-z_]\w*")


def told_to_people(mentions: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The words of pages that are written for people."""
    pages = (words for path, words in sorted(mentions.items()) if path.lower().endswith(DOCUMENTS))
    return frozenset().union(*pages)


class Words:
    """The texts and attributes that code holds, read once somebody asks.

    `followed` are the places of reads whose settings are known: a word that stands only there means nothing else."""

    def __init__(self, machine: Machine, mentions: Mapping[str, frozenset[str]], followed: Iterable[Place]) -> None:
        self._machine = machine
        self._mentions = {path: words for path, words in mentions.items() if not path.lower().endswith(DOCUMENTS)}
        self._followed = frozenset((place[0], place[1]) for place in followed)
        self._loose: set[str] | None = None
        self._stored: set[str] = set()
        self._all: set[str] = set()
        self._words = lru_cache(maxsize=None)(lambda said: frozenset({said, *_WORD.findall(said)}))

    def may_mean(self, file: int, word: str) -> bool:
        """Whether code that nobody follows holds the word of a key in a file."""
        self._gather()
        assert self._loose is not None
        own = self._machine.program.sources[file].path
        return word in self._loose or word.replace("-", "_") in self._loose or self._is_mentioned(word, own)

    def holds(self, word: str) -> bool:
        """Whether any code or script holds a word."""
        self._gather()
        return word in self._all or self._is_mentioned(word)

    def is_stored(self, word: str) -> bool:
        """Whether code may put a key there: it stores under the word, looks whether it is there, or just names it."""
        self._gather()
        return word in self._stored

    def _is_mentioned(self, word: str, own: str = "") -> bool:
        return any(word in words for path, words in self._mentions.items() if path != own)

    def _gather(self) -> None:
        if self._loose is not None:
            return
        self._loose = set()
        program = self._machine.program
        for unit in range(len(program.units)):
            self._unit(program.file_of[unit], program.body(unit))

    def _unit(self, file: int, steps: tuple[Step, ...]) -> None:
        """One walk: it comes by every step of the repository."""
        keys, given, texts = set[int](), set[int](), list[tuple[int, Const]]()
        for index, step in enumerate(steps):
            if isinstance(step, Const):
                texts.append((index, step))
            elif isinstance(step, Attribute):
                self._see({step.name}, file, step.start)
            elif isinstance(step, Call):
                self._call(steps, step, keys)
            elif isinstance(step, Item):
                keys.add(step.key)
            elif isinstance(step, Collection) and step.kind == "dict":
                given.update(step.keys)
            elif isinstance(step, SetAttribute):
                self._stored.add(step.name)
            elif isinstance(step, (SetItem, Compare)):
                self._store(steps, step)
        for index, text in texts:
            if isinstance(text.value, str) and len(text.value) <= LONGEST:
                words = self._words(text.value)
                self._see(words, file, text.start, asks=index not in given)
                if index not in keys:
                    self._stored |= words

    def _call(self, steps: tuple[Step, ...], call: Call, keys: set[int]) -> None:
        """The names of arguments are stored under; the first texts that a method gets may be keys that it looks for."""
        names = {argument.name for argument in call.arguments}
        self._all |= names
        self._stored |= names
        if type(steps[call.callee]) is Attribute:
            keys.update(argument.value for argument in call.arguments[:2] if not argument.name)

    def _store(self, steps: tuple[Step, ...], step: SetItem | Compare) -> None:
        named = steps[step.key if isinstance(step, SetItem) else step.left]
        if isinstance(named, Const) and isinstance(named.value, str):
            self._stored.add(named.value)

    def _see(self, words: Set[str], file: int, start: int, *, asks: bool = True) -> None:
        """Words at a place; those that name what is given (a key of a dictionary as written) ask for nothing."""
        assert self._loose is not None
        self._all |= words
        if asks and (file, start) not in self._followed:
            self._loose |= words
