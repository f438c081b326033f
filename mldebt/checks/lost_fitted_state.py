"""What training fitted beside a model is not there where the model answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, Node, NodeKind
from mldebt.graph.names import place_name
from mldebt.graph.questions import STORES, identity, is_loaded, is_ours, kept_in, model_used, saved
from mldebt.graph.scores import made_by
from mldebt.graph.sides import behind, fits, predictions
from mldebt.graph.ways import COLUMN
from mldebt.roles import Confidence, Role
from mldebt.trail import MAX_STOPS, Stop

_FITS = frozenset({Role.FIT, Role.FIT_TRANSFORM})
_NOTHING_LOST = frozenset({"stateless", "own", "for-labels"})
_UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class _Serving:
    """A prediction with a model that is loaded: where that is kept, and what the data come from."""

    prediction: Node
    kept: frozenset[str]
    inputs: frozenset[str]


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for what one function fits and one place that answers lacks."""
    serving = [one for one in (_serving(graph, node) for node in predictions(graph)) if one is not None]
    found: dict[tuple[str, str, str], list[tuple[Node, _Serving]]] = defaultdict(list)
    plain: set[str] = set()  # places where a model is kept that learned from plain rows, too
    for fit in fits(graph) if serving else ():
        kept = saved(graph, fit)
        users = [one for one in serving if one.kept & kept]
        learned = list(_learned(graph, behind(graph, [fit]))) if users else []
        plain |= set() if learned else kept
        for one in users:
            for node in learned:
                if _is_lost(graph, node, one):
                    found[node.at.path, node.symbol, one.prediction.at.path].append((node, one))
    for _, lost in sorted(found.items(), key=lambda pair: pair[0]):
        if not lost[0][1].kept & plain:  # where some fit needs no transformer, nobody knows which of them is loaded
            yield _hit(graph, [node for node, _ in lost], lost[0][1])


def _serving(graph: Graph, prediction: Node) -> _Serving | None:
    """None where the model is fitted on the spot, or something that is loaded beside it may hold what is needed."""
    if not is_loaded(graph, prediction):
        return None
    kept = _places(graph, *(used.id for used in model_used(graph, prediction.id)))
    inputs = behind(graph, [prediction])
    files = {prediction.at.path, *(site.path for site in prediction.chain), *(graph.node(id).at.path for id in inputs)}
    for node in graph.nodes(NodeKind.STEP, NodeKind.TRANSFORM) if kept else ():
        if node.at.path in files and _may_hold(graph, node, kept):
            return None
    return _Serving(prediction, kept, inputs) if kept else None


def _may_hold(graph: Graph, node: Node, kept: frozenset[str]) -> bool:
    """Whether a step brings in some other object, or transforms with what nobody knows."""
    if node.role is Role.TRANSFORM:
        return not any(used.role in _FITS for used in model_used(graph, node.id))
    if node.role is not Role.LOAD and "object" not in node.traits:
        return False
    places = {edge.source for edge in graph.in_edges(node.id, EdgeKind.READS)}
    return not places or not places <= kept


def _places(graph: Graph, *ids: str) -> frozenset[str]:
    return frozenset(id for id in identity(graph, *ids) if graph.node(id).kind in (NodeKind.ARTIFACT, NodeKind.SOURCE))


def _learned(graph: Graph, ids: frozenset[str]) -> Iterator[Node]:
    """The fits of transformers whose output is among these."""
    used = {one.id for id in ids if graph.node(id).role is Role.TRANSFORM for one in model_used(graph, id)}
    for id in sorted(ids | used):
        node = graph.node(id)
        if node.kind is NodeKind.TRANSFORM and node.role in _FITS and is_ours(node) and _name(graph, node):
            yield node


def _name(graph: Graph, node: Node) -> str:
    """The class of what is fitted; empty where it is not known or keeps nothing that inputs need."""
    made = [one for one in made_by(graph, node) if one.callee]
    lost = [one for one in made if not one.traits & _NOTHING_LOST or _makes_column(graph, node)]
    return lost[0].callee.rpartition(".")[2] if made and len(lost) == len(made) else ""


def _makes_column(graph: Graph, node: Node) -> bool:
    return any(one.kind is NodeKind.FEATURE for one in graph.successors(node.id))


def _is_lost(graph: Graph, learned: Node, one: _Serving) -> bool:
    """Whether nothing on the way to the prediction can know what was learned."""
    if learned.id in one.inputs or kept_in(graph, learned.id) & one.kept or learned.at.path == one.prediction.at.path:
        return False
    if any(node.role in STORES and "keeps-data" not in node.traits for node in graph.successors(learned.id)):
        return False  # some of it is told in another form
    if any(graph.out_edges(place, EdgeKind.READS) for place in kept_in(graph, learned.id)):
        return False
    columns = {node.name for node in graph.successors(learned.id) if node.kind is NodeKind.FEATURE}
    nodes = [graph.node(id) for id in one.inputs]
    computed = {node.name for node in nodes if node.kind is NodeKind.FEATURE}
    chosen = {name for node in nodes for name in node.traits_of(COLUMN)}
    if columns & computed or (columns and chosen and not columns & chosen):
        return False  # it is computed in another way, or is no input of this model
    return not any(node.kind is NodeKind.TRANSFORM for node in nodes)


def _hit(graph: Graph, learned: list[Node], serving: _Serving) -> Hit:
    nodes = sorted({node.id: node for node in learned}.values(), key=lambda node: node.at)
    first, at = nodes[0], serving.prediction.at
    places = sorted(kept_in(graph, first.id))
    names = list(dict.fromkeys(_name(graph, node) for node in nodes))
    stops = list(dict.fromkeys(Stop(node.at, f"fit: {_name(graph, node)}") for node in nodes))
    answer = Stop(at, "predict: with the model alone")
    return Hit(
        at=first.at,
        details={
            "transformer": " and ".join(names[:3]), "producer": place_name(first),
            "model": graph.node(min(serving.kept)).name, "consumer": place_name(serving.prediction),
            "artifact": graph.node(places[0]).name if places else "",
        },
        keys=(*names, *sorted(serving.kept)),
        confidence=Confidence.HINT,  # on repositories of others it was too seldom to know how often it is right
        symbol=first.symbol,
        trail=(*stops, answer)[-MAX_STOPS:],
        related=(answer, *stops[1:])[:MAX_STOPS],
        variant=_UNREAD if places else "",
    )  # fmt: skip
