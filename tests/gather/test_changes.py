"""Which lines a change touches, as git tells."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mldebt.gather.changes import Changes, changes_since
from mldebt.gather.revision import BadRevision

NAMES = ("same.py", "edited.py", "moved.py", "cut.py", "odd \"name\"\tü.py", "sub/deep.py")
Git = Callable[..., None]
TEN = "".join(f"line {number}\n" for number in range(1, 11))


@pytest.fixture
def git(tmp_path: Path) -> Git:
    def git(*words: str) -> None:
        own = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *words]
        subprocess.run(own, cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TEN, "utf-8")
    git("add", "-A")
    git("commit", "-qm", "before")
    return git


def test_changed_lines_are_told_file_by_file(tmp_path: Path, git: Git) -> None:
    edited = TEN.replace("line 3\n", "three\nand more\n").replace("line 9\n", "nine\n")
    (tmp_path / "edited.py").write_text(edited, "utf-8")
    (tmp_path / "cut.py").write_text(TEN.replace("line 5\n", ""), "utf-8")
    (tmp_path / "odd \"name\"\tü.py").write_text(TEN + "++ b/edited.py\n", "utf-8")
    (tmp_path / "new.py").write_text("x = 1\n", "utf-8")
    git("mv", "moved.py", "renamed.py")
    (tmp_path / "renamed.py").write_text(TEN.replace("line 1\n", "one\n"), "utf-8")
    assert changes_since(tmp_path, "HEAD", [*NAMES, "new.py", "renamed.py", *map(str, range(500))]) == Changes(
        {"edited.py": ((3, 4), (10, 10)), "odd \"name\"\tü.py": ((11, 11),), "renamed.py": ((1, 10),)},
        frozenset({"new.py"}),
    )
    assert changes_since(tmp_path, "HEAD", ["cut.py", "same.py"]) == changes_since(tmp_path, "HEAD", ()) == Changes({})


def test_of_a_folder_below_and_of_what_is_staged(tmp_path: Path, git: Git) -> None:
    (tmp_path / "sub" / "deep.py").write_text(TEN + "staged\n", "utf-8")
    git("add", "-A")
    (tmp_path / "sub" / "deep.py").write_text(TEN + "staged\nnot staged\n", "utf-8")
    (tmp_path / "sub" / "new.py").write_text("", "utf-8")
    below = ["deep.py", "new.py"]
    assert changes_since(tmp_path / "sub", "HEAD", below, staged=True) == Changes({"deep.py": ((11, 11),)})
    assert changes_since(tmp_path / "sub", "HEAD", below) == Changes({"deep.py": ((11, 12),)}, frozenset({"new.py"}))


def test_what_a_repository_configures_changes_nothing(tmp_path: Path, git: Git) -> None:
    odd = {"diff.external": "false", "diff.noprefix": "true", "color.ui": "always", "diff.context": "9"}
    for name, value in odd.items():
        git("config", name, value)
    (tmp_path / "edited.py").write_text(TEN + "more\n", "utf-8")
    assert changes_since(tmp_path, "HEAD", NAMES).lines == {"edited.py": ((11, 11),)}
    with pytest.raises(BadRevision):
        changes_since(tmp_path, "no-such-commit", NAMES)


def test_ranges_meet_or_not() -> None:
    changes = Changes({"a.py": ((3, 4), (10, 10))}, frozenset({"new.py"}))
    assert [changes.touch("a.py", line, line) for line in (2, 3, 4, 5, 10)] == [False, True, True, False, True]
    assert changes.touch("a.py", 1, 3) and not changes.touch("b.py", 1, 99) and changes.touch("new.py", 7, 7)
