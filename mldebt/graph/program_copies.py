"""Read-only questions about programs that are copies of each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from mldebt.graph.graph import Graph, remembered
from mldebt.graph.nodes import NodeKind

_DONE = (NodeKind.STEP, NodeKind.TRANSFORM, NodeKind.FEATURE, NodeKind.MODEL, NodeKind.PREDICTION)
"""What code does; places and settings have each copy's own names."""
_Done = frozenset[tuple[str, str, str]]


def by_program(graph: Graph, paths: Iterable[str]) -> list[list[str]]:
    """Files of code, such together as are copies of the first of them: three quarters of what they do, by the names of
    their steps, models and columns, are the same. That they are called alike says nothing."""
    groups: list[list[str]] = []
    does = _does(graph)
    for path in sorted(set(paths)):
        group = next((one for one in groups if _is_most(does.get(one[0], _Done()), does.get(path, _Done()))), None)
        if group is None:
            groups.append([path])
        else:
            group.append(path)
    return groups


@remembered
def _does(graph: Graph) -> Mapping[str, _Done]:
    found: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for node in graph.nodes(*_DONE):
        found[node.at.path].add((node.kind.value, node.name, node.symbol))
    return {path: frozenset(done) for path, done in found.items()}


def _is_most(one: _Done, other: _Done) -> bool:
    return 4 * len(one & other) >= 3 * len(one | other)
