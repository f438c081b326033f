"""How sure findings about settings are, on fixtures: what is shown without asking, and what is a hint."""

from __future__ import annotations

import pytest

from tests.scanning import TOP, scan

CASES = [
    ("duplicated-setting", "places_in_options", ["hint", "hint", "likely"]),
    ("duplicated-setting", "model_that_training_writes", ["hint", "likely"]),
    ("duplicated-setting", "folder_in_options_that_one_command_fills", ["hint", "likely"]),
    ("duplicated-setting", "address_of_this_machine", ["hint"]),
    ("duplicated-setting", "value_behind_a_reference", ["likely"]),
    ("duplicated-setting", "versions_of_packages", ["likely"]),
    ("duplicated-setting", "lists_of_programs_that_send_requests", ["hint"]),
    ("secret-in-config", "account_behind_an_open_port", ["likely"]),
    ("secret-in-config", "account_behind_no_open_port", ["hint"] * 4),
    ("conflicting-setting", "two_defaults_of_a_variable", ["likely"]),
    ("conflicting-setting", "default_of_a_helper", ["hint"]),
    ("unused-setting", "settings_in_json", ["likely"]),
    ("unused-setting", "constants_of_an_application_in_a_package", ["likely"]),
    ("unused-setting", "constants_of_a_library", ["hint"]),
    ("hardcoded-config", "files_that_four_programs_spell", ["likely"]),
    ("duplicated-setting", "share_that_three_programs_cut_off", ["likely"]),
    ("unpinned-dependency", "one_open_among_pins_of_a_package", ["likely"]),
    ("hardcoded-config", "file_name_with_a_year", ["likely"]),
    ("hardcoded-config", "folder_of_plots_in_three_scripts", ["hint"]),
    ("hardcoded-config", "folder_one_script_fills", ["likely"]),
    ("hardcoded-config", "constants_of_one_way", ["likely"]),
    ("hardcoded-config", "constants_below_one_folder", ["likely"]),
    ("hardcoded-config", "defaults_of_two_steps", ["likely"]),
    ("hardcoded-config", "dates_that_cut_rows", ["likely"]),
    ("hardcoded-config", "day_that_is_looked_at", ["hint"]),
    ("hardcoded-config", "path_that_one_side_takes_from_a_setting", ["likely"]),
    ("hardcoded-config", "number_beside_a_setting_of_an_object", ["likely"]),
    ("conflicting-setting", "two_values_in_one_file", ["likely"]),
]


@pytest.mark.parametrize(("slug", "case", "sure"), CASES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_setting_is_told_as_surely_as_it_is_shown(slug: str, case: str, sure: list[str]) -> None:
    found = scan(TOP / "fixtures" / slug / case, [slug]).findings
    assert sorted(finding.confidence.name.lower() for finding in found) == sure


def test_what_a_reference_falls_back_on_is_a_place_of_the_setting() -> None:
    case = TOP / "fixtures" / "duplicated-setting" / "value_behind_a_reference"
    (finding,) = scan(case, ["duplicated-setting"]).findings
    assert " in at least 3 places (collect.py, serve.py, compose.yaml)" in finding.message


def test_a_list_of_folders_is_no_path() -> None:
    case = TOP / "fixtures" / "hardcoded-config" / "list_of_folders_twice"
    (finding,) = scan(case, ["hardcoded-config"]).findings
    assert finding.message.startswith("FOLDERS = beds/raw, staff/raw, wards/raw is written in at least 2 places")


def test_files_that_give_a_callee_the_same_number_are_told_together() -> None:
    case = TOP / "fixtures" / "hardcoded-config" / "number_of_two_programs_beside_a_setting"
    (finding,) = scan(case, ["hardcoded-config"]).findings
    assert "in the code of load and of more files (1), while" in finding.message
    assert any(stop.at.path == "judge.py" for stop in finding.related)


def test_a_place_that_is_a_default_is_counted_with_those_in_the_code() -> None:
    case = TOP / "fixtures" / "hardcoded-config" / "path_that_is_a_default_as_well"
    (finding,) = scan(case, ["hardcoded-config"]).findings
    assert " is written in at least 5 places of the code" in finding.message
    assert len(finding.trail) == 5


def test_a_repeated_setting_is_told_with_the_place_that_gives_it_another_value() -> None:
    case = TOP / "fixtures" / "duplicated-setting" / "another_value_beside"
    (finding,) = scan(case, ["duplicated-setting"]).findings
    assert finding.message.startswith(
        "ROOT_FOLDER is data/wards/rows in at least 3 places (beds.py, stays.py, wards.py) and data/wards/lines in"
        " nights.py;"
    )
