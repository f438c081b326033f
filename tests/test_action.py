"""The action and the template for CI: their steps are run here as a runner would run them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION: Mapping[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: Mapping[str, Mapping[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}
BROKEN = "import pandas as pd\n\n\ndef rows(:\n"
GH = """#!/usr/bin/env bash
# A stand-in for GitHub's own command: it keeps what it is asked.
printf '%s\\n' "$*" >>"$ASKED"
case "$*" in *--paginate*) cat "$COMMENTS" ;; esac
"""

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the steps are scripts of bash")


@dataclass(frozen=True)
class Runner:
    """A machine of CI: a checkout, and the files by which steps talk to it."""

    work: Path
    temp: Path

    def run(self, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a step with the variables it declares, from the inputs' defaults and what earlier steps gave out."""
        own = {name: self._value(text) for name, text in STEPS[step].get("env", {}).items()}
        places = {"RUNNER_TEMP": self.temp, "GITHUB_OUTPUT": self.temp / "outputs", "GITHUB_PATH": self.temp / "path",
                  "GITHUB_STEP_SUMMARY": self.temp / "step-summary.md", "GITHUB_ACTION_PATH": ROOT}  # fmt: skip
        path = os.pathsep.join([str(self.temp / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
        environment = {**os.environ, **{name: str(place) for name, place in places.items()}, "PATH": path}
        environment.update({"GITHUB_REPOSITORY": "acme/churn", "GITHUB_BASE_REF": "", **own, **variables})
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]]
        return subprocess.run(command, cwd=self.work, env=environment, capture_output=True, text=True, check=False)

    def outputs(self) -> dict[str, str]:
        lines = (self.temp / "outputs").read_text("utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def git(self, *words: str, folder: Path | None = None) -> None:
        own = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *words]
        subprocess.run(own, cwd=folder or self.work, check=True, capture_output=True)

    def _value(self, text: str) -> str:
        known = {f"inputs.{name}": one["default"] for name, one in ACTION["inputs"].items()}
        if (self.temp / "outputs").exists():
            known |= {f"steps.scan.outputs.{name}": value for name, value in self.outputs().items()}
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: known.get(match[1], ""), text)


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A checkout of depth one of a branch, as a workflow makes it."""
    origin, made = tmp_path / "origin", Runner(tmp_path / "work", tmp_path / "temp")
    made.temp.mkdir()
    shutil.copytree(ROOT / "fixtures" / "repos" / "churn", origin)
    made.git("init", "-q", "-b", "main", folder=origin)
    made.git("add", "-A", folder=origin)
    made.git("commit", "-qm", "before", folder=origin)
    made.git("checkout", "-qb", "change", folder=origin)
    (origin / "churn" / "new.py").write_text(BROKEN, "utf-8")
    made.git("add", "-A", folder=origin)
    made.git("commit", "-qm", "after", folder=origin)
    made.git("clone", "-q", "--depth=1", "--branch=change", origin.as_uri(), str(made.work), folder=tmp_path)
    return made


def test_a_pull_request_is_told_what_it_adds(runner: Runner) -> None:
    done = runner.run("Scan", GITHUB_BASE_REF="main")
    assert done.returncode == 0, done.stderr  # whether it fails is a later step's to say
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["::error file=churn/new.py"]
    outputs = runner.outputs()
    assert (outputs["exit-code"], outputs["new"]) == ("1", "1")
    assert "1 new" in (runner.temp / "step-summary.md").read_text("utf-8")
    results = json.loads(Path(outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"]
    assert [one["baselineState"] for one in results].count("new") == 1
    assert runner.run("Fail where there is something to mend").returncode == 1


def test_elsewhere_everything_is_told_and_options_are_words(runner: Runner) -> None:
    done = runner.run("Scan", MLDEBT_ARGS="--select unreadable-file --cache-dir *", MLDEBT_FAIL_LEVEL="never")
    outputs = runner.outputs()
    assert (outputs["exit-code"], outputs["new"]) == ("0", "1"), done.stderr
    assert (runner.work / "*").is_dir()


def test_a_scan_that_cannot_start_fails_the_job_and_uploads_nothing(runner: Runner) -> None:
    done = runner.run("Scan", MLDEBT_ARGS="--select no-such-rule")
    assert done.returncode == 0 and "no-such-rule" in done.stderr
    assert runner.outputs() == {"exit-code": "2"}
    assert runner.run("Fail where there is something to mend").returncode == 2


def test_names_of_branches_are_never_commands(runner: Runner, tmp_path: Path) -> None:
    evil = f"$(touch {tmp_path}/made);`touch {tmp_path}/made`"
    runner.run("Scan", MLDEBT_BASE=evil, GITHUB_BASE_REF=evil, MLDEBT_ARGS=f"--select {evil}")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("there", "new", "asked"), [("", "0", ""), ("", "2", "POST"), ("17", "0", "PATCH"), ("17", "2", "PATCH")]
)
def test_there_is_one_comment_edited_in_place(runner: Runner, there: str, new: str, asked: str) -> None:
    (runner.temp / "bin").mkdir()
    (runner.temp / "bin" / "gh").write_text(GH, "utf-8")
    (runner.temp / "bin" / "gh").chmod(0o755)
    (runner.temp / "there").write_text(f"{there}\n" if there else "", "utf-8")
    (runner.temp / "summary.md").write_text("**mldebt: 2 new**\n", "utf-8")
    files = {"MLDEBT_SUMMARY": "summary.md", "ASKED": "asked", "COMMENTS": "there"}
    places = {name: str(runner.temp / file) for name, file in files.items()}
    done = runner.run("Tell the pull request", MLDEBT_PULL_REQUEST="5", MLDEBT_NEW=new, **places)
    assert done.returncode == 0, done.stderr
    methods = re.findall(r"--method (\w+)", (runner.temp / "asked").read_text("utf-8"))
    assert methods == [asked] * bool(asked)
    assert (runner.temp / "mldebt-comment.md").read_text("utf-8").startswith("<!-- mldebt -->\n**mldebt: 2 new**")


@pytest.mark.slow
def test_mldebt_is_installed_beside_the_project(runner: Runner) -> None:
    done = runner.run("Install mldebt")
    assert done.returncode == 0, done.stderr
    (folder,) = (runner.temp / "path").read_text("utf-8").splitlines()
    told = subprocess.run([f"{folder}/mldebt", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("mldebt")


def test_what_is_used_is_pinned_and_no_expression_stands_in_a_command() -> None:
    for step in STEPS.values():
        assert re.fullmatch(r"[\w/.-]+@[0-9a-f]{40}", step["uses"]) if "uses" in step else "${{" not in step["run"]


def test_the_template_scans_a_merge_request_against_where_it_began(runner: Runner) -> None:
    template = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text("utf-8"))
    job = template["mldebt"]
    runner.git("fetch", "-q", "--unshallow", "origin", "main:main")  # the template asks for the whole history
    began = subprocess.run(["git", "rev-parse", "main"], cwd=runner.work, capture_output=True, text=True, check=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {**template["variables"], "CI_MERGE_REQUEST_DIFF_BASE_SHA": began.stdout.strip(), "PATH": path}
    (script,) = job["script"]
    command, environment = ["sh", "-ec", script], {**os.environ, **own}
    done = subprocess.run(command, cwd=runner.work, env=environment, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    reports = job["artifacts"]["reports"]
    quality = json.loads((runner.work / reports["codequality"]).read_text("utf-8"))
    assert [one["location"]["path"] for one in quality] == ["churn/new.py"]
    assert (runner.work / reports["junit"]).exists()
