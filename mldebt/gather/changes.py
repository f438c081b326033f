"""The lines that a change touches: what git tells apart between a commit and the work tree, or what is staged."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mldebt.gather.revision import ask

_DIFF = (
    "diff", "--unified=0", "--no-renames", "--relative", "--no-color", "--no-ext-diff", "--no-textconv",
    "--ignore-submodules", "--src-prefix=a/", "--dst-prefix=b/",
)  # fmt: skip
_UNTRACKED = ("ls-files", "--others", "--exclude-standard", "-z")
_HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@")
_UNREADABLE = "git cannot tell what changed here: objects may be missing. Fetch them first: git fetch --refetch"
_MOST_PATHS = 200


@dataclass(frozen=True, slots=True)
class Changes:
    """The lines of each changed file as ranges, first and last; of a file git does not know yet, all of them."""

    lines: Mapping[str, tuple[tuple[int, int], ...]]
    fresh: frozenset[str] = frozenset()

    def touch(self, path: str, first: int, last: int) -> bool:
        """Whether one of these lines is new or another than before."""
        if path in self.fresh:
            return True
        return any(start <= last and first <= end for start, end in self.lines.get(path, ()))


def changes_since(root: Path, commit: str, paths: Iterable[str], staged: bool = False) -> Changes:
    """What changed in some files since a commit in the folder `root`, or what of it is staged. A renamed file is new.
    Raises BadRevision."""
    wanted = sorted(set(paths))
    lines: dict[str, tuple[tuple[int, int], ...]] = {}
    fresh = set[str]()
    for start in range(0, len(wanted), _MOST_PATHS):  # a command line has room for some, and not for all
        some = ("--", *wanted[start : start + _MOST_PATHS])
        lines |= _lines(ask(root, (*_DIFF, *(("--cached",) if staged else ()), commit, *some), _UNREADABLE))
        if not staged:
            untracked = ask(root, (*_UNTRACKED, *some), _UNREADABLE)
            fresh |= {os.fsdecode(path) for path in untracked.split(b"\0") if path}
    return Changes(lines, frozenset(fresh))


def changed_paths(root: Path, commit: str, staged: bool = False) -> frozenset[str]:
    """The files below `root` that differ from a commit, or are staged so. Raises BadRevision."""
    names = (*_DIFF, "--name-only", "-z", *(("--cached",) if staged else ()), commit)
    told = [ask(root, names, _UNREADABLE)]
    if not staged:
        told.append(ask(root, _UNTRACKED, _UNREADABLE))
    return frozenset(os.fsdecode(path) for paths in told for path in paths.split(b"\0") if path)


def _lines(patch: bytes) -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, list[tuple[int, int]]] = {}
    for path, first, count in _hunks(patch):
        if count:  # where lines are only deleted, none is left to point at
            found.setdefault(path, []).append((first, first + count - 1))
    return {path: tuple(ranges) for path, ranges in found.items()}


def _hunks(patch: bytes) -> Iterator[tuple[str, int, int]]:
    """The file, first line and number of lines of every hunk. A content of one file may look like a header, so the
    lines of a hunk are counted off."""
    path, left = "", 0
    for line in patch.split(b"\n"):
        if left and line[:1] in (b"+", b"-"):
            left -= 1
        elif line.startswith(b"+++ "):
            path = _name(line[4:])
        elif hunk := _HUNK.match(line):
            count = int(hunk[2] or 1)
            left = count + _removed(line)
            yield path, int(hunk[1]), count


def _removed(head: bytes) -> int:
    number = head.split(b" ")[1].partition(b",")[2]
    return int(number) if number else 1


def _name(told: bytes) -> str:
    """A file's name as a header tells it: quoted as in C where it holds other than plain characters."""
    told = told.removesuffix(b"\t")
    if told.startswith(b'"'):
        told = codecs.escape_decode(told[1:-1])[0]
    return os.fsdecode(told.removeprefix(b"b/"))
