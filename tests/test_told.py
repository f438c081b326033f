"""What findings name: the place and the words are those of what was found, also where several could be told."""

from __future__ import annotations

from pathlib import Path

from mldebt.findings import Finding
from tests.scanning import scan


def _found(root: Path, slug: str, files: dict[str, str]) -> list[Finding]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return [finding for finding in scan(root, (slug,)).findings if finding.rule == slug]


def test_inputs_are_told_of_the_table_whose_rows_they_are(tmp_path: Path) -> None:
    """The names of a column and of what only some table brings are no rows of the inputs."""
    text = """
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

example = pd.read_csv("data/an_example.csv")
table = pd.read_csv("data/tides.csv")
wanted = table[example.columns[-1]]
columns = [name for name in table.columns if name not in ("day", "tide")]
inputs = table[columns]
model = Ridge().fit(inputs, wanted)
"""
    (found,) = _found(tmp_path, "bundled-features", {"train.py": text})
    assert "data/tides.csv" in found.message


def test_settings_of_several_files_are_told_of_the_one_that_reaches_a_step(tmp_path: Path) -> None:
    text = """
import hydra
import pandas as pd
from sklearn.ensemble import RandomForestRegressor


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    table = pd.read_csv("tides.csv")
    model = RandomForestRegressor(n_estimators=cfg.model.trees, random_state=1)
    model.fit(table[["moon", "wind"]], table["tide"])


if __name__ == "__main__":
    main()
"""
    files = {
        "train.py": text, "conf/config.yaml": "defaults:\n  - alarm: loud\n  - model: forest\n",
        "conf/alarm/loud.yaml": "bells: 3\n", "conf/model/forest.yaml": "trees: 200\n",
    }  # fmt: skip
    found = _found(tmp_path, "unchecked-config", files)
    assert [one.message.partition(" is loaded")[0] for one in found] == ["conf/model/forest.yaml"]


def test_paths_of_one_machine_are_told_by_the_folder_that_holds_them(tmp_path: Path) -> None:
    text = """
import pandas as pd

print(pd.read_csv("/home/build/tides/data/a.csv").shape, pd.read_csv("/home/build/tides/data/b.csv").shape)
"""
    (found,) = _found(tmp_path, "hardcoded-config", {"look.py": text})
    assert "is /home/build/tides/data in the code" in found.message


def test_paths_of_one_machine_in_lines_below_each_other_are_one_place(tmp_path: Path) -> None:
    text = """
import pandas as pd

days = [
    "/home/build/tides/data/a.csv",
    "/home/build/tides/data/b.csv",
]
print([pd.read_csv(day).shape for day in days])
"""
    (found,) = _found(tmp_path, "hardcoded-config", {"look.py": text})
    assert "is /home/build/tides/data in the code" in found.message
    again = f"{text}\nprint(pd.read_csv('/home/build/tides/data/c.csv').shape)\n"
    (found,) = _found(tmp_path, "hardcoded-config", {"look.py": again})
    assert "/home/build/tides/data is written in at least 2 places" in found.message


def test_what_is_loaded_and_kept_again_is_no_data_set(tmp_path: Path) -> None:
    files = {
        "renew.py": 'import joblib\n\nkept = joblib.load("old/tide.joblib")\njoblib.dump(kept, "models/tide.pkl")\n',
        "ask.py": 'import joblib\n\nprint(joblib.load("models/tide.pkl").predict([[1, 2]]))\n',
    }
    (found,) = _found(tmp_path, "unversioned-artifact", files)
    assert "saves an object over models/tide.pkl" in found.message


def test_code_is_a_template_where_the_marks_stand_at_the_trouble(tmp_path: Path) -> None:
    files = {
        "told.py": 'PAGE = f"{{ title }}"\nx = = 1\n',
        "made.py": "from {{ package }} import tides\n",
    }
    found = {one.at.path: one.message for one in _found(tmp_path, "unreadable-file", files)}
    assert "mend the syntax" in found["told.py"]
    assert "template" in found["made.py"]


