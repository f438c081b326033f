"""Which tasks a value of a unit stands for: what is passed on between the calls that make them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt import facts
from mldebt.facts import NONE
from mldebt.link.defined import Defined, by_place
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import Module, Place

MOST_STEPS = 400
_ADDS = frozenset({"list.append", "list.extend"})
_Key = tuple[int, int]  # unit, number of a value

Tasks = tuple[Defined, ...]


class Standing:
    """The tasks behind the values of units. A call stands for the tasks it makes, a list for those of its
    elements; anything else for what it is made of."""

    def __init__(self, machine: Machine, tasks: Tasks) -> None:
        self._machine = machine
        self._tasks = tasks
        self._at = by_place(tasks)
        self._steps: dict[int, tuple[facts.Step, ...]] = {}
        self._added: dict[int, dict[int, list[int]]] = {}
        self._known: dict[tuple[_Key, tuple[Place, ...]], Tasks] = {}
        self._of_unit: dict[int, list[Defined]] = defaultdict(list)
        self._in_unit: dict[int, list[Defined]] = defaultdict(list)
        self._calls: dict[Place, list[int]] = defaultdict(list)
        self._sites: dict[int, list[Place]] = defaultdict(list)
        for task in tasks:
            self._in_unit[task.home].append(task)
            if task.unit >= 0:
                self._of_unit[task.unit].append(task)
        for _, callee, place in machine.calls:
            self._calls[place].append(callee)
            self._sites[callee].append(place)

    def steps(self, unit: int) -> tuple[facts.Step, ...]:
        """The steps of a unit."""
        if unit not in self._steps:
            self._steps[unit] = self._machine.program.body(unit)
        return self._steps[unit]

    def made_at(self, place: Place) -> Tasks:
        """The tasks that the call at a place makes itself."""
        return tuple(task for task in self._at.get(place, ()) if task.at == place)

    def around(self, unit: int) -> Tasks:
        """The tasks that run a function or class."""
        return tuple(self._of_unit.get(unit, ()))

    def named(self, unit: int, index: int, family: str) -> Tasks:
        """The tasks of one library whose names a value spells."""
        words = {step.value for step in self._behind(unit, index) if isinstance(step, facts.Const)}
        library = family.partition(".")[0]
        named = [task for task in self._tasks if not words.isdisjoint((task.name, *task.also))]
        return tuple(task for task in named if task.family.partition(".")[0] == library)

    def unpacked(self, unit: int, values: list[int]) -> list[int]:
        """Values, with the one list that they are in place of which its elements stand."""
        steps = self.steps(unit)
        if len(values) == 1 and isinstance(found := steps[values[0]], facts.Collection) and found.kind != "dict":
            return [item for item in found.items if item != NONE]
        return values

    def of(self, unit: int, index: int, chain: tuple[Place, ...] = ()) -> Tasks:
        """The tasks that a value stands for. `chain` are the call sites around, which say what parameters are."""
        key = (unit, index), chain
        if key not in self._known:
            self._known[key] = ()  # a cycle adds nothing
            self._known[key] = tuple(dict.fromkeys(self._of(unit, index, chain)))
        return self._known[key]

    def _of(self, unit: int, index: int, chain: tuple[Place, ...]) -> Iterator[Defined]:
        step = self.steps(unit)[index] if index != NONE else None
        if isinstance(step, facts.Call):
            yield from self._of_call(unit, index, step, chain)
        elif isinstance(step, facts.Define):
            inner = self._machine.unit_of(self._machine.program.file_of[unit], step.unit)
            yield from (task for task in self.around(inner) if task.tasking.once)
        elif isinstance(step, facts.Load):
            yield from self._of_name(unit, step.name)
        elif isinstance(step, facts.Import):
            yield from self._of_import(unit, step)
        elif isinstance(step, facts.Param):
            yield from self._of_parameter(unit, step, chain)
        elif isinstance(step, facts.Enter):
            yield from self._of_block(unit, index, step, chain)
        elif isinstance(step, facts.Attribute) and (own := self._own(unit, step)) is not None:
            yield from self._of(*own, ())
        elif isinstance(step, facts.Item):
            yield from self._of_item(unit, step, chain)
        elif step is not None:
            yield from self._of_parts(unit, index, step, chain)

    def _of_parts(self, unit: int, index: int, step: facts.Step, chain: tuple[Place, ...]) -> Iterator[Defined]:
        if isinstance(step, facts.Binary) and step.operator in (">>", "<<"):
            yield from self.of(unit, step.right, chain)
            return
        parts = [part for part in operands(step) if not (isinstance(step, facts.Phi) and part > index)]
        for part in (*parts, *self._added_to(unit).get(index, ())):
            yield from self.of(unit, part, chain)

    def _of_call(self, unit: int, index: int, step: facts.Call, chain: tuple[Place, ...]) -> Iterator[Defined]:
        place = (self._machine.program.file_of[unit], step.start, step.end)
        made = self._at.get(place, ())
        grouped = self._block_of(unit, index) if self._is_group(place) else None
        if grouped is not None:
            yield from self._inside(unit, *grouped)
        elif made:
            yield from (task for task in made if not chain or task.home != unit or task.chain == chain)
        elif place in self._calls:
            for callee in self._calls[place]:
                yield from self._given_back(callee, place)
        else:
            yield from self._of_parts(unit, index, step, chain)

    def _given_back(self, callee: int, place: Place) -> Iterator[Defined]:
        """The tasks of a function that is a flow of its own, or those behind what it returns."""
        makes = {made.what for made in self._machine.made.get(callee, ())}
        if "flow" in makes:
            yield from self._in_unit.get(callee, ())
        elif self._machine.info(callee).kind == "function":
            for step in self.steps(callee):
                if isinstance(step, facts.Return) and step.value != NONE:
                    yield from self.of(callee, step.value, (place,))

    def _of_item(self, unit: int, step: facts.Item, chain: tuple[Place, ...]) -> Iterator[Defined]:
        """What was stored under a key; of a dictionary whose key is not known, nothing is claimed."""
        stored = [one for one in self.steps(unit) if isinstance(one, facts.SetItem) and one.base == step.base]
        wanted = self._constant(unit, step.key)
        if stored and wanted is not None:
            for one in stored:
                if self._constant(unit, one.key) == wanted:
                    yield from self.of(unit, one.value, chain)
        elif not stored:
            yield from self.of(unit, step.base, chain)

    def _constant(self, unit: int, index: int) -> object:
        step = self.steps(unit)[index]
        return step.value if isinstance(step, facts.Const) else None

    def _of_name(self, unit: int, name: str) -> Iterator[Defined]:
        program = self._machine.program
        above = program.parent(unit)
        while above >= 0:
            index = program.exports(above).get(name) if self._machine.info(above).kind != "class" else None
            if index is not None:
                yield from self.of(above, index)
                return
            above = program.parent(above)

    def _of_import(self, unit: int, step: facts.Import) -> Iterator[Defined]:
        file = self._machine.program.file_of[unit]
        module = self._machine.imports.resolve(file, step.module, step.level)
        found = self._machine.program.module_unit(module.file) if isinstance(module, Module) else -1
        index = self._machine.program.exports(found).get(step.name) if found >= 0 and step.name else None
        if index is not None:
            yield from self.of(found, index)

    def _of_parameter(self, unit: int, step: facts.Param, chain: tuple[Place, ...]) -> Iterator[Defined]:
        """What callers pass: those on the way, if they are known, else all of them."""
        sites = self._sites.get(unit, ())
        for place in [site for site in sites if site in chain] or sites:
            caller = self._machine.program.unit_at(place)
            around = chain[chain.index(place) + 1 :] if place in chain else ()
            for number, argument in enumerate(self._arguments(caller, place)):
                if argument.name == step.name or (not argument.name and number == step.index):
                    yield from self.of(caller, argument.value, around)

    def _arguments(self, unit: int, place: Place) -> tuple[facts.Argument, ...]:
        calls = (step for step in self.steps(unit) if isinstance(step, facts.Call))
        return next((step.arguments for step in calls if (step.start, step.end) == place[1:]), ())

    def _own(self, unit: int, step: facts.Attribute) -> _Key | None:
        """A method or nested name that code of a class takes from its own object."""
        base, owner = self.steps(unit)[step.base], self._machine.program.parent(unit)
        if not isinstance(base, facts.Param) or base.index or owner < 0 or self._machine.info(owner).kind != "class":
            return None
        index = self._machine.program.exports(owner).get(step.name)
        return None if index is None else (owner, index)

    def _of_block(self, unit: int, index: int, step: facts.Enter, chain: tuple[Place, ...]) -> Iterator[Defined]:
        called = self.steps(unit)[step.manager]
        if self._is_group((self._machine.program.file_of[unit], called.start, called.end)):
            yield from self._inside(unit, index + 1, step.end_step)
        else:
            yield from self.of(unit, step.manager, chain)

    def _block_of(self, unit: int, call: int) -> tuple[int, int] | None:
        """The block that a group is entered for, of a group that has a name before."""
        for index, step in enumerate(self.steps(unit)):
            if isinstance(step, facts.Enter) and step.manager == call:
                return index + 1, step.end_step
        return None

    def _is_group(self, place: Place) -> bool:
        return any(row.task is not None and row.task.group for row in self._machine.noted.meant.get(place, ()))

    def _inside(self, unit: int, start: int, stop: int) -> Iterator[Defined]:
        file = self._machine.program.file_of[unit]
        for step in self.steps(unit)[start:stop]:
            if isinstance(step, facts.Call):
                place = (file, step.start, step.end)
                yield from self._at.get(place, ())
                for callee in self._calls.get(place, ()):
                    yield from self._in_unit.get(callee, ())

    def _added_to(self, unit: int) -> dict[int, list[int]]:
        """What is appended to the lists of a unit."""
        found = self._added.get(unit)
        if found is None:
            found = self._added[unit] = defaultdict(list)
            file, steps = self._machine.program.file_of[unit], self.steps(unit)
            for step in steps:
                rows = self._machine.noted.meant.get((file, step.start, step.end), ())
                if isinstance(step, facts.Call) and any(row.op in _ADDS for row in rows):
                    method = steps[step.callee]
                    if isinstance(method, facts.Attribute):
                        found[method.base] += [argument.value for argument in step.arguments]
        return found

    def _behind(self, unit: int, index: int) -> Iterator[facts.Step]:
        seen, todo = {index}, [index]
        while todo and len(seen) < MOST_STEPS:
            step = self.steps(unit)[todo.pop()]
            yield step
            fresh = set(operands(step)) - seen
            seen |= fresh
            todo += sorted(fresh)
