"""Two inputs of one model hold one value: copies, unit conversions, one expression under two names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from mldebt.findings import Hit
from mldebt.graph import Edge, Graph, Node, NodeKind
from mldebt.graph.column_records import Twin, Twins
from mldebt.graph.columns import models_fed, sureness_of
from mldebt.graph.names import model_name
from mldebt.graph.questions import is_ours, saved
from mldebt.graph.ways import WITHOUT, labels
from mldebt.roles import Confidence, Role, weakest
from mldebt.trail import Stop

_SHOWN = 8
_MOST_PARTED = 4


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each group of columns of one value, at the last of those that one model learns from."""
    for group in graph.code.twins:
        for twins in _parts(group):
            fed = [(fit, way) for fit, way in _fits(graph, twins) if not _is_label(graph, fit, twins)]
            if fed:
                yield _hit(graph, twins, fed)
                break


def _parts(group: Twins) -> Iterator[Twins]:
    """The group, and its parts, the largest first: a model may get some of its columns."""
    fewest = 2 if len(group.columns) <= _MOST_PARTED else len(group.columns)
    for size in range(len(group.columns), fewest - 1, -1):
        yield from (replace(group, columns=part) for part in combinations(group.columns, size))


def _fits(graph: Graph, twins: Twins) -> list[tuple[Node, tuple[Edge, ...]]]:
    """The trainings of ours that learn from all of the columns."""
    if twins.source not in graph or not is_ours(graph.node(twins.source)):
        return []
    fed = models_fed(graph, twins.source, *(column.name for column in twins.columns))
    fits = [(node, way) for node, way in fed if node.kind is NodeKind.MODEL and is_ours(node)]
    return sorted(fits, key=lambda pair: (_sure(graph, *pair) is not Confidence.LIKELY, not saved(graph, pair[0])))


def _is_label(graph: Graph, fit: Node, twins: Twins) -> bool:
    """Whether one of them is what the model learns to predict: then the other gives it away, which is another debt."""
    return any(column.name in labels(graph, fit.id) for column in twins.columns)


def _sure(graph: Graph, fit: Node, way: tuple[Edge, ...]) -> Confidence:
    """Where neither the label is known nor what is taken or left out of the columns, one of them may be either. Of a
    loss that names no model it is not known which columns its tensors were made of."""
    steps = [graph.node(edge.target) for edge in way]
    listed = any(step.role is Role.SELECT and "listed" in step.traits for step in steps)
    dropped = any(step.traits_of(WITHOUT) for step in steps)
    computed = any("computed" in step.traits or _drops_what_it_is_told(step) for step in steps)
    known = listed or dropped or labels(graph, fit.id)
    return Confidence.LIKELY if not computed and known and model_name(graph, fit) else Confidence.HINT


def _drops_what_it_is_told(step: Node) -> bool:
    """Whether columns are dropped by names that are not known here."""
    return "all-but" in step.traits and not step.traits_of(WITHOUT)


def _hit(graph: Graph, twins: Twins, fed: list[tuple[Node, tuple[Edge, ...]]]) -> Hit:
    *others, last = sorted(twins.columns, key=lambda column: (column.ranges, column.at, column.name))
    fit, way = fed[0]
    return Hit(
        at=last.at,
        details={
            "column": last.name if last.ranges else _listed([column.name for column in (*others, last)]),
            "model": model_name(graph, fit) or "one model",
            "what": others[0].name if last.ranges else _difference(twins.columns),
            "count": "both" if len(twins.columns) == 2 else "all of them",
        },
        keys=tuple(sorted(column.name for column in twins.columns)),
        confidence=weakest(_sure(graph, fit, way), sureness_of(graph, way)),
        symbol=twins.symbol,
        trail=(
            *(Stop(column.at, f"column: {column.name}") for column in (*others, last)[-4:]),
            Stop(fit.at, f"{(fit.role or Role.FIT).value}: {fit.name}"),
        ),
        related=tuple(Stop(column.at, f"column: {column.name}") for column in others)[:_SHOWN],
        variant="range" if last.ranges else "",
    )


def _difference(columns: tuple[Twin, ...]) -> str:
    """How the columns differ, in words; empty for copies."""
    scales, shifts = ({column.unit[part] for column in columns} for part in (0, 1))
    if len(scales) > 1:
        return ", but for a factor" if len(shifts) == 1 else ", but for a factor and a constant"
    return ", but for a constant" if len(shifts) > 1 else ""


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
