"""The SQL of a repository: which file or call runs which statement, and where its relations lie."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mldebt.catalogue import Catalogue
from mldebt.declarations import Relation, Statement
from mldebt.graph import Edge, EdgeKind, GraphBuilder
from mldebt.graph.column_records import IdleColumn, Twins
from mldebt.graph.formulas import Formula
from mldebt.link.accesses import Accesses, commands_of, nameless
from mldebt.link.components import Components
from mldebt.link.drawing import Drawing, Stored, Told, step_id
from mldebt.link.places import Location, locations_of
from mldebt.link.program import Program
from mldebt.link.relations import location
from mldebt.link.table_columns import TableColumns
from mldebt.link.values import Event, Place
from mldebt.link.warehouse import Warehouse
from mldebt.roles import Confidence, Store
from mldebt.source import Span
from mldebt.trail import MAX_STOPS

MOST_TAIL = 3
MOST_FILLED = 4
_NO_ROWS = frozenset({"include", "comment"})


def _is_count(statement: Statement) -> bool:
    """Whether a query only looks at how many rows there are."""
    relations = {relation.use for relation in statement.relations}
    columns = [one for one in statement.columns if one.given]
    return relations == {"read"} and bool(columns) and not any(one.origins for one in columns) and not statement.open


@dataclass(frozen=True, slots=True)
class _Filling:
    """What a hole of a file stands for: the key and path of an artifact, and the places that say so: where it is put
    in, and the command that gives it."""

    hole: str
    key: str
    path: str
    said: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """An event that runs a file of SQL, with what is in the holes then; `test`: in a test."""

    event: Event
    file: int
    fillings: tuple[_Filling, ...]
    test: bool


def _agreed(runs: list[_Run]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The holes of a file that all its runs fill with the same artifacts, with the key and path of each."""
    filled = [{(one.hole, one.key, one.path) for one in run.fillings} for run in runs]
    for hole in dict.fromkeys(one.hole for run in runs for one in run.fillings):
        given = {frozenset((key, path) for where, key, path in one if where == hole) for one in filled}
        if len(given) == 1:
            yield hole, sorted(given.pop())[:MOST_FILLED]


