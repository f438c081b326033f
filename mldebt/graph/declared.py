"""Read-only questions about declared steps: what they say they take and give, and what the code they run does."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import function_around
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, STORES, is_ours
from mldebt.roles import Store
from mldebt.source import Span, folders_above

GIVEN = "command: "
"""Begins the label of the stop, on an access, that is the command which gives its path."""

OPAQUE = "opaque"
"""The trait of a declared step whose commands do more than to run code of the repository."""

STOPS = "stops"
"""The trait of a declared step in whose commands a number is compared and the job ended."""

MISSING = "missing"
"""The trait of a parameter that a step declares and its settings file does not hold."""

EXISTS = "exists"
"""The trait of an artifact that is a file or folder of the repository."""

MAY_EXIST = "may-exist"
"""The trait of an artifact in a folder that a run is told, where one file of the repository has its name."""

UNREAD = "named-unread"
"""The trait of an artifact that a pipeline, container or shell file names which is not read for what it runs."""

LOGGING = "logging"
"""The trait of a step that sets up logging."""

FORM = "form:"
"""Begins the trait of a declared step that tells what kind of definition it stands in."""

_ENTERED = frozenset({"command", "flow", "task"})
_HERE = "artifact:file:"
_ELSEWHERE = ("absolute:", "home:", "temporary:", "setting:", "..", "{")


@dataclass(frozen=True, slots=True)
class DeclaredStep:
    """A step of a definition. `takes` and `gives` are paths with the places that name them, `runs` the files that its
    commands run, with the edges that say so."""

    node: Node
    form: str
    takes: dict[str, Edge]
    gives: dict[str, Edge]
    runs: dict[str, Edge]

    def covers(self, path: str, *, given: bool) -> bool:
        """Whether a path, or a folder that holds it, is declared as taken or as given."""
        return not (self.gives if given else self.takes).keys().isdisjoint((path, *folders_above(path)))

    def holds(self, path: str, *, given: bool) -> bool:
        """Whether something that lies in this folder is declared."""
        return any(one.startswith(f"{path}/") for one in (self.gives if given else self.takes))


@dataclass(frozen=True, slots=True)
class Done:
    """One access of the code that a step runs, to a path of the repository that is exactly known."""

    path: str
    artifact: Node
    edge: Edge
    step: Node
    writes: bool


def steps_of_files(graph: Graph) -> tuple[DeclaredStep, ...]:
    """All steps that definitions other than code declare, in order of their ids."""
    nodes = (node for node in graph.nodes(NodeKind.STEP) if "declared" in node.traits)
    return tuple(one for node in nodes if (one := _declared(graph, node)) is not None)


def place_in_repository(id: str) -> str:
    """The path of an artifact or module from the top of the repository; empty for what lies elsewhere."""
    if id.startswith("module:"):
        return id.removeprefix("module:")
    path = id.removeprefix(_HERE)
    return "" if path == id or path.startswith(_ELSEWHERE) else path


class Doing:
    """What the files of a repository do when they are run."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        doing = [node for node in graph.nodes() if node.role in BRINGS_IN or node.role in STORES]
        self._doing = [node for node in doing if not _says_how_to_log(graph, node)]
        self._entered: dict[str, list[str]] = defaultdict(list)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._members: dict[str, set[str]] = defaultdict(set)
        for one in graph.code.definitions:
            if not _ENTERED.isdisjoint(one.made):
                self._entered[one.path].append(one.id)
            of_class = one.kind == "method" and one.name.endswith("__")  # `super().__init__()` names all of them
            for user in one.used_by if one.kind != "module" and not of_class else ():
                self._names[user].add(one.id)
            if one.kind == "method":
                self._members[f"class:{one.path}:{one.name.rpartition('.')[0]}"].add(one.id)
        self._reached = lru_cache(maxsize=None)(self._reach)
        self._holder = lru_cache(maxsize=None)(self._hold)
        self._imports: dict[str, set[str]] = defaultdict(set)
        for use in graph.code.local_imports:
            self._imports[self._hold(use.at)].add(f"module:{use.path}")

    def _hold(self, at: Span) -> str:
        """The definition in which a place stands: a function, or the top of a file."""
        around = function_around(self._graph, at)
        return around.id if around is not None else f"module:{at.path}"

    def behind(self, file: str) -> frozenset[str]:
        """A file and all whose code may run with it: what is imported, through others too, at the top of a file or
        in a function that is reached."""
        return frozenset(_file_of(id) for id in self._reached(file))

    def _reach(self, file: str) -> frozenset[str]:
        """The definitions whose code may run when a file is run: its top, its commands, what they name and import."""
        found = {f"module:{file}", *self._entered.get(file, ())}
        while fresh := {one for id in found for one in self._next(id, file) if _is_of_them(one, found)} - found:
            found |= fresh
        return frozenset(found)

    def _next(self, id: str, file: str) -> frozenset[str]:
        """What runs because a definition does. The top of another file only defines: what it starts under a guard stays
        out, and whom it imports is not yet called."""
        named = self._names.get(id, set()) | self._members.get(id, set())
        if id.startswith("module:") and _file_of(id) != file:
            named = set()
        return frozenset(named | self._imports.get(id, set()))

    def accesses(self, step: DeclaredStep) -> Iterator[Done]:
        """The accesses of a step to files of the repository. What its command gives it goes before defaults."""
        for file in step.runs:
            for node in self._of_file(file):
                yield from self._of(node, step)

    def _of_file(self, file: str) -> Iterator[Node]:
        """The reads and writes that happen when a file is run."""
        reached = {id for id in self._reached(file) if not id.startswith("module:")} | {f"module:{file}"}
        for node in self._doing:
            if is_ours(node) and self._holder(node.chain[-1] if node.chain else node.at) in reached:
                yield node

    def _of(self, node: Node, step: DeclaredStep) -> Iterator[Done]:
        edges = self._edges(node)
        given = {edge: next((stop.at for stop in edge.trail if stop.label.startswith(GIVEN)), None) for edge in edges}
        own = [edge for edge, at in given.items() if at is not None and _within(at, step)]
        plain = [edge for edge, at in given.items() if at is None]
        for edge in own or plain:
            writes = edge.kind is EdgeKind.WRITES
            artifact = self._graph.node(edge.target if writes else edge.source)
            path = place_in_repository(artifact.id)
            if path and artifact.exact and artifact.store is Store.FILE:
                yield Done(path, artifact, edge, node, writes)

    def _edges(self, node: Node) -> list[Edge]:
        graph, kept = self._graph, (NodeKind.SOURCE, NodeKind.ARTIFACT)
        read = [edge for edge in graph.in_edges(node.id, EdgeKind.READS) if graph.node(edge.source).kind in kept]
        written = graph.out_edges(node.id, EdgeKind.WRITES)
        return read + [edge for edge in written if graph.node(edge.target).kind in kept]


