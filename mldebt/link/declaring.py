"""The steps that pipelines declare, as nodes with what they take, give, run and come after."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from mldebt.declarations import Given, Mount, Port, Task
from mldebt.graph import Edge, EdgeKind, GraphBuilder, Node, NodeKind
from mldebt.graph.declared import EXISTS, FORM, MISSING, OPAQUE, STOPS
from mldebt.link.accesses import nameless
from mldebt.link.components import Components
from mldebt.link.places import anchored
from mldebt.link.running import Pipelines, Run
from mldebt.link.tasks import Step, place_of, steps
from mldebt.link.values import Place
from mldebt.roles import Confidence, Store
from mldebt.source import Span

DECLARED = "declared"
_COMPARES = re.compile(r"[<>]=|[<>]\s*[\d$]|-(?:lt|le|gt|ge)\b")
_ENDS = re.compile(r"\bassert\b|\braise\b|\bexit(?:\s+[^0;\s]|\()")
_TELLS_VALUES = frozenset({"stages", "lock", "entries", "rules", "resources"})


class Declared:
    """All steps that definitions declare, those of them that name artifacts or run files of the repository (`steps`),
    and the artifacts they give."""

    def __init__(self, pipelines: Pipelines) -> None:
        self.pipelines = pipelines
        self._program = pipelines.program
        self.all = steps(pipelines)
        self.steps = tuple(step for step in self.all if self._is_ours(step))
        making = [step for step in self.steps if step.task.commands]
        self.given = frozenset(self.key(one, port) for one in making for port in one.task.ports if port.slot == "out")

    def runs(self, step: Step) -> tuple[Run, ...]:
        """The files that a step runs."""
        return self.pipelines.runs(step.definition, step.task)

    def _is_ours(self, step: Step) -> bool:
        """Whether a step has to do with the files of the repository: it names them, is built of them, or runs them."""
        task = step.task
        return bool(task.ports or task.mounts or task.build or self.runs(step))

    def key(self, step: Step, port: Port) -> str:
        """The name under which equal artifacts are one."""
        store, anchor, path = anchored(port.path, Store.FILE)
        if store is not Store.FILE:
            return f"{store.value}:{nameless(path)}"
        if anchor != "relative":
            return f"file:{anchor}:{nameless(path)}"
        return f"file:{nameless(place_of(step.definition, step.task, port.path))}"

    def paths(self) -> Iterator[str]:
        """The files and folders of the repository that steps are declared to take or to give."""
        for step in self.steps:
            for port in step.task.ports:
                key = self.key(step, port)
                if key.startswith("file:") and "{" not in key:
                    yield key.removeprefix("file:")


def add_steps(
    declared: Declared,
    builder: GraphBuilder,
    components: Components,
    module: Callable[[int], str],
    existing: frozenset[str],
) -> None:
    """Adds the declared steps to a graph that has its artifacts; `module` gives the node of a file, `existing` are the
    files of the repository."""
    ids = _Steps(declared, builder, components, module, existing)
    for step in declared.steps:
        ids.add(step)
    for step in declared.steps:
        ids.join(step)


class _Steps:
    """The nodes of the steps of one graph."""

    def __init__(
        self,
        declared: Declared,
        builder: GraphBuilder,
        components: Components,
        module: Callable[[int], str],
        existing: frozenset[str],
    ) -> None:
        self._declared, self._builder, self._components, self._module = declared, builder, components, module
        self._existing = existing
        self._program = declared.pipelines.program
        self._ids: dict[tuple[int, str], str] = {}

    def add(self, step: Step) -> None:
        """The node of a step."""
        path, task = self._path(step), step.task
        name = task.name or posixpath.basename(path)
        self._ids[step.definition.file, task.name] = self._builder.add_node(
            Node(
                id=f"step:{path}:{name}",
                kind=NodeKind.STEP,
                name=name,
                at=self._span((step.definition.file, task.start, task.start)),
                component=self._components.of(path),
                traits=frozenset({DECLARED, f"{FORM}{step.definition.form}", *self._opaque(step), *_stops(task)}),
            )
        )

    def _opaque(self, step: Step) -> tuple[str, ...]:
        return (OPAQUE,) if self._declared.pipelines.is_opaque(step.definition, step.task) else ()

    def join(self, step: Step) -> None:
        """The edges of a step."""
        id = self._ids[step.definition.file, step.task.name]
        for port in step.task.ports:
            self._port(step, id, port)
        for mount in step.task.mounts if step.definition.form == "services" else ():
            for path in filter(None, self._declared.pipelines.sources(step.definition, mount)):
                artifact = self._named(step, f"file:{path}", mount)
                self._edge(artifact, id, EdgeKind.DECLARES, self._at(step, mount), "mount")
        for run in self._declared.runs(step):
            self._edge(id, self._module(run.file), EdgeKind.CALLS, run.at)
        for definition, task in step.needs:
            before = self._ids.get((definition.file, task.name))
            if before is not None and before != id:
                place = (step.definition.file, step.task.start, step.task.start)
                self._edge(before, id, EdgeKind.ORDERS, place)
        for given in step.task.given if step.definition.form in _TELLS_VALUES else ():
            self._setting(step, id, given)

    def _port(self, step: Step, id: str, port: Port) -> None:
        artifact = self._named(step, self._declared.key(step, port), port)
        ends = (artifact, id) if port.slot == "in" else (id, artifact)
        self._edge(*ends, EdgeKind.DECLARES, self._at(step, port), port.slot)

    def _named(self, step: Step, key: str, named: Port | Mount) -> str:
        """What a step names: a file of code is its module, all else an artifact."""
        file = self._program.number.get(key.removeprefix("file:"))
        if file is not None and self._program.facts[file].units:
            return self._module(file)
        id = f"artifact:{key}"
        if id not in self._builder:
            store, _, path = key.partition(":")
            at = self._span(self._at(step, named))
            made = key in self._declared.given
            kind = NodeKind.ARTIFACT if made else NodeKind.SOURCE
            component = self._components.of(at.path)
            traits = frozenset({EXISTS}) if path in self._existing else frozenset()
            self._builder.add_node(Node(id, kind, path, at, component, None, Store(store), "{" not in path, traits))
        return id

    def _setting(self, step: Step, id: str, given: Given) -> None:
        """A parameter of a step, at its key in a settings file if it stands there."""
        place = self._key(step, given) or self._at(step, given)
        span = self._span(place)
        setting = self._builder.add_node(
            Node(
                id=f"setting:declared:{given.name or given.file}:{span.path}:{span.line}",
                kind=NodeKind.SETTING,
                name=given.name or given.file,
                at=span,
                component=self._components.of(span.path),
                traits=frozenset({DECLARED, *self._missing(step, given, place)}),
            )
        )
        self._edge(setting, id, EdgeKind.CONFIGURES, self._at(step, given))

    def _missing(self, step: Step, given: Given, place: Place) -> tuple[str, ...]:
        """Whether a settings file that was read does not hold the key."""
        file = self._settings_file(step, given)
        known = file is not None and self._program.facts[file].settings and not self._program.facts[file].troubles
        return (MISSING,) if known and given.name and place[0] != file else ()

    def _settings_file(self, step: Step, given: Given) -> int | None:
        return self._program.number.get(place_of(step.definition, step.task, given.file)) if given.file else None

    def _key(self, step: Step, given: Given) -> Place | None:
        file = self._settings_file(step, given)
        if file is None:
            return None
        key = tuple(given.name.split("."))
        found = (one for one in self._program.facts[file].settings if one.key == key)
        return next(((file, one.start, one.end) for one in found), None)

    def _edge(self, source: str, target: str, kind: EdgeKind, place: Place, slot: str = "") -> None:
        self._builder.add_edge(Edge(source, target, kind, self._span(place), Confidence.CERTAIN, slot=slot))

    def _at(self, step: Step, said: Port | Mount | Given) -> Place:
        return step.definition.file, said.start, said.end

    def _path(self, step: Step) -> str:
        return self._program.sources[step.definition.file].path

    def _span(self, place: Place) -> Span:
        return self._program.span(place)


def _stops(task: Task) -> tuple[str, ...]:
    """Whether a command compares a number and ends what runs it, as one that asks for a score does."""
    asked = any(_COMPARES.search(one.text) and _ENDS.search(one.text) for one in task.commands)
    return (STOPS,) if asked else ()