class Statements:
    """The SQL of one linking."""

    def __init__(
        self, program: Program, catalogue: Catalogue, accesses: Accesses, components: Components, paths: Iterable[str],
        function: Callable[[int], str],
    ) -> None:  # fmt: skip
        self._program, self._catalogue, self._accesses, self._components = program, catalogue, accesses, components
        self._paths, self._function = frozenset(paths), function
        self._known = frozenset(access.key for access in accesses.found)
        self._warehouse = Warehouse(program, self._paths)
        self.runs = tuple(self._runs())
        self._filled = self._fillings()
        self.told = tuple(self._tell())
        seeded = {f"table:{name.lower()}" for names in self._warehouse.seeds.values() for name in names}
        seeded |= {access.key for access in accesses.found if access.writes}
        self.written = frozenset(one.key for told in self.told for _, one in told.of("write")) | seeded
        self.defined = frozenset(one.key for told in self.told for _, one in told.of("make"))
        self.formulas: tuple[Formula, ...] = ()
        self.idle_columns: tuple[IdleColumn, ...] = ()
        self.twins: tuple[Twins, ...] = ()
        self.computed: dict[Event, tuple[tuple[str, Span], ...]] = {}

    # --- where things lie ---

    def _runs(self) -> Iterator[_Run]:
        """Which events run which files, and with what in the holes."""
        by_event: dict[Event, dict[str, None]] = defaultdict(dict)
        for access in self._accesses.found:
            if not access.writes:
                by_event[access.event][access.key] = None
        numbers = {f"file:{source.path}": number for number, source in enumerate(self._program.sources)}
        queries = self._accesses.queries
        machine = queries.machine
        for event in machine.happened():
            for read, filled in queries.files(event):
                named = [numbers[key] for key in by_event.get(read, ()) if key in numbers]
                fillings = tuple(
                    _Filling(
                        one.hole, self._accesses.resolver.artifact(event, place), place.path,
                        (*([one.at] if one.at else ()), *commands_of(machine, place)),
                    )
                    for one in filled
                    for place in locations_of(machine, one.value, Store.FILE)
                )  # fmt: skip
                for number in named:
                    if self._program.facts[number].statements:
                        yield _Run(event, number, fillings, machine.is_test(event.unit))

    def _fillings(self) -> dict[int, dict[str, list[tuple[str, str]]]]:
        """By file: the artifacts that a hole of it stands for, where all who run it agree; tests do not count."""
        by_file: dict[int, list[_Run]] = defaultdict(list)
        for run in self.runs:
            if not run.test:
                by_file[run.file].append(run)
        return {file: dict(_agreed(runs)) for file, runs in by_file.items()}

    def _tell(self) -> Iterator[Told]:
        for number in range(len(self._program.facts)):
            for statement in self._warehouse.statements(number):
                if statement.kind in _NO_ROWS:
                    continue
                stored = tuple(tuple(self._stored(number, one)) for one in statement.relations)
                yield Told(number, statement, stored)

    def _stored(self, number: int, relation: Relation) -> Iterator[Stored]:
        """The artifacts that a relation of a file names."""
        filled = self._filled.get(number, {}).get(relation.given or relation.name)
        if filled is not None:
            yield from (Stored(key, path, Confidence.LIKELY) for key, path in filled)
            return
        place = location(self._warehouse.resolved(number, relation), self._catalogue)
        if place is not None:
            sure = Confidence.CERTAIN if place.exact else Confidence.HINT
            yield Stored(self._key(number, place), place.path, sure)

    def _key(self, number: int, place: Location) -> str:
        if place.store is Store.FILE and place.anchor == "relative":
            folder = posixpath.dirname(self._program.sources[number].path)
            beside = posixpath.normpath(posixpath.join(folder, place.path))
            known = [one for one in (place.path, beside) if one in self._paths or f"file:{one}" in self._known]
            return f"file:{(known or [place.path])[0]}"
        if place.store is Store.FILE:
            return f"file:{place.anchor}:{nameless(place.path)}"
        key = f"{place.store.value}:{nameless(place.path)}"
        return key.lower() if place.store is Store.TABLE else key

    # --- what becomes of it ---

    def add(self, builder: GraphBuilder, ids: Mapping[Event, str]) -> None:
        """The nodes and edges of all statements in files, and what the queries of code make."""
        drawing = Drawing(builder, self._program, self._components, self.written, self.defined)
        last: dict[int, str] = {}
        for told in self.told:
            read = drawing.statement(told)
            if read:
                last[told.file] = read
        for run in self.runs:
            if run.event in ids and run.file in last:
                at = self._program.span(run.event.place)
                builder.add_edge(Edge(last[run.file], ids[run.event], EdgeKind.DERIVES, at, slot="data"))
                self._filled_by(run, drawing, ids[run.event])
        self._queries(drawing, ids)
        self._includes(drawing)
        self._project(drawing)
        self.formulas = tuple(sorted(set(drawing.formulas)))
        unread = self._unread_columns(ids, drawing)
        self.idle_columns = tuple(dict.fromkeys((*drawing.idle, *unread)))
        self.twins = tuple(dict.fromkeys(drawing.twins))

    def _queries(self, drawing: Drawing, ids: Mapping[Event, str]) -> None:
        """What the queries of code make: columns, which come out where the query gives rows, or gives all of a table
        that one other query makes."""
        given: dict[Event, list[tuple[str, Span]]] = defaultdict(list)
        stored: dict[str, list[list[tuple[str, Span]]]] = defaultdict(list)
        whole: list[tuple[Event, str]] = []
        for event, id in ids.items():
            for text, statement in self._accesses.queries.statements(event):
                keys = self._keys_of(event, statement)
                made = drawing.query(drawing.builder.node(id), text, statement, keys)
                places = [(relation.use, one.key) for relation, some in zip(statement.relations, keys, strict=True)
                          for one in some]  # fmt: skip
                for key in (key for use, key in places if use == "write"):
                    stored[key].append(made)
                if statement.kind == "select":
                    given[event] += made
                    whole += [(event, places[0][1])] if statement.stars and len(places) == 1 else []
        for event, key in whole:
            given[event] += stored[key][0] if len(stored[key]) == 1 else []
        self.computed = {event: tuple(columns) for event, columns in given.items() if columns}

    def _unread_columns(self, ids: Mapping[Event, str], drawing: Drawing) -> Iterator[IdleColumn]:
        """The columns of tables that no statement asks for, where others of the same table, or its rows, are taken."""
        tables = TableColumns(self.told)
        asking = set()
        for event in ids:
            for _, statement in self._accesses.queries.statements(event):
                asking.add(event)
                tables.take(statement, [[one.key for one in some] for some in self._keys_of(event, statement)])
        for access in self._accesses.found:
            if not access.writes and access.event not in asking:
                tables.take_all(access.key)
        for told, key, one, onward in tables.unread():
            at = self._program.span((told.file, one.start, one.end))
            ends = self._program.spans(onward, MAX_STOPS)
            yield IdleColumn(one.name, at, drawing.artifact_id(key), key.partition(":")[2], "unread", ends)

    def _filled_by(self, run: _Run, drawing: Drawing, step: str) -> None:
        """Who puts the name of an artifact into a text that is run reads it, at that place. Where those who run a file
        put different ones there, each reads its own."""
        function, agreed = self._function(run.event.unit), self._filled.get(run.file, {})
        for one in run.fillings:
            at = [self._program.span(place) for place in (*one.said, run.event.place)]
            if one.hole not in agreed:
                drawing.artifact(Stored(one.key, one.path, Confidence.LIKELY), at[0])
                drawing.reads(one.key, step, at[0])
            for span in at[:-1]:
                drawing.reads(one.key, function, span)

    def unread(self) -> tuple[tuple[str, str], ...]:
        """Steps that load rows into a table of which nobody takes any, though others of the same file are used:
        their ids, with a reason."""
        used = {one.key for told in self.told if not _is_count(told.statement) for _, one in told.of("read")}
        used |= {access.key for access in self._accesses.found if not access.writes}
        found: dict[int, list[tuple[str, str, bool]]] = defaultdict(list)
        for told in self.told:
            into = [one for _, one in told.of("write")]
            if into and any(one.key.startswith("file:") for _, one in told.of("read")):
                span = self._program.span((told.file, told.statement.start, told.statement.end))
                idle = used.isdisjoint(one.key for one in into)
                found[told.file].append((step_id(span), f"table {into[0].name}", idle))
        loads = [load for some in found.values() if not all(idle for _, _, idle in some) for load in some]
        first = {reason: id for id, reason, idle in reversed(loads) if idle}  # one table is one defect
        return tuple((id, reason) for reason, id in first.items())

    def _keys_of(self, event: Event, statement: Statement) -> tuple[tuple[Stored, ...], ...]:
        found = []
        for relation in statement.relations:
            place = location(relation, self._catalogue)
            key = "" if place is None else self._accesses.resolver.artifact(event, place)
            found.append((Stored(key, relation.name, Confidence.CERTAIN),) if key else ())
        return tuple(found)

    def _includes(self, drawing: Drawing) -> None:
        """Files that a file of a client runs, one after the other."""
        for number, facts in enumerate(self._program.facts):
            before = -1
            for statement in facts.statements:
                for relation in statement.relations if statement.kind == "include" else ():
                    file = self._file(number, relation.name)
                    place = (number, relation.start, relation.end)
                    if file >= 0 and before >= 0 and before != file:
                        drawing.orders(before, file, place)
                    before = file if file >= 0 else before

    def _project(self, drawing: Drawing) -> None:
        """The order of models, the rows that are loaded for them, and what their definitions declare."""
        for number in self._warehouse.queries:
            for statement in self._warehouse.statements(number):
                for relation in statement.relations:
                    first = self._warehouse.file_of(number, relation.name) if relation.form == "ref" else -1
                    if first >= 0 and first != number:
                        drawing.orders(first, number, (number, relation.start, relation.end))
        for path, names in self._warehouse.seeds.items():
            drawing.seed(path, names)
        for use in self._warehouse.uses:
            relation = Relation(use.name, "read", use.form, use.start, use.end)
            for stored in self._stored(use.file, relation):
                drawing.declared(use, stored)

    def _file(self, number: int, said: str) -> int:
        """The file that an include means: by its path, or by the longest end of it that exists."""
        folder, parts = posixpath.dirname(self._program.sources[number].path), said.replace("\\", "/").split("/")
        names = [posixpath.normpath(posixpath.join(folder, said)), said]
        names += ["/".join(parts[-length:]) for length in range(MOST_TAIL, 1, -1)]
        return next((self._program.number[name] for name in names if name in self._program.number), -1)
