"""What lies upstream of things: the data they come from, and the models, columns and settings that take part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mldebt.graph.answers import Reached
from mldebt.graph.graph import Graph
from mldebt.graph.models import is_first, known_models
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN
from mldebt.graph.things import alike
from mldebt.graph.walks import HOLE, Start, Walk, walk
from mldebt.source import Span

KINDS = ("data", "model", "stored", "column", "setting")
_STORED = (NodeKind.ARTIFACT, NodeKind.SOURCE)


def lineage(graph: Graph, starts: Mapping[str, Start]) -> tuple[Reached, ...]:
    """What goes into some nodes: first the data that nothing here writes, nearest first."""
    before = walk(graph, starts, onward=False)
    found = {
        (one.kind, one.name, one.at): one
        for one in (*_stored(graph, before), *_unknown(graph, before), *_models(graph, before), *_rest(before))
    }
    return tuple(sorted(found.values(), key=_order))


def _stored(graph: Graph, before: Walk) -> Iterator[Reached]:
    """Data, and what is stored on the way; of names that mean one thing the first."""
    kept = {node.id for model in known_models(graph) for node in model.kept}
    for group in alike(graph, [node for node in before.nodes() if node.kind in _STORED and node.id not in kept]):
        if any(node.id in before.starts for node in group):
            continue
        writes = sorted(edge.at for node in group for edge in graph.in_edges(node.id, EdgeKind.WRITES))
        node = min(group, key=lambda one: (len(before.way(one.id)), one.id))
        outside = all(is_first(graph, one) for one in group)
        kind, note = ("data", "written nowhere here") if outside else ("stored", "written here")
        yield _told(before, node, kind, node.name, writes[0] if writes else None, note)


def _unknown(graph: Graph, before: Walk) -> Iterator[Reached]:
    """Reads of which nobody knows what they read."""
    for node in before.nodes():
        if node.role in BRINGS_IN and node.kind is NodeKind.STEP and node.id not in before.starts:
            if all(edge.kind is EdgeKind.CONFIGURES for edge in graph.in_edges(node.id)):
                yield _told(before, node, "data", f"? ({node.callee or node.name})", None, "its place is not known")


def _models(graph: Graph, before: Walk) -> Iterator[Reached]:
    """Models whose predictions take part."""
    for model in known_models(graph):
        used = [node for node in model.predictions if node.id in before and node.id not in before.starts]
        if used and not model.parts & before.starts.keys():
            node = min(used, key=lambda one: (len(before.way(one.id)), one.id))
            yield _told(before, node, "model", model.name, None, "its predictions")


def _rest(before: Walk) -> Iterator[Reached]:
    """Columns that are made on the way, and settings that decide something there."""
    for node in before.nodes():
        if node.id in before.starts:
            continue
        if node.kind is NodeKind.FEATURE and HOLE not in node.name:
            yield _told(before, node, "column", node.name, None, "made here")
        elif node.kind is NodeKind.SETTING:
            yield _told(before, node, "setting", node.name.lstrip("."), None, "set here")


def _told(before: Walk, node: Node, kind: str, name: str, at: Span | None, note: str) -> Reached:
    edges = before.way(node.id)
    trail, sure = before.trail(edges, node.id), before.confidence(edges, node.id)
    return Reached(kind, name, at or node.at, note, sure, trail, edges)


def _order(one: Reached) -> tuple[object, ...]:
    return (KINDS.index(one.kind), len(one.edges), one.name, one.at)
