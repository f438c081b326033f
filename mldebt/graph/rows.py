"""Which rows reach a step: where they come from, and every cut (split, pick, sample) they passed on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.roles import Role, Store
from mldebt.source import Span
from mldebt.trail import Stop

ROWS_PICKED = "rows: picked here"
ROWS_LOST = "rows: not followed here"
ROWS_TOLD = "rows: named by these here"
ROWS_JOINED = "rows: joined here to those of others"

_NO_ROWS = frozenset({NodeKind.FEATURE, NodeKind.MODEL, NodeKind.SETTING, NodeKind.FUNCTION, NodeKind.ENDPOINT})
_STORED = frozenset({NodeKind.ARTIFACT, NodeKind.SOURCE})
_PAIR = 2
_DATA = frozenset({"data"})
_WATCHED = frozenset({"watched"})
_MADE_WITH = frozenset({"model", "receiver", "data"})
_BY_SPLIT = "splits"
_MOST_ROWS = 300
"""So many kinds of rows come together where a file is read and written all over: nobody can tell them apart."""
_BOUNDS = re.compile(r" \((?P<column>\S*): (?P<low>\S*) to (?P<high>\S*)\)(, case \d+)?$")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which values of a column rows are, or between which numbers of rows where no column is named. An end is a
    number, what stands for a value that nobody knows (`#1`), or empty where there is none."""

    column: str
    low: str
    high: str

    def __str__(self) -> str:
        return f" ({self.column}: {self.low} to {self.high})"

    @staticmethod
    def of(cut: str) -> Bounds | None:
        """The bounds that a cut tells of."""
        found = _BOUNDS.search(cut)
        return None if found is None else Bounds(found["column"], found["low"], found["high"])

    def meets(self, other: Bounds) -> bool:
        """Whether rows between these bounds are surely between the others as well, if there are any."""
        if self.column != other.column or not (self._is_known() and other._is_known()):
            return False
        ends = ((self.low, other.high), (other.low, self.high))
        return all(not low or not high or float(low) < float(high) for low, high in ends)

    def touches(self, other: Bounds) -> bool:
        """Whether these end where the others begin, or begin where they end."""
        ends = ((self.high, other.low), (self.low, other.high))
        return self.column == other.column and any(end and end == start for end, start in ends)

    def _is_known(self) -> bool:
        """Whether all ends are numbers that can be compared: those of rows count from the first one or the last."""
        ends = [end for end in (self.low, self.high) if end]
        return not any(end.startswith("#") or (not self.column and end.startswith("-")) for end in ends)


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of `base` (an artifact, or the step that made them) that are left after these cuts."""

    base: str
    cuts: frozenset[str] = frozenset()

    def holds(self, other: Rows) -> bool:
        """Whether all of the other rows are surely among these."""
        return self.base == other.base and self.cuts <= other.cuts

    def apart(self, other: Rows) -> bool:
        """Whether none of these is known to be among the other rows: those of another base, or set apart by a split
        or pick that was followed. What an unknown call leaves of rows may be all of them."""
        mine, others = (frozenset(cut for cut in one.cuts if ROWS_LOST not in cut) for one in (self, other))
        return self.base != other.base or not (mine <= others or others <= mine)


Pair = tuple[Rows, Rows]


@dataclass(frozen=True, slots=True)
class Cut:
    """What sets rows apart from those that are trained on: a split, or a slice or mask beside that of the training."""

    at: Span
    name: str
    sliced: bool = False
    folds: bool = False

    @staticmethod
    def by(step: Node) -> Cut:
        """What a split sets apart, or a cross-validation."""
        return Cut(step.at, step.callee.rpartition(".")[2] or step.name)

    @staticmethod
    def of(graph: Graph, split: Node) -> Cut:
        """What a split sets apart; folds are called like what makes them."""
        made = (graph.node(edge.source) for edge in graph.in_edges(split.id))
        folds = next((node for node in made if node.role is Role.CONSTRUCT and "kfold" in node.traits), None)
        return Cut.by(split) if folds is None else replace(Cut.by(folds), at=split.at, folds=True)


class RowSets:
    """The rows of a graph's steps, each found once."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[str, frozenset[Rows]] = {}
        self._taking = {one.id for one in graph.code.definitions if set(one.parameters) - {"self", "cls"}}
        self._picked: dict[str, Stop] = {}
        self._given: dict[tuple[str, frozenset[str]], frozenset[Rows]] = {}
        self._open = 0

    def into(self, id: str, slots: frozenset[str] = _DATA) -> frozenset[Rows]:
        """The rows that a step gets in these slots. None where nothing is known of them."""
        found = self._given.get((id, slots))
        if found is None:
            found = self._gets(id, slots)
            if not self._open:  # inside of a cycle not all is known yet
                self._given[id, slots] = found
        return found

    def _gets(self, id: str, slots: frozenset[str]) -> frozenset[Rows]:
        rows = self._joined([edge for edge in self._graph.in_edges(id) if edge.slot in slots])
        if len(rows) > _MOST_ROWS:
            return frozenset()
        return rows if self._graph.node(id).role is Role.COMBINE else _named(rows)

    def along(self, edge: Edge) -> frozenset[Rows]:
        """The rows that flow along an edge."""
        source = self._graph.node(edge.source)
        one = source.kind is NodeKind.FEATURE and edge.part == f"column:{source.name}"
        none = source.kind in _NO_ROWS and not one
        if none or source.role is Role.FIT or _labelled(edge, ROWS_TOLD, ROWS_JOINED):
            return frozenset()
        picked = {_place(stop): stop for stop in edge.trail if stop.label.startswith((ROWS_PICKED, ROWS_LOST))}
        self._picked.update(picked)
        cuts = set(picked)
        if source.role is Role.SPLIT or (_BY_SPLIT in source.traits and edge.part):
            cuts.add(_cut(edge))
        elif source.role is Role.SAMPLE:
            cuts.add(source.id)
        return frozenset(Rows(rows.base, rows.cuts | cuts) for rows in self._of(source))

    def cut(self, pair: Pair, trained: frozenset[Rows]) -> Cut | None:
        """What sets the second rows aside from the first, behind which rows of a fit are still together."""
        split = split_between(self._graph, pair)
        if split is not None:
            return Cut.of(self._graph, split)
        found = (Bounds.of(cut) for row in trained if row.base == pair[1].base for cut in row.cuts)
        left = [bounds for bounds in found if bounds is not None]
        for cut in sorted(pair[1].cuts - pair[0].cuts):
            bounds = Bounds.of(cut)
            if bounds is not None and any(map(bounds.touches, left)):
                return Cut(self._picked[cut].at, "a mask" if bounds.column else "a slice", sliced=True)
        return None

    def watched_by(self, fit: str) -> frozenset[Rows]:
        """The rows on which a training is scored while it goes on: given to the fit, or to what it is made with."""
        made = (self._graph.node(edge.source) for edge in self._graph.in_edges(fit) if edge.slot in _MADE_WITH)
        ids = [fit, *(node.id for node in made if node.role is Role.CONSTRUCT)]
        return frozenset(one for id in ids for one in self.into(id, _WATCHED))

    def read_from(self, id: str, through: Callable[[Node], bool] = bool) -> Node | None:
        """The nearest artifact from which the rows of a step come, if they come from one; of several the one that is
        read first. What an unknown call gave comes after what is followed, and what may as well be settings after all
        else. `through`: by which steps they may come."""
        seen, ring = {id}, [id]
        aside: list[tuple[Span, str]] = []
        while ring:
            edges = [edge for at in ring for edge in self._graph.in_edges(at)]
            reads = [edge for edge in edges if edge.kind is EdgeKind.READS and not _is_anywhere(edge.source)]
            places = sorted((edge.at, edge.source) for edge in reads if not self._may_be_settings(edge))
            if places:
                return self._graph.node(places[0][1])
            aside += sorted((edge.at, edge.source) for edge in reads)
            onward = [edge for edge in edges if edge.slot in _DATA and self.along(edge)]
            onward = [edge for edge in onward if not _lost(edge)] or onward
            ring = sorted({edge.source for edge in onward if through(self._graph.node(edge.source))} - seen)
            seen.update(ring)
        return self._graph.node(aside[0][1]) if aside else None

    def _may_be_settings(self, read: Edge) -> bool:
        return "settings" in self._graph.node(read.target).traits

    def _of(self, node: Node) -> frozenset[Rows]:
        if node.id not in self._known:
            self._known[node.id] = frozenset()  # a cycle brings no rows of its own
            self._open += 1
            self._known[node.id] = self._read(node) if node.role is Role.READ else self._made(node)
            self._open -= 1
        return self._known[node.id]

    def _made(self, node: Node) -> frozenset[Rows]:
        edges = [edge for edge in self._graph.in_edges(node.id) if edge.slot in _DATA]
        if node.kind is NodeKind.FEATURE:
            return self._of_column(edges)
        return self.into(node.id) if edges else frozenset({Rows(node.id)})

    def _of_column(self, edges: list[Edge]) -> frozenset[Rows]:
        """The rows of a column that is taken by itself: of what it is made of, where that all has the same."""
        found = [rows for rows in map(self.along, edges) if rows]
        alike = len({frozenset(one.base for one in rows) for rows in found}) == 1
        return frozenset(one for rows in found for one in rows) if alike else frozenset()

    def _joined(self, edges: list[Edge]) -> frozenset[Rows]:
        """The rows of all edges. A call that nobody knows and that got several tables may give rows of any."""
        found = {edge: self._numbered(edge, self.along(edge), edges) for edge in edges}
        bases: dict[str, set[frozenset[str]]] = {}
        for edge, rows in found.items():
            for mark in _lost(edge) if rows else ():
                bases.setdefault(mark, set()).add(frozenset(one.base for one in rows))
        sure = (edge for edge in edges if all(len(bases.get(mark, ())) < 2 for mark in _lost(edge)))
        return frozenset(rows for edge in sure for rows in found[edge])

    def _numbered(self, edge: Edge, rows: frozenset[Rows], beside: list[Edge]) -> frozenset[Rows]:
        """The rows of an edge. Those that are picked by the numbers that a split gave are the part of that split."""
        for stop in edge.trail if rows else ():
            told = [one for one in beside if _names_rows(one, stop)] if stop.label.startswith(ROWS_PICKED) else []
            splits, parts = {one.source for one in told}, {_cut(one) for one in told}
            if len(parts) == 1 and all(self._graph.node(id).role is Role.SPLIT for id in splits):
                known = {one.base for id in splits for one in self.into(id)}
                rows = frozenset(_as_part(one, _place(stop), parts) if one.base in known else one for one in rows)
        return rows

    def _read(self, node: Node) -> frozenset[Rows]:
        places = [self._graph.node(edge.source) for edge in self._graph.in_edges(node.id, EdgeKind.READS)]
        if not places or not all(_is_one_table(place) for place in places):
            known = bool(places) and all(place.exact for place in places)
            return frozenset({Rows(node.id)}) if known or not self._is_shared(node) else frozenset()
        return frozenset(rows for place in places for rows in self._stored(place))

    def _is_shared(self, node: Node) -> bool:
        """Whether several calls of a function with parameters may meet in this one step: of one that nobody here calls
        there is one."""
        taking = not node.chain and node.function in self._taking
        return taking and bool(self._graph.in_edges(node.function, EdgeKind.CALLS))

    def _stored(self, place: Node) -> frozenset[Rows]:
        """The rows of a file: those that are written to it, or the file's own."""
        writes = self._graph.in_edges(place.id, EdgeKind.WRITES)
        written = {rows for edge in writes for rows in self.into(edge.source)}
        return frozenset(written) or frozenset({Rows(place.id)})


