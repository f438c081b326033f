"""`mldebt report`: the whole run as one page to look at."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.ending import ended, finished
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, Paths, reading
from mldebt.cli.output import check_writable, write
from mldebt.cli.progress import progress
from mldebt.gather.git import commit
from mldebt.gather.naming import names
from mldebt.render.report import About, render
from mldebt.render.safe import visible
from mldebt.roles import Confidence

FILE = "mldebt-report.html"


@click.command("report", short_help=SUMMARIES["report"])
@reading
@click.option("-o", "--output", default=FILE, show_default=True, type=click.Path(dir_okay=False, path_type=Path),
              metavar="FILE", help="The file to write.")
@click.option("--min-confidence", type=click.Choice([level.value for level in Confidence]),
              help="Leave out what is less sure [default: likely].")
@click.option("--no-baseline", is_flag=True, help="Tell also what the baseline knows.")
def command(
    roots: Paths, facts: Paths, workers: int | None, kept: Kept, output: Path, min_confidence: str | None,
    no_baseline: bool,
) -> int:
    """Write one page to look at, and to show to others.

    It holds the map of the repository, what reaches furthest, the models, and the whole graph, in one file that needs
    no network. PATH is the folder of a repository; several make one graph. The exit code is 0, whatever is found.
    """
    check_writable(output)
    asked = {"workers": workers, "min_confidence": Confidence(min_confidence) if min_confidence else None}
    with explained():
        parts = analysis.repositories(roots, asked, facts)
        request = analysis.ScanRequest(**kept, baseline=not no_baseline, progress=progress())
        report, found = analysis.survey(parts, request)
    called = [part.name or names([part.root])[0] for part in parts]
    alone = parts[0].root if len(parts) == 1 and parts[0].facts is None else None
    about = About(" and ".join(called), commit(alone) if alone else "")
    write(render(report, found.graph, found.files, about), output)
    click.echo(f"{visible(str(output))} is written. Open it in a browser.", err=True)
    return ended(finished(report.complete, parts))
