"""A walk along the data or against it, from several things at once: what is reached, and by which edges."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mldebt.graph.callers import Callers
from mldebt.graph.composed import adds, carried_through, needed_before
from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS
from mldebt.graph.ways import COLUMN, WITHOUT, Columns, joined_ends, left_out, stations, taken
from mldebt.roles import Confidence, Role, weakest
from mldebt.trail import Trail

_ENCODER = "encoder"
"""The trait of a step that makes several columns of one, with names of their own."""

MOST_STATES = 4
"""So many sets of columns, and of programs, are told apart at one node; a further one counts as all of them."""

HOLE = "{"
"""Stands in the name of a column whose name is not known."""
_TABLES = frozenset({"data", "receiver"})
"""The slots by which a table comes to what is fitted on it or transforms it."""

_NAMELESS = frozenset({NodeKind.TRANSFORM, NodeKind.MODEL, NodeKind.PREDICTION, NodeKind.SETTING})
_Step = tuple[Edge, str, Columns]
_Files = frozenset[str]
_State = tuple[str, Columns, _Files]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a walk begins: which columns of a node are meant (None for all), what led to it, and how sure that is."""

    columns: Columns = None
    before: Trail = ()
    confidence: Confidence = Confidence.CERTAIN


@dataclass(frozen=True, slots=True)
class Walk:
    """What was reached, nearest first: the state in which each node was reached first, and how each state was."""

    graph: Graph
    starts: Mapping[str, Start]
    onward: bool
    first: Mapping[str, _State]
    came: Mapping[_State, tuple[Edge, _State] | None]

    def __contains__(self, id: object) -> bool:
        return id in self.first

    def nodes(self) -> Iterator[Node]:
        """All that is reached, the starts too, nearest first."""
        return map(self.graph.node, self.first)

    def way(self, id: str) -> tuple[Edge, ...]:
        """The edges of the shortest way from a start to a node, or from a node to a start; along the data."""
        edges: list[Edge] = []
        step = self.came[self.first[id]]
        while step is not None:
            edges.append(step[0])
            step = self.came[step[1]]
        return tuple(reversed(edges)) if self.onward else tuple(edges)

    def confidence(self, edges: tuple[Edge, ...], id: str) -> Confidence:
        """How sure a way to or from a node is."""
        start = (edges[0].source if self.onward else edges[-1].target) if edges else id
        begun = self.starts[start].confidence if start in self.starts else Confidence.CERTAIN
        guessed = any(self._may_carry(edge) for edge in edges)
        return weakest(begun, *(edge.confidence for edge in edges), *([Confidence.LIKELY] if guessed else []))

    def _may_carry(self, edge: Edge) -> bool:
        """Whether a column is made of a table that holds another one, and nobody says of which columns, or nobody knows
        how it is called."""
        ends = (self.graph.node(edge.source).kind, self.graph.node(edge.target).kind)
        if ends[0] is NodeKind.FEATURE and HOLE in self.graph.node(edge.source).name:
            return True
        return ends == (NodeKind.FEATURE, NodeKind.FEATURE) and taken(edge) is None

    def trail(self, edges: tuple[Edge, ...], id: str) -> Trail:
        """A way to or from a node, or the end of one, as places in words."""
        first = edges[0].source if edges else id
        before = self.starts[first].before if self.onward and first in self.starts else ()
        return (*before, *stations(self.graph, first, edges))


def walk(graph: Graph, starts: Mapping[str, Start], *, onward: bool) -> Walk:
    """Downstream (`onward`) or upstream of some nodes, breadth first.

    Columns that are named are kept apart: what is not chosen, or is left out, is not followed. What scores are told of
    is not followed through them: a number that judges a model is no data.
    """
    runs = _runs_of(graph)
    first: dict[str, _State] = {}
    came: dict[_State, tuple[Edge, _State] | None] = {}
    seen: dict[str, list[tuple[Columns, _Files]]] = defaultdict(list)
    queue = deque[tuple[_State, tuple[Edge, _State] | None]](
        ((id, starts[id].columns, frozenset()), None) for id in sorted(starts)
    )
    while queue:
        (id, columns, files), step = queue.popleft()
        known = seen[id]
        if _is_covered(known, columns, files):
            continue
        state = (id, columns, files) if len(known) < MOST_STATES else (id, None, frozenset[str]())
        known.append(state[1:])
        came[state] = step
        first.setdefault(id, state)
        for edge, other, kept in _steps(graph, id, state[1], onward, begins=step is None):
            inside = runs.through(state, other)
            if inside is not None:
                queue.append(((other, kept, inside), (edge, state)))
    return Walk(graph, starts, onward, first, came)


