"""Data are prepared and stored, and nothing reads them."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, Node, NodeKind
from mldebt.graph.handovers import holds_predictions
from mldebt.graph.near_names import folder_and_name, place_of
from mldebt.graph.questions import STORES, is_ours
from mldebt.graph.saved import given_to
from mldebt.graph.unplaced import Unplaced
from mldebt.roles import Confidence, Role, Store
from mldebt.source import folders_above
from mldebt.trail import MAX_STOPS, Stop

_EXCUSED = frozenset({"per-run", "versioned", "mentioned", "declared", "listed-output", "exists", "named"})
_NO_DATA = frozenset({"versioned", "plot", "appends"})
_FINAL = frozenset({NodeKind.MODEL, NodeKind.PREDICTION})
_LEARNERS = frozenset({"classifier", "regressor", "clusterer", "search"})
_FITTED = "form:transformer"
_NAMED = 2


@dataclass(frozen=True, slots=True)
class _Output:
    """An artifact with the steps that write it, and who reads it."""

    artifact: Node
    writers: tuple[Node, ...]
    readers: frozenset[str]


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for what one place of the code writes in vain, beside what is read."""
    groups: dict[tuple[str, str], list[_Output]] = defaultdict(list)
    for one in _outputs(graph):
        groups[one.writers[0].at.path, one.writers[0].function].append(one)
    unplaced, read_ids = Unplaced(graph), _read(graph)
    for group in groups.values():
        lost = [one for one in group if not one.readers and _is_lost(graph, one, unplaced, read_ids)]
        read = [one for one in group if one.readers - {one.writers[0].at.path}]
        if lost and read:
            yield _hit(lost, read)


def _outputs(graph: Graph) -> Iterator[_Output]:
    """Files that hold data, and that only production code writes."""
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        steps = graph.predecessors(artifact.id, EdgeKind.WRITES)
        stored = all(step.role in STORES and is_ours(step) and _keeps_data(step) for step in steps)
        ours = artifact.id == f"artifact:file:{place_of(artifact)}" and "*" not in artifact.id
        if artifact.store is Store.FILE and ours and artifact.exact and steps and stored:
            yield _Output(artifact, steps, _readers(graph, artifact))


def _keeps_data(step: Node) -> bool:
    kept = "keeps-data" in step.traits or step.role is Role.PERSIST
    return kept and not step.traits & _NO_DATA


def _readers(graph: Graph, artifact: Node) -> frozenset[str]:
    """The files that read it, under any of its names."""
    names = [artifact.id, *(edge.target for edge in graph.out_edges(artifact.id, EdgeKind.DERIVES))]
    steps = [node for name in names for node in graph.successors(name, EdgeKind.READS)]
    return frozenset(step.at.path for step in steps if is_ours(step) and step.role is not None)


def _read(graph: Graph) -> frozenset[str]:
    """What is read, and the names of its files wherever they lie."""
    nodes = graph.nodes(NodeKind.ARTIFACT, NodeKind.SOURCE)
    read = [node for node in nodes if graph.out_edges(node.id, EdgeKind.READS)]
    return frozenset(name for node in read for name in (node.id, folder_and_name(node)[1]))


def _is_lost(graph: Graph, one: _Output, unplaced: Unplaced, read: frozenset[str]) -> bool:
    """Whether nothing can have read it: no step, here or under the same name elsewhere, no folder read as a whole, no
    file that names it. Data that lie in the repository may be there for people, what was fitted for them is not."""
    within = any(f"artifact:file:{folder}" in read for folder in folders_above(place_of(one.artifact)))
    within = within or folder_and_name(one.artifact)[1] in read
    final = any(_is_final(graph, step) for step in one.writers)
    fitted = all(_FITTED in step.traits for step in one.writers)
    excused = one.artifact.traits & (_EXCUSED - {"exists"} if fitted else _EXCUSED)
    aliases = graph.out_edges(one.artifact.id, EdgeKind.DERIVES)
    return not (excused or within or final or aliases or unplaced.reads(one.artifact))


def _is_final(graph: Graph, step: Node) -> bool:
    """Whether it stores what people look at or what is published: predictions, scores, models."""
    if holds_predictions(graph, step) or step.traits & {"form:model", "form:search"}:
        return True
    sources = [graph.node(edge.source) for edge in given_to(graph, step)]
    ends = (one.kind in _FINAL or one.role in (Role.EVALUATE, Role.LOAD) or one.traits & _LEARNERS for one in sources)
    return any(ends)


def _hit(lost: list[_Output], read: list[_Output]) -> Hit:
    step = min((one.writers[0] for one in lost), key=lambda step: step.at)
    folders = {folder_and_name(one.artifact)[0] for one in read}
    beside_it = all(folder_and_name(one.artifact)[0] in folders for one in lost)
    few = beside_it and len(lost) <= len(read) and not step.at.cell
    names = ", ".join(one.artifact.name for one in lost[:_NAMED])
    names += f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    beside = read[0]
    writing = tuple(Stop(one.writers[0].at, f"write: {one.artifact.name}") for one in lost)
    kept = Stop(beside.writers[0].at, f"write: {beside.artifact.name}, which is read")
    return Hit(
        at=step.at,
        details={"artifact": names, "source": beside.artifact.name, "producer": posixpath.basename(step.at.path)},
        keys=tuple(sorted(one.artifact.id for one in lost)),
        confidence=Confidence.LIKELY if few else Confidence.HINT,
        symbol=step.symbol,
        trail=(*writing, kept)[:MAX_STOPS],
        related=tuple(dict.fromkeys((*writing[1:], kept))),
    )
