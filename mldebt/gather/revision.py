"""A tree that git holds, laid out as a folder: the base of a change, or what is staged.

The work tree is left alone, and nothing that the repository configures is run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from mldebt.gather.git import PREFIX, SECONDS, environment

LARGEST_FILE = 50 * 1024 * 1024
_PLAIN = (b"100644", b"100755")
_EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # the tree without files, which git knows everywhere


class BadRevision(ValueError):
    """A revision that cannot be read here; says why, and what to do."""


def base_of(root: Path, revision: str) -> str:
    """The commit that a revision and HEAD share, where the change began; before the first commit the empty tree.
    Raises BadRevision."""
    if revision == "HEAD" and _is_unborn(root):
        return _EMPTY
    ask(root, ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
         f"There is no revision {revision!r} here. Fetch it first: git fetch origin {revision.removeprefix('origin/')}")
    shallow = ask(root, ("rev-parse", "--is-shallow-repository"), "git cannot read this repository.")
    cure = "Their histories do not meet."
    if shallow.strip() == b"true":
        cure = "This clone is shallow: git fetch --unshallow"
    found = ask(root, ("merge-base", "--end-of-options", revision, "HEAD"),
                 f"{revision!r} and HEAD share no commit here. {cure}")
    return found.decode().strip()


def lay_out_commit(root: Path, commit: str, to: Path) -> None:
    """Writes the files that a commit holds of the folder `root`. Raises BadRevision."""
    listed = ask(root, ("ls-tree", "-r", "-z", "--end-of-options", commit), f"git cannot list the commit {commit}.")
    entries = (line.split(b"\t", 1) for line in listed.split(b"\0") if line)
    _lay_out(root, ((meta.split()[0], meta.split()[2], path) for meta, path in entries), to)


def lay_out_index(root: Path, to: Path) -> None:
    """Writes the files that are staged or unchanged in the folder `root`. Raises BadRevision."""
    listed = ask(root, ("ls-files", "-s", "-z"), "git cannot list what is staged here.")
    entries = (line.split(b"\t", 1) for line in listed.split(b"\0") if line)
    _lay_out(root, ((meta.split()[0], meta.split()[1], path) for meta, path in entries), to)


def _is_unborn(root: Path) -> bool:
    """Whether HEAD names a branch that has no commit yet."""
    listed = ask(root, ("for-each-ref", "--count=1"), "git cannot read this repository.")
    return not listed and _said(root, ("rev-parse", "--verify", "--quiet", "HEAD")) == b""


def _said(root: Path, arguments: tuple[str, ...]) -> bytes:
    try:
        return ask(root, arguments, "")
    except BadRevision:
        return b""


def _lay_out(root: Path, entries: Iterable[tuple[bytes, bytes, bytes]], to: Path) -> None:
    """Writes plain files, and no others: a link could lead out of the folder. What git would ignore is left out of the
    listing by git already, so files that say so are not needed."""
    wanted = [(object_, path) for mode, object_, path in entries if mode in _PLAIN and _is_safe(path)]
    for (_, path), content in zip(wanted, _contents(root, [object_ for object_, _ in wanted]), strict=True):
        file = to / os.fsdecode(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _is_safe(path: bytes) -> bool:
    parts = path.split(b"/")
    return not {b"", b".", b"..", b".git"} & {part.lower() for part in parts} and parts[-1] != b".gitignore"


def _contents(root: Path, objects: list[bytes]) -> Iterator[bytes]:
    """The content of each object, in order; nothing of one that is too large to be read."""
    with subprocess.Popen(
        [*PREFIX, "cat-file", "--batch"], cwd=root, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as git:  # fmt: skip
        assert git.stdin is not None and git.stdout is not None
        for name in objects:  # one at a time: two full pipes would wait for each other
            git.stdin.write(name + b"\n")
            git.stdin.flush()
            head = git.stdout.readline().split()
            if len(head) != 3:
                yield b""
                continue
            size = int(head[2])
            content = git.stdout.read(size + 1)[:size]
            yield content if size <= LARGEST_FILE else b""


def ask(root: Path, arguments: tuple[str, ...], otherwise: str) -> bytes:
    """What git answers in a folder. Raises BadRevision, with the words `otherwise` where it refuses."""
    try:
        done = subprocess.run(
            [*PREFIX, *arguments], cwd=root, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadRevision("git is not installed, or does not answer: a base needs it.") from error
    if done.returncode:
        no_tree = b"not a git repository" in done.stderr
        raise BadRevision("This folder is no git work tree, so it has no base." if no_tree else otherwise)
    return done.stdout
