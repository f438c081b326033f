"""Statements of SQL to nodes and edges: what they read, the columns they make, what they write.

A statement is a step that reads, with its columns behind it, and a step that writes, if it puts rows anywhere. A
query that code runs has the first of them already: its call.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mldebt import declarations
from mldebt.declarations import MadeColumn, Origin, Relation, Statement
from mldebt.graph import Edge, EdgeKind, GraphBuilder, Node, NodeKind
from mldebt.graph.column_records import IdleColumn, Twin, Twins
from mldebt.graph.formulas import Formula
from mldebt.link.components import Components
from mldebt.link.formulas import formulas_of
from mldebt.link.program import Program
from mldebt.link.relations import extent, moves
from mldebt.link.values import Place, Text
from mldebt.link.warehouse import Use
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose, Span

_NOT_OURS = frozenset({"test", "example", "vendored", "generated", "aside"})
_GIVES = frozenset({"select", "create", "view"})
_At = Callable[[int, int], "Place | None"]


@dataclass(frozen=True, slots=True)
class Stored:
    """An artifact that a relation names: its key, and how sure that is."""

    key: str
    name: str
    confidence: Confidence


Places = tuple[tuple[Stored, ...], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A statement of a file, with the artifacts of its relations by their position."""

    file: int
    statement: Statement
    stored: Places

    def of(self, use: str) -> Iterator[tuple[Relation, Stored]]:
        """The artifacts of the relations with this use."""
        for relation, stored in zip(self.statement.relations, self.stored, strict=True):
            yield from ((relation, one) for one in stored if relation.use == use)


