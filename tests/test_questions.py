"""The questions impact, lineage, consumers, features and models, end to end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mldebt import analysis
from mldebt.cli import run
from tests import scanning
from tests.test_cli import Capture

CHURN = scanning.TOP / "fixtures" / "repos" / "churn"
READ_ALL = analysis.read_all


@pytest.fixture(scope="module")
def churn() -> analysis.Reading:
    """The large system, read once for all tests here."""
    return READ_ALL(analysis.repositories((CHURN,), {}), analysis.ScanRequest(cache=False))


@pytest.fixture(autouse=True)
def read_once(churn: analysis.Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_all(parts: Sequence[analysis.Repository], request: analysis.ScanRequest) -> analysis.Reading:
        return churn if parts[0].root == CHURN else READ_ALL(parts, request)

    monkeypatch.setattr(analysis, "read_all", read_all)


def told(capsys: Capture, *words: str, path: Path = CHURN) -> str:
    """What a question prints, in one line of text."""
    assert run([*words, str(path)]) == 0, capsys.readouterr().err
    return " ".join(capsys.readouterr().out.split())


def answered(capsys: Capture, *words: str, path: Path = CHURN) -> dict[str, Any]:
    """What a question prints as JSON, which is as the schema says."""
    assert run([*words, str(path), "--output-format", "json"]) == 0, capsys.readouterr().err
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    text = files("mldebt").joinpath("schemas/answer.schema.json").read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(text)).validate(document)
    assert document["question"] == words[0]
    return document


def found(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(one["kind"], one["name"]) for answer in document["answers"] for one in answer["found"]}


def laid_out(folder: Path, texts: Mapping[str, str]) -> Path:
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def test_a_column_reaches_the_models_service_and_consumers_that_its_data_reach(capsys: Capture) -> None:
    document = answered(capsys, "impact", "tenure_months")
    assert found(document) >= {
        ("model", "churn.joblib"), ("model", "upsell.joblib"), ("service", "service"), ("consumer", "marketing"),
        ("consumer", "dashboard"), ("pipeline", "Makefile"),
    }  # fmt: skip
    (marketing,) = (one for one in document["answers"][0]["found"] if one["name"] == "marketing")
    assert [(stop["path"], stop["label"].partition(":")[0]) for stop in marketing["way"]] == [
        ("churn/features/contract.py", "column"), ("churn/scoring/nightly.py", "select"),
        ("churn/scoring/nightly.py", "predict"), ("churn/scoring/nightly.py", "write"),
        ("marketing/segments.py", "read"),
    ]  # fmt: skip
    assert marketing["confidence"] == "likely"


def test_what_reaches_furthest_comes_first_and_all_of_it_fits_a_page(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    for words in (["impact", "usage.parquet"], ["lineage", "churn.joblib"], ["impact", "config/scoring.yaml"]):
        assert run([*words, str(CHURN)]) == 0
        assert len(capsys.readouterr().out.splitlines()) <= 70
    further = [one["further"] for one in answered(capsys, "impact", "tenure_months")["answers"][0]["found"]]
    assert further == sorted(further, reverse=True) and further[0] > 1
    assert "past churn.joblib, then" in told(capsys, "impact", "tenure_months")
    assert "consumer dashboard" in told(capsys, "impact", "tenure_months", "--all")


def test_a_function_without_data_of_its_own_reaches_what_its_callers_do(capsys: Capture) -> None:
    document = answered(capsys, "impact", "build_features")
    assert ("model", "churn.joblib") in found(document)
    (model,) = (one for one in document["answers"][0]["found"] if one["name"] == "churn.joblib")
    assert [stop["label"] for stop in model["way"]][:2] == ["function: build_features", "used in: load_training_frame"]
    assert model["confidence"] == "likely"


def test_a_model_comes_from_its_training_data_and_not_from_what_shares_its_code(capsys: Capture) -> None:
    document = answered(capsys, "lineage", "churn.joblib")
    names = found(document)
    assert ("data", "support.tickets") in names and ("column", "overdue_ratio") in names
    assert ("data", "growth.offer_snapshots") not in names  # upsell builds the same features of it
    (tickets,) = (one for one in document["answers"][0]["found"] if one["name"] == "support.tickets")
    assert tickets["way"][0]["label"] == "source: support.tickets"
    assert tickets["way"][-1]["path"] == "churn/training/train.py"
    assert ("data", "growth.offer_snapshots") in found(answered(capsys, "lineage", "upsell.joblib"))


def test_consumers_are_the_direct_users(capsys: Capture) -> None:
    said = told(capsys, "consumers", "churn.joblib")
    assert "loaded churn/scoring/nightly.py:23 score_customers" in said
    assert "marketing decides on it marketing/segments.py:23 limit 0.7" in said
    assert "reads its predictions dashboard/loading.py:14" in said
    table = answered(capsys, "consumers", "analytics.churn_scores")
    assert found(table) == {("read", "dashboard"), ("read", "notebooks")}
    assert ("chosen", "churn") in found(answered(capsys, "consumers", "column:tenure_months"))
    assert ("used in", "churn") in found(answered(capsys, "consumers", "build_features"))
    assert ("imported", "upsell") in found(answered(capsys, "consumers", "churn/features"))
    assert ("decides", "churn") in found(answered(capsys, "consumers", "model_version"))


def test_features_tell_where_each_is_made_and_what_is_taken_whole(capsys: Capture) -> None:
    (churn,) = answered(capsys, "features", "churn.joblib")["answers"]
    columns = {one["name"]: one for one in churn["columns"]}
    assert len(columns) == 10 and churn["labels"] == ["churned"] and not churn["whole"]
    assert columns["overdue_ratio"]["made"] == [{"path": "churn/features/billing.py", "line": 9, "cell": None}]
    assert columns["tariff_kind"]["made"] == [{"path": "churn/ingest/reference.py", "line": 12, "cell": None}]
    assert {place["path"] for one in columns.values() for place in one["chosen"]} == {"churn/training/model.py"}
    said = told(capsys, "features", "upsell.joblib")
    assert "Whatever else growth.offer_snapshots holds may go in: it is taken whole." in said
    assert "goes in with its table" in said


def test_a_row_of_models_says_what_is_not_known(capsys: Capture) -> None:
    said = told(capsys, "models")
    assert "trained by churn/training/train.py:30" in said and "not found monitored" in said
    assert "features 10 columns: average_invoice; complaint_share; data_gb_30d; and 7 more saved as" in said
    rows = {one["name"]: one for one in answered(capsys, "models")["models"]}
    assert rows["churn.joblib"]["consumers"] == ["dashboard", "marketing", "notebooks", "upsell"]
    assert rows["churn.joblib"]["findings"] and not rows["churn.joblib"]["monitored"]
    assert [one["limits"] for one in rows["churn.joblib"]["thresholds"]] == [["0.7"]]


FOLDS = """\
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold

