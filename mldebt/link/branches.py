"""Branches on flags whose conditions always come out one way, and code that no run reaches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from mldebt.facts import NONE, Attribute, Binary, Compare, Const, Import, Load, Param, Show, Step, Unary, Yield
from mldebt.facts import Branch as BranchStep
from mldebt.graph.code import Branch
from mldebt.link import flags
from mldebt.link.components import Components
from mldebt.link.definitions import Definitions, made_outside
from mldebt.link.flags import Flags
from mldebt.link.kinds import truth
from mldebt.link.machine import Machine
from mldebt.link.remarks import is_ml
from mldebt.link.values import Event, Place, Scalar, Setting, Text, Value
from mldebt.link.written import dotted
from mldebt.source import Purpose, Span

MOST_PLACES = 8


@dataclass(frozen=True, slots=True)
class _Flags:
    names: tuple[str, ...]
    parameters: tuple[str, ...]
    plain: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What a condition always comes out as, by which flags, set where, and how it is called. `plain`: by one flag,
    which nobody sets by hand. `tested`: tests may bring it out otherwise."""

    outcome: bool
    flags: tuple[str, ...]
    set_at: tuple[tuple[str, Span], ...]
    test: str
    plain: bool
    tested: bool = False


class Branches:
    """The branches of one linking whose condition always comes out one way."""

    def __init__(
        self, machine: Machine, components: Components, definitions: Definitions, told: frozenset[str] = frozenset()
    ) -> None:
        self._kept, self._pages = Flags(machine, told), told
        self._machine, self._components, self._definitions = machine, components, definitions
        self._events = _by_place(machine)
        self._callers: dict[int, dict[Place, int]] = defaultdict(dict)
        for caller, callee, place in machine.calls:
            self._callers[callee].setdefault(place, caller)
        self._ml_starts = self._starts_of_ml()
        self._stored = {name for _, name in (*machine.globals, *machine.shelves)}

    def all(self) -> tuple[Branch, ...]:
        """Branches of which one arm never runs, in order of their places."""
        found = [self._branch(place, events) for place, events in self._events.items()]
        cut = [self._cut(place) for place in self._machine.noted.cut if self._is_cut(place)]
        return tuple(sorted((one for one in (*found, *cut) if one is not None), key=lambda one: one.at))

    def _is_cut(self, place: Place) -> bool:
        """Not a return that turns a function into a generator, nor one in a notebook's cell."""
        info = self._machine.info(self._machine.noted.cut[place][0])
        return info.kind == "function" and "generator" not in info.flags

    def _cut(self, place: Place) -> Branch:
        """What stands behind a return or a raise, as the arm of a branch that is never taken."""
        unit, at, word = self._machine.noted.cut[place]
        span, path = self._machine.program.span(place), self._machine.program.sources[place[0]].path
        return Branch(
            at=span, symbol=self._machine.info(unit).id, purpose=self._machine.program.purpose(unit),
            component=self._components.of(path), outcome=False, flags=(),
            set_at=((word, self._machine.program.span(at)),), then_lines=(span.line, span.end_line), else_lines=(0, 0),
        )  # fmt: skip

    def _branch(self, place: Place, events: list[Event]) -> Branch | None:
        unit, outcome = events[0].unit, self._outcome(events)
        if self._machine.is_test(unit):
            return None
        if outcome is None:
            return self._of_settings(place, events)
        steps = self._machine.program.body(unit)
        at = _head(steps, place)
        if at == NONE:
            return None
        if not outcome and _makes_a_generator(steps, at):
            return None
        condition = _condition(steps, at)
        found = self._flags(unit, steps, condition)
        flags, parameters = found.names, found.parameters
        if not found.plain or any(self._may_change(flag) for flag in flags):
            return None
        if parameters and self._is_open(unit, events):
            return None
        set_at = self._set_at(unit, flags, parameters, events)
        test = _words(dict(self._machine.info(unit).names), steps, condition)
        plain = test.removeprefix("not ") in flags and self._pages.isdisjoint(flags)
        tested = bool(parameters) and any(map(self._machine.is_test, self._definitions.users(unit)))
        return self._told(unit, place, at, Decided(outcome, flags, set_at, test, plain, tested))

    def _told(self, unit: int, place: Place, at: int, decided: Decided) -> Branch:
        """A branch whose condition is decided, in the words of checks."""
        steps = self._machine.program.body(unit)
        head = steps[at]
        assert isinstance(head, BranchStep)
        then, otherwise = (at + 1, head.then_end), (head.then_end, head.end_step)
        path = self._machine.program.sources[place[0]].path
        return Branch(
            at=self._machine.program.span((place[0], place[1], self._condition_end(steps, head))),
            symbol=self._machine.info(unit).id,
            purpose=self._machine.program.purpose(unit),
            component=self._components.of(path),
            outcome=decided.outcome,
            flags=decided.flags,
            set_at=decided.set_at,
            then_lines=self._lines(place[0], steps, *then),
            else_lines=self._lines(place[0], steps, *otherwise),
            ml_lines=self._ml_lines(place[0], steps, *(otherwise if decided.outcome else then)),
            test=decided.test,
            plain=decided.plain,
            tested=decided.tested,
        )

    def _of_settings(self, place: Place, events: list[Event]) -> Branch | None:
        """A branch that settings decide."""
        machine, unit = self._machine, events[0].unit
        conditions = [dict(event.arguments)["condition"] for event in events]
        answers = {self._kept.outcome(condition) for condition in conditions}
        settings = tuple(dict.fromkeys(one for condition in conditions for one in flags.settings_of(condition)))
        known = answers.pop() if len(answers) == 1 else None
        if known is None or not settings or any(self._is_given(setting) for setting in settings):
            return None
        if machine.info(unit).kind == "function" and self._is_open(unit, events) and self._takes_any(unit):
            return None
        at = _head(machine.program.body(unit), place)
        names = tuple(dict.fromkeys(map(flags.word, settings)))
        given = (pair for one in settings for pair in self._kept.set_at(one))
        said = dict.fromkeys((word, machine.program.span(at)) for word, at in given)
        plain = len(names) == 1 and not any(map(self._kept.is_free, settings))
        decided = Decided(known, names, tuple(said)[:MOST_PLACES], flags.spelled(conditions[0]), plain)
        return None if at == NONE else self._told(unit, place, at, decided)

    def _is_given(self, setting: Setting) -> bool:
        """Whether a setting may hold something else."""
        name = setting.keys[-1] if setting.keys else setting.name.lstrip("-").replace("-", "_")
        return self._kept.may_differ(setting) or self._may_change(name)

    def _takes_any(self, unit: int) -> bool:
        """Whether somebody unseen may give a function another configuration: it is no method and no entry."""
        return bool(self._machine.info(unit).parameters) and self._machine.info(unit).parameters[0].name != "self"

    def _outcome(self, events: list[Event]) -> bool | None:
        """What the condition always comes out as; what only tests bind does not count."""
        found: bool | None = None
        for event in events:
            if not any(self._in_test(place) for place in event.chain):
                known = truth(dict(event.arguments)["condition"])
                if known is None or found is (not known):
                    return None
                found = known
        return found

    def _is_open(self, unit: int, events: list[Event]) -> bool:
        """Whether a caller may bind the parameters in a way that is not known."""
        seen, todo = {unit}, [unit]
        bound = {place for event in events for place in event.chain}
        while todo:
            one = todo.pop()
            places = {p: c for p, c in self._callers.get(one, {}).items() if not self._in_test(p) and c != one}
            if not places or self._is_called_unseen(one, set(places.values())):
                return True
            for place, caller in places.items():
                if place not in bound or caller in self._machine.noted.full or self._is_inner(caller):
                    return True
                if caller not in seen and self._forwards(events, place):
                    seen.add(caller)
                    todo.append(caller)
        return False

    def _is_inner(self, unit: int) -> bool:
        """A function inside a function uses its names at a time that is not known."""
        parent = self._machine.program.parent(unit)
        return parent >= 0 and self._machine.info(parent).kind in ("function", "lambda")

    def _forwards(self, events: list[Event], place: Place) -> bool:
        """Whether a caller hands on its own parameters: then its callers decide."""
        return any(place in event.chain[:-1] for event in events)

    def _is_called_unseen(self, unit: int, callers: set[int]) -> bool:
        machine, info = self._machine, self._machine.info(unit)
        if unit in machine.noted.passed or unit in machine.noted.full:
            return True
        if info.kind == "function" and made_outside(
            "?" if not made.what and not made.callee.startswith("builtins.") else made.what or "transparent"
            for made in machine.made.get(unit, ())
        ):
            return True
        files = {machine.program.file_of[caller] for caller in callers}
        for user in self._definitions.users(unit):
            if user in callers or machine.is_test(user):
                continue
            file = machine.program.file_of[user]
            package = machine.program.sources[file].path.endswith("__init__.py")
            if machine.info(user).kind != "module" or (file not in files and not package):
                return True
        return False

    def _may_change(self, flag: str) -> bool:
        """Whether code stores into a name from elsewhere."""
        name = flag.rpartition(".")[2]
        return name in self._stored or name in self._machine.noted.assigned

    def _in_test(self, place: Place) -> bool:
        return place[0] >= 0 and self._machine.program.sources[place[0]].purpose is Purpose.TEST

    def _flags(self, unit: int, steps: tuple[Step, ...], index: int) -> _Flags:
        """The names a condition depends on; `plain` when it depends on nothing else."""
        names = dict(self._machine.info(unit).names)
        flags: list[str] = []
        parameters: list[str] = []
        plain, todo = True, [index]
        while todo:
            at = todo.pop()
            step = steps[at] if 0 <= at < len(steps) else None
            if isinstance(step, Param):
                flags.append(step.name)
                parameters.append(step.name)
            elif isinstance(step, (Load, Import)):
                name = step.name if isinstance(step, Load) else step.bound
                flags.append(name)
                plain = plain and self._is_constant(unit, name)
            elif isinstance(step, Attribute):
                flags.append(dotted(steps, step))
            elif isinstance(step, Unary):
                todo.append(step.operand)
            elif isinstance(step, (Binary, Compare)):
                todo += [step.right, step.left]
            elif isinstance(step, Const):
                flags += [names[at]] if at in names else []
            else:
                plain = False
        return _Flags(tuple(dict.fromkeys(flags)), tuple(dict.fromkeys(parameters)), plain)

    def _is_constant(self, unit: int, name: str) -> bool:
        """Whether a name of the module is bound to a number, a boolean or a text, and no collection."""
        around = self._machine.program.parent(unit)
        while around >= 0 and self._machine.info(around).kind != "module":
            if any(name == one for one, _ in self._machine.info(around).exports):
                return False
            around = self._machine.program.parent(around)
        module = self._machine.program.module_unit(self._machine.program.file_of[unit])
        exported = dict(self._machine.info(module).exports)
        return name not in exported or isinstance(self._machine.frames[module].values[exported[name]], (Scalar, Text))

    def _set_at(
        self, unit: int, flags: tuple[str, ...], parameters: tuple[str, ...], events: list[Event]
    ) -> tuple[tuple[str, Span], ...]:
        machine = self._machine
        found: dict[tuple[str, Span], None] = {}
        for index, parameter in enumerate(machine.info(unit).parameters):
            defaults = machine.defaults.get(unit, ())
            value = defaults[index] if index < len(defaults) else None
            if parameter.name in parameters and value is not None and (place := _place(value)) is not None:
                known = value.value if isinstance(value, Scalar) else ""
                given = f"default {known}" if known is None or isinstance(known, bool) else "default"
                found[f"{given}: {parameter.name}", machine.program.span(place)] = None
        for flag in flags:
            place = None if flag in parameters else self._constant(unit, flag)
            if place is not None:
                found[f"constant: {flag}", machine.program.span(place)] = None
        for event in events:
            for place in event.chain[:1]:
                found[f"call: {machine.info(unit).name}", machine.program.span(place)] = None
        return tuple(found)[:MOST_PLACES]

    def _constant(self, unit: int, flag: str) -> Place | None:
        machine = self._machine
        module = machine.program.module_unit(machine.program.file_of[unit])
        for name, index in machine.info(module).exports:
            if name == flag and module in machine.frames:
                return _place(machine.frames[module].values[index])
        return None

    def _condition_end(self, steps: tuple[Step, ...], head: BranchStep) -> int:
        return max(head.start + 2, steps[head.condition].end if head.condition >= 0 else 0)

    def _lines(self, file: int, steps: tuple[Step, ...], start: int, stop: int) -> tuple[int, int]:
        if start >= stop:
            return (0, 0)
        first = self._machine.program.span((file, steps[start].start, steps[start].start))
        end = max(step.end for step in steps[start:stop])
        return first.line, self._machine.program.span((file, end, end)).line

    def _ml_lines(self, file: int, steps: tuple[Step, ...], start: int, stop: int) -> tuple[int, ...]:
        starts = {step.start for step in steps[start:stop] if (file, step.start) in self._ml_starts}
        return tuple(sorted({self._machine.program.span((file, at, at)).line for at in starts}))

    def _starts_of_ml(self) -> set[tuple[int, int]]:
        """Where steps with a role and calls of functions that hold some begin."""
        machine = self._machine
        done = (*machine.happened(), *machine.noted.left_out)
        found = {event.place[:2] for event in done if is_ml(event)}
        for summary in machine.summaries.values():
            found |= {e.place[:2] for e in summary.effects if isinstance(e, Event) and is_ml(e)}
        found |= {place[:2] for _, callee, place in machine.calls if self._definitions.is_ml(callee)}
        return found


