"""What learns from data is fitted on rows of the evaluation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mldebt.findings import Hit, Severity
from mldebt.graph import Graph, Node, NodeKind
from mldebt.graph.composed import that_learn
from mldebt.graph.fed import FILLS, LIMITS, SCALES, Fed
from mldebt.graph.names import called
from mldebt.graph.questions import is_ours, read_on_the_way
from mldebt.graph.rows import Cut, Pair, Rows, RowSets, is_among, of_both, of_other_part, shared
from mldebt.graph.scores import (
    Apart,
    Score,
    answered,
    made_by,
    of_another_run,
    read_by_both,
    scores,
    set_aside,
    source_of,
    watched,
)
from mldebt.roles import Confidence, Role, weakest
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_FITS = frozenset({Role.FIT, Role.FIT_TRANSFORM})
_HARMLESS = frozenset({"stateless"})
_LEARNS_MORE = frozenset({"uses-label", "scaler"})
_GIVEN = frozenset({"other"})
_FITTED = frozenset({"model", "receiver"})
_STATE = "-2"
"""The part of a fit that is what was fitted, and not what it made of the rows."""
_KEPT = {"1": "0", "3": "2"}
"""The parts of a split that are kept, each with the one beside it."""
_NO_SCORE = frozenset({Role.PREDICT, Role.SPLIT})
_AGAIN = {"fill": "again_fill", "by_hand": "again_by_hand", "limit": "again_limit"}
"""What no transformer does, with the message for it where no split stands behind it."""
_OF_NUMBERS = frozenset({"scale", "fill", "by_hand", "limit"})
_MADE = frozenset({Role.SELECT, Role.CONSTRUCT})
_LAMBDA = "<lambda>"
_OF_KIND = ("table.", "column.", "array.", "?.")
_SEVERITY = {
    "by_hand": Severity.INFO, "limit": Severity.INFO, "fill": Severity.INFO, "scale": Severity.INFO,
    "label": Severity.ERROR, "resample": Severity.ERROR,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Leak:
    """A fit that saw rows on which a score is made, that lie in `home`. `cut`: what sets them aside afterwards.
    `beside`: the split before, where one of its kind learns from its other part. `anew`: one of its kind learns from
    what the model is trained on, and these rows from files of their own, so they are made others. `together`: rows of
    two files are learned from, and cut into the two again. `watched`: the training is judged on them as it goes on.
    `apart`: models of the kind are scored on other rows, too."""

    fit: Node
    learner: Node
    rows: Pair
    source: str
    home: Node
    score: Score
    kind: str
    cut: Cut | None
    beside: Cut | None
    anew: bool = False
    together: bool = False
    watched: bool = False
    apart: bool = False


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for the places of one function where something is fitted on rows that are set aside for a score, those of
    one kind and one split together."""
    rows = RowSets(graph)
    judged = tuple(_judged(graph, rows))
    judged = (*judged, *watched(graph, rows, judged))
    every = (*judged, *set_aside(graph, rows, judged))
    held_out, fed = [score for score in every if score.held_out and is_ours(score.at)], Fed(graph)
    by_place: dict[Span, list[_Leak]] = defaultdict(list)
    learners = {fit: learner for fit in graph.nodes() if (learner := _learner(graph, fit)) is not None}
    twins: dict[Span, list[Node]] = defaultdict(list)
    for fit in learners:
        twins[fit.at].append(fit)
    first = {(learner.callee, cut) for fit, learner in learners.items() for cut in _cuts(rows.into(fit.id))}
    for fit, learner in learners.items():
        for leak in _leaks(graph, rows, fit, learner, held_out, first, fed):
            by_place[_place(leak)].append(replace(leak, anew=_is_anew(rows, twins[fit.at], leak, fed)))
    alike: dict[object, list[Hit]] = defaultdict(list)
    for at, leaks in _without_repeats(graph, by_place).items():
        hit = _hit(graph, at, leaks)
        function = hit.symbol.partition(_LAMBDA)[0].rstrip(".")
        alike[at.path, at.cell, function, hit.variant, hit.details["split"], hit.confidence].append(hit)
    yield from map(_joined, alike.values())


def _joined(hits: list[Hit]) -> Hit:
    first, *others = sorted(hits, key=lambda hit: hit.at)
    names = sorted({name for hit in hits for name in hit.details["transformer"].split(", ")})
    fits = tuple(replace(hit.trail[1], at=hit.at) for hit in others)
    details = {**first.details, "transformer": ", ".join(names)}
    return replace(first, details=details, related=(*fits, *first.related)[:MAX_STOPS]) if others else first


