"""What lies downstream of things: the models, services, consumers, pipelines and results that their data reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mldebt.graph.answers import Reached
from mldebt.graph.callers import Callers
from mldebt.graph.graph import Graph
from mldebt.graph.models import KnownModel, known_models, part_of
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.pipelines import declared_steps, files_run_by
from mldebt.graph.prototypes import serving_files
from mldebt.graph.questions import BRINGS_IN, is_ours
from mldebt.graph.things import alike
from mldebt.graph.walks import Start, Walk, walk
from mldebt.roles import Role
from mldebt.trail import Stop, Trail

KINDS = ("model", "service", "consumer", "pipeline", "result")
_STORED = (NodeKind.ARTIFACT, NodeKind.SOURCE)


@dataclass(frozen=True, slots=True)
class _End:
    """A thing that is reached: `id` is the node at which, `ids` are those by which other ways lead past it, `stops` are
    places behind that node."""

    kind: str
    name: str
    id: str
    note: str
    ids: frozenset[str]
    stops: Trail = ()


def impact(
    graph: Graph, starts: Mapping[str, Start], asked: Collection[KnownModel] = ()
) -> tuple[Reached, ...]:
    """What the data of some nodes reach, what reaches furthest first. `asked` are the models that are asked about.
    Tests and examples do not count."""
    reached = walk(graph, starts, onward=True)
    ends = [
        *_models(graph, reached, asked), *_services(graph, reached), *_consumers(graph, reached),
        *_pipelines(graph, reached), *_results(graph, reached),
    ]  # fmt: skip
    return tuple(sorted(_told(reached, ends), key=_order))


def _models(graph: Graph, reached: Walk, asked: Collection[KnownModel]) -> Iterator[_End]:
    for model in known_models(graph):
        if model in asked:
            continue
        fit = _first(reached, model.fits)
        used = _first(reached, model.predictions)
        if fit or used:
            node = fit or used
            assert node is not None
            yield _End("model", model.name, node.id, "trained" if fit else "given it to predict", _mentions(model))


def _mentions(model: KnownModel) -> frozenset[str]:
    return model.parts | {node.id for node in (*model.fits, *model.predictions)}


def _services(graph: Graph, reached: Walk) -> Iterator[_End]:
    """The parts that answer requests with what is reached, or run it for those who do."""
    serving, callers = serving_files(graph), Callers(graph)
    parts = {one.at.path: part_of(one) for one in graph.nodes() if one.at.path in serving}
    found: dict[str, list[Node]] = defaultdict(list)
    for id, _, files in reached.came:  # the files that may run all of the way, where they are known
        node = graph.node(id)
        running = callers.files_above(node) if node.kind is NodeKind.ENDPOINT else files
        if is_ours(node) and id not in reached.starts:
            for part in sorted({parts[path] for path in serving & running}):
                found[part].append(node)
    for part, nodes in found.items():
        answering = [node for node in nodes if node.kind is NodeKind.ENDPOINT]
        routes = _some([node.name for node in answering])
        end = (answering or nodes)[0]
        yield _End("service", part, end.id, f"answers with it: {routes}" if routes else "answers requests",
                   frozenset(node.id for node in nodes))  # fmt: skip


def _consumers(graph: Graph, reached: Walk) -> Iterator[_End]:
    """Other parts that read what is stored, and those that a declaration names as users."""
    own = {part_of(graph.node(id)) for id in reached.starts if graph.node(id).kind not in _STORED}
    own |= {part_of(node) for node in _writers(graph, reached.starts)}
    served = {end.name for end in _services(graph, reached)}
    found: dict[str, list[Edge]] = defaultdict(list)
    for node in reached.nodes():
        for edge in graph.out_edges(node.id, EdgeKind.READS, EdgeKind.CONSUMES) if node.kind in _STORED else ():
            reader = graph.node(edge.target)
            name = reader.name if edge.kind is EdgeKind.CONSUMES else part_of(reader)
            if edge.target in reached and name not in own | served and _uses(reader) and is_ours(reader):
                found[name].append(edge)
    for name, edges in found.items():
        read = list(dict.fromkeys(graph.node(edge.source).name for edge in edges))
        more = f" and {len(read) - 1} more" if len(read) > 1 else ""
        ids = frozenset(edge.target for edge in edges)
        yield _End("consumer", name, edges[0].target, f"reads {read[0]}{more}", ids)


def _uses(reader: Node) -> bool:
    return reader.role in BRINGS_IN or reader.kind is NodeKind.COMPONENT


def _writers(graph: Graph, ids: Collection[str]) -> Iterator[Node]:
    for id in ids:
        yield from graph.predecessors(id, EdgeKind.WRITES) if graph.node(id).kind in _STORED else ()


def _pipelines(graph: Graph, reached: Walk) -> Iterator[_End]:
    """Definitions with steps that run a file of what is reached, or take a stored thing of it."""
    files: dict[str, Node] = {}
    for node in reached.nodes():
        if node.role is not None and is_ours(node):
            files.setdefault(node.at.path, node)
    found: dict[str, list[tuple[Node, str, str]]] = defaultdict(list)
    for step in filter(is_ours, declared_steps(graph)):
        for path in sorted(files_run_by(graph, step)):
            if path in files:
                found[step.at.path].append((step, files[path].id, f"runs {path}"))
        for edge in graph.in_edges(step.id, EdgeKind.DECLARES):
            if edge.source in reached:
                found[step.at.path].append((step, edge.source, f"takes {graph.node(edge.source).name}"))
    for path, steps in found.items():
        done = _some([word for _, _, word in steps])
        first, id, _ = steps[0]
        stop = Stop(first.at, f"step: {first.name}")
        yield _End("pipeline", path, id, done, frozenset(step.id for step, _, _ in steps), (stop,))


def _some(words: Iterable[str]) -> str:
    """The first two of some words, each once, and how many more there are."""
    found = list(dict.fromkeys(words))
    return ", ".join(found[:2]) + (f" and {len(found) - 2} more" if len(found) > 2 else "")


def _results(graph: Graph, reached: Walk) -> Iterator[_End]:
    """What is stored at the end, and nobody here reads."""
    kept = {node.id for model in known_models(graph) for node in model.kept}
    stored = [node for node in reached.nodes() if node.kind is NodeKind.ARTIFACT and node.id not in kept]
    for group in alike(graph, stored):
        read = any(graph.out_edges(node.id, EdgeKind.READS, EdgeKind.CONSUMES) for node in group)
        if read or any(node.id in reached.starts for node in group):
            continue
        writers = (one for node in group for one in graph.predecessors(node.id, EdgeKind.WRITES) if one.id in reached)
        if any(is_ours(one) and one.role in (Role.WRITE, None) and "plot" not in one.traits for one in writers):
            first = min(group, key=lambda node: (node.exact, node.id))
            yield _End("result", first.name, first.id, "no reader found here", frozenset(node.id for node in group))


def _first(reached: Walk, nodes: Iterable[Node]) -> Node | None:
    """The one of some nodes that is nearest."""
    found = [node for node in nodes if node.id in reached]
    return min(found, key=lambda node: (len(reached.way(node.id)), node.id), default=None)


def _told(reached: Walk, ends: list[_End]) -> Iterator[Reached]:
    """The ends with their ways; a way that leads past another end is told from there on."""
    ways = {end: reached.way(end.id) for end in ends}
    passed = {end: _passed(ways[end], end, ends) for end in ends}
    for end in ends:
        edges, before = ways[end], passed[end]
        trail = (*reached.trail(edges, end.id), *end.stops)
        shared = max(before.values(), default=0)
        past = next((one for one, place in before.items() if place == shared), None)
        rest = len(reached.trail(edges[shared:], end.id)) + len(end.stops) - 1
        yield Reached(
            end.kind, end.name, trail[-1].at, end.note, reached.confidence(edges, end.id), trail, edges,
            further=sum(end in others for others in passed.values()),
            past=past.name if past else "",
            shared=len(trail) - rest if past else 0,
        )  # fmt: skip


def _passed(edges: tuple[Edge, ...], end: _End, ends: list[_End]) -> dict[_End, int]:
    """The other ends that lie on a way, and how many edges of it lead to each."""
    ids = [edges[0].source, *(edge.target for edge in edges)] if edges else []
    found: dict[_End, int] = {}
    for other in ends:
        places = [place for place, id in enumerate(ids[:-1]) if id in other.ids]
        if other is not end and places:
            found[other] = places[-1]
    return found


def _order(one: Reached) -> tuple[object, ...]:
    return (-one.further, KINDS.index(one.kind), len(one.edges), one.name, one.at)

