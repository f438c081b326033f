"""A choice is made on the very rows whose score is reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mldebt.findings import Hit
from mldebt.graph import Graph, Node, NodeKind
from mldebt.graph.choices import Choice, choices
from mldebt.graph.names import place_name
from mldebt.graph.questions import MODEL_SLOTS, STORES, is_ours, read_on_the_way, saved, trainings
from mldebt.graph.reach import never_called
from mldebt.graph.rows import ROWS_LOST, Rows, RowSets, is_among
from mldebt.graph.scores import Score, answered, scores, source_of
from mldebt.graph.served import answering
from mldebt.roles import Confidence, Role, weakest
from mldebt.source import Span
from mldebt.trail import MAX_STOPS, Stop

_SEARCH, _STOP, _BEST = "search", "stop", "best"
_LAMBDA, _KFOLD = "<lambda>", "kfold"


@dataclass(frozen=True, slots=True)
class _Judged:
    """Models that are judged on rows; no fits where nobody can tell which models. `direct`: not out of a file.
    `answers`: where they were asked, which what judges them may serve from afar."""

    at: Node
    answers: Node
    rows: frozenset[Rows]
    fits: frozenset[str]
    direct: bool


@dataclass(frozen=True, slots=True)
class _Leak:
    """A choice, and the scores that are made on its rows of what was chosen. `open` where nobody here calls it, or
    gives its rows, or the chosen is asked about rows nobody follows: whoever does may judge on others."""

    choice: Choice
    reports: tuple[Score, ...]
    open: bool


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each place that chooses on rows which are the only ones reported."""
    rows = RowSets(graph)
    idle = never_called(graph)
    every = tuple(one for one in scores(graph, rows) if is_ours(one.at))
    made = tuple(one for one in every if not _is_idle(one.at, idle))
    given = tuple(one for one in answered(graph, rows) if is_ours(one.at))
    asked = tuple(one for one in given if not _becomes_a_column(graph, one.at))
    learnt = frozenset(row.base for fit in trainings(graph) for row in rows.into(fit.id))
    used = tuple(one for one in given if not _is_idle(one.at, idle))
    of_used, of_every = tuple(_judged(graph, made, used)), tuple(_judged(graph, every, given))
    leaks: list[_Leak] = []
    chosen = sorted(choices(graph, rows, (*every, *given)), key=lambda one: one.how != _SEARCH)
    objectives: set[str] = set()  # what picks settings that are judged on other rows
    for choice in chosen:
        scored, judged = (every, of_every) if _is_idle(choice.at, idle) else (made, of_used)
        reports = [one for one in _reports(graph, choice, (*scored, *asked)) if one.at.id not in objectives]
        refuted = _refuted(graph, rows, choice, judged, learnt)
        objectives |= _asked_by(choice, every) if refuted and choice.how == _SEARCH else set()
        if reports and not refuted:
            unsure = _is_open(graph, choice, every) or scored is not made or _is_asked_on(graph, choice, given)
            unsure = unsure or (choice.how != _STOP and _is_followed_by_others(choice, judged))
            unsure = unsure or (choice.how == _STOP and _is_judged_elsewhere(choice, judged))
            unsure = unsure or (choice.how == _BEST and _is_made_anew(graph, choice, every))
            leaks.append(_Leak(choice, tuple(reports), unsure))
    for together in _by_part(leaks):
        yield _hit(graph, rows, sorted(together, key=_order))


def _asked_by(choice: Choice, every: tuple[Score, ...]) -> frozenset[str]:
    """The scores that a choice is made by, and the answers that they judge."""
    return choice.scores | {one.answers.id for one in every if one.at.id in choice.scores}


def _is_idle(node: Node, idle: frozenset[tuple[str, str]]) -> bool:
    """Whether it stands in code that nothing calls."""
    return (node.at.path, node.symbol) in idle


def _becomes_a_column(graph: Graph, answers: Node) -> bool:
    """Whether answers are put into a table as a column, and nothing else is seen of them: no score is made."""
    users = graph.successors(answers.id)
    return bool(users) and all(user.kind is NodeKind.FEATURE or user.role in STORES for user in users)


def _is_open(graph: Graph, choice: Choice, every: tuple[Score, ...]) -> bool:
    """Whether the rows come from a caller that is not here, and no score of the chosen is made on them afterwards."""
    given = any(graph.node(row.base).kind is NodeKind.PARAMETER for row in choice.rows)
    return given and not any(_is_told_again(one, choice) for one in every)


