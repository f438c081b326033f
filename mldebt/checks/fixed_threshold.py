"""A decision on a model's score compares with a number that is written in the code."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import FLOW, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.names import answer_name
from mldebt.graph.questions import STORES, is_ours, trainings
from mldebt.graph.rows import ROWS_LOST
from mldebt.graph.served import served
from mldebt.graph.ways import COLUMN, Way, labels, stops, ways_into
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Span
from mldebt.trail import Stop

_LIMIT = "limit:"
_NAME = "named:"
_BOUNDS = frozenset({0.0, 1.0, -1.0})  # the ends of a range, the sign of a number, "none": nobody tunes them
_LEAST = 1e-4  # what is smaller guards a division
_GUARD = 0.01  # what is no larger may guard one, or a logarithm
_NOT_FIXED = frozenset({"setting", "statistic", "constructor"})
_ANSWERS = frozenset({NodeKind.PREDICTION, NodeKind.TRANSFORM, NodeKind.MODEL})
_TRUTH = frozenset({Role.SPLIT, Role.EVALUATE, Role.VALIDATE})
_MAKERS = frozenset({Role.DECIDE, Role.COMBINE, Role.LOAD, Role.CONSTRUCT})
_ACTIONS = STORES | {Role.SERVE, Role.REQUEST, Role.RUN}
_MOST_STEPS = 6
_LEAST_GRID = 5
_NAMED = frozenset({"constant", "passed"})
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class _Decision:
    node: Node
    limits: tuple[float, ...]
    way: Way


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function in which scores are compared."""
    known = frozenset(COLUMN + label for fit in trainings(graph) for label in labels(graph, fit.id))
    # Most comparisons have no prediction behind them: to look for one from each of them takes long in a large graph.
    behind = {node.id for node in graph.reached(node.id for node in graph.nodes(NodeKind.PREDICTION))}
    groups: dict[tuple[str, str], list[_Decision]] = defaultdict(list)
    for nodes in _by_place(graph).values():
        for node, limits in _fixed(nodes):
            way = _score(graph, node, known) if node.id in behind else None
            if way is not None:
                groups[node.at.path, node.symbol].append(_Decision(node, limits, way))
                break
    told: set[Span] = set()
    answering = frozenset(id for one in served(graph) for id in one.through) if groups else frozenset()
    for group in groups.values():
        fresh = [one for one in sorted(group, key=lambda one: one.node.at) if one.node.at not in told]
        told.update(one.node.at for one in fresh)
        if fresh:
            yield _hit(graph, fresh, answering)


def _by_place(graph: Graph) -> dict[Span, list[Node]]:
    found: dict[Span, list[Node]] = defaultdict(list)
    for node in graph.nodes(NodeKind.STEP):
        if node.role is Role.DECIDE and is_ours(node):
            found[node.at].append(node)
    return dict(sorted(found.items()))


def _fixed(nodes: list[Node]) -> Iterator[tuple[Node, tuple[float, ...]]]:
    """The decisions of one place that compare with numbers of the code. Several numbers in turn are a
    search for one; a place that also gets a setting has its number from there."""
    if any("setting" in node.traits for node in nodes):
        return
    turns: dict[tuple[Span, ...], set[tuple[float, ...]]] = defaultdict(set)
    for node in nodes:
        turns[node.chain].add(_limits(node))
    for node in nodes:
        limits = tuple(limit for limit in _limits(node) if limit not in _BOUNDS and abs(limit) >= _LEAST)
        if limits and len(turns[node.chain]) == 1 and not node.traits & _NOT_FIXED and not _is_grid(_limits(node)):
            yield node, limits


def _limits(node: Node) -> tuple[float, ...]:
    return tuple(sorted(float(limit) for limit in node.traits_of(_LIMIT)))


def _may_count(limits: Iterable[float]) -> bool:
    """Whether all limits are whole numbers beyond one: a size or a count may be compared with them as well."""
    return all(abs(limit) > 1 and limit == int(limit) for limit in limits)


