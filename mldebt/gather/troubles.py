"""From a trouble inside a file, an offset, to a problem at a place in the repository."""

from __future__ import annotations

from bisect import bisect_right

from mldebt.facts import Cell, FileFacts
from mldebt.source import Problem, Span


def problems_of(path: str, facts: FileFacts) -> tuple[Problem, ...]:
    """What could not be read in the file at `path`, for people."""
    return tuple(
        Problem(place(path, facts, trouble.start), trouble.code, trouble.text, trouble.cure)
        for trouble in facts.troubles
    )


def place(path: str, facts: FileFacts, offset: int) -> Span:
    """Where `offset` is: line and column, in a notebook with the cell and the line of the file."""
    index = max(bisect_right(facts.lines, offset) - 1, 0)
    column = max(offset - (facts.lines[index] if facts.lines else 0), 0) + 1
    cell = _cell(facts.cells, index)
    if cell is None:
        return Span(path, index + 1, column, index + 1, column, 0, index + 1)
    within = index - cell.first
    file_line = cell.file_lines[within] if within < len(cell.file_lines) else 0
    return Span(path, within + 1, column, within + 1, column, cell.number, file_line)


def _cell(cells: tuple[Cell, ...], index: int) -> Cell | None:
    """The last cell that begins at or before the line `index`."""
    at = bisect_right([cell.first for cell in cells], index)
    return cells[at - 1] if at else None