def _judged(graph: Graph, rows: RowSets) -> Iterator[Score]:
    """Scores, and answers for a part that a split set aside, though no known function scores them."""
    scored: set[str] = set()
    for score in scores(graph, rows):
        scored.add(score.answers.id)
        yield score
    for answers in answered(graph, rows):
        if answers.at.id not in scored and _is_set_aside(rows, answers):
            yield answers


def _is_set_aside(rows: RowSets, answers: Score) -> bool:
    """Whether a split gave the rows, or a slice or mask that begins or ends where that of the training does."""
    split = any(">" in cut for row in answers.rows for cut in row.cuts)
    return split or any(rows.cut((Rows(row.base), row), answers.trained) for row in answers.rows)


def _without_repeats(graph: Graph, by_place: dict[Span, list[_Leak]]) -> dict[Span, list[_Leak]]:
    """Without fits of what was fitted before, beside a first fit of the same function: it fits again what failed."""
    again = {one.fit.id for leaks in by_place.values() for one in leaks if _is_fitted_again(graph, one)}
    known = {_function(one) for leaks in by_place.values() for one in leaks if one.fit.id not in again}
    return {
        at: leaks for at, leaks in by_place.items()
        if not all(one.fit.id in again and _function(one) in known for one in leaks)
    }  # fmt: skip


def _is_fitted_again(graph: Graph, leak: _Leak) -> bool:
    given = {graph.node(edge.source).role for edge in graph.in_edges(leak.fit.id) if edge.slot in _FITTED}
    unknown = leak.learner is leak.fit and leak.kind not in _AGAIN
    return unknown or (bool(given & _FITS) and Role.CONSTRUCT not in given)


def _function(leak: _Leak) -> tuple[str, str, str]:
    return leak.fit.at.path, leak.fit.symbol, leak.score.at.id


def _learner(graph: Graph, fit: Node) -> Node | None:
    """The transformer that is fitted, or the resampler that makes rows; None for what leaks nothing."""
    if is_ours(fit) and (FILLS in fit.traits or SCALES in fit.traits):
        return fit
    if not is_ours(fit) or not (fit.role is Role.RESAMPLE or (fit.kind is NodeKind.TRANSFORM and fit.role in _FITS)):
        return None
    made = made_by(graph, fit)
    traits = [node.traits for node in made] or [fit.traits]
    if fit.role is Role.RESAMPLE:
        return made[0] if made and any("synthetic" in known for known in traits) else None
    if not made:
        return fit if fit.role is Role.FIT_TRANSFORM else None
    numbers = any("for-labels" in known for known in traits) and not _makes_columns(graph, fit)
    return made[0] if that_learn(graph, made) and not numbers else None


def _makes_columns(graph: Graph, fit: Node) -> bool:
    """Whether what comes out is put into a column, as inputs are; labels are mostly kept apart."""
    return any(node.kind is NodeKind.FEATURE for node in graph.successors(fit.id))


def _only_numbers(graph: Graph, fit: Node) -> bool:
    """Whether an encoder of labels numbers one column and is used for nothing else, nor kept: so are categories made
    codes, and no row says more of another than that."""
    made = made_by(graph, fit)
    uses = [edge for node in (*made, fit) for edge in graph.out_edges(node.id)]
    of_state = (edge for edge in uses if edge.part == _STATE or edge.source != fit.id)
    kept = any(edge.part == _STATE or graph.node(edge.target).at != fit.at for edge in of_state)
    return bool(made) and all("for-labels" in node.traits for node in made) and not kept


def _cuts(rows: Iterable[Rows]) -> set[str]:
    return {cut for row in rows for cut in row.cuts if ">" in cut}


def _beside(graph: Graph, learner: Node, fitted: Iterable[Rows], first: set[tuple[str, str]]) -> Node | None:
    """The split whose second part is learnt from, where the like learns from its first part."""
    for split, _, part in sorted(cut.partition(">") for cut in _cuts(fitted)):
        if part in _KEPT and (learner.callee, f"{split}>{_KEPT[part]}") in first:
            return graph.node(split)
    return None


