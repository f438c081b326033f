"""Read-only questions about the models of a repository as a whole: each one's way from its data to who uses it."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, LEARNS, identity, is_ours, kept_in, model_used, saved
from mldebt.roles import Role

_STORED = (NodeKind.SOURCE, NodeKind.ARTIFACT)
_LIMIT = "limit:"
_DECIDING = 6  # edges from a prediction to what is decided with it


@dataclass(frozen=True, slots=True)
class KnownModel:
    """One model of the repository, or what predicts with one that is not known: empty parts were not found.

    `parts` are the ids of the nodes that are mentions of it. `fits` teach it, `data` and `features` go into them,
    `kept` are the places it is stored in, `loads` bring it in from there. `decisions` compare a score of it with a
    number, `readers` bring in its stored predictions, `monitors` watch over it. `way` are the ids of all that its data
    and predictions go through.
    """

    name: str
    parts: frozenset[str]
    fits: tuple[Node, ...] = ()
    data: tuple[Node, ...] = ()
    features: tuple[str, ...] = ()
    kept: tuple[Node, ...] = ()
    loads: tuple[Node, ...] = ()
    predictions: tuple[Node, ...] = ()
    decisions: tuple[Node, ...] = ()
    readers: tuple[Node, ...] = ()
    monitors: tuple[Node, ...] = ()
    way: frozenset[str] = frozenset()


def known_models(graph: Graph) -> tuple[KnownModel, ...]:
    """Every model of production code, those that are stored or used elsewhere first.

    Mentions are one model when they have a fit, a place of storage or a construction in common, or stand at one place.
    Predictions whose model is not known are told by the file they stand in.
    """
    mentions = [node for node in graph.nodes(NodeKind.MODEL) if is_ours(node)]
    predictions = [node for node in graph.nodes(NodeKind.PREDICTION) if is_ours(node)]
    marks: dict[str, frozenset[str]] = {node.id: identity(graph, node.id) | {_place(node)} for node in mentions}
    for node in predictions:
        used = model_used(graph, node.id)
        known = identity(graph, *(one.id for one in used))
        marks[node.id] = known or frozenset({f"unknown:{node.at.path}"})
    groups = _joined(marks)
    return tuple(sorted((_known(graph, [graph.node(id) for id in ids]) for ids in groups), key=_order))


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


def _known(graph: Graph, mentions: list[Node]) -> KnownModel:
    predictions = tuple(node for node in mentions if node.kind is NodeKind.PREDICTION)
    fits = tuple(node for node in mentions if node.kind is NodeKind.MODEL and node.role in LEARNS)
    kept = _kept(graph, mentions, fits)
    before = _distinct(node for fit in fits for node in graph.upstream(fit.id))
    after = _distinct(node for one in predictions for node in graph.downstream(one.id))
    near = _distinct(node for one in predictions for node in graph.downstream(one.id, hops=_DECIDING))
    loads = _distinct(
        reader
        for place in kept
        for reader in graph.successors(place.id, EdgeKind.READS)
        if reader.role in BRINGS_IN and is_ours(reader)
    )
    loads = _distinct((*loads, *(node for node in mentions if node.role in BRINGS_IN)))
    stored = [node for node in after if node.kind in _STORED]
    return KnownModel(
        name=_name(mentions, fits, kept, predictions),
        parts=frozenset(node.id for node in mentions) | {node.id for node in (*kept, *loads)},
        fits=_at_once(fits),
        data=tuple(node for node in before if node.kind in _STORED and _is_first(graph, node)),
        features=tuple(sorted({node.name for node in before if node.kind is NodeKind.FEATURE})),
        kept=kept,
        loads=_at_once(loads),
        predictions=_at_once(predictions),
        decisions=_at_once(node for node in near if node.role is Role.DECIDE and _limits(node)),
        readers=_at_once(
            reader
            for place in stored
            for reader in graph.successors(place.id, EdgeKind.READS)
            if reader.role in BRINGS_IN and is_ours(reader)
        ),
        monitors=_at_once(node for node in after if node.role is Role.MONITOR),
        way=frozenset(node.id for node in (*mentions, *kept, *loads, *before, *after)),
    )


def _kept(graph: Graph, mentions: Iterable[Node], fits: Iterable[Node]) -> tuple[Node, ...]:
    """The places a model is stored in: by its fits, its constructions, or where it is loaded from."""
    ids = {id for fit in fits for id in saved(graph, fit)}
    for node in mentions:
        if node.kind is NodeKind.MODEL:
            ids |= kept_in(graph, node.id)
        used = model_used(graph, node.id) if node.kind is NodeKind.PREDICTION else (node,)
        ids |= {edge.source for one in used if one.role in BRINGS_IN for edge in graph.in_edges(one.id, EdgeKind.READS)}
    return tuple(node for node in map(graph.node, sorted(ids)) if node.kind in _STORED)


def _is_first(graph: Graph, place: Node) -> bool:
    """Whether nothing here writes it: the data come from outside."""
    return place.kind is NodeKind.SOURCE or not graph.in_edges(place.id, EdgeKind.WRITES)


def _limits(node: Node) -> list[str]:
    return sorted(trait.removeprefix(_LIMIT) for trait in node.traits if trait.startswith(_LIMIT))


def limits(node: Node) -> tuple[str, ...]:
    """The numbers that a decision compares with, as text."""
    return tuple(_limits(node))


def _name(
    mentions: list[Node], fits: tuple[Node, ...], kept: tuple[Node, ...], predictions: tuple[Node, ...]
) -> str:
    """What a person calls it: the file it is kept in, else what the code calls it and where."""
    if kept:
        return posixpath.basename(kept[0].name.rstrip("/")) or kept[0].name
    first = next(iter((*fits, *(node for node in mentions if node.kind is NodeKind.MODEL))), None)
    if first is None:
        return f"used in {posixpath.basename(predictions[0].at.path)}"
    called = first.name.removeprefix("self.").removeprefix("?.")
    return f"{called} in {posixpath.basename(first.at.path)}"


def _order(model: KnownModel) -> tuple[object, ...]:
    return (not (model.kept and model.fits), not model.fits, not model.predictions, model.name, sorted(model.parts))


def _distinct(nodes: Iterable[Node]) -> tuple[Node, ...]:
    found = {node.id: node for node in nodes}
    return tuple(found[id] for id in sorted(found))


def _at_once(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """One node for each place, in the order of places."""
    found = {node.at: node for node in nodes}
    return tuple(found[at] for at in sorted(found))
