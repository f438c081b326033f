"""Two lists of the same model's inputs disagree: what it learns from, and what it is asked with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from mldebt.findings import Hit
from mldebt.graph import Graph, Node, NodeKind
from mldebt.graph.columns import InputList, input_lists, picks
from mldebt.graph.names import model_name
from mldebt.graph.questions import LEARNS, identity, is_loaded, is_ours, model_used, saved
from mldebt.graph.ways import labels
from mldebt.roles import Confidence, Role, weakest
from mldebt.trail import Stop

_FEWEST_SHARED = 2
_SHOWN = 8
_ASKS = frozenset({Role.PREDICT, Role.TRANSFORM})
_NAMED = 3
_Learnt = tuple[Node, tuple[InputList, ...]]


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each list of columns that a model is asked with, where all lists that it learns from differ, and for
    each file in which two programs keep a model that learns from other columns in one than in the other."""
    learning = (fit for fit in graph.nodes(NodeKind.MODEL, NodeKind.TRANSFORM) if fit.role in LEARNS and is_ours(fit))
    fits = [(fit, lists) for fit in learning if (lists := input_lists(graph, fit.id))]
    known = [(fit, lists, identity(graph, fit.id)) for fit, lists in fits]
    yield from _of_trainings(graph, fits)
    told: set[str] = set()
    for prediction in graph.nodes(NodeKind.PREDICTION, NodeKind.TRANSFORM) if known else ():
        asks = is_ours(prediction) and prediction.role in _ASKS
        asked = input_lists(graph, prediction.id) if asks else ()
        if not asked or not is_loaded(graph, prediction):
            continue
        used = identity(graph, *(one.id for one in model_used(graph, prediction.id)))
        learnt = [(fit, one) for fit, lists, own in known if own & used for one in lists]
        for given in asked:
            if given.node.id not in told and learnt and all(_differs(graph, fit, one, given) for fit, one in learnt):
                told.add(given.node.id)
                yield _hit(graph, prediction, given, *learnt[0])


def _of_trainings(graph: Graph, fits: list[_Learnt]) -> Iterator[Hit]:
    """What two programs save in one place, each trained on columns of its own: whoever asks it knows but one list."""
    kept: dict[str, list[_Learnt]] = defaultdict(list)
    for fit, lists in fits:
        for place in saved(graph, fit):
            if graph.node(place).exact and len(lists) == 1:
                kept[place].append((fit, lists))
    told: set[frozenset[str]] = set()
    for place, learnt in sorted(kept.items()):
        for (fit, (own,)), (other, (others,)) in combinations(learnt, 2):
            pair = frozenset({own.node.id, others.node.id})
            if fit.at.path != other.at.path and pair not in told and _differs(graph, fit, own, others):
                told.add(pair)
                yield _of_pair(graph, graph.node(place), (fit, own), (other, others))


def _of_pair(graph: Graph, place: Node, first: tuple[Node, InputList], second: tuple[Node, InputList]) -> Hit:
    """At the longer list, which takes more than the other model is asked with."""
    (fit, own), (other, others) = sorted((first, second), key=lambda one: (-len(one[1].names), one[1].node.at))
    lacking, more = sorted(others.names - own.names), sorted(own.names - others.names)
    return Hit(
        at=own.node.at,
        details={
            "consumer": fit.at.path, "path": other.at.path, "artifact": place.name,
            "what": " and ".join(part for part in (_told("without", lacking), _told("with", more)) if part),
        },
        keys=(place.name, *lacking, *more),
        confidence=weakest(Confidence.LIKELY, own.confidence, others.confidence),
        symbol=own.node.symbol,
        trail=(
            Stop(own.node.at, f"columns: {len(own.names)} that one learns from"),
            Stop(fit.at, f"fit: {fit.name}"),
            Stop(others.node.at, f"columns: {len(others.names)} that the other learns from"),
            Stop(other.at, f"fit: {other.name}"),
        ),
        related=(Stop(others.node.at, "columns: that the other learns from"),),
        variant="kept",
    )  # fmt: skip


def _differs(graph: Graph, fit: Node, learnt: InputList, given: InputList) -> bool:
    """Whether two lists are of one table, and one names a column that the other does not."""
    wanted = learnt.names - labels(graph, fit.id)
    shared = wanted & given.names
    if wanted < given.names and picks(graph, fit):
        return False  # a step inside of the model takes its own columns out of more
    alike = len(shared) >= _FEWEST_SHARED and 2 * len(shared) >= max(len(wanted), len(given.names))
    return alike and wanted != given.names - labels(graph, fit.id)


def _hit(graph: Graph, prediction: Node, given: InputList, fit: Node, learnt: InputList) -> Hit:
    wanted = learnt.names - labels(graph, fit.id)
    lacking, more = sorted(wanted - given.names), sorted(given.names - wanted - labels(graph, fit.id))
    name = model_name(graph, prediction) or model_name(graph, fit) or "A model"
    return Hit(
        at=given.node.at,
        details={
            "model": name,
            "what": " and ".join(part for part in (_told("without", lacking), _told("with", more)) if part),
            "consumer": prediction.at.path,
        },
        keys=(name, *lacking, *more),
        confidence=weakest(Confidence.LIKELY, given.confidence, learnt.confidence),
        symbol=given.node.symbol,
        trail=(
            Stop(learnt.node.at, f"columns: {len(wanted)} that it learns from"),
            Stop(fit.at, f"fit: {fit.name}"),
            Stop(given.node.at, f"columns: {len(given.names)} that it is asked with"),
            Stop(prediction.at, f"{prediction.role.value if prediction.role else 'predict'}: {prediction.name}"),
        ),
        related=tuple(Stop(one.node.at, "columns: that it learns from") for one in (learnt,))[:_SHOWN],
    )


def _told(word: str, names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{word} {', '.join(names[:_NAMED])}{more}" if names else ""
