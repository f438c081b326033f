"""What people mean when they name a thing of the graph, and the lines on which it stands or is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from mldebt.graph.covering import places
from mldebt.graph.graph import Graph
from mldebt.graph.names import model_name
from mldebt.graph.nodes import Node, NodeKind
from mldebt.source import Span

Line = tuple[str, int, int]
"""A path, a cell (0 elsewhere) and a line in it."""

KINDS: Mapping[str, tuple[NodeKind, ...]] = MappingProxyType(
    {
        "artifact": (NodeKind.ARTIFACT, NodeKind.SOURCE),
        "model": (NodeKind.MODEL, NodeKind.PREDICTION),
        "setting": (NodeKind.SETTING,),
        "function": (NodeKind.FUNCTION,),
    }
)
"""What is looked through for a thing of each kind; a prediction is a place of its model."""


@dataclass(frozen=True, slots=True)
class Called:
    """The things that a name fits: their ids and names, and the lines on which they stand or are used."""

    names: frozenset[str]
    lines: frozenset[Line]

    def __bool__(self) -> bool:
        return bool(self.names)

    def stands_in(self, at: Span) -> bool:
        """Whether one of the lines belongs to a place."""
        last = max(at.line, at.end_line)
        return any((at.path, at.cell, line) in self.lines for line in range(at.line, last + 1))


def called(graph: Graph, kind: str, fits: Callable[[str], bool], home: str = "") -> Called:
    """The things of a kind (a key of KINDS) that a name fits, as the repository `home` calls them."""
    found = [node for node in graph.nodes(*KINDS[kind]) if any(map(fits, names(graph, node, home)))]
    ids = {node.id for node in found}
    return Called(
        frozenset({*ids, *(node.name for node in found)}),
        frozenset({*(line for node in found for line in _lines(graph, node)), *_bodies(graph, ids)}),
    )


def names(graph: Graph, node: Node, home: str = "") -> tuple[str, ...]:
    """What the repository `home` can call a node: a place, a name, the file in which a model is kept."""
    if node.kind in KINDS["artifact"]:
        return places(node, home)
    if node.kind in KINDS["model"]:
        return tuple(name for name in (node.name, model_name(graph, node)) if name)
    plain = node.name.lstrip(".")
    path = node.at.path.removeprefix(f"{home}/") if home else node.at.path
    return (node.name, plain, f"{path}:{plain}")


def _lines(graph: Graph, node: Node) -> Iterator[Line]:
    yield _line(node.at)
    if node.kind is not NodeKind.FUNCTION:  # what calls a function is not in it
        yield from (_line(edge.at) for edge in (*graph.in_edges(node.id), *graph.out_edges(node.id)))


def _bodies(graph: Graph, ids: set[str]) -> Iterator[Line]:
    for one in graph.code.definitions:
        if one.id in ids:
            yield from ((one.at.path, one.at.cell, line) for line in range(one.at.line, one.end_line + 1))


def _line(at: Span) -> Line:
    return at.path, at.cell, at.line
