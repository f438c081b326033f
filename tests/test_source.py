"""Words of a run: paths."""

from __future__ import annotations

import pytest

from mldebt.source import folders_above


@pytest.mark.parametrize(
    ("path", "folders"),
    [
        ("a/b/c.py", ["a/b", "a"]),
        ("c.py", []),
        ("/data/raw/x.csv", ["/data/raw", "/data"]),
        ("//server/share/x.csv", ["//server/share", "//server"]),
        ("///x", []),
        ("", []),
    ],
)
def test_the_folders_above_a_path_end_below_its_root(path: str, folders: list[str]) -> None:
    assert list(folders_above(path)) == folders
