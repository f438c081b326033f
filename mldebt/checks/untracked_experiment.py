"""A training whose scores are only printed: nobody can say later what a model was worth, and of which parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import Graph, Node
from mldebt.graph.callers import Callers
from mldebt.graph.code import Definition
from mldebt.graph.names import model_name
from mldebt.graph.prototypes import measuring, prototypes, serving_files
from mldebt.graph.questions import STORES, is_ours, saved, trainings
from mldebt.graph.reach import never_called, scripts_nobody_names, stands_in_dead
from mldebt.roles import Confidence, Role
from mldebt.trail import MAX_STOPS, Stop

_BY_ITSELF = "keeps-scores"


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each file that trains, at the last score in it; a hint where nobody is known to run it."""
    for part in graph.parts():
        yield from _in_repository(part)


def _in_repository(graph: Graph) -> Iterator[Hit]:
    callers, keeping = Callers(graph), _keeping(graph)
    loose = frozenset(one.path for one in scripts_nobody_names(graph))
    files: dict[str, list[tuple[Node, list[Node]]]] = defaultdict(list)
    for training in _of_programs(graph):
        scores = _scores(graph, training)
        around = callers.files_above(training).union(*map(callers.files_above, scores))
        kept = any(node.role in STORES for node in graph.reached([score.id for score in scores]))
        tracked = not keeping.tracking.isdisjoint(_run_together(graph, around))
        if scores and not kept and not tracked and keeping.writing.isdisjoint(around):
            files[training.at.path].append((training, scores))
    for path, found in sorted(files.items()):
        yield _hit(graph, found, sure=path not in loose)


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Files that track runs, and those that write what may be a score, or answer requests: whoever asks may keep it."""

    tracking: frozenset[str]
    writing: frozenset[str]


def _keeping(graph: Graph) -> _Keeping:
    tracking = (node.at.path for node in graph.nodes() if node.role is Role.TRACK or _BY_ITSELF in node.traits)
    writing = (node.at.path for node in graph.nodes() if node.role is Role.WRITE and _may_tell(graph, node))
    return _Keeping(frozenset(tracking), serving_files(graph).union(writing))


def _of_programs(graph: Graph) -> Iterator[Node]:
    """The trainings of programs that store their model; what is tried out leaves nothing behind."""
    dead = never_called(graph)
    tried_out = prototypes(graph).keys() | measuring(graph)
    for training in trainings(graph):
        gone = stands_in_dead(dead, training.at.path, training.symbol) or training.at.path in tried_out
        if is_ours(training) and not gone and saved(graph, training):
            yield training


def _may_tell(graph: Graph, write: Node) -> bool:
    """Whether what is written may be a score, or nobody knows what it is."""
    behind = graph.upstream(write.id)
    return not any(node.role for node in behind) or any(node.role is Role.EVALUATE for node in behind)


def _scores(graph: Graph, training: Node) -> list[Node]:
    """The scores of a model and of its file, in the order of their places; not those that an interface asks for."""
    found = {node for node in graph.downstream(training.id) if node.role is Role.EVALUATE and is_ours(node)}
    found |= {node for node in graph.nodes() if node.role is Role.EVALUATE and node.at.path == training.at.path}
    asked = {one.id for one in graph.code.definitions if one.hooked or one.overrides}
    return sorted((node for node in found if node.function not in asked), key=lambda node: (node.at, node.id))


def _run_together(graph: Graph, files: frozenset[str]) -> frozenset[str]:
    """Files, and all that they import: any of it may write down what comes out."""
    uses: dict[str, set[str]] = defaultdict(set)
    for use in graph.code.local_imports:
        uses[use.at.path].add(use.path)
    found, todo = set(files), list(files)
    while todo:
        fresh = uses[todo.pop()] - found
        found |= fresh
        todo += fresh
    return frozenset(found)


def _hit(graph: Graph, found: list[tuple[Node, list[Node]]], *, sure: bool) -> Hit:
    (training, scores), others = found[0], found[1:]
    first = ([score for score in scores if score.at.path == training.at.path] or scores)[-1]
    stops = [
        *(Stop(entry.at, f"starts it: {entry.name}") for entry in _entries(graph, training)),
        Stop(training.at, f"train: {training.name}"),
        *(Stop(score.at, f"score: {score.name}") for score in scores),
        *(Stop(one.at, f"train: {one.name}") for one, _ in others),
    ]
    return Hit(
        at=first.at,
        details={"model": model_name(graph, training) or "a model", "path": training.at.path, "what": first.name},
        keys=(training.at.path,),
        confidence=Confidence.LIKELY if sure else Confidence.HINT,
        symbol=first.symbol,
        trail=(Stop(training.at, f"train: {training.name}"), Stop(first.at, f"score: {first.name}")),
        related=tuple(dict.fromkeys(stop for stop in stops if stop.at != first.at))[:MAX_STOPS],
    )


def _entries(graph: Graph, training: Node) -> Iterator[Definition]:
    """The functions by which a training begins: those above its own that no other names."""
    known = {one.id: one for one in graph.code.definitions if one.kind in ("function", "method")}
    above: set[str] = set()
    todo = [training.function]
    while todo:
        one = known.get(todo.pop())
        fresh = {user for user in one.used_by if user in known} - above if one else set()
        above |= fresh
        todo += fresh
    yield from (known[id] for id in sorted(above) if above.isdisjoint(known[id].used_by))