def _head(steps: tuple[Step, ...], place: Place) -> int:
    """The number of the step that begins a branch at a place."""
    return next((i for i, s in enumerate(steps) if isinstance(s, BranchStep) and s.start == place[1]), NONE)


def _makes_a_generator(steps: tuple[Step, ...], at: int) -> bool:
    """Whether the first arm is a bare yield: `if False: yield` makes a function without values a generator."""
    head = steps[at]
    assert isinstance(head, BranchStep)
    arm = steps[at + 1 : head.then_end]
    return any(isinstance(step, Yield) for step in arm) and all(isinstance(step, (Const, Show, Yield)) for step in arm)


def _condition(steps: tuple[Step, ...], at: int) -> int:
    head = steps[at]
    assert isinstance(head, BranchStep)
    return head.condition


def _words(names: dict[int, str], steps: tuple[Step, ...], index: int) -> str:
    """A condition as it is written, as far as it consists of names, constants and operators."""
    step = steps[index]
    if isinstance(step, (Load, Param)):
        return step.name
    if isinstance(step, Import):
        return step.bound
    if isinstance(step, Attribute):
        return dotted(steps, step)
    if isinstance(step, Unary):
        return f"{step.operator} {_words(names, steps, step.operand)}"
    if isinstance(step, (Binary, Compare)):
        return f"{_words(names, steps, step.left)} {step.operator} {_words(names, steps, step.right)}"
    return names.get(index) or (repr(step.value) if isinstance(step, Const) else "...")


def _by_place(machine: Machine) -> dict[Place, list[Event]]:
    found: dict[Place, list[Event]] = defaultdict(list)
    for event in machine.happened():
        if event.what == "branch":
            found[event.place].append(event)
    return found


def _place(value: Value) -> Place | None:
    text = value.places[0] if isinstance(value, Text) and value.places else None
    place = value.place if isinstance(value, Scalar) else text
    return place if place is not None and place[0] >= 0 else None