def _is_told_again(score: Score, choice: Choice) -> bool:
    """Whether it is made on the rows of a choice, of what was chosen, and did not choose."""
    chosen = any(fit.id in choice.fits for fit in score.fits)
    return chosen and score.at.id not in choice.scores and is_among(choice.rows, score.rows)


def _is_asked_on(graph: Graph, choice: Choice, given: tuple[Score, ...]) -> bool:
    """Whether the very model that is chosen answers for rows of which nothing is known, and not to be stored."""
    onward = (one for one in given if one.direct and not one.rows and one.at.id not in choice.scores)
    asked = (one for one in onward if any(fit.id in choice.fits for fit in one.fits))
    return any(not _is_stored(graph, one.at) for one in asked)


def _is_followed_by_others(choice: Choice, made: tuple[_Judged, ...]) -> bool:
    """Whether any model answers, further down in the program that chose, for rows that are not known to be those that
    chose: it may be the chosen one, made once more."""
    at = choice.at.at
    later = (one for one in made if any(step.at.path == at.path and step.at > at for step in (one.at, one.answers)))
    return any(not one.rows or not one.rows <= choice.rows for one in later)


def _is_judged_elsewhere(choice: Choice, made: tuple[_Judged, ...]) -> bool:
    """Whether the chosen is judged on rows that came another way through code which is not followed: that may make
    another part of the same source."""
    ways = _lost(choice.rows)
    return any(not _lost(one.rows) <= ways for one in made if not choice.fits.isdisjoint(one.fits))


def _lost(rows: Iterable[Rows]) -> frozenset[str]:
    """Where rows went through code that is not followed."""
    return frozenset(cut for row in rows for cut in row.cuts if cut.endswith(ROWS_LOST))


def _is_made_anew(graph: Graph, choice: Choice, every: tuple[Score, ...]) -> bool:
    """Whether no model that was scored is kept or asked again, as what is picked are settings, and others are scored:
    any of those may be made with what was picked."""
    asked = {one.answers.id for one in every if one.at.id in choice.scores}
    uses = {edge.target for fit in sorted(choice.fits) for edge in graph.out_edges(fit) if edge.slot in MODEL_SLOTS}
    kept = any(saved(graph, graph.node(fit)) for fit in sorted(choice.fits))
    others = (one for one in every if choice.fits.isdisjoint(fit.id for fit in one.fits))
    return not kept and uses <= asked and any(one.at.id not in choice.scores for one in others)


def _is_stored(graph: Graph, answers: Node) -> bool:
    return any(user.role in STORES for user in graph.successors(answers.id))


def _order(leak: _Leak) -> tuple[object, ...]:
    """What is surely reported comes first."""
    elsewhere = leak.choice.how == "told" and leak.reports[0].answers.at.path != leak.choice.at.at.path
    unsure = leak.choice.how == _STOP and (leak.open or not _is_told_there(leak, _report(leak)))
    return elsewhere, unsure, leak.choice.at.at.cell, leak.choice.at.at, leak.choice.at.id


def _report(leak: _Leak) -> Score:
    """The score by which the choice is told of."""
    return min(leak.reports, key=lambda one: (not one.direct, one.at.role is not Role.EVALUATE, one.at.at))


def _by_part(leaks: list[_Leak]) -> Iterable[list[_Leak]]:
    """What is one defect together: rounds that one file keeps, as all its models stop on the rows that it reports, with
    what is picked in their functions; models that one function picks; mentions of one search; else what one place
    chooses."""
    stopping = {_function(leak) for leak in leaks if leak.choice.how == _STOP}
    found: dict[tuple[object, ...], list[_Leak]] = defaultdict(list)
    for leak in leaks:
        here = leak.choice.how in (_STOP, _BEST) and _function(leak) in stopping
        found[(leak.choice.at.at.path, _STOP) if here and not _is_handed_in(leak) else _part(leak)].append(leak)
    return found.values()


def _function(leak: _Leak) -> tuple[str, str]:
    return leak.choice.at.at.path, leak.choice.at.symbol


def _part(leak: _Leak) -> tuple[object, ...]:
    if leak.choice.how == "told":
        return (*sorted(leak.choice.fits),)
    return _function(leak) if leak.choice.how == _BEST and not _is_handed_in(leak) else (_place(leak),)


