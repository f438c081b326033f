"""Settings beyond what marks in fixtures can say: environments, references, hostile files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mldebt import analysis
from mldebt.config import Config
from mldebt.graph import Graph, NodeKind
from mldebt.link.environment_names import named, of_environment
from mldebt.link.interpolation import interpolated
from mldebt.link.variables import is_env_file

TRAIN = """
import os

import pandas as pd
import yaml

with open(f"config/{os.environ['STAGE']}.yaml") as file:
    config = yaml.safe_load(file)
pd.read_csv(config["data"])
"""


def graph_of(root: Path, files: dict[str, str], environment: str = "") -> Graph:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return analysis.read(root, analysis.ScanRequest(Config(workers=1), cache=False, environment=environment)).graph


def sources(graph: Graph) -> list[str]:
    return [node.name for node in graph.nodes(NodeKind.SOURCE)]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("", ["data/prod.csv", "data/small.csv"]), ("production", ["data/prod.csv"]), ("staging", ["data/small.csv"])],
)
def test_an_environment_picks_its_file(tmp_path: Path, environment: str, expected: list[str]) -> None:
    files = {
        "train.py": TRAIN, "config/prod.yaml": "data: data/prod.csv\n", "config/staging.yaml": "data: data/small.csv\n"
    }  # fmt: skip
    assert sources(graph_of(tmp_path, files, environment)) == expected


def test_a_variable_without_a_default_is_what_compose_says(tmp_path: Path) -> None:
    files = {
        "train.py": 'import os\n\nimport pandas as pd\n\npd.read_csv(os.environ["RAW"])\n',
        "compose.yaml": "services:\n  a:\n    build: .\n    environment:\n      RAW: data/raw.csv\n",
        ".env.example": "RAW=data/example.csv\n",
    }
    graph = graph_of(tmp_path, files)
    assert sources(graph) == ["data/raw.csv"]
    forms = {(one.form, one.template) for one in graph.code.settings}
    assert forms == {("compose", False), ("env", True)}


def test_a_file_that_cannot_be_read_wholly_says_so_and_costs_little(tmp_path: Path) -> None:
    bomb = "a0: &a0 [1, 2]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 9))
    code = 'import yaml\n\nconfig = yaml.safe_load(open("bomb.yaml"))\nfor value in config["a8"]:\n    print(value)\n'
    began = time.perf_counter()
    (tmp_path / "bomb.yaml").write_text(bomb, "utf-8")
    (tmp_path / "train.py").write_text(code, "utf-8")
    reading = analysis.read(tmp_path, analysis.ScanRequest(Config(workers=1), cache=False))
    assert [(problem.at.path, problem.code) for problem in reading.problems] == [("bomb.yaml", "too-large")]
    assert time.perf_counter() - began < 20


def test_references_lead_to_values_defaults_and_nothing_endless() -> None:
    values = {("a", "b"): ("${c}/x",), ("c",): ("data",), ("self",): ("${self}",), ("many",): ("${a.b}${a.b}",)}

    def lookup(keys: tuple[str, ...]) -> tuple[str, ...]:
        return values.get(keys, ())

    assert interpolated("${a.b}.csv", lookup) == ("data/x.csv",)
    assert interpolated("${oc.env:DAY,monday}", lookup) == ("monday",)
    assert interpolated("${HOME:-/root}/x", lookup) == ("/root/x",)
    assert interpolated("${missing.key}/x", lookup) == ("{missing.key}/x",)
    assert len(interpolated("${self}", lookup)) == 1


@pytest.mark.parametrize(
    ("path", "environment"),
    [("config.prod.yaml", "prod"), (".env.staging", "staging"), ("conf/dev/a.yaml", "dev"), ("config.yaml", "")],
)
def test_names_tell_environments(path: str, environment: str) -> None:
    assert of_environment(path) == environment
    assert named(environment) == environment


def test_no_default_shows_a_secret(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, {"a.py": 'import os\n\nkey = os.environ.get("API_SECRET", "hunter22")\n'})
    assert [one.value for one in graph.code.settings] == ["***"]
    assert [one.default for one in graph.code.setting_reads] == ["***"]


def test_settings_in_a_format_of_their_own_are_no_variables_whatever_their_file_is_called() -> None:
    assert [is_env_file(path) for path in ("a/.env", ".env.prod", "prod.env", "a/.env_local.yaml", ".env.toml")] == [
        True, True, True, False, False,
    ]  # fmt: skip