def cross_validated(frame):
    for train, test in KFold(5).split(frame):
        fold = LogisticRegression()
        fold.fit(frame.iloc[train][["age"]], frame.iloc[train]["left"])
    final = LogisticRegression()
    final.fit(frame[["age", "fee"]], frame["left"])
    joblib.dump(final, "models/final.joblib")

def candidates(frame):
    first = LogisticRegression()
    first.fit(frame[["age"]], frame["left"])
    second = Ridge()
    second.fit(frame[["fee"]], frame["left"])

def apart(frame):
    one = LogisticRegression()
    one.fit(frame[["age"]], frame["left"])
    joblib.dump(one, "models/one.joblib")
    other = Ridge()
    other.fit(frame[["fee"]], frame["left"])
    joblib.dump(other, "models/other.joblib")

if __name__ == "__main__":
    frame = pd.read_csv("data/people.csv")
    cross_validated(frame)
    candidates(frame)
    apart(frame)
"""


def test_folds_and_candidates_of_one_function_are_one_model_but_what_is_stored_apart_is_not(
    tmp_path: Path, capsys: Capture
) -> None:
    laid_out(tmp_path, {"train.py": FOLDS})
    rows = {one["name"]: one for one in answered(capsys, "models", path=tmp_path)["models"]}
    assert set(rows) == {"final.joblib", "candidates in train.py", "one.joblib", "other.joblib"}
    assert [place["line"] for place in rows["final.joblib"]["trained_by"]] == [9, 11]
    assert [place["line"] for place in rows["candidates in train.py"]["trained_by"]] == [16, 18]


TOLD = """\
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv("data/people.csv")
model = LogisticRegression()
model.fit(frame[["age", "fee"]], frame["left"])
told = pd.DataFrame({"weights": model.coef_[0]})
told.to_csv("out/weights.csv")
scores = model.predict_proba(frame[["age", "fee"]])[:, 1]
if ((scores < 0) | (scores > 1)).any():
    raise ValueError("no probability")