def test_an_unread_key_is_told_of_the_loader_that_lies_nearest(tmp_path: Path) -> None:
    """A loader that is given its folder may mean the files of every program."""
    helper = """
import os

import yaml


class Loader:
    def __init__(self, folder):
        self.folder = folder

    def load(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return yaml.safe_load(file)
"""
    files = {
        "collect/loader.py": helper,
        "collect/main.py": """
import sys

from loader import Loader

print(Loader(sys.argv[1]).load("rows.yaml")["topic"])
""",
        "collect/config/rows.yaml": "topic: wards\n",
        "stream/main.py": """
import yaml

with open("config/rows.yaml") as file:
    rows = yaml.safe_load(file)
print(rows["topic"])
""",
        "stream/config/rows.yaml": "topic: wards\npace: 1.5\n",
    }
    (found,) = _found(tmp_path, "unused-setting", files)
    assert found.message == "No code reads pace of stream/config/rows.yaml, which stream/main.py:5 loads."


def test_an_unread_parameter_is_told_of_the_step_that_takes_its_file(tmp_path: Path) -> None:
    """One place stands for the loading of all parameters, and that may be a step of another pipeline."""
    pipeline = """
from kedro.pipeline import Pipeline, node

from .nodes import work


def create_pipeline(**kwargs):
    return Pipeline([node(work, inputs=["rows", "params:{name}.rounds"], outputs="{name}_kept", name="{name}")])
"""
    nodes = "def work(rows, rounds):\n    return rows.head(rounds)\n"
    files = {"pyproject.toml": '[tool.kedro]\npackage_name = "wards"\nproject_name = "wards"\n',
             "conf/base/catalog.yml": "rows:\n  type: pandas.CSVDataset\n  filepath: data/rows.csv\n"}  # fmt: skip
    for name in ("early", "late"):
        files[f"src/wards/pipelines/{name}/__init__.py"] = ""
        files[f"src/wards/pipelines/{name}/nodes.py"] = nodes
        files[f"src/wards/pipelines/{name}/pipeline.py"] = pipeline.format(name=name)
        files[f"conf/base/parameters_{name}.yml"] = f"{name}:\n  rounds: 7\n  depth_of_{name}: 3\n"
    messages = {one.message for one in _found(tmp_path, "unused-setting", files)}
    assert any("depth_of_late" in one and "src/wards/pipelines/late/pipeline.py:8 loads" in one for one in messages)
    assert any("depth_of_early" in one and "src/wards/pipelines/early/pipeline.py:8 loads" in one for one in messages)
def test_a_module_that_tests_import_is_told_so(tmp_path: Path) -> None:
    text = """
import joblib


def score(rows):
    return joblib.load("models/tides.joblib").predict(rows)
"""
    test = "from tides.scoring import score\n\n\ndef test_scores():\n    assert score([[1, 2]])\n"
    files = {"tides/__init__.py": "", "tides/scoring.py": text, "tests/test_scoring.py": test}
    (found,) = _found(tmp_path, "dead-experimental-path", files)
    assert found.message == "tides/scoring.py is code that only tests reach."


def test_two_files_that_are_called_alike_are_told_by_their_paths(tmp_path: Path) -> None:
    made = 'table["share"] = table["open"].fillna(0) / (table["all"].fillna(0) + 1)\n'
    train = f"""
import joblib
import pandas as pd
from sklearn.linear_model import Ridge

table = pd.read_csv("data/tides.csv")
{made}
joblib.dump(Ridge().fit(table[["share"]], table["tide"]), "models/tides.joblib")
"""
    serve = f"""
import joblib
import pandas as pd

table = pd.read_csv("data/today.csv")
{made}
joblib.load("models/tides.joblib").predict(table[["share"]]).tofile("out/today.bin")
"""
    (found,) = _found(tmp_path, "duplicated-feature-logic", {"learn/run.py": train, "answer/run.py": serve})
    assert found.message.startswith("answer/run.py and learn/run.py both compute share")


