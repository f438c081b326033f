"""Options that a script takes from its command line, and that nothing in it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mldebt.facts import (
    Argument,
    Attribute,
    Branch,
    Call,
    Compare,
    Const,
    Define,
    Import,
    Load,
    Param,
    Phi,
    Return,
    SetAttribute,
    SetGlobal,
    StarImport,
    Step,
    Template,
    Unit,
)  # fmt: skip
from mldebt.graph.code import UnreadOption
from mldebt.link.defining import parameter_name
from mldebt.link.machine import Machine, Made
from mldebt.link.operands import operands
from mldebt.link.values import Place, literal
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.source import Purpose, SourceFile

_TELLS = frozenset({Role.LOG, Role.INSPECT})
_TAKES_NOTHING = frozenset({"help", "version"})
_ASKS = frozenset({"getattr", "hasattr"})
_ACTS = frozenset({"callback", "expose_value", "hidden", "deprecated"})
_ALL = frozenset({"locals", "params"})  # those of a context
_KEPT = re.compile(
    r"\bdeprecated\b|(?:^|\(|\bis )\s*(?:ignored|unused)\b|\b(?:not|no longer) used\b|\bno effect\b"
    r"|\bfor (?:[\w-]+ )?compatibility\b", re.IGNORECASE
)  # fmt: skip
"""What a help text says of an option itself that is only there so that who gives it need not change."""
_HIDDEN, _WORDS, _NOTEBOOK = "SUPPRESS", "argv", ".ipynb"


def unread_options(machine: Machine) -> tuple[UnreadOption, ...]:
    """The options of scripts that parse their command line for themselves, as far as what becomes of it is known."""
    parsing: dict[int, None] = {}
    for place, rows in machine.noted.meant.items():
        if any(row.op == "options.parse" for row in rows) and _is_a_script(machine.program.sources[place[0]]):
            parsing[place[0]] = None
    offered = frozenset(_offered(machine)) if parsing else frozenset()
    found = [one for file in parsing for one in _Script(machine, file, offered).unread()]
    for unit, made in machine.made.items():
        if any(one.what == "command" for one in made) and _is_a_script(_source(machine, unit)):
            found += _of_command(machine, unit, made)
    return tuple(sorted(found, key=lambda one: one.at))


def _offered(machine: Machine) -> Iterator[Place]:
    """Where code reads what a run tells each program: who takes that as an option is offered it, and need not ask."""
    for setting in machine.pool.settings():
        if setting.how == "env" and machine.catalogue.is_given_by_a_run(setting.name):
            yield setting.place


def _source(machine: Machine, unit: int) -> SourceFile:
    return machine.program.sources[machine.program.file_of[unit]]


def _of_command(machine: Machine, unit: int, made: Sequence[Made]) -> Iterator[UnreadOption]:
    """The options that decorators give a function as parameters of their names, and that it does not use."""
    body, info = machine.program.body(unit), machine.program.units[unit]
    used = {index for step in body for index in operands(step)} | {index for _, index in info.exports}
    idle = {step.name for index, step in enumerate(body) if isinstance(step, Param) and index not in used}
    whole = any(isinstance(step, (Load, Attribute)) and step.name in _ALL for step in body)
    whole = whole or (not any(isinstance(body[index], Param) for index in used) and _is_begun(machine, unit))
    places = _decorators(machine, unit) if idle and not whole else {}
    for one in made if idle and not whole else ():
        words = [literal(value) or "" for name, value in one.arguments if not name]
        keywords = {name: literal(value) or "" for name, value in one.arguments if name}
        kept = _KEPT.search(keywords.get("help", ""))
        name = next((key for key in map(parameter_name, words) if key in idle), "")
        if one.what == "option" and name and _ACTS.isdisjoint(keywords) and not kept:
            at = machine.program.span(places.get(tuple(words), one.place))
            yield UnreadOption(at.path, name, next((word for word in words if word.startswith("--")), words[0]), at)


def _is_begun(machine: Machine, unit: int) -> bool:
    """Whether a command is yet to be written: all that it does is to tell that it runs."""
    file, body = machine.program.file_of[unit], machine.program.body(unit)
    for step in body:
        rows = machine.noted.meant.get((file, step.start, step.end), ()) if isinstance(step, Call) else ()
        shows = isinstance(step, Call) and isinstance(callee := body[step.callee], Load) and callee.name == "print"
        tells = bool(rows) and all(row.role in _TELLS or (row.role is None and row.result) for row in rows)
        if isinstance(step, Call) and not shows and not tells:
            return False
    return True


def _decorators(machine: Machine, unit: int) -> dict[tuple[str, ...], Place]:
    """Where the decorators of a function stand, by the words that they are given."""
    program, file = machine.program, machine.program.file_of[unit]
    body = program.body(program.parent(unit))
    made = (step for step in body if isinstance(step, Define) and program.first[file] + step.unit == unit)
    calls = (body[at] for step in made for at in step.decorators)
    return {
        tuple(_text(body[one.value]) for one in call.arguments if not one.name): (file, call.start, call.end)
        for call in calls if isinstance(call, Call)
    }  # fmt: skip


def _is_a_script(source: SourceFile) -> bool:
    return source.purpose is Purpose.PRODUCTION and not source.path.endswith(_NOTEBOOK)


class _Unknown(Exception):
    """What becomes of the options is not known."""


@dataclass(frozen=True, slots=True)
class _Body:
    """A unit with its steps, and the names that its values are bound to first."""

    unit: Unit
    steps: tuple[Step, ...]
    names: Mapping[int, str]


@dataclass(slots=True)
class _Script:
    """A file that is read for what becomes of its options. `offered` are places that read what a run tells, `names` are
    bound to all options together, `givers` are functions that give them back, `asked` what is taken of them."""

    machine: Machine
    file: int
    offered: frozenset[Place]
    names: set[str] = field(default_factory=set)
    givers: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def unread(self) -> list[UnreadOption]:
        """The options that nothing asks for; none where they go to code that is not followed."""
        program = self.machine.program
        bodies = []
        for number in program.units_of(self.file):
            unit = program.units[number]
            bodies.append(_Body(unit, program.body(number), dict(unit.names)))
        try:
            options = [one for body in bodies for one in self._options(body)]
            self._follow(bodies)
            self._is_kept({body.unit.name for body in bodies for step in body.steps if self._is(step, "option")})
        except _Unknown:
            return []
        return [one for one in options if one.name not in self.asked]

    def _rows(self, step: Step) -> tuple[Row, ...]:
        return self.machine.noted.meant.get((self.file, step.start, step.end), ()) if isinstance(step, Call) else ()

    def _is(self, step: Step, op: str) -> bool:
        return any(row.op == op for row in self._rows(step))

    def _options(self, body: _Body) -> Iterator[UnreadOption]:
        """What the calls of a body add to the parser, by the name under which it is asked for."""
        surely = self.machine.noted.surely  # browsers have an `add_argument` of their own
        for step in body.steps:
            known = isinstance(step, Call) and (self.file, step.start, step.end) in surely and self._is(step, "option")
            if known and isinstance(step, Call) and isinstance(body.steps[step.callee], Attribute):
                yield from self._option(body.steps, step)

    def _option(self, steps: tuple[Step, ...], step: Call) -> Iterator[UnreadOption]:
        given = {one.name: steps[one.value] for one in step.arguments}
        words = [_text(steps[one.value]) for one in step.arguments if not one.name]
        if not words or not all(words) or not {"*", "**"}.isdisjoint(given):
            raise _Unknown
        action, shown, default = given.get("action"), given.get("help"), given.get("default")
        told = default is not None and any(
            file == self.file and default.start <= start and end <= default.end for file, start, end in self.offered
        )
        acts = action is not None and (not _text(action) or _text(action) in _TAKES_NOTHING)
        hidden = isinstance(shown, Attribute) and shown.name == _HIDDEN
        if acts or hidden or told or "deprecated" in given or (shown is not None and _KEPT.search(_text(shown))):
            return
        spelled = next((word for word in words if word.startswith("--")), words[0])
        name = _text(given["dest"]) if "dest" in given else _asked_as(spelled)
        if name not in self.machine.catalogue.launched_with:
            at = self.machine.program.span((self.file, step.start, step.end))
            yield UnreadOption(at.path, name, spelled, at)

    def _follow(self, bodies: list[_Body]) -> None:
        """Where the options go within the file, until nothing new is found."""
        before = -1
        while before != len(self.names) + len(self.givers):
            before = len(self.names) + len(self.givers)
            for body in bodies:
                self._see(body, bodies)

    def _see(self, body: _Body, bodies: list[_Body]) -> None:
        values: set[int] = set()
        for index, step in enumerate(body.steps):
            if self._gives(body.steps, step, values):
                values.add(index)
            elif not values.isdisjoint(operands(step)):
                self._used(body, step, values, bodies)
            if isinstance(step, Attribute) and step.name == _WORDS:
                raise _Unknown
        self.names |= {name for index, name in body.names.items() if index in values}
        self.names |= {name for name, index in body.unit.exports if index in values}

    def _gives(self, steps: tuple[Step, ...], step: Step, values: set[int]) -> bool:
        """Whether a step makes, or gives, all options together."""
        if isinstance(step, (Load, Param)):
            return step.name in self.names
        if isinstance(step, Phi):
            return not values.isdisjoint(operands(step))
        if not isinstance(step, Call):
            return False
        if self._is(step, "options.parse"):
            if any(len(row.result) != 1 for row in self._rows(step)) or any(one.name for one in step.arguments):
                raise _Unknown
            return True
        return self._called(steps, step) in self.givers

    def _called(self, steps: tuple[Step, ...], step: Call) -> str:
        """The plain name of what is called: the unit that defines a function knows it without loading it."""
        called = steps[step.callee]
        if isinstance(called, Define):
            return self.machine.program.facts[self.file].units[called.unit].name
        return called.name if isinstance(called, Load) else ""

    def _used(self, body: _Body, step: Step, values: set[int], bodies: list[_Body]) -> None:
        """What a step does with the options. Raises _Unknown where it may ask for any of them."""
        if isinstance(step, (Attribute, SetAttribute)) and step.base in values:
            if step.name.startswith("_"):  # `__dict__`: all of them
                raise _Unknown
            self.asked.add(step.name)
        elif isinstance(step, Return) and body.unit.kind == "function":
            self.givers.add(body.unit.name)
        elif isinstance(step, SetGlobal):
            self.names.add(step.name)
        elif isinstance(step, Call):
            self._handed_on(body.steps, step, values, bodies)
        elif not isinstance(step, (Template, Branch, Compare)):
            raise _Unknown

    def _handed_on(self, steps: tuple[Step, ...], step: Call, values: set[int], bodies: list[_Body]) -> None:
        """Options that a function gets: one of the file has them under the name of its parameter."""
        name, rows = self._called(steps, step), self._rows(step)
        if name in _ASKS and len(step.arguments) > 1 and (asked := _text(steps[step.arguments[1].value])):
            self.asked.add(asked)
            return
        if name == "print" or (rows and all(row.role in _TELLS for row in rows)):
            return
        own = [body.unit for body in bodies if body.unit.name == name and body.unit.parent == 0]
        if len(own) != 1 or own[0].kind != "function":
            raise _Unknown
        for index, one in enumerate(step.arguments):
            if one.value in values:
                self.names.add(_parameter(own[0], index, one))

    def _is_kept(self, adding: set[str]) -> None:
        """Raises _Unknown where another file may ask for the options: it imports what holds or makes them, or the file
        as a whole. `adding` are the functions that add options to a parser."""
        program, given = self.machine.program, self.names | self.givers | (adding - {""})
        for place, file in self.machine.noted.local.items():
            if file == self.file and not program.is_test[program.unit_at(place)]:
                body = program.body(program.unit_at(place))
                step = next((one for one in body if (one.start, one.end) == place[1:] and _brings(one)), None)
                if not isinstance(step, Import) or not step.name or step.name in given:
                    raise _Unknown


def _brings(step: Step) -> bool:
    return isinstance(step, (Import, StarImport))


def _asked_as(spelled: str) -> str:
    """The attribute that an option is asked for by; what is given by its place keeps its name, and `getattr` asks for
    one that no attribute can have."""
    return spelled.lstrip("-").replace("-", "_") if spelled.startswith("-") else spelled


def _text(step: Step) -> str:
    return step.value if isinstance(step, Const) and isinstance(step.value, str) else ""


def _parameter(unit: Unit, index: int, argument: Argument) -> str:
    """The name under which a function has what it is given. Raises _Unknown where that is not one."""
    if argument.name in ("*", "**"):
        raise _Unknown
    plain = [one.name for one in unit.parameters if one.kind in ("", "/")]
    if argument.name:
        return argument.name
    if index >= len(plain):
        raise _Unknown
    return plain[index]
