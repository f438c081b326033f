"""Which files run before which, as pipelines, workflows, Make and shell say."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt import analysis
from mldebt.graph import EdgeKind

SCRIPTS = ("prepare.py", "src/train.py", "report.ipynb")


def ordered(root: Path, name: str, text: str) -> list[tuple[str, str, int]]:
    """The orders of a repository of three scripts, in which one file says what runs."""
    for script in SCRIPTS:
        path = root / script
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"cells": [], "nbformat": 4, "metadata": {}}' if script.endswith("ipynb") else "print(1)\n")
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    graph = analysis.read(root, analysis.ScanRequest()).graph
    return sorted(
        (edge.source.removeprefix("module:"), edge.target.removeprefix("module:"), edge.at.line)
        for edge in graph.edges(EdgeKind.ORDERS)
        if edge.source.startswith("module:")
    )


FIRST = ("prepare.py", "src/train.py")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Makefile", "train: rows\n\tpython src/train.py\nrows:\n\tpython prepare.py\n"),
        ("Makefile", "all: rows train\ntrain:\n\tpython -m src.train\nrows:\n\tpython prepare.py\n"),
        ("jobs/run.sh", "python ../prepare.py\ncd ../src && python train.py --lr 1\n"),
        ("dvc.yaml", "stages:\n  t:\n    cmd: python src/train.py\n    deps: [rows.csv]\n"
                     "  p:\n    cmd: python prepare.py\n    outs:\n      - rows.csv:\n          cache: false\n"),
        (".github/workflows/a.yml", "jobs:\n  b:\n    needs: a\n    steps:\n      - run: python src/train.py\n"
                                    "  a:\n    steps:\n      - run: |\n          ls\n          python prepare.py\n"),
    ],
)  # fmt: skip
def test_what_runs_first(tmp_path: Path, name: str, text: str) -> None:
    assert [pair[:2] for pair in ordered(tmp_path, name, text)] == [FIRST]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Makefile", "train:\n\tpython src/train.py\nrows:\n\tpython prepare.py\n"),
        ("Makefile", "a: b\n\tpython prepare.py\nb: a\n\techo nothing.py\n"),
        (".github/workflows/a.yml", "jobs:\n  b:\n    steps:\n      - run: python src/train.py\n"
                                    "  a:\n    steps:\n      - run: python prepare.py\n"),
        ("other.yaml", "jobs:\n  a:\n    run: python prepare.py\n  b:\n    needs: a\n    run: python src/train.py\n"),
        ("README.md", "python prepare.py\npython src/train.py\n"),
        ("Makefile", "a:\n\truff check prepare.py src/train.py\n\t# python prepare.py\n\t@echo python src/train.py\n"),
        ("run.sh", "chmod +x prepare.py src/train.py\npython -m pytest prepare.py\npython -c 1 src/train.py\n"),
        ("run.sh", "case $1 in\n  a) python prepare.py ;;\n  b) python src/train.py ;;\nesac\n"),
        ("run.sh", "python prepare.py # python src/train.py\ncat <<A\npython src/train.py\nA\n"),
        ("Makefile", "all:\n\tpython $(S)\n\tpython prepare.py\nifdef X\nS = src/train.py\nendif\n"),
    ],
)  # fmt: skip
def test_what_has_no_order(tmp_path: Path, name: str, text: str) -> None:
    assert ordered(tmp_path, name, text) == []


def test_a_job_that_only_waits_hands_the_order_on(tmp_path: Path) -> None:
    text = (
        "jobs:\n  a:\n    steps:\n      - run: python prepare.py\n  gate:\n    needs: a\n    uses: other\n"
        "  b:\n    needs: [gate]\n    steps:\n      - run: python src/train.py\n"
    )
    assert [pair[:2] for pair in ordered(tmp_path, ".github/workflows/a.yml", text)] == [FIRST]


def test_targets_that_need_themselves_cost_little(tmp_path: Path) -> None:
    text = "a: a b\n\tpython prepare.py\nb: a\n\tpython src/train.py\n" * 2000
    assert {pair[:2] for pair in ordered(tmp_path, "Makefile", text)} <= {FIRST, FIRST[::-1]}


def test_a_notebook_is_run_like_a_script(tmp_path: Path) -> None:
    found = ordered(tmp_path, "run.sh", "python src/train.py\npapermill report.ipynb out.ipynb\n")
    assert found == [("src/train.py", "report.ipynb", 2)]
