"""Read-only questions about what keeps versions of things that are stored."""

from __future__ import annotations

import posixpath
from itertools import count, takewhile

from mldebt.graph.declared import steps_of_files
from mldebt.graph.graph import Graph
from mldebt.graph.handovers import function_around
from mldebt.graph.nodes import EdgeKind, Node
from mldebt.roles import Role
from mldebt.source import Span

_ARMS = ("then:", "else:", "leaves:")
KEPT = frozenset({"per-run", "versioned", "listed-output"})
_STAGES = "stages"


def sent_away(graph: Graph) -> frozenset[str]:
    """Files and folders whose content a tracker or registry keeps versions of, or of which a copy goes to another name
    in each run."""
    readers = ((edge.source, graph.node(edge.target)) for edge in graph.edges(EdgeKind.READS))
    return frozenset(
        id for id, step in readers
        if "versioned" in step.traits or _keeps_copies(graph, step) or _is_registered(graph, step)
    )  # fmt: skip


def put_out(graph: Graph) -> frozenset[str]:
    """Files and folders that stages give, of which the tool that runs them keeps every version."""
    stages = (step for step in steps_of_files(graph) if step.form == _STAGES)
    return frozenset(edge.target for step in stages for edge in step.gives.values())


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


def is_kept_elsewhere(graph: Graph, save: Node, at: Span) -> bool:
    """Whether the line of a save puts the same thing at a place that a tool tracks, where the same function calls it:
    this is the trial of it."""
    own = function_around(graph, at) if save.chain else None
    begins = save.id.partition("#")[0]  # as the ids of all steps of one place do
    alike = takewhile(graph.__contains__, (f"{begins}#{number}" for number in count(2)))
    others = [graph.node(id) for id in (begins, *alike) if id in graph and own is not None]
    beside = [one for one in others if one.chain and function_around(graph, one.chain[0]) == own]
    kept = any(place.traits & KEPT for one in beside for place in graph.successors(one.id, EdgeKind.WRITES))
    return kept or _is_kept_while_taught(graph, save)


def _is_kept_while_taught(graph: Graph, save: Node) -> bool:
    """Whether a fit is given what stores its model in a place of each run."""
    taught = graph.predecessors(save.id, EdgeKind.WRITES, EdgeKind.DERIVES)
    given = (one for fit in taught for one in graph.predecessors(fit.id, EdgeKind.CONFIGURES))
    stores = (one for one in given if one.role is Role.PERSIST)
    places = (place for one in stores for place in graph.successors(one.id, EdgeKind.WRITES))
    return any(place.traits & KEPT or "{" in place.id for place in places)


def stands_instead(load: Node, save: Node) -> bool:
    """Whether a run that loads a thing does not save it: they stand in the two arms of one branch, or the function ends
    behind the load."""
    arms = {word: load.traits_of(word) for word in _ARMS}
    saved = {word: save.traits_of(word) for word in _ARMS}
    apart = arms["then:"] & saved["else:"] or arms["else:"] & saved["then:"]
    ends = code_of(load) == code_of(save) and load.at < save.at and bool(arms["leaves:"] - saved["leaves:"])
    return bool(apart) or ends


def code_of(step: Node) -> tuple[str, str]:
    """The function in which a step stands, or the file."""
    return step.function or step.at.path, step.symbol
