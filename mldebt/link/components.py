"""Components: what is deployed or run by itself (SMELLS, words)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import lru_cache

from mldebt.source import folders_above
from mldebt.wildcards import fits

_MARKS = (
    "Dockerfile", "Dockerfile.*", "Dockerfile-*", "*.dockerfile", "requirements*.txt", "pyproject.toml", "setup.py",
    "setup.cfg", "Pipfile", "environment.y*ml", "conda.y*ml", "serverless.y*ml", "MLproject", "package.json",
)  # fmt: skip


class Components:
    """Which component a file belongs to: the nearest folder above it that has its own Dockerfile,
    requirements or project file; otherwise its top-level folder."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._roots = {
            posixpath.dirname(path)
            for path in paths
            if (name := posixpath.basename(path)) and any(fits(name, mark) for mark in _MARKS)
        }
        self.of = lru_cache(maxsize=None)(self._nearest)

    def marked(self) -> frozenset[str]:
        """The folders that have such a file of their own, the top of the repository left out."""
        return frozenset(self._roots - {""})

    def _nearest(self, path: str) -> str:
        """The folder of the component; `.` for scripts at the top."""
        folder = posixpath.dirname(path)
        own = next((above for above in folders_above(f"{folder}/") if above in self._roots), "")
        return own or folder.partition("/")[0] or "."
