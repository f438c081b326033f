"""Read-only questions about evaluation: which scores there are, of which models, on which rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, LEARNS, answers_in_loss, identity, model_used
from mldebt.graph.rows import Rows, RowSets, is_among
from mldebt.roles import Confidence, Role, weakest

_MODEL = frozenset({"model", "receiver"})
_DATA = frozenset({"data"})
_LABEL = frozenset({"label"})
_OF_A_MODEL = "model."
_OTHER = {"then:": "else:", "else:": "then:"}
_MADE = LEARNS | {Role.CONSTRUCT}


@dataclass(frozen=True, slots=True)
class Score:
    """One score of fitted models: the step that scores, what gave the answers it judges (a
    prediction, or the step itself), the rows they are about, and the fits of the models.

    `trained` are the rows of the fits; empty when they are not known. `direct` when the very
    value that was fitted is scored, without a file between.
    """

    at: Node
    answers: Node
    rows: frozenset[Rows]
    fits: tuple[Node, ...]
    trained: frozenset[Rows]
    direct: bool
    confidence: Confidence

    @property
    def held_out(self) -> bool:
        """Whether it is made on rows that are not known to be trained on."""
        return bool(self.rows) and not is_among(self.trained, self.rows)


def scores(graph: Graph, rows: RowSets) -> Iterator[Score]:
    """Every score of a model, once for each prediction it judges, in the order of the steps. A loss that a backward
    pass learns from is none."""
    taught = _taught(graph)
    for step in graph.nodes(NodeKind.STEP):
        if step.role is Role.EVALUATE and "kfold" in step.traits:
            yield Score(step, step, rows.into(step.id), (), frozenset(), True, Confidence.CERTAIN)
        elif step.role is Role.EVALUATE and not _is_learned_from(graph, step):
            for answers in _answers(graph, step):
                yield _score(graph, rows, step, answers, taught)


def source_of(graph: Graph, rows: RowSets, score: Score) -> Node | None:
    """The one stored place that the answers and the labels of a score both come from, where tables were put together
    for what is learnt: the labels say of which the rows are."""
    bases = {row.base for row in score.rows}
    known = [graph.node(base) for base in sorted(bases & {row.base for row in rows.into(score.at.id, _LABEL)})]
    stored = [node for node in known if node.kind in (NodeKind.ARTIFACT, NodeKind.SOURCE)]
    return stored[0] if len(bases) > 1 and len(stored) == 1 else None


def read_by_both(rows: RowSets, fit: Node, score: Score) -> Node | None:
    """The file that both a fit and a score read, where rows are stored between: it is the one they know."""
    place = rows.read_from(fit.id)
    return place if place is not None and place == rows.read_from(score.answers.id) else None


def of_another_run(graph: Graph, fit: Node, base: str, end: Node) -> bool:
    """Whether rows get to a score by an arm of a branch alone that is not run where a fit is."""
    against = {_OTHER[arm[:5]] + arm[5:] for arm in fit.traits if arm[:5] in _OTHER}
    seen, todo = {base}, [base] if against else []
    while todo:
        for edge in graph.out_edges(todo.pop(), *FLOW):
            if edge.target not in seen and not against & graph.node(edge.target).traits:
                seen.add(edge.target)
                todo.append(edge.target)
    return bool(against) and end.id not in seen


def answered(graph: Graph, rows: RowSets) -> Iterator[Score]:
    """Every prediction of a model that is known, as if it were a score: code may make one of it by itself."""
    taught = _taught(graph)
    for node in graph.nodes(NodeKind.PREDICTION):
        score = _score(graph, rows, node, node, taught)
        if score.fits:
            yield score


def watched(graph: Graph, rows: RowSets, judged: Iterable[Score]) -> Iterator[Score]:
    """Every training that is judged on other rows as it goes on, where no score here is about such rows: what it tells
    of its last round is the score."""
    known = frozenset(row for one in judged for row in one.rows)
    for fit in graph.nodes(NodeKind.MODEL):
        seen = rows.watched_by(fit.id) if fit.role is Role.FIT else frozenset()
        if seen - known:
            yield Score(fit, fit, seen, (fit,), rows.into(fit.id), True, Confidence.LIKELY)


def set_aside(graph: Graph, rows: RowSets, judged: Iterable[Score]) -> Iterator[Score]:
    """What random splits keep beside the part that is learnt from, where nothing here is judged on any part: whoever
    gets the parts will. The split stands for the score."""
    known = {cut.partition(">")[0] for one in judged for row in one.rows for cut in row.cuts if ">" in cut}
    for split in graph.nodes(NodeKind.STEP):
        if split.role is not Role.SPLIT or split.id in known or not _keeps_a_part(graph, split):
            continue
        learnt, kept = (
            frozenset(Rows(row.base, row.cuts | {f"{split.id}>{part}"}) for row in rows.into(split.id)) for part in "01"
        )
        yield Score(split, split, kept, (), learnt, True, Confidence.LIKELY)


def _keeps_a_part(graph: Graph, split: Node) -> bool:
    """Whether a random split is no fold, and only its first part, if any, is learnt from."""
    made = (graph.node(edge.source) for edge in graph.in_edges(split.id) if edge.slot in _MODEL)
    if "random" not in split.traits or any("kfold" in node.traits for node in (split, *made)):
        return False
    learnt = {edge.part for edge in graph.out_edges(split.id) if edge.slot == "data" and _teaches(graph, edge)}
    return learnt <= {"0"}


def _teaches(graph: Graph, edge: Edge) -> bool:
    target = graph.node(edge.target)
    return target.kind is NodeKind.MODEL and target.role in LEARNS


def _is_learned_from(graph: Graph, step: Node) -> bool:
    return any(edge.slot == "data" and graph.node(edge.target).role in LEARNS for edge in graph.out_edges(step.id))


def _taught(graph: Graph) -> dict[str, tuple[Node, ...]]:
    """The backward passes by the models whose answers are in their loss."""
    found: dict[str, dict[str, Node]] = {}
    for fit in graph.nodes(NodeKind.MODEL):
        for answer in answers_in_loss(graph, fit) if fit.role is Role.FIT else ():
            for used in model_used(graph, answer.id):
                found.setdefault(used.id, {})[fit.id] = fit
    return {id: tuple(fits.values()) for id, fits in found.items()}


def fits_behind(graph: Graph, id: str) -> tuple[tuple[Node, ...], bool]:
    """The fits of the models that a prediction or score uses, and whether it uses them directly: not out of a file,
    nor as an object that is kept from the fit to here and of which only the making is the same."""
    used = [graph.node(edge.source) for edge in graph.in_edges(id) if edge.slot in _MODEL]
    fits = tuple(node for node in used if node.kind is NodeKind.MODEL and node.role in LEARNS)
    if fits:
        return fits, True
    ids = identity(graph, *(node.id for node in used if node.role in BRINGS_IN)) if used else frozenset()
    kept = [edge.target for node in used if node.role is Role.CONSTRUCT and not ids
            for edge in graph.out_edges(node.id) if edge.slot in _MODEL]  # fmt: skip
    models = (node for node in map(graph.node, sorted({*ids, *kept})) if node.kind is NodeKind.MODEL)
    told = _kinds(used)
    return tuple(
        node for node in models if (node.id in ids or node.role in LEARNS) and (not told or told >= _kinds((node,)))
    ), False


def _kinds(models: Iterable[Node]) -> frozenset[str]:
    """The libraries of models, as far as what makes, fits or loads them says so: a file that is read as a model of one
    holds none of another."""
    return frozenset(node.callee.rpartition(".")[0] for node in models if node.callee.startswith(_OF_A_MODEL))


def _answers(graph: Graph, step: Node) -> tuple[Node, ...]:
    edges = graph.in_edges(step.id)
    found = {edge.source for edge in edges if _answers_for(graph, graph.node(edge.source))}
    if not found and any(edge.slot in _MODEL and _is_model(graph.node(edge.source)) for edge in edges):
        return (step,)
    return tuple(node for node in map(graph.node, sorted(found)) if "kfold" not in node.traits)


def _answers_for(graph: Graph, node: Node) -> bool:
    """A prediction, or what a calibrator makes of one."""
    if node.kind is NodeKind.TRANSFORM and node.role is Role.TRANSFORM:
        return any(edge.slot in _MODEL and graph.node(edge.source).role is Role.FIT
                   and graph.node(edge.source).kind is NodeKind.MODEL for edge in graph.in_edges(node.id))  # fmt: skip
    return node.kind is NodeKind.PREDICTION


def _is_model(node: Node) -> bool:
    return node.kind is NodeKind.MODEL or node.role in (Role.LOAD, Role.CONSTRUCT)


def _score(
    graph: Graph, rows: RowSets, step: Node, answers: Node, taught: Mapping[str, tuple[Node, ...]]
) -> Score:
    fits, direct = fits_behind(graph, answers.id)
    backward = tuple(dict.fromkeys(fit for used in model_used(graph, answers.id) for fit in taught.get(used.id, ())))
    fits, direct = (backward, True) if backward else (fits, direct)
    trained = frozenset(row for fit in fits for row in rows.into(fit.id))
    asked = rows.into(answers.id)
    if not asked and _is_given_nothing(graph, answers):
        asked = frozenset(row for fit in fits for row in rows.watched_by(fit.id))  # what is given once is scored again
    edges = [edge for node in (answers, *fits) for edge in _told(graph, node)]
    sure = weakest(*(edge.confidence for edge in edges)) if direct else _sure(graph, answers)
    return Score(step, answers, asked, fits, trained, direct, sure)


def _is_given_nothing(graph: Graph, answers: Node) -> bool:
    """Whether a model is asked without data, and not with some that were not followed."""
    return "given" not in answers.traits and not any(edge.slot in _DATA for edge in graph.in_edges(answers.id))


def _sure(graph: Graph, answers: Node) -> Confidence:
    """How sure the model is that comes out of a file: a name with a hole may be another model's."""
    used = [edge.source for edge in graph.in_edges(answers.id) if edge.slot in _MODEL]
    places = [graph.node(edge.source) for id in used for edge in graph.in_edges(id, EdgeKind.READS)]
    return Confidence.LIKELY if all(place.exact for place in places) else Confidence.HINT


