"""The baseline: what it holds, what it knows again, and how a damaged one is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mldebt.findings import Finding, Severity
from mldebt.roles import Confidence
from mldebt.source import Span
from mldebt.suppress.baseline import BASELINE, FILE, BadBaseline, compare, entry_of, read, written
from mldebt.trail import Stop

GOOD = '{"path": "a.py", "rule": "r", "symbol": "", "title": "t", "fingerprint": "v1:1", "content": "v1:2"}'


def finding(number: int = 1, path: str = "jobs/score.py", line: int = 7, content: str = "v1:same") -> Finding:
    return Finding(
        rule="made-up", severity=Severity.WARNING, confidence=Confidence.LIKELY, at=Span(path, line), symbol="run",
        message=f"It is so, {number} times.", fingerprint=f"v1:{number}", title="It is so", content=content,
    )  # fmt: skip


def test_a_line_holds_nothing_that_moves() -> None:
    assert written([entry_of(finding(3, line=41))]) == (
        '{"path": "jobs/score.py", "rule": "made-up", "symbol": "run", "title": "It is so", '
        '"fingerprint": "v1:3", "content": "v1:same"}\n'
    )


def test_what_is_written_is_read_again_sorted_and_once(tmp_path: Path) -> None:
    entries = [entry_of(finding(2, "b.py")), entry_of(finding(1, "a.py")), entry_of(finding(2, "b.py"))]
    (tmp_path / FILE).write_text(written(entries).replace("\n", "\r\n"), "utf-8")
    assert read(tmp_path / FILE) == (entries[1], entries[0])
    assert read(tmp_path / "none") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{GOOD}\n<<<<<<< HEAD\n", ":2: a merge was not resolved here. Keep the lines of both sides."),
        ("{oops\n", ":1: this line is no JSON. Mend the line, or make the file anew: mldebt baseline create --force"),
        ("[" * 100_000 + "\n", ":1: this line is no JSON"),
        ("3\n", ":1: this line is no finding: it needs path, rule"),
        (GOOD.replace('"t"', "3") + "\n", ":1: this line is no finding"),
    ],
)
def test_a_damaged_line_is_named_with_its_cure(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(BadBaseline) as raised:
        read(tmp_path / FILE)
    assert f"{FILE}{said}" in str(raised.value)


def test_a_baseline_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(BadBaseline, match="no UTF-8 text"):
        read(tmp_path / FILE)


def test_what_is_known_is_marked_and_what_is_gone_is_stale() -> None:
    known, new, gone = finding(1), finding(2, line=9), entry_of(finding(3))
    found = compare([known, new], [entry_of(known), gone], {"jobs/score.py"})
    assert [(one.suppressed, one.suppressed_by) for one in found.findings] == [(True, BASELINE), (False, "")]
    assert found.stale == (gone,)


def test_a_renamed_file_keeps_its_entries_one_for_one() -> None:
    before = [entry_of(finding(1, "old.py")), entry_of(finding(2, "old.py"))]
    after = [finding(number, "new.py", line=number) for number in (11, 12, 13)]
    found = compare(after, before, {"new.py"})
    assert [one.suppressed for one in found.findings] == [True, True, False]
    assert found.stale == ()


def test_a_file_that_is_still_there_was_not_renamed() -> None:
    before = [entry_of(finding(1, "old.py"))]
    found = compare([finding(2, "new.py")], before, {"old.py", "new.py"})
    assert [one.suppressed for one in found.findings] == [False]
    assert found.stale == tuple(before)


def test_a_debt_of_several_files_is_known_at_another_of_its_places() -> None:
    before = [entry_of(replace(finding(1, "jobs/score.py"), symbol=""))]
    spanning = replace(finding(2, "jobs/train.py"), symbol="", related=(Stop(Span("settings.yaml", 3), "again"),))
    found = compare([spanning], before, {"jobs/score.py", "jobs/train.py", "settings.yaml"})
    assert [one.suppressed for one in found.findings] == [True]
    assert found.stale == ()


def test_a_function_of_the_same_name_in_another_file_is_another_place() -> None:
    before = [entry_of(finding(1, "jobs/score.py"))]
    spanning = replace(finding(2, "jobs/train.py"), related=(Stop(Span("settings.yaml", 3), "again"),))
    found = compare([spanning], before, {"jobs/score.py", "jobs/train.py", "settings.yaml"})
    assert [one.suppressed for one in found.findings] == [False]


@pytest.mark.parametrize("other", ["jobs/score.py", "moved/score.py"])
def test_a_function_is_known_at_another_place_where_its_file_is_one_or_is_gone(other: str) -> None:
    """Of two copies the other may stand first once a folder has another name."""
    before = [entry_of(finding(1, "jobs/score.py")), entry_of(finding(3, "jobs/train.py", content="v1:other"))]
    spanning = replace(finding(2, "jobs/train.py"), related=(Stop(Span(other, 3), "again"),))
    found = compare([spanning], before, {other, "jobs/train.py"})
    assert [one.suppressed for one in found.findings] == [True]


def test_one_that_is_still_there_leaves_its_entry_to_no_other_place() -> None:
    still = replace(finding(1, "jobs/score.py"), symbol="")
    spanning = replace(finding(2, "jobs/train.py"), symbol="", related=(Stop(Span("settings.yaml", 3), "again"),))
    found = compare([still, spanning], [entry_of(still)], {"jobs/score.py", "jobs/train.py", "settings.yaml"})
    assert [one.suppressed for one in found.findings] == [True, False]


def test_what_a_comment_hides_needs_no_entry() -> None:
    hidden = replace(finding(1), suppressed=True, suppressed_by="comment")
    found = compare([hidden], [entry_of(hidden)], {"jobs/score.py"})
    assert found.findings == (hidden,)
    assert found.stale == (entry_of(hidden),)
