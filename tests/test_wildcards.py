"""Names and patterns, held against `fnmatchcase`."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import product

from mldebt.wildcards import fits


def test_a_pattern_fits_as_fnmatch_says() -> None:
    letters = ("", "a", "b", ".", "*")
    patterns = {"".join(parts) for parts in product(letters, repeat=4)} | {"a?", "[ab].*", "*[!a]"}
    names = {"".join(parts) for parts in product(("", "a", "b", ".", "\n"), repeat=4)}
    wrong = [(name, one) for one in patterns for name in names if fits(name, one) is not fnmatchcase(name, one)]
    assert not wrong