def _told(graph: Graph, node: Node) -> Iterator[Edge]:
    return (edge for edge in graph.in_edges(node.id) if edge.slot in _DATA | _MODEL)


class Apart:
    """The scores on rows that something `fitted` did not see."""

    def __init__(self, graph: Graph, fitted: frozenset[Rows], every: Iterable[Score]) -> None:
        self._graph, self._fitted, self._every = graph, fitted, every

    def is_judged(self, score: Score) -> bool:
        """Whether a model of the kind that is scored is also scored on such rows, or one of no known kind on such rows
        of the same table; and where nobody knows of what kind the models are."""
        kinds = _families(self._graph, score)
        return not kinds or self._beside or not kinds.isdisjoint(self._kinds)

    @cached_property
    def _families(self) -> Sequence[tuple[Score, frozenset[str]]]:
        apart = (one for one in self._every if one.rows and not is_among(self._fitted, one.rows))
        return [(one, _families(self._graph, one)) for one in apart]

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset().union(*(kinds for _, kinds in self._families))

    @cached_property
    def _beside(self) -> bool:
        bases = {row.base for row in self._fitted}
        return any(row.base in bases for one, kinds in self._families if not kinds for row in one.rows)


def _families(graph: Graph, score: Score) -> frozenset[str]:
    """What the models of a score are made by; none where that of one is not known."""
    made = [{node.callee for node in made_by(graph, fit)} for fit in score.fits]
    return frozenset[str]().union(*made) if all(made) else frozenset()


def made_by(graph: Graph, fit: Node) -> tuple[Node, ...]:
    """The constructions behind a fit: of the transformer or model, in a pipeline of each of its steps, also where it
    was fitted before."""
    found: dict[str, None] = {}
    todo = [fit.id]
    while todo:
        inner = [edge.source for edge in graph.in_edges(todo.pop()) if edge.slot in _MODEL]
        fresh = [id for id in inner if id not in found and graph.node(id).role in _MADE]
        found.update(dict.fromkeys(fresh))
        todo += fresh
    made = [node for node in map(graph.node, sorted(found)) if node.role is Role.CONSTRUCT]
    parts = [node for node in made if not node.traits & {"pipeline", "composite"}]
    return tuple(parts or made)