def _is_handed_in(leak: _Leak) -> bool:
    return leak.choice.how == _BEST and _place(leak) != leak.choice.at.at


def _place(leak: _Leak) -> Span:
    """Where it is chosen. Of what chooses for others, by scores that they hand in as functions: where they do."""
    choice = leak.choice
    scored = {one.answers.at.path for one in leak.reports}
    handed_in = choice.how == _BEST and choice.at.chain and scored == {choice.at.chain[0].path}
    return choice.at.chain[0] if handed_in and choice.at.at.path not in scored else choice.at.at


def _reports(graph: Graph, choice: Choice, judged: tuple[Score, ...]) -> tuple[Score, ...]:
    """The scores that tell of what was chosen, on rows by which it was chosen."""
    if choice.how == "told":
        fits = tuple(graph.node(id) for id in sorted(choice.fits))
        return (Score(choice.at, fits[0], choice.rows, fits, choice.rows, True, Confidence.CERTAIN),)
    same = [one for one in judged if one.held_out and is_among(choice.rows, one.rows)]
    if choice.how == "threshold":
        behind = {node.id for node in graph.downstream(choice.at.id)}
        return tuple(one for one in same if one.at.id in behind)
    if choice.how == "best":
        return tuple(one for one in same if one.at.id in choice.scores)
    of_chosen = (one for one in same if any(fit.id in choice.fits for fit in one.fits))
    return tuple(one for one in of_chosen if one.at.id not in choice.scores)


def _refuted(graph: Graph, rows: RowSets, choice: Choice, made: tuple[_Judged, ...], learnt: frozenset[str]) -> bool:
    """Whether the chosen is, or may be, judged on rows that chose nothing: in the file of the choice, or on the other
    part of its split, by any score that may be of it, elsewhere by one of a model that is made with settings it found
    (on another part of its table, or on rows from which nothing learns), of all that it chose from, or of an unknown
    model on rows of which none learns."""
    choice = replace(choice, rows=_without_tests(graph, choice.rows))
    elsewhere: dict[str, set[str]] = defaultdict(set)
    places = {graph.node(fit).at for fit in choice.fits}  # for whichever call
    taught = [row for fit in trainings(graph) if fit.at in places for row in rows.into(fit.id)]
    for one in (replace(one, rows=_without_tests(graph, one.rows)) for one in made):
        if _KFOLD in one.at.traits and is_among(taught, one.rows):
            continue  # folds of what the models learn from are no part that is kept apart
        if _is_watched(graph, one.at, choice):
            continue
        near = one.at.at.path == choice.at.at.path or _is_other_part(one.rows, choice.rows)
        own = not choice.fits.isdisjoint(one.fits)
        if not one.rows and (own if one.direct else near and (own or not one.fits)):
            return True
        if not any(all(row.apart(picked) for picked in choice.rows) for row in one.rows):
            continue
        chosen = {row.base for row in choice.rows}
        last = one.fits and one.fits <= choice.fits and not any(row.base in learnt - chosen for row in one.rows)
        if (near and (own or not one.fits)) or (choice.how == _SEARCH and last):
            return True
        new = any(row.base not in learnt and _is_read(graph.node(row.base)) for row in one.rows)
        if not near and new and not one.fits and one.at.component == choice.at.component:
            return True
        elsewhere[one.at.id].update(one.fits if new and not near else ())
    return any(choice.fits and choice.fits <= fits for fits in elsewhere.values())


def _is_watched(graph: Graph, score: Node, choice: Choice) -> bool:
    """Whether it is the loss that a training of the chosen makes smaller, asked on other rows within its own function:
    that says how the training goes on, and people report by another score."""
    if score.id in choice.scores:
        return False
    made = {edge.source for edge in graph.in_edges(score.id) if edge.slot in MODEL_SLOTS}
    fits = [graph.node(id) for id in sorted(choice.fits)] if made else []
    losses = [one for fit in fits if fit.function == score.function for one in graph.predecessors(fit.id)]
    behind = {edge.source for one in losses if one.role is Role.EVALUATE for edge in graph.in_edges(one.id)}
    return not made.isdisjoint(behind)


def _without_tests(graph: Graph, rows: frozenset[Rows]) -> frozenset[Rows]:
    """Rows without those that tests put in the place of them."""
    ours = frozenset(row for row in rows if is_ours(graph.node(row.base)))
    return ours or rows


