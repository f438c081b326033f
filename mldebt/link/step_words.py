"""Steps as they are compared: what each does, and which of them handle rows or models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from operator import itemgetter

from mldebt import facts
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.roles import Role, Store

LIFE = frozenset({
    Role.FIT, Role.FIT_TRANSFORM, Role.TRANSFORM, Role.PREDICT, Role.SEARCH, Role.SPLIT, Role.RESAMPLE, Role.EVALUATE,
})  # fmt: skip
"""The steps of a model's life."""
BRINGS = frozenset({Role.READ, Role.LOAD, Role.WRITE, Role.PERSIST})
SILENT = (facts.Param, facts.Show, facts.Stop, facts.Const, facts.Import, facts.StarImport, facts.Define)
"""Steps that are not compared."""
_GROUNDED = (LIFE | BRINGS) - {Role.PREDICT}
_PLOT = "plot"
_INDEXERS = ("iloc", "loc")
_NAMED = frozenset({facts.Load, facts.Attribute, facts.Import})
_ROWS = frozenset({"table", "column", "array", "group", "model", "transformer"})
Roles = Mapping[int, frozenset[Role | None]]


def described(machine: Machine) -> frozenset[str]:
    """The kinds of values that only say what a stored table is like."""
    rows = (row for found in machine.catalogue.calls.values() for row in found)
    made = (row for row in rows if row.role is Role.CONSTRUCT and row.store is Store.TABLE)
    return frozenset(kind for row in made for kind in row.result)


def handling(machine: Machine, unit: int, described: frozenset[str]) -> Roles:
    """The calls in a unit that are steps of a model's life, or of a library for rows or models: their roles, by the
    numbers of their steps. None is among them where rows or a model that the module keeps are used. Nothing, where a
    file only tries out, on made-up rows, what it defines, and where rows are only drawn."""
    found: dict[int, frozenset[Role | None]] = {}
    draws = False
    each, file = machine.program.each, machine.program.file_of[unit]
    module = machine.program.module_unit(file)
    names = machine.program.exports(module) if unit != module else {}
    rows_of = cache(lambda name: _kept_rows(machine, module, name, unit, described))
    for at, call in each(unit, facts.Call):
        for row in machine.noted.meant.get((file, call.start, call.end), ()):
            draws |= _PLOT in row.traits
            kept = row.store is Store.MODEL
            if kept or row.role in LIFE or has_rows((*row.result[:1], *row.kinds), described):
                found[at] = found.get(at, frozenset()) | {row.role}
    loads = (at for at, load in each(unit, facts.Load) if load.name in names and rows_of(load.name))
    picks = (at for at, item in each(unit, facts.Item) if _picks_rows(machine.program.body(unit), item))
    found.update(dict.fromkeys((*loads, *picks), frozenset({None})))
    found = dict(sorted(found.items(), key=itemgetter(0)))
    if draws and LIFE.isdisjoint(role for roles in found.values() for role in roles if role is not None):
        return {}
    return {} if unit == module and _only_tries(found) else found


def _picks_rows(body: Sequence[facts.Step], step: facts.Item) -> bool:
    """Whether rows are taken by their numbers or names: `table.iloc[:half]`."""
    base = body[step.base]
    return isinstance(base, facts.Attribute) and base.name in _INDEXERS


def asking(machine: Machine, living: Collection[int]) -> Mapping[int, Roles]:
    """The calls of functions that do a step of a model's life, or have one done, by the units that call them: these
    put the steps together. One call whose value nobody takes only starts it."""
    callers: dict[int, set[tuple[int, tuple[int, int]]]] = defaultdict(set)
    for caller, callee, at in machine.calls:
        callers[callee].add((caller, at[1:]))
    places: dict[int, set[tuple[int, int]]] = defaultdict(set)
    seen, todo = set(living), list(living)
    while todo:
        for caller, place in callers[todo.pop()]:
            places[caller].add(place)
            if caller not in seen:
                seen.add(caller)
                todo.append(caller)
    found: dict[int, Roles] = {}
    for caller, known in places.items():
        body = machine.program.body(caller)
        calls = {at for at, step in enumerate(body) if isinstance(step, facts.Call) and (step.start, step.end) in known}
        if len(calls) > 1 or any(_takes(step, calls) for step in body):
            found[caller] = dict.fromkeys(sorted(calls), frozenset({None}))
    return found


def _takes(step: facts.Step, values: Collection[int]) -> bool:
    """Whether a step does something with one of these values."""
    return not isinstance(step, facts.Show) and any(value in values for value in operands(step))


def _kept_rows(machine: Machine, module: int, name: str, unit: int, described: frozenset[str]) -> bool:
    """Whether rows or a model are what a unit finds in its module under a name."""
    value = machine.export(module, name, unit)
    return value is not None and has_rows((kind_of(machine, value),), described)


def _only_tries(found: Roles) -> bool:
    roles: frozenset[Role | None] = frozenset().union(*found.values())
    return Role.PREDICT in roles and roles.isdisjoint(_GROUNDED)


def has_rows(kinds: Collection[str], described: frozenset[str]) -> bool:
    """Whether one of these kinds of values holds rows, or is a model."""
    return any(kind.partition(".")[0] in _ROWS for kind in kinds if kind not in described)


def word(step: facts.Step) -> str:
    """What a step does, without the values of constants and the names of variables."""
    if isinstance(step, facts.Call):
        return f"Call {','.join(sorted([argument.name for argument in step.arguments if argument.name]))}"
    return f"{type(step).__name__} {name(step)}"


def name(step: facts.Step) -> str:
    """The name that a step says: of a library, an attribute or an operator."""
    if type(step) in _NAMED:
        return step.name  # type: ignore[union-attr]
    return step.operator if isinstance(step, (facts.Binary, facts.Unary, facts.Compare)) else ""
