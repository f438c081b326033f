"""The variables of container files."""

from __future__ import annotations

import time

import pytest

from mldebt.extract.container_variables import container_variables


def said(text: str) -> list[tuple[str, str, str | None]]:
    return [(*one.key, one.value) for one in container_variables(text)]  # type: ignore[misc]


def test_both_forms_and_continued_lines() -> None:
    text = 'FROM x\nENV A b c\nENV B=1 C="x y" \\\n    D=2\nARG E\nARG F=3\n# ENV G=4\n'
    assert said(text) == [
        ("ENV", "A", "b c"), ("ENV", "B", "1"), ("ENV", "C", "x y"), ("ENV", "D", "2"), ("ARG", "E", None),
        ("ARG", "F", "3"),
    ]  # fmt: skip


def test_places_are_those_of_the_names() -> None:
    text = "FROM x\nENV A=1 B=2\n"
    assert [text[one.start : one.end] for one in container_variables(text)] == ["A", "B"]


def test_no_secret_is_kept() -> None:
    assert said("ENV API_TOKEN=abc\nENV PASSWORD secretive\n") == [
        ("ENV", "API_TOKEN", "***"), ("ENV", "PASSWORD", "***"),
    ]  # fmt: skip


@pytest.mark.parametrize("piece", ["ENV ", 'ENV A="', "\\\n", '"\\', "ENV A=b ", "\t "])
def test_hostile_text_takes_time_in_proportion(piece: str) -> None:
    began = time.perf_counter()
    container_variables("ENV A=" + piece * (400_000 // len(piece)))
    assert time.perf_counter() - began < 10
