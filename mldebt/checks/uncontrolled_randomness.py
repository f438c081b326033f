"""A random step behind a model or its evaluation that no seed reaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import Graph, Node, NodeKind
from mldebt.graph.callers import Callers
from mldebt.graph.names import bound_name, model_name
from mldebt.graph.questions import STORES, is_ours
from mldebt.graph.reach import never_called, stands_in_dead
from mldebt.roles import Confidence, Role, Store
from mldebt.trail import MAX_STOPS, Stop

_LEARNS = frozenset({Role.FIT, Role.SEARCH})
_KINDS = frozenset({"model", "search", "transformer"})
"""How the name of a method begins that belongs to a kind of value, in whatever library."""
_JUDGED = _LEARNS | {Role.EVALUATE}
_KEEPERS = frozenset({Store.TABLE, Store.TOPIC})
_UNSURE = frozenset({"unsure", "may-draw"})
"""What nobody knows: which call it is, or whether it draws at all with what it is given."""


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each program and generator, at the first function that draws without a seed: one mends them all."""
    seeds = _Seeds(graph)
    by_routine: dict[tuple[str, str], list[tuple[Node, Node]]] = defaultdict(list)
    for draw in graph.nodes():
        if "unseeded" in draw.traits and is_ours(draw) and not seeds.reach(draw):
            affected = _affected(graph, draw)
            if affected is not None:
                by_routine[draw.at.path, draw.symbol].append((draw, affected))
    idle = never_called(graph)
    of_programs: dict[str, list[tuple[frozenset[str], Hit]]] = defaultdict(list)
    for routine, draws in by_routine.items():
        draws.sort(key=_order)
        hit, drawn_from = _hit(graph, seeds, draws, idle=stands_in_dead(idle, *routine)), seeds.drawn_from(draws[0][0])
        if drawn_from and hit.confidence is Confidence.LIKELY:
            of_programs[drawn_from].append((seeds.files(draws[0][0]), hit))
        else:
            yield hit
    for hits in of_programs.values():
        yield from (_joined(program) for program in _programs(hits))


def _programs(hits: Sequence[tuple[frozenset[str], Hit]]) -> Iterator[list[Hit]]:
    """Draws that are reached from one file stand together: one seed that is set there reaches all of them."""
    programs: list[tuple[frozenset[str], list[Hit]]] = []
    for files, hit in hits:
        near = [one for one in programs if one[0] & files]
        programs = [one for one in programs if not one[0] & files]
        reached = files.union(*(one for one, _ in near))
        programs.append((reached, [hit, *(other for _, others in near for other in others)]))
    yield from (found for _, found in programs)


def _joined(hits: list[Hit]) -> Hit:
    first, *others = sorted(hits, key=lambda hit: (hit.at.path, hit.at.file_line, hit.keys))
    if not others:
        return first
    more = (*first.related, *(stop for hit in others for stop in (replace(hit.trail[0], at=hit.at), *hit.related)))
    details = {**first.details, "count": str(len(others))}
    return replace(first, details=details, variant="program", related=more[:MAX_STOPS])


def _order(pair: tuple[Node, Node]) -> tuple[object, ...]:
    """What surely draws first."""
    draw, _ = pair
    return bool(draw.traits & _UNSURE), draw.at, draw.id


class _Seeds:
    """The calls that fix a global generator, and which code they reach."""

    def __init__(self, graph: Graph) -> None:
        self._callers = Callers(graph)
        self._drawn_from = dict(graph.code.generators)
        self._fixing: dict[str, list[Node]] = defaultdict(list)
        for id, generators in graph.code.seeds:
            for generator in generators if is_ours(graph.node(id)) else ():
                self._fixing[generator].append(graph.node(id))

    def drawn_from(self, draw: Node) -> str:
        """The generator of a library that it draws from where it gets none of its own; empty where it has no such."""
        return self._drawn_from.get(draw.id, "")

    def files(self, draw: Node) -> frozenset[str]:
        """From where it surely is reached."""
        return self._callers.files_above(draw) & self._callers.files_importing(draw.at.path)

    def reach(self, draw: Node) -> bool:
        """Whether a seed is set in a file from which the draw is reached, too."""
        files = self._callers.files_above(draw)
        return any(files & self._callers.files_above(seed) for seed in self._fixing[self.drawn_from(draw)])

    def near(self, draw: Node) -> list[Node]:
        """The seeds of the generator from which this draws, anywhere in its component."""
        return [seed for seed in self._fixing[self.drawn_from(draw)] if seed.component == draw.component]


