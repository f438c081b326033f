"""Git's own list of the files of a work tree, asked without running anything the repository configures."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120
PREFIX = (
    "git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager",
    "--no-optional-locks", "--literal-pathspecs",
)  # fmt: skip
"""How git is asked: nothing that a repository configures is run."""


@dataclass(frozen=True, slots=True)
class Listing:
    """`paths` are relative to the folder asked about; None where git does not manage it.

    `refusal` is what git said if it does manage the folder but will not answer.
    """

    paths: tuple[str, ...] | None
    refusal: str = ""


def list_files(root: Path) -> Listing:
    """Tracked files, and untracked ones that are not ignored. Nested repositories end with `/`."""
    command = [*PREFIX, "ls-files", "-coz", "--exclude-standard"]
    try:
        done = subprocess.run(
            command, cwd=root, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return Listing(None, "git is not installed" if (root / ".git").exists() else "")
    except (OSError, subprocess.TimeoutExpired):
        return Listing(None, "git did not answer")
    if done.returncode:
        return Listing(None, _refusal(done.stderr))
    return Listing(tuple(sorted({os.fsdecode(path) for path in done.stdout.split(b"\0") if path})))


def tracks(folder: Path) -> bool:
    """Whether git has anything of a folder, or may have: it does not answer where it manages the folder. What others
    have committed there came with the repository."""
    command = [*PREFIX, "ls-files", "-z", "--", folder.name]
    try:
        done = subprocess.run(
            command, cwd=folder.parent, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        return any((above / ".git").exists() for above in folder.absolute().parents)
    except (OSError, subprocess.TimeoutExpired):
        return True
    return bool(_refusal(done.stderr) if done.returncode else done.stdout)


def commit(root: Path) -> str:
    """The commit that a folder is of, abbreviated; empty where git does not manage it."""
    command = [*PREFIX, "rev-parse", "--short=12", "--verify", "--quiet", "HEAD"]
    try:
        done = subprocess.run(
            command, cwd=root, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
            timeout=SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else os.fsdecode(done.stdout).strip()


def _refusal(said: bytes) -> str:
    """Why git refused; empty where the folder is simply no work tree."""
    if b"not a git repository" in said or b"must be run in a work tree" in said:
        return ""
    if b"dubious ownership" in said:
        return "git refuses a repository that belongs to somebody else"
    return "git cannot read this repository"


def environment() -> dict[str, str]:
    """The environment without what a surrounding git command, a hook say, has set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(("GIT_CONFIG", "GIT_CEILING"))
    }
    return kept | {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}
