"""What findings about code name: the words say of it what it does, and stand where it is done."""

from __future__ import annotations

from pathlib import Path

from mldebt.findings import Finding
from tests.scanning import TOP, scan


def _found(root: Path, slug: str, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return [finding for finding in scan(root, (slug,)).findings if finding.rule == slug]


def test_steps_that_only_prepare_rows_predict_nothing(tmp_path: Path) -> None:
    """Neither where they are fitted, nor where they are loaded as what the library calls a model."""
    fit = """
from pyspark.ml import Pipeline
from pyspark.ml.feature import StringIndexer, VectorAssembler
from pyspark.sql import SparkSession

boats = SparkSession.builder.getOrCreate().read.parquet("data/boats")
steps = [StringIndexer(inputCol="boat", outputCol="number"), VectorAssembler(inputCols=["number"], outputCol="inputs")]
Pipeline(stages=steps).fit(boats).write().overwrite().save("models/steps")
"""
    apply = """
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

today = SparkSession.builder.getOrCreate().read.parquet("data/today")
PipelineModel.load("models/steps").transform(today).write.parquet("data/ready")
"""
    (found,) = _found(tmp_path, "untested-ml-code", {"fit.py": fit, "apply.py": apply})
    assert "apply.py prepares data" in found.message
    assert {stop.label.partition(":")[0] for stop in found.trail} == {"prepares data"}


def test_what_is_only_imported_is_told_with_the_import_to_be_removed_with_it() -> None:
    case = TOP / "fixtures" / "dead-experimental-path" / "imported_and_not_used"
    first = next(one for one in scan(case, ["dead-experimental-path"]).findings if one.symbol == "with_margins")
    assert "nothing but imports that do nothing with it refers to it" in first.message
    (taken,) = first.trail[1:]
    assert (taken.at.path, taken.label) == ("train.py", "imported: with_margins, and not used")


def test_what_code_in_comments_names_is_told_with_the_place_where_it_was_switched_off(tmp_path: Path) -> None:
    text = """
import pandas as pd
from sklearn.linear_model import Ridge


def without_storms(catch):
    return catch[catch["wind"] < catch["wind"].quantile(0.9)]


def main():
    catch = pd.read_csv("data/catch.csv")
    # catch = without_storms(catch)
    print(Ridge().fit(catch[["length"]], catch["weight"]).coef_)


if __name__ == "__main__":
    main()
"""
    found = [one for one in _found(tmp_path, "dead-experimental-path", {"train.py": text}) if one.at.line == 6]
    (told,) = found
    assert told.message.startswith("The function without_storms is defined here, and only code in comments names it.")
    assert (12, "named in a comment: without_storms") in [(stop.at.line, stop.label) for stop in told.trail]


def test_what_tells_how_a_training_went_is_no_model(tmp_path: Path) -> None:
    text = """
import pandas as pd
from tensorflow import keras

catch = pd.read_csv("data/catch.csv")
history = keras.Sequential([keras.layers.Dense(1)]).fit(catch[["length"]], catch["weight"])
print(history.history["loss"])
"""
    (found,) = _found(tmp_path, "uncontrolled-randomness", {"train.py": text})
    assert "history" not in found.message


def test_what_a_part_of_a_network_does_builds_it_and_what_changes_pictures_prepares_them(tmp_path: Path) -> None:
    part = """
from torch import nn


class Gate(nn.Module):
    def forward(self, data):
        return data.sigmoid()


class Part(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = Gate()

    def forward(self, data):
        return Gate()(data) * self.gate(data)
"""
    pictures = """
import tensorflow as tf
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import LabelBinarizer

turned = tf.keras.Sequential([tf.keras.layers.RandomFlip("horizontal"), tf.keras.layers.RandomRotation(0.1)])


def read(name):
    return turned(tf.io.decode_png(tf.io.read_file(name)))


def worth(kinds, told):
    return roc_auc_score(LabelBinarizer().fit(kinds).transform(kinds), told)
"""
    tests = "from ready import ready\n\n\ndef test_it():\n    assert ready\n"
    files = {
        "part.py": part, "pictures.py": pictures,
        "shown.py": "from part import Part\nfrom pictures import read, worth\n\nprint(Part(), read, worth)\n",
        "tests/test_it.py": tests, "ready.py": "ready = True\n",
    }  # fmt: skip
    found = {one.at.path: one.message.partition(", and")[0] for one in _found(tmp_path, "untested-ml-code", files)}
    does = {"part.py": "part.py builds a network", "pictures.py": "pictures.py scores models and prepares data"}
    assert found == does


def test_rows_that_code_puts_together_are_told_by_where_and_not_by_one_of_the_steps(tmp_path: Path) -> None:
    text = """
import pandas as pd
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from xgboost import XGBRegressor


def trained():
    days = pd.DataFrame([{"day": pd.to_datetime(day), "price": 2.0} for day in open("data/days.txt")])
    train, held = train_test_split(days, random_state=1)
    model = XGBRegressor(early_stopping_rounds=9, random_state=1)
    model.fit(train[["day"]], train["price"], eval_set=[(held[["day"]], held["price"])])
    print(mean_absolute_error(held["price"], model.predict(held[["day"]])))


trained()
"""
    (found,) = _found(tmp_path, "multi-test-leakage", {"train.py": text})
    assert "on rows made in trained in train.py" in found.message


def test_an_admission_is_told_as_a_whole_sentence(tmp_path: Path) -> None:
    text = '''
import pandas as pd
from sklearn.linear_model import Ridge


def learnt(path):
    """Learns how long a trip takes.

    Rows come as they are. Storms are left out for now, as nobody has
    marked them.
    """
    rows = pd.read_csv(path)
    return Ridge(alpha=0.2).fit(rows[["length"]], rows["minutes"])


print(learnt("data/trips.csv").coef_)
'''
    (found,) = _found(tmp_path, "self-admitted-debt", {"learn.py": text})
    assert '"Storms are left out for now, as nobody has marked them."' in found.message


def test_a_service_runs_the_command_of_its_own_stage() -> None:
    fixture = TOP / "fixtures/pipeline-declaration-drift/stage_of_a_service"
    (found,) = scan(fixture, ("pipeline-declaration-drift",)).findings
    assert found.message.startswith("The command of teach gives")


def test_what_a_job_runs_is_told_from_what_that_imports(tmp_path: Path) -> None:
    """Of a file that is imported nobody knows which of its functions the job comes to."""
    learn = """
import joblib
import pandas as pd
from sklearn.linear_model import Ridge


def learn(path):
    rows = pd.read_csv(path)
    joblib.dump(Ridge().fit(rows[["wind"]], rows["level"]), "models/level.joblib")
"""
    run = """
import joblib
import pandas as pd

from levels.learn import learn

learn("data/levels.csv")
print(joblib.load("models/level.joblib").predict(pd.read_csv("data/new.csv")[["wind"]]))
"""
    job = "on: pull_request\njobs:\n  smoke:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python run.py\n"
    files = {
        "levels/__init__.py": "", "levels/learn.py": learn, "run.py": run, ".github/workflows/checks.yml": job,
        "tests/test_sum.py": "def test_sum():\n    assert 1 + 1 == 2\n",
    }  # fmt: skip
    said = {one.at.path: one.message.rpartition(": ")[2] for one in _found(tmp_path, "untested-ml-code", files)}
    assert said["run.py"] == "jobs of pull requests run it, and that is all."
    assert said["levels/learn.py"] == "jobs of pull requests run code that imports it, and that is all."


def test_a_model_that_is_stored_is_no_data(tmp_path: Path) -> None:
    """Though what it says of other rows is judged where it is loaded."""
    files = {
        "jobs/train.py": """
import joblib
import pandas as pd
from sklearn.linear_model import Ridge

rows = pd.read_csv("data/stays.csv")
joblib.dump(Ridge().fit(rows[["nights"]], rows["late"]), "models/late.joblib")
""",
        "jobs/judge.py": """
import sqlite3
import joblib
import pandas as pd
from sklearn.metrics import mean_absolute_error

model, rows = joblib.load("models/late.joblib"), pd.read_csv("data/kept_back.csv")
rows["late"] = model.predict(rows[["nights"]])
rows.to_sql("judged", sqlite3.connect("runs.db"), if_exists="replace")
print(mean_absolute_error(rows["left"], rows["late"]))
""",
    }
    (found,) = _found(tmp_path, "untested-ml-code", files)
    assert "jobs/train.py trains, and at least 1 more" in found.message


def test_a_part_that_keeps_a_number_is_not_left_out(tmp_path: Path) -> None:
    """Where the handler does not go on with the next part, what stands behind it is done for the failed one as well."""
    score = """
import joblib
import pandas as pd

model, rows = joblib.load("models/late.joblib"), pd.read_csv("data/stays.csv")
found = []
for kind in ["room", "house"]:
    weight = 0.0
    try:
        weight = float(model.predict(rows[rows["kind"] == kind][["nights"]])[0])
    except ValueError as error:
        print(error){}
    found.append(weight)
print(found)
"""
    kept = _found(tmp_path / "kept", "silent-fallback", {"score.py": score.format("")})
    left = _found(tmp_path / "left", "silent-fallback", {"score.py": score.format("\n        continue")})
    assert not any("left out" in one.message for one in kept)
    assert any("left out" in one.message for one in left)
