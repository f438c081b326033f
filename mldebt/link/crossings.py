"""Where one language hands over to another through a command or a text."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

from mldebt.declarations import Embedded
from mldebt.facts import Magic, Template
from mldebt.graph.crossing import Crossing
from mldebt.languages import Languages, load
from mldebt.link.components import Components
from mldebt.link.machine import Machine
from mldebt.link.slots import slot_values
from mldebt.link.values import Event, Place, Sequence, Text, Value
from mldebt.packages import Packages
from mldebt.roles import Role
from mldebt.source import Kind

FEWEST_LINES = 5
FEWEST_OF_TEXT = 3
FEWEST_OF_QUERY = 20
LANGUAGE = "language:"
"""Begins a trait of a row: the language of the text that a call runs."""

_KINDS = {Kind.REQUIREMENTS: "container", Kind.SETTINGS: "settings", Kind.COMMANDS: "commands"}
_VERSION = re.compile(r"[\d.]+$")
_INSTALL = "install"
MOST_BEFORE = 5
"""How many words of a command may stand before the one that says what it does: `sudo python -m pip install`."""
_BEFORE = frozenset({"sudo", "nohup", "time", "exec", "env", "nice"})
_SHELL = frozenset({"-c", "-lc", "-ec", "-e"})
_QUERY = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:CREATE\b[\s\S]{1,200}?\bAS\b|WITH\b|SELECT\b|INSERT\s+INTO\b)", re.IGNORECASE
)
_FROM = re.compile(r"\bFROM\s+[\w({\"`?]", re.IGNORECASE)
_STEP = re.compile(
    r"\bJOIN\s+\S+[^;]{0,80}?\b(?:ON|USING)\b|\bGROUP\s+BY\s|\bCASE\s+WHEN\s|\bOVER\s*\(|\bUNION\s+(?:ALL|SELECT)\b|\bAS\s*\("
    r"|\bCOALESCE\s*\(|\bEXISTS\s*\(", re.IGNORECASE
)
_FEWEST_STEPS = 2


def crossings(
    machine: Machine, components: Components, paths: Iterable[str], installed: Packages
) -> tuple[Crossing, ...]:
    """All of them, by place."""
    seen = _Crossings(machine, components, frozenset(paths), installed.ml)
    found = {*seen.in_files(), *seen.in_notebooks(), *seen.of_runs(), *seen.of_queries()}
    return tuple(sorted(found, key=lambda one: (one.at, one.language, one.how, one.file)))


class _Crossings:
    def __init__(
        self, machine: Machine, components: Components, paths: frozenset[str], ml: frozenset[str]
    ) -> None:
        self._machine, self._components, self._paths, self._ml = machine, components, paths, ml
        self._languages: Languages = load()
        self._modelling = _modelling(machine, ml)

    def in_files(self) -> Iterator[Crossing]:
        """Programs inside of shell: in scripts, containers, workflows."""
        program = self._machine.program
        for number, (source, facts) in enumerate(zip(program.sources, program.facts, strict=True)):
            for one in facts.embedded:
                language = self._languages.of_file(one.file) or self._languages.of_program(one.program)
                if language and language != "shell" and one.lines >= FEWEST_LINES:
                    place = (number, one.start, one.end)
                    step = self._is_step(number, one)
                    kind = _KINDS[source.kind]
                    yield self._crossing("shell", language, "holds", place, one.lines, one.file, kind, step)

    def _is_step(self, file: int, one: Embedded) -> bool:
        """Whether a program imports what handles data or models, or its script runs steps of the repository that do;
        what a script does that only installs things is no step."""
        tasks = self._machine.program.facts[file].tasks
        commands = [command.text.split() for task in tasks for command in task.commands]
        if any(self._runs_a_step(file, words) for words in commands):
            return True
        handles = any(root in self._ml or self._is_own(root) for root in one.imports)
        return handles and not any(_INSTALL in words[:MOST_BEFORE] for words in commands)

    def _is_own(self, root: str) -> bool:
        """Whether an import may mean a module of the repository."""
        program = self._machine.program
        known = (program.sources[number].kind for number in program.files_named(root))
        return root not in sys.stdlib_module_names and Kind.PYTHON in known

    def _runs_a_step(self, file: int, words: list[str]) -> bool:
        """`python train.py`, `make features`."""
        if len(words) < 2:
            return False
        name = _VERSION.sub("", posixpath.basename(words[0]))
        return name == "make" or (name in self._machine.catalogue.runners and self._is_modelling(file, words[1]))

    def _is_modelling(self, file: int, word: str) -> bool:
        """Whether a word names code that handles data or models; the folder may be what a variable says, or one above
        the script, in which it goes to work."""
        path = posixpath.normpath(word.rpartition("}/")[2] if "}/" in word else re.sub(r"^\$\w+/", "", word))
        parts = self._machine.program.sources[file].path.split("/")[:-1]
        number = self._machine.program.number
        above = ("/".join(parts[:length]) for length in range(len(parts), -1, -1))
        found = (number.get(posixpath.normpath(posixpath.join(folder, path))) for folder in above)
        return any(one in self._modelling for one in found if one is not None)

    def in_notebooks(self) -> Iterator[Crossing]:
        """Commands and cells of a notebook that are in another language."""
        program = self._machine.program
        for number, facts in enumerate(program.facts):
            for magic in facts.magics:
                place = (number, magic.start, magic.start + 1)
                yield from self._of_magic(magic, place)

    def _of_magic(self, magic: Magic, place: Place) -> Iterator[Crossing]:
        if magic.kind == "cell":
            language, lines = self._languages.cells.get(magic.name, ""), len(magic.text.split("\n")) - 1
            if language and language != "shell" and lines > 1:
                yield self._crossing("Python", language, "holds", place, lines)
        elif magic.kind == "shell":
            for line in magic.text.splitlines():
                yield from self._of_words(line.split(), place)

    def of_runs(self) -> Iterator[Crossing]:
        """Calls that run a command, or a text in another language."""
        for event in self._machine.happened():
            if event.row is None or event.row.role is not Role.RUN or event.what != "call":
                continue
            told = next((one.removeprefix(LANGUAGE) for one in event.row.traits if one.startswith(LANGUAGE)), "")
            if told:
                lines = self._height(event)
                how = "holds" if lines >= FEWEST_OF_TEXT else "runs"
                yield self._crossing("Python", told, how, event.place, lines)
                continue
            for value in slot_values(event, event.row.target):
                words = _words(value)
                lines = _spoken(value)
                if lines >= FEWEST_LINES and words:
                    given = words[1:2] in (["-c"], ["-e"])
                    language = self._languages.of_program(words[0]) if given else "shell"
                    if isinstance(value, Sequence) and not given:
                        continue  # a list of arguments: the long one is no program
                    if language not in ("", "Python"):
                        yield self._crossing("Python", language, "holds", event.place, lines)
                elif "flow" not in event.row.traits:
                    yield from self._of_words(words, event.place)

    def of_queries(self) -> Iterator[Crossing]:
        """Programs in SQL that stand in texts of code."""
        tallest: dict[tuple[int, int], tuple[int, Place]] = {}
        for text in self._machine.pool.texts():
            newlines = sum([part.count("\n") for part in text.parts if isinstance(part, str)])
            if newlines < FEWEST_OF_QUERY or text.kind != "text" or not text.places:
                continue
            if self._machine.noted.bare.keys() & set(text.places):
                continue
            spoken = "".join(part if isinstance(part, str) else "x" for part in text.parts)
            if not (_QUERY.match(spoken) and _FROM.search(spoken)):
                continue
            lines = sum(1 for line in spoken.splitlines() if line.strip() and not line.lstrip().startswith("--"))
            if lines >= FEWEST_OF_QUERY and len(_STEP.findall(spoken)) >= _FEWEST_STEPS:
                place = max(text.places, key=lambda place: (place[2] - place[1], place))
                if self._is_tall(place):
                    tallest[place[:2]] = max((lines, place), tallest.get(place[:2], (0, place)))
        for lines, place in tallest.values():
            filled = any(place[1:] == (step.start, step.end) for step in self._templates(place))
            yield replace(self._crossing("Python", "SQL", "holds", place, lines), filled=filled)

    def _templates(self, place: Place) -> Iterator[Template]:
        """The texts with holes of the unit in which a text stands."""
        program = self._machine.program
        return (step for step in program.body(program.unit_at(place)) if isinstance(step, Template))

    def _of_words(self, words: list[str], place: Place) -> Iterator[Crossing]:
        while words and (words[0] in _BEFORE or "=" in words[0]):
            words = words[1:]
        if len(words) > 2 and self._languages.of_program(words[0]) == "shell" and words[1] in _SHELL:
            words = words[2].split() if " " in words[2] else words[2:]
        if not words:
            return
        language = self._languages.of_program(words[0]) or self._languages.of_file(words[0])
        if language in ("", "Python", "shell"):
            return
        folder = posixpath.dirname(self._machine.program.sources[place[0]].path)
        tried = (posixpath.normpath(posixpath.join(base, word)) for word in words for base in (folder, ""))
        file = next((path for path in tried if path in self._paths and self._languages.of_file(path)), "")
        yield self._crossing("Python", language, "runs", place, 0, file)

    def _is_tall(self, place: Place) -> bool:
        """Whether the text stands there, and is not only completed."""
        span = self._machine.program.span(place)
        return span.end_line - span.line >= FEWEST_LINES

    def _height(self, event: Event) -> int:
        return max((_spoken(value) for value in slot_values(event, event.row.target if event.row else ())), default=0)

    def _crossing(
        self, host: str, language: str, how: str, place: Place, lines: int, file: str = "", kind: str = "code",
        step: bool = True,
    ) -> Crossing:
        program = self._machine.program
        source, units = program.sources[place[0]], program.facts[place[0]].units
        return Crossing(
            host=host, language=language, how=how, lines=lines, file=file, at=program.span(place), kind=kind,
            symbol=program.units[program.unit_at(place)].id if units else "", purpose=source.purpose,
            component=self._components.of(source.path), step=step,
        )  # fmt: skip


def _modelling(machine: Machine, ml: frozenset[str]) -> frozenset[int]:
    """The files that import what handles data or models, and those that import these."""
    users: dict[int, list[int]] = {}
    for place, file in machine.noted.local.items():
        users.setdefault(file, []).append(place[0])
    found = {file for file, root in machine.noted.libraries if root in ml}
    waiting = list(found)
    while waiting:
        further = set(users.get(waiting.pop(), ())) - found
        found |= further
        waiting += further
    return frozenset(found)


def _words(value: Value) -> list[str]:
    """The words of a command; what is not known is a word that names nothing."""
    if isinstance(value, Sequence):
        return [" ".join(_words(item)) for item in value.items]
    if isinstance(value, Text):
        return "".join(part if isinstance(part, str) else "?" for part in value.parts).split()
    return ["?"]


def _spoken(value: Value) -> int:
    """How many lines of a text say something; of a list of words, the most of one."""
    if isinstance(value, Sequence):
        return max((_spoken(item) for item in value.items), default=0)
    if not isinstance(value, Text):
        return 0
    text = "".join(part if isinstance(part, str) else "?" for part in value.parts)
    return sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))
