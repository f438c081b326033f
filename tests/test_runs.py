"""Two runs as JSON: what is new, what is fixed, and files that are no run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from mldebt.cli import run
from mldebt.runs import BadRun, difference, read
from tests.scanning import TOP
from tests.test_cli import Capture


def told(fingerprint: str, severity: str = "error", rule: str = "made-up", **changes: object) -> dict[str, object]:
    return {
        "rule": rule, "severity": severity, "path": "a.py", "line": 3, "column": 1, "cell": None,
        "message": "It is\nso.", "fingerprint": fingerprint, "suppressed": False, **changes,
    }  # fmt: skip


def kept(file: Path, *findings: dict[str, object], complete: bool = True, schema: int = 1) -> Path:
    document = {"schema": schema, "complete": complete, "findings": findings, "stats": {}, "problems": []}
    file.write_text(json.dumps(document), "utf-8")
    return file


@pytest.fixture
def before(tmp_path: Path) -> Path:
    return kept(tmp_path / "a.json", told("v1:0"), told("v1:1"), told("v1:2", suppressed=True))


def test_findings_are_told_apart_by_their_fingerprints(before: Path, tmp_path: Path) -> None:
    after = kept(tmp_path / "b.json", told("v1:1", line=99), told("v1:2"), told("v1:3", suppressed=True))
    found = difference(read(before), read(after))
    assert [one.fingerprint for one in found.new] == ["v1:2"], "what was hidden and is told now is new"
    assert [one.fingerprint for one in found.fixed] == ["v1:0"]
    assert found.unchanged == 1


@pytest.mark.parametrize(
    ("new", "options", "code"),
    [
        ([], [], 0),
        ([told("v1:9")], [], 1),
        ([told("v1:9")], ["--exit-zero"], 0),
        ([told("v1:9", "warning")], [], 0),
        ([told("v1:9", "warning")], ["--fail-level", "warning"], 1),
        ([told("v1:9", rule="multiple-languages")], ["--fail-level", "info"], 0),
    ],
)
def test_the_exit_code_is_that_of_a_scan_of_what_is_new(
    new: list[dict[str, object]], options: list[str], code: int, before: Path, tmp_path: Path, capsys: Capture
) -> None:
    after = kept(tmp_path / "b.json", told("v1:0"), *new)
    assert run(["diff", str(before), str(after), *options]) == code
    said = capsys.readouterr().out
    assert f"{len(new)} new, 1 fixed, 1 unchanged\n" in said
    assert "fixed  a.py:3:1: error made-up: It is\\nso." in said
    run(["diff", str(before), str(after), "--output-format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert [one["fingerprint"] for one in document["fixed"]] == ["v1:1"]
    assert len(document["new"]) == len(new)


def test_a_later_run_that_is_incomplete_fixes_nothing(before: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run(["diff", str(before), str(kept(tmp_path / "b.json", complete=False))]) == 2
    assert "what it did not look at is not fixed" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"schema": 1, "findings": 3}'])
def test_what_is_no_run_is_refused(content: bytes, tmp_path: Path, before: Path, capsys: Capture) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(content)
    with pytest.raises(BadRun, match="is no run of a scan"):
        read(file)
    assert run(["diff", str(before), str(file)]) == 2
    assert "mldebt scan PATH --output-format json -o FILE" in capsys.readouterr().err
    with pytest.raises(BadRun, match="cannot be read"):
        read(tmp_path / "none.json")
    with pytest.raises(BadRun, match="has the schema 2"):
        read(kept(tmp_path / "c.json", schema=2))


def test_runs_of_real_scans_are_compared(tmp_path: Path, capsys: Capture) -> None:
    repository = Path(shutil.copytree(TOP / "fixtures" / "repos" / "churn", tmp_path / "churn"))
    for name in ("a", "b"):
        run(["scan", str(repository), "--exit-zero", "--output-format", "json", "-o", str(tmp_path / f"{name}.json")])
        (repository / "new.py").write_text("def (:\n", "utf-8")
    assert run(["diff", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 1
    said = capsys.readouterr().out
    assert said.startswith("new    new.py:1:") and "1 new, 0 fixed, " in said
