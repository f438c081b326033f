"""The report for GitLab's Code Quality: a list of issues, in merge requests beside the lines."""

from __future__ import annotations

import json
import posixpath

from mldebt.findings import Report, Severity
from mldebt.render.options import Options
from mldebt.render.place import end_line, file_line
from mldebt.render.safe import without_surrogates

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(report: Report, options: Options) -> str:
    """One issue for each finding that is told; GitLab hides the rule, so it begins the description."""
    issues = []
    for finding in report.findings:
        if finding.suppressed:
            continue
        at = finding.at
        last = file_line(at) if at.cell else end_line(at)
        path = posixpath.normpath(posixpath.join(options.prefix, at.path))
        issues.append({
            "description": f"{finding.rule}: {without_surrogates(finding.message)}",
            "check_name": finding.rule,
            "fingerprint": finding.fingerprint.removeprefix("v1:"),
            "severity": SEVERITIES[finding.severity],
            "location": {"path": without_surrogates(path), "lines": {"begin": file_line(at), "end": last}},
        })  # fmt: skip
    return json.dumps(issues, indent=2) + "\n"
