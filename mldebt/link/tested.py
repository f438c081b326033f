"""Which settings code looks at before it uses them, and which it only puts into texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property

from mldebt.facts import (
    Argument,
    Assert,
    Binary,
    Branch,
    Call,
    Choice,
    Collection,
    Compare,
    Const,
    Define,
    Handler,
    Import,
    Load,
    Param,
    Phi,
    Raise,
    Return,
    Step,
    Template,
    Unary,
)  # fmt: skip
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import Place
from mldebt.roles import Role
from mldebt.source import Kind, Span

_KIND = "isinstance"
_JUDGES = frozenset({"int", "float", "bool", "all", "any", "isinstance", "len"})


@dataclass(frozen=True, slots=True)
class Tested:
    """`looked_at` are places of reads and loads whose value code tests, converts or gives to a class that declares
    its fields; `spliced` places of reads whose value is put into a text, and given to no library as it is."""

    looked_at: frozenset[Span]
    spliced: frozenset[Span]


def tested(machine: Machine) -> Tested:
    """What code does with variables of the environment, and with files of settings that it loads."""
    looked_at: set[Place] = set()
    spliced: set[Place] = set()
    declaring = {event.place[0] for event in machine.happened() if event.row and event.row.role is Role.VALIDATE}
    declaring |= {place[0] for place, rows in machine.noted.meant.items() if any(row.op == "make" for row in rows)}
    guarded, named = _guarding(machine), _Named(machine)
    loads = {setting.loaded for setting in machine.pool.settings() if setting.how == "config"}
    looked_at |= {place for place in loads if _is_given_if_whole(machine, place)}
    variables: dict[tuple[int, str], list[Place]] = defaultdict(list)
    for setting in machine.pool.settings():
        if setting.how == "env" and setting.place[0] >= 0:
            variables[machine.program.unit_at(setting.place), setting.name].append(setting.place)
            found = set(_uses(machine, named, setting.place))
            there = "test" in found or machine.catalogue.is_given_by_a_run(setting.name)
            looked_at |= {setting.place} if there else set()
            spliced |= {setting.place} if "text" in found and "given" not in found else set()
        elif setting.how == "config" and setting.loaded[0] in declaring | guarded:
            looked_at.add(setting.loaded)
    looked_at |= {place for places in variables.values() for place in _read_again(places, looked_at)}
    span = machine.program.span
    return Tested(frozenset(map(span, looked_at)), frozenset(map(span, spliced)))


def _read_again(places: Iterable[Place], looked_at: Set[Place]) -> Iterator[Place]:
    """The places of one function that read a variable after it has looked at it: it is asked for once more."""
    first = min((place for place in places if place in looked_at), default=None)
    return (place for place in places if first is not None and place > first)


class _Named:
    """The units that ask for a name: those of its own file load it, modules of others import it. Read once somebody
    asks, as it comes by every step of the repository."""

    def __init__(self, machine: Machine) -> None:
        self._program = machine.program

    def units(self, names: Iterable[str], file: int) -> list[int]:
        """The numbers of the units that may use what a module calls by these names."""
        found = (unit for name in names for unit in (*self._loads.get((file, name), ()), *self._imports.get(name, ())))
        return sorted(set(found))

    @cached_property
    def _loads(self) -> Mapping[tuple[int, str], list[int]]:
        found: dict[tuple[int, str], list[int]] = defaultdict(list)
        for unit, file in enumerate(self._program.file_of):
            for name in {step.name for _, step in self._program.each(unit, Load)}:
                found[file, name].append(unit)
        return found

    @cached_property
    def _imports(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for unit, info in enumerate(self._program.units):
            steps = self._program.each(unit, Import) if info.kind == "module" else ()
            for name in {step.name for _, step in steps}:
                found[name].append(unit)
        return found


def _is_given_if_whole(machine: Machine, place: Place) -> bool:
    """Whether what is loaded is only given back where keys are found in it."""
    body = machine.program.body(machine.program.unit_at(place))
    index = next((i for i, step in enumerate(body) if (step.start, step.end) == place[1:]), -1)
    values = _same(body, {index}) if index >= 0 else set()
    asks = {
        i for i, step in enumerate(body)
        if isinstance(step, Compare) and step.operator in ("in", "not in") and step.right in values
    }  # fmt: skip
    for at, branch in enumerate(body) if asks else ():
        arm = body[at + 1 : branch.then_end] if isinstance(branch, Branch) else ()
        given = any(isinstance(step, Return) and step.value in values for step in arm)
        if given and isinstance(branch, Branch) and asks & _parts(body, branch.condition):
            return True
    return False


def _parts(body: tuple[Step, ...], condition: int) -> set[int]:
    found, todo = {condition}, [condition]
    while todo:
        step = body[todo.pop()]
        fresh = [part for part in _judged(body, step) if part not in found]
        found.update(fresh)
        todo += fresh
    return found


def _uses(machine: Machine, named: _Named, place: Place) -> Iterator[str]:
    """`test`, `text` and `given`, for each way in which the value of a read is used."""
    program = machine.program
    unit = program.unit_at(place)
    body = program.body(unit)
    index = next((i for i, step in enumerate(body) if (step.start, step.end) == place[1:]), -1)
    if index < 0 or isinstance(body[index], Const):
        yield "test"  # `os.environ["NAME"]` fails by itself where there is none
        return
    yield from _in_unit(machine, unit, {index})
    same = _same(body, {index})
    names = {name for name, value in program.units[unit].exports if value in same}
    if program.units[unit].kind == "module" and names:
        for other in named.units(names, place[0]):
            yield from _by_name(machine, other, names, place[0])


def _by_name(machine: Machine, unit: int, names: set[str], file: int) -> Iterator[str]:
    """The uses in another unit of what a module calls by these names."""
    own, each = machine.program.file_of[unit] == file, machine.program.each
    found = {
        index for index, step in (each(unit, Load) if own else each(unit, Import)) if step.name in names
    }  # fmt: skip
    if found:
        yield from _in_unit(machine, unit, found)


def _in_unit(machine: Machine, unit: int, found: set[int]) -> Iterator[str]:
    file, body = machine.program.file_of[unit], machine.program.body(unit)
    values = _same(body, found)
    paths = _paths(machine, file, body, values)
    for index, step in enumerate(body):
        if paths.isdisjoint(operands(step)):
            continue
        if values & _joined(step) and not _is_only_told(machine, file, body, index):
            yield "text"
            continue
        if _is_given(machine, file, body, step, values):
            yield "given"
        looked_for = _does(machine, file, step, "exists") and paths & set(operands(step))
        if looked_for or values & set(_judged(body, step)):
            yield "test"


def _is_given(machine: Machine, file: int, body: tuple[Step, ...], step: Step, values: set[int]) -> bool:
    """Whether a library gets the value as it is: what it makes of none is its own, and mostly an error."""
    if not isinstance(step, Call) or not any(one.value in values for one in step.arguments):
        return False
    rows = machine.noted.meant.get((file, step.start, step.end), ())
    if rows:
        return any(not row.op and row.role is not Role.LOG for row in rows)
    callee = body[step.callee]
    top = machine.program.body(machine.program.module_unit(file))
    name = callee.name if isinstance(callee, Load) else ""
    named = (one for one in top if isinstance(one, Import) and (one == callee or one.bound == name))
    return any(one.level == 0 and _is_elsewhere(machine, one.module.partition(".")[0]) for one in named)


def _is_elsewhere(machine: Machine, root: str) -> bool:
    """Whether no module and no folder of modules is called so."""
    modules = (source.path.split("/") for source in machine.program.sources if source.kind is Kind.PYTHON)
    return not any(root in parts[:-1] or parts[-1] == f"{root}.py" for parts in modules)


def _joined(step: Step) -> set[int]:
    """The values that a step puts into a text; what is added to one, or joined to a path, has to be one itself."""
    if isinstance(step, Template):
        return {part for part in step.parts if isinstance(part, int)}
    if isinstance(step, Binary) and step.operator == "%":
        return {step.right}
    return set()


def _paths(machine: Machine, file: int, body: tuple[Step, ...], values: set[int]) -> set[int]:
    """The values, and the texts and paths that are put together from them."""
    made = set(values)
    for index, step in enumerate(body):
        if not made.isdisjoint(operands(step)):
            if isinstance(step, (Template, Binary, Phi)) or _does(machine, file, step, "path.join", "same"):
                made.add(index)
    return made


def _does(machine: Machine, file: int, step: Step, *ops: str) -> bool:
    """Whether a step calls what does one of these."""
    rows = machine.noted.meant.get((file, step.start, step.end), ()) if isinstance(step, Call) else ()
    return any(row.op in ops for row in rows)


def _is_only_told(machine: Machine, file: int, body: tuple[Step, ...], text: int) -> bool:
    """Whether a text goes nowhere but into what is printed, logged or raised: whoever reads it sees the word None."""
    raised = {step.value for step in body if isinstance(step, Raise)}
    users = [(index, step) for index, step in enumerate(body) if text in operands(step)]
    return bool(users) and all(
        isinstance(step, Call) and (index in raised or _tells(machine, file, body, step)) for index, step in users
    )


def _tells(machine: Machine, file: int, body: tuple[Step, ...], call: Call) -> bool:
    callee = body[call.callee]
    rows = machine.noted.meant.get((file, call.start, call.end), ())
    return (isinstance(callee, Load) and callee.name == "print") or any(row.role is Role.LOG for row in rows)


def _judged(body: tuple[Step, ...], step: Step) -> Iterable[int]:
    """The values that a step decides by."""
    if isinstance(step, (Branch, Assert, Choice)):
        return (step.condition,)
    if isinstance(step, Compare) or (isinstance(step, Binary) and step.operator in ("and", "or")):
        return (step.left, step.right)
    if isinstance(step, Unary) and step.operator == "not":
        return (step.operand,)
    if isinstance(step, Collection):
        return step.items  # a list of what must be there
    if isinstance(step, Call) and isinstance(callee := body[step.callee], Load) and callee.name in _JUDGES:
        return tuple(argument.value for argument in step.arguments)
    return ()


def _same(body: tuple[Step, ...], found: set[int]) -> set[int]:
    """The values, and those that may be one of them."""
    grown = set(found)
    for index, step in enumerate(body):
        if isinstance(step, Phi) and grown & set(step.values):
            grown.add(index)
    return grown


def _guarding(machine: Machine) -> set[int]:
    """The files that load settings and whose code refuses what it is given, or fills classes of its own from them; a
    helper that loads them for others is as good as who asks it."""
    program = machine.program
    loads = {setting.loaded for setting in machine.pool.settings() if setting.how == "config"}
    classes = {one.name for one in program.units if one.kind == "class"}
    askers = _askers(machine, loads)
    files = {place[0] for place in loads} | askers.keys()
    units = [unit for unit in range(len(program.units)) if program.file_of[unit] in files]
    found = {
        program.file_of[unit]
        for unit in units
        if _refuses(program.body(unit)) or _turns_away(program.body(unit))
        or _fills(program.body(unit), classes) or _fills_itself(machine, unit)
    }
    return found.union(*(askers.get(file, ()) for file in found))


def _turns_away(body: tuple[Step, ...]) -> bool:
    """Whether a unit goes no further with what is not of the kind that it wants."""
    for at, branch in enumerate(body):
        if isinstance(branch, Branch) and any(isinstance(step, Return) for step in body[at + 1 : branch.then_end]):
            asked = (body[part] for part in _parts(body, branch.condition))
            callees = (body[step.callee] for step in asked if isinstance(step, Call))
            if any(isinstance(one, Load) and one.name == _KIND for one in callees):
                return True
    return False


def _askers(machine: Machine, loads: Iterable[Place]) -> dict[int, set[int]]:
    """The files that import a function that loads settings, each with the files in which such a function stands."""
    program = machine.program
    helpers: dict[str, set[int]] = defaultdict(set)
    for unit, file in {(program.unit_at(place), place[0]) for place in loads}:
        if unit >= 0 and program.units[unit].kind == "function":
            helpers[program.units[unit].name].add(file)
    found: dict[int, set[int]] = defaultdict(set)
    imported = cache(lambda unit: {one.name for one in program.body(unit) if isinstance(one, Import)} & helpers.keys())
    for place, file in machine.noted.local.items() if helpers else ():
        if any(file in helpers[name] for name in imported(program.unit_at(place))):
            found[place[0]].add(file)
    return found


def _refuses(body: tuple[Step, ...]) -> bool:
    """Whether a unit raises after a look at a key or type, and not only passes a failure on."""
    caught = [range(index, step.end_step) for index, step in enumerate(body) if isinstance(step, Handler)]
    raises = any(
        isinstance(step, (Raise, Assert)) and not any(index in part for part in caught)
        for index, step in enumerate(body)
    )
    asks = any(isinstance(step, Compare) and step.operator in ("in", "not in", "<", ">", "<=", ">=") for step in body)
    kinds = any(isinstance(step, Load) and step.name == _KIND for step in body)
    return raises and (asks or kinds)


def _fills(body: tuple[Step, ...], classes: set[str]) -> bool:
    """Whether a class of the repository is made of a mapping: `Config(**loaded)`."""
    for step in body:
        if isinstance(step, Call) and any(_is_mapping(argument) for argument in step.arguments):
            callee = body[step.callee]
            name = callee.name if isinstance(callee, (Load, Import)) else ""
            if name in classes or isinstance(callee, Define):
                return True
    return False


def _fills_itself(machine: Machine, unit: int) -> bool:
    """Whether a method makes an object of its class of a mapping: `cls(**loaded)`."""
    parent, body = machine.program.parent(unit), machine.program.body(unit)
    if parent < 0 or machine.program.units[parent].kind != "class":
        return False
    calls = (step for step in body if isinstance(step, Call) and any(map(_is_mapping, step.arguments)))
    return any(isinstance(callee := body[step.callee], Param) and callee.index == 0 for step in calls)


def _is_mapping(argument: Argument) -> bool:
    return argument.name == "**"
