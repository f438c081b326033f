"""Read-only questions about places that several files of code use: those through which programs meet."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import is_ours
from mldebt.roles import Store

_STORES = frozenset({Store.FILE, Store.OBJECT})
_MANY = 3


@dataclass(frozen=True, slots=True)
class Use:
    """A file that code writes or reads, and the files of code that have a part in either."""

    path: str
    writers: frozenset[str]
    readers: frozenset[str]

    def hands_on(self, files: Collection[str]) -> bool:
        """Whether one of some files of code writes it, and another one reads it."""
        writing = self.writers.intersection(files)
        return bool(writing) and any({one} != writing for one in self.readers.intersection(files))

    @property
    def is_handed_on(self) -> bool:
        """Whether one file of code writes it, and another one reads it."""
        return self.hands_on(self.writers | self.readers)


def uses(graph: Graph) -> tuple[Use, ...]:
    """What production code does with files, each file once."""
    found = (node for node in graph.nodes(NodeKind.ARTIFACT, NodeKind.SOURCE) if node.store in _STORES)
    return tuple(
        Use(
            node.id.partition(f":{node.store.value}:")[2] if node.store else "",
            _files((edge, graph.node(edge.source)) for edge in graph.in_edges(node.id, EdgeKind.WRITES)),
            _files((edge, graph.node(edge.target)) for edge in graph.out_edges(node.id, EdgeKind.READS)),
        )
        for node in found
    )


def at_place(found: Iterable[Use], place: str) -> tuple[Use, ...]:
    """Those that lie at a place, or in it; the place may be told without the folders above it."""
    return tuple(one for one in found if f"/{place}/" in f"/{one.path}/")


def binds(found: Iterable[Use], place: str, files: Collection[str]) -> bool:
    """Whether files of code that name a place have to name the same one: one of them reads what another one writes
    there, or many of one folder read there. What each only writes there is its own."""
    there = at_place(found, place)
    reading = frozenset().union(*(one.readers.intersection(files) for one in there))
    folders = Counter(map(posixpath.dirname, reading))
    return max(folders.values(), default=0) >= _MANY or any(one.hands_on(files) for one in there)


def _files(accesses: Iterable[tuple[Edge, Node]]) -> frozenset[str]:
    return frozenset(path for edge, step in accesses if is_ours(step) for path in _taking_part(edge, step))


def _taking_part(edge: Edge, step: Node) -> Iterator[str]:
    """The files of the step, and of the calls that lead to it."""
    yield from (edge.at.path, step.at.path)
    yield from (at.path for at in step.chain)
