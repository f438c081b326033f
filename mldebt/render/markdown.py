"""The report as Markdown: the summary of a job, and the one comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mldebt.findings import Finding, Report, Severity
from mldebt.render.count import counted, families, levels
from mldebt.render.options import Options
from mldebt.render.place import short
from mldebt.render.safe import visible

MOST_ROWS = 50
LONGEST = 400
WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SIGNS = re.compile(r"[\\`*_{}\[\]<>()#+!|~&-]")


def render(report: Report, options: Options) -> str:
    """A sentence with the counts, a table of what is told, and what was not followed."""
    found = [finding for finding in report.findings if not finding.suppressed]
    shown = found[: options.top or MOST_ROWS]
    parts = [f"**mldebt: {_counts(report, found)}**", *_table(shown, len(found) - len(shown)), _footer(report, options)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _counts(report: Report, found: Sequence[Finding]) -> str:
    known = sum(finding.suppressed_by in ("baseline", "base") for finding in report.findings)
    if report.baseline or report.base:
        return f"{len(found)} new, {report.stale} gone, {known} known"
    return f"{counted(len(found), 'finding')} ({levels(found)})" if found else "0 findings"


def _table(shown: Sequence[Finding], left: int) -> list[str]:
    if not shown:
        return []
    rows = ["| | where | |", "|---|---|---|", *(_row(finding) for finding in shown)]
    return ["\n".join(rows), f"{left} more: `mldebt scan . --all`" if left > 0 else ""]


def _row(finding: Finding) -> str:
    said = plain(finding.message[:LONGEST] + ("..." if len(finding.message) > LONGEST else ""))
    off = ", on no line of the change" if finding.changed == -1 else ""
    return f"| {WORDS[finding.severity]} | {code(short(finding.at))} | {said}<br>{code(finding.rule)}{off} |"


def _footer(report: Report, options: Options) -> str:
    stats = report.stats
    numbers = ", ".join(f"{plain(name)} {number}" for name, number in families(report) if number)
    lines = [numbers] if numbers else []
    if report.affected:
        told = ", ".join(counted(number, word) for word, number in report.affected)
        lines.append(f"Downstream of the changed files: {told}.")
    if stats.accesses:
        lines.append(f"Not followed: {stats.unknown} of {counted(stats.accesses, 'access', 'accesses')}.")
    if not report.complete:
        lines.append("The scan is incomplete: `mldebt problems` says why.")
    base = f" --base {report.base}" if report.base else ""
    lines.append(f"The same locally: {code(f'mldebt scan {options.target}{base}')}")
    return "  \n".join(lines)


def plain(text: str) -> str:
    """One line in which nothing is markup, a link, a picture, or a name that is called."""
    escaped = _SIGNS.sub(lambda match: f"\\{match[0]}" if match[0] not in "<>&" else _entity(match[0]),
                         visible(" ".join(text.split())))  # fmt: skip
    return escaped.replace("@", "@\u200b").replace("://", ":\u200b//")


def code(text: str) -> str:
    """One line of code, whatever it holds."""
    return f"`{visible(text).replace('`', chr(0x2BB)).replace('|', chr(0x2223))}`"


def _entity(sign: str) -> str:
    return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}[sign]
