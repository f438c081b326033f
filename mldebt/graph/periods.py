"""Read-only questions about rows of several periods: files, tables and folders whose names differ in a date alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import entry_file
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.ways import Way, ways_into
from mldebt.roles import Role

ROWS = "rows"
"""The trait of a step that puts the rows of tables below each other."""
_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_MONTH = r"(?:19|20)\d\d(?P<by>[-_./]?)(?:0[1-9]|1[0-2])"
_DATE = re.compile(rf"(?<!\d){_MONTH}(?:(?P=by)(?:0[1-9]|[12]\d|3[01]))?(?!\d)")


@dataclass(frozen=True, slots=True)
class Together:
    """Where rows of several periods are put below each other, the way on from there, and the places they come from."""

    step: Node
    onward: Way
    periods: tuple[Node, ...]


def put_together(graph: Graph, id: str) -> Iterator[Together]:
    """The steps by which rows of several periods become one table that reaches a node, nearest first."""
    for onward in ways_into(graph, id, _puts_rows_together):
        step = graph.node(onward.start)
        found: dict[str, dict[str, Node]] = defaultdict(dict)
        for way in ways_into(graph, step.id, _is_dated):
            place = graph.node(way.start)
            found[_DATE.sub("{}", place.name)][place.name] = place
        alike = max(found.values(), key=len, default={})
        if len(alike) > 1:
            yield Together(step, onward, tuple(alike[name] for name in sorted(alike)))


def kept_for_later(graph: Graph, together: Together, split: Node) -> Node | None:
    """The place of a later period that the program of a split reads apart, to ask a model about its rows."""
    last = together.periods[-1].name
    for place in sorted(graph.nodes(*_PLACES), key=lambda node: node.name):
        later = _is_dated(place) and place.name > last and _DATE.sub("{}", place.name) == _DATE.sub("{}", last)
        if later and any(_is_asked_about(graph, read, split) for read in graph.successors(place.id, EdgeKind.READS)):
            return place
    return None


def _is_asked_about(graph: Graph, read: Node, split: Node) -> bool:
    onward = graph.downstream(read.id) if entry_file(read) == entry_file(split) else ()
    return any(one.kind is NodeKind.PREDICTION for one in onward)


def _puts_rows_together(node: Node) -> bool:
    return node.role is Role.COMBINE and ROWS in node.traits


def _is_dated(node: Node) -> bool:
    return node.kind in _PLACES and node.exact and _DATE.search(node.name) is not None