frame["call"] = scores > 0.7
frame.to_csv("out/calls.csv")
"""


def test_what_is_told_of_a_model_keeps_it_not_and_a_check_of_a_score_is_no_threshold(
    tmp_path: Path, capsys: Capture
) -> None:
    laid_out(tmp_path, {"train.py": TOLD})
    (row,) = answered(capsys, "models", path=tmp_path)["models"]
    assert row["name"] == "model in train.py" and row["saved_as"] == []
    assert [one["limits"] for one in row["thresholds"]] == [["0.7"]]


COLUMNS = """\
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

frame = pd.read_csv("data/people.csv")
frame["income"] = frame["pay"] * 12
frame["debt"] = frame["loans"] + frame["cards"]
frame["noise"] = frame["seen"] / 2
model = LogisticRegression()
model.fit(frame[["income", "debt"]], frame["left"])
joblib.dump(model, "models/left.joblib")
frame.drop(columns=["noise"]).to_csv("out/people.csv")
frame[["debt"]].to_csv("out/debts.csv")
pd.get_dummies(frame)[["debt_1", "age"]].to_csv("out/owed.csv")
score = roc_auc_score(frame["left"], model.predict_proba(frame[["income", "debt"]])[:, 1])
open("out/score.txt", "w").write(str(score))
"""


@pytest.mark.parametrize(
    ("name", "reached"),
    [
        ("income", {("model", "left.joblib"), ("result", "out/people.csv"), ("result", "out/owed.csv")}),
        ("debt", {("model", "left.joblib"), *(("result", f"out/{name}.csv") for name in ("people", "debts", "owed"))}),
        ("noise", {("result", "out/owed.csv")}),  # which column is made of which is not known
        ("pay", {("model", "left.joblib"), ("result", "out/people.csv"), ("result", "out/owed.csv")}),
    ],
)
def test_a_column_that_is_not_chosen_or_is_dropped_goes_no_further(
    name: str, reached: set[tuple[str, str]], tmp_path: Path, capsys: Capture
) -> None:
    laid_out(tmp_path, {"train.py": COLUMNS})
    assert found(answered(capsys, "impact", name, path=tmp_path)) == reached


JOINED = """
import pandas as pd
import polars as pl

first = pd.read_csv("first.csv")[["id", "amount"]]
second = pd.read_csv("second.csv")[["id", "amount"]]
first.merge(second, on="id")[["amount_x"]].to_csv("x.csv")
first.merge(second, on="id", suffixes=("", "_last"))[["amount_last"]].to_csv("last.csv")
first.join(second, rsuffix="_own")[["amount_own"]].to_csv("own.csv")
third, fourth = pl.read_csv("third.csv"), pl.read_csv("fourth.csv")
both = third.select("id", "price").join(fourth.select("id", "price"), on="id")
both.select("price_right").write_csv("right.csv")
"""


@pytest.mark.parametrize(
    ("column", "source"),
    [
        ("amount_x", "first.csv"),
        ("amount_last", "second.csv"),
        ("amount_own", "second.csv"),
        ("price_right", "fourth.csv"),
    ],
)
def test_a_column_that_a_join_gives_another_name_comes_from_its_own_table(
    column: str, source: str, tmp_path: Path, capsys: Capture
) -> None:
    laid_out(tmp_path, {"join.py": JOINED})
    assert found(answered(capsys, "lineage", column, path=tmp_path)) == {("data", source)}


MADE = """
import pandas as pd
from pyspark.ml.feature import StringIndexer
from pyspark.sql import SparkSession, functions as F
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

