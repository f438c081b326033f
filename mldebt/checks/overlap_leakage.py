"""The same rows are used to fit a model and to score it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import FLOW, Graph, Node, NodeKind
from mldebt.graph.handovers import entry_file
from mldebt.graph.names import called, model_name
from mldebt.graph.periods import ROWS
from mldebt.graph.questions import is_ours, read_on_the_way
from mldebt.graph.rows import Pair, Rows, RowSets, crossed, of_both, shared
from mldebt.graph.scores import Score, answered, made_by, scores
from mldebt.graph.ways import COLUMN
from mldebt.roles import Confidence, Role, weakest
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_NO_LABEL = frozenset({"clusterer", "decomposer"})
_LABEL = frozenset({"label"})
_NO_ROWS = frozenset({NodeKind.MODEL, NodeKind.PREDICTION, NodeKind.FEATURE, NodeKind.FUNCTION, NodeKind.ENDPOINT})


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each model and file that scores it on its own rows; one for each copying step."""
    rows = RowSets(graph)
    found = [score for score in scores(graph, rows) if is_ours(score.at) and score.fits]
    overlaps = [(score, _overlap(graph, rows, score)) for score in found]
    honest = {mark for score, common in overlaps if score.held_out and common is None for mark in _marks(graph, score)}
    same: dict[tuple[Span, str], list[tuple[Score, Pair]]] = defaultdict(list)
    for score, common in overlaps:
        if common is not None and honest.isdisjoint(_marks(graph, score)):
            same[score.fits[0].at, score.at.at.path].append((score, common))
    hits = (_hit(graph, rows, sorted(one, key=lambda pair: (pair[0].at.at, pair[0].at.id))) for one in same.values())
    yield from {hit.at: hit for hit in reversed(tuple(hits))}.values()  # answers of a model that two files may hold
    given = (score for score in answered(graph, rows) if is_ours(score.at))
    yield from _copies(graph, rows, sorted((*found, *given), key=_by_step))


def _marks(graph: Graph, score: Score) -> set[tuple[object, str]]:
    """The fits of a score, and the kinds of models that are fitted, each with the file that scores."""
    kinds = {node.callee for fit in score.fits if score.direct for node in made_by(graph, fit)}
    return {(what, score.at.at.path) for what in (*(fit.at for fit in score.fits), *kinds)}


def _overlap(graph: Graph, rows: RowSets, score: Score) -> Pair | None:
    """The rows that are both trained on and scored, of a score that compares answers with labels.

    The labels must say the same: where they are of other rows than those that were learnt, the way of
    the inputs was not followed far enough.
    """
    labelled = any(edge.slot == "label" for edge in graph.in_edges(score.at.id))
    if not labelled or any(node.traits & _NO_LABEL for fit in score.fits for node in made_by(graph, fit)):
        return None
    learnt, judged = _learnt_labels(graph, rows, score), rows.into(score.at.id, _LABEL)
    if learnt and judged and not (shared(learnt, judged) or crossed(graph, learnt, judged)):
        return None
    return shared(score.trained, score.rows) or crossed(graph, score.trained, score.rows)


def _learnt_labels(graph: Graph, rows: RowSets, score: Score) -> frozenset[Rows]:
    """The rows of the labels that the fits get, also inside of a data set made for them."""
    sets = [graph.node(edge.source) for fit in score.fits for edge in graph.in_edges(fit.id) if edge.slot == "data"]
    holders = [*score.fits, *(node for node in sets if node.role is Role.CONSTRUCT)]
    return frozenset(one for node in holders for one in rows.into(node.id, _LABEL))


def _hit(graph: Graph, rows: RowSets, scored: list[tuple[Score, Pair]]) -> Hit:
    score, common = scored[0]
    fit, base = score.fits[0], rows.read_from(score.answers.id) or graph.node(common[0].base)
    others = dict.fromkeys(other.at.at for other, _ in scored[1:] if other.at.at != score.at.at)
    partly = not (common[0].holds(common[1]) or common[1].holds(common[0]))
    return Hit(
        at=score.answers.at,
        details={"model": _model(graph, score), "source": base.name, "function": called(score.at)},
        keys=(fit.name, base.name),
        confidence=_sureness(graph, rows, score, partly),
        symbol=score.at.symbol,
        trail=(
            Stop(read_on_the_way(graph, base, score.answers), f"rows: {base.name}"),
            Stop(fit.at, f"fit: {fit.name} learns from them"),
            Stop(score.answers.at, "answers: for these rows"), Stop(score.at.at, f"score: {called(score.at)}"),
        ),
        related=(
            Stop(fit.at, "fit: on these rows"), *(Stop(at, "score: also on these rows") for at in others)
        )[:MAX_STOPS],
        variant="partly" if partly else "",
    )  # fmt: skip


