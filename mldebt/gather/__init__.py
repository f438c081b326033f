"""A folder to the facts of its files: finding, telling kinds, reading safely, extracting in workers."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from mldebt.config import Config
from mldebt.facts import FileFacts
from mldebt.gather import ignores
from mldebt.gather.alike import dumps, without_data
from mldebt.gather.content import Choice, choose, contents, inclusion
from mldebt.gather.discover import Found, find
from mldebt.gather.ignores import Ignores
from mldebt.gather.kept import Kept
from mldebt.gather.pool import Work, available_workers, extract
from mldebt.gather.troubles import problems_of
from mldebt.gather.worker import Failure, Reader
from mldebt.source import Kind, Problem, SourceFile, Span

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a folder says, sorted by path.

    `others` exist but gave no facts: data and other kinds, what the configuration leaves out, and
    what failed (see `problems`). `ignored_by_git` answers for any path, whether or not it exists.
    `complete` is False when a worker crashed or missed its deadline. `foreign` are files of packages and
    projects of somebody else that could not be read.
    """

    files: tuple[tuple[SourceFile, FileFacts], ...]
    problems: tuple[Problem, ...]
    complete: bool
    others: tuple[str, ...]
    ignored_by_git: Ignores
    foreign: tuple[str, ...] = ()


def read_file(kind: Kind, data: bytes, name: str, dialect: str = "") -> FileFacts:
    """The facts of one file's content; the reader of every scan. `dialect` is that of the project's SQL."""
    from mldebt.extract import read  # the parser is slow to import, and only workers need it

    return read(kind, data, name, dialect)


def gather(
    root: Path,
    config: Config,
    *,
    workers: int = 0,
    progress: Progress | None = None,
    reader: Reader | None = None,
    meanwhile: Callable[[], None] | None = None,
    kept: Kept | None = None,
) -> Gathered:
    """The facts of every file below `root` that `config` wants.

    `workers` 0 means as `config` says, or one a core. `progress` is told how many files are done
    and how many there are. `reader` runs in other processes and must be picklable; None: `read_file`.
    `meanwhile` is called once while workers read. What is `kept` from other times is not read again.
    Raises FileNotFoundError or NotADirectoryError if `root` is no folder.
    """
    found = find(root)
    included = inclusion(config)
    # The largest first, so that no worker is left with one of them at the end.
    entries = [entry for entry in found.entries if included(entry.path)]
    wanted, crowds = without_data(choose(root, entries, included))
    choices = tuple(sorted(wanted, key=lambda choice: -choice.entry.size))
    reading = _Reading(root, config, choices, progress, kept)
    reader = reader or partial(read_file, dialect=config.sql_dialect)
    reading.run(reader, workers or config.workers or available_workers(), meanwhile)
    problems = {problem for problem in found.problems if problem.at.path == "." or included(problem.at.path)}
    return Gathered(
        files=tuple(sorted(reading.files, key=lambda pair: pair[0].path)),
        problems=tuple(sorted(problems.union(crowds, dumps(entries), reading.problems))),
        complete=reading.complete,
        others=_others(found, reading.files),
        ignored_by_git=found.ignores,
        foreign=_foreign(choices, reading.problems),
    )


class _Reading:
    """One pass over the chosen files, and what came of it, in the order of arrival."""

    def __init__(
        self, root: Path, config: Config, choices: tuple[Choice, ...], progress: Progress | None, kept: Kept | None
    ) -> None:
        self.files: list[tuple[SourceFile, FileFacts]] = []
        self.problems: list[Problem] = []
        self.complete = True
        self._done = 0
        self._asked: list[tuple[SourceFile, str]] = []  # files and names that workers read them by
        self._root, self._config, self._choices, self._progress = root, config, choices, progress
        self._kept = kept

    def run(self, reader: Reader, workers: int, meanwhile: Callable[[], None] | None) -> None:
        report = self._progress or (lambda done, total: None)
        answers = extract(self._works(), reader, workers, self._config.file_timeout, meanwhile)
        for key, answer in answers:
            source, name = self._asked[key]
            if self._kept and isinstance(answer, FileFacts):
                self._kept.keep_facts(source.digest, source.kind, name, answer)
            self._note(source, answer)
            report(self._done, len(self._choices))
        report(len(self._choices), len(self._choices))

    def _works(self) -> Iterator[Work]:
        """The files that have to be read; what is known already is noted."""
        for item in contents(self._root, self._choices, self._config.max_file_size):
            if isinstance(item, Problem):
                self.problems.append(item)
                continue
            source = item.source
            # A name need not be UTF-8, and facts that held it could not be packed.
            name = item.name or PurePosixPath(source.path).name.encode("utf-8", "replace").decode()
            known = self._kept.facts(source.digest, source.kind, name) if self._kept else None
            if known is not None:
                self._note(source, known)
                continue
            self._asked.append((source, name))
            yield Work(len(self._asked) - 1, source.kind, item.data, name)

    def _note(self, source: SourceFile, answer: FileFacts | Failure) -> None:
        self._done += 1
        if isinstance(answer, Failure):
            at = Span(source.path, 1, file_line=1)
            self.problems.append(Problem(at, answer.code, answer.text, answer.cure))
            self.complete = self.complete and not answer.ours
            return
        self.files.append((source, answer))
        self.problems += problems_of(source.path, answer)


def _foreign(choices: tuple[Choice, ...], problems: list[Problem]) -> tuple[str, ...]:
    troubled = {problem.at.path for problem in problems}
    return tuple(sorted(one.entry.path for one in choices if one.foreign and one.entry.path in troubled))


def _others(found: Found, files: list[tuple[SourceFile, FileFacts]]) -> tuple[str, ...]:
    """What exists, gave no facts, but may be asked for by name. What says which files are listed is none of them, so
    that a work tree and the commit it stands at are the same."""
    names = {*found.links, *(entry.path for entry in found.entries)} - {source.path for source, _ in files}
    return tuple(sorted(name for name in names if posixpath.basename(name) != ignores.NAME))
