"""What is told of code that is not in force is a hint; that it fails, or leaks, is told all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.analysis import ScanRequest, repositories, scan, scan_all
from mldebt.config import Config
from mldebt.roles import Confidence

FIT = """
import joblib
import pandas as pd
from sklearn.ensemble import RandomForestRegressor

rows = pd.read_csv("data/levels.csv")
joblib.dump(RandomForestRegressor({}).fit(rows[["wind"]], rows["level"]), "models/{}.joblib")
"""
SEEDED, UNSEEDED = FIT.format("random_state=3", "level"), FIT.format("", "older")
SCORE = """
import joblib
import pandas as pd

print(joblib.load("models/older.joblib").predict(pd.read_csv("data/today.csv")[["wind"]]))
"""
SERVE = """
import joblib
from flask import Flask, jsonify

app = Flask("levels")
model = joblib.load("models/older.joblib")


@app.route("/level/<wind>")
def level(wind):
    return jsonify(level=float(model.predict([[float(wind)]])[0]))
"""
TRIED, TAKEN = FIT.format("", "tried"), FIT.format("random_state=3", "older")
UNSTORED = UNSEEDED.replace("joblib.dump(", "print(").replace(', "models/older.joblib")', ".oob_score_)")
BROKEN = f"from levels import flood\n{UNSEEDED}"
NAMED = "model:\n\tpython train.py\n"
NAMED_BELOW = f"{NAMED}\nolder:\n\tcd old && python train.py\n"
LEAK = """
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

rows = pd.read_csv("data/levels.csv")
wind = StandardScaler().fit_transform(rows[["wind"]])
a, b, c, d = train_test_split(wind, rows["level"], random_state=1)
print(Ridge().fit(a, c).score(b, d))
"""
LOOK = 'import pandas as pd\n\nprint(pd.read_csv("data/levels.csv").describe())\n'


@pytest.mark.parametrize(
    ("slug", "files", "sure"),
    [
        ("uncontrolled-randomness", {"older.py": UNSEEDED}, True),
        ("uncontrolled-randomness", {"older.py": UNSEEDED, "train.py": SEEDED}, True),
        ("uncontrolled-randomness", {"older.py": UNSEEDED, "train.py": SEEDED, "Makefile": NAMED}, False),
        ("uncontrolled-randomness", {"older.py": UNSEEDED, "score.py": SCORE,
                                    "Makefile": NAMED.replace("train", "score")}, True),
        ("uncontrolled-randomness", {"older.py": UNSEEDED, "train.py": SEEDED, "Makefile": NAMED,
                                    "deploy/nightly-crontab": "0 1 * * * python /srv/app/older.py\n"}, True),
        ("uncontrolled-randomness", {"train.py": BROKEN, "levels.py": "LIMIT = 4.0\n", "Makefile": NAMED}, False),
        ("dead-experimental-path", {"older.py": BROKEN, "levels.py": "LIMIT = 4.0\n"}, True),
        ("dead-experimental-path", {"older.py": BROKEN, "levels.py": "LIMIT = 4.0\n", "train.py": SEEDED,
                                    "Makefile": NAMED}, True),
        ("uncontrolled-randomness", {"notebooks/a.py": UNSEEDED, "notebooks/b.py": LOOK}, True),
        ("uncontrolled-randomness", {"notebooks/a.py": UNSEEDED, "notebooks/b.py": LOOK, "train.py": SEEDED}, False),
        ("uncontrolled-randomness", {"notebooks/a.py": UNSEEDED, "notebooks/b.py": LOOK, "app.py": SERVE}, True),
        ("uncontrolled-randomness", {"notebooks/a.py": TRIED, "notebooks/b.py": TAKEN, "app.py": SERVE}, False),
        ("uncontrolled-randomness", {"notebooks/a.py": UNSTORED, "notebooks/b.py": LOOK, "app.py": SERVE}, False),
        ("uncontrolled-randomness", {"old/train.py": UNSEEDED, "train.py": SEEDED, "Makefile": NAMED}, False),
        ("uncontrolled-randomness", {"old/train.py": UNSEEDED, "train.py": SEEDED, "Makefile": NAMED_BELOW}, True),
        ("preprocessing-leakage", {"notebooks/a.py": LEAK, "notebooks/b.py": LOOK, "train.py": SEEDED}, True),
    ],
)  # fmt: skip
def test_only_code_in_force_makes_sure(tmp_path: Path, slug: str, files: dict[str, str], sure: bool) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    config = Config(select=(slug,), min_confidence=Confidence.HINT)
    found = [one for one in scan(tmp_path, ScanRequest(config, cache=False)).findings if one.rule == slug]
    assert found
    assert any(one.confidence is not Confidence.HINT for one in found) is sure


def test_each_repository_has_its_own_trials(tmp_path: Path) -> None:
    """One of notebooks alone beside one that trains in scripts: what is all there is of it is told."""
    for name, files in (("looks", {"a.py": UNSEEDED, "b.py": LOOK}), ("trains", {"train.py": SEEDED})):
        folder = tmp_path / name / ("notebooks" if name == "looks" else "")
        folder.mkdir(parents=True)
        for path, text in files.items():
            (folder / path).write_text(text, "utf-8")
    parts = repositories([tmp_path / "looks", tmp_path / "trains"], {"select": ("uncontrolled-randomness",)})
    found = scan_all(parts, ScanRequest(cache=False)).findings
    assert [one.at.path for one in found] == ["looks/notebooks/a.py"]
