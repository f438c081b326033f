"""Tests of the commands: exit codes, messages with their cure, and where the text goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mldebt import analysis, rulebook
from mldebt.analysis import Reading, Repository, ScanRequest
from mldebt.cli import run
from mldebt.cli.commands import SUMMARIES, commands
from mldebt.findings import Finding, Report, Severity, Stats
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.roles import Confidence
from mldebt.source import Problem, Span

Capture = pytest.CaptureFixture[str]
Scanned = Callable[[Report], list[ScanRequest]]
STATS = Stats(files=3)


def finding(severity: Severity = Severity.ERROR, path: str = "a.py", **changes: object) -> Finding:
    found = Finding(
        rule="made-up", severity=severity, confidence=Confidence.LIKELY, at=Span(path, 7, 1), symbol="",
        message="It is so.", fingerprint="v1:0", family="data",
    )  # fmt: skip
    return replace(found, **changes)


def report(*findings: Finding, complete: bool = True, stats: Stats = STATS) -> Report:
    return Report(root="x", findings=findings, problems=(), stats=stats, complete=complete)


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> Scanned:
    """Makes every scan give one report; the requests it is asked with are in the list."""

    def stub(given: Report) -> list[ScanRequest]:
        asked: list[ScanRequest] = []

        def scan(parts: tuple[Repository, ...], request: ScanRequest) -> Report:
            asked.append(replace(request, config=parts[0].config))
            return given

        monkeypatch.setattr(analysis, "scan_all", scan)
        return asked

    return stub


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every reading give the chain raw -> load -> model -> score, with `other` apart."""
    at = Span("jobs/load.py", 3)
    kinds = (NodeKind.SOURCE, NodeKind.STEP, NodeKind.MODEL, NodeKind.PREDICTION)
    called = ("raw", "load", "model", "score")
    nodes = [Node(f"id:{name}", kind, name, at) for name, kind in zip(called, kinds, strict=True)]
    nodes.append(Node("id:other", NodeKind.SOURCE, "other", Span("b.py", 1)))
    flow = [("raw", "load"), ("load", "model"), ("model", "score")]
    edges = [Edge(f"id:{a}", f"id:{b}", EdgeKind.DERIVES, at) for a, b in flow]
    reading = Reading(lambda: Graph(nodes, edges), STATS, (), complete=True)
    monkeypatch.setattr(analysis, "read_all", lambda _root, _request: reading)


def names(capsys: Capture) -> list[str]:
    return sorted(node["name"] for node in json.loads(capsys.readouterr().out)["nodes"])


@pytest.mark.parametrize(
    ("given", "options", "code"),
    [
        (report(), [], 0),
        (report(finding()), [], 1),
        (report(finding(Severity.WARNING)), [], 0),
        (report(finding(Severity.WARNING)), ["--fail-level", "warning"], 1),
        (report(finding(Severity.WARNING)), ["--fail-level", "info"], 1),
        (report(finding()), ["--fail-level", "never"], 0),
        (report(finding()), ["--exit-zero"], 0),
        (report(finding(suppressed=True)), [], 0),
        (report(complete=False), [], 2),
        (report(finding(), complete=False), ["--exit-zero"], 2),
        (report(finding(), complete=False), ["--allow-incomplete"], 1),
        (report(complete=False), ["--allow-incomplete"], 0),
    ],
)
def test_the_exit_code_says_how_the_scan_went(
    scanned: Scanned, tmp_path: Path, given: Report, options: list[str], code: int
) -> None:
    scanned(given)
    assert run(["scan", str(tmp_path), *options]) == code


def test_findings_of_a_preview_rule_fail_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class Preview:
        status = "preview"

    monkeypatch.setattr(rulebook, "shipped", lambda: {"made-up": Preview()})
    assert rulebook.failing(report(finding()), "info") == ()
    assert len(rulebook.failing(report(finding(rule="another")), "info")) == 1


