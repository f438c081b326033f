"""Mistakes of the person asking, as messages with their cure; anything else is a bug and stays one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from mldebt import analysis
from mldebt.config import CannotAmend
from mldebt.inquiry import NotOne
from mldebt.render.safe import visible
from mldebt.rulebook import UnknownRule
from mldebt.runs import BadRun
from mldebt.why_not import NoPlace


@contextmanager
def explained() -> Iterator[None]:
    """Turns mistakes in the configuration, the catalogue or a selection into click.ClickException."""
    try:
        yield
    except UnknownRule as error:
        raise click.ClickException(f"{_lines(error)}\nmldebt rules lists them.") from error
    except (*analysis.MISTAKES, CannotAmend, NotOne, NoPlace, BadRun) as error:
        raise click.ClickException(_lines(error)) from error


def _lines(error: Exception) -> str:
    return "\n".join(visible(line) for line in str(error).splitlines())