def _leaks(
    graph: Graph, rows: RowSets, fit: Node, learner: Node, held_out: list[Score], first: set[tuple[str, str]], fed: Fed
) -> Iterator[_Leak]:
    fitted = rows.into(fit.id, _GIVEN) if FILLS in fit.traits else rows.into(fit.id)
    elsewhere = Apart(graph, fitted, held_out)
    beside = None if learner is fit else _beside(graph, learner, fitted, first)
    for score in held_out:
        common = shared(fitted, score.rows)
        if common is None or _is_fold_of_part(graph, fit, score, common):
            continue
        cut = Cut.by(score.at) if "kfold" in score.at.traits else rows.cut(common, score.trained)
        if (not score.trained and cut is None) or (cut is not None and _only_numbers(graph, fit)):
            continue  # nothing tells these rows from those that the model is trained on; codes are those of all rows
        handed_out = beside is not None and score.at is beside
        if handed_out or _is_fed(graph, score, fed.by(fit)):
            told = source_of(graph, rows, score)
            own = None if told is None else shared(_of(told, fitted), _of(told, score.rows))
            near = read_by_both(rows, fit, score)
            both = of_both(graph, fitted, score.rows)
            names = both or (near and near.name) or _source(graph, rows, fit, common)
            source = names if told is None or own is None else told.name
            before = None if beside is None else Cut.by(beside)
            watched = any(is_among(rows.watched_by(model.id), score.rows) for model in score.fits)
            home = near if near is not None and source == near.name else graph.node((own or common)[0].base)
            leak = _Leak(fit, learner, own or common, source, home, score, _kind(graph, fit), cut, before)
            apart = elsewhere.is_judged(score)
            yield replace(leak, together=bool(both) and source == both, watched=watched, apart=apart)


def _is_fed(graph: Graph, score: Score, fed: frozenset[str]) -> bool:
    """Whether what is scored got to know a fit. A cross-validation fits its model anew in each fold: only the rows it
    is given can bring something."""
    if "kfold" in score.at.traits:
        given = (edge for edge in graph.in_edges(score.at.id) if edge.slot not in _FITTED)
        return any(edge.source in fed for edge in given)
    return score.answers.id in fed or any(model.id in fed for model in score.fits)


def _is_anew(rows: RowSets, twins: Iterable[Node], leak: _Leak, fed: Fed) -> bool:
    """Whether the scored model learns what the very same step made of other rows: fitted for each table by itself, it
    gives one and the same value different codes or scales. `twins` are the fits at that place."""
    if leak.cut is not None or leak.beside is not None or not leak.score.direct or leak.learner is leak.fit:
        return False
    models = {model.id for model in leak.score.fits}
    return any(
        twin is not leak.fit
        and is_among(rows.into(twin.id), leak.score.trained)
        and not is_among(rows.into(twin.id), leak.score.rows)
        and models & fed.by(twin)
        for twin in twins
    )


def _of(base: Node, rows: Iterable[Rows]) -> list[Rows]:
    return [row for row in rows if row.base == base.id]


def _is_fold_of_part(graph: Graph, fit: Node, score: Score, common: Pair) -> bool:
    """A cross-validation inside a training part, of which little leaks unless labels do."""
    parted = any(">" in cut for cut in common[0].cuts)
    return "kfold" in score.at.traits and parted and _kind(graph, fit) not in ("label", "resample")


def _source(graph: Graph, rows: RowSets, fit: Node, common: Pair) -> str:
    base = graph.node(common[0].base)
    place = None if base.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE) else rows.read_from(fit.id)
    if place is None and (base.role in _MADE or base.name == base.callee or base.callee.startswith(_OF_KIND)):
        return "a source that is not followed"
    return base.name if place is None else place.name


def _kind(graph: Graph, fit: Node) -> str:
    traits = [node.traits for node in made_by(graph, fit)] or [fit.traits]
    if fit.role is Role.RESAMPLE or FILLS in fit.traits:
        return "resample" if fit.role is Role.RESAMPLE else "fill"
    if SCALES in fit.traits:
        return "limit" if LIMITS in fit.traits else "by_hand"
    if any("uses-label" in known for known in traits):
        return "label"
    return "scale" if all("scaler" in known or known & _HARMLESS for known in traits) else ""


def _place(leak: _Leak) -> Span:
    """The fit. What is right for the rows of one call and fitted again for those of another: that call."""
    return leak.fit.chain[0] if leak.fit.chain and leak.cut is None else leak.fit.at


