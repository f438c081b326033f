"""Every card's examples as small repositories: the rule fires in the bad one and is quiet in the good one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.cards import Card
from mldebt.findings import Finding
from tests.scanning import CARDS, has_check, module_of, scan, with_betters

SHIPPED = pytest.mark.parametrize("card", CARDS.values(), ids=lambda card: card.slug)


@SHIPPED
def test_the_bad_example_is_found(card: Card, tmp_path: Path) -> None:
    assert findings(card, dict(card.bad), tmp_path)


@SHIPPED
def test_the_good_example_is_not(card: Card, tmp_path: Path) -> None:
    assert [
        f"{found.at.path}:{found.at.line}: {found.message}" for found in findings(card, dict(card.good), tmp_path)
    ] == []


def findings(card: Card, files: dict[str, str], root: Path) -> list[Finding]:
    if not has_check(card.slug):
        pytest.skip(f"there is no {module_of(card.slug)} yet")
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    report = scan(root, with_betters(card.slug))
    return [finding for finding in report.findings if finding.rule == card.slug]
