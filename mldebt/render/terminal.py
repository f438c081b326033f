"""The report for a person at a terminal: findings with their evidence, then what was read."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby

from mldebt.findings import Finding, Report, Severity
from mldebt.render.count import counted
from mldebt.render.options import Options
from mldebt.render.place import end_line, short, short_id
from mldebt.render.safe import finish, visible
from mldebt.render.summary import summary
from mldebt.trail import Stop

FIRST = 5
MOST_SHOWN = 8  # of the steps of a trail; of longer ones the middle is left out
LAST_SHOWN = 2
NARROWEST_DETAIL = 24
NARROWEST = 40
LABEL = 17  # the width of `would be wrong if`
WORDS = {Severity.ERROR: "error", Severity.WARNING: "warn", Severity.INFO: "note"}
COLOURS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}


def render(report: Report, options: Options) -> str:
    """The findings asked for, or the first five where nothing is configured, and a summary."""
    found = [finding for finding in report.findings if not finding.suppressed]
    shown = _chosen(found, report, options)
    lines = _opening(len(shown), report, options) if len(shown) < len(found) and not options.top else []
    for number, finding in enumerate(shown, 1):
        lines += [*entry(number, finding, options), ""]
    lines += summary(report, shown, options)
    return finish("\n".join(lines), options.ascii, options.in_actions)


def _chosen(found: Sequence[Finding], report: Report, options: Options) -> Sequence[Finding]:
    if options.top:
        return found[: options.top]
    return found if options.everything or report.configured or report.baseline or report.base else found[:FIRST]


def _opening(number: int, report: Report, options: Options) -> list[str]:
    target = visible(options.target)
    ways = [f" All of them: mldebt scan {target} --all"]
    ways += [f" Start clean from today: mldebt init{'' if target == '.' else f' {target}'}"] if options.alone else []
    line = "   ".join(ways)
    return [
        f" No configuration and no baseline here: showing the {number} findings that reach furthest.",
        *([line] if len(line) <= max(options.width, NARROWEST) else ways),
        "",
    ]


def entry(number: int, finding: Finding, options: Options, most: int = MOST_SHOWN) -> list[str]:
    """One finding with its evidence, of which so many steps and other places are listed."""
    width = max(options.width, NARROWEST)
    lines = _heading(number, finding, width, options.colour)
    lines += wrapped(visible(finding.message), "   ", width)
    if finding.remedy:
        lines += wrapped(visible(finding.remedy), "   ", width)
    for part in (_frame(finding, width), table(finding.trail, width, most), _evidence(finding, width, most)):
        if part:
            lines += ["", *part]
    return lines


def _heading(number: int, finding: Finding, width: int, colour: bool) -> list[str]:
    word, place = WORDS[finding.severity], short(finding.at)
    tail, id = finding.confidence.value, short_id(finding.fingerprint)
    plain = f" {number} {word:<5}  {finding.rule}   {tail}"
    text = plain
    if colour:
        word = f"\x1b[{COLOURS[finding.severity]}m{word:<5}\x1b[0m"
        rule = f"\x1b[1m{finding.rule}\x1b[0m"
        text = f" {number} {word}  {rule}   {tail}"
    gap = width - len(plain) - len(id) - 3 - len(place)
    return [f"{text}   {id}{' ' * gap}{place}"] if gap >= 2 else [text, f"   {place}   {id}"]


def _frame(finding: Finding, width: int) -> list[str]:
    at, digits = finding.at, max((len(str(line)) for line, _ in finding.frame), default=0)
    return [
        _cropped(
            f"   {'>' if at.line <= line <= end_line(at) else ' '} {line:>{digits}} | "
            + visible(text).expandtabs(4),
            width,
        )
        for line, text in finding.frame
    ]


def table(stops: Sequence[Stop], width: int, most: int) -> list[str]:
    """Steps as `kind  number  place  detail`; a label `reads: price` has the kind `reads`. Of many steps those at the
    beginning and at the end are shown, and how many are between them."""
    left_out = len(stops) - most if len(stops) > most + 1 else 0
    before = len(stops) if not left_out else most - LAST_SHOWN
    rows = [
        (number, *_split(visible(stop.label)), short(stop.at))
        for number, stop in enumerate(stops, 1)
        if number <= before or number > before + left_out
    ]
    kinds = max((len(kind) for _, kind, _, _ in rows), default=0)
    places = max((len(place) for _, _, _, place in rows), default=0)
    column = 5 + (kinds + 2 if kinds else 0) + 4 + places + 3
    longest = max((len(word) for _, _, detail, _ in rows for word in detail.split()), default=0)
    below = column + max(NARROWEST_DETAIL, longest) > width
    lines, last = [], ""
    for number, kind, detail, place in rows:
        if left_out and number == before + left_out + 1:
            lines.append(f"     {' ' * (kinds + 2 if kinds else 0)}    {counted(left_out, 'more step')}")
            last = ""
        heading = f"{'' if kind == last else kind:<{kinds}}  " if kinds else ""
        left = f"     {heading}{number:>2}  "
        lines += _below(left, place, detail, width) if below else _beside(left, place, detail, places, width)
        last = kind
    return lines


def _below(left: str, place: str, detail: str, width: int) -> list[str]:
    return [left + place, *(wrapped(detail, " " * (len(left) + 2), width) if detail else ())]


def _beside(left: str, place: str, detail: str, places: int, width: int) -> list[str]:
    if not detail:
        return [left + place]
    lines = wrapped(detail, " " * (len(left) + places + 3), width)
    return [f"{left}{place:<{places}}   {lines[0].lstrip()}", *lines[1:]]


def _split(label: str) -> tuple[str, str]:
    kind, colon, detail = label.partition(": ")
    if colon and len(kind) <= LABEL:
        return kind, detail
    return (label, "") if " " not in label and len(label) <= LABEL else ("", label)


def _evidence(finding: Finding, width: int, most: int) -> list[str]:
    lines: list[str] = []
    told = {stop.at for stop in finding.trail}
    others = [stop for stop in finding.related if stop.at not in told]
    for stop_label, stops in groupby(others[:most], key=lambda stop: stop.label):
        lines += _labelled(visible(stop_label) or "also", ", ".join(short(stop.at) for stop in stops), width)
    more = len(others) - most
    if more > 0:
        lines += _labelled("and", f"{counted(more, 'more place')}", width)
    if finding.reach:
        lines += _labelled("reaches", _some(finding.reach), width)
    if finding.owners:
        lines += _labelled("owners", _some(finding.owners), width)
    if finding.refutation:
        lines += _labelled("would be wrong if", visible(finding.refutation), width)
    return lines


def _labelled(label: str, text: str, width: int) -> list[str]:
    indent = 5 + LABEL + 3
    if len(label) > LABEL or width - indent < 20:
        return [*wrapped(label, "     ", width), *wrapped(text, "       ", width)]
    lines = wrapped(text, " " * indent, width)
    return [f"     {label:<{LABEL}}   {lines[0].lstrip()}", *lines[1:]]


def _some(names: Sequence[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(visible(name) for name in names[:most]) + more


def wrapped(text: str, indent: str, width: int) -> list[str]:
    """Text in lines of a width, each behind an indent; one line at least."""
    lines: Iterable[str] = textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )
    return list(lines) or [indent]


def _cropped(line: str, width: int) -> str:
    return line if len(line) <= width else line[: width - 3] + "..."
