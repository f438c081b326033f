"""A report on some files: the whole repository is analysed, and what has a place in them is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mldebt.findings import Finding


@dataclass(frozen=True, slots=True)
class Chosen:
    """The findings with a place in the chosen files, and what is to be said of the others and of the files."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def chosen(findings: Sequence[Finding], files: Collection[str], read: Collection[str]) -> Chosen:
    """The findings that have their best place, a step of their trail or another place in one of these files; all where
    no file is chosen. `read` are the paths of the files that could be read."""
    if not files:
        return Chosen(tuple(findings), ())
    kept = tuple(one for one in findings if any(at.path in files for at in one.places))
    return Chosen(kept, tuple(_notes(findings, kept, files, read)))


def _notes(
    findings: Sequence[Finding], kept: Sequence[Finding], files: Collection[str], read: Collection[str]
) -> Iterator[str]:
    left = sum(not one.suppressed for one in findings) - sum(not one.suppressed for one in kept)
    where = "the file that is named" if len(files) == 1 else f"the {len(files)} files that are named"
    others = "1 other finding is" if left == 1 else f"{left} other findings are"
    yield f"Only what has a place in {where}: {others} left out."
    found_in = {at.path for one in kept for at in one.places}
    unread = sorted(path for path in files if path not in read and path not in found_in)
    if unread:
        more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
        yield f"Named and not read: {', '.join(unread[:3])}{more}.  mldebt files says why."
