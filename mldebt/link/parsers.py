"""Commands that run scripts, beside the options that the scripts define, where all of those are known."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from mldebt.facts import Attribute, Call, Const, Load, Step
from mldebt.graph.code import Invocation
from mldebt.link.given import is_whole
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.running import Pipelines, Run
from mldebt.link.values import Place, Scalar, literal
from mldebt.rows import Row
from mldebt.source import Purpose

_HELP = ("-h", "--help")
_PLAIN = frozenset({"description", "prog", "usage", "epilog", "formatter_class", "add_help", "exit_on_error"})
_OF_COMMAND = frozenset({"", "name", "help", "epilog", "short_help", "no_args_is_help"})
_OWN = frozenset({"command", "option", "transparent", "check"})
_SUBCOMMANDS = "subcommands"
_NO = "--no-"
_WORDS = frozenset({"argv"})


@dataclass(frozen=True, slots=True)
class Parser:
    """The options that a script defines, each by all its names, those that it cannot do without, and where the parser
    is made. `command`: it is a function of a command, whose name may stand in front."""

    options: tuple[tuple[str, ...], ...]
    required: tuple[tuple[str, ...], ...]
    at: Place
    command: bool = False


class Parsers:
    """The parsers of the scripts of one linking."""

    def __init__(self, machine: Machine, pipelines: Pipelines) -> None:
        self._machine, self._pipelines, self._program = machine, pipelines, machine.program
        self._of = lru_cache(maxsize=None)(self._parser)

    def invocations(self) -> tuple[Invocation, ...]:
        """The commands of all definitions, and of code, that run a script whose options are all known."""
        found = [
            one
            for definition in self._pipelines.definitions
            for task in definition.tasks
            for run in self._pipelines.runs(definition, task)
            if (one := self._invocation(task.name, run, whole=definition.form != "container")) is not None
        ]
        found += self._of_code()
        return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.at, one.path, one.step, one.given)))

    def _of_code(self) -> Iterator[Invocation]:
        """What code runs. It may put further words behind a command."""
        for (file, command), folder in tuple(self._pipelines.of_code.items()):
            unit = self._program.unit_at((file, command.start, command.end))
            for run in self._pipelines.commanded(file, command, folder):
                one = self._invocation(self._machine.info(unit).name, run, whole=False)
                if one is not None:
                    yield one

    def _invocation(self, step: str, run: Run, *, whole: bool) -> Invocation | None:
        """`whole`: nobody puts further words behind the command, as whoever starts a container does."""
        sources = self._program.sources
        ours = all(sources[file].purpose is Purpose.PRODUCTION for file in (run.file, run.at[0]))
        parser = self._of(run.file) if ours and run.own and not run.function else None
        if parser is None or (parser.command and not (run.arguments and run.arguments[0].startswith("-"))):
            return None
        return Invocation(
            step=step or posixpath.basename(sources[run.at[0]].path), path=sources[run.file].path,
            at=self._program.span(run.at),
            given=tuple(_given(run.arguments)), options=parser.options,
            required=parser.required if whole and is_whole(run) else (), defined_at=self._program.span(parser.at),
        )  # fmt: skip

    def _parser(self, file: int) -> Parser | None:
        first, made = self._program.first[file], self._machine.made
        units = range(first, first + len(self._program.facts[file].units))
        commands = [unit for unit in units if any(one.what == "command" for one in made.get(unit, ()))]
        if commands:
            return self._of_decorators(commands[0]) if len(commands) == 1 else None
        return _Reading(self._machine, file).parser(self._program.body(unit) for unit in units)

    def _of_decorators(self, unit: int) -> Parser | None:
        """A command whose options are decorators of its function."""
        found: list[tuple[str, ...]] = [_HELP]
        required: list[tuple[str, ...]] = []
        for made in self._machine.made[unit]:
            if any(_SUBCOMMANDS in row.traits for row in self._machine.rows_of_call(made.callee)):
                return None
            said = [literal(value) or "" for name, value in made.arguments if not name]
            keywords = dict(made.arguments)
            if made.what not in _OWN or (made.what == "command" and not _OF_COMMAND.issuperset(keywords)):
                return None
            if made.what == "option" and not any(said):
                return None  # one of its own name
            names = tuple(one for word in said for one in word.split("/") if one.startswith("-"))
            if made.what == "option" and names:
                found.append(names)
                required += [names] if _is_true(keywords.get("required")) and "default" not in keywords else []
        place = self._machine.made[unit][-1].place
        return Parser(tuple(found), tuple(required), place, True) if len(found) > 1 else None


@dataclass(slots=True)
class _Reading:
    """A file that is read for its one parser. What is not wholly known makes it unknown."""

    machine: Machine
    file: int
    made: list[Place] = field(default_factory=list)
    parsed: int = 0
    options: list[tuple[str, ...]] = field(default_factory=lambda: [_HELP])
    required: list[tuple[str, ...]] = field(default_factory=list)

    def parser(self, bodies: Iterable[tuple[Step, ...]]) -> Parser | None:
        """The parser, if the file has one, keeps it to itself, and names all its options."""
        kept = tuple(bodies)
        program, first = self.machine.program, self.machine.program.first[self.file]
        names: set[str] = set()
        held: list[set[int]] = []
        for number, steps in enumerate(kept):
            values = {index for index, step in enumerate(steps) if self._is_parser(step)}
            unit = program.units[first + number]
            names |= {name for index, name in (*unit.names, *((i, n) for n, i in unit.exports)) if index in values}
            held.append(values)
        for steps, values in zip(kept, held, strict=True):
            values |= {index for index, step in enumerate(steps) if isinstance(step, Load) and step.name in names}
            if not all(self._is_known(steps, step, values) for step in steps):
                return None
        if len(self.made) != 1 or self.parsed != 1 or len(self.options) < 2:
            return None
        return Parser(tuple(self.options), tuple(self.required), self.made[0])

    def _rows(self, step: Step) -> tuple[Row, ...]:
        return self.machine.noted.meant.get((self.file, step.start, step.end), ()) if isinstance(step, Call) else ()

    def _is_parser(self, step: Step) -> bool:
        return any(row.result[:1] and row.result[0].startswith("parser") for row in self._rows(step))

    def _is_known(self, steps: tuple[Step, ...], step: Step, values: set[int]) -> bool:
        """Whether a step leaves the parser where it is, and says all of an option that it adds."""
        if isinstance(step, Attribute):
            return step.name not in _WORDS
        rows = self._rows(step)
        if isinstance(step, Call) and rows:
            if any(_SUBCOMMANDS in row.traits for row in rows):
                return False
            if any(row.form == "class" and self._is_parser(step) for row in rows):
                self.made.append((self.file, step.start, step.end))
                return _PLAIN.issuperset(one.name for one in step.arguments)
            if any(row.op == "option" for row in rows):
                return self._option(steps, step)
            if any(row.op == "options.parse" for row in rows):
                self.parsed += 1
                return all(len(row.result) == 1 for row in rows)
        return values.isdisjoint(operands(step))

    def _option(self, steps: tuple[Step, ...], step: Call) -> bool:
        """An option with all its names; a word of the command line has none."""
        said = [steps[one.value] for one in step.arguments if not one.name]
        known = [one.value for one in said if isinstance(one, Const) and isinstance(one.value, str)]
        if len(known) != len(said) or not known or any(one.name in ("*", "**") for one in step.arguments):
            return False
        names = tuple(one for one in known if one.startswith("-"))
        given = {one.name: steps[one.value] for one in step.arguments}
        if names:
            action = given.get("action")  # one that is no word may define a second name
            both = tuple(f"{_NO}{one[2:]}" for one in names if one.startswith("--")) if _is_made(action) else ()
            self.options.append((*names, *both))
            told = given.get("required")
            if isinstance(told, Const) and told.value is True and "default" not in given:
                self.required.append(names)
        return True


def _is_made(action: Step | None) -> bool:
    return action is not None and not isinstance(action, Const)


def _is_true(value: object) -> bool:
    return isinstance(value, Scalar) and value.value is True


def _given(words: Iterable[str]) -> Iterator[str]:
    """The long options among the words behind a script, and the short ones."""
    for word in words:
        if word == "--":
            return
        if word.startswith("-") and word.lstrip("-")[:1].isalpha():
            yield word.partition("=")[0]
