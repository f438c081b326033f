"""The page as text: one file, the same bytes, nothing of the data outside of its JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mldebt.cli import run
from mldebt.render.report.page import as_json
from tests.report.conftest import HOSTILE, ROOT, made
from tests.test_cli import Capture

_DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)


def data_of(page: Path) -> dict[str, Any]:
    (text,) = _DATA.findall(page.read_text("ascii"))
    found: dict[str, Any] = json.loads(text)
    return found


FOLDERS = """
import argparse
import sys
import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--into")
parser.add_argument("--never")
args = parser.parse_args()
frames = [
    pd.read_csv(place) for place in (
        "a/x.csv", "b/x.csv", "c/x.csv", "d/x.csv", "x.csv", "y.csv", f"{args.into}/x.csv", f"{args.into}/y.csv",
        f"{sys.argv[1]}/x.csv", f"{sys.argv[1]}/y.csv",
    )
]
"""


def test_nothing_that_stands_in_data_is_markup() -> None:
    text = as_json(["</script><!--", "&lt;", "\u2028\u2029", "\udcff"])
    assert not set("<>&\u2028\u2029") & set(text) and text.isascii()
    assert json.loads(text) == ["</script><!--", "&lt;", "\u2028\u2029", "\udcff"]


def test_a_hostile_name_stands_only_in_the_data(hostile: Path) -> None:
    text = hostile.read_text("ascii")
    assert "<img" not in text and "owned</script>" not in text
    outside = _DATA.sub("", text)
    assert "onerror" not in outside and "owned" not in outside
    assert HOSTILE in json.dumps(data_of(hostile), ensure_ascii=False)


def test_the_policy_lets_only_this_style_and_script_act(churn: Path) -> None:
    text = churn.read_text("ascii")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    style, script = (
        base64.b64encode(hashlib.sha256(re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[-1].encode()).digest())
        for tag in ("style", "script")
    )
    assert f"style-src 'sha256-{style.decode()}'" in policy
    assert f"script-src 'sha256-{script.decode()}'" in policy
    assert policy.startswith("default-src 'none';")


def test_the_page_needs_no_other_file(churn: Path) -> None:
    outside = _DATA.sub("", churn.read_text("ascii"))
    named = set(re.findall(r"https?://[^\"' ]+", outside))
    assert named == {"http://www.w3.org/2000/svg"}, "a name of a language, which nobody fetches"
    assert not re.search(r"<(link|img|iframe|object)\b|\bfetch\(|\beval\(", outside)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", outside)


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(churn: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(churn.with_suffix(""), tmp_path / "churn"))
    command = [sys.executable, "-m", "mldebt", "report", str(root), "-o", str(tmp_path / "a.html"), "--workers", "2"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": "77"}, timeout=120)
    assert (tmp_path / "a.html").read_bytes() == churn.read_bytes()


def test_the_first_findings_are_those_of_the_terminal(churn: Path, capsys: Capture) -> None:
    data = data_of(churn)
    run(["scan", str(churn.with_suffix("")), "--output-format", "json", "--exit-zero"])
    told = [one for one in json.loads(capsys.readouterr().out)["findings"] if not one["suppressed"]]
    assert [one["message"] for one in data["findings"]] == [one["message"] for one in told]
    assert data["first"] == 5


def test_the_map_goes_from_sources_to_users_and_stays_small(churn: Path) -> None:
    boxes = data_of(churn)["map"]["boxes"]
    least = [min(box["at"][0] for box in boxes if box["kind"] == kind) for kind in ("source", "code", "model", "use")]
    assert least == sorted(set(least))
    assert len(boxes) <= 28
    assert len({tuple(box["at"]) for box in boxes}) == len(boxes)


def test_findings_lie_on_the_map_and_name_their_owners(churn: Path) -> None:
    data = data_of(churn)
    leak = next(one for one in data["findings"] if one["rule"] == "preprocessing-leakage")
    assert leak["lit"]["boxes"] and leak["owners"] == ["@fennel-mobile/retention-data"]
    on_flows = {number for flow in data["map"]["flows"] for number in flow[4]}
    assert on_flows and on_flows <= set(range(len(data["findings"])))
    owners = {name: sum(numbers) for name, *numbers in data["debt"]["owner"]}
    assert sum(owners.values()) == len(data["findings"]), "each file of this system has one owner"


def test_what_is_not_known_of_a_model_stays_visible(churn: Path) -> None:
    table = data_of(churn)["models"]
    kept = next(row for row in table["rows"] if row["name"] == "churn.joblib")
    cells = dict(zip(table["columns"][1:], kept["cells"], strict=False))
    assert cells["trained by"] == ["churn/training/train.py:30"]
    assert "churn/scoring/nightly.py:23" in cells["loaded by"]
    assert cells["monitored"] == []
    assert kept["count"] == len(kept["findings"]) > 0
    unknown = next(row for row in table["rows"] if row["name"] == "churn.joblib (scorer.py:20)")
    assert unknown["cells"][0] == [] and unknown["cells"][6] == ["service (answers requests)"]


def test_the_proportions_count_every_line_once(churn: Path) -> None:
    data = data_of(churn)
    boxes = dict(data["figure"]["boxes"])
    assert list(boxes)[4] == "ML code" and 0 < boxes["ML code"] < boxes["Data collection"]
    assert 0 < boxes["Data verification"] < boxes["ML code"]


def test_everything_of_the_graph_has_a_place(churn: Path) -> None:
    graph = data_of(churn)["graph"]
    drawn = {path for path, _, file, *_ in graph["folders"] if file}
    above = {path: over for path, over, *_ in graph["folders"]}
    assert all(node[2] in drawn or node[5] == -1 for node in graph["nodes"])
    assert all(over == -1 or over in above for over in above.values())


def test_a_repository_without_data_still_gives_a_page(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.py").write_text("x = 1\n", "utf-8")
    made(tmp_path / "repo", tmp_path / "a.html")
    assert "a.html is written." in capsys.readouterr().err
    assert data_of(tmp_path / "a.html")["sentence"].endswith("0 findings.")


def test_what_only_a_run_knows_is_said_in_words(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo" / "a.py").write_text(FOLDERS, "utf-8")
    made(tmp_path / "repo", tmp_path / "a.html")
    data = data_of(tmp_path / "a.html")
    labels = {box["label"] for box in data["map"]["boxes"] if box["kind"] == "source"}
    assert {"--into", "set by the run", "top folder"} <= labels
    assert data["sentence"].endswith(": none lies on the way into or out of a model.")


def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(tmp_path: Path, capsys: Capture) -> None:
    assert run(["report", str(ROOT / "fixtures"), "-o", str(tmp_path / "none" / "a.html")]) == 2
    assert "its folder does not exist" in capsys.readouterr().err
