"""Contracts for the uses that nothing declares, as a first draft for their owners."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from mldebt.contracts import Contract
from mldebt.graph.code import TOP
from mldebt.graph.graph import Graph
from mldebt.graph.handovers import components_by_file, entry_file
from mldebt.graph.nodes import EdgeKind, Node
from mldebt.source import Span

_ANCHORS = ("absolute:", "home:", "temporary:")


def drafted(graph: Graph, uses: Iterable[tuple[str, str]]) -> dict[str, tuple[Contract, ...]]:
    """Contracts by the repository whose configuration they belong to (empty where there is one), sorted.

    `uses` are pairs of an artifact's id and a component that consumes it.
    """
    consumers: dict[str, set[str]] = defaultdict(set)
    for artifact, consumer in uses:
        consumers[artifact].add(consumer)
    by_file, found = components_by_file(graph), defaultdict[str, list[Contract]](list)
    for artifact in sorted(consumers):
        owner = _owner(graph, graph.node(artifact), by_file)
        home = graph.code.repository_of(owner)
        taken = {contract.name for contract in found[home]}
        found[home].append(_contract(graph.node(artifact), owner, home, consumers[artifact], taken))
    return {home: tuple(found[home]) for home in sorted(found)}


def _contract(artifact: Node, owner: str, home: str, consumers: set[str], taken: set[str]) -> Contract:
    store, _, key = artifact.id.removeprefix("artifact:").partition(":")
    place = artifact.name if key.startswith(_ANCHORS) else key.removeprefix(f"{home}/") if home else key
    stem = posixpath.basename(place).partition(".")[0] if store == "file" else place.rpartition("/")[2]
    plain = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or store
    names = (plain if number == 1 else f"{plain}-{number}" for number in range(1, len(taken) + 2))
    return Contract(
        name=next(name for name in names if name not in taken),
        artifacts=(_glob(place),),
        owner=_seen_from(home, owner),
        consumers=tuple(sorted(_seen_from(home, consumer) for consumer in consumers)),
        reason="",
        at=Span(home, 1),
    )


def _glob(place: str) -> str:
    """A glob for this place: what is not known of it may be anything, and so may a sign that globs give a meaning."""
    return re.sub(r"\{[^{}]*\}|[\[\]?*]", "*", place)


def _owner(graph: Graph, artifact: Node, by_file: Mapping[str, str]) -> str:
    writers = [graph.node(edge.source) for edge in graph.in_edges(artifact.id, EdgeKind.WRITES)]
    return min((by_file.get(entry_file(writer), writer.component) for writer in writers), default=artifact.component)


def _seen_from(home: str, component: str) -> str:
    if component in (home, ""):
        return TOP
    return component.removeprefix(f"{home}/") if home else component
