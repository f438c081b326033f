"""Reads and writes whose place is not wholly known: what could refute that nothing reads, or writes, a thing."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict

from mldebt.graph.graph import Graph
from mldebt.graph.near_names import place_of
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, STORES, is_ours
from mldebt.roles import Role, Store

STORE = "store:"
"""Begins the trait of a step that tells in which store, other than files, its call reads or writes."""

_FILES = (Store.FILE, Store.OBJECT)
_KEPT = (NodeKind.SOURCE, NodeKind.ARTIFACT)
_HOLE = re.compile(r"\{[^{}]*\}|[*?]+")
_FORMATS = {
    "csv": (".csv", ".tsv", ".txt", ".gz", ".zip", ".data"),
    "parquet": (".parquet", ".pq", ""),
    "json": (".json", ".jsonl", ".ndjson"),
    "excel": (".xls", ".xlsx"),
    "feather": (".feather", ".ftr"),
    "image": (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"),
    "text": (".txt", ".md", ".csv", ".json", ".jsonl", ".html", ".sql", ".yaml", ".yml", ".log", ".prompt"),
}
_WRITING = STORES | {Role.COPY}
_READING = BRINGS_IN | {Role.COPY}


_Access = tuple[Node, Node | None]


class Unplaced:
    """The accesses of a graph that may be about one artifact, though they do not name it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._reads, self._writes = (_open_ones(graph, kind) for kind in (EdgeKind.READS, EdgeKind.WRITES))
        self._endings = _endings(graph)

    def reads(self, artifact: Node) -> int:
        """How many reads may be of it."""
        return sum(self._may_mean(access, artifact) for access in self._reads)

    def writes(self, artifact: Node) -> int:
        """How many writes may be of it."""
        return sum(self._may_mean(access, artifact) for access in self._writes)

    def _may_mean(self, access: _Access, artifact: Node) -> bool:
        step, place = access
        if place is None:
            return artifact.store in _FILES and _is_of_files(step) and self._takes(step.callee, artifact)
        if place.store is not artifact.store:
            return False
        said = place_of(place)
        if not _HOLE.sub("", said).strip("/._-"):
            return self._takes(step.callee, artifact)
        pattern = ".+".join(re.escape(part) for part in _HOLE.split(said))
        behind = ".*" if "." not in posixpath.basename(said) else ""  # a folder: what lies in it
        return re.fullmatch(f"(?:.*/)?{pattern}{behind}", place_of(artifact)) is not None

    def _takes(self, callee: str, artifact: Node) -> bool:
        """Whether a call can be about a file of this format: its name tells one, it is used for others of that ending,
        or it is of the library at the other side. A call of which nothing is known can be about any."""
        ending = posixpath.splitext(place_of(artifact))[1].lower()
        name, package = callee.rpartition(".")[2].lower(), callee.partition(".")[0]
        told = [endings for word, endings in _FORMATS.items() if word in name or word == package]
        if told:
            return any(ending in endings for endings in told)
        used = self._endings.get(callee, frozenset())
        return not used or ending in used or package in _packages(self._graph, artifact)


def _is_of_files(step: Node) -> bool:
    """Whether a step whose place is not known may be about a file: not what tracks a run, or goes into a table."""
    stores = step.traits_of(STORE)
    return step.role is not Role.TRACK and stores.issubset(store.value for store in _FILES)


def _endings(graph: Graph) -> dict[str, frozenset[str]]:
    """The endings of the files that each call is used for."""
    found: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges(EdgeKind.READS, EdgeKind.WRITES):
        ends = (graph.node(edge.source), graph.node(edge.target))
        place, step = ends if edge.kind is EdgeKind.READS else ends[::-1]
        if place.kind in _KEPT and place.exact and step.callee:
            found[step.callee].add(posixpath.splitext(place_of(place))[1].lower())
    return {callee: frozenset(endings) for callee, endings in found.items()}


def _packages(graph: Graph, artifact: Node) -> frozenset[str]:
    """The libraries by which an artifact is written and read."""
    steps = (*graph.predecessors(artifact.id, EdgeKind.WRITES), *graph.successors(artifact.id, EdgeKind.READS))
    return frozenset(step.callee.partition(".")[0] for step in steps if step.callee)


def _open_ones(graph: Graph, kind: EdgeKind) -> tuple[_Access, ...]:
    """Steps with no known place, and those with one that has holes."""
    roles = _READING if kind is EdgeKind.READS else _WRITING
    found: list[_Access] = []
    for step in graph.nodes():
        if step.role not in roles or not is_ours(step) or "plot" in step.traits:
            continue
        near = graph.predecessors(step.id, kind) if kind is EdgeKind.READS else graph.successors(step.id, kind)
        places = [node for node in near if node.kind in _KEPT]
        found += [(step, place) for place in places if not place.exact or _HOLE.search(place.id)]
        if not places and step.role is not Role.COPY:
            found.append((step, None))
    return tuple(found)