def _is_other_part(rows: frozenset[Rows], chosen: frozenset[Rows]) -> bool:
    """Whether one split sets rows apart from all that chose. The parts of a split come in turn, those of each table
    after those of the one before."""
    others = [_parts(one) for one in chosen]
    return bool(others) and any(all(_are_beside(_parts(one), other) for other in others) for one in rows)


def _parts(rows: Rows) -> dict[str, str]:
    """Which part of each split rows are."""
    return {split: part for split, sign, part in (cut.rpartition(">") for cut in rows.cuts) if sign and part.isdigit()}


def _are_beside(some: dict[str, str], others: dict[str, str]) -> bool:
    return any((int(some[split]) - int(others[split])) % 2 == 1 for split in some.keys() & others.keys())


def _judged(graph: Graph, made: tuple[Score, ...], given: tuple[Score, ...]) -> Iterator[_Judged]:
    """Scores on rows that are not trained on, and answers that nobody scores or stores: code may judge those, unless
    they answer a request."""
    served = answering(graph)
    for score in made:
        if score.held_out or not score.rows:
            fits = frozenset(fit.id for fit in score.fits)
            yield _Judged(score.at, score.answers, score.rows, fits, score.direct)
    scored = {score.answers.id for score in made}
    for answers in given:
        if answers.at.id in scored or answers.at.function in served:
            continue
        if answers.held_out and not _is_stored(graph, answers.at):
            fits = frozenset(fit.id for fit in answers.fits)
            yield _Judged(answers.at, answers.at, answers.rows, fits, answers.direct)


def _is_read(base: Node) -> bool:
    """Whether rows are those of a stored place, and not of a step whose own data were not followed."""
    return base.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE) or base.role is Role.READ


def _hit(graph: Graph, rows: RowSets, leaks: list[_Leak]) -> Hit:
    leak = leaks[0]
    choice = leak.choice
    report = _report(leak)
    base = source_of(graph, rows, report) or rows.read_from(report.answers.id)
    base = base or graph.node(sorted(choice.rows, key=lambda one: one.base)[0].base)
    more = [Stop(at, "choice: on the same rows") for at in dict.fromkeys(one.choice.at.at for one in leaks[1:])]
    others = _one_of_each_function(score.at for one in leaks for score in one.reports)
    scored = [Stop(at, "score: on the same rows") for at in others]
    sure = weakest(report.confidence, *(one.confidence for one in leak.reports[:1]), Confidence.LIKELY)
    at = _place(leak)
    return Hit(
        at=at,
        details={"what": choice.at.name, "source": _source(base), "function": _name(report.at)},
        keys=(choice.how, choice.at.name, base.name),
        confidence=sure if _is_told_there(leak, report) and not leak.open else Confidence.HINT,
        symbol=choice.at.symbol if at == choice.at.at else report.answers.symbol.partition(_LAMBDA)[0].rstrip("."),
        trail=(
            Stop(read_on_the_way(graph, base, report.answers), f"rows: {base.name}"),
            Stop(choice.at.at, "choice: by a score on them"),
            Stop(report.at.at, f"report: {_name(report.at)} on them"),
        ),
        related=tuple(stop for stop in (*more[:4], *scored) if stop.at != at)[:MAX_STOPS],
        variant=choice.how,
    )


def _is_told_there(leak: _Leak, report: Score) -> bool:
    """Whether a known score is made of answers of the program that chose, or of the model that is made with what a
    search found. What a search is asked for by itself may be but a word on the way: whether the number is the one that
    people are told is not seen."""
    how, here = leak.choice.how, report.answers.at.path == _place(leak).path
    return how != "told" and report.at.role is Role.EVALUATE and (here or how == _SEARCH)


def _source(base: Node) -> str:
    if base.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE):
        return base.name
    if base.role is Role.DERIVE:
        return f"rows made in {place_name(base)}"  # the step that is known of them may be one of many
    return f"rows that {base.callee.rpartition('.')[2] or base.name} gives"


def _one_of_each_function(steps: Iterable[Node]) -> list[Span]:
    """The first place in each function, so that none crowds out the others."""
    found: dict[tuple[str, str], Span] = {}
    for step in sorted(steps, key=lambda one: one.at):
        found.setdefault((step.at.path, step.symbol), step.at)
    return list(found.values())


def _name(node: Node) -> str:
    """What people call a score by: its function, or that the code makes it by itself."""
    called = node.callee.rpartition(".")[2]
    return called if node.role is Role.EVALUATE and not called.startswith("__") else "a score of the code"
