"""`mldebt why-not`: which premise of a rule fails at a place."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from mldebt import analysis, why_not
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, folder, how_to_read_one, known_rule
from mldebt.cli.output import look, write
from mldebt.cli.progress import progress
from mldebt.render import why_not as page


@click.command("why-not", short_help=SUMMARIES["why-not"])
@click.argument("rule", callback=known_rule, metavar="RULE")
@click.argument("place", metavar="PATH:LINE")
@click.argument("root", callback=folder, default=".", metavar="[PATH]")
@how_to_read_one
def command(rule: str, place: str, root: Path, workers: int | None, kept: Kept) -> int:
    """Say why a rule finds nothing at a place.

    Whether it is applied, whether the file is read, what hides a finding, what it gives way to, and what the graph
    knows of the line. PATH:LINE is a place of the repository as findings show it; PATH:cell N:LINE in a notebook.
    """
    with explained():
        (part,) = analysis.repositories((root,), {"workers": workers})
        request = analysis.ScanRequest(**kept, progress=progress(), today=date.today())
        answer = why_not.why_not(part, rule, why_not.place_of(place), request)
    write(page.render(answer.card, answer.premises, answer.known, answer.inside, look(None)), None)
    return 0
