"""Bounds: each that linking can meet is told in words."""

from __future__ import annotations

import re
from pathlib import Path

from mldebt import link
from mldebt.link.pool import Pool


def test_each_bound_that_is_counted_has_words() -> None:
    texts = [file.read_text("utf-8") for file in Path(link.__file__).parent.rglob("*.py")]
    counted = {name for text in texts for name in re.findall(r"(?:pool|self)\.count\(\"(\w+)\"\)", text)}
    assert hasattr(Pool, "count") and counted == set(link.MET)
