"""Read-only questions about which functions make what a model gets, be it that others hand it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mldebt.graph.fallback import Caller, Fallback
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind
from mldebt.source import Span

_DEEP = 2
"""Through so many calls it is followed who asks a model, and who is asked before."""


@dataclass(frozen=True, slots=True)
class Handing:
    """Where each function last does work for a model, or asks one that does, and the functions asked before that."""

    ends: Mapping[str, Span]
    asked: frozenset[str]

    def gives(self, one: Fallback) -> bool:
        """Whether what a function makes goes into a model: it does such work itself, or who calls it does so later."""
        return one.id in self.ends or one.id in self.asked or any(map(self.hands_on, one.callers))

    def hands_on(self, call: Caller) -> bool:
        """Whether a call stands before such work."""
        end = self.ends.get(call.id)
        before = end is not None and call.at.path == end.path and (call.at.cell, call.at.line) <= (end.cell, end.line)
        return before or call.id in self.asked


def handing_on(graph: Graph, last: Mapping[str, Span]) -> Handing:
    """Who hands what to a model; `last` is where each function last does work for one."""
    asking = set(last)
    for _ in range(_DEEP):
        asking |= {edge.source for id in asking if id in graph for edge in graph.in_edges(id, EdgeKind.CALLS)}
    calls = [edge for id in sorted(asking) if id in graph for edge in graph.out_edges(id, EdgeKind.CALLS)]
    ends = {edge.source: edge.at for edge in sorted(calls, key=lambda edge: edge.at) if edge.target in asking}
    ends |= last
    direct = Handing(ends, frozenset())
    asked = {edge.target for edge in calls if edge.target not in ends and direct.hands_on(Caller(edge.source, edge.at))}
    for _ in range(_DEEP):
        asked |= {edge.target for id in asked if id in graph for edge in graph.out_edges(id, EdgeKind.CALLS)}
    return Handing(ends, frozenset(asked - ends.keys()))
