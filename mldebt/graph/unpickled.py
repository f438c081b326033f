"""Read-only questions about what code unpickles: where that comes from, and whether it was made here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import function_around
from mldebt.graph.near_names import may_be
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, is_ours
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Span

_UNPICKLES, _AS_TOLD = "unpickles", "unpickles-as-told"
_KEPT = "exists"
_ENTRY = "endpoint"
_ELSEWHERE = frozenset({Store.URL, Store.OBJECT, Store.HUB, Store.RUN, Store.MODEL, Store.TOPIC})
_FOLDERS = frozenset({Store.HUB, Store.RUN, Store.MODEL})
"""What is fetched from there is a folder as often as a file."""
_ASIDE = frozenset({EdgeKind.CONFIGURES, EdgeKind.CALLS, EdgeKind.IMPORTS, EdgeKind.ORDERS, EdgeKind.DECLARES})
_BROUGHT = frozenset({Role.READ, Role.LOAD, Role.REQUEST})
_ROWS = frozenset({"gives:table", "gives:array", "gives:column"})
_TEMPORARY = "artifact:file:temporary:"
_VERSION = re.compile(r":v\d+$")
_BEFORE = "unpickles-before:"
_PINNED, _NUMBER = re.compile(r"==\s*\d"), re.compile(r"\d+")
_STEPS_BACK = 12


@dataclass(frozen=True, slots=True)
class Unpickled:
    """A step that unpickles what others may have written, where its code stands, the step that brings it in, and the
    place where that was (None for what somebody sends). `told`: only because it is told to, libraries would refuse.
    `made`: this repository writes there, too, or what lies there is named by a run or revision, and stays as it was."""

    step: Node
    at: Span
    brought: Node
    place: Node | None
    told: bool
    made: bool


def unpickled(graph: Graph) -> Iterator[Unpickled]:
    """What production code unpickles and others may have written: of the network, of a request, or a file that is not
    made here and that code is told to unpickle, though it would not be by itself."""
    for step in graph.nodes():
        if not is_ours(step) or not (_UNPICKLES in step.traits or _in_its_version(graph, step)):
            continue
        found = _fetched(graph, step) or next(_put_beside(graph, step), None)
        if found is not None and not _is_asked(graph, found[0]):
            brought, place = found
            made = place is not None and (_is_made(graph, place) or _stays(brought, place))
            yield Unpickled(step, _code_of(graph, step), brought, place, False, made)
        elif found is None and _AS_TOLD in step.traits:
            for place in _places(graph, step):
                if _KEPT not in place.traits:
                    yield Unpickled(step, _code_of(graph, step), step, place, True, _is_made(graph, place))
                    break


def _in_its_version(graph: Graph, step: Node) -> bool:
    """Whether a step unpickles in the version of its library that is asked for here, in whichever file."""
    limit = next((_numbers(one) for one in sorted(step.traits) if one.startswith(_BEFORE)), None)
    if limit is None:
        return False
    root = step.callee.partition(".")[0]
    asked = (one for need in graph.code.environments for one in need.dependencies if root in one.roots)
    pins = [_numbers(one.specifier) for one in asked if _PINNED.match(one.specifier)]
    return bool(pins) and all(pin < limit for pin in pins)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, _NUMBER.findall(version)))


def _fetched(graph: Graph, step: Node) -> tuple[Node, Node | None] | None:
    """The nearest step that brings in what is unpickled, and the place; of a path that another step gives, that one."""
    found = list(_brought(graph, step))
    same = (one for one in found if one[0] is not step and one[1] == found[0][1])
    return next(same, found[0]) if found else None


def _brought(graph: Graph, step: Node) -> Iterator[tuple[Node, Node | None]]:
    """The steps that bring in what is unpickled from elsewhere, the nearest first, each with the place."""
    ring, seen = [step], {step.id}
    for _ in range(_STEPS_BACK):
        for node in ring:
            places = [place for place in _places(graph, node) if place.store in _ELSEWHERE]
            if places:
                yield node, places[0]
            elif node is not step and _is_sent(graph, node):
                yield node, None
        before = [source for node in ring for source in _before(graph, node) if source.id not in seen]
        seen.update(node.id for node in before)
        ring = list({node.id: node for node in before}.values())


def _before(graph: Graph, node: Node) -> Iterator[Node]:
    """The steps whose data a step takes, and those that put the file there that it reads, if they brought it in."""
    for edge in graph.in_edges(node.id):
        if edge.kind is EdgeKind.READS:
            writers = graph.predecessors(edge.source, EdgeKind.WRITES) if _is_sure(edge) else ()
            yield from (one for one in writers if one.role in BRINGS_IN)
        elif edge.kind not in _ASIDE and _is_sure(edge):
            source = graph.node(edge.source)
            if source.kind is NodeKind.STEP:
                yield source


def _put_beside(graph: Graph, step: Node) -> Iterator[tuple[Node, Node | None]]:
    """What the function fetched of a run, a registry or a hub before it unpickles a temporary file, or one whose place
    nobody knows, that it did not write itself."""
    files = _places(graph, step)
    if not step.function or any(_is_own(graph, step, place) for place in files):
        return
    for node in graph.nodes(NodeKind.STEP):
        before = node.function == step.function and _code_of(graph, node) < _code_of(graph, step)
        if before and node.role in BRINGS_IN and not _is_read_by_another(graph, node, step):
            yield from ((node, place) for place in _places(graph, node) if place.store in _FOLDERS)


def _is_read_by_another(graph: Graph, fetch: Node, step: Node) -> bool:
    """Whether rows were fetched, or another step than this one reads it: then that is what it was fetched for."""
    read = any(one.role in BRINGS_IN and one.id != step.id for one in graph.successors(fetch.id))
    return read or not _ROWS.isdisjoint(fetch.traits)


def _is_own(graph: Graph, step: Node, file: Node) -> bool:
    """Whether a file lies where it stays, or the function of a step wrote it."""
    writers = graph.predecessors(file.id, EdgeKind.WRITES)
    return not file.id.startswith(_TEMPORARY) or any(one.function == step.function for one in writers)


def _places(graph: Graph, step: Node) -> list[Node]:
    """The places that a step reads: of what lies elsewhere, no more has to be known than that it does."""
    edges = sorted(graph.in_edges(step.id, EdgeKind.READS), key=lambda edge: (edge.at, edge.source))
    found = ((edge, graph.node(edge.source)) for edge in edges)
    return [place for edge, place in found if _is_sure(edge) or place.store in _ELSEWHERE]


def _is_sent(graph: Graph, node: Node) -> bool:
    """Whether a step in a function that answers requests reads what has no place: the file that is sent."""
    entries = {one.id for one in graph.code.definitions if _ENTRY in one.made}
    return node.role is Role.READ and node.function in entries and not graph.in_edges(node.id, EdgeKind.READS)


def _is_made(graph: Graph, place: Node) -> bool:
    """Whether production code here writes to a place, to what it is another name of, or to one that may be it."""
    same = [place, *graph.predecessors(place.id, EdgeKind.DERIVES)]
    same += [one for one in graph.nodes(NodeKind.ARTIFACT) if may_be(one.id, place.id) or may_be(place.id, one.id)]
    writers = (step for one in same for step in graph.predecessors(one.id, EdgeKind.WRITES))
    return any(is_ours(step) and step.role not in _BROUGHT for step in writers)


def _stays(brought: Node, place: Node) -> bool:
    """Whether a revision is asked for, or what a run keeps by no name that can be moved to another run."""
    if "pinned" in brought.traits and "moving" not in brought.traits:
        return True
    name = place.name.rpartition("/")[2]
    return place.store is Store.RUN and (":" not in name or _VERSION.search(name) is not None)


def _is_asked(graph: Graph, brought: Node) -> bool:
    """Whether code goes no further because of something about what it brought in."""
    near = graph.downstream(brought.id, EdgeKind.DERIVES, hops=2)
    return any(node.role is Role.VALIDATE and is_ours(node) for node in near)


def _is_sure(edge: Edge) -> bool:
    return edge.confidence is not Confidence.HINT


def _code_of(graph: Graph, step: Node) -> Span:
    """Where the code of a step stands, which a caller may have given its place."""
    places = sorted(edge.at for edge in graph.in_edges(step.id)) if step.chain and step.function else ()
    around = ((at, function_around(graph, at)) for at in reversed(places))
    return next((at for at, own in around if own is not None and own.id == step.function), step.at)
