"""`mldebt problems`: what could not be read or followed."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.ending import finished
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, Paths, reading, writing
from mldebt.cli.output import check_writable, look, write
from mldebt.cli.progress import progress
from mldebt.findings import Report
from mldebt.render import problems


@click.command("problems", short_help=SUMMARIES["problems"])
@reading
@writing
def command(roots: Paths, facts: Paths, workers: int | None, kept: Kept, output: Path | None) -> int:
    """List what could not be read or followed.

    Then come the counts. Problems are mldebt's, not the repository's: alone they fail no run.
    """
    check_writable(output)
    with explained():
        parts = analysis.repositories(roots, {"workers": workers}, facts)
        reading = analysis.read_all(parts, analysis.ScanRequest(**kept, progress=progress()))
    report = Report("", (), reading.problems, reading.stats, reading.complete)
    write(problems.render(report, look(output)), output)
    return 0 if finished(reading.complete, parts) else 2
