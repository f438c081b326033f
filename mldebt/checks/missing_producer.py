"""Something is read that nothing here writes, while nearly the same thing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import FLOW, Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.near_names import folder_and_name, likeness, place_of
from mldebt.graph.questions import BRINGS_IN, STORES, is_ours
from mldebt.graph.routes import Unserved, unserved
from mldebt.graph.unplaced import Unplaced
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Span, folders_above
from mldebt.trail import MAX_STOPS, Stop

_KEPT = (Store.FILE, Store.OBJECT, Store.TABLE, Store.TOPIC, Store.RUN, Store.MODEL, Store.VIEW)
_KNOWN = frozenset({"exists", "mentioned", "declared", "versioned", "listed-output"})
_PASSING = "artifact:file:temporary:"
_WAYS = ("spelling", "ending", "folder")
_REFUTED = "code outside this repository, or a place that is not followed, writes {name}"
_TOLD = {
    "spelling": "{name} is written beside it",
    "ending": "{name} is written beside it, with another ending",
    "folder": "the same name is written as {name}",
}


@dataclass(frozen=True, slots=True)
class _Missing:
    """What is read and not made, and the nearest thing that is. `alone`: the readers read nothing else in its stead."""

    source: Node
    other: Node
    how: str
    reads: tuple[Edge, ...]
    writes: tuple[Edge, ...]
    alone: bool
    other_read: bool
    symbol: str


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each thing that is read and not made, with the nearest thing that is made; things of one folder
    that all are made in another one together."""
    groups: dict[tuple[str, ...], list[_Missing]] = defaultdict(list)
    for one in _missing(graph):
        pair = (folder_and_name(one.source)[0], folder_and_name(one.other)[0])
        groups[pair if one.how == "folder" else (one.source.id,)].append(one)
    unplaced = Unplaced(graph)
    for group in groups.values():
        open_writes = sum(unplaced.writes(one.source) for one in group)
        if group[0].how != "folder" or not open_writes:
            yield _hit(group, open_writes)
    yield from _requests(graph)


def _missing(graph: Graph) -> Iterator[_Missing]:
    made = {node.id: node for node in graph.nodes(NodeKind.ARTIFACT) if _writes(graph, node)}
    near: dict[str, list[Node]] = defaultdict(list)
    for node in made.values():
        if node.exact and not node.id.startswith(_PASSING):
            folder, name = folder_and_name(node)
            near[f"in {folder}"].append(node)
            near[f"as {name.lower()}"].append(node)
    folders = {folder for node in made.values() for folder in folders_above(place_of(node))}
    for source in graph.nodes(NodeKind.SOURCE, NodeKind.ARTIFACT):
        if source.id in made or not _is_plain(source) or place_of(source) in folders or _is_inside(source, made):
            continue
        reads = _reads(graph, source)
        if reads and not _has_other_name(graph, source):
            folder, name = folder_and_name(source)
            others = [*near[f"in {folder}"], *near[f"as {name.lower()}"]]
            alike = [(how, one) for one in others if (how := likeness(source, one))]
            alike = [(how, one) for how, one in alike if not (_is_same(source, one) or _is_made_of(graph, source, one))]
            if alike:
                how, other = _nearest(graph, alike, {edge.at.path for edge in reads})
                alone = all(_is_only(graph, edge) for edge in reads)
                symbol = graph.node(reads[0].target).symbol
                yield _Missing(
                    source, other, how, reads, _writes(graph, other), alone, bool(_reads(graph, other)), symbol
                )


def _nearest(graph: Graph, alike: list[tuple[str, Node]], files: set[str]) -> tuple[str, Node]:
    """The thing that is most like what is read; of several, one that a file that reads writes itself."""

    def distance(pair: tuple[str, Node]) -> tuple[int, bool, str]:
        how, other = pair
        return _WAYS.index(how), all(edge.at.path not in files for edge in _writes(graph, other)), other.id

    return min(alike, key=distance)


def _is_plain(source: Node) -> bool:
    lasting = source.store in _KEPT and not source.id.startswith(_PASSING)
    return lasting and source.exact and "*" not in source.id and not source.traits & _KNOWN


def _is_inside(source: Node, made: dict[str, Node]) -> bool:
    """Whether a folder that it lies in is written as a whole."""
    head = source.id[: len(source.id) - len(place_of(source))]
    return any(head + folder in made for folder in folders_above(place_of(source)))


def _writes(graph: Graph, artifact: Node) -> tuple[Edge, ...]:
    roles = STORES | {Role.COPY} | BRINGS_IN  # a download writes the file it is given
    steps = ((edge, graph.node(edge.source)) for edge in graph.in_edges(artifact.id, EdgeKind.WRITES))
    return _in_order(edge for edge, step in steps if is_ours(step) and step.role in roles)


def _reads(graph: Graph, source: Node) -> tuple[Edge, ...]:
    steps = ((edge, graph.node(edge.target)) for edge in graph.out_edges(source.id, EdgeKind.READS))
    return _in_order(edge for edge, step in steps if is_ours(step) and step.role in BRINGS_IN)


