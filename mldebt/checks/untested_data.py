"""Data reach a model or a service, and nothing on the way checks what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, NodeKind
from mldebt.graph.code import Received
from mldebt.graph.declared import EXISTS
from mldebt.graph.handovers import function_around
from mldebt.graph.names import model_name
from mldebt.graph.questions import LEARNS
from mldebt.graph.served import Served
from mldebt.graph.unchecked import Unchecked, checks_elsewhere, unchecked, unchecked_requests
from mldebt.graph.unstopped import comes_unstopped
from mldebt.roles import Confidence
from mldebt.trail import Stop

_SHOWN = 8
_SERVES = "serve"


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each function, script or notebook that reads such data, at the first read, or takes it from a
    request; for the same data that several of them read, one."""
    for part in graph.parts():
        groups: dict[tuple[str, str], list[Unchecked]] = defaultdict(list)
        for one in unchecked(part):
            groups[one.at.path, one.read.symbol].append(one)
        unsure = checks_elsewhere(part)
        same: dict[object, list[Hit]] = defaultdict(list)
        for group in groups.values():
            found = sorted(group, key=_order)
            sure = [] if unsure else [one for one in found if _is_sure(part, one)]
            hit = _hit(part, found, sure)
            same[(sure or found)[0].source.id, hit.confidence, hit.variant == _SERVES].append(hit)
        for hits in same.values():
            yield _once(sorted(hits, key=lambda hit: (bool(hit.variant), hit.at))) if len(hits) > 1 else hits[0]
        requests = tuple(unchecked_requests(part))
        for received, served in requests:
            yield _requested(part, received, served, unsure)


def _once(hits: list[Hit]) -> Hit:
    """What several places make of the same data: who is to check them checks them for all, and what is asked about
    them besides is counted with none that learn."""
    first = hits[0]
    others = [hit for hit in hits[1:] if hit.variant == first.variant]
    told = (stop for hit in hits for stop in (*hit.trail, *hit.related))
    also = (stop for stop in told if stop.label.startswith("read: ") and stop.at != first.at)
    details = {**first.details, "count": str(len(others))}
    related = tuple({stop.at: stop for stop in also}.values())[:_SHOWN]
    variant = f"{first.variant or 'learn'}-several" if others else first.variant
    keys = tuple(sorted({key for hit in hits for key in hit.keys}))
    return replace(first, details=details, keys=keys, related=related, variant=variant)


def _order(one: Unchecked) -> tuple[object, ...]:
    """What a model learns from comes first, then by place."""
    return (one.use.role not in LEARNS, one.at, one.source.id)


def _is_sure(graph: Graph, one: Unchecked) -> bool:
    """Where no code on the way could stop. Who calls a library gives it data of their own, and what the repository
    keeps and nothing here makes changes by a commit that somebody looks at."""
    known = one.known and not graph.code.is_library(one.at.path)
    kept = one.source.kind is NodeKind.SOURCE and EXISTS in one.source.traits
    return known and not kept and comes_unstopped(graph, one)


def _hit(graph: Graph, found: list[Unchecked], sure: list[Unchecked]) -> Hit:
    """Likely where files are read, and no code on the way could stop; elsewhere a hint: what is checked may be checked
    in another stage, or where the data are kept."""
    told = sure or found
    first, served = told[0], told[0].use.kind is NodeKind.ENDPOINT
    learns = first.use.role in LEARNS
    names = list(dict.fromkeys(one.source.name for one in told if (one.use.role in LEARNS) is learns))
    others = {one.at: Stop(one.at, f"read: {one.source.name}") for one in found if one is not first}
    others.pop(first.at, None)
    return Hit(
        at=first.at,
        details={
            "source": names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more",
            "consumer": first.use.name if served else model_name(graph, first.use) or "A model",
        },
        keys=tuple(sorted({one.source.id for one in found})),
        confidence=Confidence.LIKELY if sure else Confidence.HINT,
        symbol=first.read.symbol,
        trail=(
            *_way(graph, first),
            Stop(first.use.at, f"{first.use.role.value if first.use.role else 'serve'}: {first.use.name}"),
        ),
        related=tuple(stop for _, stop in sorted(others.items()))[:_SHOWN],
        variant="" if learns else _SERVES if served else "predict",
    )


def _way(graph: Graph, one: Unchecked) -> tuple[Stop, ...]:
    """Where rows are read; behind the call of a helper also the line of it that does so."""
    said = f"read: {one.source.name}"
    steps = (one.read.id, one.read.function) if one.read.chain and one.at == one.read.at else ()
    edges = (edge for id in steps if id in graph for edge in graph.in_edges(id, EdgeKind.READS))
    places = sorted({edge.at for edge in edges if edge.source == one.source.id and edge.at != one.at})
    inside = [at for at in places if (own := function_around(graph, at)) is not None and own.id == one.read.function]
    return (Stop(one.at, "through: this call"), Stop(inside[0], said)) if inside else (Stop(one.at, said),)


def _requested(graph: Graph, received: Received, served: Served, unsure: bool) -> Hit:
    """What somebody sends, which is a hint where numbers are made of it: that fails for all else."""
    doubtful = unsure or received.typed or graph.code.is_library(received.at.path)
    answer = served.answer
    return Hit(
        at=received.at,
        details={"consumer": served.entry.name, "source": "a request"},
        keys=(received.id,),
        confidence=Confidence.HINT if doubtful else Confidence.LIKELY,
        symbol=served.entry.name,
        trail=(
            Stop(received.at, "read: what a request holds"),
            Stop(answer.at, f"{answer.role.value if answer.role else 'predict'}: {answer.name}"),
        ),
        variant="request",
    )
