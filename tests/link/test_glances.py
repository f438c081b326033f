"""Functions of tests that touch nothing stored are only looked through for names."""

from __future__ import annotations

from mldebt import analysis, catalogue
from mldebt.gather.snapshot import take
from mldebt.link.glances import only_named
from mldebt.link.program import Program
from tests.link.test_links import CASES, read


def test_what_reads_calls_a_reader_or_stands_around_one_is_followed() -> None:
    root = CASES / "tests_that_read"
    program = Program(take(root, analysis.configure(root, {})).files)
    found = {program.units[unit].id for unit in only_named(program, catalogue.load(()))}
    assert found == {"test_rounding", "test_numbers_of_one_list"}


def test_what_a_test_only_names_is_used_by_it() -> None:
    graph = read(CASES / "tests_that_read").linked.graph
    (rounded,) = (one for one in graph.code.definitions if one.name == "rounded")
    assert rounded.test_used_by == (
        "function:tests/test_prices.py:test_numbers_of_one_list",
        "function:tests/test_prices.py:test_rounding",
        "module:tests/test_prices.py",
    )
