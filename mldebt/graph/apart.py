"""Whether what writes and what reads are two programs that run by themselves, wherever their files lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import HandOver, entry_file, function_around, holds_predictions
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.pipelines import pipeline_of_steps
from mldebt.graph.questions import STORES, is_ours
from mldebt.graph.served import answering_by_file
from mldebt.roles import Store
from mldebt.source import Purpose


@dataclass(frozen=True, slots=True)
class RunApart:
    """`services`: by file that answers requests, the first file of the service that it is part of. `answering`: by
    function, the files whose requests go through it. `flows`: by function or file that steps of pipelines run, those
    pipelines. `listening`: the files that are run to wait for the messages of a topic."""

    graph: Graph
    services: Mapping[str, str]
    answering: Mapping[str, frozenset[str]]
    flows: Mapping[str, frozenset[str]]
    listening: frozenset[str]

    def holds(self, over: HandOver) -> bool:
        """Whether a service or a pipeline reads what another one writes: on request, or as answers of a model, since
        the steps of a preparation are often cut into several."""
        writing, reading = self._run_by(over.writer), self._run_by(over.reader)
        if not (writing and reading) or not writing.isdisjoint(reading):
            return False
        on_request = entry_file(over.writer) in self.services or over.writer.function in self.answering
        return on_request or holds_predictions(self.graph, over.writer)

    def _run_by(self, step: Node) -> frozenset[str]:
        """The services and pipelines that run a step."""
        entry = entry_file(step)
        files = frozenset({entry}) & self.services.keys() or self.answering.get(step.function, frozenset())
        around = (function_around(self.graph, site) for site in step.chain)
        code = (entry, step.function, *(one.id for one in around if one is not None))
        found = frozenset(self.services[file] for file in files).union(*(self.flows.get(id, ()) for id in code))
        return found or frozenset({entry}) & self.listening


def run_apart(graph: Graph) -> RunApart:
    """What is run by what in a graph."""
    answering = answering_by_file(graph)
    services = _services(graph, frozenset().union(*answering.values()))
    return RunApart(graph, services, answering, _flows(graph), _listening(graph))


def _flows(graph: Graph) -> dict[str, frozenset[str]]:
    """The pipelines whose steps run a function, what it calls, or a file as a whole."""
    found: dict[str, set[str]] = defaultdict(set)
    for step, pipeline in pipeline_of_steps(graph).items():
        for node in graph.downstream(step, EdgeKind.CALLS):
            found[node.at.path if node.kind is NodeKind.MODULE else node.id].add(pipeline)
    return {id: frozenset(names) for id, names in found.items()}


def _listening(graph: Graph) -> frozenset[str]:
    """The files that are run to read a topic of messages and store what comes of them: they wait for more, as a service
    does for requests. What only shows messages is there for whoever looks."""
    topics = (node for node in graph.nodes(NodeKind.ARTIFACT, NodeKind.SOURCE) if node.store is Store.TOPIC)
    steps = (node for topic in topics for node in graph.successors(topic.id, EdgeKind.READS))
    reading = {entry_file(node) for node in steps if node.role is not None and is_ours(node)}
    return frozenset(entry_file(node) for node in graph.nodes() if node.role in STORES and is_ours(node)) & reading


def _services(graph: Graph, serving: Set[str]) -> dict[str, str]:
    """Files that answer requests and that one file imports, or that import each other, are one service."""
    ours = graph.files_of(Purpose.PRODUCTION)
    together: dict[str, set[str]] = defaultdict(set)
    for use in graph.code.local_imports:
        if use.at.path in ours and use.path in serving:
            together[use.at.path] |= {use.path, use.at.path} & serving
    home = {file: file for file in sorted(serving)}
    for files in together.values():
        first, *rest = sorted({home[file] for file in files})
        home = {file: first if top in rest else top for file, top in home.items()}
    return home
