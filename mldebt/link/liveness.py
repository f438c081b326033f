"""What becomes of a value in the unit that makes it: used, returned, counted, shown, or nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from mldebt import facts
from mldebt.facts import NONE
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.taken import Taken
from mldebt.link.values import Event, Place
from mldebt.roles import Role, Store
from mldebt.rows import Row
from mldebt.source import Purpose

USED, RETURNED, COUNTED, SHOWN = "used", "returned", "counted", "shown"
SUMS_UP = "sums-up"
_MAKES_DATA = frozenset(
    {Role.DERIVE, Role.COMBINE, Role.SELECT, Role.TRANSFORM, Role.SAMPLE, Role.SPLIT, Role.CONSTRUCT}
)
_SHOWS = frozenset({Role.LOG, Role.INSPECT})
_ADDS = frozenset({"list.append", "list.extend", "dict.update"})
_WAITS = frozenset({"open", "config.load", "option", "options.parse", "import", "env.get"})
_DATA = frozenset({"table", "column", "array", "data", "json"})
_FETCHES = frozenset({Store.HUB, Store.URL})
_DEEPEST = 4
_QUERY = re.compile(r"\b(?:from|join|into|table)\b|@", re.IGNORECASE)


def unread_reads(fates: Fates, ids: Mapping[Event, str]) -> tuple[tuple[str, str], ...]:
    """Nodes of reads of which nothing is used, each with the name it is bound to after the word
    `local` or `module` for where that name is known; `dropped` when it is bound to nothing."""
    found = {
        ids[event]: reason
        for event in ids
        if _brings_data(event) and fates.machine.program.purpose(event.unit) is Purpose.PRODUCTION
        and (reason := _unread(fates, event))
    }  # fmt: skip
    return tuple(sorted(found.items()))


class Fates:
    """The fates of values, unit by unit. In doubt a value is used."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._asked: set[tuple[int, int]] = set()
        self.callees: dict[Place, set[int]] = defaultdict(set)
        self._called_at: dict[int, set[Place]] = defaultdict(set)
        for caller, callee, place in machine.calls:
            self.callees[place].add(callee)
            if machine.program.purpose(caller) is Purpose.PRODUCTION:
                self._called_at[callee].add(place)
        self.flow = lru_cache(maxsize=256)(lambda unit: Flow(self, unit))
        self._named = lru_cache(maxsize=None)(lambda file: _names_used(machine, file))
        self._taken = Taken(machine.program)
        methods = machine.catalogue.methods.items()
        self.summing = frozenset(name for (_, name), rows in methods if any(SUMS_UP in row.traits for row in rows))

    def of(self, place: Place, *, whole: bool = True) -> frozenset[str]:
        """What becomes of the value made at a place: any of the four words, empty for nothing. With
        `whole` false, a number that is counted or summed up from it is where the walk ends."""
        unit = self.machine.program.unit_at(place)
        start = self.flow(unit).made_at.get(place[1:])
        return frozenset({USED}) if start is None else self._from(unit, start, whole)

    def of_argument(self, unit: int, argument: facts.Argument, position: int, whole: bool) -> frozenset[str]:
        """What becomes of an argument in the function that gets it; of a method, nobody can tell."""
        info, around = self.machine.info(unit), self.machine.program.parent(unit)
        names = [parameter.name for parameter in info.parameters]
        index = names.index(argument.name) if argument.name in names else position
        plain = (
            info.kind == "function" and self.machine.info(around).kind != "class" and not argument.name.startswith("*")
        )
        start = self.flow(unit).given.get(index) if plain and (unit, index) not in self._asked else None
        if start is None or any(parameter.kind in ("*", "**") for parameter in info.parameters[: index + 1]):
            return frozenset({USED})
        self._asked.add((unit, index))
        ends = self._from(unit, start, whole)
        self._asked.discard((unit, index))
        return ends

    def _from(self, unit: int, start: int, whole: bool) -> frozenset[str]:
        flow = self.flow(unit)
        reached, ends = flow.walk(start, whole)
        return ends | self.seen_outside(unit, flow, reached)

    def bound_to(self, place: Place) -> tuple[str, bool] | None:
        """The name of the value made at a place (empty when it has none), and whether a function
        holds it; None when it is made where a failure is caught."""
        unit = self.machine.program.unit_at(place)
        flow = self.flow(unit)
        start = flow.made_at.get(place[1:], NONE)
        if flow.is_tried(start):
            return None
        names = flow.names
        # A list that it is put into may have been there before.
        reached = sorted(flow.walk(start, True)[0], key=lambda index: (index < start, index))
        return next((names[index] for index in reached if index in names), ""), self.machine.info(unit).kind != "module"

    def calls_of(self, unit: int) -> tuple[Place, ...]:
        """Where production code calls a unit; nothing when it may be called in other ways."""
        machine = self.machine
        if unit in machine.noted.passed or machine.made.get(unit):
            return ()
        return tuple(sorted(self._called_at.get(unit, ())))

    def seen_outside(self, unit: int, flow: Flow, reached: set[int]) -> frozenset[str]:
        """Names under which other units or texts can see the value."""
        info = self.machine.info(unit)
        names = {flow.names[i] for i in reached if i in flow.names}
        names |= {name for name, index in info.exports if index in reached}  # one value may have several
        file = self.machine.program.file_of[unit]
        inner, told = self._named(file)
        captured = {name for name, _ in info.exports} if info.kind != "module" else frozenset(inner)
        if (
            info.kind == "class"
            or file in self.machine.noted.searched
            or names & captured
            or any(_tells(text, names) for text in told)
        ):
            return frozenset({USED})
        if info.kind == "module" and names & self._taken.from_file(file):
            return frozenset({USED})
        return frozenset()


