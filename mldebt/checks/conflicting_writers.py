"""Two places write one artifact, and what they write is not of one form."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.findings import Hit
from mldebt.graph import FLOW, Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.columns import input_lists
from mldebt.graph.handovers import function_around
from mldebt.graph.questions import BRINGS_IN, LEARNS, STORES, is_ours
from mldebt.graph.ways import labels
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_KEPT = frozenset({Store.FILE, Store.OBJECT, Store.TABLE})
_PASSING = "artifact:file:temporary:"
_OTHER_EACH_TIME = frozenset({"per-run", "versioned"})
_NO_CONFLICT = frozenset({"appends", "plot", "versioned"})
_FIELD, _FORM, _WITH = "field:", "form:", "with:"
_PLAIN = {"index": ("True",), "header": ("True", "0"), "sep": (",",), "encoding": ("utf-8", "utf8", "UTF-8")}
"""Options that change what a reader finds, with their usual values."""
_NAMES_APART = frozenset({"parquet", "feather", "pickle", "json", "hdf"})

_FORMS = {"record": "a dictionary", "model": "a model", "transformer": "a transformer", "table": "a table"}
_MADE = frozenset({Role.CONSTRUCT, Role.FIT, Role.SEARCH})
_NAMED = 3
_OTHER_INPUTS, _OTHER_FORM, _OTHER_CLASS = range(3)
"""Ranks of differences. Models that learn from other columns cannot both be asked by one reader; how often another form
is right is not known yet, and another class of model may be on purpose."""


@dataclass(frozen=True, slots=True)
class _Write:
    """One place that writes an artifact."""

    step: Node
    edge: Edge
    at: Span


@dataclass(frozen=True, slots=True)
class _Conflict:
    """An artifact with all its writers, two of which differ, and how; `rank` tells how much it matters to whoever
    reads."""

    artifact: Node
    writes: tuple[_Write, ...]
    one: _Write
    other: _Write
    what: str
    rank: int


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each two places that write one artifact, or several, in different forms; at the first of them."""
    aside = graph.code.unused_functions(), _tasks(graph)
    groups: dict[tuple[Span, Span], list[_Conflict]] = defaultdict(list)
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        if artifact.store not in _KEPT or artifact.id.startswith(_PASSING) or artifact.traits & _OTHER_EACH_TIME:
            continue
        writes = _writes(graph, artifact, *aside)
        pairs = [(one, other) for place, one in enumerate(writes) for other in writes[place + 1 :]]
        told = [(rank, what, one, other) for one, other in pairs for what, rank in _differences(graph, one, other)]
        if told:
            rank, what, one, other = min(told, key=lambda found: found[0])
            groups[one.at, other.at].append(_Conflict(artifact, tuple(writes), one, other, what, rank))
    for _, conflicts in sorted(groups.items()):
        yield _hit(graph, conflicts)


def _writes(graph: Graph, artifact: Node, unused: frozenset[str], tasks: frozenset[str]) -> list[_Write]:
    """One write for each function that makes the artifact anew: not from what it was before, nor by adding to it. What
    a file of tasks does beside them is done by hand, as a trial."""
    edges = graph.in_edges(artifact.id, EdgeKind.WRITES)
    if any("appends" in graph.node(edge.source).traits for edge in edges):
        return []
    found: dict[tuple[str, str], _Write] = {}
    for edge in sorted(edges, key=lambda edge: (edge.at, edge.source)):
        step = graph.node(edge.source)
        ours = step.role in STORES and is_ours(step) and not step.traits & _NO_CONFLICT
        by_hand = not step.function and not step.chain and step.at.path in tasks
        if ours and step.function not in unused and not by_hand and not _updates(graph, artifact, step):
            at = step.chain[0] if step.chain and edge.at == step.chain[0] else step.at
            found.setdefault((at.path, step.function), _Write(step, edge, at))
    return sorted(found.values(), key=lambda write: write.at)


def _updates(graph: Graph, artifact: Node, step: Node) -> bool:
    """Whether a step writes what it read from the same place. What only stores it elsewhere takes nothing of it."""
    readers = [node for node in graph.successors(artifact.id, EdgeKind.READS) if node.role not in STORES]
    here = any((node.at.path, node.function) == (step.at.path, step.function) and node.role for node in readers)
    return here or any(node.id == artifact.id for node in graph.upstream(step.id, *FLOW))


def _tasks(graph: Graph) -> frozenset[str]:
    """The files that define tasks which an orchestrator runs."""
    return frozenset(one.path for one in graph.code.definitions if "task" in one.made)


