"""Bounds: each that linking can meet is told in words."""

from __future__ import annotations

import re
from pathlib import Path

from mldebt import link
from mldebt.findings import Report
from mldebt.link.pool import Pool
from tests.scanning import scan


def test_each_bound_that_is_counted_has_words() -> None:
    texts = [file.read_text("utf-8") for file in Path(link.__file__).parent.rglob("*.py")]
    counted = {name for text in texts for name in re.findall(r"(?:pool|self)\.count\(\"(\w+)\"\)", text)}
    assert hasattr(Pool, "count") and counted == set(link.MET)


_STORED = """
class Job:
    def keep(self):
        {stores}

    def told(self):
        return self.{name}.upper()
"""


def test_a_field_that_is_stored_from_itself_is_followed_once(tmp_path: Path) -> None:
    found = _scanned(tmp_path, ("self.name = self.other", "self.other = self.name"))
    assert found.complete and "fields" not in dict(found.stats.bounds)


def test_fields_stored_from_one_another_are_followed_as_far_as_the_bound(tmp_path: Path) -> None:
    chain = tuple(f"self.part_{n} = self.part_{n + 1}" for n in range(5000))
    found = _scanned(tmp_path, (*chain, "self.part_5000 = 'x'"))
    assert found.complete and dict(found.stats.bounds)["fields"] == 1


def _scanned(root: Path, stores: tuple[str, ...]) -> Report:
    name = stores[0].partition(" ")[0].removeprefix("self.")
    text = _STORED.format(stores="\n        ".join(stores), name=name)
    (root / "job.py").write_text(text, "utf-8")
    return scan(root, ("untested-data",))


_PREPARED = """
import pandas as pd


def prepare(rows: pd.DataFrame) -> None:
    {columns}
    rows.to_csv("data/rows.csv")


prepare(pd.read_csv("data/visits.csv"))
"""
_TAUGHT = """
import pandas as pd
from sklearn.linear_model import Ridge

rows = pd.read_csv("data/rows.csv")
Ridge().fit(rows[["b_1"]], rows["days"])
"""


def test_what_a_long_preparation_stores_is_kept(tmp_path: Path) -> None:
    columns = (f'rows["b_{n}"] = rows["a"].rolling({n}).mean()' for n in range(1, 300))
    (tmp_path / "prepare.py").write_text(_PREPARED.format(columns="\n    ".join(columns)), "utf-8")
    (tmp_path / "train.py").write_text(_TAUGHT, "utf-8")
    found = scan(tmp_path, ("unversioned-artifact",))
    assert dict(found.stats.bounds)["effects"] and [one.at.path for one in found.findings] == ["prepare.py"]