def score(row):
    return 2 if row["spent"] > row.get("owed", 0) else row.age

people = pd.read_csv("people.csv")
people["spent"] = pd.read_csv("spent.csv")["spent"]
people["owed"] = pd.read_csv("owed.csv")["owed"]
people["age"] = pd.read_csv("age.csv")["age"]
people["height"] = pd.read_csv("height.csv")["height"]
people.eval("share = spent / owed", inplace=True)
people["level"] = people.apply(score, axis=1)
people["level"].to_csv("level.csv")
parts = ColumnTransformer([("words", OneHotEncoder(), ["city"]), ("numbers", StandardScaler(), ["height"])])
parts.fit_transform(people)

beside = pd.concat([pd.read_csv("one.csv")[["x"]], pd.read_csv("two.csv")[["x"]]], axis=1)
beside.columns = ["first", "second"]
beside[["first"]].to_csv("first.csv")

table = SparkSession.builder.getOrCreate().read.parquet("table.parquet")
table = table.selectExpr("day", "town", "sum / days AS rate").withColumn("log_rate", F.expr("log(rate) + day"))
coded = StringIndexer(inputCol="town", outputCol="town_number").fit(table).transform(table)
coded.select("town_number").write.parquet("coded.parquet")
"""


@pytest.mark.parametrize(
    ("column", "sources"),
    [
        ("share", {("column", "spent"), ("column", "owed")}),
        ("level", {("column", "spent"), ("column", "owed"), ("column", "age")}),
        ("first", {("data", "one.csv"), ("data", "two.csv")}),
        ("log_rate", {("data", "table.parquet"), ("column", "rate")}),
        ("town_number", {("data", "table.parquet")}),
        ("city", {("data", "people.csv")}),
    ],
)
def test_a_column_comes_from_what_a_text_a_row_or_a_part_takes(
    column: str, sources: set[tuple[str, str]], tmp_path: Path, capsys: Capture
) -> None:
    laid_out(tmp_path, {"made.py": MADE})
    known = found(answered(capsys, "lineage", column, path=tmp_path))
    assert {one for one in known if one[1] not in ("spent.csv", "owed.csv", "age.csv")} == sources


def test_what_is_known_to_be_downstream_of_nothing_is_said(tmp_path: Path, capsys: Capture) -> None:
    laid_out(tmp_path, {"train.py": COLUMNS.replace("pd.get_dummies(frame)[", "frame[")})
    assert "Nothing is known to be downstream of it." in told(capsys, "impact", "noise", path=tmp_path)
    assert "Nothing here is known to use it." in told(capsys, "consumers", "out/debts.csv", path=tmp_path)
    laid_out(tmp_path, {"train.py": "x = 1\n"})
    assert "No model is known here" in told(capsys, "models", path=tmp_path)


def test_a_change_since_a_revision_is_asked_about_by_its_files(tmp_path: Path, capsys: Capture) -> None:
    laid_out(tmp_path, {"train.py": COLUMNS, "other.py": "import pandas as pd\npd.read_csv('data/x.csv')\n"})
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *words], check=True)
    laid_out(tmp_path, {"train.py": COLUMNS.replace("* 12", "* 13")})
    document = answered(capsys, "impact", "--since", "HEAD", path=tmp_path)
    assert document["answers"][0]["thing"]["name"] == "1 file changed since HEAD"
    assert ("model", "left.joblib") in found(document)
    assert run(["impact", "left.joblib", "--since", "HEAD"]) == 2
    assert "--since asks about a change in place of a name" in capsys.readouterr().err
    assert run(["impact", "--since", "nowhere", str(tmp_path)]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_a_name_that_means_nothing_is_answered_with_near_ones_and_how_to_list_them(capsys: Capture) -> None:
    assert run(["impact", "tenure_month", str(CHURN)]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "Nothing here is called 'tenure_month'. Near it: tenure_months" in said
    assert "mldebt graph prints all there is." in said
    assert run(["features", "chrun.joblib", str(CHURN)]) == 2
    assert "No model here is called 'chrun.joblib'. Near it: churn.joblib" in capsys.readouterr().err
    assert run(["lineage"]) == 2
    assert "A name is missing" in capsys.readouterr().err
    assert run(["features"]) == 2
    assert "A name is missing: that of a model." in capsys.readouterr().err


def test_a_name_of_several_things_is_answered_for_each_or_asked_to_be_narrowed(
    tmp_path: Path, capsys: Capture
) -> None:
    texts = {f"part{number}/run.py": "def main():\n    pass\n" for number in range(6)}
    both = "import pandas as pd\n\ndef age(frame):\n    frame['age'] = 2\n    frame.to_csv('out.csv')\n"
    laid_out(tmp_path, {**texts, "both.py": f"{both}\nage(pd.read_csv('in.csv'))\n"})
    assert run(["consumers", "main", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "'main' can mean 6 things. To ask for one:" in said and "part3/run.py:main" in said
    assert run(["consumers", "part3/run.py:main", str(tmp_path)]) == 0
    capsys.readouterr()
    assert run(["impact", "age", str(tmp_path), "--output-format", "json"]) == 0
    told = capsys.readouterr()
    assert [one["thing"]["kind"] for one in json.loads(told.out)["answers"]] == ["column", "function"]
    assert "column:age" in told.err and "function:age" in told.err
    assert len(answered(capsys, "impact", "column:age", path=tmp_path)["answers"]) == 1


@pytest.mark.parametrize("question", ["impact", "lineage", "consumers"])
def test_ways_come_as_pictures(question: str, capsys: Capture) -> None:
    assert run([question, "analytics.churn_scores", str(CHURN), "--output-format", "mermaid"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "flowchart LR" and any("-->" in line or "-.->" in line for line in lines)


def test_a_warm_question_is_answered_from_the_kept_graph_as_from_a_new_one(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLDEBT_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(analysis, "read_all", READ_ALL)
    words = ["lineage", "churn.joblib", str(CHURN), "--output-format", "json", "--all"]
    joined = analysis.joined
    told = []
    for more, linking in (([], joined), ([], None), (["--no-cache"], joined)):  # the second time nothing is linked
        monkeypatch.setattr(analysis, "joined", linking)
        assert run([*words, *more]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] == told[2]


def test_a_parameter_of_a_run_is_no_place_where_a_model_is_saved(tmp_path: Path, capsys: Capture) -> None:
    text = (
        "import joblib\nimport mlflow\nimport pandas as pd\nfrom sklearn.linear_model import Ridge\n\n"
        "rows = pd.read_csv('tides.csv')\nmodel = Ridge()\nmodel.fit(rows[['moon']], rows['height'])\n"
        "mlflow.log_param('strength', model.alpha)\njoblib.dump(model, 'tide.joblib')\n"
    )
    (model,) = answered(capsys, "models", path=laid_out(tmp_path, {"train.py": text}))["models"]
    assert model["saved_as"] == ["tide.joblib"]


def test_each_service_has_the_model_that_its_own_state_holds(capsys: Capture) -> None:
    services = scanning.TOP / "fixtures" / "_links" / "two_services"
    rows = {one["name"]: one for one in answered(capsys, "models", path=services)["models"]}
    assert rows["north.joblib"]["consumers"] == ["north (answers requests)"]
    assert rows["south.joblib"]["consumers"] == ["south (answers requests)"]
