"""The files of a folder: git's own list inside a work tree, a walk that honours `.gitignore` elsewhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mldebt.gather.git import list_files
from mldebt.gather.ignores import Ignores, ignore_files
from mldebt.gather.purpose import kind_of
from mldebt.gather.walk import Walked, is_skipped, walk
from mldebt.source import Kind, Problem, Span

MOST_FILES = 200_000


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A regular file. `real` is the path to open; it differs from `path` for a link within the root."""

    path: str
    real: str
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """`entries` are sorted by path. `links` exist too, but are second names or lie outside the root."""

    entries: tuple[Entry, ...]
    links: tuple[str, ...]
    problems: tuple[Problem, ...]
    ignores: Ignores


def find(root: Path) -> Found:
    """Every file below `root`, each real file once.

    Raises FileNotFoundError or NotADirectoryError if the root is no folder.
    """
    if not stat.S_ISDIR(root.stat().st_mode):
        raise NotADirectoryError(f"{root} is not a folder")
    listing = list_files(root)
    if listing.paths:
        listed = Walked(_without_skipped(listing.paths), (), Ignores(ignore_files(root, listing.paths)))
    else:
        # Git lists nothing where the root itself is ignored, as an environment's packages are.
        listed = walk(root, MOST_FILES)
    problems = [*listed.problems, *_refused(listing.refusal)]
    if len(listed.paths) > MOST_FILES:
        problems.append(_bound())
    entries, links = _sort_out(root, listed.paths[:MOST_FILES], problems)
    return Found(tuple(sorted(entries)), tuple(sorted(links)), tuple(problems), listed.ignores)


def _without_skipped(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths of git's list that lie in no folder which is never read."""
    names = tuple(paths)
    environments = {path[: -len("pyvenv.cfg")] for path in names if path.endswith("/pyvenv.cfg")}
    verdicts: dict[str, bool] = {"": False}

    def skipped(folder: str) -> bool:
        if folder not in verdicts:
            above, _, name = folder.rpartition("/")
            verdicts[folder] = is_skipped(name) or f"{folder}/" in environments or skipped(above)
        return verdicts[folder]

    return tuple(path for path in names if not skipped(path.rstrip("/").rpartition("/")[0]))


def _sort_out(root: Path, paths: Iterable[str], problems: list[Problem]) -> tuple[list[Entry], list[str]]:
    """Regular files and second names; adds to `problems` what is left out."""
    entries: list[Entry] = []
    links: list[str] = []
    prefix = f"{root}{os.sep}"
    for path in paths:
        try:
            status = os.lstat(prefix + path)
        except FileNotFoundError:
            continue  # in the index, no longer in the tree
        except (OSError, ValueError):
            problems.append(_unseen(path))
            continue
        if stat.S_ISREG(status.st_mode):
            entries.append(Entry(path, path, status.st_size))
        elif stat.S_ISLNK(status.st_mode):
            links.append(path)
        elif stat.S_ISDIR(status.st_mode):
            problems.append(_nested(path))
    return _followed(root, entries, links, problems)


def _followed(
    root: Path, entries: list[Entry], links: list[str], problems: list[Problem]
) -> tuple[list[Entry], list[str]]:
    """Links to files of the root that are not listed otherwise become entries."""
    seen = {entry.real for entry in entries}
    inside = Path(os.path.realpath(root))
    others = []
    for path in links:
        try:
            target = Path(os.path.realpath(root / path))
            if not target.exists():
                continue
        except OSError:  # a folder on the way is shut, as those of other people's processes are
            problems.append(_unseen(path))
            continue
        if not target.is_relative_to(inside):
            others.append(path)
            if target.is_dir() or kind_of(path, 0) is not Kind.OTHER:
                problems.append(_outside(path))
            continue
        real = target.relative_to(inside).as_posix()
        if real in seen or not target.is_file():
            others.append(path)
        else:
            seen.add(real)
            entries.append(Entry(path, real, target.stat().st_size))
    return entries, others


def _refused(refusal: str) -> tuple[Problem, ...]:
    if not refusal:
        return ()
    text = f"{refusal}; the folder is walked instead"
    return (Problem(_at("."), "not-followed", text, "run git status here to see what it needs"),)


def _unseen(path: str) -> Problem:
    return Problem(_at(path), "io", "the file cannot be looked at", "check its permissions")


def _nested(path: str) -> Problem:
    text = "a repository of its own inside this one is left out"
    return Problem(_at(path.rstrip("/")), "not-followed", text, "scan it by itself")


def _outside(path: str) -> Problem:
    text = "this link leaves the scanned folder"
    return Problem(_at(path), "not-followed", text, "scan its target by itself")


def _bound() -> Problem:
    text = f"more than {MOST_FILES} files; the rest is left out"
    return Problem(_at("."), "bound", text, "scan a folder below, or ignore data folders in .gitignore")


def _at(path: str) -> Span:
    return Span(path, 1, file_line=1)
