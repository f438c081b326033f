"""Functions with steps on data or models that are written again elsewhere, with small differences.

Functions are compared by runs of their steps. A step is known by what it does and by the names it says of libraries,
attributes and keywords; local names and the values of constants may differ. This is the comparison by token shingles of
Roy, Cordy and Koschke, "Comparison and evaluation of code clone detection techniques" (2009), section 3, on the steps
in place of the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import combinations

from mldebt import facts
from mldebt.graph.code import SERVED, Definition
from mldebt.graph.copied_code import Copy
from mldebt.link.copied_blocks import copied_blocks
from mldebt.link.machine import Machine
from mldebt.link.networks import networks
from mldebt.link.step_words import BRINGS, LIFE, SILENT, Roles, asking, described, handling, name, word
from mldebt.roles import Role
from mldebt.source import Purpose

FEWEST_STEPS = 20
FEWEST_SAME = 12
"""So many steps a function has at the least; of one that is the same to the letter, so many."""
FEWEST_LINES = 4
"""What stands on fewer lines is soon written again by chance."""
ALIKE, NEARLY = 0.5, 0.35
"""So many of the runs of two functions are the same; or so many, where most of the steps stand in the same order."""
IN_ORDER, IN_ORDER_BESIDE = 0.85, 0.8
"""So many of the steps of two functions stand in the same order: of two in several files, and of two in one."""
CALLED_ALIKE = 0.9
"""So many, of two in several files that have one name."""
HANDLED_ALIKE, HANDLER_IN, HANDLER_IN_ORDER = 30, 0.5, 0.65
"""So many steps two functions of a file have that both answer requests by a model, so many runs of the one stand in the
other, and so many of their steps stand in the same order."""
FEWEST_BESIDE = 40
"""So many steps a function has at the least that is compared with one of the same file."""
MOST_COMPARED = 2_000_000
"""Steps of one function times those of the other up to which their order is compared: that takes as long."""
_OF_MODELS = LIFE | {Role.PERSIST}
_RUN = 4
_MOST_SHARING = 60
"""A run of steps that more functions have says nothing of any two of them."""
_MOST_TOLD = 3
_LONGEST = 40
_Run = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """A function: its steps, the runs of them, and all that it says, values too. `changes`: it does more with rows or
    models than to read and store them; `declares`: it only says what models are made of; `answers`: it answers requests
    by a model; `helps`: it does none of that, and such code calls it; `lines` hold its steps."""

    definition: Definition
    steps: tuple[str, ...]
    runs: frozenset[_Run]
    said: Counter[str]
    values: _Run
    changes: bool
    declares: bool
    answers: bool
    helps: bool
    lines: int


def copied_code(machine: Machine, definitions: Iterable[Definition]) -> tuple[tuple[Copy, ...], ...]:
    """The groups of functions of production code that are written alike, and of stretches in them that are."""
    bodies = list(_bodies(machine, definitions))
    known = [one for one in (_written(machine, *body) for body in bodies) if one is not None]
    pairs = [pair for pair in _candidates(known) if _are_alike(known[pair[0]], known[pair[1]])]
    groups = [part for group in _joined(pairs) for part in _parted([known[at] for at in group])]
    found = [tuple(_copies(group)) for group in groups]
    together = [frozenset(copy.id for copy in group) for group in found]
    busy = [body for body in bodies if body[2]]
    made = networks(machine, busy)
    life = {one.id for _, one, roles in bodies if any(map(_OF_MODELS.intersection, roles.values()))}
    written = (*found, *copied_blocks(machine, busy, together))
    return tuple(sorted(tuple(_judged(copy, made, life) for copy in group) for group in written))


def _judged(copy: Copy, made: Collection[str], life: Collection[str]) -> Copy:
    return replace(copy, network=copy.id in made, life=copy.id in life)


def _bodies(machine: Machine, definitions: Iterable[Definition]) -> Iterator[tuple[int, Definition, Roles]]:
    """The functions of production code, and what scripts do outside of any, that handle rows or models, and the helpers
    of such code, which have no roles."""
    named = {one.id: one for one in definitions if one.purpose is Purpose.PRODUCTION}
    no_rows, found = described(machine), []
    for unit, info in enumerate(machine.program.units):
        path = machine.program.path_of(unit)
        id = f"module:{path}" if info.kind == "module" else f"function:{path}:{info.id}"
        definition = named.get(id) if info.kind in ("function", "module") else None
        if definition is not None and not definition.abstract:
            found.append((unit, definition, handling(machine, unit, no_rows)))
    asked = asking(machine, [unit for unit, _, roles in found if any(map(LIFE.intersection, roles.values()))])
    busy = {unit for unit, _, roles in found if roles}.union(asked)
    helping = _called_by(machine, busy)
    for unit, definition, roles in found:
        handled = {**asked.get(unit, {}), **roles} if definition.kind == "function" else roles
        if (handled or unit in helping) and len(machine.program.body(unit)) >= FEWEST_SAME:
            yield unit, definition, handled


def _called_by(machine: Machine, busy: Collection[int]) -> frozenset[int]:
    """What code that handles rows or models calls, and what that calls."""
    callees: dict[int, set[int]] = defaultdict(set)
    for caller, callee, _ in machine.calls:
        callees[caller].add(callee)
    seen, todo = set(busy), list(busy)
    while todo:
        new = callees[todo.pop()] - seen
        seen |= new
        todo += new
    return frozenset(seen)


def _written(machine: Machine, unit: int, definition: Definition, roles: Roles) -> _Written | None:
    """A function, or what a script does outside of any, as it is compared; None where it is short."""
    body = machine.program.body(unit)
    handled: frozenset[Role | None] = frozenset().union(*roles.values())
    words = [(step, word(step)) for step in body]
    steps = tuple(said for step, said in words if not isinstance(step, SILENT))
    if len(steps) < FEWEST_SAME:
        return None
    runs = frozenset(steps[at : at + _RUN] for at in range(len(steps) - _RUN + 1))
    values = tuple(_values(machine, unit, words))
    shown = {step.value for step in body if isinstance(step, facts.Show)}
    said = Counter(value for at, step in enumerate(body) if at not in shown and (value := _said(step)))
    starts = machine.program.facts[machine.program.file_of[unit]].lines
    lines = {bisect_right(starts, step.start) for step in body if step.end and not isinstance(step, SILENT)}
    changes, declares = not handled <= BRINGS, handled == {Role.CONSTRUCT}
    asks = not SERVED.isdisjoint(definition.made) and not handled.isdisjoint((Role.PREDICT, None))
    answers = asks and (len(roles) > 1 or _calls_several(machine, unit))
    return _Written(definition, steps, runs, said, values, changes, declares, answers, not handled, len(lines))


def _calls_several(machine: Machine, unit: int) -> bool:
    """Whether a function puts several others together: two that only hand on have but their errors in common."""
    called = {callee for caller, callee, _ in machine.calls if caller == unit}
    return sum(machine.info(callee).kind == "function" for callee in called) > 1


def _values(machine: Machine, unit: int, words: Iterable[tuple[facts.Step, str]]) -> Iterator[str]:
    """All that a unit does and with which constants; what it only says about itself is none of it."""
    file = machine.program.file_of[unit]
    for step, said in words:
        if not isinstance(step, (facts.Const, facts.Show)):
            yield said
        elif isinstance(step, facts.Const) and (file, step.start, step.end) not in machine.noted.bare:
            yield repr(step.value)


def _said(step: facts.Step) -> str:
    """What a step says that a reader would see differ: a number, or a name. A text may hold what nobody should see."""
    if isinstance(step, facts.Const):
        shown = isinstance(step.value, (int, float))
        return repr(step.value)[:_LONGEST] if shown else ""
    return name(step) if isinstance(step, (facts.Load, facts.Attribute)) else ""


def _candidates(known: list[_Written]) -> Iterator[tuple[int, int]]:
    """Pairs that have some run in common; of helpers those of one name."""
    having: dict[_Run, list[int]] = defaultdict(list)
    called: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(known):
        called[_last(one)].append(at)
        for run in () if one.helps else one.runs:
            having[run].append(at)
    telling = (some for some in having.values() if len(some) <= _MOST_SHARING)
    found = {pair for some in telling for pair in combinations(some, 2)}
    named = (pair for some in called.values() if len(some) <= _MOST_SHARING for pair in combinations(some, 2))
    yield from sorted(found.union(pair for pair in named if any(known[at].helps for at in pair)))


def _are_alike(one: _Written, other: _Written) -> bool:
    if one.definition.overrides and other.definition.overrides:
        return False
    beside = one.definition.path == other.definition.path
    if _are_handlers(one, other) if beside else _are_called_alike(one, other):
        return True
    if min(len(one.steps), len(other.steps)) < (FEWEST_BESIDE if beside else FEWEST_STEPS):
        return not beside and one.values == other.values
    if not (one.changes and other.changes):
        return not beside and one.values == other.values
    fewer, more = sorted((len(one.runs), len(other.runs)))
    if fewer / more < NEARLY:
        return False
    alike = _overlap(one, other)
    if alike < NEARLY or (beside and alike < ALIKE):
        return False
    if not beside and alike >= ALIKE:
        return True
    return not one.declares and _order(one, other) >= (IN_ORDER_BESIDE if beside else IN_ORDER)


def _are_called_alike(one: _Written, other: _Written) -> bool:
    """Whether two functions of several files are called by one name and take nearly the same steps: however few, and be
    it only to read and store."""
    few = min(len(one.steps), len(other.steps)) < FEWEST_STEPS
    if _last(one) != _last(other) or one.declares or (few and not (one.changes and other.changes)):
        return False
    called = all(set(function.definition.used_by) - {f"module:{function.definition.path}"} for function in (one, other))
    return called and _overlap(one, other) >= ALIKE and _order(one, other) >= CALLED_ALIKE


def _are_handlers(one: _Written, other: _Written) -> bool:
    """Whether two functions of a file prepare what is sent, ask a model and answer in much the same steps."""
    fewest = min(len(one.steps), len(other.steps))
    if not (one.answers and other.answers) or fewest < HANDLED_ALIKE:
        return False
    shared = len(one.runs & other.runs) / min(len(one.runs), len(other.runs))
    return shared >= HANDLER_IN and _order(one, other) >= HANDLER_IN_ORDER


def _last(one: _Written) -> str:
    return one.definition.name.rpartition(".")[2]


def _overlap(one: _Written, other: _Written) -> float:
    return len(one.runs & other.runs) / len(one.runs | other.runs)


def _order(one: _Written, other: _Written) -> float:
    """How many of the steps of two functions stand in the same order."""
    if len(one.steps) * len(other.steps) > MOST_COMPARED:
        return 0.0
    return SequenceMatcher(None, one.steps, other.steps, autojunk=False).ratio()


def _joined(pairs: Collection[tuple[int, int]]) -> list[list[int]]:
    """The groups that pairs make."""
    group: dict[int, set[int]] = {}
    for pair in pairs:
        both = group.get(pair[0], {pair[0]}) | group.get(pair[1], {pair[1]})
        group.update(dict.fromkeys(both, both))
    return [list(one) for one in dict.fromkeys(tuple(sorted(one)) for one in group.values())]


def _parted(group: list[_Written]) -> Iterator[list[_Written]]:
    """The groups in each of which all are like the first: a chain of likenesses joins what is not alike."""
    left = sorted(group, key=lambda one: one.definition.at)
    while left:
        first, *others = left
        group, left = [first], []
        for one in others:
            (group if _are_alike(first, one) else left).append(one)
        if len(group) > 1:
            yield group


def _copies(group: list[_Written]) -> Iterator[Copy]:
    """A group with the first function first, the others compared with it."""
    first, *others = group
    sure = first.lines >= FEWEST_LINES
    own = first.definition
    yield Copy(own.at, own.id, own.name, 100, same=True, sure=sure, answers=first.answers)
    for one in others:
        share = 100 * len(one.runs & first.runs) // max(len(one.runs), 1)
        yield Copy(
            one.definition.at, one.definition.id, one.definition.name, share,
            _more(one.said, first.said), _more(first.said, one.said), same=one.values == first.values, sure=sure,
            answers=one.answers,
        )  # fmt: skip


def _more(said: Counter[str], other: Counter[str]) -> tuple[str, ...]:
    """What one says and the other does not; names before values."""
    return tuple(sorted(said.keys() - other.keys(), key=lambda word: (not word.isidentifier(), word))[:_MOST_TOLD])
