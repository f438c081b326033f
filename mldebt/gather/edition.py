"""Which mldebt this is: digests of its own code and tables, so that nothing it keeps outlives a change of either."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from importlib.resources import files
from pathlib import Path

import mldebt

READERS = (
    "__init__.py", "credentials.py", "declarations.py", "extract/", "facts/", "forms.py", "languages.py",
    "measures.py", "source.py", "rules/credentials.toml", "rules/forms.toml", "rules/languages.toml",
)  # fmt: skip
"""The files and folders that decide what a reader makes of content."""
LIBRARIES = ("libcst", "msgspec", "networkx", "packaging", "pathspec", "PyYAML", "sqlglot", "tomli")


@cache
def readers() -> bytes:
    """A digest of all that decides what is read in a file."""
    return _digest(READERS)


@cache
def whole() -> bytes:
    """A digest of all of mldebt."""
    return _digest(("",))


def _digest(beginnings: tuple[str, ...]) -> bytes:
    digest = hashlib.blake2b(repr((sys.version_info[:2], sys.platform, *_versions())).encode(), digest_size=16)
    for path, content in _contents():
        if path.startswith(beginnings):
            digest.update(f"{path}\0".encode("utf-8", "surrogateescape") + content)
    return digest.digest()


@cache
def _versions() -> tuple[str, ...]:
    return tuple(f"{name} {_version(name)}" for name in LIBRARIES)


@cache
def _contents() -> tuple[tuple[str, bytes], ...]:
    """Digests of mldebt's own files, by paths that are the same wherever it lies."""
    return tuple((path, hashlib.blake2b(file.read_bytes(), digest_size=16).digest()) for path, file in _own_files())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _own_files() -> Iterator[tuple[str, Path]]:
    yield from _below(Path(mldebt.__file__).parent, "", ("rules",))
    yield from _below(Path(str(files("mldebt.rules"))), "rules/", ())


def _below(folder: Path, prefix: str, without: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_file():
            yield prefix + entry.name, Path(entry.path)
        elif entry.name not in ("__pycache__", *without):
            yield from _below(Path(entry.path), f"{prefix}{entry.name}/", ())
