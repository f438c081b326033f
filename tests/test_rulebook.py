from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import ModuleType

import pytest

from mldebt.cards import Card
from mldebt.findings import Finding, Hit, Severity
from mldebt.roles import Confidence
from mldebt.rulebook import (
    LONGEST_VALUE,
    RulebookError,
    UnknownRule,
    enabled,
    fingerprint,
    rules,
    run,
    settle,
)
from mldebt.source import Span
from mldebt.trail import Stop


def card(slug: str = "some-rule", **changes: object) -> Card:
    values: dict[str, object] = {
        "slug": slug,
        "title": "A thing",
        "family": "data",
        "paper": "3",
        "severity": "warning",
        "profile": "core",
        "status": "stable",
        "since": "0.1.0",
        "confidence": Confidence.CERTAIN,
        "message": "{artifact} is odd.",
        "what": "w",
        "why": "y",
        "fix": "f",
    }
    return Card(**{**values, **changes})  # type: ignore[arg-type]


def hit(line: int = 3, **changes: object) -> Hit:
    values: dict[str, object] = {
        "at": Span("src/train.py", line, 1, line, 9),
        "details": {"artifact": "data.csv"},
        "keys": ("data.csv",),
        "symbol": "main",
    }
    return Hit(**{**values, **changes})  # type: ignore[arg-type]


def one(rule: Card, seen: Hit) -> Finding:
    (finding,) = settle([(rule, seen)])
    return finding


def prints(hits: Iterable[Hit], rule: Card | None = None) -> list[str]:
    found = settle((rule or card(), seen) for seen in hits)
    return [finding.fingerprint for finding in sorted(found, key=lambda finding: finding.at)]


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> None:
    for slug in ("some-rule", "other-rule", "full-rule", "retired-rule"):
        module = ModuleType(f"mldebt.checks.{slug.replace('-', '_')}")

        def check(graph: object) -> Iterator[Hit]:
            assert graph == "graph"
            yield hit(5)
            yield hit(4)

        if slug != "retired-rule":
            module.check = check  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)


def book() -> dict[str, Card]:
    return {
        "some-rule": card("some-rule"),
        "other-rule": card("other-rule", family="outside world"),
        "full-rule": card("full-rule", profile="full"),
        "retired-rule": card("retired-rule", status="retired"),
    }


@pytest.mark.parametrize(
    ("profile", "select", "ignore", "expected"),
    [
        ("core", [], [], ["other-rule", "some-rule"]),
        ("full", [], [], ["full-rule", "other-rule", "some-rule"]),
        ("core", ["full-rule"], [], ["full-rule"]),
        ("core", ["data"], [], ["some-rule"]),
        ("full", ["data"], ["some-rule"], ["full-rule"]),
        ("core", ["outside-world"], [], ["other-rule"]),
        ("core", [], ["outside world"], ["some-rule"]),
        ("core", ["some-rule"], ["data"], []),
        ("full", ["retired-rule"], [], []),
    ],
)
@pytest.mark.usefixtures("checks")
def test_selection(profile: str, select: list[str], ignore: list[str], expected: list[str]) -> None:
    assert [rule.card.slug for rule in enabled(book(), profile, select, ignore)] == expected


def test_unknown_names_are_reported_together() -> None:
    with pytest.raises(UnknownRule) as caught:
        enabled(book(), select=["some-rul"], ignore=["dta", "zzz"])
    assert str(caught.value).split("\n") == [
        "no rule or family 'some-rul'; did you mean 'some-rule'?",
        "no rule or family 'dta'; did you mean 'data'?",
        "no rule or family 'zzz'",
    ]


@pytest.mark.usefixtures("checks")
def test_missing_checks_are_reported_together() -> None:
    with pytest.raises(RulebookError) as caught:
        rules([card("nowhere-at-all"), card("some-rule"), card("retired-rule")])
    assert str(caught.value).split("\n") == [
        "nowhere-at-all: mldebt.checks.nowhere_at_all has no function `check(graph)`",
        "retired-rule: mldebt.checks.retired_rule has no function `check(graph)`",
    ]


