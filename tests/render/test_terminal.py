from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mldebt.findings import Finding, Report, Severity, Stats
from mldebt.render.options import Options
from mldebt.render.terminal import render
from mldebt.source import Span
from mldebt.trail import Stop

from .conftest import finding


def test_a_finding_with_all_its_evidence() -> None:
    report = Report(
        root=".",
        findings=(
            finding(
                remedy="Declare the use.",
                trail=(
                    Stop(Span("serving/jobs/rollout.py", 42), "writes: enabled  canary_share"),
                    Stop(Span("serving/jobs/promote.py", 88), "writes: canary_percent  champion"),
                    Stop(Span("look.ipynb", 27, cell=3, file_line=91), "reads: canary_percent   else 0.0"),
                ),
                related=(
                    Stop(Span("a.py", 1), "same file because"),
                    Stop(Span("b.py", 2), "same file because"),
                ),
                reach=("churn", "api"),
                refutation="a deployment sets ROUTING_FILE to another file",
                frame=((3, "# new layout"), (4, "state = read()")),
            ),
        ),
        problems=(),
        stats=Stats(files=2, accesses=3, full=3),
        configured=True,
    )
    assert render(report, Options(elapsed=2.14, exit_code=1)).split("\n") == [
        " 1 warn   undeclared-consumer   likely   00000000" + " " * 33 + "dashboard/app.py:4",
        "   dashboard reads data/scores-1.csv, which scoring writes; nothing declares that use.",
        "   Declare the use.",
        "",
        "     3 | # new layout",
        "   > 4 | state = read()",
        "",
        "     writes   1  serving/jobs/rollout.py:42   enabled  canary_share",
        "              2  serving/jobs/promote.py:88   canary_percent  champion",
        "     reads    3  look.ipynb:cell 3:27         canary_percent   else 0.0",
        "",
        "     same file because   a.py:1, b.py:2",
        "     reaches             churn, api",
        "     would be wrong if   a deployment sets ROUTING_FILE to another file",
        "",
        " " + "─" * 98,
        " 1 finding   0 errors  1 warning  0 notes",
        " boundaries 1",
        " Read 2 files, 0 unreadable.",
        " Not followed: 0 of 3 accesses (0%).",
        " 2.1 s      mldebt explain undeclared-consumer      exit 1",
        "",
    ]


def test_hostile_strings_are_shown_and_steer_nothing(report: Report) -> None:
    text = render(report, Options(in_actions=True))
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text and "\udcff" not in text
    assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
    assert "##[" not in text
    assert "b\\n::error::pwned.py:7" in text
    assert "[/x].py:2" in text and "non\\xff.py:3" in text and "<U+202E>gnp.exe" in text
    assert "   > 7 |     y = '\\x1b]0;owned\\x07'" in text


def test_colour_is_only_added(report: Report) -> None:
    plain, coloured = render(report, Options()), render(report, Options(colour=True))
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_ascii_is_ascii(report: Report) -> None:
    text = render(replace(report, notes=("données",)), Options(ascii=True))
    assert text.isascii() and "donn\\xe9es" in text and " " + "-" * 98 in text


@pytest.mark.parametrize("width", [40, 60, 100])
def test_lines_fit_where_they_can_be_broken(width: int) -> None:
    stops = tuple(Stop(Span(f"src/step_{n}.py", n), "reads: " + "a longer detail " * 6) for n in range(1, 4))
    report = Report(
        ".", (finding(trail=stops, refutation="word " * 40),), (), Stats(files=1), configured=True
    )
    assert max(map(len, render(report, Options(width=width)).split("\n"))) <= width


def test_a_narrow_terminal_is_no_error(report: Report) -> None:
    assert "mldebt explain" in render(report, Options(width=1))


def _many(number: int, **changes: object) -> Report:
    found = tuple(finding(n) for n in range(1, number + 1))
    return replace(Report(".", found, (), Stats(files=9, accesses=4, full=4)), **changes)  # type: ignore[arg-type]


