"""Every rule on its small repositories in `fixtures/<slug>/<case>/`, strict both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.expectations import Mark, disagreements, marks_of
from tests.scanning import CARDS, TOP, checked, has_check, module_of, scan, with_betters

FIXTURES = TOP / "fixtures"
CASES = sorted(case for slug in CARDS for case in (FIXTURES / slug).glob("*") if case.is_dir())
CHURN = FIXTURES / "repos" / "churn"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_case_is_as_its_marks_say(case: Path) -> None:
    slug = case.parent.name
    if not has_check(slug):
        pytest.skip(f"there is no {module_of(slug)} yet")
    report = scan(case, with_betters(slug))
    assert report.complete
    assert not any("__pycache__" in finding.at.path for finding in report.findings)
    marks = [mark for mark in marks_of(case) if mark.slug == slug]
    told = disagreements(marks, [finding for finding in report.findings if finding.rule == slug])
    if told:
        pytest.fail("\n".join(told), pytrace=False)


def test_the_example_system_is_as_its_marks_say() -> None:
    rules = checked()
    marks = marks_of(CHURN)
    unknown = sorted({mark.slug for mark in marks} - set(CARDS))
    assert not unknown
    told = disagreements([mark for mark in marks if mark.slug in rules], scan(CHURN, rules).findings)
    if told:
        pytest.fail("\n".join(told), pytrace=False)


@pytest.mark.parametrize("slug", checked())
def test_a_rule_has_cases_that_fire_and_cases_that_stay_quiet(slug: str) -> None:
    firing = [any(mark.word == "expect" and mark.slug == slug for mark in marks_of(case)) for case in cases(slug)]
    assert any(firing) and not all(firing), f"fixtures/{slug}: {len(firing)} cases, {sum(firing)} of them fire"


def cases(slug: str) -> list[Path]:
    return [case for case in CASES if case.parent.name == slug]


def test_every_folder_of_cases_belongs_to_a_rule() -> None:
    folders = {path.name for path in FIXTURES.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders - set(CARDS) == {"repos"}


def test_marks_speak_of_their_line_or_of_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "x = 1  # expect: one  # missed: two (a reason (with more))\n"
        "    # expect: one\n"
        "# wrong: two (another)\n"
        "y = 2  # a comment\n"
    )
    (tmp_path / "expected.toml").write_text('[[expect]]\nrule = "one"\npath = "a.py"\ncell = 3\nline = 1\n')
    assert set(marks_of(tmp_path)) == {
        Mark("expect", "one", ("a.py", 0, 1)),
        Mark("missed", "two", ("a.py", 0, 1)),
        Mark("expect", "one", ("a.py", 0, 4)),
        Mark("wrong", "two", ("a.py", 0, 4)),
        Mark("expect", "one", ("a.py", 3, 1)),
    }


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "x = 1  # missed: one\n"),
        ("expected.toml", '[[wrong]]\nrule = "one"\npath = "a.py"\nline = 1\n'),
        ("expected.toml", '[[expect]]\nrule = "one"\npath = "gone.py"\nline = 1\n'),
    ],
)
def test_a_mark_that_cannot_be_meant_is_an_error(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=r"a\.py|gone\.py"):
        marks_of(tmp_path)


def test_a_line_that_reads_a_saved_file_stands_in_the_trail_once(tmp_path: Path) -> None:
    write = "import pandas as pd\nwards = pd.read_csv('wards.csv')\nwards.to_parquet('fit.parquet')\n"
    (tmp_path / "prepare.py").write_text(write, "utf-8")
    (tmp_path / "train.py").write_text(
        "import pandas as pd\nfrom sklearn.linear_model import Ridge\n\n\ndef load_wards():\n"
        "    wards = pd.read_parquet('fit.parquet')\n    return wards.drop(columns=['stay']), wards['stay']\n\n\n"
        "X, y = load_wards()\nmodel = Ridge().fit(X, y)\n",
        "utf-8",
    )
    (found,) = scan(tmp_path, ["unversioned-artifact"]).findings
    read = [(stop.at.path, stop.at.line) for stop in found.trail if stop.label.startswith("read")]
    assert read == [("train.py", 6)]


def test_rows_are_told_where_they_are_read_on_their_way(tmp_path: Path) -> None:
    fit = (
        "import pandas as pd\nfrom sklearn.ensemble import RandomForestRegressor\nwards = pd.read_csv('wards.csv')\n"
        "RandomForestRegressor(random_state=1).fit(wards.drop(columns=['stay']), wards['stay'])\n"
    )
    (tmp_path / "a_first_look.py").write_text("import pandas as pd\nprint(pd.read_csv('wards.csv'))\n", "utf-8")
    (tmp_path / "fit.py").write_text(fit, "utf-8")
    (found,) = scan(tmp_path, ["bundled-features"]).findings
    assert [(stop.at.path, stop.at.line) for stop in found.trail if "source" in stop.label] == [("fit.py", 3)]


def test_a_draw_is_told_as_its_model_is_called(tmp_path: Path) -> None:
    fit = (
        "import keras\nimport pandas as pd\nwards = pd.read_csv('wards.csv')\n"
        "model = keras.Sequential([keras.layers.Dense(1)])\nmodel.compile(loss='mse')\n"
        "model.fit(wards[['age']], wards['stay'])\nmodel.save('stay.keras')\n"
    )
    (tmp_path / "fit.py").write_text(fit, "utf-8")
    (found,) = scan(tmp_path, ["uncontrolled-randomness"]).findings
    assert found.message.startswith("model.fit draws at random for the model")


def test_a_file_is_called_by_its_place_where_one_place_says_it(tmp_path: Path) -> None:
    (tmp_path / "look").mkdir()
    look = "import pandas as pd\nprint(pd.read_csv('../data/wards.csv'))\n"
    (tmp_path / "look" / "wards.py").write_text(look, "utf-8")
    (tmp_path / "prepare.py").write_text(
        "import pandas as pd\npd.read_csv('raw.csv').dropna().to_csv('data/wards.csv')\n", "utf-8"
    )
    fit = "import pandas as pd\nfrom sklearn.linear_model import Ridge\nwards = pd.read_csv('data/wards.csv')\n"
    (tmp_path / "train.py").write_text(f"{fit}Ridge().fit(wards[['age']], wards['stay'])\n", "utf-8")
    (found,) = scan(tmp_path, ["unversioned-artifact"]).findings
    assert " data/wards.csv at each run" in found.message


def test_a_model_beside_a_figure_of_it_is_a_model() -> None:
    (found,) = scan(FIXTURES / "unversioned-artifact" / "model_with_a_figure", ["unversioned-artifact"]).findings
    assert found.message.startswith("train.py saves a model over price.joblib")


def test_models_of_one_name_are_told_as_several(tmp_path: Path) -> None:
    fit = (
        "def {0}():\n    rows = pd.read_csv('gs://wards/rows.csv')\n"
        "    model = Ridge().fit(rows.drop(columns=['{0}']), rows['{0}'])\n    joblib.dump(model, '{0}.joblib')\n\n\n"
    )
    head = "import joblib\nimport pandas as pd\nfrom sklearn.linear_model import Ridge\n\n\n"
    (tmp_path / "fit.py").write_text(f"{head}{fit.format('stay')}{fit.format('cost')}stay()\ncost()\n", "utf-8")
    (found,) = scan(tmp_path, ["bundled-features"]).findings
    assert found.message.startswith("model and 1 more are fitted on all columns but some")


def test_a_read_beside_the_name_comes_first_and_a_call_leads_to_the_read(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "from transformers import AutoModel\n\n\ndef load(name):\n    return AutoModel.from_pretrained(name)\n", "utf-8"
    )
    (tmp_path / "run.py").write_text("from net import load\n\nmodel = load('bert-base-cased')\n", "utf-8")
    (found,) = scan(tmp_path, ["unstable-data-dependency"]).findings
    assert [(stop.at.path, stop.at.line, stop.label.partition(":")[0]) for stop in found.trail] == [
        ("run.py", 3, "name"), ("run.py", 3, "through"), ("net.py", 5, "load"),
    ]  # fmt: skip


def test_a_window_that_is_written_once_is_not_told_as_a_repeat(tmp_path: Path) -> None:
    query = 'QUERY = """SELECT age, spent FROM visits WHERE seen >= \'2024-02-03\'\n  AND seen < \'2024-09-14\'"""\n'
    read = "import pandas as pd\nimport sqlite3\nprint(pd.read_sql(QUERY, sqlite3.connect('visits.db')))\n"
    (tmp_path / "once.py").write_text(query + read, "utf-8")
    (found,) = scan(tmp_path, ["hardcoded-config"]).findings
    assert found.message.startswith("The pair of dates is 2024-02-03 and 2024-09-14 in the code of")
    (tmp_path / "twice.py").write_text(query + read, "utf-8")
    (found,) = scan(tmp_path, ["hardcoded-config"]).findings
    assert found.message.startswith("The pair of dates 2024-02-03 and 2024-09-14 is written in at least 2 places")