class Flow:
    """The steps of one unit by the values they use."""

    def __init__(self, fates: Fates, unit: int) -> None:
        machine = fates.machine
        self.fates, self.meant = fates, machine.noted.meant
        self.file = machine.program.file_of[unit]
        self.steps = machine.program.body(unit)
        self.names = dict(machine.info(unit).names)
        self.made_at = {(step.start, step.end): i for i, step in enumerate(self.steps) if isinstance(step, _MADE)}
        self.stored_at = {(step.start, step.end): i for i, step in machine.program.each(unit, facts.SetItem)}
        self.blocks = [(i, step) for i, step in enumerate(self.steps) if isinstance(step, _BLOCKS)]
        each = machine.program.each
        self.given = {step.index: i for i, step in each(unit, facts.Param)}
        self.users: dict[int, list[int]] = {}
        for index, step in enumerate(self.steps):
            for operand in dict.fromkeys(operands(step)):
                self.users.setdefault(operand, []).append(index)
        self.loops = [(i, step) for i, step in each(unit, facts.Loop) if step.kind == "comprehension"]

    def is_tried(self, index: int) -> bool:
        """Whether a failure of this step is caught: then it is a check."""
        return any(isinstance(s, facts.Try) and i < index < s.body_end for i, s in enumerate(self.steps))

    def walk(self, start: int, whole: bool) -> tuple[set[int], frozenset[str]]:
        """All values that the value at `start` goes into, and where that ends."""
        reached, todo = {start}, [start]
        ends: set[str] = set()
        while todo:
            value = todo.pop()
            if value not in self.users:
                todo += self._filtered(value, reached)
            for user in self.users.get(value, ()):
                for next_value in self._onward(value, user, whole, ends, reached):
                    if next_value not in reached:
                        reached.add(next_value)
                        todo.append(next_value)
        return reached, frozenset(ends)

    def _filtered(self, value: int, reached: set[int]) -> list[int]:
        """What a comprehension makes when `value` is its condition: nothing else in it has no user."""
        made = [loop.end_step - 1 for index, loop in self.loops if index < value < loop.end_step - 1]
        fresh = [index for index in made if index not in reached]
        reached.update(fresh)
        return fresh

    def _onward(self, value: int, user: int, whole: bool, ends: set[str], reached: set[int]) -> tuple[int, ...]:
        """The values that get something of `value` at the step `user`; `ends` gets what else happens."""
        step = self.steps[user]
        if isinstance(step, facts.Call):
            return self._through_call(value, user, step, whole, ends)
        if isinstance(step, (facts.SetItem, facts.SetAttribute)):
            stores = value == step.value or (isinstance(step, facts.SetItem) and value == step.key)
            return self._into(step.base, ends) if stores and step.base not in reached else ()
        if isinstance(step, (facts.Return, facts.Yield)):
            ends.add(RETURNED if isinstance(step, facts.Return) else USED)
        elif isinstance(step, facts.Show):
            ends.update({SHOWN} if step.last else ())
        elif isinstance(step, (facts.Branch, facts.Loop)):
            return self._steering(user, ends)
        elif isinstance(step, facts.Choice) and value == step.condition:
            ends.add(USED)
        elif isinstance(step, _PASSES):
            return (user,)
        elif not isinstance(step, facts.Delete):
            ends.add(USED)
        return ()

    def _steering(self, user: int, ends: set[str]) -> tuple[int, ...]:
        """A comprehension over a value, or one that it filters, is made of it; other branches use it."""
        around = [loop for index, loop in self.loops if index <= user < loop.end_step]
        if not around:
            ends.add(USED)
            return ()
        return tuple(loop.end_step - 1 for loop in around)

    def _through_call(self, value: int, user: int, step: facts.Call, whole: bool, ends: set[str]) -> tuple[int, ...]:
        rows = self.meant.get((self.file, step.start, step.end), ())
        given = any(argument.value == value for argument in step.arguments)
        onward: set[int] = set()
        for row in rows:
            if row.op in _ADDS or (row.mutates and given):
                callee = self.steps[step.callee]
                onward.update(self._into(callee.base, ends) if given and isinstance(callee, facts.Attribute) else ())
                onward.add(user)
            elif row.role is Role.EVALUATE:
                ends.add(COUNTED if not whole else USED)
            elif row.role in _SHOWS and (not row.result or row.role is Role.LOG or "plot" in row.traits):
                ends.add(SHOWN)
            elif not _is_pure(row) or (row.callback is not None and step.arguments):
                ends.add(USED)
            elif not whole and ((row.result[:1] == ("number",) and not row.op) or SUMS_UP in row.traits):
                ends.add(COUNTED)
            else:
                onward.add(user)
        callee = self.steps[step.callee]
        if not rows and not whole and value == step.callee and isinstance(callee, facts.Attribute):
            if callee.name in self.fates.summing:
                ends.add(COUNTED)  # of what kind it is nobody knows, and any would be summed up
                return ()
        if not rows:
            onward.update(self._through_function(value, user, step, whole, ends))
        return tuple(sorted(onward))

    def _through_function(
        self, value: int, user: int, step: facts.Call, whole: bool, ends: set[str]
    ) -> tuple[int, ...]:
        """A function of the repository may use what it is given, give it back, or leave it alone."""
        callees = self.fates.callees.get((self.file, step.start, step.end), set())
        inside: set[str] = set() if callees and value != step.callee else {USED}
        for unit in sorted(callees) if not inside else ():
            for position, argument in enumerate(step.arguments):
                if argument.value == value:
                    inside |= self.fates.of_argument(unit, argument, position, whole)
        ends.update(inside - {RETURNED})
        return (user,) if RETURNED in inside else ()

    def _into(self, base: int, ends: set[str]) -> tuple[int, ...]:
        """Stored in something: what that is now holds the value, unless others see it too."""
        step = self.steps[base]
        if isinstance(step, facts.Phi):
            operands = (value for value in step.values if value != NONE)
            return (
                (base, *operands)
                if all(self._is_own(value) for value in step.values if value != NONE)
                else self._lost(ends)
            )
        if isinstance(step, (facts.Attribute, facts.Item)):
            return (base, *self._into(step.base, ends))
        return (base,) if self._is_own(base) else self._lost(ends)

    def _is_own(self, index: int) -> bool:
        step = self.steps[index]
        if isinstance(step, facts.Call):
            rows = self.meant.get((self.file, step.start, step.end), ())
            return bool(rows) and all(_is_pure(row) or row.role is Role.READ for row in rows)
        return isinstance(
            step, (facts.Collection, facts.Comprehended, facts.Item, facts.Phi, facts.Const, facts.Binary)
        )

    def _lost(self, ends: set[str]) -> tuple[int, ...]:
        ends.add(USED)
        return ()


