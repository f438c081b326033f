"""What the commands of a repository give the scripts they run: values of options, words of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from mldebt.facts import Import
from mldebt.link.imports import Imports
from mldebt.link.pool import Pool
from mldebt.link.program import Program
from mldebt.link.running import Run
from mldebt.link.values import Module, Place, Text, Value

MOST_VALUES = 4
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,8}$")
_HOLE = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+|\{\{[^}]*\}\}|\{[^}]*\}|\*")


class CommandLines:
    """The command lines of each file; a module that a script imports gets those of the script."""

    def __init__(self, program: Program, imports: Imports, pool: Pool, runs: Mapping[int, tuple[Run, ...]]) -> None:
        self._pool, self._runs = pool, dict(runs)
        self._folders = {file: tuple(dict.fromkeys(run.folder for run in runs[file])) for file in runs}
        self._places = {run.at: run.folder for found in runs.values() for run in found}
        for file in sorted(runs):
            for other in sorted(_imported(program, imports, file) - runs.keys()):
                self._runs[other] = (*self._runs.get(other, ()), *runs[file])

    def folders(self, file: int) -> tuple[str, ...]:
        """The folders in which commands run a file."""
        return self._folders.get(file, ())

    def folder_at(self, places: Iterable[Place]) -> str | None:
        """The folder of a command at one of these places; None where there is none."""
        return next((self._places[place] for place in places if place in self._places), None)

    def told(self, file: int) -> tuple[Place, ...]:
        """The places of the commands that run a file; none where one gives it words that nobody knows."""
        runs = self._runs.get(file, ())
        return tuple(dict.fromkeys(run.at for run in runs)) if all(map(is_whole, runs)) else ()

    def option(
        self, file: int, names: Iterable[str], default: Value | None, at: Place, *, part: str = "", flag: bool = False
    ) -> Value:
        """An option that a file reads: its default, or what a command gives it. `part` is the command of several in
        one file that has the option, `flag` one that needs no value."""
        spelled = tuple(name for name in names if name)
        long = next((name for name in spelled if name.startswith("--")), spelled[0] if spelled else "")
        found = [self._pool.setting("option", long, default, at)]
        values = (one for run in self._meant(file, part) for one in self._values(run, spelled, flag))
        known = default is not None and default is not self._pool.none
        return self._either(found, long, values, at, known=known)

    def argument(self, file: int, name: str, index: int, default: Value | None, place: Place, part: str = "") -> Value:
        """A positional argument: the word at its place behind the script, options and what follows them left out."""
        found = [self._pool.setting("option", name, default, place)]
        values: list[Value | None] = []
        for run in self._meant(file, part):
            words = _positional(run.arguments)
            words = words[1:] if part and words[:1] == [part] else words
            values += [self._value(words[index], run.at)] if index < len(words) else []
        return self._either(found, name, values, place, known=default is not None)

    def word(self, file: int, index: int, place: Place) -> Value | None:
        """The word at a place of the whole command line, from 1 on; None where no command is known."""
        name = f"argument {index}"
        runs = [run for run in self._runs.get(file, ()) if 0 < index <= len(run.arguments)]
        values = [self._value(run.arguments[index - 1], run.at) for run in runs]
        return self._either([], name, values, place, known=False) if any(values) else None

    def _either(
        self, settings: Sequence[Value], name: str, values: Iterable[Value | None], place: Place, *, known: bool
    ) -> Value:
        """The setting with its default or with one of the values that commands give it. A word such as a date or a
        version is one of many, where nothing says which holds: what is made of it stays open."""
        given = dict.fromkeys(value for value in values if value is not None and (known or _stands_alone(value)))
        chosen = [self._pool.setting("option", name, value, place) for value in given][:MOST_VALUES]
        return self._pool.alt(*(settings if known or not chosen else ()), *chosen)

    def _meant(self, file: int, part: str) -> Iterator[Run]:
        """The command lines of a file; where one names a command of the file, it is for that one alone."""
        for run in self._runs.get(file, ()):
            first = next(iter(_positional(run.arguments)), "").replace("-", "_")
            if not part or part in (run.function, first) or not first.isidentifier():
                yield run

    def _values(self, run: Run, names: tuple[str, ...], flag: bool) -> Iterator[Value | None]:
        for number, word in enumerate(run.arguments):
            name, equals, value = word.partition("=")
            if name not in names or not name.startswith("-"):
                continue
            following = run.arguments[number + 1 : number + 2]
            if equals:
                yield self._value(value, run.at)
            elif flag:
                yield self._pool.scalar(True, run.at)
            elif following and not (following[0].startswith("-") and not _NUMBER.fullmatch(following[0])):
                yield self._value(following[0], run.at)

    def _value(self, word: str, at: Place) -> Value | None:
        """A word as a value; nothing of one that is a variable as a whole."""
        if _NUMBER.fullmatch(word):
            return self._pool.scalar(float(word) if not word.lstrip("+-").isdigit() else int(word[:18]), at)
        pieces = _HOLE.split(word)
        if not any(pieces):
            return None
        parts: list[str | Value] = [pieces[0]]
        for piece in pieces[1:]:
            parts += [self._pool.derived("text"), piece]
        return self._pool.text([part for part in parts if part != ""], (at,))


def is_whole(run: Run) -> bool:
    """Whether all words that a command gives a file are known, but for the values of options."""
    return not any(_is_open(before, word) for before, word in pairwise(("", *run.arguments)))


def _is_open(before: str, word: str) -> bool:
    """Whether a word may stand for any others: a variable as a whole that is not the value of an option."""
    whole = word in ("$@", "$*") or (bool(_HOLE.search(word)) and not any(_HOLE.split(word)))
    return whole and not before.startswith("-")


def _stands_alone(value: Value) -> bool:
    """Whether a value is more than a word that becomes a part of a name: a path, a number, a flag."""
    if not isinstance(value, Text):
        return True
    last = value.parts[-1] if value.parts else ""
    said = "".join(part for part in value.parts if isinstance(part, str))
    return "/" in said or (isinstance(last, str) and _ENDING.search(last) is not None)


def _positional(arguments: Iterable[str]) -> list[str]:
    """The words that are no options; one behind an option is taken for its value."""
    found: list[str] = []
    waits = False
    for word in arguments:
        if word.startswith("-") and not _NUMBER.fullmatch(word):
            waits = "=" not in word
        elif waits:
            waits = False
        else:
            found.append(word)
    return found


def _imported(program: Program, imports: Imports, file: int) -> set[int]:
    """The files of the repository that the top of a module imports."""
    unit = program.module_unit(file)
    found = set()
    for step in program.body(unit) if unit >= 0 else ():
        if isinstance(step, Import):
            module = imports.resolve(file, step.module, step.level)
            inner = imports.submodule(module, step.name) if isinstance(module, Module) and step.name else None
            found |= {one.file for one in (module, inner) if isinstance(one, Module) and one.file >= 0}
    return found - {file}
