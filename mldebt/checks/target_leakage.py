"""An input is computed from the label, or the label from an input."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import Edge, Graph, Node, NodeKind
from mldebt.graph.questions import LEARNS, STORES, is_ours, trainings
from mldebt.graph.rows import Rows, RowSets
from mldebt.graph.taught import Taken, inputs, labels_of
from mldebt.graph.ways import COLUMN, SIDES, WITHOUT, WITHOUT_MORE
from mldebt.roles import Confidence, Role
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_NOT_THIS_ROW = frozenset({"lags", "ahead", "by-code"})
_LABEL = frozenset({"label"})
_ANY = "{}"
_EACH = frozenset({"looks-up", "each"})
_PARTS = frozenset({Role.SPLIT, Role.SAMPLE})


@dataclass(frozen=True, slots=True)
class _Leak:
    """A column through which the label is among the inputs of a fit."""

    fit: Node
    made: Node
    label: str
    source: str
    variant: str
    listed: bool = False


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each column that is made of the label and learnt from, or of which the label is made."""
    rows = RowSets(graph)
    found: dict[Span, list[_Leak]] = defaultdict(list)
    for fit in (*trainings(graph), *_parted(graph)):
        if is_ours(fit):
            taken = inputs(graph, fit.id)
            for label in labels_of(graph, fit.id):
                for leak in _leaks(graph, rows, fit, taken, label):
                    found[leak.made.at].append(leak)
    for at, leaks in sorted(found.items()):
        yield _hit(at, leaks)
    for step in graph.nodes(NodeKind.STEP):
        if step.traits >= _EACH and is_ours(step):
            yield from (hit for hit in _encoded(graph, step) if hit.at not in found)


def _encoded(graph: Graph, step: Node) -> Iterator[Hit]:
    """Categories of a table that nobody here gives, column after column in the place of which stands the mean of one
    and the same column over all rows: whose mean is it, but that of the label."""
    edges = [edge for edge in graph.in_edges(step.id) if graph.node(edge.source).kind is NodeKind.PARAMETER]
    asked = {edge.part.removeprefix(COLUMN) for edge in edges if edge.part.startswith(COLUMN)}
    parted = any(graph.node(edge.source).role in _PARTS for edge in graph.in_edges(step.id))
    if len(asked) != 1 or parted or len({edge.source for edge in edges}) != 1 or all(edge.part for edge in edges):
        return
    for made in graph.successors(step.id):
        if made.kind is NodeKind.FEATURE and _ANY in made.name:
            yield Hit(
                at=made.at,
                details={"feature": made.name, "column": asked.pop(), "model": ""},
                keys=(made.name, "encoded"),
                confidence=Confidence.LIKELY,
                symbol=made.symbol,
                trail=(Stop(step.at, "mean of a category, put back"), Stop(made.at, f"column: {made.name}")),
                variant="encoded",
            )
            return


def _parted(graph: Graph) -> Iterator[Node]:
    """Splits into inputs and labels of which nothing here learns: whoever gets the parts will."""
    for split in graph.nodes(NodeKind.STEP):
        if split.role is Role.SPLIT and any(edge.slot == "label" for edge in graph.in_edges(split.id)):
            if not any(node.kind is NodeKind.MODEL and node.role in LEARNS for node in graph.downstream(split.id)):
                yield split


def _leaks(graph: Graph, rows: RowSets, fit: Node, taken: tuple[Taken, ...], label: Taken) -> Iterator[_Leak]:
    (name,) = label.columns or ("",)
    learnt = rows.into(fit.id, _LABEL)
    for one in taken:
        if one.node.kind is NodeKind.FEATURE and one.node.name != name and _is_of(graph, rows, one.node, name, learnt):
            listed = one.columns is not None or _is_told_apart(graph, one, name)
            yield _Leak(fit, one.node, name, one.node.name, "", listed and not _is_of_one_arm(graph, one.node))
    for join, twin in _twins(graph, taken, label, name):
        yield _Leak(fit, join, name, twin, "twin")  # a hint: a column may end so by itself
    if label.node.kind is NodeKind.FEATURE and not _looks_elsewhere(graph, label.node):
        sources = _columns_behind(graph, label.node)
        if sources and all(source != name and _stays(taken, id, source) for id, source in sources):
            yield _Leak(fit, label.node, name, sources[0][1], "defined")


def _is_told_apart(graph: Graph, one: Taken, label: str) -> bool:
    """Whether the inputs are said to be all columns but the label, and nothing unknown is left out with it."""
    return label in one.without and not any(_leaves_unknown(graph, graph.node(id)) for id in one.way)


def _is_of_one_arm(graph: Graph, column: Node) -> bool:
    """Whether what stores a column is there once more, at the same place by the same calls, without it: one arm of a
    branch leaves it out, as where it is dropped if it is there."""

    def takes(store: Node) -> bool:
        edges = graph.in_edges(store.id)
        return any(edge.source == column.id or edge.part == COLUMN + column.name for edge in edges)

    stores = [node for node in graph.downstream(column.id) if node.role in STORES and takes(node)]
    alike = {(node.at, node.role, node.chain) for node in stores}
    others = [node for node in graph.nodes(NodeKind.STEP) if (node.at, node.role, node.chain) in alike] if alike else []
    return not all(map(takes, others))


