"""What a person may mean by a name: models, artifacts, columns, settings, functions, files and folders."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from mldebt.graph.composed import columns_told
from mldebt.graph.covering import places
from mldebt.graph.graph import Graph
from mldebt.graph.models import KnownModel, known_models
from mldebt.graph.near_names import may_be
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import is_ours
from mldebt.graph.ways import COLUMN, taken
from mldebt.roles import Role
from mldebt.source import Purpose, Span

KINDS = ("model", "artifact", "column", "setting", "function", "file", "folder")
NEAR = 3
_STORED = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_CUTOFF = 0.6
_HOLE = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that can be asked about. `names` are all that it can be called, `at` where it stands, `ids` the nodes
    or definitions that are mentions of it; `key` tells it from others of its kind."""

    kind: str
    name: str
    key: str
    names: frozenset[str]
    at: tuple[Span, ...]
    ids: tuple[str, ...] = ()
    model: KnownModel | None = field(default=None, compare=False)


def things(graph: Graph) -> tuple[Thing, ...]:
    """All that can be asked about, the kinds in the order of KINDS."""
    models = tuple(_models(graph))
    return (
        *models, *_artifacts(graph, models), *_columns(graph), *_settings(graph), *_functions(graph), *_files(graph),
    )  # fmt: skip


def meant(known: Iterable[Thing], name: str) -> tuple[Thing, ...]:
    """The things that a name fits best: exactly or as the end of a path, else but for case, else as the last of
    several keys. A model that is called so is meant before files that end so.

    `column:age` asks for one kind, `jobs/train.py:age` for what stands in one file.
    """
    kind, _, rest = name.partition(":")
    if kind in KINDS and rest:
        return meant([thing for thing in known if thing.kind == kind], rest)
    known = tuple(known)
    wanted = posixpath.normpath(name) if "/" in name and "://" not in name else name
    tests: tuple[Callable[[str], bool], ...] = (
        lambda said: said in (name, wanted) or said.endswith(f"/{wanted}"),
        lambda said: said.lower() == wanted.lower() or said.lower().endswith(f"/{wanted.lower()}"),
        lambda said: said.endswith(f".{wanted}"),
    )
    for fits in tests:
        found = tuple(thing for thing in known if any(map(fits, thing.names)))
        if found:
            return tuple(thing for thing in found if thing.model is not None and thing.name == name) or found
    path, _, rest = name.rpartition(":")
    inside = meant(known, rest) if path and rest else ()
    return tuple(thing for thing in inside if any(f"/{at.path}".endswith(f"/{path}") for at in thing.at))


def nearest(known: Iterable[Thing], name: str) -> tuple[str, ...]:
    """The names that look most like one that fits nothing."""
    names = sorted({said for thing in known for said in (thing.name, *thing.names)})
    low = {said.lower(): said for said in names}
    return tuple(low[said] for said in difflib.get_close_matches(name.lower(), sorted(low), NEAR, _CUTOFF))


def _models(graph: Graph) -> Iterator[Thing]:
    for model in known_models(graph):
        kept = {said for node in model.kept for said in (node.name, posixpath.basename(node.name))}
        made = [*model.fits, *model.loads, *model.predictions, *model.kept]
        names = {model.name, *kept, *(node.name for node in model.fits if "." not in node.name)}
        at = tuple(dict.fromkeys(node.at for node in made[:1]))
        yield Thing("model", model.name, f"model {min(model.parts)}", frozenset(names), at, _ids(model.parts), model)