@pytest.mark.usefixtures("checks")
def test_run_asks_each_check() -> None:
    found = run(rules([card("some-rule"), card("other-rule")]), "graph")
    assert [(finding.rule, finding.at.line) for finding in found] == [
        ("other-rule", 4),
        ("some-rule", 4),
        ("other-rule", 5),
        ("some-rule", 5),
    ]


def test_a_finding_has_the_cards_words() -> None:
    trail = (Stop(Span("a.py", 1), "reads"),)
    rule = card(
        remedy="Name {artifact}.", refutation="{artifact} is elsewhere", messages={"odd": "Odd: {artifact}."}
    )
    finding = one(rule, hit(variant="odd", trail=trail, related=trail, reach=("m",)))
    assert (finding.message, finding.remedy) == ("Odd: data.csv.", "Name data.csv.")
    assert (finding.refutation, finding.title, finding.family) == ("data.csv is elsewhere", "A thing", "data")
    assert (finding.trail, finding.related, finding.reach) == (trail, trail, ("m",))
    assert one(rule, hit(refutation="X\nis set")).refutation == "X is set"


def test_values_are_text_and_nothing_else() -> None:
    hostile = "{0.__class__} {artifact} {{x}} %s\n::error::"
    assert one(card(), hit(details={"artifact": hostile})).message == (
        "{0.__class__} {artifact} {{x}} %s ::error:: is odd."
    )
    long = one(card(), hit(details={"artifact": "x" * 999})).message
    assert long == "x" * (LONGEST_VALUE - 3) + "... is odd."


@pytest.mark.parametrize(
    ("rule", "seen", "fault"),
    [
        (
            card(),
            hit(details={"model": "m"}),
            "some-rule: the check gives no artifact for '{artifact} is odd.'",
        ),
        (card(), hit(variant="new"), "some-rule: the check picks the message 'new', which the card lacks"),
    ],
)
def test_a_check_that_does_not_fit_its_card(rule: Card, seen: Hit, fault: str) -> None:
    with pytest.raises(RulebookError, match="some-rule") as caught:
        settle([(rule, seen)])
    assert str(caught.value) == fault


def test_the_card_caps_confidence_and_the_hit_sets_severity() -> None:
    finding = one(card(confidence=Confidence.LIKELY), hit(severity=Severity.ERROR))
    assert (finding.confidence, finding.severity) == (Confidence.LIKELY, Severity.ERROR)
    assert (
        one(card(confidence=Confidence.LIKELY), hit(confidence=Confidence.HINT)).confidence is Confidence.HINT
    )


def test_findings_are_ranked() -> None:
    hits = [
        hit(1, severity=Severity.INFO),
        hit(2, confidence=Confidence.LIKELY, reach=("a", "b", "c")),
        hit(3, reach=("a",)),
        hit(4, reach=("a", "b")),
        hit(5, severity=Severity.ERROR, confidence=Confidence.HINT),
        hit(6, reach=("a",)),
    ]
    for seed in range(5):
        random.Random(seed).shuffle(hits)
        assert [f.at.line for f in settle((card(), seen) for seen in hits)] == [5, 4, 3, 6, 2, 1]


def test_the_same_hit_counts_once_at_its_surest() -> None:
    sure, weak = hit(), hit(confidence=Confidence.HINT, trail=(Stop(Span("a.py", 1), "x"),))
    for pair in ([sure, weak, sure], [weak, sure]):
        (finding,) = settle((card(), seen) for seen in pair)
        assert finding.confidence is Confidence.CERTAIN


