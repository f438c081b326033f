"""How sure findings about data and features are, on the small repositories of their rules: what is proven is shown."""

from __future__ import annotations

import pytest

from tests.scanning import TOP, scan

CASES = [
    ("correlated-features", "range_with_the_expression_again", ["likely", "likely"]),
    ("legacy-feature", "attribute_of_a_dimension", ["hint"]),
    ("legacy-feature", "column_of_a_table_that_is_counted", ["hint"]),
    ("legacy-feature", "column_of_a_table_that_nobody_reads", ["likely"]),
    ("legacy-feature", "through_a_table_of_the_session", ["likely"]),
    ("overlap-leakage", "arrays_in_one_file", ["hint"]),
    ("overlap-leakage", "same_frame", ["hint"]),
    ("overlap-leakage", "the_file_it_was_trained_on", ["likely"]),
    ("temporal-leakage", "a_later_month_is_kept", ["likely"]),
    ("temporal-leakage", "months_put_together", ["hint"]),
    ("undeclared-consumer", "scores_handed_on", ["hint", "hint", "likely", "likely"]),
    ("untested-data", "a_helper_ends_the_program", ["hint"]),
    ("untested-data", "answered_by_a_service", ["likely"]),
    ("untested-data", "counts_the_bad_rows", ["hint", "hint", "hint", "hint", "likely"]),
    ("untested-data", "left_early_before_the_read", ["likely"]),
    ("untested-data", "left_early_for_its_columns", ["hint"]),
    ("untested-data", "named_by_whoever_runs_it", ["likely"]),
    ("untested-data", "named_in_parts_by_whoever_runs_it", ["hint"]),
    ("untested-data", "scored_every_night", ["likely"]),
]


@pytest.mark.parametrize(("slug", "case", "sure"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_data_are_told_of_as_surely_as_is_proven(slug: str, case: str, sure: list[str]) -> None:
    found = scan(TOP / "fixtures" / slug / case, [slug]).findings
    assert sorted(finding.confidence.name.lower() for finding in found) == sure
