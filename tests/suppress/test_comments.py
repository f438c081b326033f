"""Comments that excuse findings: the lines they speak of in each format, and what is told of those that do nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mldebt import extract
from mldebt.findings import Finding, Severity
from mldebt.roles import Confidence
from mldebt.source import Kind, Purpose, SourceFile, Span
from mldebt.suppress.comments import COMMENT, Excuse, excused, excuses, unused
from mldebt.trail import Stop

KNOWN = ("made-up", "other")


def told(text: str, name: str = "a.py", kind: Kind = Kind.PYTHON) -> tuple[tuple[Excuse, ...], list[str]]:
    source = SourceFile(name, kind, Purpose.PRODUCTION, "", len(text))
    found, wrong = excuses([(source, extract.read(kind, text.encode(), name))], KNOWN)
    return found, [f"{one.at.line}: {one.text}; {one.cure}" for one in wrong]


def lines(text: str, name: str = "a.py", kind: Kind = Kind.PYTHON) -> list[tuple[int, int]]:
    found, wrong = told(text, name, kind)
    assert not wrong
    return [(one.first, one.last) for one in found]


@pytest.mark.parametrize(
    ("text", "spoken_of"),
    [
        ("x = 1  # mldebt: ignore[made-up] it has to be\n", (1, 1)),
        ("x = 1  # noqa: E501  # mldebt: ignore[made-up]\n", (1, 1)),
        ("# mldebt: ignore[made-up]\n# and more words\n\nx = f(\n    1,\n)\ny = 2\n", (4, 6)),
        ("# mldebt: ignore[made-up]\ndef f(a):\n    b = a\n    return b\n\nf(1)\n", (2, 4)),
        ("import m\n\n\n# mldebt: ignore[made-up]\n@m.task\ndef f(a):\n    return a\n", (5, 7)),
        ("# mldebt: ignore[made-up]\nclass A:\n    x = 1\n\n    def f(self):\n        return 2\n\ny = 1\n", (2, 6)),
        ("if a:\n    # mldebt: ignore[made-up]\n    with b() as c:\n        c.d()\n        c.e()\nf()\n", (3, 5)),
        ("# mldebt: ignore[made-up]\nfor a in b:\n    a()\n    a.c()\nd()\n", (2, 4)),
        ("x = 1\n# mldebt: ignore-file[made-up] made by a program\ny = 2\n", (0, 0)),
        ("x = 1\n# mldebt: ignore[made-up]\n", (2, 2)),
    ],
)
def test_the_lines_that_a_comment_in_python_speaks_of(text: str, spoken_of: tuple[int, int]) -> None:
    assert lines(text) == [spoken_of]


@pytest.mark.parametrize(
    ("name", "kind", "text", "spoken_of"),
    [
        ("a.yaml", Kind.SETTINGS, "a: 1  # mldebt: ignore[made-up] so\nb: 2\n", [(1, 1)]),
        ("a.yaml", Kind.SETTINGS, "# mldebt: ignore[made-up]\na:\n  b: 1\n  c: 2\nd: 3\n", [(2, 4)]),
        ("a.yaml", Kind.SETTINGS, "a: |\n  # mldebt: ignore[made-up]\n  text\nb: 2\n", []),
        ("a.yaml", Kind.SETTINGS, 'a: "x # mldebt: ignore[made-up]"\n', []),
        ("a.toml", Kind.SETTINGS, '[a]\n# mldebt: ignore[made-up]\nb = 1\nc = "# mldebt: ignore[made-up]"\n', [(3, 3)]),
        ("a.ini", Kind.SETTINGS, "[a]\n; mldebt: ignore[made-up]\nb = 1\n", [(3, 3)]),
        ("a.sql", Kind.SQL, "-- mldebt: ignore[made-up] so\nselect a\nfrom b;\nselect c from d;\n", [(2, 3)]),
        ("a.sql", Kind.SQL, "select '-- mldebt: ignore[made-up]' from b;\n", []),
        ("requirements.txt", Kind.REQUIREMENTS, "numpy  # mldebt: ignore[made-up]\n", [(1, 1)]),
        ("Makefile", Kind.COMMANDS, "# mldebt: ignore[made-up]\nall:\n\tpython a.py\n", [(2, 3)]),
    ],
)
def test_other_formats_have_their_own_comments(
    name: str, kind: Kind, text: str, spoken_of: list[tuple[int, int]]
) -> None:
    assert lines(text, name, kind) == spoken_of


def test_a_cell_of_a_notebook_counts_its_own_lines() -> None:
    cells = [
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"], "metadata": {}, "outputs": [], "execution_count": 1},
        {"cell_type": "code", "source": ["# mldebt: ignore[made-up]\n", "z = f(\n", "  1)"], "metadata": {},
         "outputs": [], "execution_count": 2},
    ]  # fmt: skip
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    found, _ = told(text, "a.ipynb", Kind.NOTEBOOK)
    assert [(one.at.cell, one.first, one.last) for one in found] == [(2, 2, 3)]


def test_a_comment_at_the_end_of_a_cell_does_not_speak_of_the_next() -> None:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": 1}
        for source in (["x = 1\n", "# mldebt: ignore[made-up]"], ["y = f(\n", "  1)"], ["# mldebt: ignore[made-up]"])
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    found, wrong = told(text, "a.ipynb", Kind.NOTEBOOK)
    spoken_of = sorted((one.at.cell, one.first, one.last) for one in found)
    assert (spoken_of, wrong) == ([(1, 2, 2), (3, 1, 1)], [])


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("# mldebt: ignore[made-down] x", "there is no rule 'made-down'; write made-up"),
        ("# mldebt: ignore[]", "this comment names no rule, and excuses nothing; write: mldebt: ignore[rule] reason"),
        ("# mldebt: ignore", "this comment is not understood; write: mldebt: ignore[rule] reason"),
        ("# mldebt: skip", "this comment is not understood; write: mldebt: ignore[rule] reason"),
    ],
)
def test_a_comment_that_does_nothing_is_told(comment: str, said: str) -> None:
    assert told(f"x = 1  {comment}\n")[1] == [f"1: {said}"]


def test_text_that_only_speaks_of_comments_is_no_excuse() -> None:
    text = 's = "# mldebt: ignore[made-up]"\n"""\n# mldebt: ignore[made-up]\n"""\n# the guide of mldebt: it is long\n'
    assert told(text)[0] == ()


