"""How a place in a file and the identity of a finding are written, and their defaults filled in."""

from __future__ import annotations

from mldebt.findings import Finding
from mldebt.render.safe import visible
from mldebt.source import Span


def short(at: Span) -> str:
    """`path:line`, in a notebook `path:cell N:line`; terminals make it a link."""
    return f"{_file(at)}:{at.line}"


def exact(at: Span) -> str:
    """`path:line:column`, in a notebook `path:cell N:line:column`."""
    return f"{_file(at)}:{at.line}:{at.column}"


def end_line(at: Span) -> int:
    return max(at.end_line, at.line)


def end_column(at: Span) -> int:
    """Exclusive; the start where no end is known."""
    return at.end_column or at.column


def file_line(at: Span) -> int:
    """The line in the file itself, also for notebooks."""
    return at.file_line or at.line


def shown_at(finding: Finding) -> tuple[Span, str]:
    """Where a finding stands in a change: at a line that the change touches, if it has one; and what its words begin
    with where that is not its best place."""
    if not finding.changed or finding.changed < 0:
        return finding.at, ""
    step = f"This line is step {finding.changed} of {len(finding.trail)} of what is found at {short(finding.at)}:"
    return finding.places[finding.changed], step


def short_id(fingerprint: str) -> str:
    """What is shown of a fingerprint, and enough of it for `mldebt show`."""
    return fingerprint.removeprefix("v1:")[:8]


def _file(at: Span) -> str:
    return visible(at.path) + (f":cell {at.cell}" if at.cell else "")
