"""Read-only questions about what keeps versions of things that are stored."""

from __future__ import annotations

import posixpath

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node
from mldebt.roles import Role

KEPT = frozenset({"per-run", "versioned", "listed-output"})


def sent_away(graph: Graph) -> frozenset[str]:
    """Files and folders whose content a tracker or registry keeps versions of, or of which a copy goes to another name
    in each run."""
    readers = ((edge.source, graph.node(edge.target)) for edge in graph.edges(EdgeKind.READS))
    return frozenset(
        id for id, step in readers
        if "versioned" in step.traits or _keeps_copies(graph, step) or _is_registered(graph, step)
    )  # fmt: skip


def _is_registered(graph: Graph, load: Node) -> bool:
    """Whether what is loaded goes to what keeps versions of it, itself or as a step of a pipeline."""
    whole = [load] if load.role is Role.LOAD or "object" in load.traits else []
    for one in whole:
        onward = [(edge.slot, graph.node(edge.target)) for edge in graph.out_edges(one.id)]
        held = (node for slot, node in onward if slot in ("data", "model") and "versioned" in node.traits)
        if any(load.role is Role.LOAD or node.role is Role.PERSIST for node in held):
            return True
        whole += [node for _, node in onward if "pipeline" in node.traits and node not in whole]
    return False


def _keeps_copies(graph: Graph, step: Node) -> bool:
    places = graph.successors(step.id, EdgeKind.WRITES) if copies(step) else ()
    return any(place.traits & KEPT or "{" in posixpath.basename(place.id) for place in places)


def copies(step: Node) -> bool:
    """Whether a step puts what is stored somewhere else, too."""
    return step.role is Role.COPY or "uploads" in step.traits
