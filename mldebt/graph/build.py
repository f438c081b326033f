"""The only place where a graph grows: nodes and edges are collected, made one, and frozen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from mldebt.graph.code import Code, Scrutiny
from mldebt.graph.graph import Graph, sureness
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.source import Span
from mldebt.trail import Trail

_STORED = frozenset({NodeKind.SOURCE, NodeKind.ARTIFACT})
_Key = tuple[str, str, EdgeKind, Span, str, str, str]


class GraphBuilder:
    """Collects nodes and edges in any order; what comes out does not depend on that order."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._edges: dict[_Key, Edge] = {}

    def add_node(self, node: Node) -> str:
        """Adds a node, or joins it with the one of the same id; gives the id back.

        Raises ValueError when the two are of different kinds.
        """
        known = self._nodes.get(node.id)
        self._nodes[node.id] = node if known is None else _joined(known, node)
        return node.id

    def __contains__(self, id: object) -> bool:
        return id in self._nodes

    def ids_under(self, start: str) -> tuple[str, ...]:
        """The ids of the nodes so far that begin like this, in order."""
        return tuple(sorted(id for id in self._nodes if id.startswith(start)))

    def node(self, id: str) -> Node:
        """The node with this id, as it is so far."""
        return self._nodes[id]

    def edges_into(self, ids: Collection[str]) -> tuple[Edge, ...]:
        """The edges so far that end in one of these nodes, in the order in which they were added."""
        return tuple(edge for edge in self._edges.values() if edge.target in ids) if ids else ()

    def add_edge(self, edge: Edge) -> None:
        """Adds an edge. Of edges equal but for their evidence, the surest stays, then the shortest trail."""
        key = (edge.source, edge.target, edge.kind, edge.at, edge.part, edge.slot, edge.column)
        known = self._edges.get(key)
        if known is None or _rank(edge) < _rank(known):
            self._edges[key] = edge

    def freeze(
        self, code: Code | None = None, parts: Iterable[Graph] = (), look: Callable[[], Scrutiny] = Scrutiny
    ) -> Graph:
        """The finished graph, of repositories if it is one of several; `look` gives the scrutiny of its code.

        Raises ValueError when an edge has an end that is no node.
        """
        for edge in self._edges.values():
            for end in (edge.source, edge.target):
                if end not in self._nodes:
                    raise ValueError(f"edge {edge.kind.value} names {end!r}, which is no node")
        return Graph(self._nodes.values(), self._edges.values(), code, parts, look)


def _joined(first: Node, second: Node) -> Node:
    """One node of two mentions: the earlier place, and whatever only the other one knows."""
    if first.kind is not second.kind and {first.kind, second.kind} != _STORED:
        raise ValueError(f"{first.id!r} is both {first.kind.value} and {second.kind.value}")
    kept, other = sorted((first, second), key=_node_rank)
    return replace(
        kept,
        component=kept.component or other.component,
        role=kept.role or other.role,
        store=kept.store or other.store,
        exact=kept.exact and other.exact,
        traits=kept.traits | other.traits,
    )


def _node_rank(node: Node) -> tuple[bool, Span, str, str, str, str]:
    """A source of one repository that another one writes is an artifact, and stands where it is written."""
    role = node.role.value if node.role else ""
    store = node.store.value if node.store else ""
    return (node.kind is NodeKind.SOURCE, node.at, node.name, node.component, role, store)


def _rank(edge: Edge) -> tuple[int, int, Trail]:
    return (sureness(edge), len(edge.trail), edge.trail)
