"""Stretches of steps on data or models that stand several times inside of functions, word by word."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from mldebt import facts
from mldebt.graph.code import Definition
from mldebt.graph.copied_code import Copy
from mldebt.link.machine import Machine
from mldebt.link.step_words import SILENT, Roles, word

FEWEST_STEPS, FEWEST_LINES, FEWEST_HANDLED = 20, 5, 3
"""A stretch has so many steps at the least, on so many lines, and so many of them handle rows or models."""
SURE_LINES = 8
"""A stretch whose steps begin on so many lines is written twice by no chance."""
DISTINCT = 0.7
"""So many of the runs of a stretch are no repetition of others in it: a list of like statements is long, too."""
LOOSE = 4
"""A stretch has at the most so many times as many lines as it has steps on."""
_GRAM, _RUN = 8, 4
_BLOCKS = (facts.Branch, facts.Loop, facts.Try, facts.Handler)
_MOST_SHARING = 24
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Body:
    """A function or a script, step by step: the words, the lines on which they stand, where they begin and end, and the
    roles of those that handle rows or models."""

    unit: int
    definition: Definition
    words: tuple[str, ...]
    lines: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    roles: Roles


@dataclass(frozen=True, slots=True, order=True)
class _Block:
    """A stretch of the steps of a body."""

    body: int
    first: int
    length: int

    @property
    def steps(self) -> range:
        return range(self.first, self.first + self.length)


def copied_blocks(
    machine: Machine, written: Iterable[tuple[int, Definition, Roles]], together: Collection[frozenset[str]]
) -> Iterator[tuple[Copy, ...]]:
    """The groups of stretches that are alike. `together` are the functions that are told as copies as a whole."""
    bodies = [_body(machine, *one) for one in written]
    for found in _groups(bodies):
        group = _untold(bodies, found, together)
        if len(group) > 1:
            yield tuple(_copy(machine, bodies, block) for block in group)


def _untold(bodies: Sequence[_Body], group: list[_Block], together: Collection[frozenset[str]]) -> list[_Block]:
    """Of stretches in functions that are told together the first."""
    for whole in together:
        inside = [block for block in group if bodies[block.body].definition.id in whole]
        if len({block.body for block in inside}) > 1:
            group = [block for block in group if block not in inside[1:]]
    return group


def _body(machine: Machine, unit: int, definition: Definition, roles: Roles) -> _Body:
    file = machine.program.file_of[unit]
    starts = machine.program.facts[file].lines
    kept = [(at, step) for at, step in enumerate(machine.program.body(unit)) if not isinstance(step, SILENT)]
    spans = places([step for _, step in kept])
    return _Body(
        unit, definition,
        tuple(word(step) for _, step in kept),
        tuple(bisect_right(starts, start) for start, _ in spans),
        tuple(spans),
        {number: roles[at] for number, (at, _) in enumerate(kept) if at in roles},
    )  # fmt: skip


def places(steps: Sequence[facts.Step]) -> list[tuple[int, int]]:
    """Where steps stand: a block where it begins, one that no text stands for where the one before it is, and one in
    which ways meet where the next one begins."""
    spans = [(0, 0)]
    for step in steps:
        end = step.start if isinstance(step, _BLOCKS) else step.end
        spans.append((step.start, end) if step.end else spans[-1])
    for at in reversed(range(len(steps) - 1)):
        if isinstance(steps[at], facts.Phi):
            spans[at + 1] = (spans[at + 2][0],) * 2
    return spans[1:]


def _groups(bodies: Sequence[_Body]) -> Iterator[list[_Block]]:
    """The longest first; no step is in two of them, and none of them stands in notebooks alone."""
    taken = [[False] * len(body.words) for body in bodies]
    for group in sorted(_found(bodies).values(), key=lambda group: (-group[0].length, group)):
        kept: list[_Block] = []
        for block in group:
            apart = not kept or kept[-1].body != block.body or kept[-1].steps.stop <= block.first
            if apart and not any(taken[block.body][at] for at in block.steps):
                kept.append(block)
        if len(kept) > 1 and any(bodies[block.body].definition.path.endswith(".py") for block in kept):
            for block in kept:
                taken[block.body][block.first : block.steps.stop] = [True] * block.length
            yield kept


def _found(bodies: Sequence[_Body]) -> dict[_Place, list[_Block]]:
    """The stretches that are alike, by the place of the first of them."""
    having: dict[tuple[str, ...], list[_Place]] = defaultdict(list)
    for number, body in enumerate(bodies):
        for at in range(len(body.words) - _GRAM + 1):
            having[body.words[at : at + _GRAM]].append((number, at))
    found: dict[_Place, dict[_Place, int]] = defaultdict(dict)
    for places in having.values():
        for first, second in combinations(places, 2) if len(places) <= _MOST_SHARING else ():
            length = _length(bodies, first, second)
            if length and _tells(bodies[first[0]], first[1], length) and _tells(bodies[second[0]], second[1], length):
                found[first][second] = length
    return {first: _blocks(first, others) for first, others in found.items()}


def _blocks(first: _Place, others: dict[_Place, int]) -> list[_Block]:
    shortest = min(others.values())
    return sorted(_Block(body, at, shortest) for body, at in (first, *others))


def _length(bodies: Sequence[_Body], first: _Place, second: _Place) -> int:
    """How many steps from two places on are alike; none, where they are before, too."""
    one, other = bodies[first[0]].words, bodies[second[0]].words
    at, to = first[1], second[1]
    if at and to and one[at - 1] == other[to - 1]:
        return 0
    most = min(len(one) - at, len(other) - to, to - at if first[0] == second[0] else len(one))
    return next((step for step in range(most) if one[at + step] != other[to + step]), most)


def _tells(body: _Body, at: int, length: int) -> bool:
    """Whether a stretch is long, handles rows or models several times, and does not do one thing over and over."""
    words, lines = body.words[at : at + length], body.lines[at : at + length]
    runs = [words[start : start + _RUN] for start in range(length - _RUN + 1)]
    return (
        length >= FEWEST_STEPS
        and len(set(lines)) >= FEWEST_LINES
        and max(lines) - min(lines) < LOOSE * len(set(lines))
        and sum(at <= place < at + length for place in body.roles) >= FEWEST_HANDLED
        and len(set(runs)) >= DISTINCT * len(runs)
    )


def _copy(machine: Machine, bodies: Sequence[_Body], block: _Block) -> Copy:
    body = bodies[block.body]
    whole = _whole_lines(body, block)
    spans = [body.spans[at] for at in whole]
    place = (machine.program.file_of[body.unit], min(start for start, _ in spans), max(end for _, end in spans))
    one, span = body.definition, machine.program.span(place)
    sure = len({body.lines[at] for at in whole}) >= SURE_LINES  # a list of names is long and does nothing
    return Copy(span, one.id, one.name, 100, part=True, sure=sure)


def _whole_lines(body: _Body, block: _Block) -> range:
    """A stretch without the line that begins before it, and without the one that ends behind it."""
    first, end, lines = block.first, block.steps.stop, body.lines
    if first and lines[first - 1] == lines[first]:
        first = next(at for at in block.steps if lines[at] != lines[block.first])
    if end < len(lines) and lines[end] == lines[end - 1]:
        end = 1 + max(at for at in block.steps if lines[at] != lines[end])
    return range(first, end) if first < end else block.steps
