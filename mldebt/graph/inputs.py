"""Which columns go into a model, where each is chosen and made, and what of its data nobody names."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from mldebt.graph.composed import picked
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, answers_in_loss
from mldebt.graph.walks import Start, walk
from mldebt.graph.ways import COLUMN, WITHOUT, inputs, labels, taken
from mldebt.roles import Role
from mldebt.source import Span

_STORED = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_MOST = 4000
_HOLE = "{"
_Left = frozenset[str]


@dataclass(frozen=True, slots=True, order=True)
class Input:
    """One column that goes into a model: the places where it is chosen or taken by its name, and where it is made.
    Without a place where it is chosen it goes in with all of its table; without one where it is made it comes with
    the data."""

    name: str
    chosen: tuple[Span, ...] = ()
    made: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Inputs:
    """What goes into a model: `columns` by name, the columns it learns to predict, `whole`: what is read of which all
    columns, whatever they are, may go in, and `unnamed`: the places of columns whose names are not known."""

    columns: tuple[Input, ...] = ()
    labels: tuple[str, ...] = ()
    whole: tuple[Node, ...] = ()
    unnamed: tuple[Span, ...] = ()


def inputs_of(graph: Graph, fits: Iterable[Node], predictions: Iterable[Node] = (), *, made: bool = False) -> Inputs:
    """The inputs of a model that is fitted in these places; of one that is fitted nowhere, of its predictions. `made`
    asks also where columns are made that are chosen by name."""
    fits = tuple(fits)
    label = frozenset[str]().union(*(labels(graph, fit.id) for fit in fits))
    judged = tuple(answer for fit in fits for answer in answers_in_loss(graph, fit))
    found = _Search(graph, made)
    for node in (*fits, *judged) or tuple(predictions):
        given = [edge for edge in inputs(graph, node, start=True) if edge.slot == "data"]
        if not found.add_picked(node, given):
            found.add(given)
    return found.told(label)


class _Search:
    """Goes back from a model to where columns are named: not before, and into files that are written here, but not
    before those."""

    def __init__(self, graph: Graph, origins: bool) -> None:
        self._graph, self._origins = graph, origins
        self._chosen: dict[str, set[Span]] = defaultdict(set)
        self._made: dict[str, set[Span]] = defaultdict(set)
        self._whole: set[str] = set()
        self._seen: set[tuple[str, str, _Left, bool]] = set()

    def add(self, given: Iterable[Edge]) -> None:
        """Looks for the columns that come along these edges."""
        todo = deque((edge, frozenset[str](), False) for edge in given)
        while todo and len(self._seen) < _MOST:
            edge, left, stored = todo.popleft()
            left |= self._graph.node(edge.target).traits_of(WITHOUT)
            source = self._graph.node(edge.source)
            state = (source.id, taken(edge) or "", left, stored)
            if state in self._seen or self._names(edge, source, left):
                continue
            self._seen.add(state)
            if source.kind in _STORED or (source.role in BRINGS_IN and not _read(self._graph, source)):
                if stored:
                    continue
                self._whole.add(source.id)
                stored = True
            before = list(inputs(self._graph, source)) if source.kind is not NodeKind.PREDICTION else []
            if not (source.kind is NodeKind.TRANSFORM and self.add_picked(source, before)):
                todo += ((one, left, stored) for one in before)

    def add_picked(self, node: Node, given: list[Edge]) -> bool:
        """Whether the parts of a model or transformer take columns by name out of what comes along these edges."""
        found = picked(self._graph, node)
        if found is None or not given:
            return False
        for name in found.names:
            self._chosen[name].add(found.node.at)
        for edge in given if self._origins else ():
            for name, places in _made(self._graph, edge, frozenset(found.names)).items():
                self._made[name] |= places
        return True

    def told(self, label: frozenset[str]) -> Inputs:
        """What was found, but for the label."""
        columns = tuple(
            Input(name, tuple(sorted(self._chosen[name])), tuple(sorted(self._made[name])))
            for name in sorted({*self._chosen, *self._made} - label)
        )
        named = tuple(one for one in columns if _HOLE not in one.name)
        unnamed = {at for one in columns if one not in named for at in (*one.chosen, *one.made)}
        whole = tuple(self._graph.node(id) for id in sorted(self._whole))
        return Inputs(named, tuple(sorted(label)), whole, tuple(sorted(unnamed)))

    def _names(self, edge: Edge, source: Node, left: _Left) -> bool:
        """Whether columns are named here, and not before."""
        one = taken(edge)
        if source.kind is NodeKind.FEATURE:
            if source.name not in left:
                self._made[source.name].add(source.at)
            return True
        names = (frozenset({one}) if one is not None else _listed(source)) - left
        for name in names:
            self._chosen[name].add(edge.at if one is not None else source.at)
        if names and self._origins:
            for name, places in _made(self._graph, edge, names).items():
                self._made[name] |= places
        return one is not None or bool(_listed(source))


def _listed(node: Node) -> frozenset[str]:
    """The columns of a choice all of which are known."""
    if node.role is not Role.SELECT or "listed" not in node.traits:
        return frozenset()
    return node.traits_of(COLUMN)


def _read(graph: Graph, read: Node) -> bool:
    """Whether it is known what a step reads."""
    return any(graph.node(edge.source).kind in _STORED for edge in graph.in_edges(read.id))


def _made(graph: Graph, edge: Edge, names: frozenset[str]) -> dict[str, set[Span]]:
    """Where columns are made that come along an edge."""
    before = walk(graph, {edge.source: Start(names)}, onward=False)
    found: dict[str, set[Span]] = defaultdict(set)
    for node in before.nodes():
        if node.kind is NodeKind.FEATURE and node.name in names:
            found[node.name].add(node.at)
    return found
