"""Rows in the order of time are split at random, or a row is given what lies ahead of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import Edge, Graph, Node, NodeKind
from mldebt.graph.gapless import Gapless, gapless
from mldebt.graph.names import called
from mldebt.graph.periods import kept_for_later, put_together
from mldebt.graph.questions import LEARNS, is_ours, trainings
from mldebt.graph.rows import ROWS_TOLD, RowSets
from mldebt.graph.ways import COLUMN, WITHOUT, Way, labels, stops, ways_into
from mldebt.roles import Confidence, Role, weakest
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_ORDERED = "ordered-by:"
_HOLES = re.compile(r"\{[^{}]*\}")
_ROWS = frozenset({"data", "label"})
_CARRY = frozenset({NodeKind.STEP, NodeKind.TRANSFORM})
_MOST_BEFORE = 40
_HOLDS_TOGETHER = frozenset({"time-split", "group-split"})
_OTHERS = frozenset({"other"})
_MADE_WITH = frozenset({"model", "receiver"})


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function that splits rows in time at random; one for each look ahead that is learnt from."""
    done: set[Span] = set()
    rows = RowSets(graph)
    parting = _parting(graph, rows)
    alike: dict[object, list[Hit]] = defaultdict(list)
    for split in graph.nodes(NodeKind.STEP):
        if _sets_rows_apart(split) and is_ours(split) and split.at not in done and _is_random(graph, parting, split):
            hit = _lagged(graph, parting, split) or _beside_dates(graph, split)
            hit = hit or _of_periods(graph, split) or _in_order(graph, split)
            if hit is not None:
                done.add(split.at)
                alike[hit.at.path, hit.at.cell, hit.symbol, hit.variant, hit.confidence, hit.keys].append(hit)
    yield from map(_joined, alike.values())
    yield from _ahead(graph)
    yield from _handed_out(graph)
    yield from _without_gap(graph, rows)


def _joined(hits: list[Hit]) -> Hit:
    """The first of the splits that one function may go through, the others beside it."""
    first, *others = sorted(hits, key=lambda hit: hit.at)
    more = tuple(Stop(hit.at, f"split: {hit.details['split']}, too") for hit in others)
    return replace(first, related=(*more, *first.related)[:MAX_STOPS])


def _sets_rows_apart(step: Node) -> bool:
    """A split, or a score that makes its own folds."""
    return step.role is Role.SPLIT or _has_folds(step)


def _has_folds(step: Node) -> bool:
    return step.role is Role.EVALUATE and "kfold" in step.traits


def _is_random(graph: Graph, parting: frozenset[Span], split: Node) -> bool:
    """Whether it draws, or was made by what draws, and keeps neither groups nor time together."""
    folds = _has_folds(split)
    slots = _OTHERS if folds else _MADE_WITH
    made = [graph.node(edge.source) for edge in graph.in_edges(split.id) if edge.slot in slots]
    traits = split.traits.union(*(node.traits for node in made if not folds or "kfold" in node.traits))
    return "random" in traits and not traits & _HOLDS_TOGETHER and (folds or split.at in parting)


def _parting(graph: Graph, rows: RowSets) -> frozenset[Span]:
    """Where splits are of which a model learns a part. Folds inside which a column is made, as by an encoder of means,
    are put together again before anything is learnt."""
    alike: dict[Span, list[Node]] = defaultdict(list)
    for step in graph.nodes(NodeKind.STEP):
        if step.role is Role.SPLIT:
            alike[step.at].append(step)
    return frozenset(at for at, splits in alike.items() if _part(graph, rows, splits))


def _part(graph: Graph, rows: RowSets, splits: list[Node]) -> bool:
    """Whether something learns a part of one split, whoever calls the code in which it stands, and not all the rows."""
    fits, whole = False, False
    for split in splits:
        bases = {row.base for row in rows.into(split.id)}
        learning = [node for node in graph.downstream(split.id) if node.kind is NodeKind.MODEL and node.role in LEARNS]
        learnt = [row for fit in learning for row in rows.into(fit.id) if row.base in bases]
        if any(cut.startswith(f"{split.id}>") for row in learnt for cut in row.cuts):
            return True
        fits, whole = fits or bool(learning), whole or bool(learnt)
    return fits and not whole


def _lagged(graph: Graph, parting: frozenset[Span], split: Node) -> Hit | None:
    """Inputs or labels that are made of neighbouring rows: a random part has the neighbours of the other."""
    found = ways_into(graph, split.id, lambda node: "in-time" in node.traits)
    ways = [way for way in found if _is_first(graph, parting, way)]
    way = min(ways, key=lambda one: (_counts_groups(graph, one), not one.named, len(one.edges)), default=None)
    if way is None:
        return None
    lag, counted = graph.node(way.start), _counts_groups(graph, way)
    return Hit(
        at=split.at,
        details={"split": called(split), "what": called(lag), "column": _column(graph, way)},
        keys=(called(split), called(lag)),
        confidence=weakest(way.confidence, Confidence.HINT if counted else Confidence.LIKELY),
        symbol=split.symbol,
        trail=stops(graph, way),
        related=tuple(_others(graph, ways, lag)),
    )


