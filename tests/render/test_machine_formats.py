from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

from mldebt.findings import Report, Severity, Stats
from mldebt.render import concise, github
from mldebt.render import json as as_json
from mldebt.render.options import Options
from mldebt.source import Span

from .conftest import FORGED, finding

SCHEMA = json.loads((files("mldebt") / "schemas" / "report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_json_keeps_the_contract(report: Report) -> None:
    text = as_json.render(report)
    printed = json.loads(text)
    VALIDATOR.validate(printed)
    assert text.isascii() and "\x1b" not in text
    assert list(printed) == ["schema", "tool", "complete", "findings", "problems", "stats"]
    first, second = printed["findings"][:2]
    assert list(first) == [
        "rule",
        "severity",
        "confidence",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "cell",
        "file_line",
        "symbol",
        "message",
        "fingerprint",
        "suppressed",
        "related",
        "trail",
        "refutation",
        "reach",
        "owners",
        "changed",
    ]
    assert (first["path"], first["cell"], first["file_line"]) == (FORGED, None, 7)
    assert (second["line"], second["end_line"], second["cell"], second["file_line"]) == (4, 5, 3, 88)
    assert first["trail"][1]["path"] == "non\\udcff.py"
    assert [f["suppressed"] for f in printed["findings"]] == [False, False, False, True]
    assert "/somewhere" not in text
    assert printed["stats"]["reasons"] == {"hole": 37} and printed["stats"]["hints_hidden"] == 9


def test_json_of_an_empty_report_keeps_the_contract() -> None:
    printed = json.loads(as_json.render(Report(".", (), (), Stats(), complete=False)))
    VALIDATOR.validate(printed)
    assert printed["complete"] is False


def test_the_schema_refuses_what_is_no_report(report: Report) -> None:
    good = as_json.document(report)
    for change in (
        {"severity": "fatal"},
        {"cell": 0},
        {"path": "/abs.py"},
        {"fingerprint": "x"},
        {"extra": 1},
    ):
        bad = {**good, "findings": [good["findings"][0] | change]}
        assert not VALIDATOR.is_valid(json.loads(json.dumps(bad))), change


def test_json_gives_the_same_bytes_again(report: Report) -> None:
    assert as_json.render(report) == as_json.render(replace(report))


def test_an_end_that_is_not_known_is_the_start() -> None:
    (printed,) = as_json.document(Report(".", (finding(at=Span("a.py", 3, 2)),), (), Stats()))["findings"]
    assert (printed["end_line"], printed["end_column"]) == (3, 2)


def test_github_encodes_everything(report: Report) -> None:
    lines = github.render(report, Options()).split("\n")
    assert lines[0] == (
        "::error file=b%0A%3A%3Aerror%3A%3Apwned.py,line=7,endLine=7,col=5,endColumn=9,"
        "title=mldebt undeclared-consumer (likely)::"
        "[/x].py is read, \\x1b]0;owned\\x07<U+202E>gnp.exe writes it\\n::stop-commands::x # #[add-mask]e"
        "%0ARename it: 100%25 sure.%0AWould be wrong if someone renames it."
    )
    assert lines[1].startswith(
        "::warning file=eda/look.ipynb,line=88,title=mldebt undeclared-consumer (certain)::dashboard reads"
    )
    assert lines[2].startswith("::notice file=dashboard/app.py,line=6,")
    assert lines[3:] == [""]


@pytest.mark.parametrize(
    "name", ["a,line=9::x.py", "d%0A::warning::x.py", "g##[error]h.py", "non\udcff.py", "a\r\nb.py"]
)
def test_github_file_names_stay_one_property(name: str) -> None:
    text = github.render(Report(".", (finding(at=Span(name, 2)),), (), Stats()), Options())
    assert text.count("\n") == 1 and text.encode("utf-8")
    head, properties, _ = text.split("::", 2)[0], text.split("::", 2)[1], text
    shown = properties.removeprefix("warning ").split(",")
    assert head == "" and shown[1] == "line=2" and len(shown) == 6


def test_github_leaves_out_columns_over_several_lines() -> None:
    text = github.render(
        Report(".", (finding(at=Span("a.py", 2, 5, 4, 1)),), (), Stats()), Options(prefix="sub")
    )
    assert text.startswith("::warning file=sub/a.py,line=2,endLine=4,title=")


def test_github_shows_as_many_as_github_does() -> None:
    found = tuple(finding(n, s) for s in Severity for n in range(12))
    lines = github.render(Report(".", found, (), Stats(), complete=False), Options()).splitlines()
    kinds = [line.split(" ")[0] for line in lines]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "::error": 10,
        "::warning": 10,
        "::notice": 10,
    }
    assert lines[-1] == (
        "::notice title=mldebt::7 more findings without an annotation: 2 errors, 2 warnings, 3 notes."
        " mldebt scan lists them. The scan is incomplete; mldebt problems says why."
    )


def test_github_messages_are_cut() -> None:
    text = github.render(Report(".", (finding(message="x" * 9000),), (), Stats()), Options())
    assert len(text) < 4200 and text.endswith("...\n")


def test_concise_is_one_line_each(report: Report) -> None:
    assert concise.render(report, Options()).split("\n") == [
        "b\\n::error::pwned.py:7:5: error undeclared-consumer: [/x].py is read, "
        "\\x1b]0;owned\\x07<U+202E>gnp.exe writes it\\n::stop-commands::x ##[add-mask]e",
        "eda/look.ipynb:cell 3:4:2: warning undeclared-consumer: dashboard reads data/scores-2.csv,"
        " which scoring writes; nothing declares that use.",
        "dashboard/app.py:6:10: info undeclared-consumer: dashboard reads data/scores-3.csv,"
        " which scoring writes; nothing declares that use.",
        "3 findings (1 error  1 warning  1 note) in 300 files",
        "",
    ]


def test_concise_says_when_it_is_incomplete() -> None:
    report = Report(".", (), (), Stats(files=1), complete=False)
    assert concise.render(report, Options()) == "0 findings in 1 file; the scan is incomplete\n"
    forged = Report(".", (finding(at=Span("::error::x.py", 1)),), (), Stats())
    assert concise.render(forged, Options(in_actions=True)).startswith(": :error::x.py:1:1: warning")
