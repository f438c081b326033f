"""`mldebt baseline`: the debts of today, so that tomorrow only new ones are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from mldebt import analysis
from mldebt.analysis import Found, Repository
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, folder, how_to_read_one
from mldebt.cli.output import write
from mldebt.cli.progress import progress
from mldebt.render.count import counted
from mldebt.render.safe import visible
from mldebt.suppress.baseline import BASELINE, FILE, Entry, entry_of, written

ROOT = click.argument("root", callback=folder, default=".", metavar="[PATH]")


@click.group("baseline", short_help=SUMMARIES["baseline"])
def command() -> None:
    """Start on old code: tell only what is new.

    The known findings stand in .mldebt-baseline.jsonl, one a line, beside the code; commit it. mldebt scan uses it when
    it is there. Renamed files and moved lines keep their entries.
    """


@command.command("create")
@ROOT
@how_to_read_one
@click.option("--force", is_flag=True, help="Replace a baseline that is there.")
def create(root: Path, workers: int | None, kept: Kept, force: bool) -> int:
    """Take down all findings of today."""
    if (root / FILE).exists() and not force:
        raise click.ClickException(f"{FILE} is there already. mldebt baseline update adds to it; --force replaces it.")
    part, found = _compared(root, workers, kept, baseline=False)
    return _keep(part, found, (entry_of(one) for one in found.findings if not one.suppressed))


@command.command("update")
@ROOT
@how_to_read_one
def update(root: Path, workers: int | None, kept: Kept) -> int:
    """Add what is new, and drop what is gone."""
    part, found = _compared(root, workers, kept)
    return _keep(part, found, (*_untold(found), *_told(found)))


@command.command("prune")
@ROOT
@how_to_read_one
def prune(root: Path, workers: int | None, kept: Kept) -> int:
    """Drop what is gone; add nothing."""
    part, found = _compared(root, workers, kept)
    known = (entry_of(one) for one in found.findings if one.suppressed_by == BASELINE)
    return _keep(part, found, (*_untold(found), *known))


@command.command("stats")
@ROOT
@how_to_read_one
def stats(root: Path, workers: int | None, kept: Kept) -> int:
    """Count what is known, by rule, and what is gone."""
    _, found = _compared(root, workers, kept)
    entries = found.known or ()
    rules = Counter(entry.rule for entry in entries)
    gone = Counter(entry.rule for entry in found.stale)
    lines = [f"{rules[rule]:>6}  {visible(rule)}{f'  ({gone[rule]} gone)' if gone[rule] else ''}"
             for rule in sorted(rules, key=lambda rule: (-rules[rule], rule))]  # fmt: skip
    lines.append(f"{len(entries):>6}  in all, {len(found.stale)} of them gone, {len(_new(found))} new beside them")
    write("".join(f"{line}\n" for line in lines), None)
    return 0


def _compared(
    root: Path, workers: int | None, kept: Kept, *, baseline: bool = True
) -> tuple[Repository, Found]:
    """The findings of a repository beside its baseline. Raises click.ClickException when there should be one and is
    none, or when the scan is not complete: what was not looked at is neither known nor gone."""
    with explained():
        (part,) = analysis.repositories((root,), {"workers": workers})
        request = analysis.ScanRequest(**kept, baseline=baseline, progress=progress(), today=date.today())
        found = analysis.compared((part,), request)
    if baseline and found.known is None:
        raise click.ClickException(f"There is no {FILE} in {visible(str(root))}. To begin: mldebt baseline create")
    if not found.reading.complete and not part.config.allow_incomplete:
        raise click.ClickException("The scan is incomplete; the baseline is left as it is. mldebt problems says why.")
    return part, found


def _untold(found: Found) -> list[Entry]:
    """The entries of which this run could not tell: of rules that were not applied, and files that were not read."""
    kept = {one.fingerprint for one in found.findings if one.suppressed_by == BASELINE}
    stale = set(found.stale)
    moved = {one.content for one in found.findings if one.suppressed_by == BASELINE}
    return [
        entry for entry in found.known or ()
        if entry not in stale and entry.fingerprint not in kept and entry.content not in moved
    ]  # fmt: skip


def _told(found: Found) -> list[Entry]:
    return [entry_of(one) for one in found.findings if one.suppressed_by in ("", BASELINE)]


def _new(found: Found) -> list[Entry]:
    return [entry_of(one) for one in found.findings if not one.suppressed]


def _keep(part: Repository, found: Found, entries: Iterable[Entry]) -> int:
    """Writes the baseline and says what it holds."""
    kept, before = set(entries), set(found.known or ())
    write(written(kept), part.root / FILE)
    added, dropped = len(kept - before), len(before - kept)
    beside = f", {added} added, {dropped} dropped" if before else ""
    click.echo(f"{FILE}: {counted(len(kept), 'finding')}{beside}. Commit it.", err=True)
    return 0
