"""How sure a leak is, on fixtures: what is proven is shown, and what is only likely is said to be so."""

from __future__ import annotations

import pytest

from tests.scanning import TOP, scan

CASES = [
    ("preprocessing-leakage", "fitted_outside_the_folds", ["certain"]),
    ("preprocessing-leakage", "components_chosen_by_folds", ["likely"]),
    ("preprocessing-leakage", "scaled_before_folds_of_the_training_part", ["hint"]),
    ("preprocessing-leakage", "folds_iterated_themselves", ["certain"]),
    ("preprocessing-leakage", "gaps_of_the_label_filled", ["certain"]),
    ("preprocessing-leakage", "bins_of_all_rows", ["hint", "certain"]),
    ("preprocessing-leakage", "encoder_fitted_again_for_validation", ["likely"]),
    ("preprocessing-leakage", "codes_of_later_rows_for_models_in_a_list", ["likely"]),
    ("overlap-leakage", "models_an_object_keeps_by_name", ["likely"]),
    ("bundled-features", "kept_inside_of_an_object", ["likely"]),
    ("bundled-features", "kept_and_asked_as_taught", ["likely", "likely"]),
    ("target-leakage", "share_of_the_label", ["likely"]),
    ("target-leakage", "above_the_group", ["likely"]),
    ("multi-test-leakage", "stops_on_what_it_reports", ["likely"]),
    ("multi-test-leakage", "best_of_several_models", ["hint"]),
    ("multi-test-leakage", "best_of_several_in_one_program", ["likely"]),
]


@pytest.mark.parametrize(("slug", "case", "sure"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_leak_is_as_sure_as_its_proof(slug: str, case: str, sure: list[str]) -> None:
    found = scan(TOP / "fixtures" / slug / case, [slug]).findings
    assert [finding.confidence.name.lower() for finding in found] == sure


def test_a_leak_names_the_table_that_is_judged() -> None:
    case = TOP / "fixtures" / "multi-test-leakage" / "stops_on_the_fold_it_reports"
    (finding,) = scan(case, ["multi-test-leakage"]).findings
    assert "data/known.csv" in finding.message and "data/asked.csv" not in finding.message


def test_a_leak_names_both_tables_that_are_put_together() -> None:
    case = TOP / "fixtures" / "preprocessing-leakage" / "gaps_of_both_tables"
    (finding,) = scan(case, ["preprocessing-leakage"]).findings
    assert "data/asked.csv and data/known.csv" in finding.message
