"""`mldebt show`: one finding with all of its evidence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mldebt import analysis, inquiry
from mldebt.cards import shipped
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.ending import ended, finished
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, Paths, reading, writing
from mldebt.cli.output import check_writable, look, write
from mldebt.cli.progress import progress
from mldebt.render import detail


@click.command("show", short_help=SUMMARIES["show"])
@click.argument("fingerprint", metavar="FINGERPRINT")
@reading
@writing
def command(
    fingerprint: str, roots: Paths, facts: Paths, workers: int | None, kept: Kept, output: Path | None
) -> int:
    """Show one finding whole.

    All steps of its trail, what its rule is about, and how to excuse it. FINGERPRINT is what a scan shows of it; as
    much as no other begins with is enough. PATH is scanned anew, hints and hidden findings too.
    """
    check_writable(output)
    with explained():
        parts = analysis.repositories(roots, {"workers": workers}, facts)
        request = analysis.ScanRequest(**kept, progress=progress(), today=date.today())
        finding, found = inquiry.identified(parts, fingerprint, request)
    write(detail.render(finding, shipped()[finding.rule], look(output)), output)
    return ended(finished(found.reading.complete, parts))
