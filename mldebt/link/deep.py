"""Room for what follows values and steps by recursion, as linking does."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_RECURSION = 20_000


@contextmanager
def deep() -> Iterator[None]:
    """Lets functions call themselves deeply, and collects no garbage: nothing made here is any before the end, and
    collection made linking twice as slow."""
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, _RECURSION))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()
