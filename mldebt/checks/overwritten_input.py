"""A step writes over the data it reads."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import FLOW, Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.handovers import function_around
from mldebt.graph.questions import BRINGS_IN, LEARNS, is_ours
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_KEPT = frozenset({Store.FILE, Store.OBJECT, Store.TABLE})
_PASSING = "artifact:file:temporary:"
_EXCUSED = frozenset({"per-run", "versioned"})
_FORMS = frozenset({"form:table", "form:array", "form:column"})
_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_ADDS = "rows"
_ASKED = frozenset({"option", "env"})
_ARMS = ("then:", "else:", "try:")
_FURTHEST = 200


@dataclass(frozen=True, slots=True)
class _Round:
    """A read and a write of one artifact, and the steps between them, the write first."""

    artifact: Node
    read: Edge
    write: Edge
    between: tuple[Node, ...]


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each write of something that is made of what lay there before."""
    groups: dict[Span, list[_Round]] = defaultdict(list)
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        if artifact.store not in _KEPT or artifact.id.startswith(_PASSING) or artifact.traits & _EXCUSED:
            continue
        if artifact.exact and not _is_backed_up(graph, artifact):
            for edge in _writes(graph, artifact):
                rounds = (one for one in _rounds(graph, artifact, edge) if not _may_be_others(graph, one))
                groups[_place(graph, edge)] += rounds
    for at, found in sorted(groups.items()):
        if found:
            yield _hit(graph, at, found)


def _place(graph: Graph, write: Edge) -> Span:
    """Where it is written: the call of a helper that is told what and where."""
    chain = graph.node(write.source).chain
    return chain[0] if chain else write.at


def _writes(graph: Graph, artifact: Node) -> Iterator[Edge]:
    """Writes of tables and arrays: what counts, registers and configures is meant to be brought up to date."""
    for edge in graph.in_edges(artifact.id, EdgeKind.WRITES):
        step = graph.node(edge.source)
        if step.role is Role.WRITE and is_ours(step) and step.traits & _FORMS and "appends" not in step.traits:
            yield edge


def _is_backed_up(graph: Graph, artifact: Node) -> bool:
    """Whether it is copied elsewhere before."""
    return any(step.role is Role.COPY for step in graph.successors(artifact.id, EdgeKind.READS))


def _rounds(graph: Graph, artifact: Node, write: Edge) -> Iterator[_Round]:
    """The ways back from a write to a read of the same artifact, through one program and no other artifact."""
    came: dict[str, tuple[Node, ...]] = {write.source: (graph.node(write.source),)}
    todo = [write.source]
    while todo and len(came) < _FURTHEST:
        step = todo.pop(0)
        for edge in graph.in_edges(step):
            source = graph.node(edge.source)
            reads = edge.kind is EdgeKind.READS and source.id == artifact.id and graph.node(step).role in BRINGS_IN
            kept = reads and not _is_made_anew(graph, artifact, graph.node(step), write.source)
            if kept and _arms(graph.node(step)) <= _arms(graph.node(write.source)):
                yield _Round(artifact, edge, write, came[step])
            elif source.kind not in _PLACES and source.id not in came and _carries(graph.node(step), source, edge):
                came[source.id] = (*came[step], source)
                todo.append(source.id)


def _is_made_anew(graph: Graph, artifact: Node, read: Node, write: str) -> bool:
    """Whether the function that reads has just written it: then it is no input, and a second run begins anew."""
    return any(
        step.id != write and _stands_before(graph, step, read) and _arms(step) <= _arms(read)
        for step in graph.predecessors(artifact.id, EdgeKind.WRITES)
    )


def _stands_before(graph: Graph, step: Node, other: Node) -> bool:
    """Whether a step happens above another one, itself or in what is called, in one run of the function of that."""
    places = (step.at, *step.chain)
    depth = len(places) - len(other.chain) - 1
    if depth < 0 or places[depth + 1 :] != other.chain:
        return False
    at = places[depth]
    around = function_around(graph, at)
    if other.at in other.chain:  # told where it is asked for: its own line is not known, but its function is
        return around is not None and around.id == other.function
    near = (at.path, at.cell) == (other.at.path, other.at.cell) and at.line < other.at.line
    return near and around == function_around(graph, other.at)


def _arms(step: Node) -> set[str]:
    """Where it stands in branches: what is read only sometimes, as it may not be there, is a cache or is added to."""
    return {trait for trait in step.traits if trait.startswith(_ARMS)}


def _carries(step: Node, source: Node, edge: Edge) -> bool:
    """Whether rows go on: not into a model or a score, nor where new rows are put under them."""
    if step.role in LEARNS or step.role is Role.EVALUATE or source.role in LEARNS:
        return False
    return _ADDS not in step.traits and edge.slot in ("data", "receiver", "label", "")


def _is_asked(graph: Graph, step: Node) -> bool:
    """Whether whoever runs it can name another place."""
    settings = [graph.node(e.source) for e in graph.in_edges(step.id, EdgeKind.CONFIGURES) if e.slot == ""]
    return any(setting.traits & _ASKED for setting in settings)


def _may_be_others(graph: Graph, one: _Round) -> bool:
    """Whether the way leads through a column of a helper: of all who call it, there is one such column."""
    ends = {graph.node(one.read.target).function, graph.node(one.write.source).function}
    return any(node.kind is NodeKind.FEATURE and node.function not in ends for node in one.between)


def _learned_from(graph: Graph, artifact: Node) -> bool:
    return any(node.role in LEARNS for node in graph.downstream(artifact.id, *FLOW))


def _hit(graph: Graph, at: Span, rounds: list[_Round]) -> Hit:
    first = min(rounds, key=lambda one: (one.artifact.name, one.read.at))
    around, others = function_around(graph, at), len({one.artifact.id for one in rounds}) - 1
    reading = tuple(dict.fromkeys(Stop(one.read.at, f"read: {one.artifact.name}") for one in rounds))
    way = [node for node in reversed(first.between[1:-1]) if node.role is not None]
    between = (Stop(node.at, f"{node.role.value if node.role else ''}: {node.name}") for node in way)
    fixed = not any(_is_asked(graph, graph.node(id)) for id in (first.write.source, first.read.target))
    sure = Confidence.LIKELY if fixed and _learned_from(graph, first.artifact) else Confidence.HINT
    return Hit(
        at=at,
        details={
            "artifact": first.artifact.name + (f" and {others} more" if others else ""),
            "function": around.name if around else posixpath.basename(at.path),
        },
        keys=tuple(sorted({one.artifact.id for one in rounds})),
        confidence=weakest(sure, first.read.confidence, first.write.confidence),
        symbol=around.name if around else "",
        trail=(reading[0], *between, Stop(at, f"write: {first.artifact.name}"))[:MAX_STOPS],
        related=tuple(stop for stop in reading if stop.at != at),
    )
