"""The same files give the same bytes: in any order, with any number of workers and any seed of hashes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHURN = Path(__file__).parent.parent / "fixtures" / "repos" / "churn"


def copied(to: Path, *, backwards: bool) -> Path:
    """The example system, its files made in one order or the other."""
    files = sorted(path for path in CHURN.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    for path in reversed(files) if backwards else files:
        target = to / "churn" / path.relative_to(CHURN)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return to / "churn"


def bytes_of(root: Path, *, workers: int, seed: str) -> bytes:
    """What a scan of everything prints as JSON."""
    command = [sys.executable, "-m", "mldebt", "scan", ".", "--profile", "full", "--min-confidence", "hint"]
    command += ["--workers", str(workers), "--output-format", "json", "--exit-zero", "--no-cache"]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    ("workers", "seed", "backwards"), [(1, "2", False), (2, "1", False), (3, "77", False), (2, "3", True)]
)
def test_every_run_gives_the_same_bytes(tmp_path: Path, workers: int, seed: str, backwards: bool) -> None:
    first = bytes_of(copied(tmp_path / "one", backwards=False), workers=1, seed="1")
    assert first.count(b'"rule"') > 10
    assert bytes_of(copied(tmp_path / "two", backwards=backwards), workers=workers, seed=seed) == first
