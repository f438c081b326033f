"""Marks of rows as evidence on edges: where rows are picked, and between which bounds where the code says so."""

from __future__ import annotations

from functools import lru_cache

from mldebt import facts
from mldebt.facts import NONE
from mldebt.graph.rows import ROWS_LOST, ROWS_PICKED, ROWS_TOLD, Bounds
from mldebt.link.picks import LOST
from mldebt.link.program import Program
from mldebt.link.values import Event, Place
from mldebt.trail import Stop

_ABOVE = frozenset({">", ">="})
_BELOW = frozenset({"<", "<="})
_Steps = tuple[facts.Step, ...]


class RowMarks:
    """The marks of one program as stops; two contexts of one place are told apart."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._cases: dict[Place, dict[Event, int]] = {}
        self._bounds: dict[Place, str] = {}
        self._steps = lru_cache(maxsize=64)(program.body)

    def stop(self, mark: Event, out_of_it: bool) -> Stop:
        """Where rows are picked, lost, or named by others."""
        known = self._cases.setdefault(mark.place, {})
        case = known.setdefault(mark, len(known) + 1)
        label = ROWS_LOST if mark.what == LOST else ROWS_PICKED if out_of_it else ROWS_TOLD
        label += self._between(mark.place) if label == ROWS_PICKED else ""
        return Stop(self._program.span(mark.place), label + (f", case {case}" if case > 1 else ""))

    def _between(self, place: Place) -> str:
        if place not in self._bounds:
            self._bounds[place] = _bounds_at(self._steps(self._program.unit_at(place)), place)
        return self._bounds[place]


def _bounds_at(steps: _Steps, place: Place) -> str:
    """The bounds of the rows that are picked at a place: numbers of rows, or values of a column."""
    for step in steps:
        if isinstance(step, facts.Item) and (step.start, step.end) == place[1:]:
            return _bounds(steps, steps[step.key], step.base)
    return ""


def _bounds(steps: _Steps, key: facts.Step, base: int) -> str:
    if isinstance(key, facts.Slice) and key.stride == NONE:
        low, high = (_limit(steps, at) for at in (key.lower, key.upper))
        given = (key.lower == NONE or low is not None) and (key.upper == NONE or high is not None)
        return str(Bounds("", low, high)) if given and (low, high) != (None, None) else ""
    if isinstance(key, facts.Compare):
        column, limit = _column(steps, steps[key.left], base), _limit(steps, key.right)
        if column and limit is not None and key.operator in _ABOVE | _BELOW:
            return str(Bounds(column, *((limit, None) if key.operator in _ABOVE else (None, limit))))
    return ""


def _column(steps: _Steps, step: facts.Step, base: int) -> str:
    """The column of a table whose values are compared, by its name or the parameter that holds it."""
    if not isinstance(step, facts.Item) or step.base != base:
        return step.name if isinstance(step, facts.Attribute) and step.base == base else ""
    key = steps[step.key]
    if isinstance(key, facts.Param):
        return f"{{{key.name}}}"
    return key.value if isinstance(key, facts.Const) and isinstance(key.value, str) else ""


def _limit(steps: _Steps, at: int) -> float | None:
    """A number that is written there, and counts from the first row."""
    step = steps[at] if at != NONE else None
    number = step.value if isinstance(step, facts.Const) and not step.kind else None
    return float(number) if isinstance(number, (int, float)) and not isinstance(number, bool) else None
