"""What is new since a revision: the base is read from git, and the work tree is left alone."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mldebt.cli import run
from mldebt.gather.revision import BadRevision, lay_out_commit
from tests.test_cli import Capture

ROOT = Path(__file__).parents[1]
BROKEN = "import pandas as pd\n\n\ndef rows(:\n"
Git = Callable[..., str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "fixtures" / "repos" / "churn", tmp_path / "churn"))


@pytest.fixture
def git(repository: Path) -> Git:
    def git(*words: str, folder: Path = repository) -> str:
        own = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *words]
        return subprocess.run(own, cwd=folder, check=True, capture_output=True, text=True).stdout

    git("init", "-q", "-b", "main")
    return git


def new(repository: Path, capsys: Capture, *options: str) -> list[str]:
    """The places of what is told."""
    run(["scan", str(repository), "--exit-zero", "--output-format", "json", *options])
    return [one["path"] for one in json.loads(capsys.readouterr().out)["findings"] if not one["suppressed"]]


def test_only_what_a_change_adds_is_told(repository: Path, git: Git, capsys: Capture) -> None:
    git("add", "-A")
    git("commit", "-qm", "before")
    git("checkout", "-qb", "change")
    (repository / "churn" / "new.py").write_text(BROKEN, "utf-8")
    git("add", "-A")
    git("commit", "-qm", "after")
    git("mv", "marketing", "campaigns")
    before = git("status", "--porcelain")
    assert new(repository, capsys, "--base", "main", "--min-confidence", "hint") == ["churn/new.py"]
    assert git("status", "--porcelain") == before
    assert run(["scan", str(repository), "--base", "main"]) == 1
    said = capsys.readouterr().out
    assert " 1 finding   1 error" in said and " unchanged since main" in said
    shutil.rmtree(repository / "campaigns")
    run(["scan", str(repository), "--base", "main"])
    assert "of main are gone." in capsys.readouterr().out
    mended = ("--exit-zero", "--fail-on-stale-baseline")  # what a change mends is no stale entry
    assert run(["scan", str(repository), "--base", "main", *mended]) == 0


def test_what_is_not_staged_does_not_count(repository: Path, git: Git, capsys: Capture) -> None:
    staged = ("--staged", "--base", "HEAD")
    git("add", "-A")
    assert len(new(repository, capsys, *staged)) > 3  # before the first commit all is new
    git("commit", "-qm", "before")
    (repository / "churn" / "new.py").write_text(BROKEN, "utf-8")
    assert new(repository, capsys, *staged) == []
    git("add", "-A")
    (repository / "churn" / "new.py").unlink()
    assert new(repository, capsys, *staged) == ["churn/new.py"]


def test_the_hooks_ask_for_what_there_is(repository: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    git("add", "-A")
    git("commit", "-qm", "before")
    monkeypatch.chdir(repository)
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        program, *words = hook["entry"].split()
        assert (program, hook["pass_filenames"], hook["require_serial"]) == ("mldebt", False, True)
        assert run(words) in (0, 1)


def test_a_base_that_cannot_be_read_is_told_with_its_cure(
    repository: Path, git: Git, tmp_path: Path, capsys: Capture
) -> None:
    assert run(["scan", str(ROOT / "fixtures" / "repos" / "churn"), str(repository), "--base", "main"]) == 2
    assert "belong to one repository: scan it alone." in capsys.readouterr().err
    git("add", "-A")
    git("commit", "-qm", "one")
    assert run(["scan", str(repository), "--base", "nowhere"]) == 2
    assert "There is no revision 'nowhere' here. Fetch it first: git fetch origin nowhere" in capsys.readouterr().err
    assert run(["scan", str(repository), "--base", "--output=/tmp/x"]) == 2
    git("commit", "-q", "--allow-empty", "-m", "two")
    git("branch", "other", "HEAD~1")
    shallow = tmp_path / "shallow"
    git("clone", "-q", "--depth", "1", "--no-single-branch", f"file://{repository}", str(shallow), folder=tmp_path)
    capsys.readouterr()
    assert run(["scan", str(shallow), "--base", "origin/other"]) == 2
    assert "This clone is shallow: git fetch --unshallow" in capsys.readouterr().err
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "a.py").write_text("x = 1\n", "utf-8")
    assert run(["scan", str(tmp_path / "plain"), "--base", "main"]) == 2
    assert "This folder is no git work tree, so it has no base." in capsys.readouterr().err


def test_a_tree_leads_nowhere_else(repository: Path, git: Git, tmp_path: Path) -> None:
    (repository / "link").symlink_to("/etc")
    (repository / "sub").mkdir()
    (repository / "sub" / ".gitignore").write_text("*\n", "utf-8")
    git("add", "-A", "-f")
    git("commit", "-qm", "one")
    to = tmp_path / "to"
    lay_out_commit(repository, "HEAD", to)
    assert not (to / "link").exists() and not (to / "sub").exists()
    assert (to / "README.md").read_bytes() == (repository / "README.md").read_bytes()
    with pytest.raises(BadRevision):
        lay_out_commit(repository, "--output=x", to)


WRITER = """import joblib
import pandas as pd

