"""What is known of artifacts beyond their place: names that change, versions that are kept, files that name them."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mldebt.graph.declared import EXISTS, MAY_EXIST, UNREAD
from mldebt.graph.prototypes import in_test_folder
from mldebt.link.accesses import Access, Accesses
from mldebt.link.describe import unseen
from mldebt.roles import Store
from mldebt.source import folders_above

_POINTERS = (".dvc",)
_LISTS = frozenset({"dvc.yaml", "dvc.lock"})
_KEPT_UNDER = "kept-under:"
_COMMITS = frozenset({"git", "add", "commit"})
_IN_A_FOLDER = re.compile(r"\{[^{}]*\}/[^{}/]+$")
_CAN_DECLARE = frozenset({"pipeline", "container", "ci", "shell"})


def artifact_traits(
    accesses: Accesses,
    paths: Iterable[str],
    mentions: Mapping[str, frozenset[str]],
    read: frozenset[str],
    run_folders: frozenset[str],
) -> dict[str, frozenset[str]]:
    """Traits by the key of an artifact.

    `per-run`: its name is another one in each run, or it lies in one of `run_folders`, on a machine that lives for one.
    `versioned`: a file beside it, or beside a folder above it, says that its versions are kept, or commands commit it.
    `maybe-versioned`: such a pointer speaks of a file of its name, or of the end of a path of a container: where the
    working folder or a mount leads there, it is the same.
    `mentioned`: a pipeline, container, CI or shell file names it, other than by one word of prose. `listed-output`: a
    file that lists what steps put out, and whose tool keeps it, names it or a folder above it. `named-unread`: such a
    file names it that is not among those `read` for what they run. `declared`: such a list names it. `exists`: it is
    one of the repository. `may-exist`: a run is told in which folder a file of that name lies, and the repository has
    just one.
    """
    found: dict[str, set[str]] = defaultdict(set)
    pointed = {f"file:{path.removesuffix(end)}" for path in paths for end in _POINTERS if path.endswith(end)}
    ends = sorted(one.partition(":")[2] for one in pointed)
    files, outputs = _named(mentions)
    committed = _committed(mentions)
    unread, _ = _named({path: words for path, words in mentions.items() if path not in read})
    present, alone = _present(paths), _once(paths)
    for access in accesses.found:
        path = access.key.partition(":")[2]
        if access.location.varies or not run_folders.isdisjoint(folders_above(path.removeprefix("absolute:"))):
            found[access.key].add("per-run")
        around = (path, *folders_above(path))
        if not pointed.isdisjoint((access.key, *folders_above(access.key))) or not committed.isdisjoint(around):
            found[access.key].add("versioned")
        elif any(_may_be(path, one) for one in ends):
            found[access.key].add("maybe-versioned")
        if posixpath.basename(path) in files and not _is_word(access):
            found[access.key].add("mentioned")
        if posixpath.basename(path) in unread and not _is_word(access):
            found[access.key].add(UNREAD)
        if not outputs.isdisjoint((path, *folders_above(path))):
            found[access.key].update(("mentioned", "listed-output", "declared"))
        if access.key in present:
            found[access.key].add(EXISTS)
        elif _IN_A_FOLDER.match(path) and posixpath.basename(path) in alone:
            found[access.key].add(MAY_EXIST)
    return {key: frozenset(traits) for key, traits in found.items()}


def _is_word(access: Access) -> bool:
    """Whether it is a table that is called by a single word: a help text or a comment says such words, too."""
    return access.location.store is Store.TABLE and access.location.path.isalpha()


def _may_be(path: str, pointed: str) -> bool:
    """Whether a path without a folder, or one of a container, may mean what a pointer speaks of."""
    if "/" not in path:
        return path == posixpath.basename(pointed)
    return path.startswith("absolute:") and any(one.endswith(f"/{pointed}") for one in (path, *folders_above(path)))


def kept_elsewhere(accesses: Accesses) -> tuple[tuple[str, str], ...]:
    """Pairs of keys: what a run keeps, and the place in its store under which others find it.

    The catalogue names the folder of the store in which a run's files lie.
    """
    keys = sorted({access.key for access in accesses.found})
    return tuple(dict.fromkeys(pair for access in accesses.found if access.writes for pair in _kept(access, keys)))


def _kept(access: Access, keys: list[str]) -> Iterator[tuple[str, str]]:
    traits = access.event.row.traits if access.event.row is not None else frozenset()
    for folder in sorted(trait.removeprefix(_KEPT_UNDER) for trait in traits if trait.startswith(_KEPT_UNDER)):
        yield from ((access.key, key) for key in keys if key.endswith(f"/{folder}/{access.location.path}"))


def _present(paths: Iterable[str]) -> frozenset[str]:
    """The keys of the files of the repository, and of the folders they lie in."""
    return frozenset(f"file:{name}" for path in paths for name in (path, *folders_above(path)))


def _once(paths: Iterable[str]) -> frozenset[str]:
    """The names that one file of the repository has; a sample among tests is not what a run is given."""
    counts = Counter(posixpath.basename(path) for path in paths if not in_test_folder(path))
    return frozenset(name for name, count in counts.items() if count == 1)


def _named(mentions: Mapping[str, frozenset[str]]) -> tuple[frozenset[str], frozenset[str]]:
    """File names that files which can declare something name, and paths that lists of outputs name."""
    kinds = {one.path: one.kind for one in unseen(mentions)}
    said = [(kinds.get(file, ""), word) for file, words in mentions.items() for word in words]
    files = {posixpath.basename(word) for kind, word in said if kind in _CAN_DECLARE}
    lists = [file for file in mentions if posixpath.basename(file).lower() in _LISTS]
    outputs = {posixpath.normpath(posixpath.join(posixpath.dirname(f), word)) for f in lists for word in mentions[f]}
    return frozenset(files), frozenset(outputs)


def _committed(mentions: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Files and folders that commands add to the history of the repository: it keeps every version of them."""
    kinds = {one.path: one.kind for one in unseen(mentions)}
    committing = (
        words for path, words in mentions.items() if kinds.get(path, "") in _CAN_DECLARE and words >= _COMMITS
    )
    return frozenset(posixpath.normpath(word) for words in committing for word in words if "/" in word)