def _artifacts(graph: Graph, models: Iterable[Thing]) -> Iterator[Thing]:
    """Places where something is stored; where a model alone is kept, the model is asked about."""
    of_models = {node.id for thing in models if thing.model is not None for node in thing.model.kept}
    by_name: dict[tuple[object, str], list[Node]] = defaultdict(list)
    for group in alike(graph, [node for node in graph.nodes(*_STORED) if node.id not in of_models]):
        by_name[group[0].store, group[0].name] += group  # nobody can tell what has one name apart
    for group in by_name.values():
        names = {said for node in group for home in ("", *graph.code.repositories) for said in places(node, home)}
        first = min(group, key=lambda node: (not node.exact, node.id))
        made = tuple(edge.at for node in group for edge in graph.in_edges(node.id, EdgeKind.WRITES))
        at = tuple(dict.fromkeys((*sorted(made), *sorted(node.at for node in group))))
        yield Thing("artifact", first.name, first.id, frozenset(names), at, _ids(node.id for node in group))


def alike(graph: Graph, nodes: Iterable[Node]) -> Iterator[list[Node]]:
    """Names of one step's file, with holes and without, are one thing."""
    groups: list[list[Node]] = []
    by_step: dict[str, list[list[Node]]] = defaultdict(list)
    for node in nodes:
        steps = {edge.source for edge in graph.in_edges(node.id, EdgeKind.WRITES)}
        steps |= {e.target for e in graph.out_edges(node.id, EdgeKind.READS) if graph.node(e.target).role}
        near = (group for step in sorted(steps) for group in by_step[step])
        group = next((one for one in near if any(_is_one(node.name, other.name) for other in one)), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(node)
        for step in steps:
            if not any(one is group for one in by_step[step]):
                by_step[step].append(group)
    yield from groups


def _is_one(name: str, other: str) -> bool:
    """Whether two names differ in nothing but what a hole of one of them may hold."""
    return name == other or may_be(name, other) or may_be(other, name)


def _columns(graph: Graph) -> Iterator[Thing]:
    """Columns that code makes, chooses or takes by name."""
    made: dict[str, set[tuple[bool, Span]]] = defaultdict(set)
    for node in graph.nodes():
        if not is_ours(node):
            continue
        if node.kind is NodeKind.FEATURE:
            made[node.name].add((False, node.at))
        elif node.role is Role.SELECT:
            for trait in node.traits:
                if trait.startswith(COLUMN):
                    made[trait.removeprefix(COLUMN)].add((True, node.at))
        for name, part in columns_told(graph, node):
            made[name].add((True, part.at))
    for edge in graph.edges():
        one, read = taken(edge), graph.node(edge.source).kind is not NodeKind.FEATURE
        if one is not None and read and is_ours(graph.node(edge.target)):
            made[one].add((True, edge.at))
    for name in sorted(name for name in made if not _HOLE.search(name)):
        at = tuple(place for _, place in sorted(made[name]))
        yield Thing("column", name, name, frozenset({name}), at)


def _settings(graph: Graph) -> Iterator[Thing]:
    tested = graph.files_of(Purpose.TEST)
    for node in graph.nodes(NodeKind.SETTING):
        if node.at.path in tested:
            continue
        plain = node.name.lstrip(".-")
        names = frozenset({node.name, plain, node.name.lstrip(".")})
        yield Thing("setting", node.name.lstrip("."), node.id, names, (node.at,), (node.id,))


def _functions(graph: Graph) -> Iterator[Thing]:
    for one in graph.code.definitions:
        if one.kind != "module" and one.purpose is not Purpose.TEST:
            names = frozenset({one.name, f"{one.path}:{one.name}"})
            yield Thing("function", one.name, one.id, names, (one.at,), (one.id,))


def _files(graph: Graph) -> Iterator[Thing]:
    """Files that hold something of the graph, and the folders above them."""
    paths = {node.at.path for node in graph.nodes() if node.kind not in _STORED} - {""}
    paths |= {one.path for one in graph.code.definitions} | {use.path for use in graph.code.local_imports}
    folders = {folder for path in paths for folder in _above(path)}
    for path in sorted(paths):
        yield Thing("file", path, path, frozenset({path}), (Span(path, 1),))
    for folder in sorted(folders):
        yield Thing("folder", folder, folder, frozenset({folder}), (Span(folder, 1),))


def _above(path: str) -> Iterator[str]:
    while path := posixpath.dirname(path):
        yield path


def _ids(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))
