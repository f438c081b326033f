"""Who uses a thing directly: readers of what is stored, users of a model, choices of a column, callers, importers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mldebt.graph.answers import Reached
from mldebt.graph.code import TOP, Definition
from mldebt.graph.graph import Graph
from mldebt.graph.models import KnownModel, limits, part_of
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.pipelines import declared_steps
from mldebt.graph.prototypes import serving_files
from mldebt.graph.questions import BRINGS_IN, is_ours
from mldebt.graph.things import Thing
from mldebt.graph.walks import Start, walk
from mldebt.graph.ways import COLUMN, taken
from mldebt.roles import Confidence, Role
from mldebt.source import Purpose, Span
from mldebt.trail import Stop

_STORED = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_HOLE = "{"


def uses(graph: Graph, thing: Thing) -> tuple[Reached, ...]:
    """The direct uses of a thing in production code, by the part of the repository that uses it, each place once.
    `kind` is what is done with it, `name` the part, `note` by what."""
    found: dict[tuple[str, str, int, int, str], Reached] = {}
    for one in _uses(graph, thing):
        found.setdefault((one.kind, one.at.path, one.at.cell, one.at.line, one.note), one)
    return tuple(sorted(found.values(), key=lambda one: (one.name, one.kind, one.at, one.note)))


def _uses(graph: Graph, thing: Thing) -> Iterator[Reached]:
    if thing.model is not None:
        yield from _of_model(graph, thing.model)
    elif thing.kind == "column":
        yield from _of_column(graph, thing.name)
    elif thing.kind == "setting":
        yield from _of_setting(graph, thing.ids)
    elif thing.kind == "function":
        yield from _of_functions(graph, thing.ids)
    elif thing.kind in ("file", "folder"):
        yield from _of_files(graph, thing.name)
    yield from _of_stored(graph, [id for id in _stored_in(graph, thing) if id in graph])


def _stored_in(graph: Graph, thing: Thing) -> tuple[str, ...]:
    return (f"artifact:file:{thing.name}",) if thing.kind == "file" else thing.ids if thing.kind == "artifact" else ()


def _of_stored(graph: Graph, ids: Iterable[str]) -> Iterator[Reached]:
    """Readers of stored things and of their copies, users that are declared, steps of pipelines that take them."""
    for edge in _leaving(graph, ids, EdgeKind.DERIVES, *_STORED):
        user = graph.node(edge.target)
        if edge.kind is EdgeKind.CONSUMES:
            yield _use(graph, "named as user", edge, user.name, "")
        elif edge.kind is EdgeKind.DECLARES:
            yield _use(graph, "taken by", edge, user.at.path, user.name)
        elif edge.kind is EdgeKind.READS and user.role in BRINGS_IN and is_ours(user):
            yield _use(graph, "read", edge, part_of(user), _inside(user))


def _leaving(graph: Graph, ids: Iterable[str], alias: EdgeKind, *kinds: NodeKind) -> Iterator[Edge]:
    """The edges that leave these nodes and all that they are known as: nodes of these kinds to which an alias leads."""
    todo, seen = list(ids), set[str]()
    while todo:
        id = todo.pop()
        if id in seen:
            continue
        seen.add(id)
        for edge in graph.out_edges(id):
            if edge.kind is alias and graph.node(edge.target).kind in kinds:
                todo.append(edge.target)
            yield edge


def _of_model(graph: Graph, model: KnownModel) -> Iterator[Reached]:
    serving = serving_files(graph)
    for node in model.loads:
        yield _at(node, "loaded", _inside(node))
    for node in model.predictions:
        how = "answers requests with it" if node.at.path in serving else "predicts with it"
        yield _at(node, how, _inside(node))
    for node in model.decisions:
        yield _at(node, "decides on it", f"limit {' and '.join(limits(node))}".rstrip())
    after = walk(graph, {node.id: Start() for node in model.predictions}, onward=True)
    for node in model.readers:
        edges = after.way(node.id) if node.id in after else ()
        yield Reached("reads its predictions", part_of(node), node.at, _inside(node),
                      after.confidence(edges, node.id), after.trail(edges, node.id), edges)  # fmt: skip
    for node in graph.nodes(NodeKind.ENDPOINT):
        if node.id in after:
            edges = after.way(node.id)
            yield Reached("answers requests with it", part_of(node), node.at, node.name,
                          after.confidence(edges, node.id), after.trail(edges, node.id), edges)  # fmt: skip


def _of_column(graph: Graph, name: str) -> Iterator[Reached]:
    """Choices that name a column, and columns and steps that are made of it."""
    for node in graph.nodes(NodeKind.STEP):
        if node.role is Role.SELECT and COLUMN + name in node.traits and is_ours(node):
            yield _at(node, "chosen", _inside(node))
    for edge in graph.edges():
        target = graph.node(edge.target)
        if taken(edge) == name and is_ours(target) and target.role is not Role.SELECT and _HOLE not in target.name:
            how = "made into a column" if target.kind is NodeKind.FEATURE else "taken"
            yield _use(graph, how, edge, part_of(target), target.name, target.at)


def _of_setting(graph: Graph, ids: Iterable[str]) -> Iterator[Reached]:
    """What a setting decides, also under the other names it is handed on by."""
    for edge in _leaving(graph, ids, EdgeKind.CONFIGURES, NodeKind.SETTING):
        user = graph.node(edge.target)
        if edge.kind is not EdgeKind.CONFIGURES:
            continue
        if user.kind is NodeKind.SETTING:
            yield _use(graph, "handed on to", edge, part_of(user), user.name.lstrip("."))
        elif is_ours(user):
            where = user.name if user.kind is NodeKind.FUNCTION else f"{user.name} in {_inside(user)}"
            yield _use(graph, "decides", edge, part_of(user), where.removesuffix(" in "))


def _of_functions(graph: Graph, ids: Iterable[str]) -> Iterator[Reached]:
    """Definitions that name a function or class."""
    known = {one.id: one for one in graph.code.definitions}
    for id in ids:
        for user in (known[other] for other in known[id].used_by if other in known) if id in known else ():
            yield _by(user, "used in")


def _of_files(graph: Graph, name: str) -> Iterator[Reached]:
    """Files that import a file or one of a folder, and steps of pipelines that run it."""

    def inside(path: str) -> bool:
        return path == name or path.startswith(f"{name}/")

    parts = {one.path: one.component for one in graph.code.definitions}
    ours = graph.files_of(Purpose.PRODUCTION)
    for use in graph.code.local_imports:
        if inside(use.path) and not inside(use.at.path) and use.at.path in ours:
            note = "" if use.path == name else use.path
            yield Reached("imported", _part(use.at.path, parts.get(use.at.path, "")), use.at, note,
                          Confidence.CERTAIN, (Stop(use.at, f"import: {use.path}"),), ())  # fmt: skip
    for step in filter(is_ours, declared_steps(graph)):
        for edge in graph.out_edges(step.id, EdgeKind.CALLS):
            if inside(graph.node(edge.target).at.path):
                yield _use(graph, "run by", edge, step.at.path, step.name)


def _use(graph: Graph, how: str, edge: Edge, part: str, note: str, at: Span | None = None) -> Reached:
    place = at or edge.at
    trail = (Stop(place, f"{how}: {note or graph.node(edge.target).name}"),)
    return Reached(how, part, place, note, edge.confidence, trail, (edge,))


def _at(node: Node, how: str, note: str) -> Reached:
    return Reached(how, part_of(node), node.at, note, Confidence.CERTAIN, (Stop(node.at, f"{how}: {note}"),), ())


def _by(user: Definition, how: str) -> Reached:
    trail = (Stop(user.at, f"{how}: {user.name}"),)
    return Reached(how, _part(user.path, user.component), user.at, user.name, Confidence.CERTAIN, trail, ())


def _part(path: str, component: str) -> str:
    return path if component in ("", TOP) else component


def _inside(node: Node) -> str:
    """The function that a node stands in; of what stands at the top of a file, nothing."""
    return node.symbol if node.function else ""
