"""Folders to gather from, as git trees and as plain ones."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Fill = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Writes files below a fresh folder and gives the folder."""

    def write(files: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "tree"
        root.mkdir(exist_ok=True)
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        return root

    return write


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs git in a folder, away from the user's own configuration."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    def run(root: Path, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)

    return run
