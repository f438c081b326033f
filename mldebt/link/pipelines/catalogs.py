"""Catalogues of data sets: names under which code asks for data, and where the data are.

The format: https://docs.kedro.org/en/stable/catalog-data/data_catalog/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.link.pipelines.tree import Tree

_USE = re.compile(r"\$\{[\w.:]*?:?(\w+)\}")


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set of a catalogue; `{NAME}` in its name or path stands for anything. `kind` is the class that reads
    it, `versioned`: each run keeps its own."""

    name: str
    path: str
    kind: str
    versioned: bool
    start: int
    end: int


def data_sets(root: Tree) -> Iterator[DataSet]:
    """The data sets of a catalogue that have a place of their own."""
    for one in root:
        kind, path = one["type"].value, one["filepath"]
        if kind and path.value and not one.name.startswith("_"):
            place = _USE.sub(r"{\1}", path.value)
            yield DataSet(one.name, place, kind, one["versioned"].value in ("true", "True"), one.start, one.end)
