"""`mldebt explain`: a rule's card as a page."""

from __future__ import annotations

from pathlib import Path

import click

from mldebt.cards import shipped
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.options import known_rule, writing
from mldebt.cli.output import check_writable, write
from mldebt.render import card


@click.command("explain", short_help=SUMMARIES["explain"])
@click.argument("rule", callback=known_rule, metavar="RULE")
@writing
def command(rule: str, output: Path | None) -> int:
    """Explain a rule, with examples.

    What it sees, why it matters, how to fix it, and when it keeps quiet. RULE is a slug, as
    findings show it. The page is Markdown.
    """
    check_writable(output)
    write(card.render(shipped()[rule]), output)
    return 0