def test_a_draw_that_parts_rows_of_a_network_is_told_of_its_model(tmp_path: Path) -> None:
    text = """
import numpy as np
import pandas as pd
import torch

table = pd.read_csv("data/tides.csv")
order = np.random.permutation(len(table))
learnt = torch.tensor(table.iloc[order[:800]].to_numpy())
net = torch.nn.Linear(2, 1)
steps = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(20):
    loss = torch.nn.functional.mse_loss(net(learnt[:, :2]), learnt[:, 2:])
    loss.backward()
    steps.step()
torch.save(net.state_dict(), "models/tides.pt")
"""
    (found,) = _found(tmp_path, "uncontrolled-randomness", {"train.py": text})
    assert "for a model" in found.message or "for the model" in found.message


def test_a_decorator_that_is_given_something_is_no_unknown_call(tmp_path: Path) -> None:
    text = """
import dagster as dg
from dataclasses import dataclass

import acme_io


@dataclass(frozen=True)
class Ward:
    name: str


@dg.asset(name="wards")
def wards() -> list:
    return [Ward(acme_io.load_name("a"))]
"""
    (tmp_path / "wards.py").write_text(text, "utf-8")
    assert scan(tmp_path, ()).stats.unknown_calls == (("acme_io.load_name", 1),)
def test_what_two_functions_of_a_file_compute_is_told_of_the_file(tmp_path: Path) -> None:
    """Each of them computes its share, and no single one computes all that is told."""
    moon = '    table["share"] = table["open"].fillna(0) / (table["all"].fillna(0) + 1)\n'
    wind = '    table["push"] = table["wind"].fillna(0) * (table["fetch"].fillna(0) - 1)\n'
    train = f"""
import joblib
import pandas as pd
from sklearn.linear_model import Ridge


def learn():
    table = pd.read_csv("data/tides.csv")
{moon}{wind}    joblib.dump(Ridge().fit(table[["share", "push"]], table["tide"]), "models/tides.joblib")


learn()
"""
    serve = f"""
import joblib
import pandas as pd


def with_moon(table):
{moon}    return table


def with_wind(table):
{wind}    return table


table = with_wind(with_moon(pd.read_csv("data/today.csv")))
joblib.load("models/tides.joblib").predict(table[["share", "push"]]).tofile("out/today.bin")
"""
    (found,) = _found(tmp_path, "duplicated-feature-logic", {"train.py": train, "answer.py": serve})
    assert found.message.startswith("answer.py and learn in train.py both compute share, push, each")


def test_copies_with_other_values_are_not_told_as_the_same_and_show_no_text(tmp_path: Path) -> None:
    case = Path(__file__).parents[1] / "fixtures" / "abstraction-debt" / "other_values_and_other_texts"
    files = {path.name: path.read_text("utf-8").replace('"noted"', f'"q7Rk2{path.stem}"') for path in case.glob("*.py")}
    (found,) = _found(tmp_path, "abstraction-debt", files)
    assert "with small differences" in found.message
    assert [stop.label for stop in found.trail] == ["copy: ready", "copy: ready, with other values"]


def test_copies_that_only_say_something_else_of_themselves_have_no_other_values(tmp_path: Path) -> None:
    copy = """
import pandas as pd


def daily(path):
    table = pd.read_csv(path)
    table = table[table["level"] > 0]
    table = table.dropna(subset=["mark"]).sort_values("day")
    table["share"] = table["level"] / table["mark"]
    table["flow"] = table["share"] * table["width"]
    return table.groupby("station").mean()


daily("levels.csv").to_csv("out.csv")
"""
    told = copy.replace("(path):\n", '(path):\n    """The levels of each day."""\n')
    (found,) = _found(tmp_path, "abstraction-debt", {"east.py": told, "west.py": copy})
    assert [stop.label for stop in found.trail] == ["copy: daily", "copy: daily"]


