"""Read-only questions: files for which a setting is asked on one side alone, of those who write and those who read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import is_ours
from mldebt.roles import Store
from mldebt.source import Span

_MOVES = frozenset({"env", "config"})
"""What a setting is that an environment gives another value; an option is for the run that is given it."""
_ASKED = _MOVES | {"option"}


@dataclass(frozen=True, slots=True)
class Access:
    """One place that writes or reads a file, the file of the code that decides on its path, and the settings that give
    the path another value."""

    step: Node
    decided_in: str
    writes: bool
    settings: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class OneSided:
    """A file that one program reaches at a path that stands in its code, and another at what a setting says."""

    artifact: Node
    fixed: Access
    asked: Access

    @property
    def setting(self) -> Node:
        return next(one for one in self.asked.settings if one.traits & _MOVES)


def one_sided(graph: Graph) -> Iterator[list[OneSided]]:
    """Those that programs write, or read, where one setting says it for others: of each file of code and each file that
    it reaches once, in order of places."""
    found: dict[tuple[str, bool], list[OneSided]] = defaultdict(list)
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        if artifact.store is Store.FILE and artifact.exact:
            for one in _of_artifact(artifact, tuple(_accesses(graph, artifact))):
                found[one.setting.name, one.fixed.writes].append(one)
    for _, ones in sorted(found.items()):
        yield sorted(ones, key=lambda one: (one.fixed.step.at, one.artifact.id))


def written_at(graph: Graph, found: OneSided) -> Span:
    """Where the path stands in the code: in the lines of the access itself, if it does."""
    step, name = found.fixed.step.at, f"/{found.artifact.name}"
    lines = range(step.line, max(step.line, step.end_line) + 1)
    paths = (one for one in graph.code.literals if one.role == "path" and one.at.path == step.path)
    return next((one.at for one in paths if one.at.line in lines and name.endswith(f"/{one.value}")), step)


def _of_artifact(artifact: Node, accesses: Iterable[Access]) -> Iterator[OneSided]:
    every = list(accesses)
    asking = {one.decided_in for one in every if one.settings}
    fixed = {
        (one.decided_in, one.writes): one for one in sorted(every, key=lambda one: one.step.at, reverse=True)
        if not one.settings and one.decided_in not in asking
    }  # fmt: skip
    moved = [one for one in every if any(setting.traits & _MOVES for setting in one.settings)]
    for one in fixed.values():
        others = [other for other in moved if other.writes is not one.writes]
        if others:
            yield OneSided(artifact, one, min(others, key=lambda other: (other.step.at, other.step.id)))


def _accesses(graph: Graph, artifact: Node) -> Iterator[Access]:
    """What programs of ours do with a file; what only tries or shows is none of them."""
    writes = ((edge, graph.node(edge.source), True) for edge in graph.in_edges(artifact.id, EdgeKind.WRITES))
    reads = ((edge, graph.node(edge.target), False) for edge in graph.out_edges(artifact.id, EdgeKind.READS))
    for _, step, writing in (*writes, *reads):
        if step.role is not None and is_ours(step) and not step.at.cell:
            given = (graph.node(edge.source) for edge in graph.in_edges(step.id, EdgeKind.CONFIGURES) if not edge.slot)
            settings = tuple(one for one in given if one.traits & _ASKED)
            yield Access(step, (step.chain[-1] if step.chain else step.at).path, writing, settings)