def test_options_go_on_top_of_the_configuration(
    scanned: Scanned, tmp_path: Path
) -> None:
    (tmp_path / "mldebt.toml").write_text('profile = "full"\nfail-level = "info"\nworkers = 3\n', "utf-8")
    asked = scanned(report(finding(Severity.INFO)))
    assert run(["scan", str(tmp_path), "--workers", "2", "--no-cache", "--min-confidence", "hint"]) == 1
    (request,) = asked
    assert (request.config.profile, request.config.workers, request.cache) == ("full", 2, False)
    assert request.config.min_confidence is Confidence.HINT


def test_every_form_prints_and_o_writes_the_same(
    scanned: Scanned, tmp_path: Path, capsys: Capture
) -> None:
    scanned(report(finding()))
    for form in ("full", "concise", "json", "github"):
        run(["scan", str(tmp_path), "--output-format", form, "--color", "never"])
        printed = capsys.readouterr().out
        assert "It is so." in printed
        file = tmp_path / f"{form}.txt"
        run(["scan", str(tmp_path), "--output-format", form, "-o", str(file)])
        assert capsys.readouterr().out == ""
        assert "It is so." in file.read_text("utf-8")


def test_top_and_sort_choose_what_is_listed(
    scanned: Scanned, tmp_path: Path, capsys: Capture
) -> None:
    scanned(report(finding(path="z.py"), finding(path="a.py")))
    run(["scan", str(tmp_path), "--output-format", "concise", "--top", "1"])
    assert capsys.readouterr().out.startswith("z.py:7:1: ")
    run(["scan", str(tmp_path), "--output-format", "concise", "--sort", "path"])
    assert capsys.readouterr().out.startswith("a.py:7:1: ")