def _hit(graph: Graph, at: Span, leaks: list[_Leak]) -> Hit:
    leak = min(leaks, key=_rank)
    cut = leak.cut or leak.beside
    names = sorted({called(one.learner) for one in leaks if one.learner is not one.fit})
    names = names or ["What fills gaps" if leak.kind == "fill" else "A transformer"]
    sites = dict.fromkeys(site for one in leaks for site in one.fit.chain)
    scored = dict.fromkeys(one.score.at.at for one in leaks if not _is_handed_out(one))
    return Hit(
        at=at,
        details={
            "transformer": ", ".join(names), "source": leak.source,
            "split": cut.name if cut else called(leak.score.at),
        },
        keys=(leak.fit.symbol, *names),
        confidence=weakest(leak.score.confidence, _sureness(graph, leak)),
        symbol=leak.fit.symbol,
        trail=tuple(_trail(graph, leak)),
        related=tuple(Stop(site, "call: brings these rows") for site in sites if site != at)[:4]
        + (() if at == leak.fit.at else (Stop(leak.fit.at, "fit: is fitted again"),))
        + tuple(Stop(place, "score: on these rows") for place in scored)[:4],
        severity=_SEVERITY.get(leak.kind),
        variant=_variant(leak),
    )


def _rank(leak: _Leak) -> tuple[object, ...]:
    """What proves most comes first: a split behind the fit, a score of the same file."""
    elsewhere = leak.score.at.at.path != leak.fit.at.path
    return (leak.cut is None, _is_handed_out(leak), elsewhere, not leak.score.direct, leak.score.at.at, leak.fit.id)


def _is_handed_out(leak: _Leak) -> bool:
    """Whether nobody here scores the part that a split keeps."""
    return leak.score.at.role is Role.SPLIT


def _sureness(graph: Graph, leak: _Leak) -> Confidence:
    """No more than a hint for the same rows with no split between, unless one gave them, and its other part to the
    model or to one of the same kind: rows that a mask or a helper picks are hard to tell apart; for what only
    numbers categories: that they exist is all that it learns, unless it is fitted anew beside one that the model
    knows; for a class of the repository: what its fit keeps of the rows is not looked at; for a slice that nobody
    scores: rows to be answered, for all we know; and for scales and gaps of a part that was split before, where the
    like is scored on other rows, or folds part it to choose by: that score is the one that counts; and for rows that
    one run fits and another one sets aside: each may read its own."""
    made = [node.traits for node in that_learn(graph, made_by(graph, leak.fit))]
    numbers = bool(made) and all("encoder" in known and not known & _LEARNS_MORE for known in made)
    if any("own" in known for known in made) or of_another_run(graph, leak.fit, leak.rows[0].base, leak.score.at):
        return Confidence.HINT
    if numbers or leak.anew:
        return Confidence.LIKELY if leak.anew else Confidence.HINT
    looked_at = _is_handed_out(leak) and any("decomposer" in known for known in made)
    known = leak.cut is not None or leak.beside is not None
    if leak.cut is None and (looked_at or not (known or of_other_part(leak.rows[:1], leak.score.trained))):
        return Confidence.HINT
    in_part = leak.cut is not None and any(">" in cut for cut in leak.rows[0].cuts)
    if in_part and leak.kind in _OF_NUMBERS and (leak.apart or (leak.cut and leak.cut.folds)):
        return Confidence.HINT
    no_score = leak.score.at.role in _NO_SCORE
    sliced = leak.cut is not None and leak.cut.sliced
    if sliced and no_score and not (leak.together or leak.watched):
        return Confidence.HINT
    in_folds = in_part and leak.cut is not None and leak.cut.folds
    unsure = in_folds or "unsure" in leak.fit.traits or SCALES in leak.fit.traits or sliced or no_score
    return Confidence.LIKELY if unsure or not known else Confidence.CERTAIN


def _variant(leak: _Leak) -> str:
    """Rows of two files that are cut into the two again, of which one is only asked about, are a case of their own."""
    if leak.cut is None:
        return "beside" if leak.beside else "anew" if leak.anew else _AGAIN.get(leak.kind, "again")
    asked = leak.cut.sliced and leak.together and not leak.watched and leak.score.at.role in _NO_SCORE
    return "asked" if asked else leak.kind


def _trail(graph: Graph, leak: _Leak) -> Iterator[Stop]:
    yield Stop(read_on_the_way(graph, leak.home, leak.fit), f"rows: {leak.source}")
    told = "a transformer" if leak.learner is leak.fit and leak.kind not in _AGAIN else called(leak.learner)
    yield Stop(leak.fit.at, f"fit: {told} learns from them")
    cut = leak.cut or leak.beside
    if cut is not None:
        yield Stop(cut.at, f"split: {cut.name} sets rows aside {'before' if leak.cut is None else 'afterwards'}")
    if not _is_handed_out(leak):
        yield Stop(leak.score.at.at, f"score: {called(leak.score.at)} judges the model on them")
