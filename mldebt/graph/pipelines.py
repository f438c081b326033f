"""Read-only questions about pipelines that are declared: what their steps run, and what one pipeline holds together."""

from __future__ import annotations

from collections import defaultdict

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.roles import Role

DECLARED = "declared"
_PIPELINE = "pipeline:"


def declared_steps(graph: Graph) -> tuple[Node, ...]:
    """The steps that a definition names, in order of their ids."""
    return tuple(node for node in graph.nodes(NodeKind.STEP) if DECLARED in node.traits)


def files_run_by(graph: Graph, step: Node) -> frozenset[str]:
    """The files of what a step runs."""
    return frozenset(node.at.path for node in graph.successors(step.id, EdgeKind.CALLS))


def ordered_files(graph: Graph) -> frozenset[str]:
    """The files of which a definition says what comes before or after them: those that stand in an order, and those
    that steps with an order run."""
    ends = {id for edge in graph.edges(EdgeKind.ORDERS) for id in (edge.source, edge.target)}
    nodes = [graph.node(id) for id in sorted(ends)]
    return frozenset(node.at.path for node in nodes).union(*(files_run_by(graph, node) for node in nodes))


def pipelines(graph: Graph) -> tuple[frozenset[str], ...]:
    """The files of each pipeline that code defines: of its steps and of what they run."""
    started = _started(graph)
    found: dict[str, set[str]] = defaultdict(set)
    for id, pipeline in pipeline_of_steps(graph).items():
        called = [one.id for one in graph.downstream(id, EdgeKind.CALLS)]
        commands = frozenset().union(*(started[one] for one in called if one in started))
        node = graph.node(id)
        found[pipeline] |= {node.at.path} | files_run_by(graph, node) | commands
    return tuple(frozenset(files) for _, files in sorted(found.items()))


def pipeline_of_steps(graph: Graph) -> dict[str, str]:
    """The pipeline of each step that code defines, named by one of its steps. Steps hang together by the flow that
    makes them and by their order."""
    steps = {node.id: node for node in declared_steps(graph) if _flows(node)}
    home = {id: id for id in steps}
    by_flow: dict[str, list[str]] = defaultdict(list)
    for id, node in steps.items():
        for flow in _flows(node):
            by_flow[flow].append(id)
    pairs = [(ids[0], other) for ids in by_flow.values() for other in ids[1:]]
    pairs += [(edge.source, edge.target) for edge in graph.edges(EdgeKind.ORDERS)]
    for one, other in pairs:
        if one in steps and other in steps:
            first, second = sorted((_top(home, one), _top(home, other)))
            home[second] = first
    return {id: _top(home, id) for id in steps}


def _started(graph: Graph) -> dict[str, set[str]]:
    """The files that the commands of each function start."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in graph.nodes(NodeKind.STEP):
        if node.role is Role.RUN and node.function:
            found[node.function] |= files_run_by(graph, node)
    return found


def _flows(node: Node) -> list[str]:
    return sorted(trait for trait in node.traits if trait.startswith(_PIPELINE))


def _top(home: dict[str, str], id: str) -> str:
    while home[id] != id:
        id = home[id]
    return id