def _is_grid(limits: tuple[float, ...]) -> bool:
    """Bins of equal width count; they decide nothing."""
    widths = [after - before for before, after in itertools.pairwise(limits)]
    return len(limits) >= _LEAST_GRID and max(widths) - min(widths) < 1e-6 * max(limits)


def _score(graph: Graph, decision: Node, known: frozenset[str]) -> Way | None:
    """The way from a prediction to what is compared; None where it is not proven to be one, or where
    a label stands beside it. Other columns may pick the row."""
    found = [way for way in ways_into(graph, decision.id, _is_answer) if way.named and not way.chosen]
    found = [way for way in found if not _is_kept_with_scores(graph, way)]
    compared = [edge for edge in graph.in_edges(decision.id) if edge.slot == "data"]
    columns = {edge.part for edge in compared if edge.part.startswith(COLUMN)}
    scored = {way.edges[-1].part for way in found}
    scored |= {COLUMN + graph.node(edge.source).name for way in found for edge in way.edges}
    if (
        (columns and not columns & scored)
        or (columns - scored) & known
        or any(graph.node(edge.source).role in _TRUTH for edge in compared)
    ):
        return None
    return min(found, key=lambda way: (len(way.edges), way.start), default=None)


def _is_kept_with_scores(graph: Graph, way: Way) -> bool:
    """Whether it goes through a store of scores of the model: what is read there are figures of all rows."""
    stores = (graph.node(edge.target) for edge in way.edges if graph.node(edge.target).role in STORES)
    return bool(way.reads) and any(_keeps_scores(graph, store) for store in stores)


def _is_answer(node: Node) -> bool:
    return node.kind is NodeKind.PREDICTION


def _hit(graph: Graph, group: list[_Decision], answering: Set[str]) -> Hit:
    """What something is done by is told, with its numbers; what is only looked at stands beside it."""
    acting = [one for one in group if _acts(graph, one.node, answering)]
    told = acting or group
    first = told[0]
    node, way = first.node, first.way
    model = answer_name(graph, graph.node(way.start), tuple(graph.node(edge.source).name for edge in way.reads))
    limits = dict.fromkeys(limit for one in told for limit in one.limits)
    value = " and ".join(f"{limit:g}" for limit in limits)
    name = _name_of(first) if len(limits) == 1 else ""
    judged = not acting or max(map(abs, limits)) <= _GUARD
    doubtful = _is_mixed(graph, first) or _is_part_of_answer(graph, way) or _is_of_network(graph, way)
    doubtful = doubtful or _is_other_column(graph, way)
    sure = _as_stored(graph, first) if way.reads else Confidence.HINT if doubtful else Confidence.CERTAIN
    return Hit(
        at=node.at,
        details={"model": model, "value": value, "setting": name},
        keys=tuple(f"{limit:g}" for limit in limits),
        confidence=Confidence.HINT if judged or _may_count(limits) else weakest(sure, way.confidence),
        symbol=node.symbol,
        trail=stops(graph, way),
        related=tuple(_related(one for one in group if one is not first)),
        variant="several" if len(limits) > 1 else "named" if name else "",
    )


def _as_stored(graph: Graph, one: _Decision) -> Confidence:
    """Likely for a column that the answers were stored under; of what was stored with other things, figures of all rows
    for example, any may be compared."""
    parts = {edge.part for edge in graph.in_edges(one.node.id) if edge.slot == "data" and edge.part.startswith(COLUMN)}
    nodes = (graph.node(edge.target) for edge in one.way.edges)
    stored = {COLUMN + node.name for node in nodes if node.kind is NodeKind.FEATURE}
    stored |= {edge.part for edge in one.way.edges[:-1]}
    return Confidence.LIKELY if parts & stored else Confidence.HINT


