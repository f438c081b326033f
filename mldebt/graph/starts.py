"""From a thing that is asked about to the nodes at which a walk through the graph begins."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from mldebt.graph.code import Definition
from mldebt.graph.composed import GIVES, columns_told
from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Node, NodeKind
from mldebt.graph.questions import is_ours
from mldebt.graph.things import Thing
from mldebt.graph.walks import HOLE, Start
from mldebt.graph.ways import COLUMN, taken
from mldebt.roles import Confidence, Role
from mldebt.source import Span
from mldebt.trail import Stop, Trail

_TABLES = frozenset({NodeKind.STEP, NodeKind.ARTIFACT, NodeKind.SOURCE})
_MADE_OF_PARTS = (NodeKind.TRANSFORM, NodeKind.MODEL, NodeKind.PREDICTION)
_FURTHEST = 8


def starts(graph: Graph, thing: Thing, *, onward: bool) -> dict[str, Start]:
    """Where a walk from a thing begins, downstream (`onward`) or upstream."""
    found: dict[str, Start] = {}
    for id, start in _starts(graph, thing, onward):
        found.setdefault(id, start)
    return found


def _starts(graph: Graph, thing: Thing, onward: bool) -> Iterator[tuple[str, Start]]:
    if thing.model is not None and thing.model.fits and not onward:
        yield from ((node.id, Start()) for node in thing.model.fits)  # what it answers for later is not what it is of
    elif thing.kind == "column":
        yield from _of_column(graph, thing.name)
    elif thing.kind == "function":
        yield from _of_functions(graph, [one for one in graph.code.definitions if one.id in thing.ids])
    elif thing.kind in ("file", "folder"):
        yield from of_files(graph, _paths_in(graph, thing.name))
    else:
        yield from ((id, Start()) for id in thing.ids)


def of_files(graph: Graph, paths: Collection[str]) -> Iterator[tuple[str, Start]]:
    """All that stands in some files; of one in which nothing does, what stands in those that use it."""
    own = [node for node in graph.nodes() if node.at.path in paths and _does(node)]
    yield from ((node.id, Start(_own_column(node))) for node in own)
    yield from ((id, Start()) for path in sorted(paths) if (id := f"artifact:file:{path}") in graph)
    idle = set(paths) - {node.at.path for node in own}
    inside = [one for one in graph.code.definitions if one.path in idle and one.kind != "module"]
    yield from _of_callers(graph, inside, ())
    for use in graph.code.local_imports:
        if use.path in idle and use.at.path not in paths:
            stops = (Stop(use.at, f"import: {use.path}"),)
            users = (node for node in graph.nodes() if node.at.path == use.at.path and _does(node))
            yield from ((node.id, Start(_own_column(node), stops, Confidence.LIKELY)) for node in users)


def _paths_in(graph: Graph, name: str) -> frozenset[str]:
    paths = {node.at.path for node in graph.nodes()} | {one.path for one in graph.code.definitions}
    return frozenset({name, *(path for path in paths if path.startswith(f"{name}/"))})


def _does(node: Node) -> bool:
    """Whether it is something that happens or is set where it stands."""
    return node.role is not None or node.kind in (NodeKind.FEATURE, NodeKind.SETTING, NodeKind.ENDPOINT)


def _own_column(node: Node) -> frozenset[str] | None:
    return frozenset({node.name}) if node.kind is NodeKind.FEATURE else None


def _of_column(graph: Graph, name: str) -> Iterator[tuple[str, Start]]:
    """Where a column is made, and the tables out of which it is chosen or taken by its name."""
    only = frozenset({name})
    for node in graph.nodes(NodeKind.FEATURE):
        if node.name == name and is_ours(node):
            yield node.id, Start(only)
    for node in graph.nodes(NodeKind.STEP):
        if node.role is Role.SELECT and COLUMN + name in node.traits and is_ours(node):
            for edge in graph.in_edges(node.id, *FLOW):
                source = graph.node(edge.source)
                if source.kind in _TABLES:
                    yield source.id, Start(only, _named(name, node.at))
                elif source.kind is NodeKind.FEATURE and HOLE in source.name:  # it may be the one
                    yield source.id, Start(None, _named(name, node.at), Confidence.LIKELY)
    yield from _of_parts(graph, name)
    for edge in graph.edges(*FLOW):
        if taken(edge) == name and graph.node(edge.source).kind in _TABLES and is_ours(graph.node(edge.target)):
            yield edge.source, Start(only, _named(name, edge.at))


def _of_parts(graph: Graph, name: str) -> Iterator[tuple[str, Start]]:
    """The tables of which a part of a model or transformer takes a column, and the steps that add it."""
    for node in graph.nodes(*_MADE_OF_PARTS):
        for part in (part for said, part in columns_told(graph, node) if said == name and is_ours(node)):
            given = [edge for edge in graph.in_edges(node.id, *FLOW) if edge.slot == "data"]
            tables = [edge.source for edge in given if graph.node(edge.source).kind in _TABLES]
            for id in [node.id] if GIVES + name in part.traits else tables:
                yield id, Start(frozenset({name}), _named(name, part.at))


def _named(name: str, at: Span) -> Trail:
    return (Stop(at, f"{COLUMN} {name}"),)


def _of_functions(graph: Graph, asked: Iterable[Definition]) -> Iterator[tuple[str, Start]]:
    """The steps in the bodies of functions and classes; where nothing goes on from them, those of what calls them."""
    for one in asked:
        inside = list(_inside(graph, one))
        yield from ((node.id, Start(_own_column(node))) for node in inside)
        ids = {node.id for node in inside}
        if not any(edge.target not in ids for id in sorted(ids) for edge in graph.out_edges(id, *FLOW)):
            yield from _of_callers(graph, [one], (Stop(one.at, f"{one.kind}: {one.name}"),))


def _inside(graph: Graph, one: Definition) -> Iterator[Node]:
    for node in graph.nodes():
        at = node.at
        if _does(node) and at.path == one.path and at.cell == one.at.cell and one.at.line <= at.line <= one.end_line:
            yield node


def _of_callers(graph: Graph, asked: Iterable[Definition], before: Trail) -> Iterator[tuple[str, Start]]:
    """The steps of the nearest functions that use some others and have any."""
    known = {one.id: one for one in graph.code.definitions}
    ring = [(one, before) for one in asked]
    seen = {one.id for one, _ in ring}
    for _ in range(_FURTHEST):
        further: list[tuple[Definition, Trail]] = []
        for one, trail in ring:
            for id in one.used_by:
                user = known.get(id)
                if user is None or id in seen:
                    continue
                seen.add(id)
                stops = (*trail, Stop(user.at, f"used in: {user.name}"))
                inside = list(_inside(graph, user)) if user.kind != "module" else _of_module(graph, user)
                yield from ((node.id, Start(_own_column(node), stops, Confidence.LIKELY)) for node in inside)
                if not inside:
                    further.append((user, stops))
        ring = further


def _of_module(graph: Graph, one: Definition) -> list[Node]:
    """The steps at the top of a module."""
    return [node for node in graph.nodes() if node.at.path == one.path and not node.function and _does(node)]
