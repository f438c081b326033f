"""A scan that finds what another one kept tells the same as one that reads all anew, byte for byte."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mldebt import analysis, catalogue, gather, reading, verdict
from mldebt.cli import run
from mldebt.extract import sql
from mldebt.facts import FileFacts
from mldebt.gather import cache_folder
from mldebt.gather.cache_folder import DATABASE
from mldebt.link import describe
from mldebt.render import json as json_format
from mldebt.render.options import Options
from mldebt.roles import Confidence
from tests import scanning
from tests.test_cli import Capture

CHURN = Path(__file__).parents[1] / "fixtures" / "repos" / "churn"

FILES = {
    "paths.py": 'from pathlib import Path\nROOT = Path(__file__).parent\nMODEL = ROOT / "models" / "churn.joblib"\n',
    "train.py": (
        "import joblib\nimport pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
        "from settings import settings\nimport paths\n\n\ndef train():\n"
        '    rows = pd.read_csv(settings["rows"])\n    model = LogisticRegression()\n'
        '    model.fit(rows.drop(columns=["left"]), rows["left"])\n    joblib.dump(model, paths.MODEL)\n\n\n'
        'if __name__ == "__main__":\n    train()\n'
    ),
    "serve.py": (
        "import joblib\nimport pandas as pd\nimport ours\nimport paths\n\n\ndef score(path):\n"
        "    model = joblib.load(paths.MODEL)\n    scores = model.predict_proba(ours.table(path))[:, 1]\n"
        "    return scores > 0.37\n\n\n"
        'if __name__ == "__main__":\n    score("data/rows.csv")\n'
    ),
    "ours.py": "def table(path):\n    raise NotImplementedError\n",
    "settings.py": 'import yaml\nwith open("settings.yaml") as file:\n    settings = yaml.safe_load(file)\n',
    "settings.yaml": "rows: data/rows.csv\nunused: 3\n",
    "rows.toml": (
        'library = "ours"\npackages = ["ours"]\n\n[[call]]\nname = "ours.table"\nrole = "read"\ntarget = "0:path"\n'
        'result = "table.pandas"\n'
    ),
    "mldebt.toml": 'catalogue = ["rows.toml"]\n',
    "report.sql": "SELECT customer, count(*) FROM visits GROUP BY customer;\n",
    "README.md": "Run train.py each night.\n",
    "look.ipynb": json.dumps({
        "cells": [{"cell_type": "code", "source": "import pandas as pd\nrows = pd.read_csv('data/rows.csv')",
                   "metadata": {}, "outputs": [], "execution_count": 1}],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    }),
}  # fmt: skip

CHANGES = {
    "a comment": ("train.py", "import joblib\n", "# mldebt: ignore-file[hardcoded-config] as it is\nimport joblib\n"),
    "a line above": ("serve.py", "import joblib\n", "\n\nimport joblib\n"),
    "the place of the model": ("paths.py", '"churn.joblib"', '"other.joblib"'),
    "the model goes elsewhere": ("train.py", "paths.MODEL", '"models/churn.joblib"'),
    "a threshold": ("serve.py", "0.37", "0.61"),
    "a setting": ("settings.yaml", "data/rows.csv", "data/more.csv"),
    "a key": ("settings.yaml", "unused: 3\n", "unused: 4\nsecond: 5\n"),
    "a row of the catalogue": ("rows.toml", 'role = "read"', 'role = "write"'),
    "no rows": ("mldebt.toml", 'catalogue = ["rows.toml"]', 'ignore = ["fixed-threshold"]'),
    "an exclusion": ("mldebt.toml", "catalogue", 'exclude = ["train.py"]\ncatalogue'),
    "a dialect": ("mldebt.toml", "catalogue", 'sql-dialect = "spark"\ncatalogue'),
    "a cell": ("look.ipynb", "data/rows.csv", "data/visits.csv"),
    "what does not parse": ("settings.py", "settings = yaml", "settings = = yaml"),
    "a query": ("report.sql", "visits", "calls"),
    "what people are told": ("README.md", "train.py", "nothing"),
}


@contextmanager
def quick() -> Iterator[None]:
    """Files are read in this process, and rows once."""
    with (
        mock.patch.object(gather, "extract", scanning._in_process),
        mock.patch.object(catalogue, "load", rows),
    ):
        yield


rows = cache(scanning._load_any)


def told(root: Path, kept: Path | None) -> str:
    """All that is found, as JSON; with a cache, or without any."""
    parts = analysis.repositories([root], {"profile": "full", "min_confidence": Confidence.HINT})
    request = analysis.ScanRequest(cache=kept is not None, cache_folder=kept, warn=pytest.fail)
    with quick():
        try:
            return json_format.render(analysis.scan_all(parts, request), Options())
        except analysis.MISTAKES as error:
            return repr(error)


def write(root: Path) -> Path:
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, "utf-8")
    return root


def edit(root: Path, what: str, first: str, second: str) -> None:
    """One change to the repository; a change that is there already is taken back."""
    one, other = root / first, root / second
    if what in CHANGES:
        path, before, after = CHANGES[what]
        if (root / path).is_file():
            text = (root / path).read_text("utf-8")
            changed = text.replace(after, before) if after in text else text.replace(before, after)
            (root / path).write_text(changed, "utf-8")
    elif what == "add":
        one.with_name(f"new_{one.name}").write_bytes(one.read_bytes() if one.is_file() else b"x = 1\n")
    elif what == "delete":
        one.unlink(missing_ok=True)
    elif what == "restore":
        one.write_text(FILES[first], "utf-8")
    elif what == "rename" and one.is_file():
        one.rename(one.with_name(f"old_{one.name}"))
    elif what == "move" and one.is_file():
        (root / "folder").mkdir(exist_ok=True)
        one.rename(root / "folder" / first)
    elif what == "swap" and one.is_file() and other.is_file():
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)


KINDS = ("add", "delete", "restore", "rename", "move", "swap")
EDITS = st.tuples(st.sampled_from((*CHANGES, *CHANGES, *KINDS)), st.sampled_from(sorted(FILES)),
                  st.sampled_from(sorted(FILES)))  # fmt: skip


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(EDITS, min_size=1, max_size=5))
def test_warm_is_cold_whatever_was_edited(
    edits: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("edited")
    root, kept = write(folder / "tree"), folder / "kept"
    assert told(root, kept) == told(root, kept)
    for one in edits:
        edit(root, *one)
        assert told(root, kept) == told(root, None), one


@pytest.mark.parametrize("change", CHANGES)
def test_warm_is_cold_after_each_change_and_after_it_is_taken_back(tmp_path: Path, change: str) -> None:
    root, kept = write(tmp_path / "tree"), tmp_path / "kept"
    before = told(root, kept)
    edit(root, change, "", "")
    after = told(root, None)
    assert told(root, kept) == after
    edit(root, change, "", "")
    assert told(root, kept) == before == told(root, None)


def test_the_changes_matter(tmp_path: Path) -> None:
    """Most of them change what is told, or else the tests above would hold anything."""
    root = write(tmp_path / "tree")
    before = told(root, None)
    same = []
    for change in CHANGES:
        edit(root, change, "", "")
        same += [change] if told(root, None) == before else []
        edit(root, change, "", "")
    assert len(same) <= 4, same


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CHURN, tmp_path / "churn", ignore=shutil.ignore_patterns("__pycache__")))


def test_a_second_scan_links_nothing_and_reads_nothing(churn: Path, tmp_path: Path) -> None:
    cold = told(churn, None)
    assert told(churn, tmp_path / "kept") == cold
    with (
        mock.patch.object(reading, "link", side_effect=AssertionError),
        mock.patch.object(gather, "read_file", side_effect=AssertionError),
    ):
        assert told(churn, tmp_path / "kept") == cold


def test_renamed_files_are_not_read_again(churn: Path, tmp_path: Path) -> None:
    told(churn, tmp_path / "kept")
    (churn / "upsell").rename(churn / "offers")
    cold = told(churn, None)
    with mock.patch.object(gather, "read_file", side_effect=AssertionError):
        assert told(churn, tmp_path / "kept") == cold


def test_sql_in_code_is_not_read_again_where_another_file_has_changed(tmp_path: Path) -> None:
    root, kept = write(tmp_path / "tree"), tmp_path / "kept"
    asking = 'import pandas as pd\nimport ours\nrows = pd.read_sql("SELECT age FROM visits WHERE age > 3", ours.b)\n'
    (root / "ask.py").write_text(asking, "utf-8")
    told(root, kept)
    edit(root, "a threshold", "", "")
    cold = told(root, None)
    with mock.patch.object(sql, "read_statements", side_effect=AssertionError):
        assert told(root, kept) == cold
        with pytest.raises(AssertionError):
            told(root, None)


def test_the_rules_of_the_core_take_no_close_look(churn: Path) -> None:
    asked = ["scan", str(churn), "--no-cache", "--exit-zero", "--profile"]
    looks = ("admissions", "copied_code", "crossings", "fallbacks", "storing", "telling", "tested")
    with ExitStack() as patched:
        for look in looks:
            patched.enter_context(mock.patch.object(describe, look, side_effect=AssertionError))
        assert run([*asked, "core"]) == 0
        assert run([*asked, "full"]) == 2
    assert run([*asked, "full"]) == 0


IMPORTED = """
import sys
from mldebt.cli import run
from mldebt.facts import FileFacts
code = run(sys.argv[1:])
heavy = {"libcst", "sqlglot", "yaml", "packaging", "mldebt.link.machine", "multiprocessing.popen_fork"}
print(sorted(heavy & set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


def test_a_second_scan_imports_no_parser_and_starts_no_worker(churn: Path) -> None:
    command = [sys.executable, "-c", IMPORTED, "scan", str(churn), "--exit-zero", "--output-format", "json"]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2))
    assert first.stdout == second.stdout
    assert "mldebt.link.machine" in first.stderr
    assert second.stderr == "[]\n"