class _Runs:
    """Which programs run what. A column that a function makes is one node, whoever calls the function: what comes in
    with one caller does not go out with another."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._callers = graph, Callers(graph)
        self._known: dict[tuple[_Files, str], _Files] = {}

    def through(self, state: _State, other: str) -> _Files | None:
        """The files of those that may run all of the way, since it last came out of a store, and its next node too;
        empty where all may, None where nobody does."""
        node, further = self._graph.node(state[0]), self._graph.node(other)
        if further.role is None:
            return frozenset()
        files = self._narrowed(state[2], node) if not state[2] and node.role is not None else state[2]
        both = self._narrowed(files, further)
        if both:
            return both
        return None if NodeKind.FEATURE in (node.kind, further.kind) else self._narrowed(frozenset(), further)

    def _narrowed(self, files: _Files, node: Node) -> _Files:
        key = (files, node.id)
        if key not in self._known:
            above = self._above(node)
            self._known[key] = files & above if files else above
        return self._known[key]

    def _above(self, node: Node) -> _Files:
        """The files of all that may run a node: of its call sites where they are known, and what uses the outermost."""
        if not node.chain or node.kind is NodeKind.FEATURE:
            return self._callers.files_above(node)
        return self._callers.files_using(node.chain[-1].path).union(site.path for site in node.chain)


@lru_cache(maxsize=1)
def _runs_of(graph: Graph) -> _Runs:
    """The same for all walks through one graph, as it remembers what it found."""
    return _Runs(graph)


def _is_covered(seen: list[tuple[Columns, _Files]], columns: Columns, files: _Files) -> bool:
    """Whether some columns of a node are known already, or there are none."""
    if columns is not None and not columns:
        return True
    return any(
        (one is None or (columns is not None and columns <= one)) and (not inside or (files and files <= inside))
        for one, inside in seen
    )


def _steps(graph: Graph, id: str, columns: Columns, onward: bool, *, begins: bool) -> Iterator[_Step]:
    """The edges that go on from a node, the nodes they lead to, and the columns that count there."""
    node = graph.node(id)
    if onward:
        if node.role is Role.EVALUATE and not begins:
            edges = [edge for edge in graph.out_edges(id, *FLOW) if graph.node(edge.target).role in LEARNS]
        else:
            edges = list(graph.out_edges(id, *FLOW))
        for edge in edges:
            goes, kept = _carried(graph, node, edge, columns)
            if goes:
                yield edge, edge.target, kept
        return
    for edge in graph.in_edges(id, *FLOW):
        source = graph.node(edge.source)
        if source.role is Role.EVALUATE and node.role not in LEARNS and not begins:
            continue
        goes, kept = _wanted(graph, node, edge, columns)
        if goes:
            yield edge, edge.source, kept


def _carried(graph: Graph, source: Node, edge: Edge, columns: Columns) -> tuple[bool, Columns]:
    """Whether an edge carries some of the columns on, and what they are called behind it."""
    target = graph.node(edge.target)
    if columns is None:
        return True, frozenset({target.name}) if target.kind is NodeKind.FEATURE else None
    one = taken(edge)
    if one is not None and one not in columns:
        return False, None
    left = columns if one is None else frozenset({one})
    left |= frozenset(name + end for name in left for end in joined_ends(target, edge))
    if target.role is Role.SELECT and "listed" in target.traits:
        left &= target.traits_of(COLUMN)
    left = frozenset(name for name in left if WITHOUT + name not in target.traits)
    left = carried_through(graph, target, left) if edge.slot in _TABLES else left
    if not left:
        return False, None
    if target.kind is NodeKind.FEATURE:
        return True, frozenset({target.name})
    return True, None if _is_nameless(graph, target) or _ENCODER in target.traits else left


def _is_nameless(graph: Graph, node: Node) -> bool:
    """Whether the columns of what a node gives are not those that it was given."""
    return node.kind in _NAMELESS and not adds(graph, node)


def _wanted(graph: Graph, target: Node, edge: Edge, columns: Columns) -> tuple[bool, Columns]:
    """Whether an edge brings some of the wanted columns, and what is wanted before it."""
    source = graph.node(edge.source)
    if left_out(source, target):
        return False, None
    one = taken(edge)
    if one is not None:
        columns = frozenset({one})
    elif target.kind in _NAMELESS and edge.slot in _TABLES:
        columns = needed_before(graph, target, columns)
    elif target.kind in _NAMELESS or target.kind is NodeKind.FEATURE or _ENCODER in target.traits:
        columns = None
    elif target.role is Role.SELECT and "listed" in target.traits:
        columns = target.traits_of(COLUMN) if columns is None else columns & target.traits_of(COLUMN)
    if columns is not None:
        ended = ((name, end) for name in columns for end in joined_ends(target, edge) if name.endswith(end))
        columns |= frozenset(name.removesuffix(end) for name, end in ended)
    if source.kind is NodeKind.FEATURE:
        return columns is None or source.name in columns or HOLE in source.name, frozenset({source.name})
    stored = edge.kind is EdgeKind.CONFIGURES or _is_nameless(graph, source)
    return True, None if stored else columns