class Drawing:
    """Draws statements into a graph."""

    def __init__(
        self,
        builder: GraphBuilder,
        program: Program,
        components: Components,
        written: frozenset[str],
        defined: frozenset[str],
    ) -> None:
        self.builder, self.program = builder, program
        self._components, self._written, self._defined = components, written, defined
        self.formulas: list[Formula] = []
        self.idle: list[IdleColumn] = []
        self.twins: list[Twins] = []

    def statement(self, told: Told) -> str:
        """The nodes of a statement of a file; gives the id of the step that takes rows, if there is one."""
        reads, writes = moves(told.statement)
        place = (told.file, told.statement.start, told.statement.end)
        targets = list(told.of("write"))
        name = targets[0][1].name if targets else posixpath.basename(self.program.sources[told.file].path)
        read = self._step(place, name, Role.READ, ("sql", *extent(told.statement))) if reads else ""
        for relation, stored in told.of("read") if read else ():
            self._edge(self.artifact(stored, self._at(told.file, relation)), read, EdgeKind.READS,
                       self._at(told.file, relation), stored.confidence)  # fmt: skip
        self._columns(told.statement, told.stored, read, lambda start, end: (told.file, start, end))
        kept = ("sql", "keeps-data", "view") if told.statement.kind == "view" else ("sql", "keeps-data")
        write = self._step(place, name, Role.WRITE, kept, "#write") if writes and targets else ""
        if read and write:
            self._edge(read, write, EdgeKind.WRITES, self.program.span(place), slot="data")
        for use, kind in (("write", EdgeKind.WRITES), ("make", EdgeKind.DECLARES)):
            for relation, stored in told.of(use):
                at = self._at(told.file, relation)
                source = write if use == "write" else self.module(told.file)
                self._edge(source, self.artifact(stored, at), kind, at, stored.confidence)
        return read

    def query(self, step: Node, text: Text, statement: Statement, stored: Places) -> list[tuple[str, Span]]:
        """The columns that a query of code makes, behind the call that runs it; gives those that it computes, does not
        use itself, and that come out, where all that come out are known."""
        place = text.places[0] if text.places and text.places[0][0] >= 0 else None
        shift = 0
        if place is not None:
            shift = place[1] + (3 if any(isinstance(part, str) and "\n" in part for part in text.parts) else 1)

        def at(start: int, end: int) -> Place | None:
            return None if place is None else (place[0], min(shift + start, place[2]), min(shift + end, place[2]))

        ids = self._columns(statement, stored, step.id, at, step)
        made = zip(statement.columns, ids, strict=True) if statement.kind in _GIVES and not statement.open else ()
        within = {origin.made for one in statement.columns for origin in one.origins}
        return [
            (one.name, self.builder.node(id).at)
            for number, (one, id) in enumerate(made)
            if one.given and not (one.renames or one.asked or number in within)
        ]

    def artifact(self, stored: Stored, at: Span) -> str:
        """The node of an artifact."""
        id = f"artifact:{stored.key}"
        if id not in self.builder or stored.key in self._defined:
            store, _, path = stored.key.partition(":")
            kind = NodeKind.ARTIFACT if stored.key in self._written else NodeKind.SOURCE
            traits = frozenset({"defined"}) if stored.key in self._defined else frozenset()
            self.builder.add_node(
                Node(id, kind, stored.name, at, self._components.of(at.path), store=Store(store),
                     exact="{" not in path, traits=traits)
            )  # fmt: skip
        return id

    def artifact_id(self, key: str) -> str:
        """The id of the node of an artifact."""
        return f"artifact:{key}"

    def reads(self, key: str, reader: str, at: Span) -> None:
        """That a step or function takes an artifact, where both are there."""
        if f"artifact:{key}" in self.builder and reader in self.builder:
            self._edge(f"artifact:{key}", reader, EdgeKind.READS, at, Confidence.LIKELY)

    def module(self, file: int) -> str:
        """The node of a file."""
        path = self.program.sources[file].path
        at, component = Span(path, 1, 1, 1, 1, 0, 1), self._components.of(path)
        return self.builder.add_node(Node(f"module:{path}", NodeKind.MODULE, posixpath.basename(path), at, component))

    def seed(self, path: str, tables: tuple[str, ...]) -> None:
        """A file of rows that becomes a table."""
        at, component = Span(path, 1, 1, 1, 1, 0, 1), self._components.of(path)
        file = self.artifact(Stored(f"file:{path}", path, Confidence.CERTAIN), at)
        step = self.builder.add_node(
            Node(f"step:{path}", NodeKind.STEP, tables[0], at, component, Role.WRITE, traits=frozenset({"keeps-data"}))
        )
        self._edge(file, step, EdgeKind.READS, at, slot="data")
        for place, name in enumerate(tables):
            sure = Confidence.LIKELY if place else Confidence.CERTAIN
            self._edge(step, self.artifact(Stored(f"table:{name.lower()}", name, sure), at), EdgeKind.WRITES, at, sure)

    def declared(self, use: Use, stored: Stored) -> None:
        """What a definition says of a table: that it exists, or that somebody uses it."""
        at = self.program.span((use.file, use.start, use.end))
        artifact = self.artifact(stored, at)
        self._edge(self.module(use.file), artifact, EdgeKind.DECLARES, at)
        if use.user:
            user = Node(f"component:{at.path}:{use.user}", NodeKind.COMPONENT, use.user, at, use.user)
            self._edge(artifact, self.builder.add_node(user), EdgeKind.CONSUMES, at)

    def orders(self, first: int, then: int, place: Place) -> None:
        """That one file is run before another."""
        self._edge(self.module(first), self.module(then), EdgeKind.ORDERS, self.program.span(place))

    def _step(self, place: Place, name: str, role: Role, traits: tuple[str, ...], suffix: str = "") -> str:
        span, purpose = self.program.span(place), self.program.sources[place[0]].purpose
        traits = traits if purpose is Purpose.PRODUCTION else (*traits, purpose.value)
        component = self._components.of(span.path)
        return self.builder.add_node(
            Node(step_id(span) + suffix, NodeKind.STEP, name, span, component, role, traits=frozenset(traits))
        )

    def _columns(
        self, statement: Statement, stored: Places, step: str, at: _At, owner: Node | None = None
    ) -> list[str]:
        def span(one: MadeColumn | declarations.Twin) -> Span:
            place = at(one.start, one.end)
            return self.program.span(place) if place is not None else owner.at if owner is not None else Span("", 1)

        ids = [self._feature(column.name, span(column), owner) for column in statement.columns]
        self.formulas += formulas_of(statement, ids)
        for column, id in zip(statement.columns, ids, strict=True):
            for origin in column.origins:
                self._origin(origin, ids, stored, id)
        given = dict.fromkeys(one.made for _, origins in statement.gives for one in origins if one.made >= 0)
        for made in given if step else ():
            self._edge(ids[made], step, EdgeKind.DERIVES, self.builder.node(ids[made]).at, slot="data")
        if step:
            symbol = owner.symbol if owner is not None else ""
            self.idle += [
                IdleColumn(one.name, span(one), step, one.scope, "renamed" if one.renames else "unused", symbol=symbol)
                for one in statement.columns if one.idle
            ]  # fmt: skip
            self.twins += [
                Twins(tuple(Twin(one.name, span(one), one.unit, one.ranges) for one in some), step, symbol)
                for some in statement.alike
            ]  # fmt: skip
        return ids

    def _origin(self, origin: Origin, ids: list[str], stored: Places, target: str) -> None:
        at = self.builder.node(target).at
        if origin.made >= 0:
            self._edge(ids[origin.made], target, EdgeKind.DERIVES, at, slot="data")
            return
        for one in stored[origin.relation] if 0 <= origin.relation < len(stored) else ():
            source = self.artifact(one, at)
            self._edge(source, target, EdgeKind.DERIVES, at, one.confidence, "data", f"column:{origin.column}")

    def _feature(self, name: str, span: Span, owner: Node | None) -> str:
        path = f"{span.path}:{span.cell}" if span.cell else span.path
        stem = f"feature:{path}:{span.line}:{span.column}:{name}"
        traits = owner.traits & _NOT_OURS if owner is not None else frozenset()
        purpose = self.program.sources[self.program.number[span.path]].purpose
        traits |= frozenset() if purpose is Purpose.PRODUCTION else {purpose.value}
        return self.builder.add_node(
            Node(
                stem, NodeKind.FEATURE, name, span, self._components.of(span.path), Role.DERIVE,
                traits=traits | {"sql"}, symbol=owner.symbol if owner else "", function=owner.function if owner else "",
            )
        )  # fmt: skip

    def _at(self, file: int, relation: Relation) -> Span:
        return self.program.span((file, relation.start, relation.end))

    def _edge(
        self, source: str, target: str, kind: EdgeKind, at: Span, confidence: Confidence = Confidence.CERTAIN,
        slot: str = "", part: str = "",
    ) -> None:  # fmt: skip
        if source != target:
            self.builder.add_edge(Edge(source, target, kind, at, confidence, (), part, slot))


def step_id(span: Span) -> str:
    """The id of the step of a statement that stands here."""
    where = f"{span.path}:{span.cell}" if span.cell else span.path
    return f"step:{where}:{span.line}:{span.column}"