model = joblib.load("models/churn.joblib")
rows = pd.read_csv("data/rows.csv")
pd.DataFrame({"score": model.predict(rows)}).to_csv("out/scores.csv")
"""
READER = """import pandas as pd

scores = pd.read_csv("out/scores.csv")
scores.to_html("out/letters.html")
"""


@pytest.fixture
def two_teams(tmp_path: Path) -> Path:
    """A folder of letters that reads a table, and one of scoring that does not write it yet."""
    root = tmp_path / "churn"
    for name, text in {"letters/app.py": READER, "scoring/score.py": "", "letters/pyproject.toml": "[project]\n",
                       "scoring/pyproject.toml": "[project]\n"}.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    return root


def test_a_finding_stands_where_the_change_is(two_teams: Path, capsys: Capture) -> None:
    def git(*words: str) -> None:
        own = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *words]
        subprocess.run(own, cwd=two_teams, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "before")
    (two_teams / "scoring" / "score.py").write_text(WRITER, "utf-8")
    asked = ["scan", str(two_teams), "--base", "main", "--select", "undeclared-consumer", "--fail-level", "warning"]
    assert run([*asked, "--output-format", "json"]) == 1
    (found,) = json.loads(capsys.readouterr().out)["findings"]
    assert found["path"] == "letters/app.py" and found["changed"] > 0
    assert found["trail"][found["changed"] - 1]["path"] == "scoring/score.py"
    run([*asked, "--output-format", "github"])
    told = capsys.readouterr().out
    assert told.startswith("::warning file=scoring/score.py,line=") and "::This line is step " in told
    assert "of what is found at letters/app.py:3:" in told
    run([*asked, "--output-format", "sarif"])
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "scoring/score.py" and "::" not in result["message"]["text"]
    assert result["message"]["text"].startswith("This line is step ")
    assert "primaryLocationLineHash" not in result["partialFingerprints"]
    run([*asked, "--output-format", "markdown"])
    assert "Downstream of the changed files: 1 other component." in capsys.readouterr().out


def test_what_has_no_line_in_the_change_fails_nothing(repository: Path, git: Git, capsys: Capture) -> None:
    (repository / "conf").mkdir()
    (repository / "conf" / "extra.yaml").write_text("shown: 3\nlonely: 4\n", "utf-8")
    reader = 'import yaml\n\nwith open("conf/extra.yaml") as file:\n    extra = yaml.safe_load(file)\n'
    reader += 'print(extra["shown"])\n'
    (repository / "extra.py").write_text(reader + 'print(extra["lonely"])\n', "utf-8")
    git("add", "-A")
    git("commit", "-qm", "before")
    (repository / "extra.py").write_text(reader, "utf-8")
    asked = ["scan", str(repository), "--base", "HEAD", "--select", "unused-setting", "--fail-level", "info"]
    assert run([*asked, "--output-format", "json", "--min-confidence", "hint"]) == 0
    (found,) = (one for one in json.loads(capsys.readouterr().out)["findings"] if not one["suppressed"])
    assert (found["path"], found["changed"]) == ("conf/extra.yaml", -1)
    assert run([*asked, "--min-confidence", "hint"]) == 0
    assert "1 of them stands on no line of the change" in capsys.readouterr().out
    run([*asked, "--min-confidence", "hint", "--output", "github", "--output", f"markdown:{repository / 'told.md'}"])
    assert capsys.readouterr().out.startswith("::notice title=mldebt::1 more finding without an annotation")
    assert "on no line of the change" in (repository / "told.md").read_text("utf-8")
