"""Rows that nobody here gives: parameters of functions that no code calls, as far as they are learnt from or split.

Such a parameter is some table or array, the same one throughout its function and in what that calls, and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from mldebt import facts
from mldebt.link.calling import bind
from mldebt.link.kinds import kind_of
from mldebt.link.lineage import Source, Use
from mldebt.link.machine import Effect, Machine, Summary
from mldebt.link.own_methods import own_method
from mldebt.link.slots import slot_values
from mldebt.link.values import Alt, Deferred, Derived, Event, Item, Lib, Member, Param, Result, Sequence, Unknown, Value
from mldebt.roles import Role
from mldebt.rows import Row

GIVEN = "given"
"""What the rows of a parameter are called as an event: they come from outside."""

_LEARNS = frozenset({Role.FIT, Role.FIT_TRANSFORM, Role.SEARCH, Role.SPLIT, Role.RESAMPLE})
_IN_TIME = "in-time"
_LOOKS_UP = "looks-up"
_ALONG = frozenset({_IN_TIME, "kfold", _LOOKS_UP})
_GROUPS = "group."

_ROWED = frozenset({"table", "column", "array", "data"})
_MAY_HOLD_ROWS = frozenset({"", "list", "dict"})
_TABLES = frozenset({"table", "column", "group"})
_DEEPEST = 12

Binding = dict[tuple[int, int], Value]


class UnnamedRows:
    """The rows that the parameters of a unit bring when nobody calls it."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def binding(self, unit: int, summary: Summary) -> Binding:
        """Rows for each parameter that is learnt from, split or looked along in time, and for each that names a column
        a name of its own; nothing where no rows are."""
        if not any(self._matters(effect) for effect in summary.effects):
            return {}
        taken = {param.index for effect in summary.effects for param in self._rows_of(effect) if param.unit == unit}
        written = {param.index for effect in summary.effects for param in self._written(effect) if param.unit == unit}
        back = [effect for effect in summary.effects if isinstance(effect, Event) and self._puts_groups_back(effect)]
        put_back = {param.index for effect in back for param in self._written(effect) if param.unit == unit}
        asked = {param.index for effect in back for param in _asked_of_groups(effect) if param.unit == unit}
        uses = _Uses(self._machine.program.body(unit))
        bound: Binding = {}
        for index, parameter in enumerate(self._machine.info(unit).parameters):
            if parameter.kind in ("*", "**") or self._has_default(unit, index):
                continue
            if index in uses.keys | asked:
                if index in uses.names | asked:
                    bound[unit, index] = self._machine.pool.text([f"{{{parameter.name}}}"])
                continue
            kind = kind_of(self._machine, self._machine.pool.param(unit, index, parameter.name))
            kind = kind or self._table_kind(uses, index, surely=index in (taken & written) | put_back)
            if kind.partition(".")[0] in _ROWED or (kind in _MAY_HOLD_ROWS and index in taken):
                bound[unit, index] = self._rows(unit, parameter, kind)
        return bound

    def _matters(self, effect: Effect) -> bool:
        """Whether something is learnt or split, or a column made by looking along the rows in time, or by putting
        the means of groups back into their rows."""
        if isinstance(effect, Event) and effect.what == "column":
            given = [value for _, value in effect.arguments]
            along = any(self._is_call_of(one, self._in_time, _DEEPEST) for one in given)
            return along or self._puts_groups_back(effect)
        if isinstance(effect, Event):
            return effect.row is not None and (effect.row.role in _LEARNS or not _ALONG.isdisjoint(effect.row.traits))
        return self._is_call_of(effect, self._learning, 1)

    def _is_call_of(self, value: Value, names: frozenset[str], deepest: int) -> bool:
        """Whether a value waits for a method of one of these names, or is made of one that does."""
        if not value.open or not deepest:
            return False
        if isinstance(value, Deferred) and value.op == "call":
            callee = value.operands[0]
            if not isinstance(callee, Member):
                return False
            held = callee.base.base if isinstance(callee.base, Item) else callee.base
            return callee.name in names or self._is_call_of(held, names, deepest - 1)
        parts = value.origins if isinstance(value, Derived) else value.operands if isinstance(value, Deferred) else ()
        return any(self._is_call_of(part, names, deepest - 1) for part in parts)

    def _puts_groups_back(self, effect: Event) -> bool:
        """Whether a column is written that holds what is asked of groups of rows, put back into the rows."""
        return effect.what == "column" and any(self._puts_back(value) for _, value in effect.arguments)

    def _puts_back(self, value: Value) -> bool:
        """Whether a value waits for a call that puts what is asked of groups of rows back into the rows."""
        if not (isinstance(value, Deferred) and value.op == "call" and isinstance(value.operands[0], Member)):
            return False
        looks_up = value.operands[0].name in self._looking_up
        return looks_up and any(self._is_call_of(one, self._grouping, _DEEPEST) for one in value.operands[1:])

    @cached_property
    def _looking_up(self) -> frozenset[str]:
        """The names of methods that put something in the place of each value."""
        return self._named(lambda row: _LOOKS_UP in row.traits)

    @cached_property
    def _grouping(self) -> frozenset[str]:
        """The names of methods that put rows into groups."""
        return self._named(lambda row: row.result[:1] != () and row.result[0].startswith(_GROUPS))

    def _named(self, told: Callable[[Row], bool]) -> frozenset[str]:
        """The names of methods one of whose rows tells something."""
        return frozenset(name for (_, name), rows in self._machine.catalogue.methods.items() if any(map(told, rows)))

    @cached_property
    def _learning(self) -> frozenset[str]:
        """The names of methods that learn or split."""
        return self._named(lambda row: row.role in _LEARNS)

    @cached_property
    def _in_time(self) -> frozenset[str]:
        """The names of methods that look along the rows in time."""
        return self._named(lambda row: _IN_TIME in row.traits)

    @cached_property
    def _of_tables(self) -> frozenset[str]:
        """The names of methods that tables have, and nothing else that is known."""
        names: dict[bool, set[str]] = {True: set(), False: set()}
        for kind, name in self._machine.catalogue.methods:
            names[kind.partition(".")[0] in _TABLES].add(name)
        return frozenset(names[True] - names[False])

    @cached_property
    def _tables(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for kind, name in self._machine.catalogue.methods:
            if kind.startswith("table."):
                found.setdefault(kind, set()).add(name)
        return {kind: frozenset(names) for kind, names in found.items()}

    def _table_kind(self, uses: _Uses, index: int, *, surely: bool) -> str:
        """The kind of table that a parameter must be to be used as it is; of several the one most is known of."""
        asked = uses.asked.get(index, frozenset())
        surely = surely or index in uses.chosen_of
        if not surely and self._of_tables.isdisjoint(asked | uses.of_columns.get(index, frozenset())):
            return ""
        return max(self._tables, key=lambda kind: (len(self._tables[kind] & asked), len(self._tables[kind]), kind))

    def _rows_of(self, effect: Effect) -> Iterator[Param]:
        """The parameters whose rows something learns from, splits or stacks."""
        if isinstance(effect, Event):
            row = effect.row
            slots = () if row is None else (*row.data, *(() if row.label is None else (row.label,)))
            for value in slot_values(effect, slots):
                yield from self._behind(value, _DEEPEST)

    def _written(self, effect: Effect) -> Iterator[Param]:
        """The parameters to which a column is written."""
        if isinstance(effect, Event) and effect.what == "column" and effect.receiver is not None:
            yield from self._behind(effect.receiver, _DEEPEST)

    def _behind(self, value: Value, deepest: int) -> Iterator[Param]:
        """The parameters of which a value holds rows: not those that name columns or rows of it."""
        if isinstance(value, Param):
            yield value
        elif deepest:
            for part in (*_holders(value), *self._handed_to_own_method(value, deepest)):
                yield from self._behind(part, deepest - 1)

    def _handed_to_own_method(self, value: Value, deepest: int) -> tuple[Value, ...]:
        """Of what a method of the same object is called with, that of which it gives the rows back."""
        if not isinstance(value, Deferred) or value.op != "call":
            return ()
        method = own_method(self._machine, value.operands[0])
        summary = None if method is None else self._machine.summaries.get(method)
        if method is None or summary is None:
            return ()
        arguments = zip(value.names, value.operands[1:], strict=True)
        given = bind(self._machine, method, (("", value.operands[0]), *arguments))
        back = {param.index for param in self._behind(summary.returns, deepest - 1) if param.unit == method}
        return tuple(given[method, index] for index in sorted(back) if index)

    def _has_default(self, unit: int, index: int) -> bool:
        defaults = self._machine.defaults.get(unit, ())
        default = defaults[index] if index < len(defaults) else None
        return default is not None and default is not self._machine.pool.none

    def _rows(self, unit: int, parameter: facts.Parameter, kind: str) -> Result:
        place = (self._machine.program.file_of[unit], parameter.start, parameter.end)
        event = self._machine.pool.event(
            Event(
                open=False, what=GIVEN, row=None, callee="", place=place, unit=unit, receiver=None, arguments=(),
                chain=(), guards=(), sure=True,
            )
        )  # fmt: skip
        self._machine.named.setdefault(event, parameter.name)
        return self._machine.pool.result(event, kind)


def is_done(source: Source) -> bool:
    """Whether something that happens here gives it, and not a caller whom nobody knows."""
    return isinstance(source, Event) and source.what != GIVEN


def brings_rows(use: Use) -> bool:
    """Whether rows of a parameter are used as data or labels."""
    return isinstance(use.source, Event) and use.source.what == GIVEN and use.slot in ("data", "label")


class _Uses:
    """How the steps of a unit use its parameters, by their index."""

    def __init__(self, steps: tuple[facts.Step, ...]) -> None:
        given = {at: step.index for at, step in enumerate(steps) if isinstance(step, facts.Param)}
        columns: dict[int, int] = {}
        picked: dict[int, int] = {}
        self.keys: set[int] = set()
        self.names: set[int] = set()
        self.chosen_of: set[int] = set()
        self.asked: dict[int, frozenset[str]] = {}
        self.of_columns: dict[int, frozenset[str]] = {}
        for at, step in enumerate(steps):
            if isinstance(step, facts.Item):
                self.keys.update(given[part] for part in _parts(steps, step.key) if part in given)
                key = steps[step.key]
                if step.base in given:
                    columns[at] = given[step.base]
                    if isinstance(key, facts.Collection) and key.kind == "list":
                        self.chosen_of.add(given[step.base])
                    if isinstance(key, facts.Compare):
                        picked[at] = given[step.base]
                elif step.base in picked and isinstance(key, facts.Const) and isinstance(key.value, str):
                    self.chosen_of.add(picked[step.base])
            elif isinstance(step, facts.SetItem):
                self.keys.update(given[part] for part in _parts(steps, step.key) if part in given)
            elif isinstance(step, facts.Template):
                self.keys.update(given[part] for part in step.parts if part in given)
                self.names.update(given[part] for part in step.parts if part in given)
            elif isinstance(step, facts.Collection):
                self.names.update(given[part] for part in step.items if part in given)
            elif isinstance(step, facts.Attribute):
                for asked, of in ((self.asked, given), (self.of_columns, columns)):
                    if step.base in of:
                        asked[of[step.base]] = asked.get(of[step.base], frozenset()) | {step.name}


def _parts(steps: tuple[facts.Step, ...], key: int) -> tuple[int, ...]:
    """A key and, of a list of keys, each of them."""
    step = steps[key]
    return (key, *step.items) if isinstance(step, facts.Collection) else (key,)


def _asked_of_groups(effect: Event) -> Iterator[Param]:
    """The parameters that name the one column of groups of which something is put back into the rows."""
    for _, value in effect.arguments:
        given = value.operands[1:] if isinstance(value, Deferred) else ()
        for one in given:
            for _ in range(_DEEPEST):
                if isinstance(one, Item) and isinstance(one.key, Param):
                    yield one.key
                one = one.operands[0] if isinstance(one, Deferred) and one.operands else getattr(one, "base", one)


def _holders(value: Value) -> tuple[Value, ...]:
    if isinstance(value, (Item, Member)):
        return (value.base,)
    if isinstance(value, (Derived, Unknown)):
        return value.origins
    if isinstance(value, (Sequence, Alt)):
        return value.items if isinstance(value, Sequence) else value.values
    if isinstance(value, Result) and value.event.what in ("column", "select"):
        return () if value.event.receiver is None else (value.event.receiver,)
    if isinstance(value, Deferred) and value.op == "call":
        callee, *arguments = value.operands
        return tuple(arguments) if isinstance(callee, Lib) else (callee,)
    return ()