def finding(rule: str = "made-up", line: int = 1, **changes: object) -> Finding:
    found = Finding(
        rule=rule, severity=Severity.WARNING, confidence=Confidence.LIKELY, at=Span("a.py", line), symbol="",
        message="It is so.", fingerprint="v1:0",
    )  # fmt: skip
    return replace(found, **changes)


def test_any_place_of_a_finding_can_excuse_it() -> None:
    excuse = Excuse(Span("b.py", 4), ("made-up",), 5, 6)
    elsewhere = finding(trail=(Stop(Span("c.py", 1), "reads"), Stop(Span("b.py", 6), "writes")))
    beside = finding(related=(Stop(Span("b.py", 7), "also"),))
    found, used = excused([elsewhere, beside, finding(rule="other", related=elsewhere.trail)], [excuse])
    assert [one.suppressed_by for one in found] == [COMMENT, "", ""]
    assert used == {excuse}


def test_an_excuse_that_hides_nothing_is_told_where_its_rule_was_applied() -> None:
    excuse = Excuse(Span("b.py", 4), ("made-up",), 5, 6)
    (told_of,) = unused([excuse], (), KNOWN)
    assert told_of.text == "nothing is found here that ignore[made-up] would hide"
    assert not list(unused([excuse], (), ("other",)))
    assert not list(unused([excuse], (excuse,), KNOWN))
