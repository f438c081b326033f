"""Read-only questions about data that nothing checks on the way to a model, or to those who are answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace

from mldebt.graph.code import Received
from mldebt.graph.graph import Graph, sureness
from mldebt.graph.handovers import brings_predictions, function_around
from mldebt.graph.near_names import may_be
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.programs import lent, together
from mldebt.graph.questions import LEARNS, is_ours
from mldebt.graph.served import Served, served
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose, Span

_NO_DATA = frozenset({EdgeKind.CONFIGURES, EdgeKind.CALLS, EdgeKind.IMPORTS, EdgeKind.ORDERS, EdgeKind.DECLARES})
_BRINGS = frozenset({"data", "label", "receiver", "other", ""})
_LEARNED = frozenset({"data", "label"})
_ROWS = frozenset({"gives:table", "gives:array", "gives:column", "gives:data", "gives:response"})
_CHECKS = frozenset({Role.VALIDATE, Role.MONITOR})
_COUNTS = "counts"
_LIVE = "live"
_MAY_CHECK = frozenset({"?", "check"})
_MODELS = (NodeKind.MODEL, NodeKind.PREDICTION)
_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_STORES = frozenset({Store.FILE, Store.OBJECT, Store.TABLE, Store.URL})
_ENDS = frozenset({NodeKind.MODEL, NodeKind.PREDICTION, NodeKind.FUNCTION, NodeKind.ENDPOINT, NodeKind.SETTING})


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A read of rows that nothing checks: where its code stands, where the rows come from and whether that is more than
    a guess, and the step that learns from them, predicts for them, or answers with them."""

    read: Node
    at: Span
    source: Node
    known: bool
    use: Node


def unchecked(graph: Graph) -> Iterator[Unchecked]:
    """Every read of rows that go into a model, or out of a service, with no check of what they hold on the way.

    Of what is written here the first read counts; and what a service reads for its model, or as predictions, as it
    gets that from elsewhere.
    """
    learned = _behind(graph, (node for node in graph.nodes(*_MODELS) if _takes(graph, node)))
    served = _behind(graph, filter(is_ours, graph.nodes(NodeKind.ENDPOINT)), lambda node: node.kind not in _PLACES)
    checked = _checked(graph)
    brought = frozenset(node.id for node in graph.reached(read.id for read in _reads(graph)))
    written = _written(graph, brought)
    for read in _reads(graph):
        reads = _by_source(graph, read)
        first = all(_is_first(graph.node(edge.source), written, read.at.path) for edge in reads)
        use = learned.get(read.id) if first else None
        if use is None and (read.id in learned or brings_predictions(graph, read)):
            use = served.get(read.id)
        if use is None or read.id in checked:
            continue
        at, used = _code_of(graph, read), _own_use(graph, read, graph.node(use))
        if _LIVE in read.traits:
            yield Unchecked(read, at, _service(read), True, used)
        for edge in reads:
            source = graph.node(edge.source)
            if source.store in _STORES and source.id not in checked:
                yield Unchecked(read, at, source, edge.confidence is not Confidence.HINT, used)


def unchecked_requests(graph: Graph) -> Iterator[tuple[Received, Served]]:
    """Where code takes up what somebody sends, answers that with a prediction, and can turn nothing away on the way;
    a function that several routes lead through once. A decorator that nobody knows may check it, and so may one that
    checks, or what a framework calls before each request of the component."""
    received = {one.id: one for one in graph.code.received}
    before = {
        one.component for one in graph.code.definitions if "hook" in one.made and one.id in graph.code.refusing
    }  # fmt: skip
    seen: set[str] = set()
    for one in served(graph) if received else ():
        guarded = not _MAY_CHECK.isdisjoint(one.entry.made) or one.entry.component in before
        if not guarded and not one.through & graph.code.refusing:
            for id in sorted(one.through & received.keys() - seen):
                seen.add(id)
                yield received[id], one


def checks_elsewhere(graph: Graph) -> bool:
    """Whether a library checks data of which nobody knows where they come from: it may be any of them."""
    found = (node for node in graph.nodes(NodeKind.STEP) if _checks(node) and node.callee)
    if any(not any(edge.slot == "data" for edge in graph.in_edges(node.id)) for node in found):
        return True
    return any("check" in one.made for one in graph.code.definitions if one.purpose is Purpose.PRODUCTION)


def _checked(graph: Graph) -> frozenset[str]:
    """What is checked. Of columns that a helper makes for several programs the check of one is none of the others'."""
    checks = [node for node in graph.nodes() if _checks(node)]
    known = _behind(graph, checks, _hands_on)
    lending = lent(graph) if checks else frozenset()
    alone = _behind(
        graph, checks, lambda node: _hands_on(node) and not (node.kind is NodeKind.FEATURE and node.function in lending)
    )
    found = set(alone)
    for read in _reads(graph) if len(alone) < len(known) else ():
        if read.id in known and read.id not in alone and any(together(read, one) for one in _asked(graph, read)):
            found |= {read.id, *(edge.source for edge in graph.in_edges(read.id, EdgeKind.READS))}
    return frozenset(found)


