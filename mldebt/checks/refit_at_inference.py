"""A transformer is fitted again on rows to be scored, or their categories become columns of their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from mldebt.findings import Hit, Severity
from mldebt.graph import EdgeKind, Graph, Node, NodeKind
from mldebt.graph.names import place_name
from mldebt.graph.questions import BRINGS_IN, identity, is_ours, model_used, saved
from mldebt.graph.rows import RowSets, is_among
from mldebt.graph.scores import made_by
from mldebt.graph.sides import DATA_FLOW, Sides, behind, fits
from mldebt.roles import Confidence, Role
from mldebt.trail import MAX_STOPS, Stop

_FITS = frozenset({Role.FIT, Role.FIT_TRANSFORM})
_STORED = frozenset({NodeKind.ARTIFACT, NodeKind.SOURCE})
_ONE_HOT = "one-hot"
_ALIGNS = frozenset({"aligns", "listed"})


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function that fits again, and each kind of transformer it does so with."""
    inputs = Sides(graph)
    first: dict[str, list[Node]] = defaultdict(list)
    learnt = {node.id: node for node in _learning(graph, inputs.learnt)}
    for node in learnt.values():
        for kind in _kinds(graph, node):
            first[kind].append(node)
    applied, rows = _applied(graph), RowSets(graph)
    found: dict[tuple[str, str, str], list[Node]] = defaultdict(list)
    for node in _learning(graph, inputs.served):
        if node.id in learnt or _is_either(graph, node, applied):
            continue
        kinds = _kinds(graph, node)
        if kinds and all(kind in first for kind in kinds) and _is_of_these_rows(graph, inputs, rows, node):
            found[node.at.path, node.symbol, kinds[0]].append(node)
    for (_, _, kind), nodes in sorted(found.items()):
        own = _behind_its_model(graph, nodes)
        trained = min(first[kind], key=lambda node: (node.id not in own, node.at))
        hit = _hit(graph, kind, trained, nodes, known=trained.id in own)
        stored = _stored(graph, trained)
        same = bool(stored) and all(one.at == trained.at and _stored(graph, one) == stored for one in nodes)
        yield replace(hit, confidence=Confidence.HINT) if same else hit  # of the same rows it learns the same


def _learning(graph: Graph, ids: frozenset[str]) -> Iterator[Node]:
    """The steps that learn from the rows they are given, among these and what these transform with."""
    used = {one.id for id in ids if graph.node(id).role is Role.TRANSFORM for one in model_used(graph, id)}
    for id in sorted(ids | used):
        node = graph.node(id)
        fits = node.kind is NodeKind.TRANSFORM and node.role in _FITS and "stateless" not in node.traits
        if is_ours(node) and (fits or _is_one_hot(node)):
            yield node


def _is_either(graph: Graph, node: Node, applied: dict[tuple[str, str], list[frozenset[str]]]) -> bool:
    """Whether one function fits on rows, or transforms the same ones: its caller says which of the two."""
    beside = applied.get((node.at.path, node.symbol), []) if node.role is Role.FIT_TRANSFORM else []
    return any(_rows(graph, node) == rows for rows in beside)


def _applied(graph: Graph) -> dict[tuple[str, str], list[frozenset[str]]]:
    """What fitted transformers are applied to, by function."""
    found: dict[tuple[str, str], list[frozenset[str]]] = defaultdict(list)
    for node in graph.nodes(NodeKind.TRANSFORM):
        if node.role is Role.TRANSFORM:
            found[node.at.path, node.symbol].append(_rows(graph, node))
    return found


def _rows(graph: Graph, node: Node) -> frozenset[str]:
    return frozenset(edge.source for edge in graph.in_edges(node.id) if edge.slot == "data")


def _stored(graph: Graph, node: Node) -> frozenset[str]:
    """The stored data out of which the rows are that a step learns from."""
    seen, todo = set(_rows(graph, node)), sorted(_rows(graph, node))
    while todo:
        id = todo.pop()
        if graph.node(id).kind not in _STORED:
            fresh = {edge.source for edge in graph.in_edges(id, *DATA_FLOW, EdgeKind.READS)} - seen
            seen |= fresh
            todo += sorted(fresh)
    return frozenset(id for id in seen if graph.node(id).kind in _STORED)


def _is_one_hot(node: Node) -> bool:
    """Whether the categories of the very rows become columns."""
    return node.role is Role.DERIVE and "encoder" in node.traits


