"""What the `.gitignore` files of a tree say about a path, whether or not it exists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mldebt.gather.opened import Refused, read_bytes
from mldebt.patterns import Patterns, compile_patterns
from mldebt.source import Problem, Span

NAME = ".gitignore"
LARGEST = 256 * 1024


@dataclass(frozen=True)
class IgnoreFile:
    """One `.gitignore`. It speaks of paths that start with `inside`; `ahead` is put before a path
    when the file lies above the scanned root. Both are empty or end with `/`."""

    text: str
    inside: str = ""
    ahead: str = ""

    @cached_property
    def compiled(self) -> tuple[Patterns, tuple[tuple[int, str], ...]]:
        """The patterns, and line and reason of those left out."""
        return compile_patterns(re.split(r"\r?\n", self.text))

    def decide(self, path: str) -> bool | None:
        """True: ignored, False: kept, None: not spoken of. A folder's path ends with `/`."""
        if not path.startswith(self.inside):
            return None
        return self.compiled[0].decide(self.ahead + path[len(self.inside) :])

    def problems(self) -> tuple[Problem, ...]:
        """The patterns that are left out; none for a file above the root."""
        if self.ahead:
            return ()
        return tuple(
            Problem(Span(self.inside + NAME, line, file_line=line), "not-followed",
                    f"this pattern is left out: {reason}", "simplify or remove it")
            for line, reason in self.compiled[1]
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ignores:
    """All ignore files of a tree, outermost first. Answers by call: `ignores("data/raw.csv")`."""

    files: tuple[IgnoreFile, ...] = ()

    def __call__(self, path: str) -> bool:
        """Whether git would ignore `path` (POSIX, relative to the root) if it were not tracked."""
        parts = path.split("/")
        folders = ("/".join(parts[:size]) + "/" for size in range(1, len(parts)))
        return any(map(self.decide, folders)) or self.decide(path)

    def decide(self, path: str) -> bool:
        """Whether `path` itself is ignored, given that no folder above it is."""
        verdicts = (file.decide(path) for file in reversed(self.files))
        return next((verdict for verdict in verdicts if verdict is not None), False)


def read_ignore_file(root: Path, folder: str) -> IgnoreFile | Problem | None:
    """The `.gitignore` of `folder`, which is empty or ends with `/`; None if there is none."""
    path = folder + NAME
    try:
        data = read_bytes(root / path, LARGEST)
    except FileNotFoundError:
        return None
    except Refused as refused:
        return Problem(Span(path, 1, file_line=1), refused.code, refused.text, refused.cure)
    return IgnoreFile(_decoded(data), inside=folder)


def ignore_files(root: Path, paths: Iterable[str]) -> tuple[IgnoreFile, ...]:
    """The ignore files among the listed `paths` of a git tree, and those above the root in its repository."""
    folders = sorted(path[: -len(NAME)] for path in paths if path == NAME or path.endswith("/" + NAME))
    inner = (read_ignore_file(root, folder) for folder in folders)
    return (*_above(root.resolve()), *(file for file in inner if isinstance(file, IgnoreFile)))


def _above(root: Path) -> list[IgnoreFile]:
    found: list[IgnoreFile] = []
    folder = root
    while not (folder / ".git").exists() and folder != folder.parent:
        folder = folder.parent
        file = read_ignore_file(folder, "")
        if isinstance(file, IgnoreFile):
            found.insert(0, IgnoreFile(file.text, ahead=root.relative_to(folder).as_posix() + "/"))
    return found


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
