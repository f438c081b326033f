"""What each feature is computed as: columns written by code, and columns that queries make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mldebt import facts, forms
from mldebt.declarations import Statement
from mldebt.graph.formulas import Formula
from mldebt.link.computing import Computing, Words
from mldebt.link.machine import Machine
from mldebt.link.values import Event, literal

_SCOPES = frozenset({"loc", "iloc", "at", "iat"})


def formulas(machine: Machine, ids: Mapping[Event, str]) -> tuple[Formula, ...]:
    """The formulas of columns that code writes and whose name stands in more than one unit; later stores in one unit
    go on from earlier ones."""
    found: list[Formula] = []
    words = Words(machine)
    for unit, events in _repeated(ids):
        stores = dict(_stores(words.body(unit)))
        before: dict[str, Formula] = {}
        for event in events:
            name, store = _name(event), stores.get(event.place[1:])
            if store is None:
                continue
            key, value, part = store
            computing = Computing(words, unit, (key, name))
            form = computing.form(value)
            form = computing.partly(key, form, name) if part else form
            earlier = before.get(name)
            first = ids[event] if earlier is None else earlier.feature
            form = form if earlier is None else forms.replaced(form, name, earlier.form)
            before[name] = Formula(first, form)
        found += before.values()
    return tuple(sorted(found))


def taken(machine: Machine, ids: Mapping[Event, str]) -> frozenset[str]:
    """The columns that code writes and that only hold what another one holds, or the same, maybe as another type."""
    words = Words(machine)
    by_unit: dict[int, list[Event]] = defaultdict(list)
    for event in ids:
        if event.what == "column" and _name(event):
            by_unit[event.unit].append(event)
    found: dict[str, bool] = {}
    for unit, events in by_unit.items():
        stores = dict(_stores(words.body(unit)))
        for event in events:
            key, value, part = stores.get(event.place[1:], (facts.NONE, facts.NONE, True))
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


def _repeated(ids: Mapping[Event, str]) -> Iterator[tuple[int, list[Event]]]:
    """The stores of columns by unit, of those that more than one unit writes."""
    units: dict[str, set[int]] = defaultdict(set)
    named = [event for event in ids if event.what == "column" and _name(event)]
    for event in named:
        units[_name(event)].add(event.unit)
    stores: dict[int, dict[tuple[tuple[int, int, int], str], Event]] = defaultdict(dict)
    for event in named:
        if len(units[_name(event)]) > 1:
            stores[event.unit].setdefault((event.place, _name(event)), event)
    for unit in sorted(stores):
        yield unit, [stores[unit][key] for key in sorted(stores[unit])]


def _stores(steps: Iterable[facts.Step]) -> Iterator[tuple[tuple[int, int], tuple[int, int, bool]]]:
    """The stores of a unit by place: the key, the value, and whether it is one of some rows."""
    known = tuple(steps)
    for step in known:
        if isinstance(step, facts.SetItem):
            base = known[step.base] if step.base >= 0 else None
            part = isinstance(base, facts.Attribute) and base.name in _SCOPES
            yield (step.start, step.end), (step.key, step.value, part)
        elif isinstance(step, facts.SetAttribute):
            yield (step.start, step.end), (facts.NONE, step.value, False)
        elif isinstance(step, facts.Collection) and step.kind == "dict":
            for key, value in zip(step.keys, step.items, strict=True):
                at = known[key] if key >= 0 else None
                if at is not None:
                    yield (at.start, at.end), (key, value, False)


def _name(event: Event) -> str:
    key = dict(event.arguments).get("key")
    return (literal(key) or "") if key is not None else ""
