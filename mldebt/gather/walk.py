"""Walking a folder that git does not manage, as git would list it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mldebt.gather.ignores import IgnoreFile, Ignores, read_ignore_file
from mldebt.source import Problem, Span

_SKIPPED = frozenset(
    {".git", ".hg", ".svn", "__pycache__", "node_modules", ".mldebt_cache", ".ipynb_checkpoints", ".history"}
)


@dataclass(frozen=True, slots=True)
class Walked:
    """Paths of files and links, relative to the root; repositories inside it end with `/`."""

    paths: tuple[str, ...]
    problems: tuple[Problem, ...]
    ignores: Ignores


def is_skipped(name: str) -> bool:
    """Whether a folder of that name is never read: caches, checkpoints, what an editor keeps of each save, installed
    JavaScript."""
    return name in _SKIPPED


def walk(root: Path, most: int) -> Walked:
    """What is below `root` and not ignored, in a fixed order; stops soon after `most` files."""
    paths: list[str] = []
    problems: list[Problem] = []
    files: list[IgnoreFile] = []
    pending: list[tuple[str, Ignores]] = [("", Ignores())]
    while pending and len(paths) <= most:
        folder, ignores = pending.pop()
        names = _names(root, folder, problems)
        if folder and ".git" in names:
            paths.append(folder)
            continue
        if folder and "pyvenv.cfg" in names:
            continue
        ignores = _deepened(root, folder, names, ignores, files, problems)
        inner: list[str] = []
        for name, is_folder in sorted(names.items()):
            path = folder + name + ("/" if is_folder else "")
            if name == ".git" or (is_folder and is_skipped(name)) or ignores.decide(path):
                continue
            (inner if is_folder else paths).append(path)
        pending += [(path, ignores) for path in reversed(inner)]
    return Walked(tuple(paths), tuple(problems), Ignores(tuple(files)))


def _names(root: Path, folder: str, problems: list[Problem]) -> dict[str, bool]:
    """What a folder holds: by name, whether it is a folder. Pipes and devices are left out."""
    try:
        with os.scandir(root / folder) as entries:
            return {
                entry.name: entry.is_dir(follow_symlinks=False)
                for entry in entries
                if entry.is_dir(follow_symlinks=False)
                or entry.is_file(follow_symlinks=False)
                or entry.is_symlink()
            }
    except OSError as error:
        text = f"the folder cannot be listed: {(error.strerror or 'unknown').lower()}"
        at = Span(folder.rstrip("/") or ".", 1, file_line=1)
        problems.append(Problem(at, "io", text, "check its permissions"))
        return {}


def _deepened(
    root: Path,
    folder: str,
    names: dict[str, bool],
    ignores: Ignores,
    files: list[IgnoreFile],
    problems: list[Problem],
) -> Ignores:
    """The ignore files that hold inside `folder`."""
    found = read_ignore_file(root, folder) if names.get(".gitignore") is False else None
    if isinstance(found, Problem):
        problems.append(found)
    if not isinstance(found, IgnoreFile):
        return ignores
    problems += found.problems()
    files.append(found)
    return Ignores((*ignores.files, found))
