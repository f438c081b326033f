"""`mldebt contracts`: who may consume what, as a first draft."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, Paths, reading, writing
from mldebt.cli.output import check_writable, look, write
from mldebt.cli.progress import progress
from mldebt.render import contracts


@click.group("contracts", short_help=SUMMARIES["contracts"])
def command() -> None:
    """Declare who may consume what.

    Contracts stand in [tool.mldebt.contracts]; undeclared-consumer is silent about the uses they cover.
    """


@command.command("init")
@reading
@writing
def init(roots: Paths, facts: Paths, workers: int | None, kept: Kept, output: Path | None) -> int:
    """Print a contract for every use that nothing declares.

    Correct it, write down the reasons, and put it into the configuration of the repository that owns the
    artifact. The same repositories give the same text.
    """
    check_writable(output)
    with explained():
        parts = analysis.repositories(roots, {"workers": workers}, facts)
        reading = analysis.read_all(parts, analysis.ScanRequest(**kept, progress=progress()))
        write(contracts.render(analysis.undeclared(reading.graph), look(output)), output)
    return 0 if reading.complete or all(part.config.allow_incomplete for part in parts) else 2
