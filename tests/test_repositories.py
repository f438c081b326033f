"""Several repositories in one run: where they meet, where they do not, and that each keeps its own configuration."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from mldebt import analysis
from mldebt.gather.naming import NamesCollide, names
from mldebt.graph import Literal, NodeKind
from tests.expectations import disagreements, marks_of
from tests.scanning import TOP, scan_together
from tests.test_cli import mldebt

FIXTURES = TOP / "fixtures" / "_repositories"
CHURN = TOP / "fixtures" / "repos" / "churn"
CASES = sorted(path for path in FIXTURES.iterdir() if path.is_dir())


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
    graph = graph_of(CHURN, FIXTURES / "both_ways" / "rain").graph
    found = {node.name: node.component for node in graph.nodes(NodeKind.COMPONENT)}
    assert found["churn"] == ""
    assert found["churn/dashboard"] == "churn"


def test_every_path_begins_with_the_name_of_its_repository() -> None:
    alone, graph = graph_of(CHURN).graph, graph_of(CHURN, FIXTURES / "both_ways" / "rain").graph
    own = {node.id for node in alone.nodes()} | {one.id for one in alone.code.definitions}
    shared = {node.id for node in graph.nodes()} & own
    assert all(id.startswith("artifact:") and not id.startswith("artifact:file:") for id in shared)
    paths = {node.at.path for node in graph.nodes()} | {one.path for one in graph.code.definitions} - {""}
    assert all(path.startswith(("churn/", "rain/")) or path in ("", "churn", "rain") for path in paths)


def strings_of(value: object) -> Iterator[str]:
    """All texts inside a value of the graph, but for what literals and settings say."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, frozenset)):
        yield from (text for part in value for text in strings_of(part))
    elif is_dataclass(value) and not isinstance(value, (type, Literal)):
        told = [getattr(value, one.name) for one in fields(value) if one.name not in ("value", "default")]
        yield from (text for one in told for text in strings_of(one))


def test_nothing_that_is_said_of_the_code_names_a_file_without_its_repository() -> None:
    graph = graph_of(CHURN, FIXTURES / "both_ways" / "rain").graph
    own = {path.relative_to(CHURN).as_posix() for path in CHURN.rglob("*/*") if path.is_file()}
    said = set(strings_of(graph.code))
    assert sorted(said & own) == []
    assert any(text.startswith("churn/") for text in said)


def test_alone_or_together_a_repository_has_the_same_findings(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.py").write_text("import pandas as pd\nprint(pd.read_csv('data/raw/a.csv').mean())\n")
    asked = ("--profile", "full", "--min-confidence", "hint", "--output-format", "json", "--exit-zero")
    alone = json.loads(mldebt("scan", str(CHURN), *asked).stdout)["findings"]
    together = json.loads(mldebt("scan", str(CHURN), str(tmp_path / "other"), *asked).stdout)["findings"]
    place = [(one["rule"], one["path"], one["line"], one["confidence"]) for one in alone]
    assert sorted(place) == sorted(
        (one["rule"], one["path"].removeprefix("churn/"), one["line"], one["confidence"])
        for one in together if one["path"].startswith("churn/")
    )  # fmt: skip


def test_the_order_of_the_arguments_changes_nothing() -> None:
    case = FIXTURES / "table_of_another_team"
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


CONTRACT = """
[contracts.rents]
artifact = "analytics.expected_rent"
owner = "pricing"
consumers = ["*"]
[contracts.all]
artifact = "table:analytics.*"
owner = "finance"
consumers = ["letters"]
[contracts.again]
artifact = "analytics.expected_rents"
owner = "pricing"
consumers = ["letters"]
"""


def test_contracts_that_cover_nothing_or_disagree_are_told(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "table_of_another_team", tmp_path / "all")
    (tmp_path / "all" / "pricing" / "mldebt.toml").write_text(CONTRACT)
    done = mldebt("problems", str(tmp_path / "all" / "pricing"), str(tmp_path / "all" / "letters"))
    told = done.stdout.decode()
    assert "pricing/mldebt.toml:2  the contract 'rents' covers nothing" in told
    assert "cure: did you mean 'analytics.expected_rents'?" in told
    assert "is owned by 'finance' here, by 'pricing' in the contract 'again'" in told


def test_a_draft_of_contracts_covers_all_that_was_found(tmp_path: Path) -> None:
    shutil.copytree(CHURN, tmp_path / "churn", ignore=shutil.ignore_patterns("__pycache__"))
    first = mldebt("contracts", "init", str(tmp_path / "churn"))
    assert first.returncode == 0
    assert first.stdout == mldebt("contracts", "init", str(tmp_path / "churn")).stdout
    (tmp_path / "churn" / "mldebt.toml").write_bytes(first.stdout.replace(b"[tool.mldebt.", b"["))
    report = scan_together([tmp_path / "churn"], ["undeclared-consumer"])
    assert not [one for one in report.findings if "nothing declares that use" in one.message]
    assert not [one for one in report.problems if one.code == "contract"]
    again = mldebt("contracts", "init", str(tmp_path / "churn")).stdout.decode()
    assert again.startswith("# Every use")


def test_a_draft_says_which_repository_a_contract_belongs_to() -> None:
    case = FIXTURES / "table_of_another_team"
    text = mldebt("contracts", "init", str(case / "letters"), str(case / "pricing")).stdout.decode()
    assert text.startswith("# For the configuration of pricing:\n[tool.mldebt.contracts.analytics-expected-rents]\n")
    assert 'owner = "."\nconsumers = ["letters"]\n' in text