def _is_anywhere(place: str) -> bool:
    """Whether nothing is known of a place: all such are one, by the name of whichever was first."""
    return not place.split(":", 2)[-1].replace("{}", "").strip("./")


def is_told(edge: Edge) -> bool:
    """Whether it only tells which rows of others are meant."""
    return _labelled(edge, ROWS_TOLD)


def shared(some: Iterable[Rows], others: Iterable[Rows]) -> Pair | None:
    """One of some and one of the others where one surely holds all of the other; pairs that a split
    tells apart come first."""
    return min(_pairs(some, others), key=_order, default=None)


def is_among(some: Iterable[Rows], others: Iterable[Rows]) -> bool:
    """Whether there is such a pair at all."""
    return next(_pairs(some, others), None) is not None


def _pairs(some: Iterable[Rows], others: Iterable[Rows]) -> Iterator[Pair]:
    """Each of some with each of the others of the same base where one surely holds all of the other."""
    beside: dict[str, list[Rows]] = {}
    for one in others:
        beside.setdefault(one.base, []).append(one)
    for one in some if beside else ():
        yield from ((one, other) for other in beside.get(one.base, ()) if one.holds(other) or other.holds(one))


def of_other_part(some: Iterable[Rows], others: Iterable[Rows]) -> bool:
    """Whether a split surely gave some rows as its one part, and others as the other."""
    given, beside = _sides(some), _sides(others)
    return any(split == other and _is_first(part) != _is_first(one) for split, part in given for other, one in beside)


