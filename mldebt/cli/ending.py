"""How a command ends: whether all was read, and the exit code that says so."""

from __future__ import annotations

from collections.abc import Iterable

import click

from mldebt.analysis import Repository


def finished(complete: bool, parts: Iterable[Repository]) -> bool:
    """Whether everything was read and followed in time, or the configuration of every repository lets it pass."""
    return complete or all(part.config.allow_incomplete for part in parts)


def ended(whole: bool) -> int:
    """0; else 2, with a word on standard error."""
    if whole:
        return 0
    click.echo("Incomplete: something failed or ran out of time. mldebt problems says what.", err=True)
    return 2
