"""Catalogues of data sets: names under which code asks for data, and where the data are.

The format: https://docs.kedro.org/en/stable/catalog-data/data_catalog/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.link.pipelines.tree import Tree
from mldebt.roles import Store

_FILE = re.compile(r"(?:(?P<home>.+)/)?conf/(?:(?P<environment>[^/]+)/)?(?P<rest>.+)\.(?:ya?ml|json)")
_PARTS = ("catalog", "parameters", "globals")
_PATHS = ("filepath", "path")
_TABLES = ("table_name", "table")
_SCHEMAS = ("database", "dataset", "schema")
_FIELD = re.compile(r"\{(\w+)\}")
_HOLE = re.compile(r"(?<!\$)\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set of a catalogue that has a place of its own: a path, the name of a table, an address, or the text of a
    `query`. `{NAME}` in its name and place stands for a part of the name that is asked for. `versioned`: each run
    keeps its own. `start` and `end` are where the place stands."""

    name: str
    place: str
    store: Store
    versioned: bool
    start: int
    end: int
    query: bool = False

    def filled(self, name: str) -> str | None:
        """Its place when it is asked for under a name that its own stands for; None for other names."""
        match = re.fullmatch("(.+)".join(map(re.escape, _FIELD.split(self.name)[::2])), name)
        if match is None:
            return None
        said: dict[str, str] = dict(zip(_FIELD.findall(self.name), match.groups(), strict=True))
        return _HOLE.sub(lambda hole: said.get(hole[1], hole[0]), self.place)

    @property
    def is_pattern(self) -> bool:
        """Whether its name stands for several."""
        return _FIELD.search(self.name) is not None

    @property
    def literal(self) -> int:
        """How many letters of its name are its own: of several patterns that fit, the one with most is meant."""
        return len(_FIELD.sub("", self.name))


def part_of_project(path: str) -> tuple[str, str, str] | None:
    """The folder of the project, the environment and the part (catalog, parameters or globals) of a file of settings
    under `conf`; None for other files."""
    match = _FILE.fullmatch(path)
    words = match["rest"].split("/") if match is not None else []
    part = next((part for word in words for part in _PARTS if word.startswith(part)), None)
    return None if match is None or part is None else (match["home"] or "", match["environment"] or "", part)


def data_sets(root: Tree) -> Iterator[DataSet]:
    """The data sets of one file of a catalogue. What begins with an underscore is there for the others to use."""
    for one in root:
        if one["type"].value and not one.name.startswith("_"):
            found = _placed(one) or (_placed(one["dataset"]) if one["dataset"].kind == "map" else None)
            place, store = found or (Tree(), Store.VIEW)
            versioned = (one["versioned"].value or "").lower() == "true"
            said = (place.value or "") if store is not Store.TABLE else _schema(one) + (place.value or "")
            query = place.name == "sql"
            yield DataSet(one.name, said, store, versioned, place.start or one.start, place.end or one.end, query)


def _placed(one: Tree) -> tuple[Tree, Store] | None:
    """What says where the data are, and in which store."""
    forms = ((_PATHS, Store.FILE), (_TABLES, Store.TABLE), (("sql",), Store.TABLE), (("url",), Store.URL))
    return next(((one[key], store) for keys, store in forms for key in keys if one[key].value), None)


def _schema(one: Tree) -> str:
    """The schema of a table, with a dot behind it; it may stand among the arguments of the reader or the writer."""
    if one["sql"]:
        return ""
    trees = (one, one["load_args"], one["save_args"])
    return next((f"{tree[key].value}." for key in _SCHEMAS for tree in trees if tree[key].value), "")
