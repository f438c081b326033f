"""`mldebt explain`: a rule's card as a page."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from mldebt.cards import load_cards, shipped_cards
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.options import writing
from mldebt.cli.output import check_writable, write
from mldebt.render import card
from mldebt.render.safe import visible


@click.command("explain", short_help=SUMMARIES["explain"])
@click.argument("rule", metavar="RULE")
@writing
def command(rule: str, output: Path | None) -> int:
    """Explain a rule, with examples.

    What it sees, why it matters, how to fix it, and when it keeps quiet. RULE is a slug, as
    findings show it. The page is Markdown.
    """
    check_writable(output)
    cards = load_cards(shipped_cards())
    if rule not in cards:
        near = difflib.get_close_matches(rule, sorted(cards), 1)
        cure = f"Did you mean {near[0]}?" if near else "mldebt rules lists them."
        raise click.ClickException(f"There is no rule {visible(repr(rule))}. {cure}")
    write(card.render(cards[rule]), output)
    return 0
