"""A card as Markdown: the rule's page in the documentation and what `mldebt explain` prints."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from mldebt.cards import Card

LANGUAGES = {".py": "python", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".json": "json",
             ".ipynb": "json", ".sql": "sql", ".sh": "sh"}


def render(card: Card) -> str:
    """One page; the same card gives the same bytes."""
    parts = [f"# {card.slug}", f"{card.title}.", _facts(card), card.what, "## Why it matters", card.why]
    parts += ["## What to do", card.fix]
    if card.not_when:
        parts += ["## Not reported when", card.not_when]
    if card.refutation:
        parts += ["## What would refute it", f"A finding is wrong if {_shown(card.refutation)}."]
    parts += ["## What a finding says", _messages(card)]
    parts += ["## Reported", *_files(card.bad), "## Not reported", *_files(card.good)]
    if card.references:
        parts += ["## References", "\n".join(f"- <{address}>" for address in card.references)]
    return "\n\n".join(parts) + "\n"


def _facts(card: Card) -> str:
    rows = {
        "Family": card.family,
        "Severity": card.severity,
        "Claims at most": card.confidence.value,
        "Profile": card.profile,
        "Status": f"{card.status}, since {card.since}",
        "Gives way to": ", ".join(f"[{slug}]({slug}.md)" for slug in card.yields_to),
        "Sculley et al. 2015": f"section {card.paper}" if card.paper else "",
    }
    lines = [f"| {name} | {value} |" for name, value in rows.items() if value]
    return "\n".join(["| | |", "|---|---|", *lines])


def _messages(card: Card) -> str:
    return "\n".join(f"- {_shown(text)}" for text in (card.message, *card.messages.values()))


def _shown(template: str) -> str:
    return template.replace("{", "*").replace("}", "*")


def _files(example: Mapping[str, str]) -> list[str]:
    return [_file(name, text) for name, text in example.items()]


def _file(name: str, text: str) -> str:
    language = LANGUAGES.get(posixpath.splitext(name)[1], "text")
    return f"`{name}`\n\n```{language}\n{text.strip(chr(10))}\n```"
