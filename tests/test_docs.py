"""What the documentation says holds: rule pages are rendered from the cards, examples and names exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import tomli
import yaml

from mldebt import catalogue, config
from mldebt.cards import FAMILIES, load_cards, shipped_cards
from mldebt.cli import run
from mldebt.cli.init import HOOK
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.render import card
from mldebt.source import Span

ROOT = Path(__file__).parents[1]
RULES = ROOT / "docs" / "rules"
CARDS = load_cards(shipped_cards())
GUIDES = sorted((ROOT / "docs").glob("*.md"))
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


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_pages_that_a_guide_names_exist(page: Path) -> None:
    named = re.findall(r"`([\w./-]+\.md)`", page.read_text("utf-8"))
    assert [name for name in named if not any((home / name).exists() for home in (ROOT, ROOT / "docs"))] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *GUIDES], ids=lambda page: page.name)
def test_options_of_commands_that_are_shown_exist(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in "\n".join(blocks(page, "")).splitlines():
        words = line.partition("#")[0].split()
        if words[:1] == ["mldebt"] and words[1:]:
            names = words[1:3] if words[1] in ("baseline", "catalogue", "config", "contracts") else words[1:2]
            assert run([*names, "--help"]) == 0, line
            known = capsys.readouterr().out
            assert all(word.partition("=")[0] in known for word in words if word.startswith("--")), line


def test_every_entry_of_the_site_is_a_page() -> None:
    listed = re.findall(r": ([\w/-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    made = {"index.md", "contributing.md", "architecture.md", "changelog.md", "schema.md", "rules/index.md"}
    assert {*listed, "index.md"} - {page.name for page in GUIDES} == made


def test_the_site_can_be_built(tmp_path: Path) -> None:
    pytest.importorskip("material")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    home = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert 'href="findings.html"' in home and "fonts.googleapis" not in home
    rules = (tmp_path / "site" / "rules" / "index.html").read_text("utf-8")
    assert all(f'href="{slug}.html"' in rules for slug in CARDS)


def test_the_check_of_the_guide_works() -> None:
    (text,) = blocks(ROOT / "docs" / "add-a-rule.md", "python")
    names: dict[str, Any] = {}
    exec(text, names)
    at = Span("job.py", 3)
    nodes = [
        Node("s", NodeKind.STEP, "log", at, traits=frozenset({"appends"})), Node("r", NodeKind.STEP, "read", at),
        Node("a", NodeKind.ARTIFACT, "report.csv", at), Node("b", NodeKind.ARTIFACT, "unread.csv", at),
    ]  # fmt: skip
    writes = [Edge("s", "a", EdgeKind.WRITES, at), Edge("s", "b", EdgeKind.WRITES, at)]
    edges = [*writes, Edge("a", "r", EdgeKind.READS, at)]
    assert [hit.keys for hit in names["check"](Graph(nodes, edges))] == [("a",)]


def test_the_row_of_the_guide_can_be_read() -> None:
    (text,) = blocks(ROOT / "docs" / "add-a-library.md", "toml")
    assert catalogue.parse([("example.toml", text.encode())]).of_call("acme_io.load_frame")


def test_the_hook_of_the_guide_is_the_one_that_is_written() -> None:
    (text,) = blocks(ROOT / "docs" / "hook.md", "yaml")
    told, written = (yaml.safe_load(one)["repos"][0]["hooks"] for one in (text, HOOK))
    assert told == written


def test_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z-]+)`", page.read_text("utf-8"))) <= targets, page.name


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
