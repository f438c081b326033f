"""Columns that code asks a table for, all of whose columns are known and which has no such one."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from mldebt import facts
from mldebt.graph.column_records import MissingField
from mldebt.link.accesses import Accesses
from mldebt.link.column_names import says
from mldebt.link.columns import WHOLE
from mldebt.link.keys import names_told
from mldebt.link.liveness import Fates
from mldebt.link.machine import Machine
from mldebt.link.portrait import left_out
from mldebt.link.slots import slot_values
from mldebt.link.values import Alt, Derived, Event, Item, Place, Record, Result, Sequence, Value, literal
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.source import Purpose, Span

DEEPEST = 40
_NAMING = frozenset({"columns", "names", "header", "index_col", "usecols", "orient"})

Columns = frozenset[str]
_NONE: Columns = frozenset()


class MissingFields:
    """The columns of tables, each table's found once, and who asks for others."""

    def __init__(self, fates: Fates, accesses: Accesses) -> None:
        self._fates, self._machine, self._accesses = fates, fates.machine, accesses
        self._known: dict[Value, Columns | None] = {}
        self._writers: dict[str, list[Event]] = defaultdict(list)
        self._read: dict[Event, list[str]] = defaultdict(list)
        for access in accesses.found:
            if access.writes:
                self._writers[access.key].append(access.event)
            else:
                self._read[access.event].append(access.key if access.location.exact else "")

    def all(self) -> Iterator[MissingField]:
        """One for each place and name."""
        seen: set[tuple[Place, str]] = set()
        for base, names, place in self._asked():
            unit = self._machine.program.unit_at(place)
            known = self.columns(base) if self._machine.program.purpose(unit) is Purpose.PRODUCTION else None
            folded = {column.lower() for column in known or ()}
            for name in names if folded else ():
                if name.lower() not in folded and (place, name) not in seen and not self._is_guarded(unit, place, name):
                    seen.add((place, name))
                    yield MissingField(
                        name, self._machine.program.span(place), tuple(sorted(known or ())), self._ends(base),
                        self._machine.info(unit).id,
                    )  # fmt: skip

    def columns(self, value: Value, depth: int = 0) -> Columns | None:
        """All columns that a table may have; None where they are not known."""
        if value not in self._known:
            self._known[value] = None  # a loop tells nothing
            self._known[value] = self._columns(value, depth) if depth < DEEPEST else None
        return self._known[value]

    def _asked(self) -> Iterator[tuple[Value, tuple[str, ...], Place]]:
        """Tables with the names that they are asked for, and the places."""
        for (base, name), place in self._machine.noted.columns_asked.items():
            yield base, (name,), place
        for event in self._machine.happened():
            if event.what == "select" and event.receiver is not None:
                yield event.receiver, tuple(_listed(self._machine, event) or ()), event.place

    def _columns(self, value: Value, depth: int) -> Columns | None:
        if isinstance(value, Alt):
            return _joined([self.columns(part, depth + 1) for part in value.values])
        if isinstance(value, Item) and isinstance(value.key, Derived):
            return self.columns(value.base, depth + 1)  # rows that are picked
        if not isinstance(value, Result):
            return None
        event = value.event
        if event.what == "select":
            listed = _listed(self._machine, event)
            return None if listed is None else frozenset(listed)
        if event.what == "column":
            said = dict(event.arguments)
            name, old = literal(said["key"]), literal(said["old"]) if "old" in said else ""
            before = _NONE if _is_new(event) else self.columns(event.receiver, depth + 1) if event.receiver else None
            return None if name is None or old is None or before is None else before - {old} | {name}
        if event.what != "call" or event.row is None:
            return None
        return self._given(event, event.row, value.index, depth)

    def _given(self, event: Event, row: Row, part: int, depth: int) -> Columns | None:
        """The columns of what a call gives."""
        data = slot_values(event, row.data)
        if row.role is Role.SPLIT:
            return self.columns(data[part // 2], depth + 1) if 0 <= part < 2 * len(data) else None
        if part != -1:
            return None
        if row.role is Role.CONSTRUCT:
            return _of_record(event, data[0]) if data and row.result[:1] and row.result[0].startswith("table") else None
        if row.role is Role.READ:
            return self._queried(event) or self._stored(event, depth)
        before = None if event.receiver is None else self.columns(event.receiver, depth + 1)
        if before is not None and "all-but" in row.traits:
            without = left_out(self._machine, event)
            return before - frozenset(without) if without else None
        picks = row.role is Role.SAMPLE or (row.axis == "rows" and row.role is Role.DERIVE)
        return before if picks or row.op in ("same", "copy") else None

    def _queried(self, event: Event) -> Columns | None:
        """The columns that a query names."""
        found = [one for _, one in self._accesses.queries.statements(event) if one.kind != "comment"]
        if len(found) != 1 or found[0].open or not found[0].gives or any(not name for name, _ in found[0].gives):
            return None
        return frozenset(name for name, _ in found[0].gives) if found[0].kind == "select" else None

    def _stored(self, event: Event, depth: int) -> Columns | None:
        """The columns of a file that code here writes, and nothing else brings."""
        keys = self._read.get(event, [])
        named = any(name in _NAMING for name, _ in event.arguments)
        writers = self._writers.get(keys[0], []) if len(keys) == 1 and not named else []
        path = keys[0].partition(":")[2] if keys else ""
        if not writers or path in self._machine.program.number or posixpath.basename(path) not in self._spelled:
            return None
        return _joined([self._put(one, depth) for one in writers])

    @cached_property
    def _spelled(self) -> frozenset[str]:
        """The names of files that code spells in one piece: one that is put together is another file for another
        setting."""
        texts = (literal(text) for text in self._machine.pool.texts() if len(text.places) == 1)
        return frozenset(said.rpartition("/")[2] for said in texts if said)

    def _put(self, event: Event, depth: int) -> Columns | None:
        row = event.row
        data = slot_values(event, row.data) if row is not None and "keeps-data" in row.traits else ()
        return self.columns(data[0], depth + 1) if len(data) == 1 else None

    def _ends(self, value: Value) -> tuple[Span, ...]:
        """Where the columns of a table were said last."""
        event = value.event if isinstance(value, Result) else None
        while event is not None and event.what == "column" and isinstance(event.receiver, Result):
            event = event.receiver.event
        return () if event is None else (self._machine.program.span(event.place),)

    def _is_guarded(self, unit: int, place: Place, name: str) -> bool:
        """Whether the code asks first whether the column is there, or catches that it is not."""
        flow = self._fates.flow(unit)
        at = next((i for i, step in enumerate(flow.steps) if (step.start, step.end) == place[1:]), len(flow.steps))
        for index, block in flow.blocks:
            if index < at < block.end_step and not isinstance(block, facts.Loop):
                if isinstance(block, facts.Try) or says(flow, block.condition, name):
                    return True
        return False


def _listed(machine: Machine, event: Event) -> tuple[str, ...] | None:
    """The names that a choice of columns says; None where some are not known."""
    told = names_told(machine, dict(event.arguments)["key"])
    if not isinstance(told, Sequence) or told.rest:
        return None
    names = tuple(name for part in told.items if (name := literal(part)) is not None)
    return names if names and len(names) == len(told.items) else None


def _is_new(event: Event) -> bool:
    """Whether this is the first column of a table that is made of a dictionary."""
    return event.callee == WHOLE and isinstance(event.receiver, Derived)


def _of_record(event: Event, data: Value) -> Columns | None:
    """The columns of a table that is made of a dictionary, or of a list of equal ones."""
    if any(name in _NAMING for name, _ in event.arguments):
        return None
    rows = data.items if isinstance(data, Sequence) and not data.rest else (data,)
    found = [_keys(row) for row in rows]
    return _joined(found) if found else None


def _keys(row: Value) -> Columns | None:
    if not isinstance(row, Record) or row.rest or not row.keys:
        return None
    names = [literal(key) for key in row.keys]
    return None if None in names else frozenset(name for name in names if name is not None)


def _joined(parts: list[Columns | None]) -> Columns | None:
    return None if None in parts or not parts else frozenset().union(*(part for part in parts if part is not None))
