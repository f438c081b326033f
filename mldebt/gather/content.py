"""Which of the files that were found are read, and their content, within limits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mldebt.config import Config, Limits
from mldebt.gather.discover import Entry
from mldebt.gather.env_files import NAME, env_files
from mldebt.gather.exports import is_export, may_be_export
from mldebt.gather.licences import is_of_others, projects_of_others
from mldebt.gather.opened import Refused, read_bytes, read_head
from mldebt.gather.purpose import installed, is_installed, is_script, kind_of, may_be_script, purpose_of
from mldebt.patterns import compile_patterns
from mldebt.source import Kind, Problem, Purpose, SourceFile, Span

_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Choice:
    """A file that is to be read, and what it is. `foreign`: it belongs to a package that an installer put there, or
    to a project of somebody else. `name`: it is read as a file of this name is."""

    entry: Entry
    kind: Kind
    foreign: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """A file and what is in it."""

    source: SourceFile
    data: bytes
    name: str = ""


def inclusion(config: Config) -> Callable[[str], bool]:
    """Whether the configuration wants a path: matched by `include`, if there is one, not by `exclude`."""
    if not config.include and not config.exclude:
        return lambda path: True
    include = compile_patterns(config.include)[0] if config.include else None
    exclude = compile_patterns(config.exclude)[0]
    return lambda path: (include is None or include.decide(path) is True) and not exclude.decide(path)


def choose(root: Path, entries: Iterable[Entry], included: Callable[[str], bool]) -> Iterator[Choice]:
    """The files that have a reader and are wanted, in the order of `entries`."""
    listed = tuple(entries)
    packages, projects = installed(entry.path for entry in listed), projects_of_others(root, listed)
    variables = env_files(root, listed)
    for entry in listed:
        kind = kind_of(entry.path, entry.size)
        foreign = is_installed(entry.path, packages) or is_of_others(entry.path, projects)
        if kind is Kind.OTHER and entry.path in variables and included(entry.path):
            yield Choice(entry, Kind.SETTINGS, foreign, NAME)
            continue
        if kind is Kind.OTHER and not may_be_script(entry.path):
            continue
        if included(entry.path) and (kind is not Kind.OTHER or _is_script(root, entry)):
            yield Choice(entry, Kind.PYTHON if kind is Kind.OTHER else kind, foreign)


def contents(root: Path, choices: Iterable[Choice], limits: Limits) -> Iterator[Content | Problem]:
    """Each file's content, read once, or why it cannot be read."""
    chosen = tuple(choices)
    notebooks = {choice.entry.path: choice for choice in chosen if choice.kind is Kind.NOTEBOOK}
    for choice in chosen:
        path, at = choice.entry.path, Span(choice.entry.path, 1, file_line=1)
        try:
            data = read_bytes(root / choice.entry.real, _limit(limits, choice.kind))
        except FileNotFoundError:
            yield Problem(at, "io", "the file vanished during the scan", "run the scan again")
            continue
        except Refused as refused:
            yield Problem(at, refused.code, refused.text, refused.cure)
            continue
        if data.startswith(_LFS):
            text = "a Git LFS pointer stands here; the content is not checked out"
            yield Problem(at, "truncated", text, "run git lfs pull")
            continue
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        purpose = Purpose.VENDORED if choice.foreign else purpose_of(path, choice.kind, data)
        beside = notebooks.get(f"{path.removesuffix('.py')}.ipynb")
        if purpose is Purpose.PRODUCTION and beside and may_be_export(data) and _exported(root, beside, data, limits):
            purpose = Purpose.GENERATED
        yield Content(SourceFile(path, choice.kind, purpose, digest, len(data)), data, choice.name)


def _exported(root: Path, notebook: Choice, script: bytes, limits: Limits) -> bool:
    """Whether a script is an export of the notebook beside it."""
    try:
        return is_export(script, read_bytes(root / notebook.entry.real, limits.notebook))
    except (FileNotFoundError, Refused):
        return False  # the notebook itself tells why


def _is_script(root: Path, entry: Entry) -> bool:
    try:
        return is_script(read_head(root / entry.real, 128))
    except (FileNotFoundError, Refused):
        return False  # nothing says that this is a file we would read


def _limit(limits: Limits, kind: Kind) -> int:
    return {Kind.NOTEBOOK: limits.notebook, Kind.SETTINGS: limits.settings}.get(kind, limits.python)
