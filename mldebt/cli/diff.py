"""`mldebt diff`: what changed between two runs."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt import rulebook, runs
from mldebt.cards import shipped
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import writing
from mldebt.cli.output import check_writable, look, write
from mldebt.config import FAIL_LEVELS
from mldebt.render.difference import FORMATS

RUN = click.Path(dir_okay=False, path_type=Path)


@click.command("diff", short_help=SUMMARIES["diff"])
@click.argument("before", type=RUN, metavar="BEFORE.json")
@click.argument("after", type=RUN, metavar="AFTER.json")
@click.option("--fail-level", type=click.Choice(FAIL_LEVELS), default="error", show_default=True,
              help="Exit with 1 when something of this severity on is new.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is new.")
@click.option("--output-format", "form", type=click.Choice(list(FORMATS)), default="full", show_default=True)
@writing
def command(before: Path, after: Path, fail_level: str, exit_zero: bool, form: str, output: Path | None) -> int:
    """Compare two runs: what is new, what is fixed.

    Both are the JSON of mldebt scan. Findings are the same by their fingerprints, so moved lines and reformatting are
    no difference. Without files of runs, mldebt scan --base REF compares with a revision.

    Exit code: 0 nothing new at or above --fail-level, 1 something is, 2 a file is no run, or the later run is
    incomplete.
    """
    check_writable(output)
    with explained():
        run = runs.read(after)
        found = runs.difference(runs.read(before), run)
    write(FORMATS[form](found, look(output)), output)
    if not run.complete:
        click.echo("The later run is incomplete: what it did not look at is not fixed.", err=True)
        return 2
    cards = shipped()
    failing = any(rulebook.fails(cards, one.rule, one.severity, fail_level) for one in found.new)
    return 1 if failing and not exit_zero else 0
