"""`mldebt ignore`: an exception for one finding, with its reason, in the configuration."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from mldebt import analysis, config, inquiry
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, folder, how_to_read_one
from mldebt.cli.output import write
from mldebt.cli.progress import progress
from mldebt.findings import Finding
from mldebt.render.detail import HIDDEN
from mldebt.render.safe import visible


@click.command("ignore", short_help=SUMMARIES["ignore"])
@click.argument("fingerprint", metavar="FINGERPRINT")
@click.argument("root", callback=folder, default=".", metavar="[PATH]")
@click.option("--reason", required=True, metavar="TEXT", help="Why it may stay; it stands in the configuration.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
              help="The last day on which it is excused [default: for good].")
@how_to_read_one
def command(
    fingerprint: str, root: Path, reason: str, until: datetime | None, workers: int | None, kept: Kept
) -> int:
    """Excuse one finding, for a reason and until a day.

    The exception is added to mldebt.toml or pyproject.toml, whose comments and form are kept. To excuse what is there
    today at once: mldebt baseline create. FINGERPRINT is what a scan shows of the finding.
    """
    if not reason.strip():
        raise click.BadParameter("a reason says something.", param_hint="--reason")
    last = until.date() if until else None
    if last and last < date.today():
        raise click.BadParameter(f"{last} is over. Give a day that is to come.", param_hint="--until")
    with explained():
        parts = analysis.repositories((root,), {"workers": workers})
        request = analysis.ScanRequest(**kept, progress=progress(), today=date.today())
        finding, _ = inquiry.identified(parts, fingerprint, request)
        if finding.suppressed:
            raise click.ClickException(f"It is hidden already: {HIDDEN[finding.suppressed_by]}.")
        remark = visible(f"{finding.at.path}: {finding.title}")
        file, text = config.amended(root, "exceptions", _exception(finding, reason.strip(), last), remark)
    write(text, file)
    good_until = f" until {last}" if last else ""
    click.echo(f"{visible(str(file))}: {finding.rule} is excused in {visible(finding.at.path)}{good_until}.", err=True)
    return 0


def _exception(finding: Finding, reason: str, last: date | None) -> dict[str, object]:
    found: dict[str, object] = {"fingerprint": finding.fingerprint, "rule": finding.rule, "reason": reason}
    return found | {"until": last} if last else found
