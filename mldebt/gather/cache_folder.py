"""The folder in which mldebt keeps what it has read: made, marked as a cache, and removed again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from mldebt.gather.git import tracks

NAME = ".mldebt_cache"
VARIABLE = "MLDEBT_CACHE_DIR"
DATABASE = "cache.sqlite3"
TAG = "CACHEDIR.TAG"
_IGNORE = ".gitignore"
_OWNER = "mldebt"
_TAG_TEXT = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This is a cache of mldebt: it may be removed at any time.\n"
    "# For information about cache directory tags, see https://bford.info/cachedir/\n"
)
_OURS = (DATABASE, f"{DATABASE}-journal", _IGNORE, TAG)  # the tag last: what is left of a broken removal is still ours


class Unusable(OSError):
    """A folder that is not taken for a cache; says why."""


def folder_of(root: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Where the cache of a repository lies, unless somebody says otherwise."""
    named = environment.get(VARIABLE)
    return Path(named) if named else root / NAME


def make(folder: Path) -> None:
    """Makes the folder, so that neither backups nor git take it for somebody's work.

    Raises Unusable for a folder that holds other things, and OSError.
    """
    refuse_link(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / TAG).is_file():
        if any(file.name not in _OURS for file in folder.iterdir()):  # another process may be making the same one
            raise Unusable("it holds files that are not mldebt's")
        (folder / TAG).write_text(_TAG_TEXT, "ascii")
    if not (folder / _IGNORE).exists():
        (folder / _IGNORE).write_text("*\n", "ascii")


def is_believed(folder: Path) -> bool:
    """Whether what lies in the folder of a repository was kept here, and did not come with the repository."""
    return not (folder / DATABASE).exists() or not tracks(folder)


def refuse_link(folder: Path) -> None:
    """Raises Unusable where a link stands for the folder or its database: a repository could lead us anywhere."""
    if folder.is_symlink() or (folder / DATABASE).is_symlink():
        raise Unusable("a link stands in its place")


def remove(folder: Path) -> bool | None:
    """Removes what mldebt made; True when nothing is left, False when there are other files, None when it is no cache
    of mldebt. Raises OSError."""
    if folder.is_symlink() or not _is_ours(folder):
        return None
    for name in _OURS:
        (folder / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()
    return not folder.exists()


def _is_ours(folder: Path) -> bool:
    try:
        return _OWNER in (folder / TAG).read_text("ascii", "replace")[: len(_TAG_TEXT)]
    except (FileNotFoundError, NotADirectoryError):
        return False