def test_a_place_of_one_person_is_told_of_the_file_that_goes_there(tmp_path: Path) -> None:
    write = """
import pandas as pd

pd.read_csv("tides.csv").to_csv("/home/ida/tides/NAME.csv")
"""
    files = {f"{name}.py": write.replace("NAME", name) for name in ("east", "west")}
    (found,) = _found(tmp_path, "personal-data-dependency", files)
    assert found.message == "east.py writes to /home/ida, a place of one person: /home/ida/tides/east.csv."
    assert [stop.label for stop in found.trail] == [f"write: /home/ida/tides/{name}.csv" for name in ("east", "west")]


def test_a_score_of_columns_that_fails_is_no_training(tmp_path: Path) -> None:
    text = """
import pandas as pd
from sklearn.feature_selection import mutual_info_regression

tides = pd.read_csv("tides.csv")
try:
    weight = mutual_info_regression(tides[["moon"]], tides["level"]).mean()
except ValueError:
    weight = 0.0
print(weight)
"""
    (found,) = _found(tmp_path, "silent-fallback", {"weigh.py": text})
    assert found.message.startswith("Where a score fails, 0.0 takes its place")


def test_scaled_rows_are_told_of_the_file_that_holds_them_and_not_of_that_which_names_them(tmp_path: Path) -> None:
    """A field of what one file lists, as a key of what another one holds, says which element is meant."""
    text = """
import pickle

from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

with open("features/wells.pkl", "rb") as file:
    wells = pickle.load(file)["wells"]
with open("features/a_plan.pkl", "rb") as file:
    plan = pickle.load(file)["visits"]

for visit in plan:
    name = visit["well"]
    well = wells[name]
    inputs = StandardScaler().fit_transform(well["depths"])
    parts = train_test_split(inputs, well["dry"], random_state=3)
    model = LogisticRegression(random_state=3).fit(parts[0], parts[2])
    print(f1_score(parts[3], model.predict(parts[1])))
"""
    (found,) = _found(tmp_path, "preprocessing-leakage", {"visit.py": text})
    assert "features/wells.pkl" in found.message


def test_stretches_in_files_of_one_name_are_told_by_their_paths(tmp_path: Path) -> None:
    text = """
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error, r2_score


def NAME(path, limit):
    OWN
    rows = pd.read_csv(path)
    rows = rows.dropna(subset=["moon"]).sort_values("day")
    rows["high"] = rows["tide"].clip(lower=0)
    rows["night"] = rows["hour"].fillna(0) > limit
    old, new = rows[rows["day"] < 9], rows[rows["day"] >= 9]
    model = Ridge(alpha=0.3).fit(old[["moon"]], old["tide"])
    told = model.predict(new[["moon"]])
    far = mean_absolute_error(new["tide"], told)
    near = r2_score(new["tide"], told)
    return far, near


print(NAME("tides.csv", 5))
"""
    words = ("upper", "lower", "strip", "title", "swapcase", "casefold", "lstrip", "rstrip", "capitalize", "split")
    first = "\n    ".join(f"print(path.{one}().{other}())" for one in words[:4] for other in words[4:9])
    second = "\n    ".join(f"limit = [path.{one}(), path.{other}(), limit]" for one in words[5:] for other in words[:4])
    files = {
        "north/tides.py": text.replace("OWN", first).replace("NAME", "northern"),
        "south/tides.py": text.replace("OWN", second).replace("NAME", "southern"),
    }
    (found,) = _found(tmp_path, "abstraction-debt", files)
    assert found.message.endswith("lines of northern are written again, step by step, in southern of south/tides.py.")


def test_an_address_stands_where_a_function_puts_it_together_and_not_where_it_is_called(tmp_path: Path) -> None:
    text = """
import subprocess


def database(user, password, name):
    return f"postgresql://{user}:{password}@127.0.0.1:5432/{name}"


def restore(user, password):
    subprocess.run(["psql", database(user, password, "postgres"), "-c", "CREATE DATABASE games"], check=True)
"""
    (found,) = _found(tmp_path, "hardcoded-config", {"restore.py": text})
    assert found.message.startswith("The host is 127.0.0.1:5432 in the code of database")
