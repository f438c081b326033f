"""One line for each finding, for logs and editors, and a line with the counts."""

from __future__ import annotations

from mldebt.findings import Finding, Report
from mldebt.render.count import counted, levels
from mldebt.render.options import Options
from mldebt.render.place import exact
from mldebt.render.safe import finish, visible


def render(report: Report, options: Options) -> str:
    """`path:line:column: severity rule: message`, in the report's order; suppressed ones are left out."""
    shown = [finding for finding in report.findings if not finding.suppressed]
    if options.top:
        shown = shown[: options.top]
    lines = [_line(finding) for finding in shown]
    return finish("\n".join([*lines, _last(report)]), options.ascii, options.in_actions)


def _line(finding: Finding) -> str:
    return f"{exact(finding.at)}: {finding.severity.value} {finding.rule}: {visible(finding.message)}"


def _last(report: Report) -> str:
    found = [finding for finding in report.findings if not finding.suppressed]
    text = f"{counted(len(found), 'finding')} ({levels(found)})" if found else "0 findings"
    text += f" in {counted(report.stats.files, 'file')}"
    return text if report.complete else text + "; the scan is incomplete"
