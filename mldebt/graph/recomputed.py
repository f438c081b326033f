"""Read-only questions about features that several pieces of code compute."""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from mldebt import forms
from mldebt.graph.formulas import Formula
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Node, NodeKind
from mldebt.graph.questions import is_ours, saved
from mldebt.graph.sides import DATA_FLOW, MODELS, Sides, behind, fits

MOST_PLACES = 40
MOST_BEHIND = 300
ALIKE = 0.5

_CHANCE = 4
_WITHOUT = "without:"



class Way(enum.Enum):
    """How two computations of one feature go together."""

    SAME = "same"  # nothing differs
    VALUES = "values"  # the constants do
    ROWS = "rows"  # the rows that are counted do
    STEPS = "steps"  # what is done does


_WAYS = (Way.VALUES, Way.ROWS, Way.STEPS, Way.SAME)
_LIKE = (Way.SAME, Way.VALUES, Way.ROWS, Way.STEPS)


@dataclass(frozen=True, slots=True)
class Computed:
    """One piece of code that computes a feature. `learns`: a model is fitted on it; `answers`: one predicts from it;
    `served`: one that was fitted elsewhere, or the file is one that answers."""

    node: Node
    formula: Formula
    learns: bool
    answers: bool
    served: bool

    @property
    def home(self) -> tuple[str, str, str]:
        """The piece of code: a function, a module or notebook, a common table expression."""
        return self.node.at.path, self.node.symbol, self.formula.scope

    @property
    def serves(self) -> bool:
        """Whether it is computed for answers alone."""
        return self.served and not self.learns


