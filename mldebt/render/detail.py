"""One finding whole: all of its evidence, what is known of it, what its rule is about, and how to excuse it."""

from __future__ import annotations

from mldebt.cards import Card
from mldebt.findings import Finding
from mldebt.render.options import Options
from mldebt.render.place import short_id
from mldebt.render.safe import finish
from mldebt.render.terminal import NARROWEST, entry, wrapped

EVERYTHING = 1_000
HIDDEN = {
    "baseline": "it is in the baseline",
    "base": "it was there before",
    "comment": "a comment excuses it",
    "per-file-ignores": "per-file-ignores of the configuration excuse it",
    "exception": "an exception of the configuration excuses it",
}


def render(finding: Finding, card: Card, options: Options) -> str:
    """The page of a finding of the rule `card`."""
    width = max(options.width, NARROWEST)
    lines = [*entry(1, finding, options, EVERYTHING), ""]
    lines += wrapped(f"Rule: {card.title}. {card.what}", "   ", width)
    lines += ["", *wrapped(f"To mend it: {card.fix}", "   ", width), ""]
    lines += [f"   fingerprint   {finding.fingerprint}"]
    lines += [f"   hidden        {HIDDEN[finding.suppressed_by]}"] if finding.suppressed else []
    lines += [f"   the rule      mldebt explain {finding.rule}"]
    if not finding.suppressed:
        lines.append(f"   excuse it     # mldebt: ignore[{finding.rule}] REASON")
        lines.append(f"                 mldebt ignore {short_id(finding.fingerprint)} --reason REASON --until DATE")
    return finish("\n".join(lines), options.ascii, options.in_actions)

