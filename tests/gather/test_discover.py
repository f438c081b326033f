"""Finding files: git's list, the walk, and what neither must be fooled by."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from mldebt.gather.discover import Found, find

TREE = {
    ".gitignore": "*.log\nbuild/\n/data/*\n!/data/keep.csv\n# a comment\n\n",
    "train.py": "x = 1",
    "a.log": "",
    "build/made.py": "",
    "data/raw.csv": "1",
    "data/keep.csv": "1",
    "pkg/.gitignore": "local_*\n!*.log\n",
    "pkg/mod.py": "",
    "pkg/local_x.py": "",
    "pkg/kept.log": "",
    "pkg/__pycache__/mod.cpython-311.pyc": "",
    "node_modules/x/index.json": "{}",
    ".ipynb_checkpoints/a-checkpoint.ipynb": "{}",
    ".history/pkg/mod_20240301101500.py": "",
    "env/pyvenv.cfg": "",
    "env/lib/site-packages/numpy.py": "",
    "lib/site-packages/mine.py": "",
}
KEPT = [
    ".gitignore",
    "data/keep.csv",
    "lib/site-packages/mine.py",
    "pkg/.gitignore",
    "pkg/kept.log",
    "pkg/mod.py",
    "train.py",
]


def paths(found: Found) -> list[str]:
    return [entry.path for entry in found.entries]


def test_a_git_tree_and_a_plain_one_give_the_same_list(fill, git):
    root = fill(TREE)
    walked = find(root)
    git(root, "init", "-q")
    listed = find(root)
    git(root, "add", "train.py", "pkg/mod.py")
    tracked = find(root)
    assert paths(walked) == paths(listed) == paths(tracked) == KEPT
    assert walked.problems == listed.problems == ()


def test_ignored_paths_are_told_even_if_they_do_not_exist(fill, git):
    root = fill(TREE)
    walked = find(root).ignores
    git(root, "init", "-q")
    asked = ("build/x.csv", "data/new.csv", "pkg/local_1", "data/keep.csv", "n.py")
    for ignores in (walked, find(root).ignores):
        assert [path for path in asked if ignores(path)] == ["build/x.csv", "data/new.csv", "pkg/local_1"]


def test_a_folder_of_a_git_tree(fill, git):
    ignored = {".gitignore": "*.pkl\n/sub/out/\n", "sub/m.pkl": "", "sub/out/b.py": ""}
    root = fill({**ignored, "sub/a.py": "", "c.py": ""})
    git(root, "init", "-q")
    found = find(root / "sub")
    assert paths(found) == ["a.py"]
    assert found.ignores("deep/model.pkl")
    assert found.ignores("out/b.py")
    assert not found.ignores("other.py")


def test_an_ignored_folder_can_itself_be_scanned(fill, git):
    root = fill({".gitignore": "env\n", "env/pyvenv.cfg": "", "env/site-packages/numpy/core.py": ""})
    git(root, "init", "-q")
    assert paths(find(root / "env" / "site-packages")) == ["numpy/core.py"]


def test_a_tracked_file_that_is_gone_is_no_file(fill, git):
    root = fill({"a.py": "", "b.py": ""})
    git(root, "init", "-q")
    git(root, "add", ".")
    (root / "a.py").unlink()
    assert paths(find(root)) == ["b.py"]


def test_repositories_inside_are_left_out_and_said(fill, git):
    root = fill({"a.py": "", "inner/b.py": ""})
    git(root / "inner", "init", "-q")
    walked = find(root)
    git(root, "init", "-q")
    for found in (walked, find(root)):
        assert paths(found) == ["a.py"]
        assert [(problem.at.path, problem.code) for problem in found.problems] == [("inner", "not-followed")]


def test_links(fill, tmp_path):
    outside = tmp_path / "secret.py"
    outside.write_text("password = 1")
    root = fill({"real.py": "", "pkg/kept.py": "", ".gitignore": "hidden.py\n", "hidden.py": ""})
    (root / "again.py").symlink_to("real.py")
    (root / "leak.py").symlink_to(outside)
    (root / "data.bin").symlink_to(outside)
    (root / "unignored.py").symlink_to("hidden.py")
    (root / "dangling.py").symlink_to("nowhere.py")
    (root / "self.py").symlink_to("self.py")
    (root / "pkg" / "loop").symlink_to(root)
    found = find(root)
    assert paths(found) == [".gitignore", "pkg/kept.py", "real.py", "unignored.py"]
    assert {entry.path: entry.real for entry in found.entries}["unignored.py"] == "hidden.py"
    assert found.links == ("again.py", "data.bin", "leak.py", "pkg/loop")
    assert [(problem.at.path, problem.code) for problem in found.problems] == [("leak.py", "not-followed")]


def test_pipes_and_folders_with_the_name_of_a_file(fill):
    root = fill({"a.py": "", "folder.py/b.py": ""})
    os.mkfifo(root / "pipe.py")
    assert paths(find(root)) == ["a.py", "folder.py/b.py"]


@pytest.mark.parametrize("in_git", [False, True])
def test_names_that_are_no_utf8(fill, git, in_git):
    root = fill({"a.py": "", "line\nbreak.py": ""})
    raw = os.fsencode(root) + b"/odd\xff.py"
    with open(raw, "wb"):  # noqa: PTH123
        pass
    if in_git:
        git(root, "init", "-q")
    found = find(root)
    assert paths(found) == ["a.py", "line\nbreak.py", os.fsdecode(b"odd\xff.py")]


def test_git_runs_nothing_that_the_repository_configures(fill, git, tmp_path):
    root = fill({"a.py": ""})
    git(root, "init", "-q")
    mark, hook = tmp_path / "ran", tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(hook))
    git(root, "config", "core.hooksPath", str(tmp_path))
    assert paths(find(root)) == ["a.py"]
    assert not mark.exists()


def test_variables_of_a_surrounding_git_command_do_not_matter(fill, git, monkeypatch, tmp_path):
    root = fill({"a.py": ""})
    git(root, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    found = find(root)
    assert paths(found) == ["a.py"]
    assert found.problems == ()


def test_a_refusal_of_git_is_said_and_the_folder_walked(fill, git):
    root = fill({"a.py": "", "b.log": "", ".gitignore": "*.log"})
    git(root, "init", "-q")
    (root / ".git" / "config").write_text("[broken")
    found = find(root)
    assert paths(found) == [".gitignore", "a.py"]
    assert [problem.code for problem in found.problems] == ["not-followed"]


def test_a_hostile_ignore_file_neither_crashes_nor_stalls(fill):
    lines = "*a" * 15 + "b\n[z-a]\n!\n\\\n" + "x" * 600 + "\n*.log\n"
    root = fill({".gitignore": lines, "a" * 200 + ".py": "", "b.log": ""})
    started = time.monotonic()
    found = find(root)
    assert time.monotonic() - started < 5
    assert paths(found) == [".gitignore", "a" * 200 + ".py"]
    assert [(problem.at.line, problem.code) for problem in found.problems] == [
        (line, "not-followed") for line in (1, 2, 3, 4, 5)
    ]


def test_the_root_must_be_a_folder(fill):
    root = fill({"a.py": ""})
    with pytest.raises(FileNotFoundError):
        find(root / "nowhere")
    with pytest.raises(NotADirectoryError):
        find(root / "a.py")


def test_an_empty_folder(fill):
    assert find(fill({})) == Found((), (), (), find(fill({})).ignores)


def test_more_files_than_the_bound(fill, monkeypatch):
    monkeypatch.setattr("mldebt.gather.discover.MOST_FILES", 2)
    found = find(fill({"a.py": "", "b.py": "", "c.py": ""}))
    assert paths(found) == ["a.py", "b.py"]
    assert [(problem.at.path, problem.code) for problem in found.problems] == [(".", "bound")]


def test_a_folder_that_cannot_be_listed(fill, monkeypatch):
    root = fill({"a.py": "", "shut/b.py": ""})
    scandir = os.scandir

    def refuse(path: Path):
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = find(root)
    assert paths(found) == ["a.py"]
    assert [(problem.at.path, problem.code) for problem in found.problems] == [("shut", "io")]


def test_a_link_whose_end_may_not_be_looked_at(fill, monkeypatch):
    root = fill({"a.py": ""})
    (root / "b.py").symlink_to("shut/b.py")
    realpath = os.path.realpath

    def refuse(path: Path, **options):
        if Path(path).name == "b.py":
            raise PermissionError(13, "Permission denied")
        return realpath(path, **options)

    monkeypatch.setattr(os.path, "realpath", refuse)
    found = find(root)
    assert paths(found) == ["a.py"]
    assert [(problem.at.path, problem.code) for problem in found.problems] == [("b.py", "io")]
