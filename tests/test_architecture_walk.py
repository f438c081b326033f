"""The walk of one value in ARCHITECTURE.md is what the code prints, and stays so."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def walk() -> ModuleType:
    """The script that writes the section; it stands with the documentation, not in the package."""
    spec = importlib.util.spec_from_file_location("walk", ROOT / "docs" / "walk.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_walk_shows_what_the_code_does_now(walk: ModuleType) -> None:
    page = walk.PAGE.read_text("utf-8")
    assert page == walk.written(page, walk.section()), "`make docs` writes it anew"


def test_the_walk_goes_from_the_constant_to_the_model(walk: ModuleType) -> None:
    """Whatever the wording: each stage is there, and names the same file."""
    text = walk.section()
    helper = "model_file($version) -> <root>/models/{$version}/churn.joblib"
    for stage in ("MODELS = <root>/models", helper, "anchor   repository", "reads ", "predicts "):
        assert stage in text
    assert text.count("churn.joblib") >= 5


def test_a_page_without_its_marks_is_refused(walk: ModuleType) -> None:
    with pytest.raises(ValueError, match="marks"):
        walk.written("# How it works\n", "text")
