"""Read-only questions about what definitions run behind a training: whether it may keep the model from going on."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.graph.declared import STOPS
from mldebt.graph.graph import Graph
from mldebt.graph.handovers import entry_file
from mldebt.graph.nodes import EdgeKind, Node
from mldebt.graph.questions import saved
from mldebt.roles import Confidence, Role


def passes_a_gate(graph: Graph, fit: Node) -> bool:
    """Whether a file that runs behind a training scores, or reads what else than its model the training left, and may
    go no further: what comes behind waits for it."""
    behind = {node.at.path for node in _behind(graph, fit)} - {entry_file(fit)}
    halting = {one.id for one in graph.code.stopping}
    stopping = {one.path for one in graph.code.definitions if one.id in halting}
    asking = behind & stopping
    return bool(asking) and not asking.isdisjoint({*_scoring(graph), *_reading(graph, _left(graph, fit))})


def asked_by_a_command(graph: Graph, fit: Node) -> Confidence:
    """A command beside a training that compares something and ends the job may ask for its score."""
    steps = (*_started_by(graph, fit), *_behind(graph, fit))
    return Confidence.HINT if any(STOPS in step.traits for step in steps) else Confidence.CERTAIN


def _started_by(graph: Graph, fit: Node) -> tuple[Node, ...]:
    """The declared steps that run the program of a training."""
    start = f"module:{entry_file(fit)}"
    return graph.predecessors(start, EdgeKind.CALLS) if start in graph else ()


def _behind(graph: Graph, fit: Node) -> tuple[Node, ...]:
    """The steps and files that are run after the program of a training."""
    start = f"module:{entry_file(fit)}"
    found: dict[str, Node] = {}
    todo = [start, *(step.id for step in _started_by(graph, fit))] if start in graph else []
    while todo:
        for then in graph.successors(todo.pop(), EdgeKind.ORDERS):
            fresh = [one for one in (then, *graph.successors(then.id, EdgeKind.CALLS)) if one.id not in found]
            found.update((one.id, one) for one in fresh)
            todo += [one.id for one in fresh]
    return tuple(found.values())


def _left(graph: Graph, fit: Node) -> frozenset[str]:
    """What the program of a training stores, but for the model."""
    writes = (edge for edge in graph.edges(EdgeKind.WRITES) if entry_file(graph.node(edge.source)) == entry_file(fit))
    return frozenset(edge.target for edge in writes) - saved(graph, fit)


def _reading(graph: Graph, places: frozenset[str]) -> Iterator[str]:
    """The files of programs that read any of some places."""
    for place in sorted(places):
        yield from (entry_file(reader) for reader in graph.successors(place, EdgeKind.READS))


def _scoring(graph: Graph) -> Iterator[str]:
    return (entry_file(node) for node in graph.nodes() if node.role is Role.EVALUATE)
