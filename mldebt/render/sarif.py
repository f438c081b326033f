"""The report as SARIF 2.1.0, as GitHub's code scanning wants it; other viewers read it too."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import mldebt
from mldebt.cards import Card, shipped
from mldebt.findings import Finding, Report, Severity
from mldebt.render import card as card_page
from mldebt.render.count import counted, levels
from mldebt.render.options import Options
from mldebt.render.place import end_column, end_line, file_line, short, shown_at
from mldebt.render.safe import visible
from mldebt.roles import Confidence
from mldebt.source import UNREADABLE, Problem, Span
from mldebt.trail import Stop

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 5000  # GitHub shows no more of one run
MOST_PLACES = 100
LONGEST = 1000
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_WEIGHTS = {"error": "error", "warning": "warning", "info": "recommendation"}
_PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "high", Confidence.HINT: "medium"}


def render(report: Report, options: Options) -> str:
    """The same report gives the same bytes, all of them ASCII."""
    return json.dumps(document(report, options), indent=2, allow_nan=False) + "\n"


def document(report: Report, options: Options) -> dict[str, Any]:
    """The object that `render` writes: one run, the weightiest findings first."""
    cards = shipped()
    shown = report.findings[:MOST_RESULTS]
    rules = sorted({finding.rule for finding in shown})
    index = {rule: number for number, rule in enumerate(rules)}
    driver = {"name": "mldebt", "version": mldebt.__version__, "semanticVersion": mldebt.__version__}
    run = {
        "tool": {"driver": driver | {"rules": [_rule(rule, cards.get(rule)) for rule in rules]}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the top of the repository"}}},
        "automationDetails": {"id": f"mldebt/{options.prefix}/" if options.prefix else "mldebt/"},
        "invocations": [_invocation(report, options)],
        "results": [_result(finding, index, report, options) for finding in shown],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(slug: str, card: Card | None) -> dict[str, Any]:
    if card is None:
        return {"id": slug, **{key: {"text": slug} for key in ("shortDescription", "fullDescription", "help")}}
    page = card_page.render(card)
    return {
        "id": slug,
        "name": slug,
        "shortDescription": {"text": _said(card.title)},
        "fullDescription": {"text": _said(card.what)},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": _LEVELS[Severity(card.severity)]},
        "properties": {
            "tags": ["machine-learning", "technical-debt", card.family],
            "precision": _PRECISION[card.confidence],
            "problem.severity": _WEIGHTS[card.severity],
        },
    }


def _invocation(report: Report, options: Options) -> dict[str, Any]:
    told = [_notification(problem, options) for problem in report.problems if problem.code in UNREADABLE]
    rest = report.findings[MOST_RESULTS:]
    if rest:
        text = f"{counted(len(rest), 'finding')} are not in this file, which holds {MOST_RESULTS}: {levels(rest)}"
        told.append({"level": "warning", "message": {"text": text}})
    found: dict[str, Any] = {"executionSuccessful": report.complete}
    return found | ({"toolExecutionNotifications": told} if told else {})


def _notification(problem: Problem, options: Options) -> dict[str, Any]:
    text = f"{problem.text}. {problem.cure}" if problem.cure else problem.text
    place = [{"physicalLocation": _physical(problem.at, options)}] if problem.at.path not in ("", ".") else []
    return {"level": "warning", "message": {"text": _said(text)}, "descriptor": {"id": problem.code}} | (
        {"locations": place} if place else {}
    )


def _result(finding: Finding, index: Mapping[str, int], report: Report, options: Options) -> dict[str, Any]:
    at, step = shown_at(finding)
    best = (Stop(finding.at, "the best place of it"),) if step else ()
    related = (*best, *finding.related)[:MOST_PLACES]
    location: dict[str, Any] = {"physicalLocation": _physical(at, options)}
    if finding.symbol and not step:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(finding.symbol)}]
    found: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding, related)},
        "locations": [location],
        "partialFingerprints": _prints(finding),
        "properties": {"confidence": finding.confidence.value, "reach": [visible(name) for name in finding.reach]},
    }
    if related:
        found["relatedLocations"] = [{"id": number} | _told(stop, options) for number, stop in enumerate(related, 1)]
    if finding.trail:
        steps = [{"location": _told(stop, options)} for stop in finding.trail[:MOST_PLACES]]
        found["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
    if report.baseline or report.base:
        found["baselineState"] = "unchanged" if finding.suppressed_by in ("baseline", "base") else "new"
    if finding.suppressed_by not in ("", "base"):
        found["suppressions"] = [{"kind": "inSource" if finding.suppressed_by == "comment" else "external"}]
    return found


def _prints(finding: Finding) -> dict[str, str]:
    own = {"mldebt/v1": finding.fingerprint.removeprefix("v1:")}
    of_its_line = finding.line_hash and not shown_at(finding)[1]  # the hash is that of the line of the best place
    return {"primaryLocationLineHash": finding.line_hash} | own if of_its_line else own


def _message(finding: Finding, related: tuple[Stop, ...]) -> str:
    refutation = f"Would be wrong if {finding.refutation}." if finding.refutation else ""
    said = _said(" ".join(filter(None, (shown_at(finding)[1], finding.message, finding.remedy, refutation))))
    links = ", ".join(f"[{_plain(short(stop.at))}]({number})" for number, stop in enumerate(related, 1))
    return f"{said} See also {links}." if links else said


def _told(stop: Stop, options: Options) -> dict[str, Any]:
    return {"physicalLocation": _physical(stop.at, options), "message": {"text": _said(stop.label or "here")}}


def _physical(at: Span, options: Options) -> dict[str, Any]:
    """One line, so that an alert shows in a pull request whose change holds that line; of a notebook the line in the
    file itself, where columns mean nothing."""
    start = 1 if at.cell else max(at.column, 1)
    alone = not at.cell and end_line(at) == at.line and end_column(at) > start
    region = {"startLine": file_line(at), "startColumn": start, "endLine": file_line(at),
              "endColumn": end_column(at) if alone else start + 1}  # fmt: skip
    path = posixpath.normpath(posixpath.join(options.prefix, at.path))
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    return {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": region}


def _said(text: str) -> str:
    """Text in which nothing is a link or a placeholder, and which is never empty."""
    return _plain(visible(" ".join(text.split()))[:LONGEST]) or "-"


def _plain(text: str) -> str:
    for sign in "\\[]":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("{", "{{").replace("}", "}}")
