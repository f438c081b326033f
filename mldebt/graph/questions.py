"""Read-only questions about models: where they learn, where they are kept, what they predict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.graph.graph import Graph, remembered
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose, Span

LEARNS = frozenset({Role.FIT, Role.SEARCH, Role.FIT_TRANSFORM})
STORES = frozenset({Role.WRITE, Role.PERSIST, Role.TRACK})
BRINGS_IN = frozenset({Role.READ, Role.LOAD})
MODEL_SLOTS = frozenset({"model", "receiver"})

_NOT_OURS = frozenset({"test", "example", "vendored", "generated", "aside"})
_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_KEPT = frozenset({Store.MODEL, Store.RUN, Store.FILE, Store.OBJECT})
_TEMPORARY = "artifact:file:temporary:"
_DEEPEST_LOSS = 40
_ROWS, _ARRAY = frozenset({"data", "label"}), "form:array"
_LEARNT = (NodeKind.TRANSFORM, NodeKind.PREDICTION)


def files_aside(graph: Graph) -> frozenset[str]:
    """The files of code that are no production code."""
    return frozenset().union(*(graph.files_of(one) for one in Purpose if one is not Purpose.PRODUCTION))


def is_ours(node: Node) -> bool:
    """Whether it stands in production code: no test, example, vendored or generated file."""
    return not node.traits & _NOT_OURS


def serves(node: Node) -> bool:
    """Whether it is a sign of a service of ours: something that answers requests."""
    return is_ours(node) and (node.kind is NodeKind.ENDPOINT or node.role is Role.SERVE)


def read_on_the_way(graph: Graph, place: Node, user: Node) -> Span:
    """Where what lies in a stored place is read on its way to a step: in the step's own file if also there."""
    behind = {user.id, *(node.id for node in graph.upstream(user.id))}
    reads = [edge.at for edge in graph.out_edges(place.id, EdgeKind.READS) if edge.target in behind]
    return min(reads, key=lambda at: (at.path != user.at.path, at), default=place.at)


def trainings(graph: Graph) -> tuple[Node, ...]:
    """Every place where a model learns: fits, searches, backward passes."""
    return tuple(node for node in graph.nodes(NodeKind.MODEL) if node.role in LEARNS)


@remembered
def kept_in(graph: Graph, id: str) -> frozenset[str]:
    """The artifacts in which what this node gives is stored as such: what is told of it in a text is not it."""
    edges = (edge for edge in graph.out_edges(id) if edge.slot not in ("label", "target"))
    steps = {edge.target for edge in edges if _keeps_objects(graph.node(edge.target))}
    return frozenset(edge.target for step in sorted(steps) for edge in graph.out_edges(step, EdgeKind.WRITES))


def saved(graph: Graph, fit: Node) -> frozenset[str]:
    """The artifacts in which what a fit teaches is stored; of a backward pass, its model's."""
    return frozenset(place for id in _learning(graph, fit) for place in kept_in(graph, id))


@remembered
def model_used(graph: Graph, id: str) -> tuple[Node, ...]:
    """What gives a prediction or a transform its model: fits, loads, constructions."""
    ids = {edge.source for edge in graph.in_edges(id) if edge.slot in MODEL_SLOTS}
    return tuple(graph.node(id) for id in sorted(ids) if graph.node(id).kind is not NodeKind.SETTING)


def is_loaded(graph: Graph, prediction: Node) -> bool:
    """Whether a prediction is made with a model that this repository keeps in a file or registry."""
    loaded = any(used.role in BRINGS_IN for used in model_used(graph, prediction.id))
    return loaded and not is_ready_made(graph, prediction)


def is_ready_made(graph: Graph, prediction: Node) -> bool:
    """Whether it is made with a model that others trained and that stays as it is."""
    used = model_used(graph, prediction.id)
    stores = {graph.node(edge.source).store for one in used for edge in graph.in_edges(one.id)}
    return any("pretrained" in one.traits for one in (prediction, *used)) or bool(stores & {Store.HUB, Store.URL})


