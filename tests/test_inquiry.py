"""Questions about one finding and one place, end to end: show, ignore, why-not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from mldebt.analysis import Repository, ScanRequest, compared, configure
from mldebt.cards import load_cards, shipped_cards
from mldebt.cli import run
from mldebt.graph.known_at import is_kind, known_at
from mldebt.inquiry import NotOne, identified
from mldebt.roles import Confidence
from mldebt.source import Span
from mldebt.why_not import NoPlace, Place, place_of
from tests import scanning
from tests.test_cli import Capture

CHURN = scanning.TOP / "fixtures" / "repos" / "churn"
CARDS = load_cards(shipped_cards())
Asked = Callable[..., str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CHURN, tmp_path / "churn"))


@pytest.fixture
def ask(repository: Path, capsys: Capture) -> Asked:
    """Runs a command on the repository, and gives what it printed in one line of text."""

    def ask(*words: str, code: int = 0) -> str:
        assert run([*words, str(repository)]) == code, capsys.readouterr().err
        told = capsys.readouterr()
        return " ".join((told.out + told.err).split())

    return ask


def findings(repository: Path, capsys: Capture, *options: str) -> list[dict]:
    run(["scan", str(repository), "--exit-zero", "--output-format", "json", *options])
    return json.loads(capsys.readouterr().out)["findings"]


def test_a_finding_is_shown_whole_by_the_beginning_of_its_fingerprint(
    repository: Path, ask: Asked, capsys: Capture
) -> None:
    every = findings(repository, capsys, "--min-confidence", "hint")
    (one,) = (one for one in every if one["rule"] == "pipeline-jungle")
    assert len(one["trail"]) > 8
    short = one["fingerprint"][3:11]
    run(["scan", str(repository), "--exit-zero", "--all", "--min-confidence", "hint"])
    assert f"pipeline-jungle   hint   {short}" in capsys.readouterr().out
    for given in (short, one["fingerprint"], short.upper()):
        said = ask("show", given)
        assert all(f"{stop['path']}:{stop['line']}" in said for stop in one["trail"])
        assert "more step" not in said and "more place" not in said
        assert f"fingerprint {one['fingerprint']} the rule mldebt explain pipeline-jungle" in said
        assert "# mldebt: ignore[pipeline-jungle] REASON" in said


def test_hints_and_findings_outside_of_the_profile_are_shown_too(
    repository: Path, ask: Asked, capsys: Capture
) -> None:
    usual = {one["fingerprint"] for one in findings(repository, capsys)}
    every = findings(repository, capsys, "--profile", "full", "--min-confidence", "hint")
    assert {one["confidence"] for one in every if one["fingerprint"] not in usual} >= {"hint"}
    other = next(one for one in every if CARDS[one["rule"]].profile == "full")
    assert other["fingerprint"] in ask("show", other["fingerprint"])


def test_a_fingerprint_of_nothing_or_of_several_is_told_with_its_cure(ask: Asked) -> None:
    assert "No finding here has a fingerprint that begins with 'zz'." in ask("show", "zz", code=2)
    assert "begins with ''" in ask("show", "", code=2)
    assert "fingerprint that begins with 'v1:'" in ask("show", "v1:", code=2)
    config = configure(CHURN, {"min_confidence": Confidence.HINT})
    part = Repository("", CHURN, config)
    prints = [one.fingerprint for one in compared((part,), ScanRequest(config)).findings]
    shared = next(one[3] for one in prints if sum(other[3] == one[3] for other in prints) > 1)
    with pytest.raises(NotOne, match=rf"findings begin with '{shared}'. Give more of it:\n  {shared}"):
        identified((part,), shared, ScanRequest(config))


def test_an_ignored_finding_is_excused_with_its_reason_until_its_day(
    repository: Path, ask: Asked, capsys: Capture
) -> None:
    pytest.importorskip("tomlkit")
    (repository / "pyproject.toml").write_text("[project]\nname = 'churn'  # ours\n\n[tool.ruff]\nx = 1\n", "utf-8")
    one = next(one for one in findings(repository, capsys) if one["rule"] == "fixed-threshold")
    last = date.today() + timedelta(days=30)
    said = ask("ignore", one["fingerprint"][3:11], "--reason", 'the "bank" asks for it', "--until", str(last))
    assert f"fixed-threshold is excused in {one['path']} until {last}." in said
    text = (repository / "pyproject.toml").read_text("utf-8")
    assert text.startswith("[project]\nname = 'churn'  # ours\n\n[tool.ruff]\nx = 1\n\n[[tool.mldebt.exceptions]]\n")
    assert f'fingerprint = "{one["fingerprint"]}" # {one["path"]}: ' in text
    after = {finding["fingerprint"]: finding["suppressed"] for finding in findings(repository, capsys)}
    assert after[one["fingerprint"]] and sum(after.values()) == 1
    assert "It is hidden already: an exception of the configuration excuses it." in ask(
        "ignore", one["fingerprint"], "--reason", "again", code=2
    )
    assert "hidden an exception of the configuration excuses it" in ask("show", one["fingerprint"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Missing option '--reason'"),
        (["--reason", " "], "a reason says something"),
        (["--reason", "so", "--until", "soon"], "does not match the format"),
        (["--reason", "so", "--until", "2001-01-01"], "2001-01-01 is over. Give a day that is to come."),
    ],
)
def test_an_exception_without_a_reason_or_a_day_to_come_is_refused(options: list[str], said: str, ask: Asked) -> None:
    assert said in ask("ignore", "0", *options, code=2)


def test_why_not_names_the_premise_that_fails(repository: Path, ask: Asked, capsys: Capture) -> None:
    every = findings(repository, capsys, "--min-confidence", "hint")
    threshold = next(one for one in every if one["rule"] == "fixed-threshold" and one["confidence"] != "hint")
    at = f"{threshold['path']}:{threshold['line']}"
    assert f"It is reported here: mldebt show {threshold['fingerprint'][3:11]}" in ask("why-not", "fixed-threshold", at)
    assert "step: decide" in ask("why-not", "fixed-threshold", at)
    beside = ask("why-not", "fixed-threshold", "churn/training/train.py:30")
    assert "It is reported where the graph has one of: step: decide. This line has none of them." in beside
    assert "inside train" in beside and "trains" in beside
    hint = next(one for one in every if one["confidence"] == "hint" and one["cell"])
    place = f"{hint['path']}:cell {hint['cell']}:{hint['line']}"
    assert "but only as a hint: --min-confidence hint shows it." in ask("why-not", hint["rule"], place)
    assert "only as a hint" in ask("why-not", hint["rule"], f"{hint['path']}:{hint['file_line']}")
    jungle = next(one for one in every if one["rule"] == "pipeline-jungle")
    third = jungle["trail"][2]
    (repository / "mldebt.toml").write_text('min-confidence = "hint"\n', "utf-8")
    told = ask("why-not", "pipeline-jungle", f"{third['path']}:{third['line']}")
    assert f"step 3 of {len(jungle['trail'])} of a finding that is told at {jungle['path']}:{jungle['line']}" in told
    assert "tests/test_service.py is test code" in ask("why-not", "fixed-threshold", "tests/test_service.py:1")
    assert "is not read: no kind of file" in ask("why-not", "fixed-threshold", "marketing/README.md:1")
    assert "is no file that is found here" in ask("why-not", "fixed-threshold", "nowhere.py:1")


def test_why_not_names_what_hides_a_finding(repository: Path, ask: Asked, capsys: Capture) -> None:
    threshold = next(one for one in findings(repository, capsys) if one["rule"] == "fixed-threshold")
    at = f"{threshold['path']}:{threshold['line']}"
    configured = repository / "mldebt.toml"
    for text, said in {
        'ignore = ["fixed-threshold"]': "mldebt.toml ignores fixed-threshold.",
        'select = ["data"]': "mldebt.toml selects other rules: data.",
        f'per-file-ignores = {{"{threshold["path"]}" = ["fixed-threshold"]}}': "hidden: per-file-ignores of the config",
    }.items():
        configured.write_text(f"{text}\n", "utf-8")
        assert said in ask("why-not", "fixed-threshold", at)
    configured.unlink()
    assert "hardcoded-config is of the profile full, and core is in force" in ask("why-not", "hardcoded-config", at)
    run(["baseline", "create", str(repository)])
    capsys.readouterr()
    assert "hidden: it is in the baseline." in ask("why-not", "fixed-threshold", at)


def test_why_not_names_what_a_finding_gives_way_to(capsys: Capture) -> None:
    case = scanning.TOP / "fixtures" / "conflicting-writers" / "two_encodings"
    assert run(["why-not", "hardcoded-config", "export.py:6", str(case)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "It would be found, and gives way to unversioned-artifact at export.py:6" in said


def test_a_mistake_in_rule_or_place_is_told(ask: Asked) -> None:
    assert "Did you mean fixed-threshold?" in ask("why-not", "fixed-treshold", "a.py:1", code=2)
    assert "'a.py' is no place. Write PATH:LINE" in ask("why-not", "fixed-threshold", "a.py", code=2)


def test_places_are_written_as_findings_show_them() -> None:
    assert place_of("a/b.py:3") == place_of("./a/b.py:3:7") == Place("a/b.py", 3)
    assert place_of("n.ipynb:cell 2:5") == Place("n.ipynb", 5, 2)
    cell = Span("n.ipynb", 4, end_line=6, cell=2, file_line=40)
    assert Place("n.ipynb", 5, 2).is_in(cell) and Place("n.ipynb", 41).is_in(cell)
    assert not Place("n.ipynb", 5).is_in(cell) and not Place("n.ipynb", 5, 3).is_in(cell)
    with pytest.raises(NoPlace):
        place_of("a.py:x")


@pytest.mark.parametrize("slug", [slug for slug in sorted(CARDS) if CARDS[slug].stands_on])
def test_every_finding_stands_on_what_its_card_says(slug: str) -> None:
    seen = 0
    for case in sorted((scanning.TOP / "fixtures" / slug).iterdir()):
        asked = {"profile": "full", "min_confidence": Confidence.HINT, "select": scanning.with_betters(slug)}
        found = scanning.found(case, configure(case, asked))
        for one in (one for one in found.findings if one.rule == slug):
            place = Place(one.at.path, one.at.line, one.at.cell)
            kinds = {known.kind for known in known_at(found.reading.graph, place.is_in)}
            assert any(is_kind(kind, wanted) for kind in kinds for wanted in CARDS[slug].stands_on), (case, one, kinds)
            seen += 1
        if seen > 8:
            break
    assert seen
