"""The map of the first view: a few boxes from the data on the left to who uses the predictions on the right."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mldebt.graph import FLOW, Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.handovers import holds_predictions
from mldebt.graph.models import KnownModel
from mldebt.graph.questions import STORES, is_ours
from mldebt.render.count import counted
from mldebt.render.report.layout import columns_of
from mldebt.roles import Confidence, Store
from mldebt.source import Span, folders_above

MOST_SOURCES, MOST_UNITS, MOST_MODELS, MOST_USES = 6, 12, 6, 4
MOST_BEFORE, MOST_BEHIND = 2, 1
_STORED = (NodeKind.SOURCE, NodeKind.ARTIFACT)
_CODE = frozenset({
    NodeKind.STEP, NodeKind.TRANSFORM, NodeKind.MODEL, NodeKind.PREDICTION, NodeKind.FEATURE, NodeKind.ENDPOINT,
})  # fmt: skip
_HOST = re.compile(r"^[\w+.-]+://([^/]+)")
_HOLE = re.compile(r"\{([^{}]*)\}")
_TOP = "."
_TOP_SAID = "top folder"


@dataclass(frozen=True, slots=True)
class Station:
    """A box of the map. `kind` is source, code, model or use; `members` are the names it stands for, `paths` the
    files of code."""

    id: str
    kind: str
    label: str
    note: str
    members: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()


@dataclass(slots=True)
class Flow:
    """What goes from one box to another, where that is said, and whether all of it is only inferred."""

    what: Counter[str] = field(default_factory=Counter)
    places: set[Span] = field(default_factory=set)
    sure: bool = False

    def add(self, what: str, at: Span, confidence: Confidence) -> None:
        self.what[what] += 1
        self.places.add(at)
        self.sure = self.sure or confidence is Confidence.CERTAIN


@dataclass(frozen=True, slots=True)
class Overview:
    """The boxes that something flows into or out of, the flows by their ends, and how many boxes are not drawn."""

    stations: tuple[Station, ...]
    flows: Mapping[tuple[str, str], Flow]
    undrawn: tuple[str, ...]


def overview(graph: Graph, models: Sequence[KnownModel]) -> Overview:
    """The map of a graph."""
    units = units_of(graph)
    sources, group_of = _sources(graph)
    homes, model_boxes = _model_boxes(models)
    flows: dict[tuple[str, str], Flow] = defaultdict(Flow)
    for start, end, what, at, sure in _said(graph, units, group_of, homes):
        if start != end:
            flows[start, end].add(what, at, sure)
    for model in models:
        _of_model(flows, homes, model, units)
    uses = tuple(_uses(graph, units, flows))
    boxes = {station.id: station for station in (*sources, *_unit_boxes(units), *model_boxes, *uses)}
    kept = {ends: flow for ends, flow in sorted(flows.items()) if ends[0] in boxes and ends[1] in boxes}
    drawn = {end for ends in kept for end in ends}
    undrawn = tuple(station.label for station in boxes.values() if station.kind == "code" and station.id not in drawn)
    return Overview(tuple(station for station in boxes.values() if station.id in drawn), kept, undrawn)


def units_of(graph: Graph) -> dict[str, str]:
    """The box of each file of production code that does something: its component, or a part of one that is large."""
    weights = Counter(node.at.path for node in graph.nodes() if _works(node))
    component = {node.at.path: node.component or _TOP for node in graph.nodes() if _works(node)}
    units: dict[str, list[str]] = defaultdict(list)
    for path in sorted(component):
        units[component[path]].append(path)
    refused: set[str] = set()
    while True:
        largest = min(
            (name for name in units if name not in refused and len(units[name]) > 1),
            key=lambda name: (-sum(weights[path] for path in units[name]), name),
            default=None,
        )
        if largest is None:
            break
        parts = _parts(units[largest])
        if len(parts) < 2 or len(units) - 1 + len(parts) > MOST_UNITS:
            refused.add(largest)
            continue
        del units[largest]
        for name, paths in parts.items():
            units[name] = sorted({*units.get(name, ()), *paths})
            refused |= {name} if len(paths) == 1 else set()
    return {path: f"code:{name}" for name, paths in units.items() for path in paths}


def _works(node: Node) -> bool:
    return node.kind in _CODE and is_ours(node)


def _parts(paths: list[str]) -> dict[str, list[str]]:
    """The next folders and files below what all paths of a unit have in common."""
    common = posixpath.commonpath([posixpath.dirname(path) for path in paths])
    parts: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        rest = path.removeprefix(f"{common}/") if common else path
        first = rest.partition("/")[0]
        parts[f"{common}/{first}" if common else first].append(path)
    return parts


def _sources(graph: Graph) -> tuple[list[Station], dict[str, str]]:
    """The boxes of data that nothing here writes, and the box of each such node."""
    configured = {node.at.path for node in graph.nodes(NodeKind.SETTING)}
    found = [node for node in graph.nodes(*_STORED) if _is_outside(graph, node)
             and node.id.removeprefix("artifact:file:") not in configured]  # fmt: skip
    groups: dict[str, list[Node]] = {node.id: [node] for node in found}
    if len(groups) > MOST_SOURCES:
        groups = defaultdict(list)
        for node in found:
            groups[_group(node)].append(node)
    ranked = sorted(groups, key=lambda key: (-len(groups[key]), key))
    boxes: list[Station] = []
    group_of: dict[str, str] = {}
    for key in ranked[: MOST_SOURCES if len(ranked) <= MOST_SOURCES else MOST_SOURCES - 1]:
        names = tuple(sorted({node.name for node in groups[key]}))
        label = names[0] if len(names) == 1 else key.partition(":")[2]
        note = counted(len(names), *_store(groups[key][0])) if len(names) > 1 else _store(groups[key][0])[0]
        boxes.append(Station(f"source:{key}", "source", _short(label), note, names))
        group_of |= {node.id: f"source:{key}" for node in groups[key]}
    rest = [node for key in ranked for node in groups[key] if node.id not in group_of]
    if rest:
        names = tuple(sorted({node.name for node in rest}))
        boxes.append(Station("source:rest", "source", f"{len(names)} more", "sources", names))
        group_of |= {node.id: "source:rest" for node in rest}
    return boxes, group_of


def _is_outside(graph: Graph, node: Node) -> bool:
    read = any(is_ours(step) for step in graph.successors(node.id, EdgeKind.READS))
    return read and not any(is_ours(step) for step in graph.predecessors(node.id, EdgeKind.WRITES))


def _group(node: Node) -> str:
    store = node.store.value if node.store else "file"
    host = _HOST.match(node.name)
    if host:
        return f"{store}:{host[1]}"
    if node.store is Store.TABLE:
        return f"{store}:{node.name.rpartition('.')[0] or 'tables'}"
    return f"{store}:{posixpath.dirname(node.name) or _TOP_SAID}"


def _store(node: Node) -> tuple[str, str]:
    """What is stored there, as one and as many."""
    if node.store is Store.URL:
        return "address", "addresses"
    word = node.store.value if node.store else "file"
    return word, f"{word}s"


def _short(name: str) -> str:
    """The last part of a place; all of it where it has none. What only a run knows is said by the option that gives
    it, if any does."""
    last = name.rstrip("/").rpartition("/")[2] or name
    hole = _HOLE.fullmatch(last)
    return last if hole is None else hole[1] or "set by the run"


def _unit_boxes(units: Mapping[str, str]) -> Iterator[Station]:
    paths: dict[str, list[str]] = defaultdict(list)
    for path, unit in sorted(units.items()):
        paths[unit].append(path)
    for unit, held in sorted(paths.items()):
        name = unit.removeprefix("code:")
        above = posixpath.dirname(name)
        many = f"{len(held)} files" if len(held) > 1 else "file"
        note = f"{above}/ · {many}" if above else many
        yield Station(unit, "code", _TOP_SAID if name == _TOP else _short(name), note, tuple(held), frozenset(held))


def _model_boxes(models: Sequence[KnownModel]) -> tuple[dict[str, str], list[Station]]:
    """The box of each mention of a model, and the boxes."""
    homes: dict[str, str] = {}
    boxes = []
    shown = [model for model in models if model.fits or model.kept]
    first = shown if len(shown) <= MOST_MODELS else shown[: MOST_MODELS - 1]
    for number, model in enumerate(first):
        id = f"model:{number}"
        boxes.append(Station(id, "model", model.name, _made_by(model), tuple(node.name for node in model.kept)))
        homes |= dict.fromkeys(model.parts, id)
    rest = shown[len(first) :]
    if rest:
        boxes.append(Station("model:rest", "model", f"{len(rest)} more", "models", tuple(one.name for one in rest)))
        homes |= {part: "model:rest" for model in rest for part in model.parts}
    return homes, boxes


def _made_by(model: KnownModel) -> str:
    return "trained here" if model.fits else "training not found"


_Said = tuple[str, str, str, Span, Confidence]


def _said(
    graph: Graph, units: Mapping[str, str], group_of: Mapping[str, str], homes: Mapping[str, str]
) -> Iterator[_Said]:
    """What flows from box to box, with the place where that is said."""
    for node in graph.nodes(*_STORED):
        writes = [(units.get(graph.node(edge.source).at.path, ""), edge) for edge in _ours_in(graph, node)]
        reads = [(units.get(graph.node(edge.target).at.path, ""), edge) for edge in _ours_out(graph, node)]
        home = homes.get(node.id) or group_of.get(node.id)
        if home is not None:
            yield from ((unit, home, node.name, edge.at, edge.confidence) for unit, edge in writes)
            yield from ((home, unit, node.name, edge.at, edge.confidence) for unit, edge in reads)
            continue
        for writer, write in writes:
            for reader, read in reads:
                yield writer, reader, node.name, write.at, write.confidence
                yield writer, reader, node.name, read.at, read.confidence
    for edge in graph.edges(*FLOW):
        one, other = graph.node(edge.source), graph.node(edge.target)
        if one.kind in _CODE and other.kind in _CODE and one.at.path != other.at.path:
            yield units.get(one.at.path, ""), units.get(other.at.path, ""), one.name, edge.at, edge.confidence


def _ours_in(graph: Graph, node: Node) -> list[Edge]:
    return [edge for edge in graph.in_edges(node.id, EdgeKind.WRITES) if is_ours(graph.node(edge.source))]


def _ours_out(graph: Graph, node: Node) -> list[Edge]:
    return [edge for edge in graph.out_edges(node.id, EdgeKind.READS) if is_ours(graph.node(edge.target))]


def _of_model(
    flows: dict[tuple[str, str], Flow], homes: Mapping[str, str], model: KnownModel, units: Mapping[str, str]
) -> None:
    """The flows into and out of a model: where it learns, and where else it answers."""
    station = next((homes[part] for part in sorted(model.parts) if part in homes), None)
    if station is None:
        return
    teachers = {units.get(fit.at.path, "") for fit in model.fits}
    for fit in model.fits:
        flows[units.get(fit.at.path, ""), station].add("trains", fit.at, Confidence.CERTAIN)
    for one in model.predictions:
        unit = units.get(one.at.path, "")
        if unit not in teachers:
            sure = Confidence.CERTAIN if model.fits else Confidence.LIKELY
            flows[station, unit].add("predicts", one.at, sure)
    for unit in teachers:
        flows.pop((station, unit), None)  # what trains a model looks at it, too


def _uses(graph: Graph, units: Mapping[str, str], flows: dict[tuple[str, str], Flow]) -> Iterator[Station]:
    """Who uses predictions: what answers requests, and stored predictions that nothing here reads."""
    routes: dict[str, list[Node]] = defaultdict(list)
    for node in graph.nodes(NodeKind.ENDPOINT):
        if is_ours(node):
            routes[units.get(node.at.path) or _nearest(node.at.path, units)].append(node)
    left: dict[str, list[tuple[Node, Edge]]] = defaultdict(list)
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        for edge in _ours_in(graph, artifact) if not _ours_out(graph, artifact) else ():
            step = graph.node(edge.source)
            if step.role in STORES and holds_predictions(graph, step):
                left[units.get(step.at.path, "")].append((artifact, edge))
    for unit, nodes in sorted(routes.items())[:MOST_USES]:
        label = nodes[0].name if len(nodes) == 1 else f"{len(nodes)} routes"
        yield Station(f"use:{unit}", "use", label, "answers requests", tuple(node.name for node in nodes))
        for node in nodes:
            flows[unit, f"use:{unit}"].add(node.name, node.at, Confidence.CERTAIN)
    for unit, pairs in sorted(left.items())[:MOST_USES]:
        names = tuple(sorted({node.name for node, _ in pairs}))
        label = _short(names[0]) if len(names) == 1 else f"{len(names)} outputs"
        yield Station(f"left:{unit}", "use", label, "no reader found here", names)
        for node, edge in pairs:
            flows[unit, f"left:{unit}"].add(node.name, edge.at, edge.confidence)


def _nearest(path: str, units: Mapping[str, str]) -> str:
    """The box of the code that lies nearest to a file which declares something."""
    for folder in folders_above(path):
        inside = sorted({unit for other, unit in units.items() if other.startswith(f"{folder}/")})
        if inside:
            return inside[0]
    return ""


def columns(seen: Overview) -> dict[str, int]:
    """The column of each box: sources, the code before a model, models, the code behind them, uses. Empty ones are left
    out."""
    kinds = {station.id: station.kind for station in seen.stations}
    code = [id for id, kind in kinds.items() if kind == "code"]
    behind = _behind_models(seen, kinds)
    bands = {"source": 0, "model": 2, "use": 4}
    found = {id: (bands[kind], 0) for id, kind in kinds.items() if kind in bands}
    for band, ids, most in ((1, [id for id in code if id not in behind], MOST_BEFORE),
                            (3, [id for id in code if id in behind], MOST_BEHIND)):  # fmt: skip
        found |= {id: (band, column) for id, column in columns_of(ids, seen.flows, most).items()}
    order = {place: number for number, place in enumerate(sorted(set(found.values())))}
    return {id: order[place] for id, place in found.items()}


def _behind_models(seen: Overview, kinds: Mapping[str, str]) -> frozenset[str]:
    """The code that something reaches from a model, but for what feeds a model without using one."""
    onward: dict[str, set[str]] = defaultdict(set)
    back: dict[str, set[str]] = defaultdict(set)
    for start, end in seen.flows:
        onward[start].add(end)
        back[end].add(start)
    models = [id for id, kind in kinds.items() if kind == "model"]
    teachers = {id for model in models for id in back[model]}
    users = {id for model in models for id in onward[model]} - teachers
    code = {id for id, kind in kinds.items() if kind == "code"}
    return frozenset(_reached(models, onward, code) - _reached(models, back, code - users))


def _reached(start: Sequence[str], onward: Mapping[str, set[str]], within: set[str]) -> set[str]:
    todo, found = list(start), set[str]()
    while todo:
        fresh = (onward.get(todo.pop(), set()) & within) - found
        found |= fresh
        todo += sorted(fresh)
    return found