def test_a_folder_with_nothing_to_read_does_not_look_clean(tmp_path: Path, capsys: Capture) -> None:
    for command in ("scan", "problems", "graph"):
        assert run([command, str(tmp_path)]) == 2
        err = capsys.readouterr().err
        assert "Nothing to read in" in err
        assert "Check the path" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan", "no/such/folder"], "'no/such/folder' does not exist. Give the folder"),
        (["graph", "no/such/folder"], "does not exist"),
        (["scan", ""], "'' does not exist"),
        (["scan", "no\x1b[2J"], r"'no\x1b[2J' does not exist"),
        (["scan", ".", "--select", "no-such-rule"], "no rule or family 'no-such-rule'"),
        (["scan", ".", "--profile", "all"], "'core', 'full'"),
        (["scan", ".", "--top", "0"], "x>=1"),
        (["scan", ".", "--workers", "0"], "1<=x<=64"),
        (["scan", ".", "-o", "no/such/folder/out.txt"], "its folder does not exist. Give another file"),
        (["scan", ".", "--al"], "No such option"),
        (["scann", "."], "Did you mean: mldebt scan"),
        (["src"], "To scan a folder: mldebt scan src"),
        (["explain", "no-such-rule"], "There is no rule 'no-such-rule'."),
        (["explain"], "Missing argument"),
    ],
)
def test_a_mistake_is_answered_with_its_cure(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err


def test_a_file_outside_of_what_is_scanned_is_refused_with_a_cure(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "train.py").write_text("", "utf-8")
    assert run(["scan", str(tmp_path / "train.py")]) == 2
    assert "lies outside of what is scanned (.). Name its repository too" in capsys.readouterr().err
    assert run(["graph", str(tmp_path / "train.py")]) == 2
    assert f"Give the folder it is in: {tmp_path}" in capsys.readouterr().err


def test_every_mistake_in_the_configuration_is_told_at_once(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "mldebt.toml").write_text('profle = "core"\nworkers = -1\n', "utf-8")
    assert run(["scan", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert "mldebt.toml:1: unknown key 'profle'. Did you mean 'profile'?" in err
    assert "mldebt.toml:2: workers" in err


def test_a_broken_pyproject_is_a_message_with_its_line(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mldebt\n", "utf-8")
    assert run(["scan", str(tmp_path)]) == 2
    assert "pyproject.toml:1: not valid TOML" in capsys.readouterr().err


def test_a_bug_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    def fail(_root: Path, _request: ScanRequest) -> Report:
        raise RuntimeError("oh")

    monkeypatch.setattr(analysis, "scan_all", fail)
    assert run(["scan", str(tmp_path)]) == 2
    assert "internal error" in capsys.readouterr().err


def test_an_interrupt_is_quiet_and_says_130(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    def interrupt(_root: Path, _request: ScanRequest) -> Report:
        raise KeyboardInterrupt

    monkeypatch.setattr(analysis, "scan_all", interrupt)
    assert run(["scan", str(tmp_path)]) == 130
    assert capsys.readouterr().err.strip() == ""


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ["load", "model", "other", "raw", "score"]),
        (["--around", "load", "--hops", "1"], ["load", "model", "raw"]),
        (["--around", "load"], ["load", "model", "raw", "score"]),
        (["--around", "load", "--hops", "0"], ["load"]),
        (["--upstream", "model"], ["load", "model", "raw"]),
        (["--downstream", "load"], ["load", "model", "score"]),
        (["--downstream", "load", "--hops", "1"], ["load", "model"]),
        (["--upstream", "load", "--around", "other"], ["load", "other", "raw"]),
        (["--around", "b.py"], ["other"]),
    ],
)
def test_a_graph_can_be_asked_for_in_parts(
    options: list[str], expected: list[str], tmp_path: Path, capsys: Capture
) -> None:
    assert run(["graph", str(tmp_path), *options]) == 0
    assert names(capsys) == expected


@pytest.mark.usefixtures("drawn")
def test_a_name_that_is_nowhere_is_answered_with_near_ones(tmp_path: Path, capsys: Capture) -> None:
    assert run(["graph", str(tmp_path), "--around", "modl"]) == 2
    assert "Nothing is called 'modl' here. Near it: model" in capsys.readouterr().err


def test_hops_go_from_somewhere(tmp_path: Path, capsys: Capture) -> None:
    assert run(["graph", str(tmp_path), "--hops", "1"]) == 2
    assert "Name one: --around NAME --hops N" in capsys.readouterr().err


@pytest.mark.usefixtures("drawn")
def test_the_graph_comes_as_pictures_too(tmp_path: Path, capsys: Capture) -> None:
    assert run(["graph", str(tmp_path), "--output-format", "mermaid"]) == 0
    assert capsys.readouterr().out.startswith("flowchart LR\n")
    assert run(["graph", str(tmp_path), "--output-format", "dot"]) == 0
    assert capsys.readouterr().out.startswith("digraph mldebt {\n")


def test_problems_are_listed_without_applying_a_rule(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    lost = Problem(Span("bad.py", 4), "syntax", "no Python", "correct it")
    for complete, code in ((True, 0), (False, 2)):
        reading = Reading(lambda: Graph([], []), STATS, (lost,), complete)
        monkeypatch.setattr(analysis, "read_all", lambda _root, _request, given=reading: given)
        assert run(["problems", str(tmp_path)]) == code
        out = capsys.readouterr().out
        assert "bad.py:4  no Python" in out
        assert "cure: correct it" in out


def test_an_incomplete_graph_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Capture
) -> None:
    reading = Reading(lambda: Graph([], []), STATS, (), complete=False)
    monkeypatch.setattr(analysis, "read_all", lambda _root, _request: reading)
    assert run(["graph", str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["nodes"] == []
    assert "Incomplete" in captured.err


def test_the_list_of_commands_and_the_commands_agree(capsys: Capture) -> None:
    context = commands.make_context("mldebt", ["rules"])
    for name, summary in SUMMARIES.items():
        command = commands.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(200) == summary
        assert run([name, "--help"]) == 0
        assert summary in " ".join(capsys.readouterr().out.split())


def mldebt(*arguments: str, code: str = "", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs the command in a process of its own, after `code`."""
    program = f"import sys\nfrom mldebt.cli import main\n{code}\nmain(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True, check=False, timeout=60, env={**os.environ, **environment},
    )  # fmt: skip


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    heavy = "libcst networkx rich yaml msgspec pebble mldebt.analysis"
    program = (
        "import sys\nfrom mldebt.cli import run\nassert run(['--help']) == 0\n"
        f"print([name for name in {heavy!r}.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode().splitlines()[-1] == "[]"
    best = min(_seconds("--help") for _ in range(5))
    assert best < 0.15, f"mldebt --help took {best:.3f} s at best"


def _seconds(*arguments: str) -> float:
    """Processor time, which other work on the machine disturbs less than the clock."""
    before = os.times()
    assert mldebt(*arguments).returncode == 0
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


FAKE = """
from mldebt import analysis
from mldebt.findings import Report, Stats, Finding, Severity
from mldebt.roles import Confidence
from mldebt.source import Span
at = Span("d\\u00e9j\\u00e0\\udcff.py", 1)
found = (Finding("made-up", Severity.ERROR, Confidence.LIKELY, at, "", "m" * 200, "v1:0"),) * 2000
analysis.scan_all = lambda parts, request: Report("x", found, (), Stats(files=1))
"""


def test_a_terminal_that_is_not_utf8_gets_escapes(tmp_path: Path) -> None:
    for form in ("full", "concise", "json", "github"):
        done = mldebt("scan", str(tmp_path), "--output-format", form, code=FAKE, PYTHONIOENCODING="ascii")
        assert done.returncode == 1, done.stderr.decode()
        assert done.stdout.isascii()
        assert done.stderr == b""


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    program = f"import sys\nfrom mldebt.cli import main\n{FAKE}\nmain(sys.argv[1:])"
    arguments = [sys.executable, "-c", program, "scan", str(tmp_path), "--output-format", "concise"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 1


@pytest.mark.parametrize(
    "words", [["scan", "."], ["report", "."], ["baseline", "create"], ["models"], ["graph", "."], ["problems", "."]]
)
def test_every_command_that_reads_keeps_it_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    repository, kept = tmp_path / "repository", tmp_path / "kept"
    repository.mkdir()
    (repository / "a.py").write_text("print(1)\n")
    monkeypatch.chdir(repository)
    monkeypatch.setenv("MLDEBT_CACHE_DIR", str(kept))
    assert run(words) == 0
    assert any(kept.iterdir()) and not (repository / ".mldebt_cache").exists()


@pytest.mark.parametrize("asked", [["-o", "-"], ["--output", "concise:-"]])
def test_a_dash_is_standard_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: list[str]
) -> None:
    (tmp_path / "a.py").write_text("print(1)\n")
    monkeypatch.chdir(tmp_path)
    assert run(["scan", ".", *asked, "--output", "json:out.json"]) == 0
    assert "1 file" in capsys.readouterr().out
    assert not (tmp_path / "-").exists() and (tmp_path / "out.json").exists()


def test_a_closed_output_leaves_the_exit_code(tmp_path: Path) -> None:
    done = mldebt("scan", str(tmp_path), code=f"{FAKE}\nsys.stdout = None")
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [("production", 0, ""), ("nightly", 0, ""), ("prodd", 2, "prodd; here are settings for: prod, staging")],
)
def test_an_environment_that_nothing_is_named_for_is_a_mistake(
    name: str, code: int, message: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "prod.yml").write_text("rows: 7\n")
    (tmp_path / "settings.toml").write_text("[staging]\nrows = 5\n\n[nightly]\nrows = 6\n")
    (tmp_path / "fit.py").write_text("print(1)\n")
    assert run(["scan", str(tmp_path), "--no-cache", "--env", name]) == code
    assert message in capsys.readouterr().err
