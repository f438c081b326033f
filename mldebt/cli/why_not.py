"""`mldebt why-not`: which premise of a rule fails at a place."""

from __future__ import annotations

import difflib
from datetime import date

import click

from mldebt import analysis, why_not
from mldebt.cards import slugs
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Paths, reading
from mldebt.cli.output import look, write
from mldebt.cli.progress import progress
from mldebt.render import why_not as page
from mldebt.render.safe import visible


@click.command("why-not", short_help=SUMMARIES["why-not"])
@click.argument("rule", metavar="RULE")
@click.argument("place", metavar="PATH:LINE")
@reading
def command(rule: str, place: str, roots: Paths, facts: Paths, workers: int | None, no_cache: bool) -> int:
    """Say why a rule finds nothing at a place.

    Whether it is applied, whether the file is read, what hides a finding, what it gives way to, and what the graph
    knows of the line. PATH:LINE is a place of the repository as findings show it; PATH:cell N:LINE in a notebook.
    """
    if rule not in slugs():
        near = difflib.get_close_matches(rule, sorted(slugs()), 1)
        cure = f"Did you mean {near[0]}?" if near else "mldebt rules lists them."
        raise click.ClickException(f"There is no rule {visible(repr(rule))}. {cure}")
    if len(roots) > 1 or facts:
        raise click.UsageError("A place is one of a single repository: give its folder alone.")
    with explained():
        (part,) = analysis.repositories(roots, {"workers": workers})
        request = analysis.ScanRequest(cache=not no_cache, progress=progress(), today=date.today())
        answer = why_not.why_not(part, rule, why_not.place_of(place), request)
    write(page.render(answer.card, answer.premises, answer.known, answer.inside, look(None)), None)
    return 0
