"""What was there before a change: the findings of the commit at which it began, by the rules and rows of today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from mldebt.findings import Finding
from mldebt.gather.changes import Changes
from mldebt.gather.revision import base_of, lay_out_commit
from mldebt.suppress.baseline import Entry, entry_of


def before(
    work_tree: Path, revision: str, rows: Collection[str], findings_of: Callable[[Path], Iterable[Finding]]
) -> tuple[Entry, ...]:
    """The findings of the commit that `revision` and HEAD share. `rows` are the project's own files of the catalogue,
    `findings_of` finds the debts of a folder. Raises BadRevision, and what `findings_of` raises."""
    with TemporaryDirectory(prefix="mldebt-") as name:
        folder = Path(name)
        lay_out_commit(work_tree, base_of(work_tree, revision), folder)
        for named in rows:
            _copy(work_tree / named, folder / named)
        return tuple(entry_of(one) for one in findings_of(folder) if not one.suppressed)


def located(finding: Finding, changes: Changes) -> Finding:
    """A finding that knows which of its places a change touches, its own before those of its trail."""
    places = (finding.at, *(stop.at for stop in finding.trail))
    touched = (
        number for number, at in enumerate(places)
        if changes.touch(at.path, at.file_line or at.line, at.file_line or max(at.end_line, at.line))
    )  # fmt: skip
    return replace(finding, changed=next(touched, -1))


def _copy(source: Path, target: Path) -> None:
    """Rows of today, in place of those of then."""
    for file in source.rglob("*.toml") if source.is_dir() else [source]:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
