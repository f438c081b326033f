"""The frozen graph of a repository and the read-only questions it answers."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, wraps
from operator import attrgetter
from typing import Any, Concatenate, ParamSpec, TypeVar

from mldebt.graph.code import Code, Definition, Scrutiny
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span

FLOW = (
    EdgeKind.READS,
    EdgeKind.WRITES,
    EdgeKind.DERIVES,
    EdgeKind.FITS,
    EdgeKind.TRAINS,
    EdgeKind.PREDICTS,
    EdgeKind.EVALUATES,
    EdgeKind.CONSUMES,
    EdgeKind.CONFIGURES,
)
"""The kinds of edge along which data flows; `upstream`, `downstream` and `path` follow these."""
_source, _target = attrgetter("source"), attrgetter("target")
_SURENESS: Mapping[Confidence, int] = {level: place for place, level in enumerate(Confidence)}

_About = ParamSpec("_About")
_Answer = TypeVar("_Answer")


class Graph:
    """What the repository is. Every answer has one order: by id, or by distance and then id.

    Questions about a node raise KeyError when there is no such node. No kinds given means all
    kinds, but for `upstream`, `downstream` and `path`, where it means `FLOW`.
    """

    def __init__(
        self, nodes: Iterable[Node], edges: Iterable[Edge], code: Code | None = None, parts: Iterable[Graph] = (),
        look: Callable[[], Scrutiny] = Scrutiny,
    ) -> None:  # fmt: skip
        """`look` gives the scrutiny of the code, once somebody asks for it."""
        import networkx  # here, as it takes longer to import than most commands run

        self.code, self._look = code or Code(), look
        self._parts = tuple(parts)
        self._nodes = {node.id: node for node in sorted(nodes, key=lambda node: node.id)}
        self._edges = tuple(sorted(edges, key=_order))
        self._net: Any = networkx.MultiDiGraph()
        self._net.add_nodes_from(self._nodes)
        self._net.add_edges_from(
            (edge.source, edge.target, place, {"edge": edge}) for place, edge in enumerate(self._edges)
        )
        self.answers: dict[tuple[Any, ...], Any] = {}
        self._leaving, self._arriving = _Ends(self._net.out_edges, _target), _Ends(self._net.in_edges, _source)

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, id: object) -> bool:
        return id in self._nodes

    @cached_property
    def scrutiny(self) -> Scrutiny:
        """What a close look at the code finds."""
        return self._look()

    def parts(self) -> tuple[Graph, ...]:
        """The repositories by themselves, for questions that are about one of them; the graph itself if it is one."""
        return self._parts or (self,)

    def node(self, id: str) -> Node:
        """The node with this id."""
        return self._nodes[id]

    def nodes(self, *kinds: NodeKind) -> tuple[Node, ...]:
        """All nodes of these kinds."""
        if len(kinds) == 1:
            return self._of_kind.get(kinds[0].value, ())
        return tuple(node for node in self._nodes.values() if not kinds or node.kind in kinds)

    @cached_property
    def _of_kind(self) -> Mapping[str, tuple[Node, ...]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self._nodes.values():
            found[node.kind.value].append(node)
        return {kind: tuple(nodes) for kind, nodes in found.items()}

    def functions_in(self, path: str) -> Sequence[Definition]:
        """The functions and methods that a file of code defines."""
        return self._functions.get(path, ())

    @cached_property
    def _functions(self) -> Mapping[str, Sequence[Definition]]:
        found: dict[str, list[Definition]] = defaultdict(list)
        for one in self.code.definitions:
            if one.kind in ("function", "method"):
                found[one.path].append(one)
        return found

    def files_of(self, purpose: Purpose) -> frozenset[str]:
        """The files of code that are there for a purpose."""
        return self._files.get(purpose, frozenset())

    @cached_property
    def _files(self) -> Mapping[Purpose, frozenset[str]]:
        found: dict[Purpose, set[str]] = defaultdict(set)
        for one in self.code.definitions:
            found[one.purpose].add(one.path)
        return {purpose: frozenset(paths) for purpose, paths in found.items()}

    def edges(self, *kinds: EdgeKind) -> tuple[Edge, ...]:
        """All edges of these kinds."""
        return _of(self._edges, kinds)

    def out_edges(self, id: str, *kinds: EdgeKind) -> tuple[Edge, ...]:
        """The edges that leave a node."""
        return self._leaving.edges(self._known(id), kinds)

    def in_edges(self, id: str, *kinds: EdgeKind) -> tuple[Edge, ...]:
        """The edges that arrive at a node."""
        return self._arriving.edges(self._known(id), kinds)

    def successors(self, id: str, *kinds: EdgeKind) -> tuple[Node, ...]:
        """The nodes one edge further."""
        return self._named({edge.target for edge in self.out_edges(id, *kinds)})

    def predecessors(self, id: str, *kinds: EdgeKind) -> tuple[Node, ...]:
        """The nodes one edge before."""
        return self._named({edge.source for edge in self.in_edges(id, *kinds)})

    def upstream(self, id: str, *kinds: EdgeKind, hops: int | None = None) -> tuple[Node, ...]:
        """What the data of this node comes from, nearest first, without the node itself."""
        return self._reached([id], self._arriving.others(kinds or FLOW), hops)[1:]

    def downstream(self, id: str, *kinds: EdgeKind, hops: int | None = None) -> tuple[Node, ...]:
        """What the data of this node goes into, nearest first, without the node itself."""
        return self._reached([id], self._leaving.others(kinds or FLOW), hops)[1:]

    def reached(self, ids: Iterable[str]) -> tuple[Node, ...]:
        """These nodes, and all that their data goes into."""
        return self._reached(sorted(set(ids)), self._leaving.others(FLOW), None)

    def made_of(self, ids: Iterable[str]) -> frozenset[str]:
        """The ids of these nodes and of all that their data comes from."""
        return frozenset(node.id for node in self._reached(sorted(set(ids)), self._arriving.others(FLOW), None))

    def path(self, start: str, end: str, *kinds: EdgeKind) -> tuple[Edge, ...]:
        """The shortest way along the data, of equal ones the first by id. Empty when there is none."""
        came_by: dict[str, Edge | None] = {self._known(start): None}
        waiting = deque([start])
        while waiting and end not in came_by:
            for edge in self.out_edges(waiting.popleft(), *(kinds or FLOW)):
                if edge.target not in came_by:
                    came_by[edge.target] = edge
                    waiting.append(edge.target)
        steps: list[Edge] = []
        edge_in = came_by.get(end)
        while edge_in is not None:
            steps.append(edge_in)
            edge_in = came_by[edge_in.source]
        return tuple(reversed(steps))

    def find(self, name: str) -> tuple[Node, ...]:
        """Nodes by id, else by name, else by the path they stand in, else by the end of either.

        The end is whole segments: `train.py` finds `training/train.py`, not `retrain.py`.
        """
        if name in self._nodes:
            return (self._nodes[name],)
        tail = "/" + name
        tests: tuple[Callable[[Node], bool], ...] = (
            lambda node: node.name == name,
            lambda node: node.at.path == name,
            lambda node: node.name.endswith(tail) or node.at.path.endswith(tail),
        )
        for holds in tests:
            found = tuple(node for node in self._nodes.values() if holds(node))
            if found:
                return found
        return ()

    def around(self, ids: Iterable[str], hops: int = 1) -> Graph:
        """The part of the graph within so many edges of these nodes, in either direction."""

        before, behind = self._arriving.others(()), self._leaving.others(())

        def beside(id: str) -> frozenset[str]:
            return before(id) | behind(id)

        return self.only(node.id for node in self._reached(sorted(set(ids)), beside, hops))

    def only(self, ids: Iterable[str]) -> Graph:
        """The part of the graph that consists of these nodes and the edges between them."""
        kept = {self._known(id) for id in ids}
        edges = (edge for edge in self._edges if edge.source in kept and edge.target in kept)
        return Graph((self._nodes[id] for id in kept), edges, self.code, look=lambda: self.scrutiny)

    def _reached(
        self, start: list[str], onward: Callable[[str], frozenset[str]], hops: int | None
    ) -> tuple[Node, ...]:
        """Breadth first from `start`; each node once, so the walk ends on cycles too."""
        reached = dict.fromkeys(map(self._known, start))
        ring = list(start)
        while ring and (hops is None or hops > 0):
            ring = sorted(frozenset().union(*map(onward, ring)) - reached.keys())
            reached.update(dict.fromkeys(ring))
            hops = None if hops is None else hops - 1
        return tuple([self._nodes[id] for id in reached])

    def _known(self, id: str) -> str:
        if id not in self._nodes:
            raise KeyError(id)
        return id

    def _named(self, ids: set[str]) -> tuple[Node, ...]:
        return tuple(self._nodes[id] for id in sorted(ids))


def remembered(
    question: Callable[Concatenate[Graph, _About], _Answer],
) -> Callable[Concatenate[Graph, _About], _Answer]:
    """A question whose answer a graph remembers, as it never changes and rules ask the same again and again. What it is
    about has to be a key, and nobody may change the answer."""

    @wraps(question)
    def asked(graph: Graph, /, *about: _About.args, **how: _About.kwargs) -> _Answer:
        key = (question, *about, *how.items())
        if key not in graph.answers:
            graph.answers[key] = question(graph, *about, **how)
        found: _Answer = graph.answers[key]
        return found

    return asked


class _Ends:
    """The edges at one of their two ends, remembered: rules ask for the same ones again and again. A walk asks for
    nothing but the `other` ends."""

    def __init__(self, ask: Callable[..., Any], other: Callable[[Edge], str]) -> None:
        self._ask, self._other = ask, other
        self._edges: dict[tuple[str, tuple[EdgeKind, ...]], tuple[Edge, ...]] = {}
        self._others: dict[tuple[EdgeKind, ...], dict[str, frozenset[str]]] = {}

    def edges(self, id: str, kinds: tuple[EdgeKind, ...]) -> tuple[Edge, ...]:
        """The edges of these kinds at a node."""
        found = self._edges.get((id, kinds))
        if found is None:
            whole = self.edges(id, ()) if kinds else tuple([edge for _, _, edge in self._ask([id], data="edge")])
            found = self._edges[id, kinds] = _of(whole, kinds)
        return found

    def others(self, kinds: tuple[EdgeKind, ...]) -> Callable[[str], frozenset[str]]:
        """What gives the ids of the nodes at the other ends of a node's edges of these kinds."""
        known = self._others.setdefault(kinds, {})

        def ends(id: str) -> frozenset[str]:
            found = known.get(id)
            if found is None:
                found = known[id] = frozenset(map(self._other, self.edges(id, kinds)))
            return found

        return ends


def sureness(edge: Edge) -> int:
    """A number to sort by: 0 for a certain edge, more for one that is less sure."""
    return _SURENESS[edge.confidence]


def _of(edges: tuple[Edge, ...], kinds: tuple[EdgeKind, ...]) -> tuple[Edge, ...]:
    return tuple([edge for edge in edges if edge.kind in kinds]) if kinds else edges


def _order(edge: Edge) -> tuple[str, str, str, int, Span]:
    return (edge.source, edge.target, edge.kind.value, sureness(edge), edge.at)
