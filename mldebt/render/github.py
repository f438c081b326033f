"""Annotations for GitHub Actions: workflow commands, the weightiest first, as many as it shows."""

from __future__ import annotations

import posixpath
from collections import Counter

from mldebt.findings import Finding, Report, Severity
from mldebt.render.count import counted, levels
from mldebt.render.options import Options
from mldebt.render.place import end_column, end_line, file_line, shown_at
from mldebt.render.safe import break_commands, visible

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
MOST = {"error": 10, "warning": 10, "notice": 9}  # GitHub drops the eleventh; one notice is the summary's
LONGEST = 4000


def render(report: Report, options: Options) -> str:
    """One command a line: findings in the report's order, then one for what is left over."""
    used: Counter[str] = Counter()
    lines, rest = [], []
    for finding in report.findings:
        if finding.suppressed:
            continue
        command = COMMANDS[finding.severity]
        if finding.changed != -1 and used[command] < MOST[command]:
            used[command] += 1
            lines.append(_annotation(command, finding, options.prefix))
        else:
            rest.append(finding)
    summary = _summary(report, rest)
    if summary:
        lines.append(f"::notice title=mldebt::{_data(summary)}")
    return "".join(f"{line}\n" for line in lines)


def _annotation(command: str, finding: Finding, prefix: str) -> str:
    at, _ = shown_at(finding)
    properties = {"file": posixpath.normpath(posixpath.join(prefix, at.path)), "line": str(file_line(at))}
    if not at.cell:  # Columns and ends of a notebook cell mean nothing in the file itself.
        properties["endLine"] = str(end_line(at))
        if end_line(at) == at.line:
            properties |= {"col": str(at.column), "endColumn": str(end_column(at))}
    properties["title"] = f"mldebt {finding.rule} ({finding.confidence.value})"
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {told}::{_data(*_sentences(finding))}"


def _sentences(finding: Finding) -> tuple[str, ...]:
    refutation = f"Would be wrong if {finding.refutation}." if finding.refutation else ""
    _, step = shown_at(finding)
    return tuple(filter(None, (step, finding.message, finding.remedy, refutation)))


def _summary(report: Report, rest: list[Finding]) -> str:
    parts = []
    if rest:
        more = counted(len(rest), "more finding")
        parts.append(f"{more} without an annotation: {levels(rest, ', ')}. mldebt scan lists them.")
    if off := sum(finding.changed == -1 for finding in rest):
        parts.append(f"{off} of them stand on no line of the change, nor does their trail, and fail nothing.")
    if not report.complete:
        parts.append("The scan is incomplete; mldebt problems says why.")
    return " ".join(parts)


def _data(*lines: str) -> str:
    text = "\n".join(break_commands(visible(line)) for line in lines)
    return _encoded(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")


def _property(text: str) -> str:
    # Encoded first: a line break in a file name must reach GitHub as it is.
    return visible(_encoded(text).replace(":", "%3A").replace(",", "%2C"))


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