def _counts_groups(graph: Graph, way: Way) -> bool:
    """Whether rows become those of groups on the way: of shops, say, of which none follows another."""
    return any("of-groups" in graph.node(edge.target).traits for edge in way.edges)


def _in_order(graph: Graph, split: Node) -> Hit | None:
    """Rows that are put in the order of time, by a column that is kept from the inputs, and drawn at random all the
    same."""
    for column in sorted(split.traits_of(_ORDERED)):
        chosen = next((edge for edge in _before(graph, split) if _leaves_out(graph.node(edge.source), column)), None)
        if chosen is not None:
            return Hit(
                at=split.at,
                details={"split": called(split), "column": column},
                keys=(called(split), column),
                # A notebook is one long function: what it sorts by time may be another table.
                confidence=Confidence.HINT if split.at.cell else Confidence.LIKELY,
                symbol=split.symbol,
                trail=(
                    Stop(graph.node(chosen.source).at, f"inputs: without {column}"),
                    Stop(split.at, f"split: {called(split)} draws"),
                ),
                variant="ordered",
            )
    return None


def _before(graph: Graph, split: Node) -> list[Edge]:
    """The edges by which rows come to a split, the nearest first."""
    found: list[Edge] = []
    seen, ring = {split.id}, [split.id]
    while ring and len(seen) < _MOST_BEFORE:
        edges = [edge for id in ring for edge in graph.in_edges(id) if edge.slot in _ROWS]
        found += edges
        ring = sorted({edge.source for edge in edges if graph.node(edge.source).kind in _CARRY} - seen)
        seen.update(ring)
    return found


def _leaves_out(node: Node, column: str) -> bool:
    """Whether columns are chosen by their names, and this is none of them."""
    chosen = node.role is Role.SELECT and "listed" in node.traits and COLUMN + column not in node.traits
    return chosen or WITHOUT + column in node.traits


def _is_first(graph: Graph, parting: frozenset[Span], way: Way) -> bool:
    """Whether no other split drew before: a part that is drawn from a drawn part is the same defect."""
    before = (graph.node(edge.source) for edge in way.edges)
    drawn = [node for node in before if node.role is Role.SPLIT and "random" in node.traits]
    return not any(node.at in parting for node in drawn)


def _others(graph: Graph, ways: list[Way], lag: Node) -> list[Stop]:
    places = dict.fromkeys(graph.node(way.start).at for way in ways)
    return [Stop(at, "row to row: also here") for at in sorted(places) if at != lag.at][:MAX_STOPS]


def _beside_dates(graph: Graph, split: Node) -> Hit | None:
    """What learns from a random part learns from rows that dates set apart where the program goes another way."""
    for edge in graph.out_edges(split.id):
        fit = graph.node(edge.target)
        told = [one for one in graph.in_edges(fit.id) if _by_dates(graph, one)] if fit.role in LEARNS else []
        if told:
            dates = graph.node(told[0].source)
            return Hit(
                at=split.at,
                details={"split": called(split), "model": fit.name},
                keys=(called(split), fit.name),
                confidence=Confidence.LIKELY,
                symbol=split.symbol,
                trail=(
                    Stop(dates.at, "dates: tell the rows apart"), Stop(split.at, f"split: {called(split)} instead"),
                    Stop(fit.at, f"fit: {fit.name} learns from either"),
                ),
                variant="instead",
            )  # fmt: skip
    return None


def _of_periods(graph: Graph, split: Node) -> Hit | None:
    """A random part of rows of several periods: a hint, as rows of one period may have nothing to do with the next,
    unless the program itself keeps a later period to ask the model about."""
    together = next(put_together(graph, split.id), None)
    if together is None:
        return None
    named = [place.name for place in together.periods]
    later = kept_for_later(graph, together, split)
    return Hit(
        at=split.at,
        details={
            "split": called(split),
            "what": f"{named[0]} and {named[-1]}",
            "source": later.name if later is not None else "",
        },
        keys=(called(split), *named),
        confidence=weakest(Confidence.LIKELY, together.onward.confidence) if later is not None else Confidence.HINT,
        symbol=split.symbol,
        trail=(
            *(Stop(place.at, f"rows of one period: {place.name}") for place in together.periods[:MAX_STOPS]),
            *stops(graph, together.onward),
        ),
        variant="periods" if later is None else "later",
    )


def _by_dates(graph: Graph, edge: Edge) -> bool:
    told = any(stop.label.startswith(ROWS_TOLD) for stop in edge.trail)
    return told and "dates" in graph.node(edge.source).traits


def _ahead(graph: Graph) -> Iterator[Hit]:
    """What lies ahead of a row is for its label alone."""
    found: dict[Span, list[tuple[Node, Way]]] = defaultdict(list)
    if not any("ahead" in node.traits for node in graph.nodes(NodeKind.STEP)):
        return
    for fit in trainings(graph):
        if not is_ours(fit):
            continue
        known = labels(graph, fit.id)
        for way in ways_into(graph, fit.id, lambda node: "ahead" in node.traits):
            known_label = way.as_label or not known.isdisjoint(_columns(graph, way))
            if not known_label and not _comes_with_labels(graph, way):
                found[graph.node(way.start).at].append((fit, way))
    for at, pairs in sorted(found.items()):
        yield _looks_ahead(graph, at, pairs)


