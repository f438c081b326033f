"""Reads and writes whose place is not wholly known: what could refute that nothing reads, or writes, a thing."""

from __future__ import annotations

import posixpath
import re

from mldebt.graph.graph import Graph
from mldebt.graph.near_names import place_of
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, STORES, is_ours
from mldebt.roles import Role, Store

_KEPT = (NodeKind.SOURCE, NodeKind.ARTIFACT)
_HOLE = re.compile(r"\{[^{}]*\}")
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


class Unplaced:
    """The accesses of a graph that may be about one artifact, though they do not name it."""

    def __init__(self, graph: Graph) -> None:
        self._reads = _open_ones(graph, EdgeKind.READS)
        self._writes = _open_ones(graph, EdgeKind.WRITES)

    def reads(self, artifact: Node) -> int:
        """How many reads may be of it."""
        return sum(_may_mean(access, artifact) for access in self._reads)

    def writes(self, artifact: Node) -> int:
        """How many writes may be of it."""
        return sum(_may_mean(access, artifact) for access in self._writes)


_Access = tuple[Node, Node | None]


def _open_ones(graph: Graph, kind: EdgeKind) -> tuple[_Access, ...]:
    """Steps with no known place, and those with one that has holes."""
    roles = _READING if kind is EdgeKind.READS else _WRITING
    found: list[_Access] = []
    for step in graph.nodes():
        if step.role not in roles or not is_ours(step) or "plot" in step.traits:
            continue
        near = graph.predecessors(step.id, kind) if kind is EdgeKind.READS else graph.successors(step.id, kind)
        places = [node for node in near if node.kind in _KEPT]
        found += [(step, place) for place in places if not place.exact]
        if not places and step.role is not Role.COPY:
            found.append((step, None))
    return tuple(found)


def _may_mean(access: _Access, artifact: Node) -> bool:
    step, place = access
    if place is None:
        return artifact.store in (Store.FILE, Store.OBJECT) and _reads_format(step.callee, artifact)
    if place.store is not artifact.store:
        return False
    said = place_of(place)
    if not _HOLE.sub("", said).strip("/._-"):
        return _reads_format(step.callee, artifact)
    pattern = ".+".join(re.escape(part) for part in _HOLE.split(said))
    behind = ".*" if "." not in posixpath.basename(said) else ""  # a folder: what lies in it
    return re.fullmatch(f"(?:.*/)?{pattern}{behind}", place_of(artifact)) is not None


def _reads_format(callee: str, artifact: Node) -> bool:
    """Whether a call whose name tells a format can be about this one; others can be about any."""
    ending = posixpath.splitext(place_of(artifact))[1].lower()
    name = callee.rpartition(".")[2].lower()
    told = [endings for word, endings in _FORMATS.items() if word in name]
    told += [endings for word, endings in _FORMATS.items() if callee.startswith(f"{word}.")]
    return not told or any(ending in endings for endings in told)
