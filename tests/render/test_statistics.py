"""Counts of findings by rule."""

from __future__ import annotations

from dataclasses import replace

from mldebt.findings import Report, Severity, Stats
from mldebt.render.options import Options
from mldebt.render.statistics import render

from .conftest import finding


def test_rules_are_counted_the_commonest_first() -> None:
    one = finding(title="What it is")
    other = replace(one, rule="other", title="Another", severity=Severity.ERROR)
    found = (other, one, one, replace(one, suppressed=True, suppressed_by="comment"))
    assert render(Report(".", found, (), Stats()), Options()).splitlines() == [
        "     2  warning  undeclared-consumer  What it is",
        "     1  error    other                Another",
        "     3  in all: 1 error  2 warnings  0 notes; 1 finding hidden",
    ]
    assert render(Report(".", (), (), Stats()), Options()) == "     0  in all\n"
