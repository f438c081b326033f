"""Whether what writes and what reads are two programs that run by themselves, wherever their files lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import HandOver, entry_file
from mldebt.graph.nodes import EdgeKind, Node
from mldebt.graph.pipelines import declared_steps
from mldebt.graph.served import answering_by_file
from mldebt.source import Purpose


@dataclass(frozen=True, slots=True)
class RunApart:
    """`services`: by file that answers requests, the first file of the service that it is part of. `answering`: by
    function, the files whose requests go through it. `tasks`: the functions that the steps of pipelines run."""

    services: Mapping[str, str]
    answering: Mapping[str, frozenset[str]]
    tasks: frozenset[str]

    def holds(self, over: HandOver) -> bool:
        """Whether a service writes on request what another service, or a step of a pipeline, reads."""
        writing, reading = self._services_of(over.writer), self._services_of(over.reader)
        if not writing or writing & reading or over.writer.function in self.tasks:
            return False
        return bool(reading) or over.reader.function in self.tasks

    def _services_of(self, step: Node) -> frozenset[str]:
        files = frozenset({entry_file(step)}) & self.services.keys() or self.answering.get(step.function, frozenset())
        return frozenset(self.services[file] for file in files)


def run_apart(graph: Graph) -> RunApart:
    """What is run by what in a graph."""
    answering = answering_by_file(graph)
    steps = [step.id for step in declared_steps(graph)]
    called = {node.id for step in steps for node in graph.downstream(step, EdgeKind.CALLS)}
    return RunApart(_services(graph, frozenset().union(*answering.values())), answering, frozenset(called))


def _services(graph: Graph, serving: Set[str]) -> dict[str, str]:
    """Files that answer requests and that one file imports, or that import each other, are one service."""
    ours = {one.path for one in graph.code.definitions if one.purpose is Purpose.PRODUCTION}
    together: dict[str, set[str]] = defaultdict(set)
    for use in graph.code.local_imports:
        if use.at.path in ours and use.path in serving:
            together[use.at.path] |= {use.path, use.at.path} & serving
    home = {file: file for file in sorted(serving)}
    for files in together.values():
        first, *rest = sorted({home[file] for file in files})
        home = {file: first if top in rest else top for file, top in home.items()}
    return home
