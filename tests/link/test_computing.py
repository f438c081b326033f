"""What code computes a column as: names, order and wrappers make no difference, values and steps do."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from mldebt import analysis, forms

SAME = [
    ('t["a"] / t["b"] + 1', "1 + t.a / t.b"),
    ('t["a"].fillna(0).astype(float)', 't.get("a").fillna(0.0)'),
    ('np.log1p(t["a"].values)', 'math.log1p(float(t["a"]))'),
    ('(t["a"] > 3).astype(int)', '1 if t["a"] > 3 else 0'),
    ('t["a"].apply(lambda v: v * 2)', 't["a"] * 2'),
    ('t["a"].map(doubled)', 'doubled(t["a"])'),
    ('t.apply(lambda row: row["a"] - row["b"], axis=1)', 't["a"] - t["b"]'),
    ('t["a"].clip(LOWEST, 9)', 't["a"].clip(1, 9)'),
    ('(t["a"] > 1) & (t["b"] < 2)', '(2 > t["b"]) & (1 < t["a"])'),
    ('t["a"].isin([1, 2]).astype(int)', '1 if t["a"] in [1, 2] else 0'),
    ('t.groupby("k")["a"].shift(1)', 't.sort_values("k").groupby("k")["a"].shift(1)'),
    ('t["a"].between(7, 9)', '(7 <= t["a"]) & (t["a"] <= 9)'),
    ('t["a"].dt.dayofweek.isin([5, 6])', 't["a"].dt.weekday > 4'),
    ('t["a"].clip(lower=0, upper=5)', 'min(5, max(t["a"], 0))'),
    ('t["a"].clip(upper=5)', 'np.minimum(t["a"], 5)'),
    ('np.log(t["a"] + 1)', 'math.log1p(t["a"])'),
    ('pd.concat([t, t]).a.abs()', 't["a"].abs()'),
]
OTHER = [
    ('t["a"].fillna(0)', 't["a"].fillna(1)'),
    ('t["a"] / t["b"]', 't["b"] / t["a"]'),
    ('t["a"].clip(LOWEST, 9)', 't["a"].clip(2, 9)'),
    ('np.log1p(t["a"])', 'np.log(t["a"])'),
    ('(t["a"] / 2).astype(int)', 't["a"] / 2'),
    ('t["a"].between(7, 9)', '(7 < t["a"]) & (t["a"] <= 9)'),
    ('t["a"].dt.dayofweek.isin([4, 5])', 't["a"].dt.weekday > 3'),
    ('t["a"].dt.hour.isin([22, 23])', 't["a"].dt.hour >= 22'),
    ('t["a"].clip(lower=5)', 'np.minimum(t["a"], 5)'),
    ('t["a"].isoweekday()', 't["a"].weekday()'),
    ('t.groupby("k")["a"].shift(1)', 't.groupby("k")["b"].shift(1)'),
]
HEAD = """
import math
import numpy as np
import pandas as pd

LOWEST = 1


def doubled(value):
    return value + value
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The forms of each pair, read in one go."""
    text = HEAD
    for number, pair in enumerate([*SAME, *OTHER]):
        for side, said in zip("ab", pair, strict=True):
            name = f"{side}{number}"
            text += f'\n\ndef {name}(t):\n    t["c{number}"] = {said}\n\n\n{name}(pd.read_csv("x.csv"))\n'
    folder = tmp_path_factory.mktemp("computing")
    (folder / "steps.py").write_text(text)
    return formed(folder)


def formed(folder: Path) -> dict[str, list[str]]:
    parts = analysis.repositories((folder,), {}, ())
    graph = analysis.read_all(parts, analysis.ScanRequest(cache=False)).graph
    known: dict[str, list[str]] = defaultdict(list)
    for formula in graph.code.formulas:
        known[graph.node(formula.feature).name].append(formula.form)
    return known


@pytest.mark.parametrize("number", range(len(SAME)), ids=[one for one, _ in SAME])
def test_two_ways_to_say_one_thing_have_one_form(found: dict[str, list[str]], number: int) -> None:
    first, second = found[f"c{number}"]
    assert first == second


@pytest.mark.parametrize("number", range(len(OTHER)), ids=[one for one, _ in OTHER])
def test_what_differs_has_another_form(found: dict[str, list[str]], number: int) -> None:
    first, second = found[f"c{len(SAME) + number}"]
    assert first != second


def test_later_stores_go_on_from_earlier_ones(tmp_path: Path) -> None:
    (tmp_path / "steps.py").write_text(
        'import pandas as pd\n\ndef a(t):\n    t["x"] = t["x"].fillna(0)\n    t["x"] = t["x"] * 2\n\n'
        'def b(t):\n    t["x"] = t["x"].fillna(0) * 2\n\na(pd.read_csv("x.csv"))\nb(pd.read_csv("x.csv"))\n'
    )
    first, second = formed(tmp_path)["x"]
    assert first == second == "*(#2,fill(@x,#0))"


def test_a_form_is_shown_as_people_write_it() -> None:
    share = forms.operation("/", forms.column("debt"), forms.column("income"))
    assert forms.shown(forms.operation("fill", share, forms.constant(0))) == "fill((debt / income), 0)"
    assert forms.shown(forms.operation("map", forms.column("a,b)"), forms.constant("#(x"))) == "map(a,b), '#(x')"


def test_operators_and_constants_have_weight_and_names_of_arguments_none() -> None:
    assert forms.weight("<=(@a,@b)") == 1
    assert forms.weight("clip(@a,upper=(#5))") == 2
    assert forms.weight("list(@a,@b)") == 0