def test_fingerprints_survive_moved_lines_and_words() -> None:
    before = prints([hit(3)])
    moved = hit(
        90, details={"artifact": "renamed"}, trail=(Stop(Span("b.py", 8), "x"),), severity=Severity.ERROR
    )
    assert prints([moved], card(message="Other words, {artifact}.", severity="info")) == before
    assert prints([replace(hit(3), reach=("a",), refutation="r", confidence=Confidence.HINT)]) == before
    assert before == [fingerprint("some-rule", "src/train.py", "main", ("data.csv",), 0)]
    assert before[0].startswith("v1:") and len(before[0]) == 35


def test_fingerprints_are_the_same_in_every_release() -> None:
    assert fingerprint("some-rule", "src/train.py", "main", ("data.csv",), 0) == PINNED


PINNED = "v1:edcea9db0d85a6372c2938a38278d5b0"


def test_fingerprints_tell_things_apart() -> None:
    parts = [
        ("r", "p", "s", ("k",), 0),
        ("q", "p", "s", ("k",), 0),
        ("r", "q", "s", ("k",), 0),
        ("r", "p", "t", ("k",), 0),
        ("r", "p", "s", ("l",), 0),
        ("r", "p", "s", ("k",), 1),
        ("r", "p", "s", ("k", "k"), 0),
        ("r", "p", "s", (), 0),
        ("r", "p", "s", ("k\0k",), 0),
        ("r", "p", "s", ("k\\0k",), 0),
        ("r", "p", "s\0k", (), 0),
        ("r", "\udcff", "", (), 0),
    ]
    assert len({fingerprint(*part) for part in parts}) == len(parts)


def test_identical_ones_are_counted_in_source_order() -> None:
    expected = prints([hit(3), hit(8), hit(20)])
    assert len(set(expected)) == 3
    assert prints([hit(25), hit(4), hit(9)]) == expected
    assert prints([hit(5), hit(1, keys=("other",)), hit(6)])[1:] == expected[:2]


def settle_two(loser: Hit, winner: Hit) -> list[str]:
    low, high = card("some-rule", yields_to=("other-rule",)), card("other-rule")
    return sorted(finding.rule for finding in settle([(low, loser), (high, winner)]))


BOTH = ["other-rule", "some-rule"]


@pytest.mark.parametrize(
    ("loser", "winner", "left"),
    [
        (hit(3), hit(3), ["other-rule"]),
        (hit(5, keys=("a",)), hit(4, keys=("b",), at=Span("src/train.py", 2, 1, 6, 1)), ["other-rule"]),
        (hit(5, keys=("a",)), hit(6, keys=("b",)), BOTH),
        (hit(3, keys=("a",)), hit(3, keys=("b",), at=Span("src/other.py", 3)), BOTH),
        (hit(3, keys=("a",)), hit(3, keys=("a",), at=Span("src/other.py", 90)), ["other-rule"]),
        (hit(3, keys=()), hit(3, keys=(), at=Span("src/other.py", 90)), BOTH),
        (
            hit(3, at=Span("n.ipynb", 3, cell=1), keys=("a",)),
            hit(3, at=Span("n.ipynb", 3, cell=2), keys=("b",)),
            BOTH,
        ),
        (hit(3), hit(3, confidence=Confidence.HINT), BOTH),
        (hit(3, confidence=Confidence.HINT), hit(3, confidence=Confidence.HINT), ["other-rule"]),
    ],
)
def test_precedence(loser: Hit, winner: Hit, left: list[str]) -> None:
    assert settle_two(loser, winner) == left


def test_precedence_leaves_fingerprints_alone() -> None:
    low, high = card("some-rule", yields_to=("other-rule",)), card("other-rule")
    alone = settle([(low, hit(3)), (low, hit(9))])
    (kept,) = (
        f
        for f in settle([(low, hit(3)), (low, hit(9)), (high, hit(3, keys=("z",)))])
        if f.rule == "some-rule"
    )
    assert kept.fingerprint == alone[1].fingerprint
