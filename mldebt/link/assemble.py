"""Events to the graph: steps, artifacts, features, models, predictions, settings, functions."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from mldebt.contracts import Contract
from mldebt.graph import Edge, EdgeKind, Graph, GraphBuilder, Illegible, Node, NodeKind
from mldebt.graph.nodes import ASKED
from mldebt.graph.rows import ROWS_JOINED
from mldebt.link.accesses import Access, Accesses, command_of, commands_of
from mldebt.link.acting import ACTS, decided
from mldebt.link.aliases import Aliases
from mldebt.link.checking import CHECK, STOP, is_of_content
from mldebt.link.choosing import CHOOSE, is_choice
from mldebt.link.columns import chooses
from mldebt.link.commanded import add_runs
from mldebt.link.components import Components
from mldebt.link.copying import copied, put_into_images
from mldebt.link.declaring import Declared, add_steps
from mldebt.link.describe import describe, told
from mldebt.link.downloads import add_downloads
from mldebt.link.entries import entries, reached
from mldebt.link.formulas import home_of
from mldebt.link.function_nodes import FunctionNodes
from mldebt.link.handlers import Handlers
from mldebt.link.keeping import artifact_traits
from mldebt.link.kinds import instance_kind, kind_of
from mldebt.link.known_names import named_elsewhere
from mldebt.link.lineage import Lineage, Use
from mldebt.link.liveness import Fates
from mldebt.link.machine import Machine
from mldebt.link.own_transformers import traits_of
from mldebt.link.places import PER_RUN
from mldebt.link.portrait import Portraits, edge_kind, node_kind, role_of
from mldebt.link.row_marks import RowMarks
from mldebt.link.sent_requests import sent_requests
from mldebt.link.statements import Statements
from mldebt.link.task_graph import TaskGraph
from mldebt.link.terraform import Terraform
from mldebt.link.told_of_columns import told_of_columns
from mldebt.link.unnamed_rows import brings_rows, is_done
from mldebt.link.values import Event, Instance, Place, Setting
from mldebt.link.variable_nodes import VariableNodes
from mldebt.packages import Packages
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop, Trail

_SILENT = frozenset({Role.LOG, Role.INSPECT})
MOST_BEHIND = 60


class Assembler:
    """Builds the graph of one linking."""

    def __init__(
        self, machine: Machine, accesses: Accesses, declared: Declared, paths: Iterable[str],
        mentions: Mapping[str, frozenset[str]],
    ) -> None:  # fmt: skip
        self.machine, self.declared = machine, declared
        self.paths, self.mentions = tuple(paths), mentions
        self.accesses = accesses
        self._spelled = accesses.names()
        self._told = artifact_traits(
            accesses, self.paths, mentions, told(declared.pipelines), machine.catalogue.run_folders
        )
        self.builder = GraphBuilder()
        self.components = Components(self.paths)
        self.functions = FunctionNodes(machine, self.builder, self.components)
        self.terraform = Terraform(machine.program)
        self.handlers = Handlers(declared.pipelines, self.terraform, self.components)
        machine.handlers = self.handlers.units.union(sent_requests(machine))
        self.lineage = Lineage(machine)
        self._named = named_elsewhere(machine, accesses)
        self.fates = Fates(machine)
        self.portraits = Portraits(machine, self.fates, accesses.queries)
        self.sql = Statements(
            machine.program, machine.catalogue, accesses, self.components, self.paths, self.functions.id
        )
        self.ids: dict[Event, str] = {}
        self._ordinals: dict[tuple[Place, str], int] = {}
        self._loads: dict[Place, str] = {}
        self._settings: dict[Setting, str] = {}
        self._served = accesses.artifacts_by_place()
        self._sites = {access.event: access.site for access in reversed(accesses.found)}
        self._features: dict[tuple[Place, str], str] = {}
        self._marks = RowMarks(machine.program)

    def build(
        self,
        illegible: tuple[Illegible, ...] = (),
        installed: Packages | None = None,
        contracts: tuple[Contract, ...] = (),
    ) -> Graph:
        """The nodes of all events, then the edges between them, then what is to be said of the code."""
        for event in self.machine.happened():
            if self._is_node(event):
                self._step(event)
        for access in self.accesses.found:
            self._access(access)
        self._loads.update((event.place, id) for event, id in self.ids.items() if event.what == "call")
        for event in list(self.ids):
            self._uses(event)
        bounded = frozenset(self._decided())
        entered, asked = set(entries(self.machine)), reached(self.machine)
        for (unit, event), place in {**self.machine.returned, **self.machine.consumed}.items():
            if unit in (entered if _is_stored(event) else asked) and event in self.ids and self.functions.id(unit):
                self._edge(self.ids[event], self.functions.node(unit), EdgeKind.DERIVES, place, Confidence.CERTAIN)
        for (setting, unit), place in self.machine.setting_uses.items():
            if self.functions.id(unit) and setting not in self.machine.settings.called:
                ends = self._setting(setting), self.functions.node(unit)
                self._edge(*ends, EdgeKind.CONFIGURES, place, Confidence.CERTAIN)
        self.sql.add(self.builder, self.ids)
        aliases = Aliases(self.builder, self.machine.program, self.components, frozenset(self.paths))
        aliases.named(self.accesses, self.ids)
        self.functions.calls({unit for event in self.ids for unit, _ in self._frames(event)})
        VariableNodes(self.machine.program, self.terraform, self.builder, self.components, self._settings).add()
        self.functions.answers(self.handlers.routes())
        kept = (self.builder, self.components, self.ids, self.accesses, self.functions.node, self._module)
        TaskGraph(self.machine, self.declared.pipelines, *kept).add()
        add_runs(self.machine, self.declared, self.builder, self.ids, self._module)
        copies = copied(self.declared.pipelines, self.machine.catalogue.copiers)
        aliases.copied((*copies, *put_into_images(self.declared.pipelines)))
        add_downloads(self.declared.pipelines, self.machine.catalogue.downloaders, self.builder, self.components)
        add_steps(self.declared, self.builder, self.components, self._module, frozenset(self.paths))
        said = (self.components, self.paths, self.mentions, installed or Packages(), self.declared.pipelines)
        code, look = describe(self.fates, self.accesses, self.ids, *said)
        unread = (*code.unread, *self.sql.unread())
        code = told_of_columns(code, self.fates, self.accesses, self.sql, self.ids)
        code = replace(code, illegible=illegible, contracts=contracts, unread=unread, bounded=bounded)
        return self.builder.freeze(code, look=look)

    def _is_node(self, event: Event) -> bool:
        if event.what == "column":
            kind = "" if event.receiver is None else kind_of(self.machine, event.receiver)
            return kind.startswith("table") or event.sure
        if event.what == "decide":
            return self._is_scored(event)
        if event.what in (CHECK, STOP):
            asks = event.what == CHECK or any(is_of_content(self.machine, value) for _, value in event.arguments)
            return asks and any(is_done(use.source) for use in self.lineage.uses(event))
        if event.what == CHOOSE:
            sources = (use.source for use in self.lineage.uses(event))
            return is_choice(self.machine, event, tuple(one for one in sources if isinstance(one, Event)))
        if event.what == "select":
            return chooses(self.machine, event) and (event.sure or bool(self.lineage.uses(event)))
        return event.what == "call" and event.row is not None and event.row.role not in _SILENT and _matters(event)

    def _step(self, event: Event) -> str:
        """The node of an event; equal events at one place that differ in context have ordinals."""
        place, name = self._site(event), self.portraits.name(event)
        span = self.machine.program.span(place)
        kind = node_kind(event, self.machine)
        if kind is NodeKind.FEATURE and (event.place, name) in self._features:
            self.ids[event] = self._features[event.place, name]
            return self.ids[event]
        ordinal = self._ordinals.get((place, kind.value), 0) + 1
        self._ordinals[place, kind.value] = ordinal
        suffix = "" if ordinal == 1 else f"#{ordinal}"
        where = (
            f"{span.path}:{span.cell}:{span.line}:{span.column}"
            if span.cell
            else f"{span.path}:{span.line}:{span.column}"
        )
        id = f"{kind.value}:{where}{suffix}"
        while id in self.builder:  # other calls of a chain begin at the same column
            ordinal += 1000
            id = f"{kind.value}:{where}#{ordinal}"
        unit = home_of(self.machine.program, event) if kind is NodeKind.FEATURE else event.unit
        self.ids[event] = self.builder.add_node(
            Node(
                id=id,
                kind=kind,
                name=name,
                at=span,
                component=self.components.of(span.path),
                role=Role.WRITE if self.accesses.queries.only_writes(event) else role_of(event),
                store=None,
                traits=frozenset(self.portraits.traits(event)),
                symbol=self.machine.info(unit).id,
                function=self.functions.id(unit),
                callee=event.callee,
                chain=tuple(self.machine.program.span(place) for place in event.chain),
            )
        )
        if kind is NodeKind.FEATURE:
            self._features[event.place, name] = id
        if self.functions.id(unit):
            self.functions.node(unit)
        return id

    def _site(self, event: Event) -> Place:
        """Where an event is told: an access in a helper stands where the path is given to it."""
        return self._sites.get(event, event.place)

    def _is_scored(self, event: Event) -> bool:
        """Whether data that a decision is about come from a prediction, or from anything stored."""
        seen, todo = {event}, [event]
        while todo and len(seen) < MOST_BEHIND:
            for use in self.lineage.uses(todo.pop()):
                if not isinstance(use.source, Event) or use.source in seen or use.slot in ("label", "limit"):
                    continue
                if _is_scored(use.source):
                    return True
                seen.add(use.source)
                todo.append(use.source)
        return False

    def _access(self, access: Access) -> None:
        event = access.event
        if event not in self.ids:
            return
        artifact = self._artifact(access)
        confidence = Confidence.CERTAIN if access.location.certain and event.sure else Confidence.LIKELY
        if "{" in access.key.rpartition("/")[2]:
            confidence = Confidence.HINT
        kind = EdgeKind.WRITES if access.writes else EdgeKind.READS
        step = self.ids[event]
        frames = self._frames(event)
        given = command_of(self.machine, access)
        self._join(artifact, step, kind, access.writes, access.site, confidence, given)
        if access.site != event.place and self._served[event.place] == 1:
            self._join(artifact, step, kind, access.writes, event.place, confidence, given)
        for unit, place in frames if not access.writes else ():
            if self.functions.id(unit) and place in (event.place, access.site):
                self._join(artifact, self.functions.node(unit), kind, False, place, confidence, given)
        for place in self._said(access) if self.functions.id(event.unit) else ():
            self._join(artifact, self.functions.node(event.unit), kind, False, place, confidence, given)
        for setting in access.location.settings:
            self._edge(self._setting(setting), step, EdgeKind.CONFIGURES, event.place, confidence)

    def _said(self, access: Access) -> Iterator[Place]:
        """Where else a read is said: in the command that gives its path, in the text of the query."""
        if access.writes:
            return
        yield from commands_of(self.machine, access.location)
        if self.accesses.queries.is_query(access.event):
            unit_at = self.machine.program.unit_at
            yield from (at for at in access.location.places if at[0] >= 0 and unit_at(at) == access.event.unit)

    def _join(
        self, artifact: str, step: str, kind: EdgeKind, writes: bool, place: Place, sure: Confidence, given: Trail
    ) -> None:
        first, second = (step, artifact) if writes else (artifact, step)
        self.builder.add_edge(Edge(first, second, kind, self.machine.program.span(place), sure, given))

    def _frames(self, event: Event) -> list[tuple[int, Place]]:
        """The units through which an event got its arguments, with the place in each."""
        frames = [(event.unit, event.place)]
        frames += [(self.machine.program.unit_at(place), place) for place in event.chain]
        return frames

    def _artifact(self, access: Access) -> str:
        store, _, path = access.key.partition(":")
        id = f"artifact:{access.key}"
        if id not in self.builder:
            written = access.key in self.sql.written or access.key in self.declared.given
            span = self._artifact_span(access)
            self.builder.add_node(
                Node(
                    id=id,
                    kind=NodeKind.ARTIFACT if written else NodeKind.SOURCE,
                    name=self._spelled[access.key],
                    at=span,
                    component=self.components.of(span.path),
                    store=Store(store),
                    exact="{" not in path,
                    traits=self._told.get(access.key, frozenset()) | self._named.get(access.key, frozenset()),
                )
            )
        return id

    def _artifact_span(self, access: Access) -> Span:
        """Where the last part of its name stands: the first ones are folders that many share."""
        said = access.location.given or access.location.places
        places = [place for place in said if place[0] >= 0]
        return self.machine.program.span(places[-1] if places else access.event.place)

    def _uses(self, event: Event) -> None:
        target = self.ids[event]
        for use in self.lineage.uses(event):
            source = self._source(use)
            if source is None or source == target:
                continue
            kind = edge_kind(event, use)
            place = self._site(use.source) if isinstance(use.source, Event) else event.place
            self._edge(source, target, kind, place, self._sureness(use), use)
            read = self._loads.get(use.source.loaded) if isinstance(use.source, Setting) else None
            if read not in (None, target) and isinstance(use.source, Setting) and self._is_made(use.source):
                self._edge(str(read), target, kind, place, self._sureness(use), use)

    def _decided(self) -> Iterator[str]:
        """What decides whether something is done outside goes into it as well. The ids of what is kept in bounds."""
        acting = [event for event in self.ids if event.row is not None and ACTS in event.row.traits]
        at: dict[Place, list[str]] = defaultdict(list)
        for event in self.ids if acting else ():
            at[event.place].append(self.ids[event])
        for event in acting:
            found = decided(self.machine, event, frozenset(at))
            if found.bounded:
                yield self.ids[event]
            for place in found.places:
                for source in at.get(place, ()):
                    span = self.machine.program.span(place)
                    self.builder.add_edge(Edge(source, self.ids[event], EdgeKind.DERIVES, span, slot=ASKED))

    def _source(self, use: Use) -> str | None:
        if isinstance(use.source, Setting):
            return self._setting(use.source)
        if isinstance(use.source, Instance):
            return self._made(use.source)
        if brings_rows(use) and use.source not in self.ids:
            return self._step(use.source)
        return self.ids.get(use.source)

    def _made(self, made: Instance) -> str | None:
        """A model or transformer of a class of the repository, where it is constructed."""
        stem = instance_kind(self.machine, made.unit).partition(".")[0]
        if stem not in ("model", "transformer") or made.place[0] < 0:
            return None
        span, unit = self.machine.program.span(made.place), self.machine.program.unit_at(made.place)
        return self.builder.add_node(
            Node(
                id=f"step:{span.path}:{span.cell}:{span.line}:{span.column}#made",
                kind=NodeKind.STEP,
                name=self.machine.info(made.unit).id,
                at=span,
                component=self.components.of(span.path),
                role=Role.CONSTRUCT,
                symbol=self.machine.info(unit).id,
                function=self.functions.id(unit),
                traits=traits_of(self.machine, made.unit, unit),
            )
        )

    def _sureness(self, use: Use) -> Confidence:
        sure = not isinstance(use.source, Event) or use.source.sure
        return Confidence.CERTAIN if sure else Confidence.LIKELY

    def _is_made(self, setting: Setting) -> bool:
        """Whether code here writes the file in which a key stands: that is data too, and comes from its read."""
        files = {entry.at[0] for entry in self.machine.settings.chosen(setting)} if setting.how == "config" else ()
        return not self.machine.settings.made.isdisjoint(files)

    def _setting(self, setting: Setting) -> str:
        known = self._settings.get(setting)
        if known is not None:
            return known
        place = next((entry.at for entry in self.machine.settings.chosen(setting)), setting.place)
        span = self.machine.program.span(place) if place[0] >= 0 else Span("", 1)
        self._settings[setting] = self.builder.add_node(
            Node(
                id=f"setting:{setting.how}:{setting.name}:{span.path}:{span.line}",
                kind=NodeKind.SETTING,
                name=setting.name or setting.how,
                at=span,
                component=self.components.of(span.path),
                traits=frozenset({setting.how}),
            )
        )
        return self._settings[setting]

    def _module(self, file: int) -> str:
        path = self.machine.program.sources[file].path
        at = Span(path, 1, 1, 1, 1, 1 if self.machine.program.facts[file].cells else 0, 1)
        name, component = posixpath.basename(path), self.components.of(path)
        return self.builder.add_node(Node(f"module:{path}", NodeKind.MODULE, name, at, component=component))

    def _edge(
        self, source: str, target: str, kind: EdgeKind, place: Place, confidence: Confidence, use: Use | None = None
    ) -> None:
        span = self.machine.program.span(place)
        part = "" if use is None or use.part == -1 else str(use.part)
        if use is not None and (name := self.machine.pool.column_name(use.part)) is not None:
            part = f"column:{name}"
        slot = "" if use is None else use.slot
        trail = () if use is None else tuple(map(self._marks.stop, use.picks[: MAX_STOPS - 1]))
        if use is not None and use.joined:
            trail += (Stop(span, ROWS_JOINED),)
        column = "" if use is None else use.column
        self.builder.add_edge(Edge(source, target, kind, span, confidence, trail, part, slot, column))


def _matters(event: Event) -> bool:
    """The clock, identifiers and namespaces are followed into names, and are no steps of their own."""
    row = event.row
    is_name = row is not None and row.task is not None and row.task.space is not None
    return row is not None and not is_name and not (row.role is None and PER_RUN in row.traits)


def _is_stored(event: Event) -> bool:
    return event.row is None or event.row.role is not Role.PREDICT


def _is_scored(event: Event) -> bool:
    return event.row is not None and event.row.role in (Role.PREDICT, Role.READ, Role.LOAD)