def _affected(graph: Graph, draw: Node) -> Node | None:
    """The nearest fit or score that depends on what is drawn."""
    if draw.role in _LEARNS:
        return draw
    if _makes_data_up(graph, draw) and not _sets_a_model(graph, draw):
        return None
    # A score of all rows is the same in any order.
    wanted = _LEARNS if "order-only" in draw.traits else _JUDGED
    found = (node for node in graph.downstream(draw.id) if node.role in wanted and node.kind is not NodeKind.TRANSFORM)
    return next((node for node in found if is_ours(node) and not _is_learned_from(graph, node)), None)


def _is_learned_from(graph: Graph, score: Node) -> bool:
    """Whether it is the loss of a training, which comes behind it."""
    return score.role is Role.EVALUATE and any(node.role in _LEARNS for node in graph.successors(score.id))


def _is_look(graph: Graph, judged: Node) -> bool:
    """A fit or score in a notebook of which nothing is kept."""
    return bool(judged.at.cell) and not any(node.role in STORES for node in graph.downstream(judged.id))


def _is_simulated(graph: Graph, draw: Node, judged: Node) -> bool:
    """Whether numbers are drawn that come to a model by way of a table or topic: what fills those with them stands in
    for the world, and the rows are kept."""
    way = graph.path(draw.id, judged.id) if draw.role is Role.SAMPLE else ()
    return any(graph.node(edge.target).store in _KEEPERS for edge in way)


def _makes_data_up(graph: Graph, draw: Node) -> bool:
    """Whether it draws numbers out of nothing, as demonstrations do, and not from or for given data."""
    drawn = [draw]
    if draw.role is Role.CONSTRUCT:
        drawn = [node for node in graph.successors(draw.id) if node.role is Role.SAMPLE]
    return any(node.role is Role.SAMPLE for node in drawn) and not any(_has_data(graph, node, draw) for node in drawn)


def _sets_a_model(graph: Graph, draw: Node) -> bool:
    """Whether a model that learns is made with what is drawn: its size, its rate, and no rows."""
    given = [graph.node(edge.target) for edge in graph.out_edges(draw.id) if edge.slot not in ("data", "label")]
    made = [node for node in given if node.role is Role.CONSTRUCT]
    return any(use.role in _LEARNS for node in made for use in graph.successors(node.id))


def _has_data(graph: Graph, node: Node, generator: Node) -> bool:
    """Whether something is behind it that was not drawn out of nothing itself, as a number of drawn rows is."""
    seen, todo = {node.id}, [node.id]
    while todo:
        here = graph.node(todo.pop())
        sources = [one for one in graph.predecessors(here.id) if one.kind is not NodeKind.SETTING]
        sources = [one for one in sources if one.id not in seen and one.id != generator.id]
        if here.role is not Role.SAMPLE and not sources and here.role is not Role.CONSTRUCT:
            return True
        seen |= {one.id for one in sources}
        todo += [one.id for one in sources]
    return False


def _hit(graph: Graph, seeds: _Seeds, draws: list[tuple[Node, Node]], *, idle: bool) -> Hit:
    """`idle`: of code that nothing calls, which trains no model."""
    draw, affected = draws[0]
    unsure = bool(seeds.near(draw) or draw.traits & _UNSURE) or all(_is_look(graph, judged) for _, judged in draws)
    unsure = idle or unsure or all(_is_simulated(graph, one, judged) for one, judged in draws)
    others = tuple(dict.fromkeys(other.at for other, _ in draws if other.at != draw.at))
    return Hit(
        at=draw.at,
        details={"function": _called(draw), "what": _named(graph, affected)},
        keys=(draw.symbol, draw.callee),
        confidence=Confidence.HINT if unsure else Confidence.LIKELY,
        symbol=draw.symbol,
        trail=(
            Stop(draw.at, f"draws: {_called(draw)}"), Stop(affected.at, f"depends on it: {_named(graph, affected)}"),
        ),
        related=tuple(Stop(at, "draws: also without a seed") for at in others[:MAX_STOPS]),
        variant="time" if "seed-of-the-time" in draw.traits else "",
    )  # fmt: skip


def _called(draw: Node) -> str:
    """The call as it is written where it is a method's, otherwise the library's name for it."""
    method = draw.callee.rpartition(".")[2]
    if draw.callee.partition(".")[0] in _KINDS:
        return draw.name if draw.name.endswith(f".{method}") else f"{draw.name}.{method}"
    return draw.name if draw.name.endswith(f".{method}") else draw.callee or draw.name


def _named(graph: Graph, node: Node) -> str:
    if node.role is Role.EVALUATE:
        return f"the score `{node.name}`"
    if "selector" in node.traits:
        return "the choice of columns"
    searches = node.role is Role.SEARCH  # what it finds may be kept under the name of another run
    word, name = ("search", bound_name(node)) if searches else ("model", model_name(graph, node))
    return f"the {word} `{name}`" if name else f"a {word}"
