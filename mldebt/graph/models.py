"""Read-only questions about the models of a repository as a whole: each one's way from its data to who uses it."""

from __future__ import annotations

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from mldebt.graph.callers import Callers
from mldebt.graph.code import TOP
from mldebt.graph.graph import Graph
from mldebt.graph.inputs import Inputs, inputs_of
from mldebt.graph.names import model_name
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.prototypes import serving_files
from mldebt.graph.questions import BRINGS_IN, LEARNS, identity, is_ours, kept_in, model_used, saved
from mldebt.graph.walks import Start, Walk, walk
from mldebt.roles import Role
from mldebt.source import Span

_STORED = (NodeKind.SOURCE, NodeKind.ARTIFACT)
_LIMIT = "limit:"
_NO_MODEL = frozenset({"form:table", "form:array", "form:column", "form:text", "form:number"})
_LEARNT = frozenset({EdgeKind.TRAINS, EdgeKind.FITS})
_ENDS = frozenset({"0", "1", "0.0", "1.0"})
_DECIDING = 6  # edges from a prediction to what is decided with it


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One model of the repository, or what predicts with one that is not known: empty parts were not found.

    `parts` are the ids of the nodes that are mentions of it. `fits` teach it, `data` and `inputs` go into them,
    `kept` are the places it is stored in, `loads` bring it in from there. `decisions` compare a score of it with a
    number, `readers` bring in its stored predictions, `monitors` watch over it. `way` are the ids of all that its data
    and predictions go through.
    """

    name: str
    parts: frozenset[str]
    fits: tuple[Node, ...] = ()
    data: tuple[Node, ...] = ()
    inputs: Inputs = field(default_factory=Inputs)
    kept: tuple[Node, ...] = ()
    loads: tuple[Node, ...] = ()
    predictions: tuple[Node, ...] = ()
    decisions: tuple[Node, ...] = ()
    readers: tuple[Node, ...] = ()
    monitors: tuple[Node, ...] = ()
    way: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def known_models(graph: Graph) -> tuple[KnownModel, ...]:
    """Every model of production code, those that are stored or used elsewhere first.

    Mentions are one model when they have a fit, a place of storage or a construction in common, or stand at one place;
    and what one function fits is, as in folds and candidates, as far as it is not stored apart. Predictions whose model
    is not known are told by the file they stand in.
    """
    mentions = [node for node in graph.nodes(NodeKind.MODEL) if is_ours(node)]
    predictions = [node for node in graph.nodes(NodeKind.PREDICTION) if is_ours(node)]
    marks: dict[str, frozenset[str]] = {node.id: _marks(graph, node.id) | {_place(node)} for node in mentions}
    for node in predictions:
        used = model_used(graph, node.id)
        known = _marks(graph, *(one.id for one in used))
        marks[node.id] = known or frozenset({f"unknown:{node.at.path}"})
    groups = _of_one_function(graph, _joined(marks))
    models = _told_apart(_known(graph, [graph.node(id) for id in ids]) for ids in groups)
    return tuple(sorted(models, key=_order))


def _marks(graph: Graph, *ids: str) -> frozenset[str]:
    """What makes mentions one model: not a table in which something is told of several."""
    return frozenset(id for id in identity(graph, *ids) if not _is_table(graph, id))


def _is_table(graph: Graph, id: str) -> bool:
    """Whether what is written to a place is known to be no model."""
    writers = graph.predecessors(id, EdgeKind.WRITES) if graph.node(id).kind in _STORED else ()
    return bool(writers) and all(writer.traits & _NO_MODEL for writer in writers)


def _told_apart(models: Iterable[KnownModel]) -> Iterator[KnownModel]:
    """Models of one name are called by the functions that fit them, and by their lines where that is not enough; the
    only one of them that is trained here keeps the name."""
    found = tuple(models)
    for names in (_function_of, _line_of):
        times, taught = Counter(model.name for model in found), Counter(model.name for model in found if model.fits)
        kept = {name for name, count in times.items() if count == 1}
        best = {name for name, count in taught.items() if count == 1}
        found = tuple(
            model if model.name in kept or (model.fits and model.name in best) else replace(model, name=names(model))
            for model in found
        )
    yield from found


def _function_of(model: KnownModel) -> str:
    first = next((fit for fit in model.fits if fit.symbol), None)
    return model.name if first is None or model.kept else f"{first.symbol} in {posixpath.basename(first.at.path)}"


def _line_of(model: KnownModel) -> str:
    at = next((node.at for node in (*model.fits, *model.loads, *model.predictions)), None)
    if at is None:
        return model.name
    file = posixpath.basename(at.path)
    return f"{model.name}:{at.line}" if model.name.endswith(file) else f"{model.name} ({file}:{at.line})"


def users(graph: Graph, models: Iterable[KnownModel]) -> list[tuple[str, ...]]:
    """For each model the services that answer with it, and the parts that read its stored predictions; not what trains
    it. What is predicted in code that a service runs is predicted for it."""
    serving, callers = serving_files(graph), Callers(graph)
    parts = {one.at.path: part_of(one) for one in graph.nodes() if one.at.path in serving}
    found = []
    for model in models:
        own = {node.component for node in model.fits}
        asked = {path for node in model.predictions for path in callers.files_above(node)}
        served = {parts[path] for path in serving & asked}
        read = {part_of(node) for node in model.readers if node.component not in own}
        found.append((*(f"{part} (answers requests)" for part in sorted(served)), *sorted(read - served)))
    return found


def part_of(node: Node) -> str:
    """The component that a node belongs to; of what stands at the top of a repository, its file."""
    return node.at.path if node.component in ("", TOP) else node.component


def on_the_way(graph: Graph, models: Iterable[KnownModel], found: Iterable[Iterable[Span]]) -> list[list[int]]:
    """For each model what lies on the way of its data and predictions, by number: of things with several places."""
    nodes: dict[tuple[str, int, int], set[str]] = defaultdict(set)
    for node in graph.nodes():
        nodes[node.at.path, node.at.cell, node.at.line].add(node.id)
    touched = [{id for at in places for id in nodes.get((at.path, at.cell, at.line), ())} for places in found]
    return [[number for number, ids in enumerate(touched) if not ids.isdisjoint(model.way)] for model in models]


def _place(node: Node) -> str:
    at = node.at
    return f"at:{at.path}:{at.cell}:{at.line}:{at.column}"


def _joined(marks: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """The ids that hang together by a common mark, in order."""
    home: dict[str, str] = {}

    def top(id: str) -> str:
        while home.setdefault(id, id) != id:
            id = home[id]
        return id

    for id, own in sorted(marks.items()):
        for mark in sorted(own):
            home[top(f"mark {mark}")] = top(id)
    groups: dict[str, list[str]] = defaultdict(list)
    for id in sorted(marks):
        groups[top(id)].append(id)
    return list(groups.values())


def _of_one_function(graph: Graph, groups: list[list[str]]) -> list[list[str]]:
    """Models that are not stored and that one function fits are one, with the only one that it stores if there is."""
    homes = {number: _fitted_in(graph, ids) for number, ids in enumerate(groups)}
    stored = {number for number, ids in enumerate(groups) if homes[number] and _is_kept(graph, ids)}
    found: dict[int | str, list[str]] = {}
    for number, ids in enumerate(groups):
        home = homes[number]
        beside = [other for other in stored if homes[other] == home]
        key = number if not home or number in stored else beside[0] if len(beside) == 1 else home
        found.setdefault(key, []).extend(ids)
    return [sorted(ids) for ids in found.values()]


def _fitted_in(graph: Graph, ids: list[str]) -> str:
    """The one function in which a model is fitted; empty where there are several or none."""
    functions = {node.function for node in map(graph.node, ids) if _learns(node)}
    return functions.pop() if len(functions) == 1 else ""


def _is_kept(graph: Graph, ids: list[str]) -> bool:
    mentions = [graph.node(id) for id in ids]
    return bool(_kept(graph, mentions, filter(_learns, mentions)))


def _learns(node: Node) -> bool:
    return node.kind is NodeKind.MODEL and node.role in LEARNS


def _known(graph: Graph, mentions: list[Node]) -> KnownModel:
    predictions = tuple(node for node in mentions if node.kind is NodeKind.PREDICTION)
    fits = tuple(filter(_learns, mentions))
    kept = _kept(graph, mentions, fits)
    before = tuple(walk(graph, {fit.id: Start() for fit in fits}, onward=False).nodes())
    onward = walk(graph, {one.id: Start() for one in predictions}, onward=True)
    after = tuple(onward.nodes())
    deciding = (node for node in after if node.role is Role.DECIDE and len(onward.way(node.id)) <= _DECIDING)
    loads = _distinct(
        reader
        for place in kept
        for reader in graph.successors(place.id, EdgeKind.READS)
        if reader.role in BRINGS_IN and is_ours(reader)
    )
    loads = _distinct((*loads, *(node for node in mentions if node.role in BRINGS_IN)))
    stored = [node for node in after if node.kind in _STORED and _holds_answers(onward, node)]
    return KnownModel(
        name=_name(graph, mentions, fits, kept, predictions),
        parts=frozenset(node.id for node in mentions) | {node.id for node in (*kept, *loads)},
        fits=_at_once(fits),
        data=tuple(node for node in before if node.kind in _STORED and is_first(graph, node)),
        inputs=inputs_of(graph, fits, predictions),
        kept=kept,
        loads=_at_once(loads),
        predictions=_at_once(predictions),
        decisions=_at_once(node for node in deciding if _is_threshold(node)),
        readers=_at_once(
            reader
            for place in stored
            for reader in graph.successors(place.id, EdgeKind.READS)
            if reader.role in BRINGS_IN and is_ours(reader)
        ),
        monitors=_at_once(node for node in after if node.role is Role.MONITOR),
        way=frozenset(node.id for node in (*mentions, *kept, *loads, *before, *after)),
    )


def _holds_answers(onward: Walk, node: Node) -> bool:
    """Whether the predictions themselves are stored in a place: not what is made of them where they are read. An upload
    of a file reads it, too, and stores the same."""
    graph, way = onward.graph, onward.way(node.id)
    read = any(edge.kind is EdgeKind.READS and graph.node(edge.target).role in BRINGS_IN for edge in way)
    return not read and _LEARNT.isdisjoint(edge.kind for edge in way)


def _kept(graph: Graph, mentions: Iterable[Node], fits: Iterable[Node]) -> tuple[Node, ...]:
    """The places a model is stored in: by its fits, its constructions, or where it is loaded from."""
    ids = {id for fit in fits for id in saved(graph, fit)}
    for node in mentions:
        if node.kind is NodeKind.MODEL:
            ids |= kept_in(graph, node.id)
        used = model_used(graph, node.id) if node.kind is NodeKind.PREDICTION else (node,)
        ids |= {edge.source for one in used if one.role in BRINGS_IN for edge in graph.in_edges(one.id, EdgeKind.READS)}
    return tuple(graph.node(id) for id in sorted(ids) if graph.node(id).kind in _STORED and not _is_table(graph, id))


def is_first(graph: Graph, place: Node) -> bool:
    """Whether nothing here writes it, by this name or another: the data come from outside."""
    return not graph.in_edges(place.id, EdgeKind.WRITES, EdgeKind.DERIVES)


def _limits(node: Node) -> list[str]:
    return sorted(node.traits_of(_LIMIT))


def _is_threshold(node: Node) -> bool:
    """Whether something comes of a comparison: no check that a score is one, no count or sum."""
    found = _limits(node)
    within = "steers" in node.traits or any(one not in _ENDS for one in found)
    return bool(found) and within and not node.traits & {"counted", "statistic"}


def limits(node: Node) -> tuple[str, ...]:
    """The numbers that a decision compares with, as text."""
    return tuple(_limits(node))


def _name(
    graph: Graph, mentions: list[Node], fits: tuple[Node, ...], kept: tuple[Node, ...], predictions: tuple[Node, ...]
) -> str:
    """What a person calls it: the file it is kept in, else what the code calls it and where."""
    if kept:
        place = kept[0].name.rstrip("/")
        name = posixpath.basename(place)
        return name if any(map(str.isalpha, name)) else "/".join(place.split("/")[-2:]) or kept[0].name
    first = next(iter((*fits, *(node for node in mentions if node.kind is NodeKind.MODEL))), None)
    if first is None:
        return f"used in {posixpath.basename(predictions[0].at.path)}"
    called = (model_name(graph, first) or first.symbol or first.name).removeprefix("self.")
    if len({fit.name for fit in fits}) > 1 and first.symbol:
        called = first.symbol
    return f"{called} in {posixpath.basename(first.at.path)}"


def _order(model: KnownModel) -> tuple[object, ...]:
    """What is trained and stored first, what is in notebooks alone later, and uses of what nobody knows last."""
    tried = all(node.at.cell for node in (*model.fits, *model.loads, *model.predictions))
    known = (not (model.kept and model.fits), tried, not model.kept, not model.fits, not model.predictions)
    return (*known, model.name, sorted(model.parts))


def _distinct(nodes: Iterable[Node]) -> tuple[Node, ...]:
    found = {node.id: node for node in nodes}
    return tuple(found[id] for id in sorted(found))


def _at_once(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """One node for each place, in the order of places."""
    found = {node.at: node for node in nodes}
    return tuple(found[at] for at in sorted(found))
