"""The SQL of a repository: which file or call runs which statement, and where its relations lie."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mldebt.catalogue import Catalogue
from mldebt.declarations import Relation, Statement
from mldebt.graph import Edge, EdgeKind, GraphBuilder
from mldebt.link.accesses import Accesses, nameless
from mldebt.link.components import Components
from mldebt.link.drawing import Drawing, Stored, Told, step_id
from mldebt.link.places import Location, locations_of
from mldebt.link.program import Program
from mldebt.link.relations import location
from mldebt.link.values import Event
from mldebt.link.warehouse import Warehouse
from mldebt.roles import Confidence, Store

MOST_TAIL = 3
_NO_ROWS = frozenset({"include", "comment"})


def _is_count(statement: Statement) -> bool:
    """Whether a query only looks at how many rows there are."""
    relations = {relation.use for relation in statement.relations}
    columns = [one for one in statement.columns if one.given]
    return relations == {"read"} and bool(columns) and not any(one.origins for one in columns) and not statement.open


class Statements:
    """The SQL of one linking."""

    def __init__(
        self, program: Program, catalogue: Catalogue, accesses: Accesses, components: Components, paths: Iterable[str]
    ) -> None:
        self._program, self._catalogue, self._accesses, self._components = program, catalogue, accesses, components
        self._paths = frozenset(paths)
        self._known = frozenset(access.key for access in accesses.found)
        self._warehouse = Warehouse(program, self._paths)
        self.runs = tuple(self._runs())
        self._filled = self._fillings()
        self.told = tuple(self._tell())
        seeded = {f"table:{name.lower()}" for names in self._warehouse.seeds.values() for name in names}
        seeded |= {access.key for access in accesses.found if access.writes}
        self.written = frozenset(one.key for told in self.told for _, one in told.of("write")) | seeded
        self.defined = frozenset(one.key for told in self.told for _, one in told.of("make"))

    # --- where things lie ---

    def _runs(self) -> Iterator[tuple[Event, int, Mapping[str, Location]]]:
        """Which events run which files, and with what in the holes."""
        by_event = {access.event: access.key for access in self._accesses.found if not access.writes}
        numbers = {f"file:{source.path}": number for number, source in enumerate(self._program.sources)}
        queries = self._accesses.queries
        machine = queries.machine
        for event in machine.ground:
            for read, filled in queries.files(event):
                number = numbers.get(by_event.get(read, ""))
                if number is not None and self._program.facts[number].statements:
                    places = {hole: locations_of(machine, value, Store.FILE) for hole, value in filled}
                    yield event, number, {hole: found[0] for hole, found in places.items() if found}

    def _fillings(self) -> dict[int, dict[str, tuple[str, str]]]:
        """By file: the artifact that a hole of it stands for, where all who run it agree."""
        found: dict[int, dict[str, set[tuple[str, str]]]] = defaultdict(lambda: defaultdict(set))
        for event, number, holes in self.runs:
            for hole, place in holes.items():
                if place.known:
                    found[number][hole].add((self._accesses.resolver.artifact(event, place), place.path))
        return {number: {hole: min(ones) for hole, ones in holes.items()} for number, holes in found.items()}

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
            yield Stored(filled[0], filled[1], Confidence.LIKELY)
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
        for event, number, _ in self.runs:
            if event in ids and number in last:
                at = self._program.span(event.place)
                builder.add_edge(Edge(last[number], ids[event], EdgeKind.DERIVES, at, slot="data"))
        for event, id in ids.items():
            for text, statement in self._accesses.queries.statements(event):
                drawing.query(builder.node(id), text, statement, self._keys_of(event, statement))
        self._includes(drawing)
        self._project(drawing)

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
        for number in self._warehouse.models:
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
