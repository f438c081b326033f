"""What a scan could not read or follow, and the counts behind it, as text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from mldebt.findings import Report, Stats
from mldebt.render.count import counted
from mldebt.render.options import Options
from mldebt.render.place import short
from mldebt.render.safe import finish, visible
from mldebt.source import Problem


def render(report: Report, options: Options) -> str:
    """Problems by code and place, each with its cure, then the counts."""
    lines: list[str] = []
    ordered = sorted(report.problems, key=lambda problem: (problem.code, problem.at, problem.text))
    for code, problems in groupby(ordered, key=lambda problem: problem.code):
        group = list(problems)
        lines += [f" {visible(code)}: {len(group)}", *_listed(group), ""]
    lines += [*_counts(report), *_tables(report)]
    return finish("\n".join(lines), options.ascii, options.in_actions)


def _listed(problems: Iterable[Problem]) -> Iterable[str]:
    """One line for each place and cure; what is told of one place in several words stands together."""
    for (place, cure), found in groupby(problems, key=lambda problem: (_place(problem), problem.cure)):
        texts = list(dict.fromkeys(visible(problem.text) for problem in found))
        yield from [f"   {place}  {'; '.join(texts)}"] if place else [f"   {text}" for text in texts]
        if cure:
            yield f"     cure: {visible(cure)}"


def _place(problem: Problem) -> str:
    return short(problem.at) if problem.at.path else ""


def _counts(report: Report) -> list[str]:
    stats, state = report.stats, "complete" if report.complete else "not complete"
    return [
        f" {counted(len(report.problems), 'problem')}; the scan is {state}.",
        f" {counted(stats.files, 'file')}, {stats.unreadable} unreadable, {stats.tests} of tests,"
        f" {counted(stats.lines, 'line')};"
        f" graph: {counted(stats.nodes, 'node')}, {counted(stats.edges, 'edge')}.",
        *followed(stats),
    ]


def followed(stats: Stats) -> list[str]:
    """How much is known of the places that are read and written, and why nothing is known of some."""
    words = {"path known": stats.full, "known in part": stats.pattern, "not known": stats.unknown}
    lines = [f" {counted(stats.accesses, 'place')} in the code that read or write:"]
    lines += [f"   {number:>6}  {_share(number, stats.accesses):>4}  {word}" for word, number in words.items()]
    return lines + _table("Why it is not known", stats.reasons)


def _share(number: int, whole: int) -> str:
    return f"{round(100 * number / whole)}%" if whole else "-"


def _tables(report: Report) -> Iterable[str]:
    stats = report.stats
    titles = {
        "Library calls without a catalogue row": stats.unknown_calls,
        "Bounds met": stats.bounds,
        "Files by kind": stats.kinds,
    }
    for title, rows in titles.items():
        yield from _table(title, rows)


def _table(title: str, rows: Iterable[tuple[str, int]]) -> list[str]:
    ordered = sorted(rows, key=lambda row: (-row[1], row[0]))
    lines = [f"   {number:>6}  {visible(name)}" for name, number in ordered]
    return [f" {title}:", *lines] if lines else []
