"""Numbers in words: how many findings of which level, and how much of the data access was followed."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable

from mldebt.findings import Finding, Report, Severity, Stats

WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
LOW = 0.5


def counted(number: int, word: str, plural: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word if number == 1 else plural or word + 's'}"


def levels(findings: Iterable[Finding], gap: str = "  ") -> str:
    """`1 error  3 warnings  0 notes`."""
    numbers = Counter(finding.severity for finding in findings)
    return gap.join(counted(numbers[severity], word) for severity, word in WORDS.items())


def families(report: Report) -> tuple[tuple[str, int], ...]:
    """How many findings each family has, as the report says or counted here."""
    found = Counter(finding.family for finding in report.findings if not finding.suppressed)
    return report.families or tuple(sorted(found.items()))


def is_low(stats: Stats) -> bool:
    """Whether so few read and write sites were followed that a clean result says little."""
    return stats.accesses > 0 and stats.accesses - stats.unknown < LOW * stats.accesses


def busiest_folder(report: Report) -> str:
    """The folder with most of what was not followed, or nothing."""
    folders = Counter(posixpath.dirname(p.at.path) for p in report.problems if p.code == "not-followed")
    return min(folders, key=lambda folder: (-folders[folder], folder), default="")