def _kinds(graph: Graph, node: Node) -> tuple[str, ...]:
    """The classes of what is fitted; nothing where they are not known, or keep nothing."""
    if _is_one_hot(node):
        return (node.callee,)
    made = made_by(graph, node) or tuple(one for fit in _saved(graph, node) for one in made_by(graph, fit))
    made = tuple(one for one in made if not one.traits & {"stateless", "own"})
    return tuple(sorted({one.callee for one in made if one.callee}))


def _saved(graph: Graph, node: Node) -> tuple[Node, ...]:
    """The fits of a transformer that is loaded and fitted again."""
    loaded = [one.id for one in model_used(graph, node.id) if one.role in BRINGS_IN]
    fits = [graph.node(id) for id in sorted(identity(graph, *loaded))] if loaded else []
    return tuple(one for one in fits if one.kind is NodeKind.TRANSFORM and one.id != node.id)


def _is_of_these_rows(graph: Graph, inputs: Sides, rows: RowSets, node: Node) -> bool:
    """Whether what it learns from are the rows that are scored, and their columns are not put in order afterwards. The
    part of a split beside the scored one is not, nor are rows of a program that keeps what it fits for others."""
    if not _rows(graph, node) <= inputs.served or (_is_one_hot(node) and _is_aligned(graph, inputs, node)):
        return False
    answers = list(_answers(graph, [node]))
    if _is_kept(graph, node) and all(answer.at.path != node.at.path for answer in answers):
        return False
    learnt, scored = rows.into(node.id), [known for one in answers if (known := rows.into(one.id))]
    return not (learnt and scored) or any(is_among(learnt, known) for known in scored)


def _is_kept(graph: Graph, node: Node) -> bool:
    return any(one.role is Role.PERSIST for one in graph.successors(node.id))


def _is_aligned(graph: Graph, inputs: Sides, node: Node) -> bool:
    """Whether a step between it and the prediction chooses columns by their names."""
    seen, todo = {node.id}, [node.id]
    while todo:
        for edge in graph.out_edges(todo.pop(), *DATA_FLOW):
            target = graph.node(edge.target)
            if edge.target in seen or edge.target not in inputs.served:
                continue
            if target.role in (Role.SELECT, Role.CONSTRUCT) or target.traits & _ALIGNS or target.name == "{}":
                return True
            seen.add(edge.target)
            todo.append(edge.target)
    return False


def _answers(graph: Graph, nodes: list[Node]) -> Iterator[Node]:
    """The predictions that are made from what these steps give."""
    seen = {node.id for node in nodes}
    todo = sorted(seen)
    while todo:
        for edge in graph.out_edges(todo.pop(), *DATA_FLOW):
            target = graph.node(edge.target)
            if target.kind is NodeKind.PREDICTION and target.id not in seen:
                yield target
            elif target.id not in seen and target.kind is not NodeKind.MODEL:
                todo.append(target.id)
            seen.add(target.id)


def _behind_its_model(graph: Graph, nodes: list[Node]) -> set[str]:
    """The steps in training of the model that answers here, as far as that is known."""
    kept = {id for answer in _answers(graph, nodes) for used in model_used(graph, answer.id)
            for id in identity(graph, used.id)}  # fmt: skip
    own = behind(graph, [fit for fit in fits(graph) if kept & saved(graph, fit)])
    used = {one.id for id in own if graph.node(id).role is Role.TRANSFORM for one in model_used(graph, id)}
    return {*own, *used}


def _hit(graph: Graph, kind: str, first: Node, nodes: list[Node], *, known: bool) -> Hit:
    """`known`: the first fit is behind the model that answers, and not only of the same kind."""
    node = nodes[0]
    loaded = any(used.role in BRINGS_IN for used in model_used(graph, node.id))
    places = dict.fromkeys(one.at for one in nodes)  # several callers come by one place
    again = tuple(Stop(at, f"fit: {_short(kind)} learns from the rows to be scored") for at in places)
    return Hit(
        at=node.at,
        details={
            "transformer": _short(kind), "consumer": place_name(node), "producer": place_name(first),
        },
        keys=(kind,),
        confidence=Confidence.LIKELY if known and not (_is_one_hot(node) and node.at == first.at) else Confidence.HINT,
        symbol=node.symbol,
        trail=(Stop(first.at, f"fit: {_short(kind)} learns in training"), *again)[:MAX_STOPS],
        related=(Stop(first.at, "fit: in training"), *(stop for stop in again if stop.at != node.at))[:MAX_STOPS],
        severity=Severity.ERROR if loaded else None,
        variant=_ONE_HOT if _is_one_hot(node) else "",
    )  # fmt: skip


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]
