"""`mldebt clean`: removes what mldebt keeps of repositories, and nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt.cli.commands import SUMMARIES
from mldebt.cli.options import Paths, cache_option, folders
from mldebt.gather import cache_folder
from mldebt.render.safe import visible


@click.command("clean", short_help=SUMMARIES["clean"])
@click.argument("roots", callback=folders, nargs=-1, metavar="[PATH]...")
@cache_option
def command(roots: Paths, cache_dir: Path | None) -> int:
    """Remove the cache of a repository. The next scan reads every file anew.

    PATH is the repository's folder, by default the one you are in. Of a folder that holds other things only what
    mldebt made is removed.
    """
    given = [cache_dir] if cache_dir else [cache_folder.folder_of(root) for root in roots or (Path(),)]
    for folder in dict.fromkeys(given):
        click.echo(_removed(folder))
    return 0


def _removed(folder: Path) -> str:
    """Removes one cache; what there is to say of it. Raises click.ClickException."""
    named = visible(str(folder))
    try:
        gone = cache_folder.remove(folder)
    except OSError as error:
        why = f"{named} cannot be removed ({error.strerror}). Check its permissions."
        raise click.ClickException(why) from error
    if gone is None:
        return f"There is no cache of mldebt in {named}."
    return f"Removed {named}." if gone else f"Removed mldebt's own files from {named}; other files stay there."
