"""What makes a finding sure enough to be shown: one premise more, on small repositories."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.analysis import ScanRequest, scan
from mldebt.config import Config
from mldebt.roles import Confidence

PINS = "fastapi==0.115.0\njoblib==1.4.2\nnumpy==2.1.0\npandas==2.2.3\nscikit-learn==1.5.2\n"
FIT = """
import joblib
import pandas as pd
from sklearn.linear_model import Ridge

table = pd.read_csv("data/visits.csv")
model = Ridge().fit(table[["age"]], table["days"])
joblib.dump(model, "models/2024-05-02/ridge.joblib")
"""
SCORE = f"""{FIT}
rows = pd.read_csv("data/new.csv")
rows["stay"] = model.predict(rows[["age"]])
rows[["patient", "stay"]].to_csv("data/stays.csv")
"""
SHOWN = """
import pandas as pd
from fastapi import FastAPI

app = FastAPI()


@app.get("/stays")
def stays() -> list[dict]:
    return pd.read_csv("data/stays.csv").to_dict("records")
"""
IMAGE = {"api/Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "main:app"]\n', "api/requirements.txt": PINS}
SHOWN_BESIDE = 'import pandas as pd\n\nprint(pd.read_csv("data/stays.csv"))\n'
PREPARED = """
import pandas as pd

pd.read_csv("data/visits.csv").dropna().to_csv("data/rows.csv")
"""
PREDICTED = """
import joblib
import pandas as pd

rows = pd.read_csv("data/rows.csv")
print(joblib.load("models/2024-05-02/ridge.joblib").predict(rows[["age"]]))
"""
JUDGED = f"""{FIT}
import json

from sklearn.metrics import mean_absolute_error

kept = pd.read_csv("data/kept.csv")
error = mean_absolute_error(kept["days"], model.predict(kept[["age"]]))
with open("models/quality.json", "w") as file:
    json.dump({{"error": error}}, file)
"""
COUNTED = """
import json

import pandas as pd

rows = pd.read_csv("data/visits.csv")
with open("models/quality.json", "w") as file:
    json.dump({"rows": len(rows)}, file)
"""
ANSWERED = """
import json

from fastapi import FastAPI

app = FastAPI()


@app.get("/quality")
def quality() -> dict:
    with open("models/quality.json") as file:
        return json.load(file)
"""
PAGE = """
import pandas as pd
import streamlit as st

st.set_page_config(page_title="Stays")
st.dataframe(pd.read_csv("data/stays.csv"))
"""
LOOKED_AT = """
import pandas as pd

rows = pd.read_csv("data/rows.csv")
print(rows["age"].mean())
"""
HELPERS = f"""{FIT}

def stamp(name: str) -> str:
    parts = name.split("-")
    if parts[-1] == "final":
        return name
    return "-".join([*parts, "final"])
"""
SHORT = f"""{FIT}

class Unfitted(ValueError):
    pass
"""
ACCOUNTS = """
import sqlite3

print(sqlite3.connect("users.db").execute("SELECT name FROM users").fetchall())


def stamp(name: str) -> str:
    return f"{name}-token"
"""
FETCHED = """
import joblib
import mlflow

scaler = joblib.load(mlflow.artifacts.download_artifacts("runs:/5f70bf18a086/scaler.joblib"))
print(scaler.transform([[1.0]]))
"""
REVISED = """
import joblib
from huggingface_hub import hf_hub_download

model = joblib.load(hf_hub_download("wards/stay", "stay.joblib", revision="9fe1c24"))
print(model.predict([[1.0]]))
"""
MOVED = """
import pickle

import requests

model = pickle.loads(requests.get("https://models.wards.example/stay.pkl", timeout=9).content)
print(model.predict([[1.0]]))
"""
LOST_CELL = (
    '{"cells": [{"cell_type": "code", "source": ["rows = "], "metadata": {}, "outputs": [], "execution_count": null}], '
    '"metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
)
TESTED = "from fit import stamp\n\n\ndef test_stamp():\n    assert stamp('a') == 'a-final'\n"
WISHED = "# placeholder for now, a forest would do\ntable ="
MARKED = "# FIXME: fails where an age is missing\nmodel ="


CASES = [
    ("unversioned-artifact", {"jobs/score.py": SCORE, "api/main.py": SHOWN, **IMAGE}, Confidence.LIKELY),
    ("unversioned-artifact", {"jobs/score.py": SCORE, "jobs/show.py": SHOWN_BESIDE}, Confidence.HINT),
    ("unversioned-artifact", {"fit.py": FIT, "prepare.py": PREPARED, "predict.py": PREDICTED}, Confidence.LIKELY),
    ("unversioned-artifact", {"fit.py": FIT, "prepare.py": PREPARED, "look.py": LOOKED_AT}, Confidence.HINT),
    ("undeclared-consumer", {"jobs/fit.py": JUDGED, "api/main.py": ANSWERED, **IMAGE}, Confidence.LIKELY),
    ("undeclared-consumer", {"jobs/score.py": SCORE, "board/page.py": PAGE}, Confidence.LIKELY),
    ("undeclared-consumer", {"jobs/score.py": SCORE, "board/show.py": SHOWN_BESIDE}, Confidence.HINT),
    ("undeclared-consumer", {"jobs/count.py": COUNTED, "api/main.py": ANSWERED, **IMAGE}, Confidence.HINT),
    ("unsafe-model-load", {"score.py": MOVED}, Confidence.LIKELY),
    ("unsafe-model-load", {"score.py": FETCHED}, Confidence.HINT),
    ("unsafe-model-load", {"score.py": REVISED}, Confidence.HINT),
    ("unsafe-model-load", {"score.py": REVISED.replace(', revision="9fe1c24"', "")}, Confidence.LIKELY),
    ("dead-experimental-path", {"fit.py": HELPERS}, Confidence.LIKELY),
    ("dead-experimental-path", {"fit.py": SHORT}, Confidence.HINT),
    ("dead-experimental-path", {"accounts.py": ACCOUNTS}, Confidence.HINT),
    ("dead-experimental-path", {"fit.py": HELPERS, "tests/test_fit.py": TESTED}, Confidence.HINT),
    ("self-admitted-debt", {"fit.py": FIT.replace("table =", WISHED)}, Confidence.HINT),
    ("self-admitted-debt", {"fit.py": FIT.replace("model =", MARKED)}, Confidence.LIKELY),
    ("unreadable-file", {"examples/cut.py": "rows = [1 2]\n"}, Confidence.HINT),
    ("unreadable-file", {"jobs/cut.py": "rows = [1 2]\n"}, Confidence.CERTAIN),
    ("unreadable-file", {"look.ipynb": LOST_CELL}, Confidence.HINT),
    ("unreadable-file", {"look.ipynb": LOST_CELL, "Makefile": "all:\n\tpapermill look.ipynb out.ipynb\n"},
     Confidence.CERTAIN),
]


@pytest.mark.parametrize(("slug", "files", "sure"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_premise_more_makes_it_likely(slug: str, files: dict[str, str], sure: Confidence, tmp_path: Path) -> None:
    for name, text in {**files, "requirements.txt": PINS}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    request = ScanRequest(Config(profile="full", select=(slug,), min_confidence=Confidence.HINT))
    assert [finding.confidence for finding in scan(tmp_path, request).findings] == [sure]