def _sides(rows: Iterable[Rows]) -> set[tuple[str, str]]:
    """The splits that gave rows, each with the part."""
    cuts = (cut.partition(">") for row in rows for cut in row.cuts if ">" in cut)
    return {(split, part) for split, _, part in cuts}


def _is_first(part: str) -> bool:
    """Whether it is the first of the two parts of one of the arrays that are split."""
    return not part.isdigit() or int(part) % 2 == 0


def of_both(graph: Graph, some: Iterable[Rows], others: Iterable[Rows]) -> str:
    """The stored places of which rows are among both, by their names: none where it is only one, or too many."""
    bases = {one.base for one in some} & {one.base for one in others}
    names = sorted({node.name for node in map(graph.node, bases) if node.kind in _STORED})
    return " and ".join(names) if len(names) == _PAIR else ""


def crossed(graph: Graph, some: Iterable[Rows], others: Iterable[Rows]) -> Pair | None:
    """The same of rows of one base that two splits with different arguments cut, two samples, or bounds that meet:
    parts of one split hold rows of both parts of the other."""
    others = tuple(others)
    pairs = ((a, b) for a in some for b in others if a.base == b.base)
    parted = ((a, b) for a, b in pairs if _cross(graph, a.cuts - b.cuts, b.cuts - a.cuts))
    return min(parted, key=_order, default=None)


