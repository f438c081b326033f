"""What becomes of a column that code writes to a table: who asks for it, and where it is left behind.

The walk follows the table, in its unit and through functions of the repository, from the place that writes the column.
In doubt the column is used: whoever gets the whole table may take it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mldebt import facts
from mldebt.facts import NONE
from mldebt.graph.column_records import IdleColumn
from mldebt.link.column_names import SaidNames, constants
from mldebt.link.kinds import kind_of
from mldebt.link.liveness import Fates, Flow, blocks_around
from mldebt.link.values import Event, Place, literal
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.source import Purpose, Span

MOST_STEPS = 400
MOST_GIVEN = 60
DEEPEST = 3
_TABLES = frozenset({Role.DERIVE, Role.COMBINE, Role.SAMPLE, Role.SPLIT, Role.RESAMPLE})
_ROWS = (facts.Compare, facts.Slice)
_INDEXERS = frozenset({"loc", "iloc", "at", "iat"})


Computed = tuple[tuple[str, Span], ...]
"""Columns that a query computes, with their places."""


class Used(Exception):
    """Something may use the column."""


class ColumnLives:
    """The lives of columns that are written to tables."""

    def __init__(self, fates: Fates) -> None:
        self._fates, self._machine = fates, fates.machine
        self._said = SaidNames(fates.machine)

    def idle(self, ids: Mapping[Event, str]) -> Iterator[IdleColumn]:
        """The columns of which nothing comes, each at the place that writes it."""
        program, seen = self._machine.program, set()
        for event, id in ids.items():
            name = literal(dict(event.arguments)["key"]) if event.what == "column" else None
            if not name or event.place in seen or program.purpose(event.unit) is not Purpose.PRODUCTION:
                continue
            seen.add(event.place)
            ends = self._ends(event, name)
            if ends:
                end, at = min(ends)
                yield IdleColumn(
                    name, program.span(event.place), id, "", end, (program.span(at),), self._machine.info(event.unit).id
                )

    def unread(self, ids: Mapping[Event, str], given: Mapping[Event, Computed]) -> Iterator[IdleColumn]:
        """The columns that a query of code computes and that the code then leaves out."""
        program = self._machine.program
        for event, columns in given.items():
            for name, at in columns[:MOST_GIVEN] if program.purpose(event.unit) is Purpose.PRODUCTION else ():
                ends = self._ends(event, name)
                if ends:
                    end, last = min(ends)
                    yield IdleColumn(
                        name, at, ids[event], "", end, (program.span(last),), self._machine.info(event.unit).id
                    )

    def _ends(self, event: Event, name: str) -> set[tuple[str, Place]]:
        """Where the column comes to its end; nothing where something may use it."""
        gives = event.row.result[0] if event.row is not None and event.row.result else ""
        of_table = kind_of(self._machine, event.receiver) if event.receiver is not None else ""
        life = _Life(self._fates, self._said, name, of_table if event.what == "column" else gives)
        try:
            (life.written if event.what == "column" else life.given)(event.unit, event.place)
        except Used:
            return set()
        return life.ends


class _Life:
    """The walk for one column."""

    def __init__(self, fates: Fates, said: SaidNames, name: str, kind: str) -> None:
        self._fates, self._machine = fates, fates.machine
        self._said, self._name, self._kind = said, name, kind
        self._steps = 0
        self.ends: set[tuple[str, Place]] = set()

    def written(self, unit: int, place: Place) -> None:
        """Follows the table to which the column is written at a place."""
        flow = self._fates.flow(unit)
        at = flow.stored_at.get(place[1:], NONE)
        step = flow.steps[at]
        if at == NONE or not isinstance(step, facts.SetItem) or not _is_text(flow.steps[step.key], self._name):
            raise Used
        if not isinstance(flow.steps[step.base], (facts.Call, facts.Phi, facts.Param, facts.Item, facts.Element)):
            raise Used
        if any(_keeps(flow.steps[user], step.base) for user in flow.users.get(step.base, ()) if user < at):
            raise Used
        self._changed(unit, flow, step.base, at, 0)

    def given(self, unit: int, place: Place) -> None:
        """Follows the table that a call gives at a place."""
        flow = self._fates.flow(unit)
        start = flow.made_at.get(place[1:], NONE)
        if start == NONE:
            raise Used
        self._follow(unit, flow, start, 0)

    def _changed(self, unit: int, flow: Flow, base: int, at: int, depth: int) -> None:
        """What happens to a table that has the column from the step `at` on."""
        first = min([at, *(i for i, s in flow.blocks if isinstance(s, facts.Loop) and i < at < s.end_step)])
        self._follow(unit, flow, base, depth, first, at)
        if isinstance(flow.steps[base], facts.Param):
            self._given_back(unit, flow.steps[base].index, depth)  # type: ignore[union-attr]

    def _given_back(self, unit: int, index: int, depth: int) -> None:
        """The callers' own table has the column too."""
        for place in self._calls(unit, depth):
            caller = self._machine.program.unit_at(place)
            flow = self._fates.flow(caller)
            at = flow.made_at.get(place[1:], NONE)
            call = flow.steps[at] if at != NONE else None
            if not isinstance(call, facts.Call):
                raise Used
            given = self._argument(unit, flow, call, index)
            if given != NONE:
                self._changed(caller, flow, given, at, depth + 1)

    def _argument(self, unit: int, flow: Flow, call: facts.Call, index: int) -> int:
        info = self._machine.info(unit)
        method = self._machine.info(self._machine.program.parent(unit)).kind == "class"
        for position, argument in enumerate(call.arguments):
            if argument.name.startswith("*"):
                raise Used
            named = argument.name == info.parameters[index].name
            if named or (not argument.name and position + method == index):
                return argument.value
        return NONE

    def _calls(self, unit: int, depth: int) -> tuple[Place, ...]:
        places = self._fates.calls_of(unit) if depth < DEEPEST else ()
        if not places:
            raise Used
        return places

    def _follow(
        self, unit: int, flow: Flow, start: int, depth: int, first: int = NONE, written: int = NONE,
        back: list[int] | None = None,
    ) -> None:  # fmt: skip
        """Follows a value that holds the column; of a table that is changed only what comes behind the step `first`.
        What is returned goes into `back` where one call is meant, and to all callers otherwise."""
        reached, todo = {start}, [start]
        last = self._last(flow, start, written) if first != NONE else len(flow.steps)
        while todo:
            value = todo.pop()
            for user in flow.users.get(value, ()):
                if value == start and first != NONE and not first <= user < last:
                    continue
                if user == written:
                    continue
                self._steps += 1
                if self._steps > MOST_STEPS:
                    raise Used
                if back is not None and isinstance(flow.steps[user], facts.Return):
                    back.append(user)
                    continue
                for onward in self._used(unit, flow, value, user, depth):
                    if onward not in reached:
                        reached.add(onward)
                        todo.append(onward)
        if self._fates.seen_outside(unit, flow, reached):
            raise Used

    def _last(self, flow: Flow, base: int, written: int) -> int:
        """The step behind which a table surely has no longer the column: it is dropped in place, or written anew."""
        around = blocks_around(flow, written)
        for user in sorted(flow.users.get(base, ())):
            step = flow.steps[user]
            if user > written and self._is_end(flow, base, user) and blocks_around(flow, user) <= around:
                word = "overwritten" if isinstance(step, facts.SetItem) else "dropped"
                self.ends.add((word, (flow.file, step.start, step.end)))
                return user
        return len(flow.steps)

    def _is_end(self, flow: Flow, base: int, user: int) -> bool:
        """Whether a step takes the column out of a table, or writes it anew."""
        step = flow.steps[user]
        if isinstance(step, (facts.SetItem, facts.Delete)):
            return step.base == base and step.key != NONE and _is_text(flow.steps[step.key], self._name)
        return isinstance(step, facts.Attribute) and self._drops_in_place(flow, user)

    def _drops_in_place(self, flow: Flow, method: int) -> bool:
        for user in flow.users.get(method, ()):
            call = flow.steps[user]
            if isinstance(call, facts.Call) and call.callee == method:
                place = (flow.file, call.start, call.end)
                rows = self._fates.machine.noted.meant.get(place, ())
                if rows and all(row.mutates and "all-but" in row.traits and not row.result for row in rows):
                    return self._name in (self._said.of_call(place) or ())
        return False

    # --- one use ---

    def _used(self, unit: int, flow: Flow, value: int, user: int, depth: int) -> Iterator[int]:
        """The values that hold the column because of one use of a value that holds it."""
        step = flow.steps[user]
        if isinstance(step, facts.Item) and value == step.base:
            yield from self._taken(flow, user, step)
        elif isinstance(step, facts.Attribute):
            yield from self._attribute(flow, user, step)
        elif isinstance(step, facts.Call):
            yield from self._call(unit, flow, value, user, step, depth)
        elif isinstance(step, facts.SetItem) and value == step.base:
            self._stored(flow, step)
        elif isinstance(step, facts.Return):
            for place in self._calls(unit, depth):
                caller = self._machine.program.unit_at(place)
                start = self._fates.flow(caller).made_at.get(place[1:], NONE)
                if start == NONE:
                    raise Used
                self._follow(caller, self._fates.flow(caller), start, depth + 1)
        elif isinstance(step, (facts.Phi, facts.Element, facts.Collection, facts.Choice)):
            if isinstance(step, facts.Collection) and step.kind == "dict":
                raise Used
            yield user
        elif not isinstance(step, (facts.Show, facts.Delete)):
            raise Used

    def _stored(self, flow: Flow, step: facts.SetItem) -> None:
        """A store of other columns; one of all that names are known for does not read them."""
        names = self._said.of_key(flow, step.key, (flow.file, step.start, step.end))
        key = flow.steps[step.key]
        if names is None and not isinstance(key, _ROWS):
            raise Used

    def _taken(self, flow: Flow, user: int, step: facts.Item) -> Iterator[int]:
        """`df[...]`: one column, a list of columns, or rows."""
        place, key = (flow.file, step.start, step.end), flow.steps[step.key]
        if self._said.picks_rows(flow, step.key):
            yield user
            return
        names = self._said.of_key(flow, step.key, place)
        if names is None or any(self._means(name) for name in names):
            raise Used
        if not isinstance(key, (facts.Const, facts.Element)):
            self.ends.add(("left out", place))

    def _attribute(self, flow: Flow, user: int, step: facts.Attribute) -> Iterator[int]:
        """`df.x`, `df.shape`, `df.loc[...]`; calls of methods are told by the call."""
        users = [flow.steps[index] for index in flow.users.get(user, ())]
        if step.name in _INDEXERS:
            for index in flow.users.get(user, ()):
                yield from self._indexed(flow, index)
            return
        if users and all(isinstance(one, facts.Compare) and self._asks_for_others(flow, one) for one in users):
            return
        called = [one for one in users if isinstance(one, facts.Call) and one.callee == user]
        if called:
            yield user
            if len(called) != len(users):
                raise Used
            return
        rows = self._machine.catalogue.of_method(self._kind, step.name)
        counts = bool(rows) and all(row.result[:1] == ("number",) for row in rows)
        known = bool(rows) or step.name in self._machine.catalogue.method_names
        if self._means(step.name) or (known and not counts):
            raise Used

    def _asks_for_others(self, flow: Flow, step: facts.Compare) -> bool:
        """`"y" in df.columns`, also for each of a few names: whether other columns are there."""
        texts = self._said.of_key(flow, step.left, (flow.file, step.start, step.end))
        known = texts is not None and step.operator in ("in", "not in")
        return known and not any(self._means(text) for text in texts or ())

    def _indexed(self, flow: Flow, index: int) -> Iterator[int]:
        """`df.loc[rows]` keeps the column, `df.loc[rows, "y"]` takes others."""
        step = flow.steps[index]
        if isinstance(step, facts.SetItem) and flow.steps[step.key] is not None:
            key = flow.steps[step.key]
            if not (isinstance(key, facts.Collection) and len(key.items) == 2):
                raise Used
            names = self._said.of_key(flow, key.items[1], (flow.file, step.start, step.end))
            if names is None or any(self._means(name) for name in names):
                raise Used
            return
        if not isinstance(step, facts.Item):
            raise Used
        key = flow.steps[step.key]
        if isinstance(key, facts.Collection) and key.kind == "tuple" and len(key.items) == 2:
            if isinstance(flow.steps[key.items[1]], facts.Slice) and _is_whole(flow.steps[key.items[1]]):
                yield index
                return
            names = self._said.of_key(flow, key.items[1], (flow.file, step.start, step.end))
            if names is None or any(self._means(name) for name in names):
                raise Used
            if not isinstance(flow.steps[key.items[1]], facts.Const):
                self.ends.add(("left out", (flow.file, step.start, step.end)))
            return
        yield index

    def _call(self, unit: int, flow: Flow, value: int, user: int, step: facts.Call, depth: int) -> Iterator[int]:
        place = (flow.file, step.start, step.end)
        rows = self._machine.noted.meant.get(place, ())
        if not rows:
            yield from self._function(flow, value, user, step, depth)
            return
        texts = self._said.of_call(place)
        if texts is None:
            texts = constants(flow, step)
        if self._name in (texts or ()) and all(_drops(row) for row in rows):
            self.ends.add(("dropped", place))
            return
        folds = _names_what_it_folds(flow, step)
        for row in rows:
            if self._through(row, texts, folds):
                yield user

    def _through(self, row: Row, texts: frozenset[str] | None, folds: bool) -> bool:
        """Whether what a call gives holds the column."""
        result = (row.result[:1] or ("",))[0]
        if result == "number" or (row.role in (Role.INSPECT, Role.LOG) and not row.result and "plot" not in row.traits):
            return False
        if "plot" in row.traits or texts is None or any(self._means(text) for text in texts):
            raise Used
        if row.callback is not None:
            if folds and any(kind.startswith("group") for kind in row.kinds):
                return False
            raise Used
        passes = row.op in ("copy", "same") or row.role in _TABLES or (row.role is Role.INSPECT and bool(result))
        if not passes or result.partition(".")[0] in ("array", "json", "dict", "list", "text"):
            raise Used
        return not row.mutates or bool(row.result)

    def _function(self, flow: Flow, value: int, user: int, step: facts.Call, depth: int) -> Iterator[int]:
        """A function of the repository takes the table."""
        callees = self._fates.callees.get((flow.file, step.start, step.end), set())
        if not callees or value == step.callee or depth >= DEEPEST:
            raise Used
        back: list[int] = []
        for unit in sorted(callees):
            inner = self._fates.flow(unit)
            info = self._machine.info(unit)
            for index, _ in enumerate(info.parameters):
                if self._argument(unit, flow, step, index) == value:
                    start = inner.given.get(index)
                    if start is None or info.kind != "function":
                        raise Used
                    self._follow(unit, inner, start, depth + 1, back=back)
        if back:
            yield user

    # --- names ---

    def _means(self, said: str) -> bool:
        """Whether a text may name the column: as it is, as a word of it, or with what a join or a code adds."""
        name = self._name
        if name not in said:
            return False
        if said == name or said.startswith(f"{name}_") or said.endswith(f"_{name}"):
            return True
        return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said))


def _drops(row: Row) -> bool:
    """Whether a call leaves out the columns that it names, and does not give them."""
    return "all-but" in row.traits and row.result[:1] != ("column",) and (not row.mutates or not row.result)


def _names_what_it_folds(flow: Flow, call: facts.Call) -> bool:
    """`agg({"y": "mean"})`, `agg(z=("y", "mean"))`: columns that are not named are left out."""
    given = [(argument.name, flow.steps[argument.value]) for argument in call.arguments]
    return bool(given) and all(
        isinstance(step, facts.Collection) and (step.kind == "dict" or (name and step.kind == "tuple"))
        for name, step in given
    )


def _is_text(step: facts.Step, name: str) -> bool:
    return isinstance(step, facts.Const) and step.value == name


def _is_whole(step: facts.Step) -> bool:
    return isinstance(step, facts.Slice) and step.lower == step.upper == step.stride == NONE


def _keeps(step: facts.Step, value: int) -> bool:
    """Whether a step puts a table where others find it."""
    if isinstance(step, (facts.SetItem, facts.SetAttribute, facts.SetGlobal)):
        return step.value == value
    return isinstance(step, (facts.Collection, facts.Yield, facts.Define))
