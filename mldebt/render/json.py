"""The report as one JSON object, for programs; the contract is `mldebt/schemas/report.schema.json`."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import mldebt
from mldebt.findings import Finding, Report, Stats
from mldebt.render.options import Options
from mldebt.render.place import end_column, end_line, file_line
from mldebt.render.safe import without_surrogates
from mldebt.source import Problem, Span
from mldebt.trail import Stop

SCHEMA = 1


def render(report: Report, options: Options | None = None) -> str:
    """The same report gives the same bytes, all of them ASCII; suppressed findings are in it."""
    return json.dumps(_clean(document(report)), indent=2, allow_nan=False) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The object that `render` writes."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "mldebt", "version": mldebt.__version__},
        "complete": report.complete,
        "findings": [_finding(finding) for finding in report.findings],
        "problems": [_problem(problem) for problem in report.problems],
        "stats": _stats(report.stats) | {"hints_hidden": report.hints_hidden, "baseline_stale": report.stale},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    at = finding.at
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "path": at.path,
        "line": at.line,
        "column": at.column,
        "end_line": end_line(at),
        "end_column": end_column(at),
        "cell": at.cell or None,
        "file_line": file_line(at),
        "symbol": finding.symbol,
        "message": finding.message,
        "fingerprint": finding.fingerprint,
        "suppressed": finding.suppressed,
        "related": [_stop(stop) for stop in finding.related],
        "trail": [_stop(stop) for stop in finding.trail],
        "refutation": finding.refutation,
        "reach": list(finding.reach),
        "owners": list(finding.owners),
        "changed": finding.changed,
    }


def _stop(stop: Stop) -> dict[str, Any]:
    return _place(stop.at) | {"label": stop.label}


def _place(at: Span) -> dict[str, Any]:
    return {"path": at.path, "line": at.line, "end_line": end_line(at), "cell": at.cell or None}


def _problem(problem: Problem) -> dict[str, Any]:
    return _place(problem.at) | {"code": problem.code, "text": problem.text, "cure": problem.cure}


def _stats(stats: Stats) -> dict[str, Any]:
    fields = ((field.name, getattr(stats, field.name)) for field in dataclasses.fields(stats))
    return {name: dict(value) if isinstance(value, tuple) else value for name, value in fields}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value