@dataclass(frozen=True, slots=True)
class Compared:
    """How two computations go together, and the forms that tell it."""

    way: Way
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pieces of code that compute one feature; the first is the one for serving where one is."""

    one: Computed
    other: Computed
    compared: Compared

    @property
    def way(self) -> Way:
        return self.compared.way

    @property
    def apart(self) -> bool:
        """Whether one is for training and the other for serving."""
        return self.one.serves and self.other.learns


@dataclass(frozen=True, slots=True)
class Repeat:
    """Features that the same two pieces of code compute, with all other places that do."""

    pairs: tuple[Pair, ...]
    others: tuple[Computed, ...]


def repeats(graph: Graph) -> Iterator[Repeat]:
    """The features that are computed more than once, by the two places that tell it best."""
    named = list(_by_name(graph))
    alike = _alike(named)
    clusters = [cluster for places in named for cluster in _clusters(list(_pairs(graph, places, alike)))]
    common = _common(clusters)

    def rank(pair: Pair) -> tuple[object, ...]:
        """Training against serving comes first, then programs, a difference, and what has most in common."""
        both = common[_place(pair.one), _place(pair.other)]
        elsewhere = pair.one.node.at.path != pair.other.node.at.path
        differs = pair.way is Way.SAME, elsewhere, -both, _WAYS.index(pair.way)
        return not pair.apart, _tries_out(pair), *differs, pair.one.node.at, pair.other.node.at

    found: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    others: dict[tuple[object, ...], dict[tuple[str, str, str], Computed]] = defaultdict(dict)
    for cluster in clusters:
        nearest = _nearest(cluster, common)
        best = min(nearest, key=rank)
        inside = [pair for pair in nearest if pair is not best and pair.apart and _is_inside(pair)]
        for pair in (best, *inside):
            key: tuple[object, ...] = (pair.apart, _place(pair.one), _place(pair.other))
            found[key].append(pair)
            others[key] |= {one.home: one for pair in cluster for one in (pair.other, pair.one)}
    for key in sorted(found, key=str):
        pairs = sorted(found[key], key=lambda pair: pair.one.node.at)
        told = {one.home for pair in pairs for one in (pair.one, pair.other)}
        yield Repeat(tuple(pairs), tuple(others[key][home] for home in sorted(others[key]) if home not in told))


def computing_alike(graph: Graph) -> frozenset[frozenset[str]]:
    """The functions, two by two, that compute several features alike, one for training and one for serving."""
    shared: Counter[frozenset[str]] = Counter(
        frozenset({pair.one.node.function, pair.other.node.function})
        for repeat in repeats(graph) for pair in repeat.pairs if pair.apart
    )  # fmt: skip
    return frozenset(functions for functions, count in shared.items() if count > 1)


def _by_name(graph: Graph) -> Iterator[list[Computed]]:
    """The computations of each feature that has several, of code and of SQL apart."""
    inputs, learning = Sides(graph), fits(graph)
    trained = {node.at.path for node in learning}
    learnt = behind(graph, [fit for fit in learning if not fit.at.cell or saved(graph, fit)])  # others try out
    reached = inputs.answered | inputs.learnt
    answering = {node.at.path for node in inputs.serving}
    answering |= {one.path for one in graph.code.definitions if "endpoint" in one.made}
    found: dict[tuple[str, bool], list[Computed]] = defaultdict(list)
    labels, idle = _labels(graph), graph.code.unused_functions()  # a copy that is left over is another matter
    for formula in graph.code.formulas:
        node = graph.node(formula.feature)
        dead = node.function in idle and node.id not in reached
        if is_ours(node) and node.name not in labels and _is_computed(node, formula) and not dead:
            serves = (node.id in inputs.served or node.at.path in answering) and node.at.path not in trained
            serves = serves or (node.id in inputs.asked and node.id not in inputs.learnt)
            one = Computed(node, formula, node.id in learnt, node.id in inputs.answered, serves)
            found[node.name.lower(), "sql" in node.traits].append(one)
    for _, places in sorted(found.items()):
        if len({one.home for one in places}) > 1:
            yield sorted(places, key=lambda one: (one.node.at, one.formula))[:MOST_PLACES]


def _is_computed(node: Node, formula: Formula) -> bool:
    """Whether something is done, and with columns: only queries count rows without any."""
    return bool(forms.weight(formula.form)) and ("sql" in node.traits or bool(forms.columns(formula.form)))


def _labels(graph: Graph) -> frozenset[str]:
    """The columns that models are taught to answer with: these are no features."""
    edges = [edge for edge in graph.edges() if edge.slot == "label"]
    named = {name for edge in edges for name in (edge.part.removeprefix("column:"), edge.column) if name}
    return frozenset(named.union(*(node.traits_of(_WITHOUT) for node in graph.nodes(NodeKind.STEP))))


def _alike(named: Iterable[list[Computed]]) -> Counter[frozenset[object]]:
    """How much two pieces of code compute under the same names in the same way, over all of their features."""
    found: Counter[frozenset[object]] = Counter()
    for places in named:
        for one, other in combinations(places, 2):
            way = _way(one, other)
            if way is not None and (way is not Way.STEPS or "sql" in one.node.traits):
                found[frozenset((one.home, other.home))] += forms.weight(one.formula.form)
    return found


def _pairs(graph: Graph, places: list[Computed], alike: Counter[frozenset[object]]) -> Iterator[Pair]:
    """The pairs that compute one feature. Where a file has several steps of it, no single one tells what it becomes."""
    homes = Counter({one.home: one.node.at.path for one in places}.values())
    for first, second in combinations(places, 2):
        one, other = sorted((first, second), key=lambda place: (not place.serves, place.learns, place.node.at))
        compared = _compared(one, other)
        pair = Pair(one, other, compared) if compared is not None and one.home != other.home else None
        if pair is None or _is_one(one, other) or not (pair.apart or one.node.at.path != other.node.at.path):
            continue
        if not (_reach(one) and _reach(other)) and not _is_copy(pair, alike[frozenset((one.home, other.home))]):
            continue
        several = any(homes[at.node.at.path] > 1 for at in (one, other))
        if pair.way is Way.STEPS and "sql" not in one.node.traits and several:
            continue
        if not _builds_on(graph, one, other) and not _builds_on(graph, other, one):
            yield pair


def _reach(one: Computed) -> bool:
    return one.learns or one.answers


def _is_copy(pair: Pair, alike: int) -> bool:
    """Whether what reaches a model is written a second time, so much of it that nobody does that by chance: itself, or
    with the features beside it."""
    telling = (pair.way is not Way.STEPS or "sql" in pair.one.node.traits) and alike > _CHANCE
    return telling and (_reach(pair.one) or _reach(pair.other))


def _is_one(one: Computed, other: Computed) -> bool:
    """Whether both call one function of the repository, or are cells of notebooks that try something out."""
    return (forms.is_shared(one.formula.form) and forms.is_shared(other.formula.form)) or bool(
        one.node.at.cell and other.node.at.cell
    )


def _way(one: Computed, other: Computed) -> Way | None:
    """How two computations go together; None where they have no more in common than a name."""
    said = _compared(one, other)
    return None if said is None else said.way


def _compared(one: Computed, other: Computed) -> Compared | None:
    """Two computations by what they say, or where that is not alike with what their columns are made of."""
    first, second = one.formula, other.formula
    way = _between(one, other, first.form, second.form)
    if way in (None, Way.STEPS) and (first.whole, second.whole) != (first.form, second.form) and first.whole:
        further = _between(one, other, first.whole, second.whole)
        if further is not None and second.whole:
            return Compared(further, first.whole, second.whole)
    return None if way is None else Compared(way, first.form, second.form)


def _between(one: Computed, other: Computed, first: str, second: str) -> Way | None:
    if forms.is_cut(first) or forms.is_cut(second):
        return None
    if first == second:
        return Way.SAME if one.formula.rows == other.formula.rows else Way.ROWS
    if forms.shape(first) == forms.shape(second):
        return Way.VALUES if forms.differing(first, second) else Way.SAME
    taken = forms.columns(first), forms.columns(second)
    if not taken[0] & taken[1] and any(taken):
        return None
    alike = forms.likeness(first, second) >= ALIKE and "sql" in one.node.traits
    said = min(forms.weight(first), forms.weight(second)) > 1
    for_both = one.serves and other.learns and taken[0] == taken[1] and said
    if for_both and not alike and _goes_further(first, second):
        return Way.SAME
    return Way.STEPS if alike or for_both else None


def _goes_further(first: str, second: str) -> bool:
    """Whether one form is a part of the other: what it lacks may be done to its whole table afterwards."""
    shorter, longer = sorted((first, second), key=len)
    return shorter in longer


def _builds_on(graph: Graph, one: Computed, other: Computed) -> bool:
    """Whether one is a further step behind the other: it takes the feature as the other left it."""
    if other.node.name.lower() not in forms.columns(one.formula.form):
        return False
    seen, todo = {other.node.id}, [other.node.id]
    while todo and len(seen) < MOST_BEHIND:
        for edge in graph.out_edges(todo.pop(0), *DATA_FLOW):
            if edge.target == one.node.id:
                return True
            if edge.target not in seen and graph.node(edge.target).kind not in MODELS:
                seen.add(edge.target)
                todo.append(edge.target)
    return False


def _clusters(pairs: list[Pair]) -> Iterator[list[Pair]]:
    """The pairs that hang together by a place."""
    home: dict[str, str] = {}
    for pair in pairs:
        ids = [home.get(one.node.id, one.node.id) for one in (pair.one, pair.other)]
        home |= {id: min(ids) for id, top in home.items() if top in ids}
        home |= {one.node.id: min(ids) for one in (pair.one, pair.other)}
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        found[home[pair.one.node.id]].append(pair)
    yield from found.values()


def _is_inside(pair: Pair) -> bool:
    """Whether one file computes a feature for its training and once more for its answers: it is mended by itself."""
    return pair.one.node.at.path == pair.other.node.at.path


def _tries_out(pair: Pair) -> bool:
    """Whether one of the two stands in a notebook: what programs do comes first."""
    return bool(pair.one.node.at.cell or pair.other.node.at.cell)


def _nearest(cluster: list[Pair], common: Counter[tuple[object, object]]) -> list[Pair]:
    """For each place that serves, the pair with the code for training that is most like it: that is its counterpart."""

    def distance(pair: Pair) -> tuple[object, ...]:
        like = forms.likeness(pair.one.formula.form, pair.other.formula.form)
        both = common[_place(pair.one), _place(pair.other)]
        elsewhere = pair.one.node.at.path != pair.other.node.at.path
        return _tries_out(pair), _LIKE.index(pair.way), -like, elsewhere, -both, pair.one.node.at, pair.other.node.at

    found: dict[str, Pair] = {}
    for pair in sorted((one for one in cluster if one.apart), key=distance):
        found.setdefault(pair.one.node.id, pair)
    return list(found.values()) or cluster


def _place(one: Computed) -> tuple[str, str]:
    """The file, and in a query its part: what two of them have in common is told once."""
    return one.node.at.path, one.formula.scope


def _common(clusters: Iterable[list[Pair]]) -> Counter[tuple[object, object]]:
    """How many features two places have in common."""
    found: Counter[tuple[object, object]] = Counter()
    for cluster in clusters:
        found.update({(_place(pair.one), _place(pair.other)) for pair in cluster})
    return found
