"""SARIF, Markdown, GitLab, JUnit and rdjson: the rules of each, and that nothing scanned can speak in them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from mldebt.findings import Report, Severity, Stats
from mldebt.render import gitlab, junit, markdown, rdjson, sarif
from mldebt.render.options import Options
from mldebt.source import Problem, Span
from mldebt.trail import Stop

from .conftest import finding

OPTIONS = Options()


def run_of(report: Report, options: Options = OPTIONS) -> dict[str, Any]:
    text = sarif.render(report, options)
    assert text.isascii()
    document = json.loads(text)
    assert document["version"] == "2.1.0" and document["$schema"].endswith("/sarif-schema-2.1.0.json")
    (run,) = document["runs"]
    return dict(run)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def test_sarif_holds_what_github_requires(report: Report) -> None:
    run = run_of(report)
    assert "" not in strings(run)
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert all(len(rule[key]["text"]) <= 1024 for key in ("shortDescription", "fullDescription"))
        assert rule["help"]["text"] and len(rule["properties"]["tags"]) <= 20
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        assert region["startLine"] == region["endLine"] >= 1
        assert 1 <= region["startColumn"] < region["endColumn"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    assert run["columnKind"] == "unicodeCodePoints"


def test_sarif_names_hostile_paths_and_texts_harmlessly(report: Report) -> None:
    first, second = run_of(report)["results"][:2]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "b%0A%3A%3Aerror%3A%3Apwned.py"
    assert first["message"]["text"].startswith("\\[/x\\].py is read, ")
    assert "[other.py:1](1)" in first["message"]["text"]
    steps = first["codeFlows"][0]["threadFlows"][0]["locations"]
    uris = [step["location"]["physicalLocation"]["artifactLocation"]["uri"] for step in steps]
    assert uris == ["%5B/x%5D.py", "non%FF.py", "note.ipynb"]
    assert steps[2]["location"]["physicalLocation"]["region"]["startLine"] == 61
    assert second["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 88, "startColumn": 1, "endLine": 88, "endColumn": 2,
    }  # fmt: skip
    assert not any(character in text for text in strings(run_of(report)) for character in "\x1b\u202e\udcff")


def test_sarif_tells_fingerprints_and_what_is_known() -> None:
    found = (
        finding(1, line_hash="abc:1"),
        finding(2, suppressed=True, suppressed_by="baseline"),
        finding(3, suppressed=True, suppressed_by="comment"),
    )
    new, known, excused = run_of(Report(".", found, (), Stats(), baseline=True))["results"]
    assert new["partialFingerprints"] == {"primaryLocationLineHash": "abc:1", "mldebt/v1": f"{1:032x}"}
    assert "primaryLocationLineHash" not in known["partialFingerprints"]
    assert [one["baselineState"] for one in (new, known, excused)] == ["new", "unchanged", "new"]
    assert [one.get("suppressions") for one in (new, known, excused)] == [
        None, [{"kind": "external"}], [{"kind": "inSource"}],
    ]  # fmt: skip


def test_sarif_stands_on_the_line_of_the_change_and_leads_to_the_best_place() -> None:
    trail = (Stop(Span("a.py", 1), "writes: x"), Stop(Span("b.py", 7), "reads: x"))
    found = tuple(finding(1, trail=trail, symbol="load", line_hash="abc:1", changed=at) for at in (2, 0, -1))
    moved, own, nowhere = run_of(Report(".", found, (), Stats(), base="main"))["results"]
    place = moved["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("b.py", 7)
    assert moved["message"]["text"].startswith("This line is step 2 of 2 of what is found at dashboard/app.py:4: ")
    assert "See also [dashboard/app.py:4](1)." in moved["message"]["text"]
    (related,) = moved["relatedLocations"]
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "dashboard/app.py"
    assert set(moved["partialFingerprints"]) == {"mldebt/v1"} and "logicalLocations" not in moved["locations"][0]
    for one in (own, nowhere):
        assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "dashboard/app.py"
        assert "relatedLocations" not in one and "primaryLocationLineHash" in one["partialFingerprints"]


def test_sarif_says_what_it_leaves_out_and_what_was_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_RESULTS", 2)
    problems = (Problem(Span("a.py", 3), "syntax", "invalid syntax", "mend it"), Problem(Span("b.py", 1), "bound", "x"))
    run = run_of(Report(".", tuple(finding(n) for n in range(1, 6)), problems, Stats(), complete=False))
    assert len(run["results"]) == 2
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [one["message"]["text"] for one in invocation["toolExecutionNotifications"]] == [
        "invalid syntax. mend it", "3 findings are not in this file, which holds 2: 0 errors  3 warnings  0 notes",
    ]  # fmt: skip


def test_paths_count_from_the_top_of_the_work_tree() -> None:
    options, report = Options(prefix="services/ml"), Report(".", (finding(),), (), Stats())
    place = run_of(report, options)["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "services/ml/dashboard/app.py"
    assert json.loads(gitlab.render(report, options))[0]["location"]["path"] == "services/ml/dashboard/app.py"
    (told,) = json.loads(rdjson.render(report, options))["diagnostics"]
    assert told["location"] == {"path": "services/ml/dashboard/app.py", "range": {"start": {"line": 4}}}


def test_markdown_lets_nothing_scanned_be_markup() -> None:
    hostile = finding(
        at=Span("a`|b.py", 1), message="[x](http://e.vil) ![p](https://t.rack) <img src=x> @team *a* | b\n# c",
    )  # fmt: skip
    text = markdown.render(Report(".", (hostile,), (), Stats()), OPTIONS)
    row = next(line for line in text.splitlines() if line.startswith("| warning"))
    assert "\\[x\\]\\(http:\u200b//e.vil\\) \\!\\[p\\]" in row
    assert "&lt;img src=x&gt; @\u200bteam \\*a\\* \\| b \\# c" in row
    assert row.replace("\\|", "").count("|") == 4
    assert "`a\u02bb\u2223b.py:1`" in row


def test_markdown_counts_what_is_new_beside_a_baseline() -> None:
    found = (finding(1), finding(2, suppressed=True, suppressed_by="baseline"))
    text = markdown.render(Report(".", found, (), Stats(), baseline=True, stale=2), Options(target="."))
    assert text.startswith("**mldebt: 1 new, 2 gone, 1 known**\n")
    assert text.count("| warning |") == 1
    assert "The same locally: `mldebt scan .`" in text
    assert "| where |" not in markdown.render(Report(".", (), (), Stats()), OPTIONS)


def test_gitlab_tells_each_finding_once() -> None:
    found = (finding(1, Severity.ERROR), finding(2), finding(3, suppressed=True))
    issues = json.loads(gitlab.render(Report(".", found, (), Stats()), OPTIONS))
    assert [issue["severity"] for issue in issues] == ["critical", "major"]
    assert len({issue["fingerprint"] for issue in issues}) == 2
    assert issues[0]["description"].startswith("undeclared-consumer: dashboard reads")
    assert json.loads(gitlab.render(Report(".", (), (), Stats()), OPTIONS)) == []


def test_junit_is_xml_whatever_was_scanned(report: Report) -> None:
    suite = ElementTree.fromstring(junit.render(report, OPTIONS)).find("testsuite")
    assert suite is not None
    told = [one for one in report.findings if not one.suppressed]
    assert (suite.get("tests"), suite.get("failures")) == (str(len(told)), str(len(told)))
    assert len(suite.findall("testcase/failure")) == len(told)
    assert {name for case in suite.findall("testcase") for name in case.attrib} == {"classname", "name"}
    passing = ElementTree.fromstring(junit.render(Report(".", (), (), Stats()), OPTIONS)).find("testsuite")
    assert passing is not None and (passing.get("tests"), passing.get("failures")) == ("1", "0")
    odd = replace(finding(), message="a\x00b\ufffe")
    assert ElementTree.fromstring(junit.render(Report(".", (odd,), (), Stats()), OPTIONS)) is not None


def test_rdjson_holds_the_trail() -> None:
    found = finding(trail=(Stop(Span("a.py", 2), "reads: x"),))
    (told,) = json.loads(rdjson.render(Report(".", (found,), (), Stats()), OPTIONS))["diagnostics"]
    assert told["related_locations"] == [
        {"message": "reads: x", "location": {"path": "a.py", "range": {"start": {"line": 2}}}}
    ]
