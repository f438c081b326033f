"""What the documentation says holds: rule pages are rendered from the cards, examples and names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomli

from mldebt import catalogue, config
from mldebt.cards import FAMILIES, load_cards, shipped_cards
from mldebt.cli import run
from mldebt.render import card

ROOT = Path(__file__).parents[1]
RULES = ROOT / "docs" / "rules"
CARDS = load_cards(shipped_cards())
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "rules/schema.md")]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    return [text for found, text in FENCE.findall(page.read_text("utf-8")) if found == language]


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert sorted(page.stem for page in RULES.glob("*.md")) == sorted(CARDS), "`make docs` writes them"


@pytest.mark.parametrize("slug", sorted(CARDS))
def test_a_page_is_what_its_card_says(slug: str) -> None:
    page = (RULES / f"{slug}.md").read_text("utf-8")
    assert page == card.render(CARDS[slug]), "`make docs` writes it anew"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    text = FENCE.sub("", page.read_text("utf-8"))
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?|[\w-]+\.(?:md|py|yaml|toml))`", text)
    homes = [ROOT, ROOT / "mldebt", ROOT / "mldebt" / "link", ROOT / "rules"]
    own = {"mldebt.toml", "config.yaml"}  # of the repository that is scanned
    missing = [name for name in named if name not in own and not any((home / name).exists() for home in homes)]
    assert missing == []


def test_commands_of_the_readme_exist() -> None:
    text = "\n".join(blocks(ROOT / "README.md", ""))
    named = set(re.findall(r"^mldebt ([a-z-]+)", text, re.MULTILINE))
    assert named
    for command in named:
        assert run([command, "--help"]) == 0, command


def test_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)`", page.read_text("utf-8"))) <= targets, page.name


def test_rules_and_families_that_the_readme_names_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    for slug in re.findall(r"mldebt explain ([\w-]+)", text):
        assert slug in CARDS


def test_the_configuration_of_the_readme_is_valid(tmp_path: Path) -> None:
    (text,) = blocks(ROOT / "README.md", "toml")
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    for path in tomli.loads(text)["tool"]["mldebt"]["catalogue"]:
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).touch()
    found = config.load(tmp_path, CARDS.keys(), FAMILIES)
    assert found.file and found.notes == ()


def test_the_contract_of_its_page_is_valid(tmp_path: Path) -> None:
    (text,) = blocks(ROOT / "docs" / "contracts.md", "toml")
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    (found,) = config.load(tmp_path, CARDS.keys(), FAMILIES).contracts
    assert found.consumers == ("letters", "reports/*")


def test_the_excuses_of_their_page_are_valid(tmp_path: Path) -> None:
    (text,) = blocks(ROOT / "docs" / "known-debts.md", "toml")
    (tmp_path / "pyproject.toml").write_text(text, "utf-8")
    found = config.load(tmp_path, CARDS.keys(), FAMILIES)
    assert len(found.file_ignores) == len(found.exceptions) == 1


def test_the_catalogue_row_of_the_contributing_page_can_be_read() -> None:
    (text,) = blocks(ROOT / "CONTRIBUTING.md", "toml")
    known = catalogue.parse([("example.toml", text.encode())])
    assert [row.result for row in known.of_call("acme_io.load_frame")] == [("table.pandas",)]


def test_the_catalogue_examples_of_the_schema_can_be_read() -> None:
    first, *_ = blocks(ROOT / "rules" / "schema.md", "toml")
    known = catalogue.parse([("example.toml", first.encode())])
    assert known.of_call("pandas.read_csv") and known.of_method("table.pandas", "to_parquet")
    assert set(tomli.loads(first)) >= {"call", "method", "class", "decorator", "hook"}