def _in_order(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    return tuple(sorted(edges, key=lambda edge: (edge.at, edge.source, edge.target)))


def _has_other_name(graph: Graph, source: Node) -> bool:
    """Whether something that is written may go by this name, too."""
    return any(node.kind is NodeKind.ARTIFACT for node in graph.predecessors(source.id, EdgeKind.DERIVES))


def _is_same(one: Node, other: Node) -> bool:
    """Whether one of two tables of a name is said without its schema: it lies in the one that is set where it runs."""
    (schema, name), (other_schema, other_name) = folder_and_name(one), folder_and_name(other)
    return one.store is Store.TABLE and name.lower() == other_name.lower() and not (schema and other_schema)


def _is_made_of(graph: Graph, source: Node, other: Node) -> bool:
    """Whether the thing that is written is made of the one that is read, or one code reads either: raw data and
    what is made of them, a file and the one to fall back on, often share a name."""
    writers = graph.predecessors(other.id, EdgeKind.WRITES)
    ours = {_code(graph.node(edge.target)) for edge in graph.out_edges(source.id, EdgeKind.READS)}
    theirs = {_code(node) for node in (*writers, *graph.successors(other.id, EdgeKind.READS))}
    return bool(ours & theirs) or any(node.id == other.id for node in graph.downstream(source.id, *FLOW))


def _code(node: Node) -> tuple[str, str]:
    return node.at.path, node.id if node.kind in (NodeKind.FUNCTION, NodeKind.ENDPOINT) else node.function


def _is_only(graph: Graph, read: Edge) -> bool:
    """Whether the place is certain, and no one of several that the step may read."""
    return read.confidence is Confidence.CERTAIN and len(graph.in_edges(read.target, EdgeKind.READS)) == 1


def _is_sure(group: list[_Missing]) -> bool:
    """Whether the other name is hardly meant for anything else: nobody reads it, and, of the same name elsewhere,
    its readers read nothing else in its stead."""
    if any(one.other_read for one in group):
        return False
    return group[0].how != "folder" or all(one.alone and _is_moved(one) for one in group)


def _is_moved(one: _Missing) -> bool:
    """Whether one script says both places, or a component says one folder and another one inside of it."""
    if one.reads[0].at.cell:
        return False
    if any(read.at.path == write.at.path for read in one.reads for write in one.writes):
        return True
    folders = sorted((folder_and_name(one.source)[0], folder_and_name(one.other)[0]), key=len)
    inside = folders[0] != "" and folders[1].startswith(f"{folders[0]}/")
    return inside and one.source.component == one.other.component


def _hit(group: list[_Missing], unplaced: int) -> Hit:
    first = min(group, key=lambda one: one.reads[0].at)
    sure = _is_sure(group) and not unplaced
    reading = tuple(Stop(edge.at, f"read: {one.source.name}") for one in group for edge in one.reads)
    writing = tuple(Stop(edge.at, f"write: {one.other.name}") for one in group for edge in one.writes)
    naming = {Stop(node.at, f"name: {node.name}") for one in group for node in (one.source, one.other)}
    reading, writing = tuple(dict.fromkeys(sorted(reading))), tuple(dict.fromkeys(sorted(writing)))
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    return Hit(
        at=first.reads[0].at,
        details={
            "artifact": first.source.name + more, "what": _TOLD[first.how].format(name=first.other.name),
            "count": str(unplaced),
        },
        keys=tuple(sorted(one.source.id for one in group)),
        confidence=Confidence.LIKELY if sure else Confidence.HINT,
        symbol=first.symbol,
        trail=(*writing[: MAX_STOPS // 2], *reading)[:MAX_STOPS],
        related=_told_of((*reading, *writing, *sorted(naming)), first.reads[0].at),
        refutation=_REFUTED.format(name=first.source.name) + (f", as {unplaced} of them may" if unplaced else ""),
    )  # fmt: skip


def _told_of(stops: Iterable[Stop], at: Span) -> tuple[Stop, ...]:
    """Each other place once, with the first that is said of it: paths often stand above where they are used."""
    places: dict[tuple[str, int, int], Stop] = {(at.path, at.cell, at.line): Stop(at, "")}
    for stop in stops:
        places.setdefault((stop.at.path, stop.at.cell, stop.at.line), stop)
    return tuple(places.values())[1:]


def _requests(graph: Graph) -> Iterator[Hit]:
    """One hit for each path that is asked for and not served."""
    groups: dict[str, list[Unserved]] = defaultdict(list)
    for one in unserved(graph):
        groups[one.path].append(one)
    for path, found in sorted(groups.items()):
        route = next((one for one in found if one.misspelt), found[0]).route
        asking = tuple(dict.fromkeys(Stop(one.request.at, f"request: {one.asked.name}") for one in found))
        serving = tuple(Stop(edge.at, f"serve: {route.name}") for edge in graph.in_edges(route.id, EdgeKind.WRITES))
        yield Hit(
            at=asking[0].at,
            details={"artifact": path, "what": route.name, "count": "0"},
            keys=(f"route:{path}",),
            confidence=Confidence.HINT,
            symbol=graph.node(found[0].request.target).symbol,
            trail=(*serving, *asking)[:MAX_STOPS],
            related=(*asking[1:], *serving),
            refutation=f"a service outside this repository answers for {path}",
            variant="route",
        )
