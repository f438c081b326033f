"""Read-only questions about how images are made ready: what a network learns from, and what it is asked about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from mldebt import forms
from mldebt.graph.formulas import CHANGES
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Node, NodeKind
from mldebt.graph.questions import answers_in_loss, is_ours, is_ready_made
from mldebt.graph.sides import fits, predictions
from mldebt.roles import Role

_COMPOSED = frozenset({"composite", "stateless"})
_NORMALIZES, _RESIZES = "normalizes", "resizes"
_LEAST_SIZE = 16
_FURTHEST = 3


@dataclass(frozen=True, slots=True)
class Skew:
    """Images are made ready in two ways: `asked` where a model answers that was taught elsewhere, `learnt` where one
    learns. `part` is the step that one of them lacks, or that has other numbers than `other`; `lacks`: it is missing
    where the model answers."""

    asked: Node
    learnt: Node
    part: Node
    other: Node | None = None
    lacks: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A chain of steps that images go through, and those of them that normalize and that give the last size."""

    node: Node
    normalizes: Node | None
    resizes: Node | None


def skews(graph: Graph) -> Iterator[Skew]:
    """The chains of programs that ask a loaded model, of which those that a network learns behind all differ."""
    made = [_prepared(graph, node) for node in graph.nodes(NodeKind.STEP) if node.traits >= _COMPOSED and is_ours(node)]
    chains: dict[str, list[_Prepared]] = defaultdict(list)
    for one in sorted(made, key=lambda one: one.node.at):
        chains[one.node.at.path].append(one)
    learning = [fit for fit in fits(graph) if not fit.at.cell and answers_in_loss(graph, fit)] if made else []
    taught = _taught(graph, {fit.at.path for fit in learning}, chains)
    trained = {node.at.path for node in fits(graph)}
    asking = {node.at.path for node in predictions(graph) if not is_ready_made(graph, node)} - trained
    numbers = {one.feature: one.form for one in graph.code.formulas if graph.node(one.feature).traits & CHANGES}
    for path in sorted(asking & chains.keys() if taught else ()):
        yield from islice(_of_file(chains[path], taught, numbers), 1)


def _taught(graph: Graph, files: set[str], chains: dict[str, list[_Prepared]]) -> list[_Prepared]:
    """The chains of files in which a network learns, or of those that they import where they make none."""
    for _ in range(_FURTHEST):
        found = [one for path in sorted(files) for one in chains.get(path, ())]
        if found:
            return found
        files = {one.path for one in graph.code.local_imports if one.at.path in files}
    return []


def _of_file(asked: list[_Prepared], taught: list[_Prepared], numbers: dict[str, str]) -> Iterator[Skew]:
    """How the chains of a file that asks differ from all that a network learns behind, what tells most first."""
    first, known = asked[0], taught[0]
    here = [one.normalizes for one in asked if one.normalizes]
    there = [one.normalizes for one in taught if one.normalizes]
    if not here and len(there) == len(taught):
        yield Skew(first.node, known.node, there[0], lacks=True)
    elif not there and len(here) == len(asked):
        yield Skew(first.node, known.node, here[0])
    elif here and there and _differ(_scales(here, numbers), _scales(there, numbers)):
        yield Skew(first.node, known.node, here[0], there[0])
    sized, cut = [one.resizes for one in asked], [one.resizes for one in taught]
    if _differ(_sizes(sized, numbers), _sizes(cut, numbers)) and sized[0] is not None and cut[0] is not None:
        yield Skew(first.node, known.node, sized[0], cut[0])


def _differ(one: frozenset[object], other: frozenset[object]) -> bool:
    """Whether both are known, and have nothing in common."""
    return bool(one and other) and None not in one | other and one.isdisjoint(other)


def _scales(steps: Iterable[Node], numbers: dict[str, str]) -> frozenset[object]:
    """The numbers by which each normalizes; None where they are not said in the code."""
    return frozenset(_said(numbers.get(step.id, "")) for step in steps)


def _sizes(steps: Iterable[Node | None], numbers: dict[str, str]) -> frozenset[object]:
    """The sizes that each gives, in pixels, whichever way they are said."""
    found = (None if step is None else _said(numbers.get(step.id, "")) for step in steps)
    return frozenset(None if said is None else frozenset(filter(_is_size, said)) or None for said in found)


def _is_size(number: str) -> bool:
    """Whether a number is one of pixels, and no share."""
    return number.isdigit() and int(number) > _LEAST_SIZE


def _said(form: str) -> tuple[str, ...] | None:
    """The numbers of a form; None where one of them is not known."""
    return None if forms.SOME in form or not form else forms.constants(form)


def _prepared(graph: Graph, node: Node) -> _Prepared:
    steps = list(_steps(graph, node))
    normal = [step for step in steps if _NORMALIZES in step.traits]
    sizing = [step for step in steps if _RESIZES in step.traits]
    return _Prepared(node, normal[-1] if normal else None, sizing[-1] if sizing else None)


def _steps(graph: Graph, node: Node, depth: int = 0) -> Iterator[Node]:
    """The steps of a chain in the order of the code, those of inner chains with them."""
    parts = {edge.source: graph.node(edge.source) for edge in graph.in_edges(node.id)}
    for part in sorted(parts.values(), key=lambda one: (one.at, one.id)):
        if part.role is Role.CONSTRUCT and "stateless" in part.traits and depth < 3:
            yield part
            yield from _steps(graph, part, depth + 1)
