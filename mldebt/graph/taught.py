"""Read-only questions about what a training learns from: the columns of its inputs, and its label."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN
from mldebt.graph.rows import ROWS_TOLD
from mldebt.graph.ways import COLUMN, WITHOUT, taken
from mldebt.roles import Role

_DATA = frozenset({"data"})
_LABEL = frozenset({"label"})
_MAKES_OTHERS = frozenset({NodeKind.PREDICTION, NodeKind.MODEL})
_BEGINS = frozenset({NodeKind.FEATURE, NodeKind.PARAMETER})
_MOST = 2000

Columns = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of a node: these columns (None for all), without those that were left out on the way.

    `way` are the steps between it and the training, the nearest to the node first.
    """

    node: Node
    columns: Columns
    without: frozenset[str]
    way: tuple[str, ...]

    def holds(self, column: str) -> bool:
        """Whether a column is among what is taken."""
        if self.node.kind is NodeKind.FEATURE:
            return column == self.node.name
        return column not in self.without and (self.columns is None or column in self.columns)


def inputs(graph: Graph, fit: str) -> tuple[Taken, ...]:
    """What a training gets as its inputs: columns that are made here, and tables as they are read; each table once for
    each way. Where a choice of columns is not known, nothing behind it is told."""
    return tuple(_walk(graph, [edge for edge in graph.in_edges(fit) if edge.slot in _DATA]))


def labels_of(graph: Graph, fit: str) -> tuple[Taken, ...]:
    """The one column that a training learns to tell, where it is known by name: with the node it is taken of. Beside a
    whole table a column only says how its rows are put in order."""
    found: list[Edge] = []
    for edge in graph.in_edges(fit):
        if edge.slot in _LABEL:
            source = graph.node(edge.source)
            inner = [one for one in graph.in_edges(source.id) if one.slot in _LABEL]
            found += inner if source.role is Role.SPLIT and inner and not edge.column else [edge]
    whole = {edge.source for edge in found if not (_is_one_column(graph, edge) or _is_told(edge))}
    taken = tuple(_walk(graph, [edge for edge in found if _is_one_column(graph, edge) and edge.source not in whole]))
    named = {one.columns for one in taken}
    return taken if len(named) == 1 and all(columns is not None and len(columns) == 1 for columns in named) else ()


def _is_one_column(graph: Graph, edge: Edge) -> bool:
    """Whether an edge takes one column by its name, and not to tell which rows are meant."""
    if _is_told(edge):
        return False
    listed = [trait for trait in graph.node(edge.source).traits if trait.startswith(COLUMN)]
    return edge.part.startswith(COLUMN) or bool(edge.column) or len(listed) == 1


def _is_told(edge: Edge) -> bool:
    return any(stop.label.startswith(ROWS_TOLD) for stop in edge.trail)


def _walk(graph: Graph, edges: list[Edge]) -> Iterator[Taken]:
    queue = deque((edge, Taken(graph.node(edge.target), None, frozenset(), ())) for edge in edges)
    seen: set[tuple[str, Columns, frozenset[str]]] = set()
    while queue and len(seen) < _MOST:
        edge, after = queue.popleft()
        here = _behind(graph, edge, after)
        if here is None or (here.node.id, here.columns, here.without) in seen:
            continue
        seen.add((here.node.id, here.columns, here.without))
        if here.node.kind in _BEGINS or here.node.role in BRINGS_IN:
            yield here
        queue.extend((one, here) for one in _onward(graph, here.node))


def _onward(graph: Graph, node: Node) -> list[Edge]:
    """What brings data to a step; to a read of a file that is written here, to those writes. A column has its own."""
    if node.kind is NodeKind.FEATURE:
        return []
    if node.role not in BRINGS_IN:
        return [edge for edge in graph.in_edges(node.id) if edge.slot in _DATA]
    places = [graph.node(edge.source) for edge in graph.in_edges(node.id, EdgeKind.READS)]
    writes = [edge.source for place in places if place.exact for edge in graph.in_edges(place.id, EdgeKind.WRITES)]
    return [edge for id in sorted(set(writes)) for edge in graph.in_edges(id) if edge.slot in _DATA]


def _behind(graph: Graph, edge: Edge, after: Taken) -> Taken | None:
    """What is taken of the source of an edge; None where it brings nothing that is known."""
    node, columns, without = graph.node(edge.source), after.columns, after.without
    name = taken(edge)
    if node.kind in _MAKES_OTHERS or (node.role is Role.SELECT and "listed" not in node.traits):
        return None
    if name and columns is not None and name not in columns:
        return None
    columns = frozenset({name}) if name else columns
    if node.role is Role.SELECT:
        listed = node.traits_of(COLUMN)
        columns = listed if columns is None else columns & listed
    without |= node.traits_of(WITHOUT)
    if node.kind is NodeKind.FEATURE:
        if node.name in without or not (columns is None or node.name in columns):
            return None
    return Taken(node, columns, without, (node.id, *after.way))
