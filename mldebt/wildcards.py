"""Names against patterns of `*`: what a catalogue says of families of calls, and what files are called."""

from __future__ import annotations

from fnmatch import fnmatchcase


def fits(name: str, pattern: str) -> bool:
    """As `fnmatchcase`, which makes a regular expression of each pattern that it is asked for: most names differ before
    the first star or behind the last one, and few patterns are asked often enough to be worth one."""
    if "?" in pattern or "[" in pattern:
        return fnmatchcase(name, pattern)
    head, star, rest = pattern.partition("*")
    if not star:
        return name == pattern
    tail = rest.rpartition("*")[2]
    ends = len(name) >= len(head) + len(tail) and name.startswith(head) and name.endswith(tail)
    return ends and ("*" not in rest or fnmatchcase(name, pattern))
