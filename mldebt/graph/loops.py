"""Read-only questions about loops: by which ways a model's own predictions come back into its training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mldebt.graph.graph import Graph, remembered
from mldebt.graph.handovers import entry_file
from mldebt.graph.nodes import Edge, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, STORES, identity, is_ours, is_ready_made, model_used, trainings
from mldebt.graph.ways import Way, ways_into
from mldebt.roles import Confidence, weakest

_MOST_BETWEEN = 3


@dataclass(frozen=True, slots=True)
class Loop:
    """The ways, in the order of the data, that lead from a prediction of a model to its own training. `through` are
    the predictions of other models between them; `shared` is what makes the first and the last one model, `models`
    what makes all of them: two models that feed each other are one cycle, wherever one begins to tell it."""

    fit: Node
    ways: tuple[Way, ...]
    through: tuple[Node, ...]
    shared: frozenset[str]
    models: frozenset[str]

    @property
    def start(self) -> str:
        """The prediction that comes back."""
        return self.ways[0].start

    @property
    def reads(self) -> tuple[Edge, ...]:
        """The places where something comes out of an artifact, in the order of the data."""
        return tuple(edge for way in self.ways for edge in way.reads)

    @property
    def named(self) -> bool:
        """Whether every column on the way is known by name."""
        return all(way.named for way in self.ways)

    @property
    def confidence(self) -> Confidence:
        """As sure as the weakest of the ways."""
        return weakest(*(way.confidence for way in self.ways))


class Loops:
    """The loops of one graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        made = [node for node in graph.nodes(NodeKind.PREDICTION) if is_ours(node)]
        self._models = {p.id: identity(graph, *(used.id for used in model_used(graph, p.id))) for p in made}
        self._fits = {fit.id: identity(graph, fit.id) for fit in trainings(graph) if is_ours(fit)}
        self._reached: dict[frozenset[str], frozenset[str]] = {}
        self._before: dict[str, tuple[Way, ...]] = {}

    def direct(self) -> Iterator[Loop]:
        """Loops of one way: the predictions themselves, or what is done because of them, come back."""
        for id, same in self._fits.items():
            own = self._own(same)
            for way in self._ways(id) if self._is_reached(id, own) else ():
                if way.start in own and self._comes_back(way, id):
                    yield Loop(self._graph.node(id), (way,), (), self._models[way.start] & same, same)

    def through_others(self) -> Iterator[Loop]:
        """Loops through predictions of other models, which were fed with the model's own ones or learned from them."""
        for id, same in self._fits.items():
            chains = self._chains(id, same) if self._is_reached(id, self._own(same)) else ()
            for ways, through in chains:
                models = same.union(*(self._models[one.id] for one in through))
                loop = Loop(self._graph.node(id), ways, through, self._models[ways[0].start] & same, models)
                if loop.reads and self._is_elsewhere(loop.start, id) and not ways[-1].chosen:
                    yield loop

    def _own(self, same: frozenset[str]) -> frozenset[str]:
        return frozenset(id for id, model in self._models.items() if model & same)

    def _is_reached(self, fit: str, own: frozenset[str]) -> bool:
        """Whether anything of these predictions goes into a fit at all: to look for the way takes longer."""
        if own not in self._reached:
            self._reached[own] = frozenset(node.id for node in self._graph.reached(own))
        return fit in self._reached[own]

    def _ways(self, id: str) -> tuple[Way, ...]:
        if id not in self._before:
            self._before[id] = tuple(ways_into(self._graph, id, lambda node: node.kind is NodeKind.PREDICTION))
        return self._before[id]

    def _chains(self, fit: str, same: frozenset[str]) -> Iterator[tuple[tuple[Way, ...], tuple[Node, ...]]]:
        """The shortest chain of ways from each own prediction into a fit that passes another model."""
        own = self._own(same)
        todo: list[tuple[str, tuple[Way, ...], tuple[Node, ...]]] = [(fit, (), ())]
        seen = {fit}
        while todo:
            id, ways, through = todo.pop(0)
            for before in self._into(id, way_of=not ways):
                start = before.start
                if start in own and through:
                    yield (before, *ways), through
                elif start not in own and start not in seen and self._may_pass(start) and len(through) < _MOST_BETWEEN:
                    seen.add(start)
                    todo.append((start, (before, *ways), (self._graph.node(start), *through)))

    def _into(self, id: str, *, way_of: bool) -> Iterator[Way]:
        """What reaches a fit; or a prediction, by what it is made for, or by what its model has learned from."""
        yield from self._ways(id)
        if not way_of:
            for fit, model in self._fits.items():
                if model & self._models.get(id, frozenset()):
                    yield from self._ways(fit)

    def _may_pass(self, prediction: str) -> bool:
        node = self._graph.node(prediction)
        return bool(self._models.get(prediction)) and not is_ready_made(self._graph, node)

    def _comes_back(self, way: Way, fit: str) -> bool:
        """Whether predictions of one run reach the training of another; a label must be known by name."""
        return bool(way.reads) and self._is_elsewhere(way.start, fit) and (way.named or not way.as_label)

    def _is_elsewhere(self, prediction: str, fit: str) -> bool:
        made, learned = self._graph.node(prediction), self._graph.node(fit)
        return (made.at.path, made.symbol) != (learned.at.path, learned.symbol)


@remembered
def loops_of(graph: Graph) -> Loops:
    """The loops of a graph: the rules that ask for them share the ways into fits."""
    return Loops(graph)


def component_between(graph: Graph, loop: Loop, homes: Mapping[str, str]) -> tuple[str, Node] | None:
    """The component that reads what was predicted, makes something of it and stores that, where it is neither the one
    that predicts nor the one that learns; with the step that stores."""
    way = loop.ways[0]
    steps = [graph.node(edge.target) for edge in way.edges]
    reads = [place for place, step in enumerate(steps) if step.role in BRINGS_IN]
    if len(loop.ways) != 1 or len(reads) < 2:
        return None
    ends = {_home(graph.node(way.start), homes), _home(loop.fit, homes)}
    between = (step for step in steps[reads[0] : reads[-1]] if step.role in STORES)
    return next(((home, step) for step in between if (home := _home(step, homes)) and home not in ends), None)


def known_as(graph: Graph, loop: Loop) -> str:
    """The file a model is kept in, as that is the name people know it by; else what it is bound to."""
    kept = sorted(graph.node(id).name for id in loop.shared if graph.node(id).kind is NodeKind.ARTIFACT)
    return kept[0] if kept else loop.fit.name


def _home(step: Node, homes: Mapping[str, str]) -> str:
    return homes.get(entry_file(step), step.component)