def _is_part_of_answer(graph: Graph, way: Way) -> bool:
    """Whether something unknown is taken out of the answer of an unknown model: the corner of a box is no score."""
    unknown = graph.node(way.start).callee.startswith("?")
    return unknown and any(stop.label.startswith(ROWS_LOST) for edge in way.edges for stop in edge.trail)


def _is_other_column(graph: Graph, way: Way) -> bool:
    """Whether a column is compared that was written by its name, and not on the way from the answers."""
    column = way.edges[-1].part.removeprefix(COLUMN) if way.edges[-1].part.startswith(COLUMN) else ""
    here = {edge.source for edge in way.edges}
    beside = (graph.node(other.source) for edge in way.edges for other in graph.in_edges(edge.target))
    made = [node for node in beside if column and node.kind is NodeKind.FEATURE and node.name == column]
    return bool(made) and not any(node.id in here for node in made)


def _is_of_network(graph: Graph, way: Way) -> bool:
    """Whether a network was called: it answers scores, and as well masks, weights and places."""
    return graph.node(way.start).callee.endswith(".__call__")


def _name_of(one: _Decision) -> str:
    """The constant or parameter that holds the number, if a name does."""
    names = sorted(one.node.traits_of(_NAME))
    return names[0] if names and one.node.traits & _NAMED else ""


def _is_mixed(graph: Graph, one: _Decision) -> bool:
    """Whether other data stand beside the prediction: an error is compared then, or a metric."""
    sources = [graph.node(edge.source) for edge in graph.in_edges(one.node.id) if edge.slot == "data"]
    return any(source.kind not in _ANSWERS and source.role not in _MAKERS for source in sources)


def _related(others: Iterable[_Decision]) -> Iterator[Stop]:
    for one in list(others)[:_SHOWN]:
        yield Stop(one.node.at, f"compare: {', '.join(f'{limit:g}' for limit in one.limits)}")


def _acts(graph: Graph, decision: Node, answering: Set[str]) -> bool:
    """Whether something is done by a decision: it steers the code, stands in a function that requests go through, or
    what it marks is stored, answered or given to a program. A mask that only goes into numbers, sums and pictures does
    nothing."""
    if _only_looked_at(graph, decision):
        return False
    if decision.function in answering:
        return True
    after = graph.downstream(decision.id, *FLOW, hops=_MOST_STEPS)
    return "steers" in decision.traits or any(
        node.role in _ACTIONS or node.kind in (NodeKind.ENDPOINT, NodeKind.ARTIFACT) for node in after
    )


def _only_looked_at(graph: Graph, decision: Node) -> bool:
    """Whether what is decided is counted, or goes into scores of the model or a cell of a notebook, and
    is stored nowhere."""
    if "counted" in decision.traits:
        return True
    after = graph.downstream(decision.id, *FLOW, hops=_MOST_STEPS)
    if any(node.role in STORES and not _tells_how_well(graph, node) for node in after):
        return False
    judged = any(node.role is Role.EVALUATE or (node.role in STORES and _tells_how_well(graph, node)) for node in after)
    return judged or decision.at.cell > 0


def _tells_how_well(graph: Graph, store: Node) -> bool:
    """Whether scores or other figures of a model are stored there, or what is decided beside the truth, as a split sets
    it aside."""
    beside = (graph.node(edge.source) for edge in graph.in_edges(store.id) if edge.slot == "data")
    stores = {place.store for place in graph.successors(store.id, EdgeKind.WRITES)}
    figures = store.role is Role.TRACK and stores <= {Store.METRIC}
    return figures or _keeps_scores(graph, store) or any(source.role is Role.SPLIT for source in beside)


def _keeps_scores(graph: Graph, store: Node) -> bool:
    """Whether scores of a model are stored there, be it with shares and counts beside them."""
    sources = [graph.node(edge.source) for edge in graph.in_edges(store.id) if edge.slot == "data"]
    return any(source.role is Role.EVALUATE for source in sources)
