from pathlib import Path

from mldebt.gather.discover import find
from mldebt.gather.licences import is_of_others, projects_of_others


def laid_out(root: Path, files: dict[str, str]) -> frozenset[str]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return projects_of_others(root, find(root).entries)


OURS = {"LICENSE": "ours", "a.py": "", "b.py": "", "c.py": ""}


def test_a_folder_with_another_licence_and_a_page_is_somebody_elses(tmp_path: Path) -> None:
    found = laid_out(tmp_path, {**OURS, "lib/LICENSE.txt": "theirs", "lib/README.md": "", "lib/net.py": ""})
    assert found == {"lib"}
    assert is_of_others("lib/parts/net.py", found)
    assert not is_of_others("library/net.py", found)


def test_a_licence_without_a_page_is_that_of_some_file_or_data(tmp_path: Path) -> None:
    assert not laid_out(tmp_path, {**OURS, "data/LICENSE": "theirs", "data/cut.py": ""})


def test_a_copy_of_our_own_licence_says_nothing(tmp_path: Path) -> None:
    assert not laid_out(tmp_path, {**OURS, "lib/LICENSE": " ours\n", "lib/README.md": "", "lib/net.py": ""})


def test_a_well_known_licence_at_what_was_a_top_is_somebody_elses(tmp_path: Path) -> None:
    files = {"lib/LICENSE": "ours", "lib/README.md": "", "lib/.github/workflows/ci.yml": "", "lib/net.py": ""}
    assert laid_out(tmp_path, {**OURS, **files}) == {"lib"}


def test_a_folder_with_most_of_the_code_is_the_project(tmp_path: Path) -> None:
    files = {"README.md": "", "app/LICENSE": "ours", "app/README.md": "", "app/a.py": "", "app/b.py": "", "c.py": ""}
    assert not laid_out(tmp_path, files)


def test_packages_side_by_side_with_one_licence_are_ours(tmp_path: Path) -> None:
    side = {f"{one}/{name}": text for one in ("x", "y", "z") for name, text in (("LICENSE", "ours"), ("README", ""))}
    assert not laid_out(tmp_path, {**side, "x/a.py": "", "y/b.py": "", "z/c.py": ""})


def test_projects_side_by_side_are_ours_also_where_their_licence_is_of_another_year(tmp_path: Path) -> None:
    files = (("LICENSE", "ours, of 2024"), ("README", ""))
    side = {f"{one}/{name}": text for one in ("x", "y") for name, text in files}
    assert not laid_out(tmp_path, {**OURS, **side, "x/d.py": "", "y/e.py": ""})