def _says_how_to_log(graph: Graph, node: Node) -> bool:
    """Whether a read serves the set-up of logging alone: no result of a step depends on it."""
    users = list(graph.successors(node.id))
    return LOGGING in node.traits or (bool(users) and all(LOGGING in user.traits for user in users))


def _file_of(id: str) -> str:
    """The file in which a definition stands, by its id."""
    return id.split(":")[1] if ":" in id else ""


def _is_of_them(id: str, found: set[str]) -> bool:
    """Whether a definition is of one of the files that were found: a name alone may mean another one."""
    return id.startswith("module:") or f"module:{_file_of(id)}" in found


def _within(at: Span, step: DeclaredStep) -> bool:
    """Whether a place is that of one of the step's commands."""
    return any(edge.at == at for edge in step.runs.values())


def _declared(graph: Graph, node: Node) -> DeclaredStep | None:
    form = next(iter(node.traits_of(FORM)), "")
    if not form:
        return None
    takes = {place_in_repository(e.source): e for e in graph.in_edges(node.id, EdgeKind.DECLARES) if e.slot == "in"}
    gives = {place_in_repository(e.target): e for e in graph.out_edges(node.id, EdgeKind.DECLARES) if e.slot == "out"}
    runs = {e.target.removeprefix("module:"): e for e in graph.out_edges(node.id, EdgeKind.CALLS)}
    return DeclaredStep(node, form, takes, gives, runs)


class Agreements:
    """What definitions say of artifacts on both sides: who gives them and who takes them."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._running: dict[str, set[str]] = defaultdict(set)
        for step in steps_of_files(graph):
            for file in step.runs:
                self._running[file].add(step.node.id)
        self._after = lru_cache(maxsize=None)(self._later)

    def holds(self, artifact: Node, writer: str, reader: str) -> bool:
        """Whether a definition names the artifact, or a folder around it, as given by one step and as taken by another,
        or has it or its own folder in two containers, or puts the step that runs one file before the step that runs
        the other. Whoever mounts all data of a repository names none of them."""
        path = place_in_repository(artifact.id)
        names = [f"{_HERE}{one}" for one in (path, *folders_above(path))] if path else []
        near = {artifact.id, f"{_HERE}{posixpath.dirname(path)}"}
        for name in (artifact.id, *(name for name in names if name in self._graph)):
            taken = [edge for edge in self._graph.out_edges(name, EdgeKind.DECLARES) if edge.slot == "in"]
            given = self._graph.in_edges(name, EdgeKind.DECLARES)
            mounts = self._graph.out_edges(name, EdgeKind.DECLARES) if name in near else ()
            shared = [edge for edge in mounts if edge.slot == "mount"]
            if (taken and given) or len({edge.target for edge in shared}) > 1:
                return True
        return any(self._running[reader] & self._after(id) for id in sorted(self._running[writer]))

    def _later(self, id: str) -> frozenset[str]:
        """The steps that come after one, in definitions that order work; services that wait for each other do not."""
        if f"{FORM}services" in self._graph.node(id).traits:
            return frozenset()
        return frozenset(node.id for node in self._graph.downstream(id, EdgeKind.ORDERS))
