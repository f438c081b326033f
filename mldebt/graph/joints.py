"""Read-only questions about files that give what one file makes to another one, and so are all that joins them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Node
from mldebt.source import Span


def joints(graph: Graph) -> Iterator[tuple[Node, str, Span]]:
    """Each call, by a file that joins others, of a step whose function stands elsewhere: the step, where, the call."""
    ends = ((graph.node(edge.source), graph.node(edge.target)) for edge in graph.edges(*FLOW))
    joining = {path for before, after in ends for path in _meeting(graph, before, after)}
    for node in graph.nodes():
        home = _home(graph, node)
        for site in node.chain:
            if site.path in joining and site.path != home:
                yield node, home, site


def _meeting(graph: Graph, before: Node, after: Node) -> Iterator[str]:
    """The innermost file that calls both steps, where their functions stand in two others."""
    if before.chain and after.chain:
        homes = {_home(graph, before), _home(graph, after)}
        files = {site.path for site in before.chain} - homes if len(homes) > 1 else ()
        yield from islice((site.path for site in after.chain if site.path in files), 1)


def _home(graph: Graph, node: Node) -> str:
    """The file of the function that does something: what is read or written stands where its place is named."""
    return (graph.node(node.function) if node.function in graph else node).at.path
