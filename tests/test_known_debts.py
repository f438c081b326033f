"""Old and new debt, end to end: the baseline, and comments in the code."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldebt.cli import run
from mldebt.suppress.baseline import FILE
from tests.test_cli import Capture

CHURN = Path(__file__).parents[1] / "fixtures" / "repos" / "churn"
EVERYTHING = ("--profile", "full", "--min-confidence", "hint")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(CHURN, tmp_path / "churn")
    return tmp_path / "churn"


def scan(repository: Path, capsys: Capture, *options: str) -> tuple[int, dict]:
    code = run(["scan", str(repository), "--output-format", "json", "--fail-level", "info", *options])
    return code, json.loads(capsys.readouterr().out)


def open_findings(document: dict) -> Iterator[dict]:
    return (one for one in document["findings"] if not one["suppressed"])


def test_from_a_baseline_on_only_what_is_new_is_told(repository: Path, capsys: Capture) -> None:
    assert run(["baseline", "create", str(repository)]) == 0
    assert "findings. Commit it." in capsys.readouterr().err
    code, document = scan(repository, capsys, "--min-confidence", "hint")
    assert (code, list(open_findings(document))) == (0, [])
    assert document["findings"]
    (repository / "churn" / "new.py").write_text("import pandas as pd\n\n\ndef rows(:\n", "utf-8")
    code, document = scan(repository, capsys)
    assert (code, [one["rule"] for one in open_findings(document)]) == (1, ["unreadable-file"])
    assert run(["scan", str(repository)]) == 1
    said = capsys.readouterr().out
    assert " 1 finding   1 error  0 warnings  0 notes   " in said
    assert " in the baseline" in said


def test_blank_lines_and_new_names_of_folders_are_no_new_debt(repository: Path, capsys: Capture) -> None:
    run(["baseline", "create", str(repository)])
    for file in [*repository.rglob("*.py"), *repository.rglob("*.yaml")]:
        file.write_text("\n" * 20 + file.read_text("utf-8"), "utf-8")
    (repository / "marketing").rename(repository / "campaigns")
    code, document = scan(repository, capsys, "--min-confidence", "hint", "--fail-on-stale-baseline")
    assert (code, list(open_findings(document)), document["stats"]["baseline_stale"]) == (0, [], 0)


@pytest.mark.parametrize(
    ("path", "step", "without", "cured"),
    [
        ("upsell/prepare.py", "pd.concat([offers, *copies], ignore_index=True)", "offers", {"overlap-leakage"}),
        ("upsell/train.py", 'offers.select_dtypes("number").drop', "offers.drop", set()),
    ],
)  # fmt: skip
def test_a_step_less_in_a_trail_is_the_same_debt(
    repository: Path, path: str, step: str, without: str, cured: set[str], capsys: Capture
) -> None:
    before = {one["fingerprint"]: one for one in scan(repository, capsys, *EVERYTHING)[1]["findings"]}
    text = (repository / path).read_text("utf-8")
    assert step in text
    (repository / path).write_text(text.replace(step, without), "utf-8")
    after = {one["fingerprint"]: one for one in scan(repository, capsys, *EVERYTHING)[1]["findings"]}
    assert {before[one]["rule"] for one in before.keys() - after.keys()} == cured
    assert not after.keys() - before.keys()
    assert any(len(after[one]["trail"]) < len(before[one]["trail"]) for one in after)


def test_what_is_gone_is_told_and_pruned(repository: Path, capsys: Capture) -> None:
    run(["baseline", "create", str(repository)])
    before = (repository / FILE).read_text("utf-8")
    shutil.rmtree(repository / "marketing")
    assert run(["scan", str(repository), "--exit-zero", "--fail-on-stale-baseline"]) == 1
    assert "mldebt baseline prune drops them." in capsys.readouterr().out
    assert run(["baseline", "stats", str(repository)]) == 0
    assert "gone)" in capsys.readouterr().out
    assert run(["baseline", "prune", str(repository)]) == 0
    after = (repository / FILE).read_text("utf-8")
    assert set(after.splitlines()) < set(before.splitlines())
    assert "marketing/" not in after
    assert scan(repository, capsys)[1]["stats"]["baseline_stale"] == 0


def test_a_file_that_cannot_be_read_loses_no_entry(repository: Path, capsys: Capture) -> None:
    run(["baseline", "create", str(repository)])
    before = (repository / FILE).read_text("utf-8")
    path = next(json.loads(line)["path"] for line in before.splitlines() if json.loads(line)["path"].endswith(".py"))
    (repository / path).write_text("def (:\n", "utf-8")
    assert run(["baseline", "prune", str(repository)]) == 0
    after = (repository / FILE).read_text("utf-8")
    kept = [line for line in before.splitlines() if json.loads(line)["path"] == path]
    assert set(kept) <= set(after.splitlines())


def test_update_takes_in_what_is_new(repository: Path, capsys: Capture) -> None:
    run(["baseline", "create", str(repository)])
    (repository / "broken.py").write_text("def (:\n", "utf-8")
    assert run(["baseline", "update", str(repository)]) == 0
    assert "1 added, 0 dropped" in capsys.readouterr().err
    assert list(open_findings(scan(repository, capsys)[1])) == []


def test_a_baseline_is_neither_replaced_nor_missed_in_silence(repository: Path, capsys: Capture) -> None:
    assert run(["baseline", "update", str(repository)]) == 2
    assert "To begin: mldebt baseline create" in capsys.readouterr().err
    run(["baseline", "create", str(repository)])
    assert run(["baseline", "create", str(repository)]) == 2
    assert "--force replaces it" in capsys.readouterr().err
    (repository / FILE).write_text("oops\n", "utf-8")
    assert run(["scan", str(repository)]) == 2
    assert f"{FILE}:1: this line is no JSON." in capsys.readouterr().err
    assert scan(repository, capsys, "--no-baseline")[0] == 1


def test_a_comment_at_any_place_of_a_finding_hides_it(repository: Path, capsys: Capture) -> None:
    findings = list(open_findings(scan(repository, capsys)[1]))
    wanted = next(one for one in findings if one["path"].endswith(".py") and len(one["trail"]) > 1)
    other = next(stop for stop in wanted["trail"] if stop["path"].endswith(".py") and stop["path"] != wanted["path"])
    file = repository / other["path"]
    lines = file.read_text("utf-8").splitlines()
    lines[other["line"] - 1] += f"  # mldebt: ignore[{wanted['rule']}] agreed with the team"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    after = scan(repository, capsys)[1]
    hidden = {one["fingerprint"] for one in after["findings"] if one["suppressed"]}
    assert wanted["fingerprint"] in hidden
    file.write_text(file.read_text("utf-8") + "\nx = 1  # mldebt: ignore[pipeline-jungle] long gone\n", "utf-8")
    problems = scan(repository, capsys)[1]["problems"]
    assert ("suppression", "remove the comment") in {(one["code"], one["cure"]) for one in problems}


def test_several_forms_of_output_at_once(repository: Path, tmp_path: Path, capsys: Capture) -> None:
    sarif, page = tmp_path / "out.sarif", tmp_path / "out.md"
    wanted = ["--output", f"sarif:{sarif}", "--output", f"markdown:{page}", "--output", "concise"]
    assert run(["scan", str(repository), "--exit-zero", *wanted]) == 0
    assert " warning undeclared-consumer: " in capsys.readouterr().out
    results = json.loads(sarif.read_text("utf-8"))["runs"][0]["results"]
    assert all(one["partialFingerprints"]["primaryLocationLineHash"] for one in results)
    assert page.read_text("utf-8").startswith("**mldebt: ")


def test_files_that_are_named_restrict_the_report_and_not_the_analysis(
    repository: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fingerprints(*paths: str) -> list[str]:
        run(["scan", *paths, "--exit-zero", "--output-format", "json", "--min-confidence", "hint"])
        return [one["fingerprint"] for one in json.loads(capsys.readouterr().out)["findings"]]

    _, whole = scan(repository, capsys, "--min-confidence", "hint")
    touched = {
        one["fingerprint"]: {place["path"] for place in (one, *one["trail"], *one["related"])}
        for one in whole["findings"]
    }
    monkeypatch.chdir(repository)
    chosen = ["churn/training/train.py", "marketing/campaign.py"]
    expected = [fingerprint for fingerprint, paths in touched.items() if paths & set(chosen)]
    assert 0 < len(expected) < len(touched)
    assert fingerprints(*chosen) == expected
    assert fingerprints(".", *chosen) == expected
    monkeypatch.chdir(repository / "churn")
    assert fingerprints("..", "training/train.py", "../marketing/campaign.py") == expected
    link = repository.parent / "link"
    link.symlink_to(repository)
    monkeypatch.chdir(link)
    assert fingerprints(str(repository), *chosen) == expected
    assert run(["scan", "README.md", "churn/training/train.py"]) == 0
    said = capsys.readouterr().out
    assert "Only what has a place in the 2 files that are named: " in said
    assert "Named and not read: README.md.  mldebt files says why." in said


def test_files_of_several_repositories_are_told_apart(repository: Path, capsys: Capture) -> None:
    other = Path(shutil.copytree(repository, repository.parent / "other"))
    file = repository / "churn" / "training" / "train.py"
    run(["scan", str(repository), str(other), str(file), "--exit-zero", "--output-format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert found
    for one in found:
        assert "churn/churn/training/train.py" in {place["path"] for place in (one, *one["trail"], *one["related"])}


def test_the_configuration_excuses_files_and_things(repository: Path, capsys: Capture) -> None:
    (repository / "mldebt.toml").write_text(EXCUSES, "utf-8")
    _, document = scan(repository, capsys, "--profile", "full", "--min-confidence", "hint")
    told = {(one["line"], one["text"]) for one in document["problems"] if one["code"] == "suppression"}
    assert told == {
        (4, "per-file-ignores names 'nowhere/**', and no file is called so"),
        (3, "nothing is found in 'marketing/**' that overlap-leakage would hide"),
        (12, "no artifact here is called 'models/churn.joblb', of which this exception speaks"),
        (18, "this exception of the model '*' was good until 2001-12-31, and holds no more"),
    }
    run(["scan", str(repository), "--profile", "full"])
    said = capsys.readouterr().out
    assert " 4 excuses to look at:\n   mldebt.toml:3  nothing is found in 'marketing/**'" in said
    for one in document["findings"]:
        if one["rule"] == "undeclared-consumer":
            about = {place["path"].partition("/")[0] for place in (one, *one["trail"], *one["related"])}
            assert one["suppressed"] == ("marketing" in about)
        if one["rule"] == "fixed-threshold":
            assert not one["suppressed"]
    hidden = [one for one in document["findings"] if one["rule"] == "unversioned-artifact" and one["suppressed"]]
    assert hidden and all("upsell.joblib" in one["message"] for one in hidden)


EXCUSES = """
[per-file-ignores]
"marketing/**" = ["undeclared-consumer", "overlap-leakage"]
"nowhere/**" = ["data"]

[[exceptions]]
artifact = "models/upsell.joblib"
rule = "unversioned-artifact"
reason = "one model for each season"
until = 9999-01-01

[[exceptions]]
artifact = "models/churn.joblb"
rule = ["unversioned-artifact"]
reason = "a slip of the pen"

# over
[[exceptions]]
model = "*"
rule = "fixed-threshold"
reason = "it was to be gone by then"
until = 2001-12-31
"""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--output", "out.txt"], "'out.txt' is no format. Write FORMAT or FORMAT:FILE"),
        (["--output", "json", "--output", "github"], "json and github would both be printed."),
        (["--output-format", "json", "--output", "github"], "json and github would both be printed."),
    ],
)
def test_outputs_that_cannot_be_are_refused_before_the_work(options: list[str], said: str, capsys: Capture) -> None:
    assert run(["scan", str(CHURN), *options]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
