"""How many findings each rule has, for a first look and for numbers over time."""

from __future__ import annotations

from collections import Counter

from mldebt.findings import Report, Severity
from mldebt.render.count import counted, levels
from mldebt.render.options import Options
from mldebt.render.safe import finish


def render(report: Report, options: Options) -> str:
    """`count  severity  rule  title`, the commonest first; hidden findings are counted in the last line."""
    found = [finding for finding in report.findings if not finding.suppressed]
    numbers = Counter((finding.rule, finding.title, finding.severity) for finding in found)
    severities = tuple(Severity)
    ordered = sorted(numbers, key=lambda one: (-numbers[one], severities.index(one[2]), one[0]))
    width = max((len(rule) for rule, _, _ in numbers), default=0)
    lines = [
        f"{numbers[one]:>6}  {one[2].value:<7}  {one[0]:<{width}}  {one[1]}".rstrip() for one in ordered
    ]
    hidden = len(report.findings) - len(found)
    last = f"{len(found):>6}  in all: {levels(found)}" if found else f"{0:>6}  in all"
    last += f"; {counted(hidden, 'finding')} hidden" if hidden else ""
    return finish("\n".join([*lines, last]), options.ascii, options.in_actions)
