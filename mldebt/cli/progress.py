"""What is said on standard error while a repository is read: how far it is, to a terminal; warnings, to everybody."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

from mldebt.render.safe import visible

Progress = Callable[[int, int], None]
REDRAW_SECONDS = 0.1


def warning() -> Callable[[str], None]:
    """A callback that tells a warning, each only once."""
    told: set[str] = set()

    def tell(text: str) -> None:
        if text not in told:
            told.add(text)
            click.echo(f"Warning: {visible(text)}", err=True)

    return tell


def progress() -> Progress | None:
    """A callback that is told (files read, files found), or None when nobody is looking."""
    stream = sys.stderr
    if stream is None or not stream.isatty():
        return None
    drawn = 0.0

    def show(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        if done >= total:
            stream.write("\r\x1b[K")
        elif now - drawn > REDRAW_SECONDS:
            drawn = now
            stream.write(f"\rReading {done} of {total} files\x1b[K")
        stream.flush()

    return show
