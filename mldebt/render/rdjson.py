"""The report in the diagnostic format of reviewdog."""

from __future__ import annotations

import json
import posixpath
from typing import Any

from mldebt.findings import Finding, Report, Severity
from mldebt.render.options import Options
from mldebt.render.place import file_line
from mldebt.render.safe import without_surrogates
from mldebt.source import Span

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(report: Report, options: Options) -> str:
    """One diagnostic for each finding that is told. Lines only: its columns are bytes, which a report does not know."""
    told = [_diagnostic(finding, options) for finding in report.findings if not finding.suppressed]
    return json.dumps({"source": {"name": "mldebt"}, "diagnostics": told}, indent=2) + "\n"


def _diagnostic(finding: Finding, options: Options) -> dict[str, Any]:
    related = [
        {"message": without_surrogates(stop.label), "location": _location(stop.at, options)}
        for stop in (*finding.trail, *finding.related)
    ]
    return {
        "message": without_surrogates(finding.message),
        "location": _location(finding.at, options),
        "severity": SEVERITIES[finding.severity],
        "code": {"value": finding.rule},
    } | ({"related_locations": related} if related else {})


def _location(at: Span, options: Options) -> dict[str, Any]:
    path = posixpath.normpath(posixpath.join(options.prefix, at.path))
    return {"path": without_surrogates(path), "range": {"start": {"line": file_line(at)}}}
