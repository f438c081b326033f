"""`mldebt facts`: what a repository says, as one file that can be linked with others elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.ending import ended, finished
from mldebt.cli.errors import explained
from mldebt.cli.options import Kept, folder, how_to_read_one
from mldebt.cli.output import check_writable, write_bytes
from mldebt.cli.progress import progress


@click.command("facts", short_help=SUMMARIES["facts"])
@click.argument("root", callback=folder, metavar="REPO")
@click.option("-o", "--output", required=True, metavar="FILE", help="The file to write.",
              type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", metavar="NAME", help="What the repository is called among others [default: its folder's name].")
@how_to_read_one
def command(root: Path, output: Path, name: str | None, workers: int | None, kept: Kept) -> int:
    """Write what a repository says to one file.

    mldebt scan --facts FILE links it with others elsewhere. The file holds what was read of the code, settings
    and requirements, and the repository's own configuration; no source text, no secret that was recognised, and
    no path of this machine.
    """
    check_writable(output)
    with explained():
        (part,) = analysis.repositories((root,), {"workers": workers})
        content, complete = analysis.facts_of(part, name, analysis.ScanRequest(**kept, progress=progress()))
    write_bytes(content, output)
    return ended(finished(complete, (part,)))