def _twins(graph: Graph, taken: tuple[Taken, ...], label: Taken, name: str) -> Iterator[tuple[Node, str]]:
    """Joins that gave the label its name, as both of their tables have such a column, and what they call the one of the
    other table, where that is not left out."""
    found: dict[tuple[str, str], None] = {}
    for one in taken:
        unknown = any(_leaves_unknown(graph, graph.node(id)) for id in one.way)
        for id in one.way if not unknown else ():
            first, second = (_end(graph.node(id), side) for side in SIDES)
            for mine, other in ((first, second), (second, first)):
                twin = f"{name.removesuffix(mine)}{other}"
                if id in label.way and mine and name.endswith(mine) and one.holds(twin):
                    found[id, twin] = None
    yield from ((graph.node(id), twin) for id, twin in found)


def _end(join: Node, side: str) -> str:
    """What a join puts behind the names of the columns of one of its tables where both have one of that name."""
    return next(iter(join.traits_of(side)), "")


def _leaves_unknown(graph: Graph, step: Node) -> bool:
    """Whether columns are left out that are not known by name: what the table itself, or a list, says decides which."""
    unnamed = "all-but" in step.traits and not step.traits_of(WITHOUT)
    told = any(edge.slot == "other" and not edge.part for edge in graph.in_edges(step.id))
    return unnamed or told or WITHOUT_MORE in step.traits


def _stays(taken: tuple[Taken, ...], id: str, column: str) -> bool:
    return any(one.node.id == id and one.holds(column) for one in taken)


def _is_of(graph: Graph, rows: RowSets, column: Node, label: str, learnt: frozenset[Rows]) -> bool:
    """Whether a column is made of the label of the same rows, before any of them were set aside."""
    if _looks_elsewhere(graph, column):
        return False
    edges = (edge for edge in graph.in_edges(column.id) if _column(graph, edge) == label)
    return any(_is_whole(row, learnt) for edge in edges for row in rows.along(edge))


def _is_whole(row: Rows, learnt: frozenset[Rows]) -> bool:
    """Whether rows are those of the label, with none of them set aside by a split."""
    return not any(">" in cut for cut in row.cuts) and any(row.base == one.base for one in learnt)


def _looks_elsewhere(graph: Graph, column: Node) -> bool:
    """Whether what is done to other rows, or by code that nobody follows, stands between."""
    behind = [graph.node(edge.source) for edge in graph.in_edges(column.id)]
    return any(node.traits & _NOT_THIS_ROW for node in behind)


def _columns_behind(graph: Graph, column: Node) -> list[tuple[str, str]]:
    """The columns that one is made of, with the nodes they are taken of; none where it is made of anything else."""
    edges = [edge for edge in graph.in_edges(column.id) if not _is_beside(graph.node(edge.source))]
    pairs = [(edge.source, _column(graph, edge)) for edge in edges]
    return sorted(set(pairs)) if all(name for _, name in pairs) else []


def _is_beside(node: Node) -> bool:
    """A step that only tells of the way: a comparison with a number, a look from row to row."""
    return node.kind is NodeKind.STEP and node.role is not None and node.role.value in ("decide", "choose")


def _column(graph: Graph, edge: Edge) -> str:
    """The column that an edge takes of a table; a column that is made here by its name."""
    if edge.part.startswith(COLUMN):
        return edge.part.removeprefix(COLUMN)
    source = graph.node(edge.source)
    return edge.column or (source.name if source.kind is NodeKind.FEATURE and edge.part else "")


def _hit(at: Span, leaks: list[_Leak]) -> Hit:
    leak = leaks[0]
    fits = dict.fromkeys((one.fit.at, one.fit.name) for one in leaks)
    return Hit(
        at=at,
        details={"feature": leak.source, "column": leak.label, "model": _name(leak.fit)},
        keys=(leak.source, leak.label),
        confidence=Confidence.LIKELY if any(one.listed for one in leaks) else Confidence.HINT,
        symbol=leak.made.symbol,
        trail=(
            Stop(leak.made.at, "join: both tables have it" if leak.variant == "twin" else f"column: {leak.made.name}"),
            Stop(leak.fit.at, _told(leak)),
        ),
        related=tuple(Stop(place, f"fit: {name}") for place, name in fits if place != leak.fit.at)[:MAX_STOPS],
        variant=leak.variant + ("parted" if leak.fit.role is Role.SPLIT else ""),
    )


def _told(leak: _Leak) -> str:
    if leak.fit.role is Role.SPLIT:
        return f"split: {_name(leak.fit)} parts {leak.label} as the label, with {leak.source} among the inputs"
    return f"fit: {leak.fit.name} learns {leak.label}, with {leak.source} as an input"


def _name(step: Node) -> str:
    return step.callee.rpartition(".")[2] if step.role is Role.SPLIT else step.name
