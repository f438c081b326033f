"""The ways by which something reaches the data or the label that a model learns from."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mldebt.graph.composed import label_named
from mldebt.graph.graph import Graph, remembered
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, LEARNS, STORES
from mldebt.graph.rows import ROWS_JOINED
from mldebt.roles import Confidence, Role, weakest
from mldebt.trail import MAX_STOPS, Stop, Trail

COLUMN = "column:"
"""Begins a trait of a SELECT step and the part of an edge: the name of a column that is taken."""

WITHOUT = "without:"
"""Begins a trait of a step that drops columns: the name of one."""

WITHOUT_MORE = "without-more"
"""A step that drops columns: of a list that may hold others than those whose names are known."""

RENAMED = "renamed:"
"""Begins a trait of a column that only got another name: the name that it had, and that its table has no longer."""

SIDES = ("ends-left:", "ends-right:")
"""Begin traits of a join: what it puts behind the names of columns of the first and of the second table where both have
one of that name."""

Columns = frozenset[str] | None
_LONGEST = 40
_MOST_STATES = 4000
_LEARNED = frozenset({"data", "label"})
_MADE_OF = frozenset({"data", "label", "receiver", "other", ""})
_NO_DATA = frozenset({EdgeKind.CONFIGURES, EdgeKind.CALLS, EdgeKind.IMPORTS, EdgeKind.ORDERS, EdgeKind.DECLARES})
_MAKES_NEW = frozenset({NodeKind.FEATURE, NodeKind.PREDICTION, NodeKind.TRANSFORM})


@dataclass(frozen=True, slots=True)
class Way:
    """How a thing reaches a training: edges along the data; the first one leaves `start`.

    `named`: no column on the way was carried by a table of which nobody says what is taken.
    `chosen`: the thing is not in the table, but decides which of its rows are there.
    """

    start: str
    edges: tuple[Edge, ...]
    named: bool
    chosen: bool

    @property
    def confidence(self) -> Confidence:
        """As sure as its weakest edge."""
        return weakest(*(edge.confidence for edge in self.edges))

    @property
    def as_label(self) -> bool:
        """Whether it ends in the label."""
        return any(edge.slot == "label" for edge in self.edges)

    @property
    def reads(self) -> tuple[Edge, ...]:
        """The places where it comes out of an artifact, in the order of the data."""
        return tuple(edge for edge in self.edges if edge.kind is EdgeKind.READS)


class _State(NamedTuple):
    """Where a walk back stands. `dropped` are the columns that steps further on leave out; `fewer`: one of them leaves
    out columns whose names are not known."""

    id: str
    columns: Columns
    named: bool = True
    chosen: bool = False
    dropped: frozenset[str] = frozenset()
    fewer: bool = False


def ways_into(graph: Graph, id: str, wanted: Callable[[Node], bool]) -> Iterator[Way]:
    """The shortest way from each wanted thing into what a fit learns from (or a prediction is made
    for), nearest first.

    It goes back through artifacts, keeps to columns where they are named, and stops at what it
    wants. Models, settings and places of files are no data.
    """
    begin = _State(id, None)
    came: dict[_State, tuple[Edge, _State]] = {}
    queue = deque([(begin, 0)])
    given: set[str] = set()
    while queue:
        state, length = queue.popleft()
        node = graph.node(state.id)
        if length and wanted(node):
            if node.id not in given:
                given.add(node.id)
                yield Way(node.id, _trail(came, state), state.named, state.chosen)
            continue
        for edge in _inputs(graph, state.id, not length) if length < _LONGEST else ():
            behind = _behind(graph, node, edge, state)
            if behind is not None and behind not in came and behind != begin and len(came) < _MOST_STATES - 1:
                came[behind] = edge, state
                queue.append((behind, length + 1))


def _trail(came: Mapping[_State, tuple[Edge, _State]], state: _State) -> tuple[Edge, ...]:
    """The edges by which a walk came to a state, the last one first."""
    found: list[Edge] = []
    while state in came:
        edge, state = came[state]
        found.append(edge)
    return tuple(found)


def inputs(graph: Graph, node: Node, *, start: bool = False) -> tuple[Edge, ...]:
    """The edges that bring data to a node: not its model, its settings, or where a file lies."""
    return _inputs(graph, node.id, start)


@remembered
def _inputs(graph: Graph, id: str, start: bool) -> tuple[Edge, ...]:
    return tuple(_bringing(graph, graph.node(id), start=start))


def _bringing(graph: Graph, node: Node, *, start: bool) -> Iterator[Edge]:
    slots = _MADE_OF
    if node.role in LEARNS or node.kind is NodeKind.PREDICTION or node.role in STORES:
        slots = _LEARNED
    if node.role is Role.LOAD or (not start and (node.kind is NodeKind.MODEL or _only_scores(graph, node))):
        return
    columns = _written(graph, node)
    for edge in graph.in_edges(node.id):
        if edge.kind in _NO_DATA or edge.source in columns:
            continue
        if node.kind is NodeKind.ARTIFACT:
            brings = edge.kind is EdgeKind.WRITES
        elif node.role in BRINGS_IN:
            brings = edge.kind is EdgeKind.READS or edge.slot == "data"
        else:
            brings = edge.slot in slots
        if brings:
            yield edge


@remembered
def labels(graph: Graph, fit: str) -> frozenset[str]:
    """The columns a fit learns to predict, as far as they are known by name."""
    found = set(label_named(graph, graph.node(fit)))
    seen: set[str] = set()
    todo = [(fit, "label"), *((e.source, "label") for e in graph.in_edges(fit) if e.slot == "data")]
    while todo:
        id, slot = todo.pop()
        for edge in graph.in_edges(id):
            source = graph.node(edge.source)
            if edge.slot != slot or source.id in seen:
                continue
            named = _named(source, edge)
            found |= named
            if not named and source.role in (Role.SPLIT, Role.COMBINE):
                seen.add(source.id)
                todo.append((source.id, "data"))
    return frozenset(found)


def joined_ends(join: Node, edge: Edge) -> tuple[str, ...]:
    """What a join may put behind the names of the columns that come along an edge."""
    side = SIDES[any(stop.label == ROWS_JOINED for stop in edge.trail)]
    return tuple(sorted(join.traits_of(side)))


def left_out(column: Node, step: Node) -> bool:
    """Whether a step drops a column, so that nothing of it goes on."""
    return column.kind is NodeKind.FEATURE and WITHOUT + column.name in step.traits


def stops(graph: Graph, way: Way) -> Trail:
    """A way as places with words; the first and last are always there."""
    found = stations(graph, way.start, way.edges)
    return (*found[: MAX_STOPS - 1], found[-1]) if len(found) > MAX_STOPS else found


def stations(graph: Graph, start: str, edges: Iterable[Edge]) -> Trail:
    """The places of all edges of a way in words: a read or a write is one place, with what is read or written."""
    found = [Stop(graph.node(start).at, _told(graph.node(start)))]
    for edge in edges:
        node = graph.node(edge.target)
        if edge.kind is EdgeKind.READS:
            found.append(Stop(edge.at, f"read: {graph.node(edge.source).name}"))
        elif node.kind is not NodeKind.ARTIFACT and not (
            found[-1].label.startswith("read:") and node.role in BRINGS_IN
        ):
            stored = [graph.node(out.target).name for out in graph.out_edges(node.id, EdgeKind.WRITES)]
            written = node.role in STORES and stored
            found.append(Stop(node.at, f"write: {', '.join(sorted(stored))}" if written else _told(node)))
    return tuple(found)


def taken(edge: Edge) -> str | None:
    """The one column that an edge takes out of its source."""
    return edge.part.removeprefix(COLUMN) if edge.part.startswith(COLUMN) else edge.column or None


def _named(source: Node, edge: Edge) -> frozenset[str]:
    """The one column that an edge takes, if it takes one."""
    one = taken(edge)
    if one is not None:
        return frozenset({one})
    chosen = source.traits_of(COLUMN)
    return chosen if len(chosen) == 1 else frozenset()


def _told(node: Node) -> str:
    word = {NodeKind.FEATURE: "column", NodeKind.PREDICTION: "predict"}.get(node.kind)
    listed = len(node.traits_of(COLUMN))
    if node.role is Role.SELECT and listed:
        return f"select: {listed} column{'s' if listed > 1 else ''}"
    return f"{word or (node.role.value if node.role else node.kind.value)}: {node.name}"


def _behind(graph: Graph, target: Node, edge: Edge, state: _State) -> _State | None:
    """The state in which the walk goes on behind an edge; None where nothing wanted can come from."""
    source, columns, named, chosen = graph.node(edge.source), state.columns, state.named, state.chosen
    dropped, fewer = state.dropped | source.traits_of(WITHOUT), state.fewer or _leaves_some_out(source)
    named = named and not (fewer and edge.kind is EdgeKind.READS)  # in memory, columns are followed to where they end
    one = taken(edge)
    if one is not None:
        chosen = chosen or (columns is not None and one not in columns)
        columns = frozenset({one})
    if source.kind is NodeKind.FEATURE:
        if left_out(source, target) or source.name in dropped:
            return None
        if columns is not None and source.name not in columns and one is None:
            return None
        named = named and (columns is not None or _is_all_listed(graph, target))
    if source.role is Role.SELECT:
        listed = source.traits_of(COLUMN)
        columns = (columns & listed if columns else listed) or columns
    if columns is not None and columns <= dropped:
        return None
    if source.kind in _MAKES_NEW:
        columns, dropped, fewer = None, frozenset(), False
    return _State(source.id, columns, named, chosen, dropped, fewer)


def _leaves_some_out(step: Node) -> bool:
    """Whether a step takes all columns but some, of which not all are known by name."""
    return "all-but" in step.traits and (WITHOUT_MORE in step.traits or not step.traits_of(WITHOUT))


def _is_all_listed(graph: Graph, node: Node) -> bool:
    """Whether a node gets a table of listed columns, and those that were written to it since."""
    tables = [graph.node(edge.source) for edge in graph.in_edges(node.id) if edge.slot == "data"]
    tables = [table for table in tables if table.kind is not NodeKind.FEATURE]
    return bool(tables) and all(table.role is Role.SELECT and "listed" in table.traits for table in tables)


def _written(graph: Graph, node: Node) -> frozenset[str]:
    """Predictions that a node gets as a column: the column says more than they do."""
    sources = {edge.source for edge in graph.in_edges(node.id)}
    columns = [id for id in sources if graph.node(id).kind is NodeKind.FEATURE]
    behind = {edge.source for id in columns for edge in graph.in_edges(id)}
    return frozenset(id for id in sources & behind if graph.node(id).kind is NodeKind.PREDICTION)


def _only_scores(graph: Graph, node: Node) -> bool:
    """Whether a score is looked at and not learned from."""
    if node.role is not Role.EVALUATE:
        return False
    return not any(graph.node(edge.target).role in LEARNS for edge in graph.out_edges(node.id))
