"""A report on some files, or for some owners: the whole repository is analysed, and what concerns them is told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mldebt.findings import Finding


@dataclass(frozen=True, slots=True)
class Chosen:
    """The findings that are asked for, and what is to be said of the others."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def chosen(
    findings: Sequence[Finding], files: Collection[str], read: Collection[str], owners: Collection[str] = ()
) -> Chosen:
    """The findings that have their best place, a step of their trail or another place in one of these files, and belong
    to one of these owners; of what is empty, all. `read` are the paths of the files that could be read."""
    touching = tuple(one for one in findings if not files or any(at.path in files for at in one.places))
    kept = tuple(one for one in touching if not owners or any(_is(owner, owners) for owner in one.owners))
    notes = [*(_of_files(findings, touching, files, read) if files else ())]
    notes += _of_owners(touching, kept, owners) if owners else ()
    return Chosen(kept, tuple(notes))


def _is(owner: str, wanted: Collection[str]) -> bool:
    """Whether an owner is one of those that are named: whole, without the `@`, or a team without its organisation."""
    whole = owner.lower().removeprefix("@")
    return any(name.lower().removeprefix("@") in (whole, whole.rpartition("/")[2]) for name in wanted)


def _of_owners(findings: Sequence[Finding], kept: Sequence[Finding], owners: Collection[str]) -> Iterator[str]:
    named = " or ".join(sorted(owners))
    yield f"Only what belongs to {named}: {_left(findings, kept)} left out."
    known = sorted({owner for one in findings for owner in one.owners})
    if not kept:
        yield f"No finding belongs to {named}; those that own some: {', '.join(known[:6]) or 'nobody (no CODEOWNERS)'}."


def _of_files(
    findings: Sequence[Finding], kept: Sequence[Finding], files: Collection[str], read: Collection[str]
) -> Iterator[str]:
    where = "the file that is named" if len(files) == 1 else f"the {len(files)} files that are named"
    yield f"Only what has a place in {where}: {_left(findings, kept)} left out."
    found_in = {at.path for one in kept for at in one.places}
    unread = sorted(path for path in files if path not in read and path not in found_in)
    if unread:
        more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
        yield f"Named and not read: {', '.join(unread[:3])}{more}.  mldebt files says why."


def _left(findings: Sequence[Finding], kept: Sequence[Finding]) -> str:
    left = sum(not one.suppressed for one in findings) - sum(not one.suppressed for one in kept)
    return "1 other finding is" if left == 1 else f"{left} other findings are"
