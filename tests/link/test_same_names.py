"""Which of several files of one name is meant by a word that says no more than it."""

from __future__ import annotations

import pytest

from mldebt.link.same_names import SameNames

PATHS = ("main.py", "a/main.py", "b/main.py", "b/old/main.py", "c/x/main.py", "c/y/main.py", "once.py")


@pytest.mark.parametrize(
    ("place", "words", "meant"),
    [
        ("Makefile", {"main.py"}, {"main.py"}),
        ("b/Makefile", {"main.py"}, {"b/main.py"}),
        ("c/Makefile", {"main.py"}, {"c/x/main.py", "c/y/main.py"}),
        ("b/Makefile", {"main", "old"}, {"b/main.py", "b/old/main.py"}),
        (".tools/ci/run", {"main.py"}, {"main.py"}),
        ("docs/Makefile", {"main.py"}, set(PATHS) - {"once.py"}),
        ("Makefile", {"once.py"}, set(PATHS) - {"once.py"}),
    ],
)
def test_the_one_beside_or_the_uppermost_is_meant(place: str, words: set[str], meant: set[str]) -> None:
    names = SameNames(PATHS, {place: words})
    assert {path for path in PATHS if names.means(path)} == meant | {"once.py"}


def test_each_place_means_its_own() -> None:
    names = SameNames(PATHS, {"a/Makefile": {"main.py"}, "b/Makefile": {"main.py"}})
    assert {path for path in PATHS if names.means(path)} == {"a/main.py", "b/main.py", "once.py"}