def _hands_on(node: Node) -> bool:
    return node.kind not in _ENDS and node.role is not Role.EVALUATE


def _asked(graph: Graph, read: Node) -> Iterator[Node]:
    """The checks that what is read goes into."""
    return filter(_checks, graph.downstream(read.id))


def _own_use(graph: Graph, read: Node, use: Node) -> Node:
    """The step that learns or predicts in the program that reads, if any: a helper leads to those of others."""
    if together(read, use):
        return use
    behind = (node for node in graph.downstream(read.id) if node.kind in _MODELS and _takes(graph, node))
    return next((node for node in behind if together(read, node)), use)


def _checks(node: Node) -> bool:
    """Whether it looks at what data hold: what counts and times requests does not."""
    return node.role in _CHECKS and _COUNTS not in node.traits and is_ours(node)


def _reads(graph: Graph) -> list[Node]:
    """The reads of rows in production code."""
    steps = (node for node in graph.nodes(NodeKind.STEP) if node.role is Role.READ and node.traits & _ROWS)
    return [node for node in steps if is_ours(node)]


def _service(read: Node) -> Node:
    """What is asked for the rows of the time at which it is asked, and has no other place."""
    id = f"service:{read.callee}"
    return replace(read, id=id, name=read.callee, kind=NodeKind.SOURCE, store=Store.URL, traits=frozenset())


def _written(graph: Graph, brought: frozenset[str]) -> Mapping[str, Set[str]]:
    """What is written of what was read before, by the places: in which files. It is neither what a test leaves there,
    nor a download."""
    found: dict[str, set[str]] = defaultdict(set)
    for edge in graph.edges(EdgeKind.WRITES):
        writer = graph.node(edge.source)
        if writer.id in brought and is_ours(writer):
            found[edge.target].add(writer.at.path)
    return found


def _is_first(source: Node, written: Mapping[str, Set[str]], path: str) -> bool:
    """Whether nothing that was read before is written to it, in the file that reads it also under a name that may stand
    for it."""
    alike = (place for place, paths in written.items() if path in paths)
    return source.id not in written and not any(may_be(place, source.id) for place in alike)


def _by_source(graph: Graph, read: Node) -> list[Edge]:
    """One edge for each place that is read, the surest."""
    edges = sorted(graph.in_edges(read.id, EdgeKind.READS), key=lambda edge: (sureness(edge), edge.at), reverse=True)
    return list({edge.source: edge for edge in edges}.values())


def _code_of(graph: Graph, read: Node) -> Span:
    """Where the code of a read stands, which a caller may have given its place."""
    around = function_around(graph, read.at) if read.chain else None
    if around is None or around.id == read.function:
        return read.at
    places = sorted(edge.at for edge in graph.in_edges(read.id, EdgeKind.READS))
    inside = (at for at in places if (own := function_around(graph, at)) is not None and own.id == read.function)
    return next(inside, read.at)


def _takes(graph: Graph, node: Node) -> bool:
    """Whether it is a fit, or a prediction that is not only made to be scored."""
    if not is_ours(node) or not (node.role in LEARNS or node.role is Role.PREDICT):
        return False
    uses = graph.successors(node.id) if node.role is Role.PREDICT else ()
    return not any(use.role is Role.EVALUATE for use in uses)


def _behind(graph: Graph, ends: Iterable[Node], through: Callable[[Node], bool] = bool) -> dict[str, str]:
    """All that data of these nodes come from, each with the nearest of them it goes into."""
    found = {node.id: node.id for node in sorted(ends, key=lambda node: node.id)}
    ring = list(found)
    while ring:
        before: dict[str, str] = {}
        for id in ring:
            for edge in given(graph, graph.node(id)):
                if edge.source not in found and edge.source not in before and through(graph.node(edge.source)):
                    before[edge.source] = found[id]
        found |= before
        ring = sorted(before)
    return found


def given(graph: Graph, node: Node) -> Iterator[Edge]:
    """The edges that bring data: to a model what it learns from or is asked about, not what it is made of."""
    if node.role is Role.LOAD or (node.kind is NodeKind.MODEL and node.role not in LEARNS):
        return
    slots = _LEARNED if node.kind in (NodeKind.MODEL, NodeKind.PREDICTION) else _BRINGS
    for edge in graph.in_edges(node.id):
        if edge.kind not in _NO_DATA and edge.slot in slots:
            yield edge