def _model(graph: Graph, score: Score) -> str:
    """What was fitted; of a model out of a file, the file: several may have been fitted and stored in one round."""
    return score.fits[0].name if score.direct else model_name(graph, score.answers) or score.fits[0].name


def _sureness(graph: Graph, rows: RowSets, score: Score, partly: bool) -> Confidence:
    """A hint for the same rows: that they are looked at to judge the model is not known; and where nothing is known of
    the labels on one side: inputs alone may lose their way. Whoever picks other rows to score means to judge, and so
    does a program that scores what another one stored, where all the rows it may mean were learnt from."""
    elsewhere = all(entry_file(fit) != entry_file(score.at) for fit in score.fits)
    judges = partly or (elsewhere and all(shared(score.trained, frozenset({one})) for one in score.rows))
    if not (judges and _learnt_labels(graph, rows, score) and rows.into(score.at.id, _LABEL)):
        return Confidence.HINT
    return weakest(score.confidence, Confidence.LIKELY)


def _copies(graph: Graph, rows: RowSets, found: list[Score]) -> Iterator[Hit]:
    """Rows that are copied before a split stand on both of its sides."""
    for copy in graph.nodes():
        if copy.role not in (Role.RESAMPLE, Role.COMBINE) or not is_ours(copy) or not _copying(graph, copy):
            continue
        after = _splits(graph, copy)
        for score in found:
            split = next((node for node in after if _cuts(score, node)), None)
            if split is not None and score.held_out:
                yield _copied(graph, rows, copy, split, score)
                break


def _splits(graph: Graph, copy: Node) -> list[Node]:
    """The splits that copied rows come to as they are: one column of them in another table, or what is joined to the
    rows of another, repeats no row there."""
    reached, todo = {copy.id: copy}, [copy.id]
    while todo:
        for edge in graph.out_edges(todo.pop()):
            node = graph.node(edge.target)
            other = edge.part.startswith(COLUMN) or edge.kind not in FLOW or node.kind in _NO_ROWS or _joins(node)
            if not other and node.id not in reached:
                reached[node.id] = node
                todo.append(node.id)
    return [node for node in reached.values() if node.role is Role.SPLIT]


def _joins(node: Node) -> bool:
    return node.role is Role.COMBINE and ROWS not in node.traits


def _by_step(score: Score) -> tuple[object, ...]:
    """Scores come before answers that code may make a score of by itself."""
    return score.at.role is Role.PREDICT, score.at.at, score.at.id


def _copying(graph: Graph, copy: Node) -> bool:
    return any("copies" in node.traits for node in (copy, *made_by(graph, copy)))


def _cuts(score: Score, split: Node) -> bool:
    return any(cut.startswith(f"{split.id}>") for one in score.rows for cut in one.cuts)


def _copied(graph: Graph, rows: RowSets, copy: Node, split: Node, score: Score) -> Hit:
    copied = rows.into(copy.id)
    bases = sorted(graph.node(one.base).name for one in copied) or [copy.name]
    fit = score.fits[0]
    return Hit(
        at=score.answers.at,
        details={"what": called(copy), "source": of_both(graph, copied, copied) or bases[0], "split": called(split),
                 "model": fit.name},
        keys=(fit.name, called(copy)),
        confidence=weakest(score.confidence, Confidence.LIKELY if "unsure" in copy.traits else Confidence.CERTAIN),
        symbol=score.at.symbol,
        trail=(
            Stop(copy.at, f"copy: {called(copy)} repeats rows"),
            Stop(split.at, f"split: {called(split)} parts the copies"),
            Stop(fit.at, f"fit: {fit.name}"), Stop(score.at.at, f"score: {called(score.at)}"),
        ),
        related=(Stop(copy.at, "copy: rows are repeated"), Stop(split.at, "split: parts the copies")),
        variant="copied",
    )  # fmt: skip
