"""Read-only questions about a step that saves something: what it is given, where it puts it, and what it is worth."""

from __future__ import annotations

import posixpath

from mldebt.graph.graph import Graph
from mldebt.graph.kept_versions import KEPT
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS, is_ours
from mldebt.roles import Role, Store


def given_to(graph: Graph, step: Node) -> list[Edge]:
    """The edges along which a step gets what it saves."""
    return [edge for edge in graph.in_edges(step.id) if edge.slot in ("data", "model")]


def is_learned_here(graph: Graph, step: Node) -> bool:
    """Whether what is saved was fitted in this repository: seen at once, or in the same file."""
    if any(graph.node(edge.source).role in LEARNS for edge in graph.in_edges(step.id)):
        return True
    files = {step.at.path, *(span.path for span in step.chain)}
    return (step.role is Role.PERSIST or "holds-model" in step.traits) and any(
        node.role in LEARNS and node.at.path in files for node in graph.nodes(NodeKind.MODEL)
    )


def is_by_the_way(graph: Graph, step: Node) -> bool:
    """Whether training keeps its state on the way, and code of the same file stores the model at another place."""
    if step.role is not Role.PERSIST or given_to(graph, step):
        return False
    own = {place.id for place in graph.successors(step.id, EdgeKind.WRITES)}
    beside = (one for one in graph.nodes(NodeKind.STEP) if one.role is Role.PERSIST and one.at.path == step.at.path)
    ends = (one for one in beside if own.isdisjoint(place.id for place in graph.successors(one.id, EdgeKind.WRITES)))
    return any(is_ours(one) and given_to(graph, one) for one in ends)


def is_under_own_names(graph: Graph, step: Node) -> bool:
    """Whether a step saves under a name that is another one in each run."""
    places = graph.successors(step.id, EdgeKind.WRITES)
    return bool(places) and all(place.traits & KEPT for place in places)


def has_folders(graph: Graph, step: Node) -> bool:
    """Whether one step goes to several folders of known names: which of them, the settings say that are chosen for a
    run."""
    folders = {posixpath.dirname(place.id) for place in graph.successors(step.id, EdgeKind.WRITES)}
    return len({folder for folder in folders if folder.rpartition(":")[2].strip("{}/")}) > 1


def has_registry(graph: Graph) -> bool:
    """Whether code puts models into a registry, which keeps the versions."""
    places = graph.nodes(NodeKind.ARTIFACT, NodeKind.MODEL)
    return any(one.store is Store.MODEL and graph.in_edges(one.id, EdgeKind.WRITES) for one in places)
