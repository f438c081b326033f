"""`mldebt rules`: all rules, one line each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from mldebt.cards import Card, shipped
from mldebt.cli.commands import SUMMARIES
from mldebt.cli.options import writing
from mldebt.cli.output import check_writable, write

FORMATS = ("full", "names")


@click.command("rules", short_help=SUMMARIES["rules"])
@click.option("--output-format", "form", type=click.Choice(FORMATS), default="full", show_default=True)
@writing
def command(form: str, output: Path | None) -> int:
    """List the rules.

    They are in the order of their families; `names` prints the slugs alone.
    """
    check_writable(output)
    cards = sorted(shipped().values(), key=lambda card: (card.family, card.slug))
    write("".join(f"{card.slug}\n" for card in cards) if form == "names" else _table(cards), output)
    return 0


def _table(cards: Iterable[Card]) -> str:
    rows = [(card.family, card.slug, card.severity, card.profile, card.status, card.title) for card in cards]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    lines = []
    for row in rows:
        cells = [text.ljust(width) for text, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, row[-1]]))
    return "".join(f"{line}\n" for line in lines)
