"""What the configuration excuses: by file, by the thing a finding is about, by the finding itself, until a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mldebt.config import Config
from mldebt.exemptions import Exemption, FileIgnore
from mldebt.findings import Finding, Severity
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.code import Code, Definition
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span
from mldebt.suppress.comments import COMMENT
from mldebt.suppress.exemptions import EXCEPTION, FILES, Scope, excused
from mldebt.trail import Stop

AT = Span("mldebt.toml", 3, file_line=3)
HELPER = Definition(
    "function:jobs/load.py:load", "function", "load", "jobs/load.py", Span("jobs/load.py", 2), 6, Purpose.PRODUCTION, ""
)
GRAPH = Graph(
    [
        Node("artifact:file:data/raw.csv", NodeKind.ARTIFACT, "data/raw.csv", Span("jobs/load.py", 3)),
        Node("model:jobs/train.py:9:5", NodeKind.MODEL, "forest", Span("jobs/train.py", 9)),
        Node("prediction:api/app.py:4:5", NodeKind.PREDICTION, "forest.predict", Span("api/app.py", 4)),
        Node("setting:config:.limits.high:conf.yaml:2", NodeKind.SETTING, ".limits.high", Span("conf.yaml", 2)),
        Node("function:jobs/load.py:load", NodeKind.FUNCTION, "load", Span("jobs/load.py", 2)),
    ],
    [
        Edge("artifact:file:data/raw.csv", "function:jobs/load.py:load", EdgeKind.READS, Span("jobs/load.py", 5)),
        Edge("model:jobs/train.py:9:5", "prediction:api/app.py:4:5", EdgeKind.PREDICTS, Span("api/app.py", 4)),
    ],
    Code(definitions=(HELPER,)),
)
PATHS = ("jobs/load.py", "jobs/train.py", "api/app.py", "conf.yaml")
SCOPE = Scope(GRAPH, PATHS, ("made-up", "other"), date(2026, 5, 2))


def finding(path: str = "a.py", line: int = 1, **changes: object) -> Finding:
    found = Finding(
        rule="made-up", severity=Severity.WARNING, confidence=Confidence.LIKELY, at=Span(path, line), symbol="",
        message="It is so.", fingerprint="v1:0", family="data",
    )  # fmt: skip
    return replace(found, **changes)


def about(subject: str, name: str, *, until: date | None = None, rules: tuple[str, ...] = ("made-up",)) -> Config:
    return Config(exceptions=(Exemption(subject, name, rules, "agreed", until, AT),))


def ignoring(pattern: str, *rules: str) -> Config:
    return Config(file_ignores=(FileIgnore(pattern, rules, AT),))


def hides(one: Finding, config: Config, scope: Scope = SCOPE) -> str:
    ((found,), _) = excused([one], [("", config)], scope)
    return found.suppressed_by


def told(config: Config, *findings: Finding, **changes: Any) -> list[tuple[str, str]]:
    _, problems = excused(findings, [("", config)], replace(SCOPE, **changes))
    assert all(one.at == AT and one.code == "suppression" for one in problems)
    return [(one.text, one.cure) for one in problems]


@pytest.mark.parametrize(
    ("subject", "name", "hidden"),
    [
        ("artifact", "data/raw.csv", [finding("jobs/load.py", 5), finding("jobs/load.py", 3)]),
        ("artifact", "data/*", [finding(keys=("artifact:file:data/raw.csv",)), finding(keys=("data/raw.csv",))]),
        ("artifact", "file:data/raw.csv", [finding("jobs/load.py", 1, at=Span("jobs/load.py", 4, end_line=6))]),
        ("model", "forest", [finding("jobs/train.py", 9), finding("api/app.py", 4)]),
        ("setting", "limits.high", [finding("conf.yaml", 2), finding(keys=("conf.yaml", "limits.high"))]),
        ("setting", "conf.yaml:limits.*", [finding("conf.yaml", 2)]),
        ("function", "load", [finding("jobs/load.py", 2), finding("jobs/load.py", 6)]),
        ("fingerprint", "v1:0", [finding("z.py", 77)]),
    ],
)
def test_an_exception_speaks_of_what_is_about_its_thing(subject: str, name: str, hidden: list[Finding]) -> None:
    config = about(subject, name)
    for one in hidden:
        assert hides(one, config) == EXCEPTION
    assert hides(finding("jobs/load.py", 9, fingerprint="v1:1"), config) == ""
    assert hides(replace(hidden[0], rule="other", family="loops"), config) == ""


def test_any_place_of_a_finding_counts() -> None:
    one = finding("z.py", trail=(Stop(Span("z.py", 1), "writes"), Stop(Span("jobs/load.py", 5), "reads")))
    assert hides(one, about("artifact", "data/raw.csv")) == EXCEPTION
    assert hides(replace(one, trail=(), related=one.trail), ignoring("jobs/", "data")) == FILES
    assert hides(one, ignoring("api/", "data")) == ""
    assert hides(replace(one, suppressed=True, suppressed_by=COMMENT), ignoring("jobs/", "data")) == COMMENT


def test_an_exception_holds_to_the_end_of_its_last_day() -> None:
    one, config = finding("jobs/load.py", 5), about("artifact", "data/*", until=date(2026, 5, 2))
    assert hides(one, config) == EXCEPTION
    later = replace(SCOPE, today=date(2026, 5, 3))
    assert hides(one, config, later) == ""
    assert hides(one, config, replace(SCOPE, today=None)) == EXCEPTION
    assert told(config, one, today=date(2026, 5, 3)) == [(
        "this exception of the artifact 'data/*' was good until 2026-05-02, and holds no more",
        "mend what it excused, or give it a new day",
    )]  # fmt: skip


def test_what_excuses_nothing_is_told() -> None:
    assert told(about("artifact", "data/raw.csv")) == [
        ("nothing is found of the artifact 'data/raw.csv' that this exception would hide", "remove it")
    ]
    assert told(about("model", "forst")) == [
        ("no model here is called 'forst', of which this exception speaks", "did you mean 'forest'?")
    ]
    assert told(about("fingerprint", "v1:9"), finding()) == [
        ("nothing is found of the fingerprint 'v1:9' that this exception would hide", "remove it")
    ]
    assert told(ignoring("lib/", "made-up")) == [
        ("per-file-ignores names 'lib/', and no file is called so", "mend it, or remove it")
    ]
    assert told(ignoring("jobs/", "made-up", "other"), finding("jobs/load.py")) == [
        ("nothing is found in 'jobs/' that other would hide", "remove other from per-file-ignores")
    ]


def test_what_a_run_did_not_apply_is_not_told() -> None:
    assert told(about("artifact", "data/raw.csv", rules=("elsewhere",))) == []
    assert told(ignoring("jobs/", "elsewhere")) == []


def test_of_several_repositories_each_speaks_of_its_own() -> None:
    mine, theirs = finding("mine/jobs/load.py"), finding("theirs/jobs/load.py", fingerprint="v1:1")
    scope = replace(SCOPE, paths=("mine/jobs/load.py", "theirs/jobs/load.py"))
    found, problems = excused([mine, theirs], [("mine", ignoring("jobs/", "data")), ("theirs", Config())], scope)
    assert [one.suppressed_by for one in found] == [FILES, ""]
    assert problems == ()
    _, problems = excused([theirs], [("mine", ignoring("jobs/", "made-up"))], scope)
    assert [one.at.path for one in problems] == ["mine/mldebt.toml"]