def only_prepares(graph: Graph, prediction: Node) -> bool:
    """Whether what is loaded to be asked was kept by code that fits nothing but transformers: no answer comes of it."""
    known = identity(graph, *(used.id for used in model_used(graph, prediction.id) if used.role in BRINGS_IN))
    kinds = {graph.node(id).kind for id in known if graph.node(id).role in LEARNS}
    return kinds == {NodeKind.TRANSFORM}


def makes_rows(graph: Graph, prediction: Node) -> bool:
    """Whether a model makes rows out of noise: what it gives are samples, no answers."""
    given = {graph.node(edge.source).role for edge in graph.in_edges(prediction.id) if edge.slot == "data"}
    return given == {Role.SAMPLE}


@remembered
def identity(graph: Graph, *models: str) -> frozenset[str]:
    """What makes two mentions one model: its fits, the artifacts it is kept in, its construction.

    The construction counts only where nothing fits it by name (a training loop), as a factory that
    makes several models does not make them one. Two mentions are the same model when their
    identities meet. A fitted transformer has an identity too.
    """
    found: set[str] = set()
    todo = [one for model in models for one in _learning(graph, graph.node(model))]
    while todo:
        id = todo.pop()
        if id not in found and not _is_several(graph, graph.node(id)):
            found.add(id)
            todo += _mentions(graph, graph.node(id))
    return frozenset(id for id in found if _identifies(graph, graph.node(id)))


def _is_several(graph: Graph, place: Node) -> bool:
    """Whether programs of several files put something under one path into runs of their own, or into files that are
    gone with them: that is not one thing."""
    apart = place.store is Store.RUN or place.id.startswith(_TEMPORARY)
    return apart and len({one.at.path for one in graph.predecessors(place.id, EdgeKind.WRITES)}) > 1


def answers_in_loss(graph: Graph, fit: Node) -> tuple[Node, ...]:
    """The predictions whose loss a backward pass goes through, targets left out, and those that they are made of: the
    loss may be a module of its own. None for other fits."""
    if any(edge.slot in MODEL_SLOTS for edge in graph.in_edges(fit.id)):
        return ()
    found: dict[str, Node] = {}
    seen, todo = {fit.id}, [fit.id]
    while todo and len(seen) < _DEEPEST_LOSS:
        at = todo.pop()
        for edge in graph.in_edges(at):
            source = graph.node(edge.source)
            if edge.slot == "label" or source.id in seen:
                continue
            seen.add(source.id)
            if source.kind is NodeKind.PREDICTION:
                found[source.id] = source
                todo.append(source.id)
            elif source.role in (Role.EVALUATE, Role.COMBINE) and at not in found:
                todo.append(source.id)
    return tuple(found[id] for id in sorted(found))


@remembered
def rows_stored(graph: Graph) -> frozenset[Span]:
    """The places of code that store an object of no known kind which is rows: it is an array, or what takes it from
    there gives it to a model as its data. Of several that a loop stores one says it for all."""
    saves: dict[Span, list[str]] = defaultdict(list)
    for step in graph.nodes(NodeKind.STEP):
        if step.role is Role.PERSIST:
            saves[step.at].append(step.id)
    return frozenset(
        at for at, ids in saves.items()
        if all(_is_unknown(graph, id) for id in ids)
        and any(_ARRAY in graph.node(id).traits or _is_given_as_rows(graph, id) for id in ids)
    )  # fmt: skip


def _is_unknown(graph: Graph, save: str) -> bool:
    """Whether nothing is known to learn, or to be made to, of what a step stores; what is loaded may be anything."""
    given = (graph.node(edge.source) for edge in graph.in_edges(save) if edge.slot in ("data", "model"))
    return not any(_is_model(one) or one.kind in _LEARNT for one in given)


