"""What could excuse a finding and is not read yet makes it a hint."""

from __future__ import annotations

from pathlib import Path

from mldebt.analysis import ScanRequest, scan
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
print(table.mean())
""",
}
TASK = """
from airflow import DAG
from airflow.operators.python import PythonOperator

with DAG("stays"):
    PythonOperator(task_id="mean", python_callable=table.mean)
"""


def test_programs_of_which_one_is_a_flow_may_be_in_order(tmp_path: Path) -> None:
    for name, text in SCRIPTS.items():
        (tmp_path / name).write_text(f"import pandas as pd\n{text}")
    request = ScanRequest(Config(profile="full", select=("pipeline-jungle",), min_confidence=Confidence.HINT))
    assert [finding.confidence for finding in scan(tmp_path, request).findings] == [Confidence.LIKELY]
    with (tmp_path / "fit.py").open("a") as file:
        file.write(TASK)
    assert [finding.confidence for finding in scan(tmp_path, request).findings] == [Confidence.HINT]
