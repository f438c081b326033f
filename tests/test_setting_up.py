"""What sets a repository up and teaches mldebt its own calls: init, catalogue add, files, completion."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomli
import yaml

from mldebt import catalogue
from mldebt.cli import run
from mldebt.cli.init import HOOK, WORKFLOW
from mldebt.config import Config
from mldebt.gather.listing import listing
from mldebt.source import Kind, Purpose
from tests.test_cli import Capture

ROOT = Path(__file__).parents[1]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "fixtures" / "repos" / "churn", tmp_path / "churn"))


def test_a_team_starts_at_zero_new_findings(repository: Path, capsys: Capture) -> None:
    assert run(["scan", str(repository), "--fail-level", "info", "-o", os.devnull]) == 1
    assert run(["init", str(repository)]) == 0
    said = capsys.readouterr().out
    written = ["mldebt.toml", ".mldebt-baseline.jsonl", ".pre-commit-config.yaml", ".github/workflows/mldebt.yml"]
    assert [line.split()[1] for line in said.splitlines() if line.startswith("written")] == written
    assert all((repository / path).is_file() for path in written)
    run(["scan", str(repository), "--fail-level", "info", "--min-confidence", "hint", "--output-format", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["findings"] and all(one["suppressed"] for one in document["findings"])
    assert run(["scan", str(repository), "--fail-level", "info", "-o", os.devnull]) == 0


def test_what_is_there_is_kept_unless_it_is_forced(repository: Path, capsys: Capture) -> None:
    (repository / "pyproject.toml").write_text("[tool.mldebt]\nworkers = 2\n", "utf-8")
    assert run(["init", str(repository)]) == 0
    assert "kept     mldebt.toml   pyproject.toml has a configuration" in capsys.readouterr().out
    baseline = (repository / ".mldebt-baseline.jsonl").read_bytes()
    (repository / ".mldebt-baseline.jsonl").write_bytes(b"")
    run(["init", str(repository)])
    assert capsys.readouterr().out.count("kept     ") == 4
    assert (repository / ".mldebt-baseline.jsonl").read_bytes() == b""
    run(["init", str(repository), "--force"])
    assert capsys.readouterr().out.count("written  ") == 2  # pyproject.toml still holds the configuration, and the hook
    assert (repository / ".mldebt-baseline.jsonl").read_bytes() == baseline


def test_the_hook_is_added_to_those_that_are_there(repository: Path, capsys: Capture) -> None:
    file = repository / ".pre-commit-config.yaml"
    theirs = "# ours\nrepos:\n- repo: https://a.org/x\n  rev: v1  # pinned\n  hooks: [{id: x}]\n\nfail_fast: true\n"
    file.write_text(theirs, "utf-8")
    assert run(["init", str(repository)]) == 0
    assert "amended  .pre-commit-config.yaml   the hook is added;" in capsys.readouterr().out
    text = file.read_text("utf-8")
    first, _, rest = theirs.partition("\n\n")
    assert text.startswith(f"{first}\n- repo: local\n") and text.endswith(f"require_serial: true\n\n{rest}")
    assert yaml.safe_load(text)["repos"] == [*yaml.safe_load(theirs)["repos"], *yaml.safe_load(HOOK)["repos"]]
    for more in ([], ["--force"]):
        run(["init", str(repository), *more])
        assert "kept     .pre-commit-config.yaml   has the hook already" in capsys.readouterr().out
        assert file.read_text("utf-8") == text
    file.write_text("fail_fast: true\n", "utf-8")
    run(["init", str(repository), "--force"])
    said = capsys.readouterr().out
    assert "is there already, and repos is no list there; what to add to it stands below" in said
    assert said.endswith("\n".join(HOOK.splitlines()[1:]) + "\n")
    assert file.read_text("utf-8") == "fail_fast: true\n"


def test_the_hook_and_the_workflow_ask_for_commands_that_exist(capsys: Capture) -> None:
    (hook,) = yaml.safe_load(HOOK)["repos"][0]["hooks"]
    (shipped, whole) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert whole["types"] == ["text"]  # requirements, Makefiles and Dockerfiles hold debt as well as code does
    assert {key: hook[key] for key in ("entry", "types", "pass_filenames", "require_serial")} == {
        key: shipped[key] for key in ("entry", "types", "pass_filenames", "require_serial")
    }
    (job,) = yaml.safe_load(WORKFLOW)["jobs"].values()
    assert all(len(step["uses"].partition("@")[2].split()[0]) == 40 for step in job["steps"] if "uses" in step)
    commands = [step["run"] for step in job["steps"] if step.get("run", "").startswith("mldebt")]
    assert len(commands) == 2
    for command in (*commands, hook["entry"]):
        options = [word for word in command.split() if word.startswith("--")]
        assert run(["scan", "--help"]) == 0
        known = capsys.readouterr().out
        assert all(option in known for option in options)


def test_a_row_of_ones_own_makes_a_call_known(tmp_path: Path, capsys: Capture) -> None:
    pytest.importorskip("tomlkit")
    text = "import acme_io\nimport pandas as pd\n\nrows = acme_io.load_frame('s3://lake/rows')\nprint(rows.mean())\n"
    (tmp_path / "job.py").write_text(text, "utf-8")

    def reads() -> list[str]:
        assert run(["graph", str(tmp_path)]) == 0
        return [one["source"] for one in json.loads(capsys.readouterr().out)["edges"] if one["kind"] == "reads"]

    assert reads() == []
    add = ["catalogue", "add", "acme_io.load_frame", str(tmp_path), "--role", "read", "--target", "0"]
    assert run([*add, "--result", "table.pandas", "--why", "it's ours"]) == 0
    said = capsys.readouterr().err
    assert "acme_io.load_frame is known." in said and "catalogue names the file." in said
    assert reads() and all("lake/rows" in source for source in reads())
    writes = [str(tmp_path), "--role", "write", "--target", "0"]
    assert run(["catalogue", "add", "acme_io.save", *writes, "--data", "1"]) == 0
    assert run(["catalogue", "add", "to_lake", *writes, "--on", "table"]) == 0
    assert "catalogue names the file" not in capsys.readouterr().err
    document = tomli.loads((tmp_path / "mldebt-catalogue.toml").read_text("utf-8"))
    assert document["packages"] == ["acme_io"] and len(document["call"]) == 2 and len(document["method"]) == 1
    assert tomli.loads((tmp_path / "mldebt.toml").read_text("utf-8")) == {"catalogue": ["mldebt-catalogue.toml"]}
    known = catalogue.parse([("own", (tmp_path / "mldebt-catalogue.toml").read_bytes())])
    assert known.of_call("acme_io.save") and known.of_method("table.pandas", "to_lake")
    before = (tmp_path / "mldebt-catalogue.toml").read_bytes()
    assert run(["catalogue", "add", "acme_io.save", str(tmp_path), "--role", "read"]) == 2
    assert "acme_io.save has a row in mldebt-catalogue.toml already" in capsys.readouterr().err
    assert (tmp_path / "mldebt-catalogue.toml").read_bytes() == before
    assert run(["catalogue", "add", "acme_io", str(tmp_path), "--role", "read"]) == 2
    assert "'acme_io' is no function of a module" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--role", "reed"], "reed"),
        (["--role", "read", "--target", "a b"], "not a slot: 'a b'"),
        (["--role", "read", "--result", "tabel.pandas"], "'tabel.pandas' is no kind of value. Did you mean 'table'?"),
        (["--role", "read", "--file", "../rows.toml"], "rows stand in a .toml file of the repository itself"),
        (["--role", "read", "--store", "fil"], "fil"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_and_nothing_written(
    options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    pytest.importorskip("tomlkit")
    monkeypatch.chdir(tmp_path)
    assert run(["catalogue", "add", "acme_io.load", *options]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not any(tmp_path.iterdir())


def test_what_is_read_and_what_is_left_out_and_why(tmp_path: Path, capsys: Capture) -> None:
    files = {
        "mldebt.toml": 'exclude = ["old/"]\n', "a.py": "x = 1\n", "tests/test_a.py": "def test(): pass\n",
        "old/b.py": "", "notes.md": "", "large.sql": "select 1;\n" + "-- much\n" * 300_000, "n\x1b.ipynb": "{}",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    found = {one.path: one for one in listing(tmp_path, Config(exclude=("old/",)))}
    assert set(found) == set(files)
    assert (found["a.py"].kind, found["a.py"].purpose) == (Kind.PYTHON, Purpose.PRODUCTION)
    assert found["tests/test_a.py"].purpose is Purpose.TEST
    assert {path: one.code for path, one in found.items() if one.purpose is None} == {
        "old/b.py": "configuration", "notes.md": "kind", "large.sql": "bound",
    }  # fmt: skip
    assert run(["files", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said and "n\\x1b.ipynb" in said
    assert "old/b.py   include or exclude of the configuration leaves it out" in said
    assert "\n Read: 4\n" in said and "  kind (of no kind that is read)\n" in said
    assert run(["files", str(tmp_path), "--unread"]) == 0
    said = capsys.readouterr().out
    assert "Read:" not in said and "\n Left out: 3\n" in said
    assert run(["files", str(tmp_path), "--unread", "--output-format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)["files"]
    assert [one["path"] for one in told] == ["large.sql", "notes.md", "old/b.py"]
    assert told[0]["kind"] is None and "taken for a dump" in told[0]["why"]


def test_commands_complete_in_shells(capsys: Capture) -> None:
    for shell in ("zsh", "fish"):
        assert run(["completion", shell]) == 0
        assert "_MLDEBT_COMPLETE" in capsys.readouterr().out
    done = subprocess.run(
        [sys.executable, "-m", "mldebt"], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "_MLDEBT_COMPLETE": "bash_complete", "COMP_WORDS": "mldebt why", "COMP_CWORD": "1"},
    )  # fmt: skip
    assert done.stdout.split() == ["plain,why-not"]
