"""Imports that fail whenever their file is run or imported."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Span


@dataclass(frozen=True, slots=True)
class BrokenImport:
    """An import at the top of a file of what the repository should hold and does not: `name`, which `path` should
    define, or, where it is no file but a folder, the module of that name in it."""

    at: Span
    name: str
    path: str
    is_module: bool