@pytest.mark.parametrize("harm", ["truncated", "bytes", "foreign values"])
def test_a_damaged_cache_changes_nothing(churn: Path, tmp_path: Path, harm: str) -> None:
    cold = told(churn, None)
    told(churn, tmp_path / "kept")
    file = tmp_path / "kept" / DATABASE
    whole = file.read_bytes()
    if harm == "truncated":
        file.write_bytes(whole[: len(whole) // 2])
    elif harm == "bytes":
        file.write_bytes(bytes(byte ^ (index % 997 == 3) for index, byte in enumerate(whole)))
    else:
        with sqlite3.connect(file) as database:
            database.execute("UPDATE kept SET value = (SELECT value FROM kept LIMIT 1)")
    for _ in range(3):
        assert told(churn, tmp_path / "kept") == cold


def test_two_scans_at_once_tell_the_same(churn: Path) -> None:
    command = [sys.executable, "-m", "mldebt", "scan", str(churn), "--exit-zero", "--output-format", "json"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    said = [one.communicate(timeout=240) for one in running]
    assert len(set(said)) == 1 and said[0][1] == b""


def test_what_cannot_be_kept_is_one_warning(churn: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("in the way", "ascii")
    asked = ["scan", str(churn), "--exit-zero", "--output-format", "json"]
    run([*asked, "--no-cache"])
    cold = capsys.readouterr()
    run([*asked, "--cache-dir", str(tmp_path / "file" / "kept")])
    warm = capsys.readouterr()
    assert warm.out == cold.out and cold.err == ""
    assert warm.err.count("Warning: ") == 1 and "cannot be written" in warm.err and len(warm.err.splitlines()) == 1


def test_the_cache_is_removed(churn: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("MLDEBT_CACHE_DIR")
    before = sorted(path for path in churn.rglob("*"))
    run(["scan", str(churn), "--exit-zero", "--no-cache"])
    assert sorted(churn.rglob("*")) == before
    run(["scan", str(churn), "--exit-zero"])
    assert (churn / ".mldebt_cache" / DATABASE).is_file()
    capsys.readouterr()
    assert run(["clean", str(churn)]) == 0
    assert capsys.readouterr().out == f"Removed {churn / '.mldebt_cache'}.\n"
    assert sorted(churn.rglob("*")) == before
    assert run(["clean", str(churn)]) == 0
    assert capsys.readouterr().out.startswith("There is no cache of mldebt in ")


def test_a_cache_that_came_with_the_repository_is_not_believed(
    churn: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """What is found was emptied by whoever committed the cache: the findings are told all the same."""
    monkeypatch.delenv("MLDEBT_CACHE_DIR")
    asked = ["scan", str(churn), "--exit-zero", "--output-format", "json"]
    subprocess.run(["git", "init", "-q"], cwd=churn, check=True)
    original = verdict.judged
    with mock.patch.object(
        verdict, "judged", lambda *given: msgspec.structs.replace(original(*given), findings=())
    ):
        run(asked)
    capsys.readouterr()
    run(asked)
    assert json.loads(capsys.readouterr().out)["findings"] == []  # one's own is believed
    subprocess.run(["git", "add", "-f", ".mldebt_cache/cache.sqlite3"], cwd=churn, check=True)
    before = (churn / ".mldebt_cache" / DATABASE).read_bytes()
    run(asked)
    said = capsys.readouterr()
    assert json.loads(said.out)["findings"] and said.err.count("Warning: ") == 1 and "git rm -r --cached" in said.err
    assert (churn / ".mldebt_cache" / DATABASE).read_bytes() == before


def test_where_git_does_not_say_what_is_committed_nothing_is_believed(tmp_path: Path) -> None:
    kept = tmp_path / ".mldebt_cache"
    kept.mkdir()
    (kept / DATABASE).touch()
    assert cache_folder.is_believed(kept)  # git manages nothing here
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert cache_folder.is_believed(kept)
    (tmp_path / ".git" / "index").write_bytes(b"damaged")
    assert not cache_folder.is_believed(kept)
    with mock.patch("mldebt.gather.git.subprocess.run", side_effect=FileNotFoundError):
        assert not cache_folder.is_believed(kept)


def committed(root: Path) -> Callable[..., None]:
    """A repository of git with all files of a folder in its one commit, and how git is asked for more."""

    def git(*words: str) -> None:
        own = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false", *words]
        subprocess.run(own, cwd=root, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "one")
    return git


def test_a_scan_of_the_commit_is_the_base_of_what_comes_next(churn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLDEBT_CACHE_DIR")
    (churn / ".gitignore").write_text("*.tmp\n", "utf-8")
    committed(churn)
    asked = ["scan", str(churn), "--exit-zero", "--output-format", "json"]
    with quick():
        run(asked)
        with mock.patch.object(reading, "link", wraps=reading.link) as linked:
            run([*asked, "--base", "HEAD"])
    assert linked.call_count == 0


def test_a_hook_reads_nothing_twice(churn: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """The base of a change, and what is staged, share what was kept; and the folder of the cache is the work tree's."""
    monkeypatch.delenv("MLDEBT_CACHE_DIR")
    git = committed(churn)
    read: list[str] = []

    def reader(*given: Any, **named: Any) -> FileFacts:
        read.append(given[2])
        return original(*given, **named)

    original = gather.read_file
    asked = ["scan", str(churn), "--staged", "--base", "HEAD", "--exit-zero", "--output-format", "json"]
    with quick(), mock.patch.object(gather, "read_file", reader):
        run(asked)
        assert read.count("paths.py") == 1 and (churn / ".mldebt_cache").is_dir()
        read.clear()
        (churn / "churn" / "paths.py").write_text((churn / "churn" / "paths.py").read_text("utf-8") + "\nX = 1\n")
        git("add", "-A")
        with mock.patch.object(reading, "link", wraps=reading.link) as linked:
            run(asked)
        assert read == ["paths.py"] and linked.call_count == 1
    out = capsys.readouterr().out
    assert ".mldebt_cache" not in out
