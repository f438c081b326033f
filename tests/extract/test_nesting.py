"""Nests that a parser would choke on are known before it gets them."""

from __future__ import annotations

import json

import pytest

from mldebt.extract import read
from mldebt.extract.nesting import DEEPEST, too_deep
from mldebt.source import Kind


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("([{" * 100 + "}])" * 100, DEEPEST),
        ("f(1)\n" * 2000, None),
        ("'''" + "(" * 2000 + "'''", None),
        ('x = "' + "[" * 2000 + '\\""', None),
        ("#" + "{" * 2000 + "\n()", None),
        (")" * 2000 + "(" * 2000, 2000 + DEEPEST),
        ("(" * DEEPEST, None),
        ("é(" * (DEEPEST + 1), 2 * DEEPEST + 1),
    ],
)
def test_the_place_of_the_bracket_that_is_too_much(text: str, place: int | None) -> None:
    assert too_deep(text) == place


def test_a_deep_nest_is_a_trouble_at_its_place() -> None:
    facts = read(Kind.PYTHON, b"y = 1\nx = " + b"(" * 5000 + b"1" + b")" * 5000)
    assert [(trouble.code, trouble.start) for trouble in facts.troubles] == [("too-deep", 10 + DEEPEST)]


def test_a_nest_that_python_takes_is_read() -> None:
    assert read(Kind.PYTHON, b"x = " + b"(" * DEEPEST + b"1" + b")" * DEEPEST).troubles == ()


def test_only_the_deep_cell_of_a_notebook_is_lost() -> None:
    cells = ["a = 1\n", "b = " + "[" * 5000 + "]" * 5000, "c = 3\n"]
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells], "nbformat": 4}
    facts = read(Kind.NOTEBOOK, json.dumps(notebook).encode())
    assert [trouble.code for trouble in facts.troubles] == ["too-deep"]
    assert [name for name, _ in facts.units[0].exports] == ["a", "c"]
