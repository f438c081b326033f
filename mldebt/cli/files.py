"""`mldebt files`: what a scan reads, and what it leaves out."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt import analysis
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.errors import explained
from mldebt.cli.options import folder, writing
from mldebt.cli.output import check_writable, look, write
from mldebt.gather.listing import listing
from mldebt.render.files import FORMATS


@click.command("files", short_help=SUMMARIES["files"])
@click.argument("root", callback=folder, default=".", metavar="[PATH]")
@click.option("--unread", is_flag=True, help="Only what is left out.")
@click.option("--output-format", "form", type=click.Choice(list(FORMATS)), default="full", show_default=True)
@writing
def command(root: Path, unread: bool, form: str, output: Path | None) -> int:
    """List what is read, and what is left out and why.

    The kind of a file decides what reads it; its purpose whether findings stand in it: only production code has
    findings, the others are read for what they link. Nothing is analysed.
    """
    check_writable(output)
    with explained():
        files = listing(root, analysis.configure(root, {}))
    shown = [one for one in files if not (unread and one.purpose)]
    write(FORMATS[form](shown, look(output)), output)
    return 0
