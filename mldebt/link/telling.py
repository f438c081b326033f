"""Which functions log, count or store something of what they are given or make: for what answers requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import partial

from mldebt.facts import (
    NONE,
    Annotate,
    Attribute,
    Call,
    Collection,
    Compare,
    Item,
    Load,
    Param,
    SetAttribute,
    SetGlobal,
    SetItem,
    Show,
    Step,
)
from mldebt.graph.code import SERVED, Definition
from mldebt.link.definitions import Definitions
from mldebt.link.machine import Machine
from mldebt.link.noted import SENT
from mldebt.link.operands import operands
from mldebt.link.served_code import PAGE, pages
from mldebt.link.values import Place
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.source import Purpose

_TELLS = frozenset({Role.LOG, Role.INSPECT, Role.MONITOR, Role.TRACK, Role.WRITE, Role.PERSIST})
_SETS_UP = frozenset({Role.CONFIGURE, Role.LOAD, Role.CONSTRUCT})
_FUNCTIONS = frozenset({"function", "lambda"})
_UNITS = _FUNCTIONS | {"module"}
_OWN = frozenset({"self", "cls"})
_KEEPS = "keeps-rows"
_CONTAINERS = frozenset({"list", "dict"})


def telling(machine: Machine, known: Definitions, definitions: Iterable[Definition]) -> frozenset[str]:
    """The ids of functions of production code that hand something of their arguments, or of what they make, to a log,
    a metric or a store. None where nothing answers requests: nobody asks then."""
    names, sending = _method_names(machine), frozenset(_sending(machine))
    callers, own = _callers(machine), frozenset(place for _, _, place in machine.calls)
    return frozenset(
        known.id(unit) for unit, near in _asked(machine, definitions)
        if _tells(machine, unit, names if near else frozenset(), sending, own, callers)
    )  # fmt: skip


def storing(machine: Machine, known: Definitions, definitions: Iterable[Definition]) -> frozenset[str]:
    """The ids of those that put something of their arguments into a statement which keeps rows."""
    return frozenset(known.id(unit) for unit, _ in _asked(machine, definitions) if _fills_a_statement(machine, unit))


def _asked(machine: Machine, definitions: Iterable[Definition]) -> Iterator[tuple[int, bool]]:
    """The functions of production code in files that may have to do with an answer, and whether they are of a component
    that gives answers."""
    ours = [one for one in definitions if one.purpose is Purpose.PRODUCTION]
    shown = {machine.program.sources[file].path for file in pages(machine)}
    components = {one.component for one in ours if SERVED & set(one.made) or one.path in shown}
    wanted = {machine.program.number[path] for path in _behind(ours, components)} if components else set()
    near = {machine.program.number[one.path] for one in ours if one.component in components}
    for unit, file in enumerate(machine.program.file_of):
        kinds = _UNITS if machine.program.sources[file].path in shown else _FUNCTIONS
        if file in wanted and machine.info(unit).kind in kinds:
            yield unit, file in near


def _behind(ours: list[Definition], components: AbstractSet[str]) -> frozenset[str]:
    """The files of components that answer requests, and those of others whose code they name, straight or through
    others."""
    named: dict[str, list[Definition]] = defaultdict(list)
    for one in ours:
        for user in one.used_by:
            named[user].append(one)
    todo = [one for one in ours if one.component in components]
    seen = {one.id for one in todo}
    while todo:
        fresh = [one for one in named[todo.pop().id] if one.id not in seen]
        seen.update(one.id for one in fresh)
        todo += fresh
    return frozenset(one.path for one in ours if one.id in seen)


def _method_names(machine: Machine) -> frozenset[str]:
    """Methods by which libraries log, count or store: on a value of which nobody knows the kind they may do so."""
    rows = machine.catalogue.methods.items()
    return frozenset(name for (_, name), found in rows if any(row.role in _TELLS for row in found))


def _sending(machine: Machine) -> Iterator[Place]:
    """Where functions are called that send to a service what they are given."""
    sends: dict[int, bool] = {}
    for _, unit, place in machine.calls:
        if unit not in sends:
            sends[unit] = _sends(machine, unit)
        if sends[unit]:
            yield place


def _sends(machine: Machine, unit: int) -> bool:
    body, file = machine.program.body(unit), machine.program.file_of[unit]
    calls = machine.program.each(unit, Call)
    return any(_is_sent(machine, file, step) and _is_of_data(machine, file, body, index) for index, step in calls)


def _tells(
    machine: Machine, unit: int, names: frozenset[str], sending: frozenset[Place], own: frozenset[Place],
    callers: _Callers,
) -> bool:  # fmt: skip
    """Whether a unit tells by itself; what `own` code does that it calls is asked of that code."""
    body = machine.program.body(unit)
    file = machine.program.file_of[unit]
    calls = machine.program.each(unit, Call)
    return any(
        (
            _may_tell(machine, file, body, index, frozenset() if (file, step.start, step.end) in own else names)
            or (
                (_is_sent(machine, file, step) or (file, step.start, step.end) in sending)
                and not _is_used(body, index)
            )
        )
        and _is_of_data(machine, file, body, index, partial(_is_passed_data, machine, callers, unit))
        for index, step in calls
    ) or any(
        _is_read_elsewhere(machine, unit, kept)
        for kept in (*_kept(machine, file, body), *_put_into(machine, unit, body))
    )


def _put_into(machine: Machine, unit: int, body: tuple[Step, ...]) -> Iterator[Load | Attribute]:
    """The lists and dictionaries, of the module or of the object of a method, into which something is put that the
    function is given or predicts: what it loads or asks for is kept there so that it need not be asked for again."""
    file = machine.program.file_of[unit]
    for index, step in enumerate(body):
        if not isinstance(step, (Call, SetItem)):
            continue
        method = body[step.callee] if isinstance(step, Call) else None
        base = step.base if isinstance(step, SetItem) else method.base if isinstance(method, Attribute) else NONE
        kept = body[base] if base != NONE else None
        if not isinstance(kept, (Load, Attribute)) or not _is_container(machine, unit, body, kept):
            continue
        if isinstance(kept, Attribute) and isinstance(step, SetItem):  # what has a key is looked up by it
            continue
        put = [step.value] if isinstance(step, SetItem) else operands(step)
        # A call for what it does, and not for what it gives.
        done = isinstance(step, SetItem) or not _is_used(body, index)
        if done and _is_given_or_predicted(machine, file, body, put):
            yield kept


def _is_used(body: tuple[Step, ...], index: int) -> bool:
    """Whether anything is done with a value but to let it stand there."""
    return any(index in operands(step) for step in body if not isinstance(step, Show))


def _is_given_or_predicted(machine: Machine, file: int, body: tuple[Step, ...], put: list[int]) -> bool:
    seen, todo = set(put), list(put)
    while todo:
        step = body[todo.pop()]
        rows = machine.noted.meant.get((file, step.start, step.end), ()) if isinstance(step, Call) else ()
        if (isinstance(step, Param) and step.name not in _OWN) or any(row.role is Role.PREDICT for row in rows):
            return True
        if isinstance(step, Call) and (not rows or any(row.role in (Role.READ, Role.LOAD) for row in rows)):
            continue
        fresh = [part for part in operands(step) if part not in seen]
        seen.update(fresh)
        todo += fresh
    return False


def _is_container(machine: Machine, unit: int, body: tuple[Step, ...], kept: Load | Attribute) -> bool:
    """Whether a name of the module, or a field of the object that a method is called on, is made as a list or a
    dictionary there."""
    program, file = machine.program, machine.program.file_of[unit]
    if isinstance(kept, Attribute):
        own = isinstance(base := body[kept.base], Param) and base.name in _OWN
        methods = program.units_of(file) if own else ()
        beside = (program.body(one) for one in methods if program.parent(one) == program.parent(unit))
        stored = ((other, step) for other in beside for step in other if isinstance(step, SetAttribute))
        made = ((other, step.value) for other, step in stored if step.name == kept.name)
        return any(_makes_container(machine, file, other, value) for other, value in made)
    module = program.module_unit(file)
    index = program.exports(module).get(kept.name, NONE) if module >= 0 else NONE
    return index != NONE and _makes_container(machine, file, program.body(module), index)


def _makes_container(machine: Machine, file: int, body: tuple[Step, ...], index: int) -> bool:
    made = body[index]
    made = body[made.value] if isinstance(made, Annotate) else made
    rows = machine.noted.meant.get((file, made.start, made.end), ()) if isinstance(made, Call) else ()
    return isinstance(made, Collection) or any(not _CONTAINERS.isdisjoint(row.result) for row in rows)


def _kept(machine: Machine, file: int, body: tuple[Step, ...]) -> Iterator[SetGlobal]:
    """The names of the module under which something of predictions is put, more than how many there are."""
    for index, step in enumerate(body):
        if isinstance(step, SetGlobal) and _is_predicted(machine, file, body, index):
            yield step


def _is_predicted(machine: Machine, file: int, body: tuple[Step, ...], at: int) -> bool:
    seen, todo = {at}, [at]
    while todo:
        index = todo.pop()
        step = body[index]
        rows = machine.noted.meant.get((file, step.start, step.end), ()) if isinstance(step, Call) else ()
        if any(row.role is Role.PREDICT for row in rows):
            return True
        if any("length" in row.traits for row in rows):
            continue
        fresh = [part for part in operands(step) if part < index and part not in seen]
        seen.update(fresh)
        todo += fresh
    return False


def _is_read_elsewhere(machine: Machine, unit: int, kept: SetGlobal | Load | Attribute) -> bool:
    """Whether another function of the file, and of no class that keeps it in a field, takes all that is kept under a
    name: what counts asks for it by itself. Who asks for one part of it looks up again what was made before."""
    program = machine.program
    own = program.parent(unit) if isinstance(kept, Attribute) else NONE
    others = (one for one in program.units_of(program.file_of[unit]) if one != unit and program.parent(one) != own)
    return any(
        _takes_all(program.body(one), kept) for one in others if machine.info(one).kind in ("function", "lambda")
    )


def _takes_all(body: tuple[Step, ...], kept: SetGlobal | Load | Attribute) -> bool:
    form = Attribute if isinstance(kept, Attribute) else Load
    loads = {at for at, step in enumerate(body) if isinstance(step, form) and step.name == kept.name}
    lookups = {at for at, step in enumerate(body) if isinstance(step, Attribute) and step.name == "get"}
    asks_for_part = {
        used
        for at, step in enumerate(body)
        for used in loads.intersection(operands(step))
        if isinstance(step, (Item, SetItem)) or at in lookups or (isinstance(step, Compare) and step.right == used)
    }
    return bool(loads - asks_for_part)


def _may_tell(machine: Machine, file: int, body: tuple[Step, ...], index: int, names: frozenset[str]) -> bool:
    """Whether a call tells somebody, or may: what is looked at to do something else with it, or shown on a page to who
    asks, leaves no trace."""
    call = body[index]
    assert isinstance(call, Call)
    rows = machine.noted.meant.get((file, call.start, call.end), ())
    callee = body[call.callee]
    if rows:
        told = (row for row in rows if row.role in _TELLS and PAGE not in row.traits)
        return any(row.role is not Role.INSPECT or not _is_used(body, index) for row in told)
    return isinstance(callee, Attribute) and callee.name in names


def _is_sent(machine: Machine, file: int, call: Call) -> bool:
    """Whether a call sends something to a service: for the sake of that, where nobody asks for its answer."""
    return any(row.role is Role.REQUEST for row in machine.noted.meant.get((file, call.start, call.end), ()))


def _fills_a_statement(machine: Machine, unit: int) -> bool:
    """Whether a function puts something of its arguments into a statement that keeps rows."""
    body, file = machine.program.body(unit), machine.program.file_of[unit]
    calls = [index for index, _ in machine.program.each(unit, Call)]
    keeping = {at for at in calls if _keeps_rows(machine, file, body[at])}
    return bool(keeping) and any(_rests_on(body, at, keeping) and _is_of_data(machine, file, body, at) for at in calls)


def _keeps_rows(machine: Machine, file: int, call: Step) -> bool:
    """Whether a call makes a statement that keeps rows."""
    return any(_KEEPS in row.traits for row in machine.noted.meant.get((file, call.start, call.end), ()))


def _rests_on(body: tuple[Step, ...], at: int, wanted: AbstractSet[int]) -> bool:
    """Whether one of the wanted values goes into a value."""
    seen, todo = {at}, [at]
    while todo:
        index = todo.pop()
        if index in wanted:
            return True
        fresh = [part for part in operands(body[index]) if part not in seen]
        seen.update(fresh)
        todo += fresh
    return False


def _is_of_data(
    machine: Machine, file: int, body: tuple[Step, ...], call: int, counts: Callable[[Param], bool] = bool
) -> bool:
    """Whether something of the arguments of the unit that count, or of what it calls, goes into a call; the time,
    settings and what went wrong do not count."""
    seen, todo = {call}, [call]
    while todo:
        index = todo.pop()
        step = body[index]
        if isinstance(step, Param) and step.name not in _OWN and counts(step):
            return True
        rows = machine.noted.meant.get((file, step.start, step.end), ())
        if isinstance(step, Attribute) and any(SENT in row.traits for row in rows):
            return True
        if isinstance(step, Call) and index != call:
            if not rows or any(_makes_data(row) for row in rows):
                return True
            if any(row.role in _SETS_UP or "per-run" in row.traits for row in rows):
                continue
        fresh = [part for part in operands(step) if part < index and part not in seen]
        fresh += [at for at in _filling(body, index) if at < call and at not in seen]
        seen.update(fresh)
        todo += fresh
    return False


def _filling(body: tuple[Step, ...], made: int) -> Iterator[int]:
    """Where something is put into a list or dictionary that is written at a step."""
    if isinstance(body[made], Collection):
        for at, step in enumerate(body):
            method = body[step.callee] if isinstance(step, Call) else None
            base = step.base if isinstance(step, SetItem) else method.base if isinstance(method, Attribute) else NONE
            if base == made:
                yield at


_Callers = Mapping[int, list[tuple[int, Place]]]


def _callers(machine: Machine) -> _Callers:
    """Where production code calls each function, by its unit."""
    found: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for caller, unit, place in machine.calls:
        if not machine.is_test(caller):
            found[unit].append((caller, place))
    return found


def _is_passed_data(machine: Machine, callers: _Callers, unit: int, parameter: Param) -> bool:
    """Whether a caller may pass something of data for a parameter: all may pass a helper how long things took."""
    return not callers.get(unit) or any(
        value == NONE or _is_of_data(machine, place[0], machine.program.body(caller), value)
        for caller, place in callers[unit]
        for value in [_passed(machine, unit, machine.program.body(caller), place, parameter)]
    )


def _passed(machine: Machine, unit: int, body: tuple[Step, ...], place: Place, parameter: Param) -> int:
    """The value that a call at a place passes for a parameter, by its number; NONE where that is not written there."""
    call = next((step for step in body if isinstance(step, Call) and (step.start, step.end) == place[1:]), None)
    if call is None or any(argument.name.startswith("*") for argument in call.arguments):
        return NONE
    own = machine.program.parent(unit)
    shift = own >= 0 and machine.info(own).kind == "class"  # the object itself is not written
    by_place = [argument.value for argument in call.arguments if not argument.name]
    named = {argument.name: argument.value for argument in call.arguments if argument.name}
    at = parameter.index - shift
    return named.get(parameter.name, by_place[at] if 0 <= at < len(by_place) else NONE)


def _makes_data(row: Row) -> bool:
    return row.role in (Role.PREDICT, Role.TRANSFORM, Role.READ) or SENT in row.traits
