"""What gets inputs that a fitted transformer made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set

from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Edge, Node, NodeKind
from mldebt.graph.rows import is_told
from mldebt.graph.ways import COLUMN, WITHOUT
from mldebt.roles import Confidence, Role

FILLS, SCALES, LIMITS = "fills", "scales", "limits"
"""The traits of what fills gaps, scales by a statistic, or tells classes apart by one."""


class Fed:
    """What the fits of a graph feed, each found once: many leaks are those of one fit."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._labels = _labels(graph)
        self._known: dict[str, frozenset[str]] = {}

    def by(self, fit: Node) -> frozenset[str]:
        """What gets inputs that a fitted transformer made, or values that it filled in; labels that it encodes are no
        inputs, but labels whose gaps are filled, or that a statistic tells apart, are learnt. A column that is dropped,
        or not picked, goes no further."""
        found = self._known.get(fit.id)
        if found is None:
            found = self._known[fit.id] = self._walked(fit)
        return found

    def _walked(self, fit: Node) -> frozenset[str]:
        learnt, scales = bool({FILLS, LIMITS} & fit.traits), SCALES in fit.traits
        labels = frozenset[str]() if learnt else self._labels.get(fit.at.path, frozenset())
        found, todo = {(fit.id, "")}, [(fit.id, "")]
        while todo:
            id, column = todo.pop()
            for edge in self._graph.out_edges(id, *FLOW):
                target = self._graph.node(edge.target)
                if (column and _leaves_out(target, column)) or f"column:{target.name}" in labels:
                    continue
                state = target.id, _column_behind(edge, target, column)
                if state not in found and _carries(edge, learnt) and not (scales and is_told(edge)):
                    found.add(state)
                    todo.append(state)
        return frozenset(id for id, _ in found)


def _labels(graph: Graph) -> Mapping[str, Set[str]]:
    """The parts of values that are learnt as labels, by files."""
    found: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges():
        if edge.slot == "label":
            found[edge.at.path].add(edge.part)
    return found


def _leaves_out(step: Node, column: str) -> bool:
    """Whether a step drops a column, or picks others by a list of names."""
    picks = step.role is Role.SELECT and "listed" in step.traits
    return WITHOUT + column in step.traits or (picks and COLUMN + column not in step.traits)


def _column_behind(edge: Edge, target: Node, column: str) -> str:
    """The name under which values go on: none where a column is taken by itself, or where categories become others."""
    if target.kind is NodeKind.FEATURE:
        return target.name
    return "" if edge.part == COLUMN + column or "encoder" in target.traits else column


def _carries(edge: Edge, labels: bool) -> bool:
    """Whether values go along an edge to what learns them: inputs, and labels where they count."""
    return (labels or edge.slot != "label") and edge.slot != "watched" and edge.confidence is not Confidence.HINT
