"""Several repositories in one run: where they meet, where they do not, and that each keeps its own configuration."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mldebt import analysis
from mldebt.gather.naming import NamesCollide, names
from mldebt.graph import NodeKind
from tests.expectations import disagreements, marks_of
from tests.scanning import TOP, scan_together
from tests.test_cli import mldebt

CASES = sorted(path for path in (TOP / "fixtures" / "_repositories").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_as_its_marks_say(case: Path) -> None:
    report = scan_together(sorted(case.iterdir()), ["undeclared-consumer"])
    assert report.complete
    told = disagreements(marks_of(case), report.findings)
    if told:
        pytest.fail("\n".join(told), pytrace=False)


def graph_of(*roots: Path) -> analysis.Reading:
    return analysis.read_all(analysis.repositories(roots, {}), analysis.ScanRequest())


def test_each_repository_is_a_component_with_its_own_below_it() -> None:
    graph = graph_of(*(TOP / "fixtures" / "repos" / "churn", CASES[0] / sorted(CASES[0].iterdir())[0].name)).graph
    found = {node.name: node.component for node in graph.nodes(NodeKind.COMPONENT)}
    assert found["churn"] == ""
    assert found["churn/dashboard"] == "churn"


def test_every_path_begins_with_the_name_of_its_repository() -> None:
    churn = TOP / "fixtures" / "repos" / "churn"
    alone, graph = graph_of(churn).graph, graph_of(churn, CASES[0] / "maps").graph
    own = {node.id for node in alone.nodes()} | {one.id for one in alone.code.definitions}
    shared = {node.id for node in graph.nodes()} & own
    assert all(id.startswith("artifact:") and not id.startswith("artifact:file:") for id in shared)
    paths = {node.at.path for node in graph.nodes()} | {one.path for one in graph.code.definitions} - {""}
    assert all(path.startswith(("churn/", "maps/")) or path in ("", "churn", "maps") for path in paths)


def test_alone_or_together_a_repository_has_the_same_findings(tmp_path: Path) -> None:
    churn = TOP / "fixtures" / "repos" / "churn"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.py").write_text("import pandas as pd\nprint(pd.read_csv('data/raw/a.csv').mean())\n")
    asked = ("--profile", "full", "--min-confidence", "hint", "--output-format", "json", "--exit-zero")
    alone = json.loads(mldebt("scan", str(churn), *asked).stdout)["findings"]
    together = json.loads(mldebt("scan", str(churn), str(tmp_path / "other"), *asked).stdout)["findings"]
    place = [(one["rule"], one["path"], one["line"], one["confidence"]) for one in alone]
    assert sorted(place) == sorted(
        (one["rule"], one["path"].removeprefix("churn/"), one["line"], one["confidence"])
        for one in together if one["path"].startswith("churn/")
    )  # fmt: skip


def test_the_order_of_the_arguments_changes_nothing() -> None:
    case = next(case for case in CASES if case.name == "table_of_another_team")
    roots = [str(case / "pricing"), str(case / "letters")]
    asked = ("--output-format", "json", "--exit-zero", "--profile", "full", "--min-confidence", "hint")
    assert mldebt("scan", *roots, *asked).stdout == mldebt("scan", *reversed(roots), *asked).stdout


def test_folders_of_one_name_are_told_apart(tmp_path: Path) -> None:
    roots = [tmp_path / name for name in ("ads/service", "shop/service", "shop/feed", "x/ads")]
    for root in roots:
        root.mkdir(parents=True)
    assert names(roots[:3]) == ("ads/service", "shop/service", "feed")
    found = names(roots)
    assert not any(one.startswith(f"{other}/") for one in found for other in found)


def test_a_repository_given_twice_or_within_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    with pytest.raises(NamesCollide, match="twice"):
        names([tmp_path, tmp_path / "inner" / ".."])
    with pytest.raises(NamesCollide, match="lies in another"):
        names([tmp_path, tmp_path / "inner"])
    done = mldebt("scan", str(tmp_path), str(tmp_path / "inner"))
    assert done.returncode == 2
    assert b"Give one of the two" in done.stderr


def test_each_configuration_holds_for_its_own_files(tmp_path: Path) -> None:
    code = "import pandas as pd\n\nunused = pd.read_csv('a.csv')\n"
    for name, ignored in (("one", ""), ("two", 'ignore = ["unused-data-source"]\nfail-level = "warning"\n')):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text(code)
        (tmp_path / name / "left_out.py").write_text(code)
        (tmp_path / name / "mldebt.toml").write_text(f'exclude = ["left_out.py"]\n{ignored}')
    done = mldebt("scan", str(tmp_path / "one"), str(tmp_path / "two"), "--output-format", "concise")
    assert [line.partition(":")[0] for line in done.stdout.decode().splitlines()[:-1]] == ["one/a.py"]
    assert done.returncode == 0
    shown = mldebt("scan", str(tmp_path / "one"), str(tmp_path / "two")).stdout.decode()
    assert "fail-level differs: error in one; warning in two." in " ".join(shown.split())


def test_a_mistake_in_one_configuration_names_its_repository(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("x = 1\n")
        (tmp_path / name / "mldebt.toml").write_text("exclud = []\n")
    done = mldebt("scan", str(tmp_path / "one"), str(tmp_path / "two"))
    assert done.returncode == 2
    told = done.stderr.decode()
    assert "one/mldebt.toml:1" in told
    assert "two/mldebt.toml:1" in told
    assert "Did you mean 'exclude'?" in told


def test_a_repository_with_nothing_to_read_is_told(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "a.py").write_text("x = 1\n")
    done = mldebt("scan", str(tmp_path / "one"), str(tmp_path / "two"))
    assert done.returncode == 2
    assert "Nothing to read in" in done.stderr.decode()
    assert str(tmp_path / "two") in done.stderr.decode()
