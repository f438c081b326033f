"""Read-only questions about trainings that learn answers from the rows they are judged on, as these lie ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Node, NodeKind
from mldebt.graph.questions import is_ours, trainings
from mldebt.graph.rows import Cut, Rows, RowSets, split_between
from mldebt.graph.ways import Way, ways_into
from mldebt.roles import Role

_FAR = "far-ahead"
_NO_GAP = "no-gap"
_IN_ORDER = "with:shuffle=False"


@dataclass(frozen=True, slots=True)
class Gapless:
    """A fit whose label lies several rows ahead, and the cut behind which the rows begin that judge it."""

    fit: Node
    ahead: Node
    cut: Cut
    way: Way


def gapless(graph: Graph, rows: RowSets) -> Iterator[Gapless]:
    """The fits on rows that end where those begin on which a model is judged, though its label lies further ahead."""
    if not any(_FAR in node.traits for node in graph.nodes(NodeKind.STEP)):
        return
    for fit in filter(is_ours, trainings(graph)):
        ways = (way for way in ways_into(graph, fit.id, lambda node: _FAR in node.traits) if way.as_label)
        way = next(ways, None)
        cut = None if way is None else _cut(graph, rows, fit)
        if way is not None and cut is not None:
            yield Gapless(fit, graph.node(way.start), cut, way)


def _cut(graph: Graph, rows: RowSets, fit: Node) -> Cut | None:
    """What sets the rows aside on which the model of a fit is judged, with none between these and those it learns."""
    learnt = rows.into(fit.id)
    for answer in graph.successors(fit.id):
        judged = any(user.role is Role.EVALUATE for user in graph.successors(answer.id))
        if answer.kind is NodeKind.PREDICTION and judged:
            for one in sorted(learnt, key=str):
                for other in sorted(rows.into(answer.id), key=str):
                    cut = rows.cut((one, other), learnt) if one.base == other.base else None
                    if cut is not None and (cut.sliced or _splits(graph, one, other)):
                        return cut
    return None


def _splits(graph: Graph, one: Rows, other: Rows) -> bool:
    """Whether a splitter keeps time, and leaves no rows out between its parts."""
    split = split_between(graph, (one, other))
    if split is None:
        return False
    made = (graph.node(edge.source) for edge in graph.in_edges(split.id))
    return _IN_ORDER in split.traits or any(_NO_GAP in node.traits for node in made)
