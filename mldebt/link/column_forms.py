"""Columns that code writes to one table and that hold one value, but for a unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mldebt import facts
from mldebt.facts import NONE
from mldebt.graph.column_records import Twin, Twins
from mldebt.link.column_names import says
from mldebt.link.liveness import Fates, Flow, blocks_around
from mldebt.link.values import Event, Place, literal
from mldebt.measures import Form, combined, negative, number, whole
from mldebt.roles import Role
from mldebt.source import Purpose

MOST_COLUMNS = 400
DEEPEST = 30
_ROWS_ONLY = frozenset({Role.DERIVE, Role.SAMPLE})
_GIVES = frozenset({None, Role.DERIVE, Role.COMBINE})


@dataclass(frozen=True, slots=True)
class _Write:
    """A column that a step writes to a table: its name, form, and where."""

    name: str
    form: Form
    step: int
    place: Place


class ColumnForms:
    """The forms of the columns of one linking."""

    def __init__(self, fates: Fates) -> None:
        self._fates, self._machine = fates, fates.machine

    def twins(self, ids: Mapping[Event, str]) -> Iterator[Twins]:
        """The columns of one value, of each unit that writes any."""
        program = self._machine.program
        by_unit: dict[int, dict[Place, str]] = defaultdict(dict)
        for event, id in ids.items():
            if event.what == "column" and program.purpose(event.unit) is Purpose.PRODUCTION:
                if literal(dict(event.arguments)["key"]) is not None:
                    by_unit[event.unit].setdefault(event.place, id)
        for unit, places in by_unit.items():
            if len(places) <= MOST_COLUMNS:
                yield from self._of_unit(unit, places)

    def _of_unit(self, unit: int, places: Mapping[Place, str]) -> Iterator[Twins]:
        table = _Tables(self._fates, unit)
        groups: dict[tuple[int, str], dict[str, _Write]] = defaultdict(dict)
        for write in table.writes(places):
            groups[table.root_of(write.step), write.form.core].setdefault(write.name, write)
        for (root, core), found in groups.items():
            writes = list(found.values())
            raw = table.raw(root, core)
            if raw is not None and raw[0] not in found and not table.stands_in(writes):
                writes.append(_Write(raw[0], Form(core, columns=True), writes[-1].step, raw[1]))
            if len(writes) > 1 and table.are_together(writes):
                span = self._machine.program.span
                twins = tuple(Twin(one.name, span(one.place), one.form.unit) for one in writes)
                last = max((one for one in writes if one.place in places), key=lambda one: one.step)
                yield Twins(twins, places[last.place], self._machine.info(unit).id)


class _Tables:
    """The tables of one unit, and what is written to them."""

    def __init__(self, fates: Fates, unit: int) -> None:
        self._flow: Flow = fates.flow(unit)
        self._meant = fates.machine.noted.meant
        self._written: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._gone: set[str] = set()
        for index, step in enumerate(self._flow.steps):
            if isinstance(step, (facts.SetItem, facts.Delete)) and step.key != NONE:
                base = self._root(step.base)
                for name in self._texts(step.key):
                    self._written[base, name].append(index)
                    self._gone.update([name] if isinstance(step, facts.Delete) else ())
        self._raw: dict[tuple[int, str], tuple[str, Place]] = {}

    def writes(self, places: Mapping[Place, str]) -> Iterator[_Write]:
        """The columns that are written once, with forms that hang on other columns."""
        flow = self._flow
        for index, step in enumerate(flow.steps):
            place = (flow.file, step.start, step.end)
            if not isinstance(step, facts.SetItem) or place not in places:
                continue
            key, base = flow.steps[step.key], self._root(step.base)
            if not isinstance(key, facts.Const) or not isinstance(key.value, str) or key.value in self._gone:
                continue
            if len(self._written[base, key.value]) == 1:
                form = self._form(step.value, base, index, 0)
                if form is not None and form.columns and form.scale and form.core:
                    yield _Write(key.value, form, index, place)

    def root_of(self, write: int) -> int:
        step = self._flow.steps[write]
        return self._root(step.base) if isinstance(step, facts.SetItem) else NONE

    def raw(self, root: int, core: str) -> tuple[str, Place] | None:
        """The column that a form is, as it was before anything was written; None where the form is no such column."""
        found = self._raw.get((root, core))
        return None if found is None or found[0] in self._gone or self._written[root, found[0]] else found

    def stands_in(self, writes: list[_Write]) -> bool:
        """Whether a column is only made where it is not there: it stands in for another one."""
        around = ((one.name, self._flow.steps[at]) for one in writes for at, _ in blocks_around(self._flow, one.step))
        return any(isinstance(at, facts.Branch) and says(self._flow, at.condition, name) for name, at in around)

    def are_together(self, writes: list[_Write]) -> bool:
        """Whether no two of them are written in different arms of one condition."""
        around = [blocks_around(self._flow, one.step) for one in writes]
        return all(one <= other or other <= one for one in around for other in around)

    def _root(self, index: int) -> int:
        """The table that a step only picks rows of, or copies."""
        for _ in range(DEEPEST):
            step = self._flow.steps[index]
            if isinstance(step, facts.Attribute) and step.name in ("loc", "iloc"):
                index = step.base
            elif isinstance(step, facts.Call) and isinstance(self._flow.steps[step.callee], facts.Attribute):
                rows = self._meant.get((self._flow.file, step.start, step.end), ())
                keeps = [row.op in ("copy", "same") or (row.axis == "rows" and row.role in _ROWS_ONLY) for row in rows]
                if not rows or not all(keeps):
                    return index
                index = self._flow.steps[step.callee].base  # type: ignore[union-attr]
            else:
                return index
        return index

    def _form(self, index: int, table: int, at: int, depth: int) -> Form | None:
        """The form of the value of a step, for a column that is written to `table` at the step `at`."""
        step = self._flow.steps[index]
        if depth > DEEPEST:
            return None
        if isinstance(step, facts.Const):
            return self._constant(step, table, at)
        if isinstance(step, facts.Binary) and step.operator in ("+", "-", "*", "/"):
            left, right = (self._form(part, table, at, depth + 1) for part in (step.left, step.right))
            return combined(step.operator, left, right)
        if isinstance(step, facts.Unary) and step.operator == "-":
            inner = self._form(step.operand, table, at, depth + 1)
            return None if inner is None else negative(inner)
        name = self._named(step, table)
        if name:
            before = sum(1 for write in self._written[table, name] if write < at)
            core = f"{name}@{before}"
            if not before:
                self._raw.setdefault((table, core), (name, (self._flow.file, step.start, step.end)))
            return Form(core, columns=True)
        return self._larger(index, step, table, at, depth)

    def _constant(self, step: facts.Const, table: int, at: int) -> Form:
        """A number, or a text: as it may name a column, with the state of that."""
        if isinstance(step.value, (int, float)) and not isinstance(step.value, bool):
            return number(step.value)
        before = sum(1 for write in self._written.get((table, str(step.value)), ()) if write < at)
        return Form(f"{step.kind}{step.value!r}@{before}")

    def _named(self, step: facts.Step, table: int) -> str:
        """The column of the table that a step takes."""
        if isinstance(step, facts.Item) and self._root(step.base) == table:
            key = self._flow.steps[step.key]
            return key.value if isinstance(key, facts.Const) and isinstance(key.value, str) else ""
        return ""

    def _larger(self, index: int, step: facts.Step, table: int, at: int, depth: int) -> Form | None:
        """A form that is a call or an operation as a whole; None where one may differ from the other all the same."""
        if self._root(index) == table:
            return Form("table", columns=True)  # the names that are asked of it say which state of them is meant
        if isinstance(step, facts.Call) and self._is_copy(step):
            inner = self._flow.steps[step.callee]
            return self._form(inner.base, table, at, depth + 1) if isinstance(inner, facts.Attribute) else None
        word = _word(step)
        if word is None or (isinstance(step, facts.Call) and self._may_differ(step)):
            return None
        parts = [self._form(part, table, at, depth + 1) for part in _parts(step)]
        known = [part for part in parts if part is not None]
        if len(known) != len(parts):
            return None
        return whole(word, (part.spelled() for part in known), any(part.columns for part in known))

    def _is_copy(self, call: facts.Call) -> bool:
        rows = self._meant.get((self._flow.file, call.start, call.end), ())
        return bool(rows) and all(row.op == "copy" for row in rows)

    def _may_differ(self, call: facts.Call) -> bool:
        """Whether each call may give something else: it is not known, draws, learns, or asks for something."""
        rows = self._meant.get((self._flow.file, call.start, call.end), ())
        return not rows or any(row.random or row.role not in _GIVES or row.mutates for row in rows)

    def _texts(self, index: int) -> list[str]:
        """The names of columns that a key says."""
        step = self._flow.steps[index]
        if isinstance(step, facts.Const):
            return [step.value] if isinstance(step.value, str) else []
        if isinstance(step, facts.Collection):
            return [name for item in step.items for name in self._texts(item)]
        return []


def _word(step: facts.Step) -> str | None:
    """What a step does with its parts; None where that is not followed."""
    if isinstance(step, facts.Attribute):
        return f".{step.name}"
    if isinstance(step, (facts.Binary, facts.Compare)):
        return step.operator
    if isinstance(step, facts.Unary):
        return f"not {step.operator}"
    if isinstance(step, facts.Load):
        return f"name {step.name}"
    if isinstance(step, facts.Call):
        return "call " + " ".join(argument.name for argument in step.arguments)
    return {facts.Item: "item", facts.Collection: "list"}.get(type(step))


def _parts(step: facts.Step) -> tuple[int, ...]:
    if isinstance(step, facts.Call):
        return (step.callee, *(argument.value for argument in step.arguments))
    if isinstance(step, facts.Item):
        return step.base, step.key
    if isinstance(step, (facts.Binary, facts.Compare)):
        return step.left, step.right
    if isinstance(step, facts.Collection):
        return (*step.items, *(key for key in step.keys if key != NONE))
    if isinstance(step, facts.Attribute):
        return (step.base,)
    return (step.operand,) if isinstance(step, facts.Unary) else ()
