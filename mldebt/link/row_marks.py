"""Marks of rows as evidence on edges: where rows are picked, and between which bounds where the code says so."""

from __future__ import annotations

from mldebt.graph.rows import ROWS_LOST, ROWS_PICKED, ROWS_TOLD, Bounds
from mldebt.link.picks import COLUMN, FROM, LOST, UP_TO, Pick
from mldebt.link.program import Program
from mldebt.link.values import Event, Place, Scalar, Value, literal
from mldebt.trail import Stop


class RowMarks:
    """The marks of one program as stops. Contexts of one place are numbered, and so are bounds that are neither numbers
    nor plain names of columns: equal ones are told by the same words."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._cases: dict[Place, dict[Event, int]] = {}
        self._numbers: dict[Value, int] = {}

    def stop(self, picked: Pick) -> Stop:
        """Where rows are picked, lost, or named by others."""
        mark, out_of_it = picked
        known = self._cases.setdefault(mark.place, {})
        case = known.setdefault(mark, len(known) + 1)
        label = ROWS_LOST if mark.what == LOST else ROWS_PICKED if out_of_it else ROWS_TOLD
        label += self._between(dict(mark.arguments)) if label == ROWS_PICKED else ""
        return Stop(self._program.span(mark.place), label + (f", case {case}" if case > 1 else ""))

    def _between(self, ends: dict[str, Value]) -> str:
        """The bounds of a mark: numbers of rows, or values of a column."""
        low, high = (self._end(ends[word]) if word in ends else "" for word in (FROM, UP_TO))
        column = self._column(ends[COLUMN]) if COLUMN in ends else ""
        return str(Bounds(column, low, high)) if low or high else ""

    def _end(self, value: Value) -> str:
        number = value.value if isinstance(value, Scalar) else None
        return repr(number) if isinstance(number, (int, float)) else self._numbered(value)

    def _column(self, value: Value) -> str:
        name = literal(value) or ""
        return name if name.isidentifier() else self._numbered(value)

    def _numbered(self, value: Value) -> str:
        return f"#{self._numbers.setdefault(value, len(self._numbers) + 1)}"
