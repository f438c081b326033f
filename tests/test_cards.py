from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mldebt.cards import (
    FAMILIES,
    PLACEHOLDERS,
    PROFILES,
    SEVERITIES,
    STATUSES,
    Card,
    CardError,
    load_cards,
    placeholders,
)
from mldebt.findings import Severity

FOLDER = Path(__file__).parents[1] / "rules" / "cards"
CARDS = load_cards(FOLDER)
SHIPPED = pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.slug)

MINIMAL = """
title = "A thing"
family = "data"
severity = "warning"
profile = "core"
status = "stable"
since = "0.1.0"
confidence = "likely"
message = "{artifact} is odd."
what = "w"
why = "y"
fix = "f"
[example.bad]
"a.py" = "x = 1"
[example.good]
"a.py" = "x = 2"
"""


def faults(folder: Path) -> tuple[str, ...]:
    with pytest.raises(CardError) as caught:
        load_cards(folder)
    return caught.value.faults


def test_a_minimal_card(tmp_path: Path) -> None:
    (tmp_path / "a-rule.toml").write_text(MINIMAL)
    (tmp_path / "notes.md").write_text("no card")
    card = load_cards(tmp_path)["a-rule"]
    assert (card.slug, card.message, card.yields_to, card.remedy) == ("a-rule", "{artifact} is odd.", (), "")
    assert card.bad == {"a.py": "x = 1"}


def test_all_faults_of_all_cards_at_once(tmp_path: Path) -> None:
    text = MINIMAL.replace('"data"', '"dota"').replace('"warning"', '"fatal"').replace('"likely"', '"sure"')
    text = text.replace("{artifact}", "{artefact} {model.name} ").replace('why = "y"', 'wy = "y"')
    (tmp_path / "a-rule.toml").write_text(text.replace('profile = "core"', "profile = 3"))
    (tmp_path / "Bad_Name.toml").write_text(MINIMAL.replace('title = "A thing"', 'title = "A thing."'))
    (tmp_path / "broken.toml").write_text("title =")
    (tmp_path / "latin.toml").write_bytes(b'title = "\xff"')
    found = faults(tmp_path)
    for expected in (
        "Bad_Name.toml: the name of the file is no slug",
        "Bad_Name.toml: title is one line without a full stop",
        "a-rule.toml: unknown key 'wy'; did you mean 'why'?",
        "a-rule.toml: why is missing",
        "a-rule.toml: profile is a text",
        "a-rule.toml: family is 'dota'; it is one of boundaries, data,",
        "a-rule.toml: severity is 'fatal'",
        "a-rule.toml: confidence is 'sure'",
        "a-rule.toml: message: {model.name} is no bare placeholder",
        "broken.toml: ",
        "latin.toml: ",
    ):
        assert any(fault.startswith(expected) for fault in found), (expected, found)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("{artifact}", "{artefact}"), "message: unknown placeholder 'artefact'; did you mean 'artifact'?"),
        (("{artifact}", "{artifact!r}"), "message: {artifact} is no bare placeholder"),
        (("{artifact}", "{artifact:9}"), "message: {artifact} is no bare placeholder"),
        (("{artifact}", "{}"), "message: {} is no bare placeholder"),
        (("{artifact}", "{artifact"), "message: expected '}' before end of string"),
        (("[example.good]", "[example.god]"), "example.good is a table of file names and their text"),
        (('"a.py" = "x = 1"', '"../a.py" = "x = 1"'), "example.bad: '../a.py' leaves its folder"),
        (("since =", 'yields_to = "b"\nsince ='), "yields_to is a list of texts"),
        (("since =", 'yields_to = ["b"]\nsince ='), "yields_to names 'b', which is no card"),
        (("since =", 'yields_to = ["a-rule"]\nsince ='), "yields_to leads back to 'a-rule'"),
    ],
)
def test_one_fault(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    (tmp_path / "a-rule.toml").write_text(MINIMAL.replace(*change))
    assert any(found.startswith(f"a-rule.toml: {fault}") for found in faults(tmp_path)), faults(tmp_path)


def test_precedence_runs_in_no_circle(tmp_path: Path) -> None:
    for slug, other in (("a", "b"), ("b", "c"), ("c", "b")):
        (tmp_path / f"{slug}.toml").write_text(MINIMAL.replace("since", f'yields_to = ["{other}"]\nsince'))
    assert faults(tmp_path) == ("b.toml: yields_to leads back to 'b'", "c.toml: yields_to leads back to 'c'")


def test_the_severities_are_those_of_findings() -> None:
    assert tuple(level.value for level in Severity) == SEVERITIES


@SHIPPED
def test_messages_are_plain_statements(card: Card) -> None:
    for text in (card.message, *card.messages.values()):
        assert card.slug not in text
        assert not re.search(r"\b(may|might|could be|consider|should|possibly)\b", text, re.I), text
        assert text.endswith(".") and not text.endswith("..") and "\n" not in text
        assert placeholders(text), f"{text!r} names nothing"
        # What a check fills for one of the messages has to be enough for the rest of the finding.
        assert placeholders(card.remedy) | placeholders(card.refutation) <= placeholders(text)
    assert not card.refutation.endswith(".")


@SHIPPED
def test_cards_are_complete(card: Card) -> None:
    assert card.family in FAMILIES and card.profile in PROFILES and card.status in STATUSES
    assert card.remedy and card.not_when and card.bad != card.good
    assert all(address.startswith("https://") for address in card.references)
    assert "—" not in card.what + card.why + card.fix + card.not_when


@SHIPPED
def test_examples_are_python_unless_they_are_about_that(card: Card) -> None:
    for table in (card.bad, card.good):
        for name, text in table.items():
            if name.endswith(".py") and not (card.slug == "unreadable-file" and table is card.bad):
                ast.parse(text)


def test_every_placeholder_has_a_use() -> None:
    used = {
        name
        for card in CARDS.values()
        for text in (card.message, *card.messages.values())
        for name in placeholders(text)
    }
    assert used == PLACEHOLDERS
