"""Predictions leave a service as bare values that do not tell which model gave them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Graph, NodeKind
from mldebt.graph.code import Answered
from mldebt.graph.served import Served, served
from mldebt.roles import Confidence
from mldebt.trail import Stop


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each file that answers requests so, at the first prediction; a hint where a text of the answer may be
    a name of the model."""
    for part in graph.parts():
        bare: dict[str, list[Answered]] = defaultdict(list)
        for one in part.code.answered:
            bare[one.id].append(one)
        groups: dict[str, list[tuple[Served, Answered]]] = defaultdict(list)
        predicted = {node.at for node in part.nodes(NodeKind.PREDICTION)}
        for entry in served(part):
            known = predicted | {entry.answer.at, *entry.answer.chain}
            answers = [one for one in bare.get(entry.entry.id, ()) if not known.isdisjoint(one.of)]
            if answers and not any(one.names for one in answers):
                groups[entry.entry.path].append((entry, min(answers, key=lambda one: one.at)))
        for found in groups.values():
            yield _hit(sorted(found, key=lambda one: one[1].at))


def _hit(found: list[tuple[Served, Answered]]) -> Hit:
    entry, first = found[0]
    does = entry.answer.role.value if entry.answer.role else "predict"
    return Hit(
        at=first.at,
        details={"function": entry.entry.name},
        keys=(entry.entry.name,),
        symbol=entry.entry.name,
        confidence=Confidence.HINT if first.may_name else Confidence.LIKELY,
        trail=(
            Stop(entry.entry.at, f"serve: {entry.entry.name}"),
            Stop(entry.answer.at, f"{does}: {entry.answer.name}"),
            Stop(first.at, "answered as it is"),
        ),
        related=tuple(Stop(one.at, f"serve: {served.entry.name}") for served, one in found[1:]),
    )
