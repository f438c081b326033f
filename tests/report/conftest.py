"""Reports of small repositories, made once for all tests that look at them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mldebt.cli import run

ROOT = Path(__file__).parents[2]
HOSTILE = "<img src=x onerror=document.title='owned'>.py"
"""A name of a file that is markup wherever it is taken for markup."""
CLOSING = "'</script><script>document.title=\"owned\"</script>.csv'"
TRAINING = f"""
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv({CLOSING})
model = LogisticRegression(C=0.37).fit(frame[["a"]], frame["b"])
joblib.dump(model, "model.joblib")
"""


def made(root: Path, output: Path, *options: str) -> str:
    """The page of a repository."""
    assert run(["report", str(root), "-o", str(output), "--no-cache", *options]) == 0
    return output.read_text("ascii")


@pytest.fixture(scope="session")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the small system that the README scans."""
    folder = tmp_path_factory.mktemp("report")
    root = Path(shutil.copytree(ROOT / "fixtures" / "repos" / "churn", folder / "churn"))
    made(root, folder / "churn.html")
    return folder / "churn.html"


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a repository whose file is called like an attack, and that reads one."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "repo").mkdir()
    (folder / "repo" / HOSTILE).write_text(TRAINING, "utf-8")
    made(folder / "repo", folder / "hostile.html", "--min-confidence", "hint")
    return folder / "hostile.html"
