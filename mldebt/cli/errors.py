"""Mistakes of the person asking, as messages with their cure; anything else is a bug and stays one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from mldebt import analysis
from mldebt.render.safe import visible
from mldebt.rulebook import UnknownRule


@contextmanager
def explained() -> Iterator[None]:
    """Turns mistakes in the configuration, the catalogue or a selection into click.ClickException."""
    try:
        yield
    except UnknownRule as error:
        raise click.ClickException(f"{_lines(error)}\nmldebt rules lists them.") from error
    except analysis.MISTAKES as error:
        raise click.ClickException(_lines(error)) from error


def _lines(error: Exception) -> str:
    return "\n".join(visible(line) for line in str(error).splitlines())
