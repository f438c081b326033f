"""The table of packages: what is imported under which name, and which packages decide a result."""

from __future__ import annotations

import re
import sys

from mldebt import catalogue, packages


def test_names_lead_to_imports_and_back() -> None:
    known = packages.load()
    for root, names in known.names.items():
        assert all(root in known.roots_of(name) for name in names)
    assert known.roots_of("Scikit_Learn")[0] == "sklearn"
    assert known.roots_of("acme-io") == ("acme_io",)
    assert known.names_of("acme_io") == ("acme-io",)


def test_roots_can_be_imported_and_are_no_part_of_python() -> None:
    known = packages.load()
    roots = {*known.ml, *known.names, *(root for brought in known.brings.values() for root in brought)}
    assert all(root.isidentifier() and root not in sys.stdlib_module_names for root in roots)


def test_names_are_names_of_packages() -> None:
    known = packages.load()
    names = [name for said in known.names.values() for name in said] + list(known.brings)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_what_is_brought_along_decides_a_result() -> None:
    known = packages.load()
    assert {root for brought in known.brings.values() for root in brought} <= known.ml


def test_the_table_names_what_the_catalogue_trains_with() -> None:
    trained = {row.names[0].partition(".")[0] for row in catalogue_rows() if row.form == "class" and _is_model(row)}
    assert trained - packages.load().ml - sys.stdlib_module_names == set()


def _is_model(row: catalogue.Row) -> bool:
    return bool(row.result) and row.result[0].partition(".")[0] in ("model", "transformer", "splitter", "search")


def catalogue_rows() -> list[catalogue.Row]:
    known = catalogue.load()
    return [row for rows in known.calls.values() for row in rows] + [
        row for found in known.patterns.values() for _, row in found
    ]
