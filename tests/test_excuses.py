"""What could excuse a finding and is not read yet makes it a hint."""

from __future__ import annotations

import json
from pathlib import Path

from mldebt.analysis import ScanRequest, read, scan
from mldebt.checks import pipeline_jungle
from mldebt.config import Config
from mldebt.roles import Confidence

SCRIPTS = {
    "ingest.py": """
pd.read_csv("raw/visits.csv").to_csv("tmp/visits.csv")
pd.read_csv("raw/wards.csv").to_csv("tmp/wards.csv")
""",
    "join.py": """
pd.read_csv("tmp/visits.csv").merge(pd.read_csv("tmp/wards.csv"), on="ward").to_csv("tmp/joined.csv")
""",
    "labels.py": """
pd.read_csv("tmp/joined.csv").groupby("patient")["returned"].max().to_csv("tmp/labels.csv")
""",
    "stays.py": """
pd.read_csv("tmp/joined.csv").groupby("patient")["days"].sum().to_csv("tmp/stays.csv")
""",
    "fit.py": """
table = pd.read_csv("tmp/stays.csv").merge(pd.read_csv("tmp/labels.csv"), on="patient")
LinearRegression().fit(table[["days"]], table["returned"])
""",
}
TASK = """
from airflow import DAG
from airflow.operators.python import PythonOperator

with DAG("stays"):
    PythonOperator(task_id="mean", python_callable=table.mean)
"""


def sureness(root: Path) -> list[Confidence]:
    """How sure the check is by itself; its card makes a hint of all of them."""
    return [hit.confidence for hit in pipeline_jungle.check(read(root, ScanRequest(Config())).graph)]


def test_programs_of_which_one_is_a_flow_may_be_in_order(tmp_path: Path) -> None:
    for name, text in SCRIPTS.items():
        (tmp_path / name).write_text(f"import pandas as pd\nfrom sklearn.linear_model import LinearRegression\n{text}")
    assert sureness(tmp_path) == [Confidence.LIKELY]
    with (tmp_path / "fit.py").open("a") as file:
        file.write(TASK)
    assert sureness(tmp_path) == [Confidence.HINT]


PROJECT = '[project]\nname = "wards"\nversion = "1"\ndependencies = ["pandas>=2"]\n'
LISTED = "import pandas as pd\n\n\ndef mean(path: str) -> float:\n    return pd.read_csv(path)['days'].mean()\n"


def open_versions(root: Path) -> list[tuple[str, Confidence]]:
    request = ScanRequest(Config(select=("unpinned-dependency",), min_confidence=Confidence.HINT))
    return [(finding.at.path, finding.confidence) for finding in scan(root, request).findings]


def test_ranges_in_the_metadata_of_a_library_are_a_hint(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "stays.py").write_text(LISTED)
    assert open_versions(tmp_path) == [("pyproject.toml", Confidence.LIKELY)]
    (tmp_path / "stays.py").unlink()
    (tmp_path / "wards").mkdir()
    (tmp_path / "wards" / "__init__.py").write_text("")
    (tmp_path / "wards" / "stays.py").write_text(LISTED)
    assert open_versions(tmp_path) == [("pyproject.toml", Confidence.HINT)]


def test_a_repository_that_says_nothing_of_versions_is_one_finding_and_a_hint_where_only_notebooks_ask(
    tmp_path: Path,
) -> None:
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": LISTED}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "days.ipynb").write_text(json.dumps(notebook))
    assert open_versions(tmp_path) == [("days.ipynb", Confidence.HINT)]
    for name in ("stays.py", "visits.py"):
        (tmp_path / name).write_text(LISTED)
    assert open_versions(tmp_path) == [("stays.py", Confidence.LIKELY)]


def test_a_command_that_installs_and_is_not_read_may_bring_what_is_imported(tmp_path: Path) -> None:
    (tmp_path / "stays.py").write_text(LISTED)
    (tmp_path / "requirements.txt").write_text("requests==2.32.3\n")
    assert open_versions(tmp_path) == [("stays.py", Confidence.LIKELY)]
    (tmp_path / "install.sh").write_text("pip install pandas==2.2.3\n")
    assert open_versions(tmp_path) == []


def test_a_list_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r gone.txt\npandas==2.2.3\n")
    problems = scan(tmp_path, ScanRequest()).problems
    assert [(one.code, one.at.line) for one in problems if "gone.txt" in one.text] == [("not-followed", 1)]
