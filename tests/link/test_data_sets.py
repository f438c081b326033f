"""Data sets that code asks for by name, where comments in a fixture cannot say what is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt import analysis
from mldebt.link.pipelines.catalogs import DataSet, part_of_project
from mldebt.roles import Store

NODE = """
from kedro.pipeline import node, pipeline
def show(rows): return rows
def create_pipeline(): return pipeline([node(show, "rows", "shown")])
"""


def artifacts(root: Path, files: dict[str, str], environment: str = "") -> list[str]:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    graph = analysis.read(root, analysis.ScanRequest(cache=False, environment=environment)).graph
    return [node.id.removeprefix("artifact:") for node in graph.nodes() if node.id.startswith("artifact:")]


def entry(path: str) -> str:
    return f"rows:\n  type: pandas.CSVDataset\n  filepath: {path}\n"


@pytest.mark.parametrize(("environment", "path"), [("", "here.csv"), ("prod", "there.csv"), ("qa", "base.csv")])
def test_the_environment_goes_before_the_base(tmp_path: Path, environment: str, path: str) -> None:
    files = {
        "pipeline.py": NODE, "conf/base/catalog.yml": entry("base.csv"), "conf/local/catalog_x.yml": entry("here.csv"),
        "conf/production/catalog/all.yml": entry("there.csv"),
    }  # fmt: skip
    assert f"file:{path}" in artifacts(tmp_path, files, environment)


def test_two_projects_may_use_one_name(tmp_path: Path) -> None:
    files = {f"{name}/src/pipeline.py": NODE for name in ("a", "b")}
    files |= {f"{name}/conf/base/catalog.yml": entry("data/rows.csv") for name in ("a", "b")}
    taken = ["file:a/data/rows.csv", "file:b/data/rows.csv"]
    assert artifacts(tmp_path, files) == [*taken, "view:a/shown", "view:b/shown"]


def test_a_folder_that_is_no_project_names_nothing() -> None:
    assert part_of_project("conf/base/catalog.yml") == ("", "base", "catalog")
    assert part_of_project("a/conf/local/shop/parameters_x.yaml") == ("a", "local", "parameters")
    assert part_of_project("conf/base/logging.yml") is None
    assert part_of_project("settings/base/catalog.yml") is None


def test_a_pattern_gives_its_parts_to_the_path() -> None:
    one = DataSet("{layer}.{name}_table", "data/${folder}/{layer}/{name}.csv", Store.FILE, False, 0, 0)
    assert one.filled("raw.orders_table") == "data/${folder}/raw/orders.csv"
    assert one.filled("orders") is None


def test_a_catalogue_of_other_things_is_none(tmp_path: Path) -> None:
    """Names without a type, entries that are no maps and what is no text are no data sets."""
    text = "rows: data/a.csv\nothers: [1, 2]\nmore:\n  type:\n    a: 1\n"
    assert artifacts(tmp_path, {"pipeline.py": NODE, "conf/base/catalog.yml": text}) == ["view:rows", "view:shown"]
