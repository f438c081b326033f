"""What each feature is computed as: columns written by code, and columns that queries make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mldebt import facts, forms
from mldebt.declarations import Statement
from mldebt.graph.formulas import CHANGES, Formula
from mldebt.link.computing import Computing, Words
from mldebt.link.machine import Machine
from mldebt.link.program import Program
from mldebt.link.values import Event, Place, Result, Value, literal

_SCOPES = frozenset({"loc", "iloc", "at", "iat"})
MOST_BEHIND = 60
_At = tuple[int, int, str]
_Store = tuple[int, int, bool]


def formulas(machine: Machine, ids: Mapping[Event, str]) -> tuple[Formula, ...]:
    """The formulas of columns that code writes and whose name stands in more than one unit; later stores in one unit
    go on from earlier ones."""
    words = Words(machine)
    repeated, units = _units(machine.program, ids)
    made = (_made(words, unit, events, ids) for unit, events in units.items())
    return tuple(sorted(one for found in made for name, one in found.items() if name in repeated))


def prepared(machine: Machine, ids: Mapping[Event, str]) -> tuple[Formula, ...]:
    """What puts the values of an image on another scale, or the image in another size, with the numbers it is given."""
    words, found = Words(machine), []
    for event, id in ids.items():
        if event.row is not None and event.row.traits & CHANGES and not event.chain:
            body = words.body(event.unit)
            calls = (at for at, step in enumerate(body) if isinstance(step, facts.Call) and _is_at(step, event.place))
            found += [Formula(id, Computing(words, event.unit).form(at)) for at in calls]
    return tuple(sorted(set(found)))


def _is_at(step: facts.Call, place: Place) -> bool:
    return (step.start, step.end) == place[1:]


def _made(words: Words, unit: int, events: Iterable[Event], ids: Mapping[Event, str]) -> dict[str, Formula]:
    """What a unit computes, by the names of the columns."""
    stores = dict(_stores(words.body(unit)))
    before: dict[str, Formula] = {}
    last: dict[str, Event] = {}
    for event in events:
        name, store = _name(event), _stored(stores, event)
        if store is None:
            continue
        key, value, part = store
        computing = Computing(words, unit, (key, name))
        form = computing.stored(value)
        form = computing.partly(key, form, name) if part else form
        beside = {one.lower(): before[one].whole for one in last if _stands_on(words.machine, event, last[one])}
        earlier = before.get(name)
        whole = forms.composed(form, beside | ({} if earlier is None else {name.lower(): earlier.whole}))
        form = form if earlier is None else forms.replaced(form, name, earlier.form)
        before[name] = Formula(ids[event] if earlier is None else earlier.feature, form, whole=whole)
        last[name] = event
    return before


def home_of(program: Program, event: Event) -> int:
    """The unit in whose code a column is written, be it for a caller; a lambda that tells its value stands in that."""
    unit = program.unit_at(event.place)
    return event.unit if unit < 0 or program.units[unit].kind == "lambda" else unit


def _stands_on(machine: Machine, event: Event, other: Event) -> bool:
    """Whether a column is written to a table that holds the other one."""
    seen: set[Value] = set()
    todo = [event.receiver]
    while todo and len(seen) < MOST_BEHIND:
        table = todo.pop()
        if table is None or table in seen:
            continue
        seen.add(table)
        if isinstance(table, Result):
            if table.event is other:
                return True
            todo.append(table.event.receiver)
        else:
            todo += machine.pool.origins(table)
    return False


def taken(machine: Machine, ids: Mapping[Event, str]) -> frozenset[str]:
    """The columns that code writes and that only hold what another one holds, or the same, maybe as another type."""
    words = Words(machine)
    by_unit: dict[int, list[Event]] = defaultdict(list)
    for event in ids:
        if event.what == "column" and _name(event):
            by_unit[home_of(machine.program, event)].append(event)
    found: dict[str, bool] = {}
    for unit, events in by_unit.items():
        stores = dict(_stores(words.body(unit)))
        for event in events:
            key, value, part = _stored(stores, event) or (facts.NONE, facts.NONE, True)
            same = not part and forms.is_taken(Computing(words, unit, (key, _name(event))).form(value))
            found[ids[event]] = found.get(ids[event], True) and same
    return frozenset(id for id, same in found.items() if same)


def formulas_of(statement: Statement, features: list[str]) -> Iterator[Formula]:
    """The formulas of the columns that a statement gives; `features` are the nodes of its columns. A column that is
    made of one of its own name stands where that one does."""
    made: list[Formula] = []
    for column, feature in zip(statement.columns, features, strict=True):
        before = [one.made for one in column.origins if 0 <= one.made < len(made)]
        same = [place for place in before if statement.columns[place].name.lower() == column.name.lower()]
        first = made[same[0]] if same else None
        form = column.form if first is None else forms.replaced(column.form, column.name, first.form)
        rows = column.rows or (first.rows if first else "")
        scope = first.scope if first else column.scope
        made.append(Formula(first.feature if first else feature, form, rows, scope))
    given = [one for one, column in zip(made, statement.columns, strict=True) if column.given and column.form]
    yield from given


def _units(program: Program, ids: Mapping[Event, str]) -> tuple[frozenset[str], dict[int, list[Event]]]:
    """The names of columns that more than one unit writes, and all stores of the units that do."""
    units: dict[str, set[int]] = defaultdict(set)
    named = [event for event in ids if event.what == "column" and _name(event)]
    for event in named:
        units[_name(event)].add(home_of(program, event))
    repeated = frozenset(name for name, some in units.items() if len(some) > 1)
    among = frozenset(unit for name in repeated for unit in units[name])
    stores: dict[int, dict[tuple[tuple[int, int, int], str], Event]] = defaultdict(dict)
    for event in named:
        if (unit := home_of(program, event)) in among:
            stores[unit].setdefault((event.place, _name(event)), event)
    return repeated, {unit: [stores[unit][key] for key in sorted(stores[unit])] for unit in sorted(stores)}


def _stores(steps: Iterable[facts.Step]) -> Iterator[tuple[_At, _Store]]:
    """The stores of a unit by place, and by name where one place has several: the key, the value, and whether it is one
    of some rows."""
    known = tuple(steps)
    for step in known:
        if isinstance(step, facts.SetItem):
            base = known[step.base] if step.base >= 0 else None
            part = isinstance(base, facts.Attribute) and base.name in _SCOPES
            yield (step.start, step.end, ""), (step.key, step.value, part)
            if isinstance(name := known[step.key], facts.Const):  # of a dictionary that becomes a table
                yield (name.start, name.end, ""), (step.key, step.value, part)
        elif isinstance(step, facts.SetAttribute):
            yield (step.start, step.end, ""), (facts.NONE, step.value, False)
        elif isinstance(step, facts.Collection) and step.kind == "dict":
            for key, value in zip(step.keys, step.items, strict=True):
                at = known[key] if key >= 0 else None
                if at is not None:
                    yield (at.start, at.end, ""), (key, value, False)
        elif isinstance(step, facts.Collection):
            for one in step.items:  # of a row whose columns are named beside it
                yield (known[one].start, known[one].end, ""), (facts.NONE, one, False)
        elif isinstance(step, facts.Call):
            yield from _added(known, step)


def _added(known: Sequence[facts.Step], call: facts.Call) -> Iterator[tuple[_At, _Store]]:
    """What a call may add as columns: a value by its keyword, behind its name, or the receiver that it names."""
    callee, plain = known[call.callee], [one.value for one in call.arguments if not one.name]
    for one in call.arguments:
        if one.name:
            yield (call.start, call.end, one.name), (facts.NONE, one.value, False)
            yield (known[one.value].start, known[one.value].end, ""), (facts.NONE, one.value, False)
    for at, value in enumerate(plain):
        said, behind = known[value], plain[at + 1 : at + 2]
        if isinstance(said, facts.Const) and behind:
            yield (said.start, said.end, ""), (value, behind[0], False)
        elif isinstance(said, facts.Const) and isinstance(callee, facts.Attribute):
            yield (said.start, said.end, ""), (value, callee.base, False)


def _stored(stores: Mapping[_At, _Store], event: Event) -> _Store | None:
    """The store that an event tells of."""
    place = event.place[1:]
    return stores.get((*place, "")) or stores.get((*place, _name(event)))


def _name(event: Event) -> str:
    key = dict(event.arguments).get("key")
    return (literal(key) or "") if key is not None else ""
