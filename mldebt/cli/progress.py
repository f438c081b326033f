"""One line on a terminal's standard error while a repository is read; nothing anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

Progress = Callable[[int, int], None]
REDRAW_SECONDS = 0.1


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