def _is_given_as_rows(graph: Graph, save: str) -> bool:
    places = (edge.target for edge in graph.out_edges(save, EdgeKind.WRITES))
    todo = [edge.target for place in places for edge in graph.out_edges(place, EdgeKind.READS)]
    seen = set(todo)
    while todo:
        for edge in graph.out_edges(todo.pop()):
            node = graph.node(edge.target)
            if edge.slot in _ROWS and (node.role in LEARNS or node.kind is NodeKind.PREDICTION):
                return True
            if edge.slot in _ROWS and node.id not in seen and node.role not in STORES:
                seen.add(node.id)
                todo.append(node.id)
    return False


def _keeps_objects(step: Node) -> bool:
    return step.role is Role.PERSIST or (step.role in STORES and bool(step.traits & {"keeps-data", "versioned"}))


def _learning(graph: Graph, node: Node) -> list[str]:
    """The node itself, and in a backward pass the models that made the answers."""
    if node.role not in LEARNS:
        return [node.id]
    return [node.id, *(used.id for answer in answers_in_loss(graph, node) for used in model_used(graph, answer.id))]


def _mentions(graph: Graph, node: Node) -> Iterator[str]:
    """Other mentions of a model: what it was made of, where it is kept, who wrote that."""
    if node.kind in _PLACES:
        for step in graph.predecessors(node.id, EdgeKind.WRITES):
            yield from _stored_by(graph, step)
            yield from _moved_by(graph, step)
        yield from _behind_an_alias(graph, node)
        return
    if node.role in BRINGS_IN:
        yield from (edge.source for edge in graph.in_edges(node.id, EdgeKind.READS))
    if node.role in LEARNS:
        yield from (edge.source for edge in graph.in_edges(node.id) if edge.slot in MODEL_SLOTS)
    if node.role in LEARNS or node.role is Role.CONSTRUCT:
        yield from sorted(kept_in(graph, node.id))


def _stored_by(graph: Graph, step: Node) -> Iterator[str]:
    for edge in graph.in_edges(step.id):
        if edge.slot in ("data", "model") and _is_model(graph.node(edge.source)):
            yield edge.source


def _moved_by(graph: Graph, step: Node) -> Iterator[str]:
    """The one place from which a step copies, uploads or downloads. Of a place to which programs of several files
    write, as of a temporary file, it takes what its own file put there, if any of them is that."""
    moves = step.role is Role.COPY or step.role in BRINGS_IN or "uploads" in step.traits
    places = {edge.source for edge in graph.in_edges(step.id, EdgeKind.READS)} if moves else set()
    for place in places if len(places) == 1 else ():
        writers = graph.predecessors(place, EdgeKind.WRITES)
        near = [one for one in writers if one.at.path == step.at.path]
        several = near and len({one.at.path for one in writers}) > 1
        yield from (id for one in near for id in _stored_by(graph, one)) if several else (place,)


def _behind_an_alias(graph: Graph, place: Node) -> Iterator[str]:
    """The registered model of which a place is a version, a stage or another name, what a run holds, or the file of
    which it is a copy, or that is taken out of its folder."""
    if place.store in _KEPT:
        for edge in graph.in_edges(place.id, EdgeKind.DERIVES):
            if graph.node(edge.source).store in _KEPT and edge.confidence is not Confidence.HINT:
                yield edge.source


def _is_model(node: Node) -> bool:
    return node.kind is NodeKind.MODEL or node.role is Role.CONSTRUCT or node.role in LEARNS


def _identifies(graph: Graph, node: Node) -> bool:
    if node.role is Role.CONSTRUCT:
        used = (graph.node(edge.target) for edge in graph.out_edges(node.id) if edge.slot in MODEL_SLOTS)
        return not any(one.role in LEARNS for one in used)
    return node.role in LEARNS or node.kind in _PLACES


def named_instead(graph: Graph, save: Node, place: Node) -> bool:
    """Whether a save goes to a place only where the name it is given is missing: else it goes to what that names."""
    others = (one for one in graph.successors(save.id, EdgeKind.WRITES) if one.id != place.id)
    return place.exact and any(not one.exact for one in others)
