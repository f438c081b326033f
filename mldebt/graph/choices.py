"""Read-only questions about choices: what is chosen by a score, on which rows, and which models come of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS, is_ours
from mldebt.graph.rows import Rows, RowSets, shared
from mldebt.graph.scores import Score
from mldebt.roles import Role

_MADE_WITH = frozenset({"model", "receiver", "data"})
_SCORE = frozenset({"score"})
_HANDED_ON = frozenset({Role.WRITE, Role.PERSIST, Role.READ, Role.LOAD, Role.CONSTRUCT, Role.CONFIGURE, Role.CHOOSE})
_PLACES = (NodeKind.ARTIFACT, NodeKind.SOURCE)
_MOST_STEPS = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen by a score. `how` is stop (a training keeps its best round), search (settings of models), best (of
    several models or settings), threshold (a point of a curve) or told (a search is asked for the score of its best).

    `rows` are those that the score is made on, `fits` the models that come of it, `scores` the steps that give it.
    """

    at: Node
    how: str
    rows: frozenset[Rows]
    fits: frozenset[str]
    scores: frozenset[str] = frozenset()


def choices(graph: Graph, rows: RowSets, judged: tuple[Score, ...]) -> Iterator[Choice]:
    """Every choice whose rows are known and not trained on, in the order of the steps. `judged` are scores, and answers
    of which code may make scores by itself."""
    by_step: dict[str, list[Score]] = {}
    for score in judged:
        by_step.setdefault(score.at.id, []).append(score)
    for node in graph.nodes():
        if not is_ours(node):
            continue
        if node.role is Role.FIT and node.kind is NodeKind.MODEL:
            yield from _stopped(graph, rows, node)
        elif node.role in (Role.SEARCH, Role.CHOOSE):
            yield from _picked(graph, node, by_step)
        elif "own-score" in node.traits:
            yield from _told(graph, rows, node)


def _stopped(graph: Graph, rows: RowSets, fit: Node) -> Iterator[Choice]:
    made = [graph.node(edge.source) for edge in graph.in_edges(fit.id) if edge.slot in _MADE_WITH]
    said = frozenset(trait for node in (fit, *made) for trait in node.traits)
    if "picks-best" not in said or "keeps-last" in said:
        return
    trained = rows.into(fit.id)
    apart = frozenset(one for one in rows.watched_by(fit.id) if shared(trained, (one,)) is None)
    if apart:
        yield Choice(fit, "stop", apart, frozenset({fit.id}))


def _picked(graph: Graph, node: Node, by_step: dict[str, list[Score]]) -> Iterator[Choice]:
    """A search or a pick: by scores alone, or where no step makes one by predictions of which code makes its own."""
    behind = [edge.source for edge in graph.in_edges(node.id) if edge.slot in _SCORE]
    scored = [id for id in behind if graph.node(id).role is Role.EVALUATE]
    judged = [score for id in sorted(scored or behind) for score in by_step.get(id, ())]
    if not judged or not all(score.held_out for score in judged) or any(_is_fold(graph, one) for one in judged):
        return
    rows = frozenset(row for score in judged for row in score.rows)
    curve = bool(scored) and all("curve" in graph.node(id).traits for id in scored)
    how = "search" if node.role is Role.SEARCH else "threshold" if curve else "best"
    fits = frozenset(fit.id for score in judged for fit in score.fits)
    chosen = _configured(graph, node) if how == "search" else fits
    yield Choice(node, how, rows, chosen, frozenset(score.at.id for score in judged))


def _told(graph: Graph, rows: RowSets, node: Node) -> Iterator[Choice]:
    """A search on all rows there are, whose best is told by the score that picked it: rows of a part leave others."""
    for search in (one for one in graph.predecessors(node.id) if one.role is Role.SEARCH):
        given = rows.into(search.id)
        if given and not any(">" in cut for row in given for cut in row.cuts):
            yield Choice(node, "told", given, frozenset({search.id}))


def _is_fold(graph: Graph, score: Score) -> bool:
    cuts = {cut.partition(">")[0] for row in score.rows for cut in row.cuts if ">" in cut}
    makers = {edge.source for id in cuts for edge in graph.in_edges(id) if edge.slot in _MADE_WITH}
    return any("kfold" in graph.node(id).traits for id in {score.at.id, *cuts, *makers})


def _configured(graph: Graph, search: Node) -> frozenset[str]:
    """The models that are made with what a search found, also after it was stored and read."""
    found: set[str] = set()
    seen, todo = {search.id}, [search.id]
    while todo and len(seen) < _MOST_STEPS:
        for edge in graph.out_edges(todo.pop()):
            target = graph.node(edge.target)
            if target.role in LEARNS and target.id != search.id:
                found.add(target.id)
            elif target.id not in seen and (target.kind in _PLACES or target.role in _HANDED_ON) and _brings(edge):
                seen.add(target.id)
                todo.append(target.id)
    return frozenset(found)


def _brings(edge: Edge) -> bool:
    return edge.kind not in (EdgeKind.CALLS, EdgeKind.IMPORTS, EdgeKind.ORDERS, EdgeKind.DECLARES)