def test_the_first_run_shows_five() -> None:
    narrow = render(_many(38), Options(target="'my repo'", width=80))
    assert " --all\n Start clean from today: mldebt init 'my repo'\n\n 1 warn" in narrow
    text = render(_many(38), Options(target="'my repo'", width=120))
    assert text.startswith(
        " No configuration and no baseline here: showing the 5 findings that reach furthest.\n"
        " All of them: mldebt scan 'my repo' --all    Start clean from today: mldebt init 'my repo'\n"
        "\n 1 warn"
    )
    assert " 5 of 38 findings   0 errors  38 warnings  0 notes" in text
    several = render(_many(38), Options(target="pricing letters", alone=False))
    assert " All of them: mldebt scan pricing letters --all\n\n 1 warn" in several  # they have no baseline together
    assert "scores-5.csv" in text and "scores-6.csv" not in text


@pytest.mark.parametrize(
    ("report", "options", "shown"),
    [
        (_many(38), Options(everything=True), 38),
        (_many(38, configured=True), Options(), 38),
        (_many(38, configured=True), Options(top=2), 2),
        (_many(5), Options(), 5),
    ],
)
def test_the_first_line_is_left_out_otherwise(report: Report, options: Options, shown: int) -> None:
    text = render(report, options)
    assert "No configuration" not in text
    assert text.count("undeclared-consumer   likely") == shown


def test_the_summary_says_what_was_read(report: Report) -> None:
    text = render(replace(report, complete=False), Options())
    assert " 3 findings   1 error  1 warning  1 note   1 suppressed" in text
    assert "(9 hints not counted: --min-confidence" in text
    assert " boundaries 3   loops 0\n" in text
    own = replace(report, families=(("boundaries", 3), ("loops", 0), ("mldebt", 0)))
    assert " boundaries 3   loops 0\n" in render(own, Options())
    assert " Read 300 files, 1 unreadable.  61 test files: only for what they link" in text
    assert " Incomplete:" in text
    assert " Not followed: 37 of 412 accesses (9%), most in ingest.  mldebt problems lists them.\n" in text
    assert "says little" not in text


def test_a_result_of_which_little_was_followed_says_so() -> None:
    stats = Stats(
        files=9,
        accesses=412,
        full=41,
        unknown=371,
        unknown_calls=(("b.load", 3), ("acme_io.load_frame", 118)),
    )
    text = render(Report(".", (), (), stats), Options())
    assert (
        " Nothing at warning or above, but only 41 of 412 accesses were followed: this result says little.\n"
        in text
    )
    assert " Unknown call met most often: acme_io.load_frame (118 times).\n" in text
    assert "   mldebt catalogue add acme_io.load_frame --role read --target 0\n" in text
    warned = render(Report(".", (finding(),), (), stats, configured=True), Options())
    assert " Only 41 of 412 accesses were followed: this result says little.\n" in warned


def test_an_empty_result(hostile: Finding) -> None:
    text = render(Report(".", (replace(hostile, suppressed=True),), (), Stats()), Options())
    assert " 0 findings   1 suppressed\n" in text
    assert " No place that reads or writes data was recognised.\n" in text
    assert Severity.ERROR.value not in text


def test_a_place_of_the_trail_is_not_told_again() -> None:
    told, new = Span("prepare.py", 4), Span("other.py", 9)
    related = (Stop(told, "write: again"), Stop(new, "write: too"))
    twice = finding(trail=(Stop(told, "write: a table"),), related=related)
    shown = render(Report(root=".", findings=(twice,), problems=(), stats=Stats(files=1)), Options())
    assert shown.count("prepare.py:4") == 1
    assert "other.py:9" in shown


def test_the_summary_says_how_much_is_taken_for_the_work_of_others(report: Report) -> None:
    told = replace(report, stats=replace(report.stats, foreign=12))
    assert " 12 files of projects of others: only for what they link, too." in render(told, Options())
    assert "of others" not in render(report, Options())
