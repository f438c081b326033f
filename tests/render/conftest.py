"""A hand-built report for the renderer tests, with strings as hostile as a repository can hold."""

from __future__ import annotations

import pytest

from mldebt.findings import Finding, Report, Severity, Stats
from mldebt.roles import Confidence
from mldebt.source import Problem, Span
from mldebt.trail import Stop

FORGED = "b\n::error::pwned.py"
MARKUP = "[/x].py"
UNDECODABLE = "non\udcff.py"
ESCAPE = "\x1b]0;owned\x07"
BIDI = "\u202egnp.exe"


def finding(number: int = 1, severity: Severity = Severity.WARNING, **changes: object) -> Finding:
    values: dict[str, object] = {
        "rule": "undeclared-consumer",
        "severity": severity,
        "confidence": Confidence.LIKELY,
        "at": Span("dashboard/app.py", 3 + number, 10, 3 + number, 40),
        "symbol": "load",
        "message": f"dashboard reads data/scores-{number}.csv, which scoring writes;"
        " nothing declares that use.",
        "fingerprint": f"v1:{number:032x}",
        "family": "boundaries",
    }
    return Finding(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def hostile() -> Finding:
    return finding(
        severity=Severity.ERROR,
        at=Span(FORGED, 7, 5, 7, 9),
        message=f"{MARKUP} is read, {ESCAPE}{BIDI} writes it\n::stop-commands::x ##[add-mask]e",
        remedy="Rename it: 100% sure.",
        trail=(
            Stop(Span(MARKUP, 2), "reads: price"),
            Stop(Span(UNDECODABLE, 3), "reads: rate\n::error::trail"),
            Stop(Span("note.ipynb", 4, cell=2, file_line=61), f"writes: {ESCAPE}"),
        ),
        related=(Stop(Span("other.py", 1), "also here"),),
        refutation="someone renames it",
        reach=("model churn",),
        owners=("@data-team",),
        frame=((6, "x = 1"), (7, f"\ty = '{ESCAPE}'"), (8, "::error::frame")),
    )


@pytest.fixture
def report(hostile: Finding) -> Report:
    notebook = finding(
        2, at=Span("eda/look.ipynb", 4, 2, 5, 9, cell=3, file_line=88), confidence=Confidence.CERTAIN
    )
    return Report(
        root="/somewhere/absolute",
        findings=(hostile, notebook, finding(3, Severity.INFO), finding(4, Severity.INFO, suppressed=True)),
        problems=(
            Problem(Span(FORGED, 1), "syntax", f"no Python: {ESCAPE}", "repair it"),
            Problem(Span("ingest/a.py", 9), "not-followed", "unknown reader"),
            Problem(Span("ingest/b.py", 3), "not-followed", "unknown reader"),
            Problem(Span("score.py", 1), "not-followed", "unknown reader"),
        ),
        stats=Stats(
            files=300,
            unreadable=1,
            tests=61,
            lines=9000,
            nodes=40,
            edges=55,
            accesses=412,
            full=300,
            pattern=75,
            unknown=37,
            reasons=(("hole", 37),),
            unknown_calls=(("acme_io.load_frame", 118),),
            kinds=(("python", 300),),
        ),
        hints_hidden=9,
        configured=True,
        families=(("boundaries", 3), ("loops", 0)),
    )
