"""Production code depends on what was written to try something out."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.findings import Hit
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.callers import Callers
from mldebt.graph.handovers import entry_file
from mldebt.graph.prototypes import NOTEBOOK, TEST, prototypes, serving_files
from mldebt.graph.questions import BRINGS_IN, STORES, is_ours
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Purpose, Span
from mldebt.trail import MAX_STOPS, Stop

_KEPT = frozenset({Store.FILE, Store.OBJECT, Store.MODEL})
_IMPORTED, _RUN = "imported", "run"


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each import of a prototype, each notebook that runs as a step, and each service and prototype that
    alone writes what it loads."""
    kinds = prototypes(graph)
    yield from _imports(graph, kinds)
    yield from _runs(graph)
    yield from _services(graph, kinds)


def _imports(graph: Graph, kinds: Mapping[str, str]) -> Iterator[Hit]:
    """Imports from tests, notebooks and trials in files that are none; who imports nothing but tests, and several of
    them or does nothing else, runs them."""
    ours = {one.path for one in graph.code.definitions if one.kind == "module" and one.purpose is Purpose.PRODUCTION}
    working = {one.path for one in graph.code.definitions if one.kind != "module"}
    working |= {node.at.path for node in graph.nodes() if node.role is not None}
    wanted: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for use in graph.code.local_imports:
        wanted[use.at.path].append((use.at, use.path))
    for importer, imports in sorted(wanted.items()):
        tried = [(at, path) for at, path in imports if path in kinds]
        only_tests = {kinds[path] for _, path in tried} == {TEST} and len(tried) == len(imports)
        runs_tests = only_tests and (len(tried) > 1 or importer not in working)
        if importer in kinds or importer not in ours or runs_tests:
            continue
        for path in sorted({path for _, path in tried}):
            yield _import(graph, importer, path, [at for at, one in tried if one == path], kinds[path])


def _import(graph: Graph, importer: str, path: str, places: list[Span], what: str) -> Hit:
    at = places[0]
    above = [Stop(use.at, f"import: {importer}") for use in graph.code.local_imports if use.path == importer]
    return Hit(
        at=at,
        details={"consumer": posixpath.basename(importer), "path": path, "what": what, "artifact": path},
        keys=(importer, path),
        # A stage of a pipeline may be called test, too.
        confidence=Confidence.HINT if what == TEST else Confidence.LIKELY,
        trail=(Stop(at, f"import: {path}"), *above)[:MAX_STOPS],
        related=tuple(Stop(place, f"import: {path}") for place in places[1:]),
        variant=_IMPORTED,
    )


def _runs(graph: Graph) -> Iterator[Hit]:
    """Notebooks that a command or a call runs: hints, as such a step is declared and has parameters."""
    calls = (edge for edge in graph.edges(EdgeKind.READS) if graph.node(edge.target).role is Role.RUN)
    ours = [edge for edge in calls if is_ours(graph.node(edge.target)) and not edge.at.cell]
    commands = ((use.at, use.path) for use in graph.code.notebook_runs)
    runs = [*commands, *((edge.at, graph.node(edge.source).name) for edge in ours)]
    for path in sorted({path for _, path in runs}):
        places = sorted(at for at, one in runs if one == path)
        yield Hit(
            at=places[0],
            details={
                "consumer": posixpath.basename(places[0].path), "path": path, "what": NOTEBOOK, "artifact": path,
            },
            keys=("run", path),
            confidence=Confidence.HINT,
            trail=tuple(Stop(at, f"run: {path}") for at in places)[:MAX_STOPS],
            related=tuple(Stop(at, f"run: {path}") for at in places[1:]),
            variant=_RUN,
        )  # fmt: skip


def _services(graph: Graph, kinds: Mapping[str, str]) -> Iterator[Hit]:
    """What a service loads and only prototypes write; what a prototype loads by code of others is its own affair."""
    serving, callers = serving_files(graph), Callers(graph)
    groups: dict[tuple[str, str], list[tuple[Node, Edge, Edge]]] = defaultdict(list)
    for artifact in graph.nodes(NodeKind.ARTIFACT) if serving else ():
        stored = [edge for edge in graph.in_edges(artifact.id, EdgeKind.WRITES) if _stores(graph.node(edge.source))]
        writes = [edge for edge in stored if kinds.get(edge.at.path) != TEST]  # tests write to places of their own
        if artifact.store not in _KEPT or not writes or any(edge.at.path not in kinds for edge in writes):
            continue
        for read in graph.out_edges(artifact.id, EdgeKind.READS):
            step = graph.node(read.target)
            files = callers.files_above(step) & serving
            if step.role in BRINGS_IN and is_ours(step) and entry_file(step) not in kinds and files:
                groups[read.at.path, writes[0].at.path].append((artifact, read, writes[0]))
    for (_, maker), found in sorted(groups.items()):
        yield _service(graph, kinds[maker], found)


def _stores(step: Node) -> bool:
    return step.role in STORES or step.role is Role.COPY


def _service(graph: Graph, what: str, found: list[tuple[Node, Edge, Edge]]) -> Hit:
    artifact, read, write = min(found, key=lambda one: (one[1].at, one[0].id))
    others = len({one.id for one, _, _ in found}) - 1
    ends = ((Stop(out.at, f"write: {one.name}"), Stop(into.at, f"read: {one.name}")) for one, into, out in found)
    trail = tuple(dict.fromkeys(stop for pair in ends for stop in pair))
    return Hit(
        at=read.at,
        details={
            "consumer": posixpath.basename(read.at.path), "path": write.at.path, "what": what,
            "artifact": artifact.name + (f" and {others} more" if others else ""),
        },
        keys=tuple(sorted({one.id for one, _, _ in found})),
        confidence=weakest(Confidence.LIKELY, read.confidence, write.confidence),
        symbol=graph.node(read.target).symbol,
        trail=trail[:MAX_STOPS],
        related=tuple(stop for stop in trail if stop.at != read.at),
    )  # fmt: skip
