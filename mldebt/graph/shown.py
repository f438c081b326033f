"""Read-only questions about pages that show predictions, and whether anybody can tell afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.graph.code import SERVED, Definition
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS, STORES, is_ours, is_ready_made, model_used, trainings
from mldebt.graph.served import Served, closure
from mldebt.source import Purpose

_Ways = Mapping[str, list[str]]


def shown(graph: Graph) -> Iterator[Served]:
    """Every function or file of a page that asks a stored model, itself or through code that is no page, where nothing
    of it is logged, counted or stored; what trains on the way is none."""
    pages = [one for one in graph.code.definitions if one.path in graph.code.pages and _is_page(one)]
    asked = _asked(graph) if pages else {}
    if not asked:
        return
    home = {one.id: one for one in graph.code.definitions}
    onward, back = _ways(graph)
    inside = {id: [other for other in ids if not _stands_on_page(graph, home.get(other))] for id, ids in onward.items()}
    told = graph.scrutiny.storing | graph.scrutiny.telling
    keeping = {_place(node) for node in graph.nodes() if node.role in STORES} | told
    training = {_place(node) for node in trainings(graph)}
    for one in pages:
        reached = closure([one.id], inside)
        answers = [node for id in sorted(reached) for node in asked.get(id, ())]
        answer = min(answers, key=lambda node: all(site.path != one.path for site in node.chain), default=None)
        if answer is not None and reached.isdisjoint(training):
            file = [other.id for other in pages if other.path == one.path]
            around = closure(file, onward) | closure([one.id], back)
            if around.isdisjoint(keeping):
                yield Served(one, answer, reached)


def _is_page(one: Definition) -> bool:
    return one.purpose is Purpose.PRODUCTION and one.kind != "class" and not SERVED & set(one.made)


def _stands_on_page(graph: Graph, one: Definition | None) -> bool:
    return one is not None and one.path in graph.code.pages


def _asked(graph: Graph) -> dict[str, list[Node]]:
    """The predictions of each function, or file outside of any, that a model of our own gives which is there."""
    found: dict[str, list[Node]] = defaultdict(list)
    for node in sorted(graph.nodes(NodeKind.PREDICTION), key=lambda node: (node.at, node.id)):
        roles = {one.role for one in model_used(graph, node.id)}
        if roles and not roles & LEARNS and is_ours(node) and not node.at.cell and not is_ready_made(graph, node):
            found[_place(node)].append(node)
    return found


def _place(node: Node) -> str:
    return node.function or f"module:{node.at.path}"


def _ways(graph: Graph) -> tuple[_Ways, _Ways]:
    """What each definition calls or names, and what calls or names it."""
    onward: dict[str, list[str]] = defaultdict(list)
    back: dict[str, list[str]] = defaultdict(list)
    pairs = [(edge.source, edge.target) for edge in graph.edges(EdgeKind.CALLS)]
    named = (one for one in graph.code.definitions if one.kind not in ("module", "method"))  # methods share their names
    pairs += [(user, one.id) for one in named for user in one.used_by]
    for user, used in pairs:
        onward[user].append(used)
        back[used].append(user)
    return onward, back
