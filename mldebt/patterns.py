"""Gitignore patterns with bounds, so that a hostile one can neither crash nor stall a scan."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MOST_PATTERNS = 5_000
LONGEST_PATTERN = 500
# Each star costs a factor of the name's length when a match fails.
MOST_STARS = 4


@dataclass(frozen=True, slots=True)
class Patterns:
    """Compiled patterns, in order; the last one that matches decides."""

    spec: GitIgnoreSpec

    def decide(self, path: str) -> bool | None:
        """Whether `path` (POSIX, relative, a folder ends with `/`) matches; None if nothing speaks of it."""
        return self.spec.check_file(path).include


def compile_patterns(lines: Iterable[str]) -> tuple[Patterns, tuple[tuple[int, str], ...]]:
    """The patterns of `lines`, and what was left out: line number (from 1) and the reason."""
    from pathspec import GitIgnoreSpec

    kept: list[Any] = []
    bad = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, line in enumerate(lines, 1):
            reason = "too many patterns" if len(kept) >= MOST_PATTERNS else _too_costly(line)
            if not reason:
                try:
                    kept += GitIgnoreSpec.from_lines([line]).patterns
                except (ValueError, re.error):
                    reason = "not a valid pattern"
            if reason:
                bad.append((number, reason))
    return Patterns(GitIgnoreSpec(kept)), tuple(bad)


def _too_costly(line: str) -> str:
    if len(line) > LONGEST_PATTERN:
        return f"longer than {LONGEST_PATTERN} characters"
    parts = line.split("/")
    deep = sum(part == "**" for part in parts)
    stars = max(len(re.findall(r"\*+", part)) for part in parts)
    return f"more than {MOST_STARS} wildcards" if max(deep, stars) > MOST_STARS else ""
