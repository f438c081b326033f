"""The last block of the terminal's output: counts, what was read, and what was not followed."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence

from mldebt.findings import Finding, Report, Severity
from mldebt.render.count import busiest_folder, counted, families, is_low, levels
from mldebt.render.options import Options
from mldebt.render.place import short
from mldebt.render.safe import visible

MOST_TOLD = 5
_OWN = "mldebt"  # the family of what mldebt could not read: named where there is some of it
_KEPT = "\N{NO-BREAK SPACE}"


def summary(report: Report, shown: Sequence[Finding], options: Options) -> list[str]:
    """The lines below the findings, `shown` being those above."""
    counts = [*_counts(report, shown), *_change(report), *_stale(report), *_families(report)]
    lines = [_rule(options), *counts, *_read(report), *_followed(report)]
    lines += [*_excuses(report), *(f" {visible(note)}" for note in report.notes)]
    lines += ["", *_warning(report), ""] if is_low(report.stats) else []
    lines.append(_last(shown, options))
    return [part.replace(_KEPT, " ") for line in lines for part in _fitted(line, options.width)]


def _rule(options: Options) -> str:
    return " " + ("-" if options.ascii else "─") * (max(options.width, 40) - 2)


def _counts(report: Report, shown: Sequence[Finding]) -> list[str]:
    found = [finding for finding in report.findings if not finding.suppressed]
    number = counted(len(found), "finding")
    text = f" {number}" if len(shown) == len(found) else f" {len(shown)} of {number}"
    text += f"   {levels(found)}" if found else ""
    known = sum(finding.suppressed_by in ("baseline", "base") for finding in report.findings)
    hidden = len(report.findings) - len(found) - known
    where = f"unchanged since {visible(report.base)}" if report.base else "in the baseline"
    text += f"   {known} {where}" if known else ""
    text += f"   {hidden} suppressed" if hidden else ""
    if report.hints_hidden:
        text += f"   ({counted(report.hints_hidden, 'hint')} not counted: --min-confidence hint)"
    return [text]


def _change(report: Report) -> list[str]:
    """How many findings of a change have no place in it, as what it deleted may have been the last use of a thing; and
    what the change may change further down."""
    off = sum(finding.changed == -1 and not finding.suppressed for finding in report.findings)
    stand = "stands" if off == 1 else "stand"
    told = ", ".join(counted(number, word) for word, number in report.affected)
    lines = [f" {off} of them {stand} on no line of the change, nor does the trail: that fails no run."] if off else []
    return [*lines, f" Downstream of the changed files: {told}."] if told else lines


def _stale(report: Report) -> list[str]:
    if not report.stale:
        return []
    are = "is" if report.stale == 1 else "are"
    if report.base:
        return [f" {counted(report.stale, 'finding')} of {visible(report.base)} {are} gone."]
    return [f" {counted(report.stale, 'finding')} of the baseline {are} gone.  mldebt baseline prune drops them."]


def _families(report: Report) -> list[str]:
    numbers = [(name, number) for name, number in families(report) if number or name != _OWN]
    said = (f"{visible(name)} {number}".replace(" ", _KEPT) for name, number in numbers)
    return [" " + "   ".join(said)] if numbers else []


def _read(report: Report) -> list[str]:
    stats = report.stats
    text = f" Read {counted(stats.files, 'file')}, {stats.unreadable} unreadable."
    if stats.tests:
        text += f"  {counted(stats.tests, 'test file')}: only for what they link; no findings in them."
    lines = [text]
    if stats.foreign:
        said = "only for what they link, too.  mldebt files says which."
        lines.append(f" {counted(stats.foreign, 'file')} of projects of others: {said}")
    if not report.complete:
        lines.append(" Incomplete: something failed or ran out of time.  mldebt problems says what.")
    return lines


def _followed(report: Report) -> list[str]:
    stats = report.stats
    if not stats.accesses:
        return [" No place that reads or writes data was recognised."]
    share = round(100 * stats.unknown / stats.accesses)
    total = counted(stats.accesses, "access", "accesses")
    folder = visible(busiest_folder(report))
    most = f", most in {folder}" if folder and stats.unknown else ""
    line = f" Not followed: {stats.unknown} of {total} ({share}%){most}."
    return [line + ("  mldebt problems lists them." if stats.unknown else "")]


def _excuses(report: Report) -> list[str]:
    """The excuses in comments and in the configuration that are over, hide nothing or are not understood."""
    told = [problem for problem in report.problems if problem.code == "suppression"]
    shown = [f"   {short(one.at)}  {visible(one.text)}: {visible(one.cure)}" for one in told[:MOST_TOLD]]
    left = len(told) - len(shown)
    more = [f"   and {left} more: --output-format json lists them"] if left else []
    return [f" {counted(len(told), 'excuse')} to look at:", *shown, *more] if told else []


def _warning(report: Report) -> list[str]:
    stats = report.stats
    weighty = any(f.severity is not Severity.INFO and not f.suppressed for f in report.findings)
    followed = f"{stats.accesses - stats.unknown} of {stats.accesses} accesses were followed"
    start = f" Only {followed}" if weighty else f" Nothing at warning or above, but only {followed}"
    lines = [start + ": this result says little."]
    if stats.unknown_calls:
        name, times = min(stats.unknown_calls, key=lambda call: (-call[1], call[0]))
        often = "once" if times == 1 else f"{times} times"
        lines += [
            f" Unknown call met most often: {visible(name)} ({often}).",
            " If it reads data, one row of your own makes it known:",
            f"   mldebt catalogue add {visible(shlex.quote(name))} --role read --target 0",
        ]
    return lines


def _last(shown: Sequence[Finding], options: Options) -> str:
    parts = [] if options.elapsed is None else [f"{options.elapsed:.1f} s"]
    parts += [f"mldebt explain {shown[0].rule}"] if shown else []
    parts += [] if options.exit_code is None else [f"exit {options.exit_code}"]
    return " " + "      ".join(parts)


def _fitted(line: str, width: int) -> list[str]:
    if len(line) <= width or line.startswith("   "):
        return [line]
    return textwrap.wrap(
        line, max(width, 40), initial_indent="", subsequent_indent=" ", drop_whitespace=True,
        break_long_words=False, break_on_hyphens=False,
    )