def split_between(graph: Graph, pair: Pair) -> Node | None:
    """The split that sets aside the second rows from the first, the first by id."""
    ids = sorted(cut.partition(">")[0] for cut in pair[1].cuts - pair[0].cuts if ">" in cut)
    return graph.node(ids[0]) if ids else None


def _named(rows: frozenset[Rows]) -> frozenset[Rows]:
    """Without what the others narrow down: of a table beside row numbers that a split of it gave, those rows, and of
    one beside its slice or mask those that it picks, as its names may be told of the whole."""
    parted = [one for one in rows if any(">" in cut or Bounds.of(cut) for cut in one.cuts)]
    return frozenset(
        one for one in rows if not any(one.base == part.base and one.cuts < part.cuts for part in parted)
    )


def _order(pair: Pair) -> tuple[object, ...]:
    apart = any(">" in cut for cut in pair[1].cuts - pair[0].cuts)
    return (not apart, *((rows.base, sorted(rows.cuts)) for rows in pair))


def _cross(graph: Graph, some: frozenset[str], others: frozenset[str]) -> bool:
    if len(some) != 1 or len(others) != 1:
        return False
    one_cut, other_cut = *some, *others
    if not all(">" in cut for cut in (one_cut, other_cut)):
        mine, their = Bounds.of(one_cut), Bounds.of(other_cut)
        return (mine is not None and their is not None and mine.meets(their)) or _both_drawn(graph, one_cut, other_cut)
    first, second = (graph.node(cut.partition(">")[0]) for cut in (*some, *others))
    one, other = _settings(first), _settings(second)
    both = [(one[name], other[name]) for name in one.keys() & other.keys()]
    return first.callee == second.callee and any("?" not in pair and pair[0] != pair[1] for pair in both)


def _both_drawn(graph: Graph, *cuts: str) -> bool:
    """Whether both are samples of the same rows, drawn each by itself."""
    return all(cut in graph and graph.node(cut).role is Role.SAMPLE for cut in cuts)


def _settings(split: Node) -> dict[str, str]:
    given = (said.partition("=") for said in split.traits_of("with:"))
    return {name: value for name, _, value in given}


def _is_one_table(place: Node) -> bool:
    """A file whose whole name is known. A table is read in parts, which queries tell apart."""
    return place.exact and place.store in (Store.FILE, Store.OBJECT)


def _labelled(edge: Edge, *labels: str) -> bool:
    return any(stop.label.startswith(labels) for stop in edge.trail)


def _names_rows(edge: Edge, picked: Stop) -> bool:
    """Whether it tells which rows are picked there."""
    return bool(edge.part) and any(stop.label.startswith(ROWS_TOLD) and stop.at == picked.at for stop in edge.trail)


def _as_part(rows: Rows, picked: str, parts: set[str]) -> Rows:
    return Rows(rows.base, rows.cuts - {picked} | parts)


def _cut(edge: Edge) -> str:
    """The mark of a part that comes out of a split."""
    return f"{edge.source}>{edge.part}"


def _lost(edge: Edge) -> list[str]:
    return [_place(stop) for stop in edge.trail if stop.label.startswith(ROWS_LOST)]


def _place(stop: Stop) -> str:
    at = stop.at
    return f"{at.path}:{at.cell}:{at.line}:{at.column}:{stop.label}"