_PASSES = (
    facts.Attribute, facts.Item, facts.Slice, facts.Template, facts.Unary, facts.Binary, facts.Compare, facts.Choice,
    facts.Collection, facts.Comprehended, facts.Phi, facts.Element, facts.Enter, facts.Annotate,
)  # fmt: skip
_MADE = (facts.Call, facts.Compare)
_BLOCKS = (facts.Branch, facts.Loop, facts.Try)


def blocks_around(flow: Flow, index: int) -> frozenset[tuple[int, bool]]:
    """The arms of blocks around a step."""
    return frozenset((i, index < _first_arm(s)) for i, s in flow.blocks if i < index < s.end_step)


def _first_arm(block: facts.Branch | facts.Loop | facts.Try) -> int:
    if isinstance(block, facts.Branch):
        return block.then_end
    return block.body_end if isinstance(block, facts.Try) else block.end_step


def _is_pure(row: Row) -> bool:
    """Whether a call does nothing but make a value of what it is given."""
    if row.op:
        return row.op not in _WAITS
    if row.role in _SHOWS:
        return bool(row.result)
    return row.role in _MAKES_DATA or (row.role is None and bool(row.result))


def _brings_data(event: Event) -> bool:
    """Whether it reads a table, an array or the like as a whole; reading on in an open file is no such read."""
    row = event.row
    if row is None or row.role is not Role.READ or event.what != "call" or not row.target:
        return False
    through_handle = row.form == "method" and any(slot.receiver for slot in row.target)
    kinds = [kind.partition(".")[0] for kind in row.result]
    return not through_handle and any(kind in _DATA for kind in kinds) and row.form == "call"


