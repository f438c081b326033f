"""The part of a graph that is shown: each thing joined to its nearest sources only."""

from __future__ import annotations

from collections import defaultdict

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, NodeKind

_FLOWING = frozenset(
    {
        NodeKind.STEP, NodeKind.FEATURE, NodeKind.MODEL, NodeKind.PREDICTION, NodeKind.TRANSFORM,
        NodeKind.ARTIFACT, NodeKind.SOURCE,
    }
)  # fmt: skip
_SAID = frozenset({EdgeKind.DECLARES, EdgeKind.ORDERS})
_STORED = frozenset({NodeKind.ARTIFACT, NodeKind.SOURCE})
_FURTHEST = 8


def projected(graph: Graph) -> Graph:
    """The graph without edges that a longer way says more precisely.

    A table that is read, joined and fitted on feeds the fit twice: through the join, and as such.
    Shown is the way through the join. What a step reads by itself stays, whatever else brings it there. Keys of a file
    that the repository itself writes are shown as what its read gives. Rows that nobody here gives are not shown.
    Questions and checks ask the whole graph.
    """
    kinds = {node.id: node.kind for node in graph.nodes()}
    ahead: dict[str, dict[str, None]] = defaultdict(dict)
    for edge in graph.edges():
        if _flows(edge, kinds):
            ahead[edge.source][edge.target] = None
    kept = [
        edge
        for edge in graph.edges()
        if not _is_key_of_data(graph, edge)
        and kinds[edge.source] is not NodeKind.PARAMETER
        and (edge.kind is EdgeKind.READS or not _flows(edge, kinds) or not _detour(ahead, edge.source, edge.target))
    ]
    shown = (node for node in graph.nodes() if node.kind is not NodeKind.PARAMETER)
    return Graph(shown, kept, graph.code, look=lambda: graph.scrutiny)


def _is_key_of_data(graph: Graph, edge: Edge) -> bool:
    """Whether a setting that configures something is a key of a file that is written here."""
    if edge.kind is not EdgeKind.CONFIGURES or graph.node(edge.source).kind is not NodeKind.SETTING:
        return False
    file = f"artifact:file:{graph.node(edge.source).at.path}"
    return file in graph and graph.node(file).kind is NodeKind.ARTIFACT


def _flows(edge: Edge, kinds: dict[str, NodeKind]) -> bool:
    if kinds[edge.target] is NodeKind.FEATURE and kinds[edge.source] in _STORED:
        return False  # a column of what a statement reads: the read itself is no detour
    between = kinds[edge.source] in _FLOWING and kinds[edge.target] in _FLOWING and edge.source != edge.target
    return between and edge.kind not in _SAID


def _detour(ahead: dict[str, dict[str, None]], start: str, goal: str) -> bool:
    """Whether the goal is also reached through something in between."""
    ring = [node for node in ahead[start] if node != goal]
    seen = {start, *ring}
    for _ in range(_FURTHEST):
        found = []
        for node in ring:
            for other in ahead.get(node, ()):
                if other == goal:
                    return True
                if other not in seen:
                    seen.add(other)
                    found.append(other)
        ring = found
    return False