def _comes_with_labels(graph: Graph, way: Way) -> bool:
    """Whether it goes through a set of rows that brings inputs and labels by one value: which it is, nobody says."""
    return any(
        other.source == edge.source and other.slot == "label" and other.part == edge.part
        for edge in way.edges if edge.slot == "data"
        for other in graph.in_edges(edge.target)
    )  # fmt: skip


def _columns(graph: Graph, way: Way) -> set[str]:
    """The columns through which a way goes."""
    nodes = (graph.node(edge.target) for edge in way.edges)
    return {node.name for node in nodes if node.kind is NodeKind.FEATURE}


def _looks_ahead(graph: Graph, at: Span, pairs: list[tuple[Node, Way]]) -> Hit:
    fit, way = min(pairs, key=lambda pair: (not pair[1].named, len(pair[1].edges), pair[0].id))
    lag = graph.node(way.start)
    return Hit(
        at=at,
        details={"what": called(lag), "column": _column(graph, way), "model": fit.name},
        keys=(called(lag), _column(graph, way)),
        confidence=weakest(way.confidence, Confidence.LIKELY) if way.named else Confidence.HINT,
        symbol=lag.symbol,
        trail=stops(graph, way),
        related=tuple(Stop(*place) for place in sorted({(one.at, f"fit: {one.name}") for one, _ in pairs}))[:MAX_STOPS],
        variant="ahead",
    )


def _handed_out(graph: Graph) -> Iterator[Hit]:
    """What lies ahead of rows that nobody here gives, beside them, where nothing here takes it for a label: a window
    with its row in the middle, or more of it than the one column that a label needs."""
    found: dict[tuple[str, str], list[tuple[Node, Node]]] = defaultdict(list)
    for step in graph.nodes(NodeKind.STEP):
        if "ahead" in step.traits and is_ours(step) and _is_of_callers(graph, step):
            columns = [one for one in graph.successors(step.id) if one.kind is NodeKind.FEATURE]
            if columns and not any(_is_used(graph, column) for column in columns):
                found[step.at.path, step.symbol].append((step, columns[0]))
    for pairs in found.values():
        pairs.sort(key=lambda pair: (pair[0].at, pair[0].id))
        centred = [pair for pair in pairs if "lags" not in pair[0].traits]
        if centred or len({column.name for _, column in pairs}) > 1:
            step, column = (centred or pairs)[0]
            others = tuple(Stop(one.at, f"ahead: also {two.name}") for one, two in pairs if one is not step)
            yield Hit(
                at=step.at,
                details={"what": called(step), "column": _said(column.name)},
                keys=(called(step), column.name),
                confidence=Confidence.HINT,
                symbol=step.symbol,
                trail=(Stop(step.at, f"ahead: {called(step)}"), Stop(column.at, f"column: {column.name}")),
                related=others[:MAX_STOPS],
                variant="beside",
            )


def _is_of_callers(graph: Graph, step: Node) -> bool:
    return any(node.kind is NodeKind.PARAMETER for node in graph.predecessors(step.id))


def _is_used(graph: Graph, column: Node) -> bool:
    """Whether something here learns from a column, or takes it for a label."""
    labelled = any(edge.slot == "label" for edge in graph.out_edges(column.id))
    return labelled or any(node.kind is NodeKind.MODEL and node.role in LEARNS for node in graph.downstream(column.id))


def _without_gap(graph: Graph, rows: RowSets) -> Iterator[Hit]:
    """What a model learns ends where it is judged, but its label lies further ahead: one hit for each cut."""
    found: dict[Span, list[Gapless]] = defaultdict(list)
    for one in gapless(graph, rows):
        found[one.cut.at].append(one)
    for at, same in sorted(found.items()):
        first, name = same[0], same[0].cut.name
        grouped = first.ahead.callee.startswith("group")  # rows of one group may stand before those of the next
        yield Hit(
            at=at,
            details={
                "split": f"{name[:1].upper()}{name[1:]}" if first.cut.sliced else name,
                "what": called(first.ahead), "model": first.fit.name,
            },
            keys=(name, called(first.ahead), "gap"),
            confidence=weakest(first.way.confidence, Confidence.HINT if grouped else Confidence.LIKELY),
            symbol=first.fit.symbol,
            trail=(*stops(graph, first.way), Stop(at, f"split: {name} leaves out nothing")),
            related=tuple(Stop(one.fit.at, f"fit: {one.fit.name}") for one in same)[:MAX_STOPS],
            variant="gap",
        )  # fmt: skip


def _column(graph: Graph, way: Way) -> str:
    """The column that is made of neighbouring rows, by the first name on the way."""
    nodes = (graph.node(edge.target) for edge in way.edges)
    return next((_said(node.name) for node in nodes if node.kind is NodeKind.FEATURE), "a column")


def _said(column: str) -> str:
    """The name of a column; one of which code makes all letters may be several."""
    return column if _HOLES.sub("", column).strip() else "columns"