def _unread(fates: Fates, event: Event) -> str:
    """The reason why a read is for nothing; empty when it is not, or nobody can tell."""
    found = _ends(fates, event.place, tuple(event.chain), _DEEPEST)
    if found is None or event.row is None:
        return ""
    name, local = found
    if not name or name == "_":
        return "" if name or event.row.store in _FETCHES else "dropped"
    return f"{'local' if local else 'module'} {name}"


def _ends(fates: Fates, place: Place, chain: tuple[Place, ...], depth: int) -> tuple[str, bool] | None:
    """What a value that is used nowhere is bound to, at the place where it comes to an end."""
    ends, bound = fates.of(place), fates.bound_to(place)
    if bound is None or ends - {RETURNED}:
        return None
    if RETURNED not in ends:
        return bound
    unit = fates.machine.program.unit_at(place)
    places = chain[:1] or fates.calls_of(unit)
    answers = [_ends(fates, site, chain[1:], depth - 1) for site in places] if depth else []
    return answers[0] if answers and None not in answers else None


def _names_used(machine: Machine, file: int) -> tuple[frozenset[str], tuple[str, ...]]:
    """Names that inner units of a file load, and texts of it that may name variables."""
    program = machine.program
    loads: set[str] = set()
    texts: dict[str, None] = {magic.text: None for magic in program.facts[file].magics}
    for unit in program.units_of(file):
        if unit != program.first[file]:
            loads.update(step.name for _, step in program.each(unit, facts.Load))
        said = [step.value for _, step in program.each(unit, facts.Const)]
        said += [part for _, step in program.each(unit, facts.Template) for part in step.parts]
        texts.update((text, None) for text in said if isinstance(text, str) and _QUERY.search(text))
    return frozenset(loads), tuple(texts)


def _tells(text: str, names: Iterable[str]) -> bool:
    """Whether a text names one of these, as a query over variables does."""
    return any(name in text and re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def steers(machine: Machine, place: Place) -> bool:
    """Whether what is found at a place decides which code runs, or which of two values or words is taken, by itself or
    joined with other conditions."""
    body = machine.program.body(machine.program.unit_at(place))
    asked = {index for index, step in enumerate(body) if step.start == place[1] and step.end == place[2]}
    for index in range(min(asked), len(body)) if asked else ():
        step = body[index]
        if _decides(body, step, asked):
            return True
        joins = isinstance(step, facts.Binary) and step.operator in ("and", "or", "&", "|")
        if (joins or isinstance(step, facts.Unary)) and asked & set(operands(step)):
            asked.add(index)
    return False


def _decides(body: tuple[facts.Step, ...], step: facts.Step, asked: set[int]) -> bool:
    if isinstance(step, (facts.Branch, facts.Choice)):
        return step.condition in asked
    return isinstance(step, facts.Call) and bool(asked & set(operands(step))) and _names_outcomes(body, step)


def _names_outcomes(body: tuple[facts.Step, ...], call: facts.Call) -> bool:
    """Whether a call is given words beside a condition: `where(score > 0.7, "high", "low")`."""
    given = [body[argument.value] for argument in call.arguments if not argument.name]
    return any(isinstance(step, facts.Const) and isinstance(step.value, str) for step in given)
