"""One repository as linking needs it: what its files say, and nothing of the machine it lies on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from mldebt.config import Config, ConfigError, Fault
from mldebt.facts import FileFacts
from mldebt.gather import gather
from mldebt.gather.cache import Cache
from mldebt.gather.kept import Kept
from mldebt.gather.mentions import mentions
from mldebt.gather.owners import OwnersFile, read_owners
from mldebt.source import UNREADABLE, Problem, SourceFile

Progress = Callable[[int, int], None]


class Snapshot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one repository says and asks for. `others` exist and gave no facts, `words` are those of files
    that can run or name code, `rows` the documents of its own catalogue, as (name, content), `owners` its
    CODEOWNERS, `foreign` files of somebody else that could not be read."""

    config: Config
    files: tuple[tuple[SourceFile, FileFacts], ...]
    others: tuple[str, ...] = ()
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()
    rows: tuple[tuple[str, bytes], ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: bool = True
    owners: OwnersFile | None = None
    foreign: tuple[str, ...] = ()

    def mentions(self) -> dict[str, frozenset[str]]:
        """The words by the file in which they stand."""
        return {path: frozenset(words) for path, words in self.words}

    def lost(self) -> frozenset[str]:
        """The files that could not be read."""
        return frozenset(problem.at.path for problem in self.problems if problem.code in UNREADABLE)


def take(
    root: Path, config: Config, progress: Progress | None = None, meanwhile: Callable[[], None] | None = None,
    cache: Cache | None = None,
) -> Snapshot:  # fmt: skip
    """Reads a repository; `meanwhile` is called once while workers do. What is in the `cache` is not read again. Raises
    ConfigError when rows of its own cannot be read, and what `gather` raises."""
    rows = tuple(_documents(root, config))
    kept = Kept(cache, config.sql_dialect) if cache is not None and cache.is_open() else None
    gathered = gather(root, config, workers=config.workers, progress=progress, meanwhile=meanwhile, kept=kept)
    owners, skipped = read_owners(root)
    read = Snapshot(
        config=config,
        files=gathered.files,
        others=gathered.others,
        rows=rows,
        problems=tuple(sorted((*gathered.problems, *skipped))),
        complete=gathered.complete,
        owners=owners,
        foreign=gathered.foreign,
    )
    lost = read.lost()
    paths = sorted({*gathered.others, *lost, *(source.path for source, _ in gathered.files)})
    words = tuple(sorted(mentions(root, paths, lost, kept).items()))
    return msgspec.structs.replace(read, words=words)


def _documents(root: Path, config: Config) -> Iterator[tuple[str, bytes]]:
    """The documents of the repository's own catalogue; what is named last wins, and so stands first."""
    for named in reversed(config.catalogue):
        path = root / named
        for file in sorted(path.glob("*.toml")) if path.is_dir() else [path]:
            try:
                yield file.relative_to(root).as_posix(), file.read_bytes()
            except OSError as error:
                text = f"{named} of catalogue cannot be read ({error.strerror}); check its permissions."
                raise ConfigError([Fault(config.file, 1, text)]) from error