def _differences(graph: Graph, one: _Write, other: _Write) -> Iterator[tuple[str, int]]:
    """How two writes differ, in words, and the rank of that."""
    encodings = [_encoding(write.step) for write in (one, other)]
    if all(encodings) and encodings[0] != encodings[1]:
        yield f"one by {one.step.callee}, the other by {other.step.callee}", _OTHER_FORM
    forms = [write.step.traits_of(_FORM) & _FORMS.keys() for write in (one, other)]
    if all(forms) and forms[0] != forms[1]:
        first, second = (_FORMS[min(form)] for form in forms)
        yield f"one is {first}, the other {second}", _OTHER_FORM
    fields = [write.step.traits_of(_FIELD) for write in (one, other)]
    if all(fields) and fields[0] != fields[1]:
        yield _field_difference(*fields), _OTHER_FORM
    options = [_options(write.step, encoding) for write, encoding in zip((one, other), encodings, strict=True)]
    if encodings[0] == encodings[1] and options[0] != options[1]:
        yield f"one with {min(options[0] ^ options[1])}, the other without", _OTHER_FORM
    lists = [_learnt(graph, write.step) for write in (one, other)]
    if all(lists) and lists[0] & lists[1] and lists[0] != lists[1]:
        yield f"models that learn from other columns: {_field_difference(*lists)}", _OTHER_INPUTS
    models = [_estimators(graph, write.step) for write in (one, other)]
    if all(models) and not models[0] & models[1]:
        yield f"one from {min(models[0])}, the other from {min(models[1])}", _OTHER_CLASS


def _field_difference(first: frozenset[str], second: frozenset[str]) -> str:
    only = (("one", sorted(first - second)[:_NAMED]), ("the other", sorted(second - first)[:_NAMED]))
    return " and ".join(f"only {which} has {', '.join(names)}" for which, names in only if names)


def _encoding(step: Node) -> str:
    """What encodes what is written: a format that the method names, or the library that dumps objects."""
    if step.callee.startswith(("table.", "column.", "array.", "model.", "file.", "path.", "?")):
        word = step.callee.rpartition("_")[2]
        return word if step.callee.startswith(("table.", "column.")) and "_" in step.callee else ""
    return step.callee.partition(".")[0] if "keeps-data" in step.traits or step.role is Role.PERSIST else ""


def _options(step: Node, encoding: str) -> frozenset[str]:
    """The options that are not as usual, with the values where there are several. A form that keeps row names apart
    gives back the same columns."""
    pairs = [said.partition("=")[::2] for said in step.traits_of(_WITH)]
    pairs = [(name, value) for name, value in pairs if name != "index" or encoding not in _NAMES_APART]
    unusual = [(name, value) for name, value in pairs if name in _PLAIN and value not in _PLAIN[name]]
    return frozenset(f"{name}={value}" if "True" not in _PLAIN[name] else f"{name}=False" for name, value in unusual)


def _estimators(graph: Graph, step: Node) -> frozenset[str]:
    """The classes of the models that are written."""
    found: set[str] = set()
    todo, seen = [step.id], {step.id}
    while todo and len(seen) < MAX_STOPS:
        for edge in graph.in_edges(todo.pop()):
            source = graph.node(edge.source)
            if source.role in _MADE and edge.slot in ("data", "model", "receiver") and source.id not in seen:
                seen.add(source.id)
                todo.append(source.id)
                found |= {source.callee.rpartition(".")[2]} if source.role is Role.CONSTRUCT else set()
    return frozenset(found)


def _learnt(graph: Graph, step: Node) -> frozenset[str]:
    """The columns by name that the one model which is written learns from; none where they are not known."""
    fits = [edge.source for edge in graph.in_edges(step.id) if graph.node(edge.source).role in LEARNS]
    lists = input_lists(graph, fits[0]) if len(fits) == 1 else ()
    return lists[0].names - labels(graph, fits[0]) if len(lists) == 1 else frozenset()


def _hit(graph: Graph, conflicts: list[_Conflict]) -> Hit:
    first = min(conflicts, key=lambda conflict: conflict.artifact.name)
    one, other, artifact, more = first.one, first.other, first.artifact, len(conflicts) - 1
    reads = [edge for edge in graph.out_edges(artifact.id, EdgeKind.READS) if _brings_in(graph, edge)]
    files = {one.at.path, other.at.path}
    handed_on = any(edge.at.path not in files for edge in reads)
    shown = first.rank == _OTHER_INPUTS and len(files) > 1 and handed_on and artifact.exact
    level = Confidence.LIKELY if shown else Confidence.HINT
    stops = tuple(Stop(write.at, f"write: {artifact.name}") for write in first.writes)
    reading = tuple(dict.fromkeys(Stop(edge.at, f"read: {artifact.name}") for edge in reads))
    return Hit(
        at=one.at,
        details={
            "producer": _place(graph, one), "consumer": _place(graph, other), "what": first.what,
            "artifact": artifact.name + (f" (and {more} more)" if more else ""),
        },
        keys=tuple(sorted(conflict.artifact.id for conflict in conflicts)),
        confidence=weakest(level, one.edge.confidence, other.edge.confidence),
        symbol=one.step.symbol,
        trail=(*stops[: MAX_STOPS // 2], *reading)[:MAX_STOPS],
        related=tuple(stop for stop in (*stops, *reading) if stop.at != one.at),
    )  # fmt: skip


def _brings_in(graph: Graph, edge: Edge) -> bool:
    node = graph.node(edge.target)
    return node.role in BRINGS_IN and is_ours(node)


def _place(graph: Graph, write: _Write) -> str:
    around, name = function_around(graph, write.at), posixpath.basename(write.at.path)
    return f"{around.name} in {name}" if around else name
