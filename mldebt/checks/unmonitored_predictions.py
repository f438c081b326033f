"""A service answers with predictions, and nobody can tell afterwards what came in or went out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from mldebt.findings import Hit
from mldebt.graph import Definition, Graph, NodeKind
from mldebt.graph.handovers import entry_file
from mldebt.graph.names import model_name
from mldebt.graph.questions import STORES, is_ours
from mldebt.graph.served import Served, untold
from mldebt.graph.shown import shown
from mldebt.roles import Confidence, Role
from mldebt.source import Span
from mldebt.trail import Stop

_BY_NAME = "store:route"
_PLAIN = re.compile(r"#\d+")
"""What tells apart classes of one name in a file: code does not say it."""


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each file that answers requests so, at its first function that asks a model."""
    for part in graph.parts():
        groups: dict[str, list[Served]] = defaultdict(list)
        for one in (*untold(part), *shown(part)):
            groups[one.entry.path].append(one)
        for found in groups.values():
            hit = _hit(part, sorted(found, key=lambda one: _rank(part, one)))
            kept = len(groups) == 1 and _keeps_answers(part)  # of the one service that is asked so
            yield replace(hit, confidence=Confidence.HINT) if kept else hit


def _keeps_answers(graph: Graph) -> bool:
    """Whether a program asks a service by the name under which a platform runs it, and stores data: what it is told."""
    steps = [one for one in graph.nodes(NodeKind.STEP) if is_ours(one)]
    asking = {entry_file(one) for one in steps if one.role is Role.REQUEST and _BY_NAME in one.traits}
    return any(one.role in STORES and entry_file(one) in asking for one in steps)


def _rank(graph: Graph, one: Served) -> tuple[object, ...]:
    """What is predicted comes before what is looked up, and on a page the code that asks the model itself."""
    asks = one.entry.id == (one.answer.function or f"module:{one.answer.at.path}")
    far = one.entry.path in graph.code.pages and not asks
    return one.answer.kind is not NodeKind.PREDICTION, far, one.entry.kind == "module", one.entry.at


def _hit(graph: Graph, found: list[Served]) -> Hit:
    first = found[0]
    entry, answer = first.entry, first.answer
    predicted = answer.kind is NodeKind.PREDICTION
    names = [one.name for one in graph.predecessors(answer.id)] if not predicted else []
    return Hit(
        at=entry.at,
        details={
            "function": _PLAIN.sub("", entry.name),
            "model": (model_name(graph, answer) if predicted else "") or "a model",
            "artifact": next(iter(names), "a file"),
        },
        keys=(entry.name,),
        # The code around it, a gateway or the platform may keep what comes in and goes out.
        confidence=Confidence.HINT if graph.code.is_library(entry.path) else Confidence.LIKELY,
        symbol=entry.name,
        trail=(
            Stop(entry.at, f"serve: {entry.name}"),
            Stop(answer.at, f"{answer.role.value if answer.role else 'predict'}: {answer.name}"),
        ),
        related=(*_asked(first), Stop(answer.at, f"answer: {answer.name}"), *_others(found[1:])),
        variant="page" if entry.path in graph.code.pages else "" if predicted else "stored",
    )


def _others(found: list[Served]) -> Iterator[Stop]:
    """The other functions of the file that answer so, each with its call."""
    for one in found:
        yield Stop(one.entry.at, f"serve: {one.entry.name}")
        yield from _asked(one)


def _asked(one: Served) -> Iterator[Stop]:
    """The call by which a function asks for what it answers with: a trace can be left there, too."""
    calls = (site for site in one.answer.chain if _is_inside(one.entry, site))
    yield from (Stop(site, f"asked: {one.answer.name}") for site in islice(calls, 1))


def _is_inside(entry: Definition, site: Span) -> bool:
    here = site.path == entry.path and site.cell == entry.at.cell
    return here and (entry.kind == "module" or entry.at.line <= site.line <= entry.end_line)
