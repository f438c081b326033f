"""Rules: each card with its check; from what the checks see to findings in the cards' words."""

from __future__ import annotations

import hashlib
import importlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mldebt.cards import FAMILIES, Card, did_you_mean, placeholders, shipped
from mldebt.findings import Finding, Hit, Report, Severity
from mldebt.roles import Confidence, weakest
from mldebt.source import Span

Check = Callable[[Any], Iterable[Hit]]
LONGEST_VALUE = 160
CHECKS = "mldebt.checks"


@dataclass(frozen=True, slots=True)
class Rule:
    """A card and the check that sees it: `check(graph)` gives hits."""

    card: Card
    check: Check


class RulebookError(Exception):
    """A card and its check do not fit each other."""


class UnknownRule(ValueError):
    """A selection names rules or families that do not exist; the text lists them all."""


def enabled(
    cards: Mapping[str, Card],
    profile: str = "core",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> tuple[Rule, ...]:
    """The rules of the cards that are `chosen`. Raises UnknownRule, and RulebookError where a check is missing."""
    return rules(chosen(cards, profile, select, ignore))


def chosen(
    cards: Mapping[str, Card],
    profile: str = "core",
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> tuple[Card, ...]:
    """The cards of the rules a run applies, by slug.

    `select` and `ignore` take slugs and families. A slug that is selected runs whatever the
    profile; a family only as far as the profile goes; `ignore` always wins. Retired rules never
    run. Raises UnknownRule.
    """
    _refuse_unknown(cards, (*select, *ignore))
    asked, ignored = _names(select), _names(ignore)

    def wanted(card: Card) -> bool:
        if card.status == "retired" or not ignored.isdisjoint((card.slug, card.family)):
            return False
        in_profile = profile == "full" or card.profile == "core"
        return card.slug in asked or (in_profile and (not asked or card.family in asked))

    return tuple(card for _, card in sorted(cards.items()) if wanted(card))


def rules(cards: Iterable[Card]) -> tuple[Rule, ...]:
    """Pairs cards with their checks. Raises RulebookError naming every check that is missing."""
    found: list[Rule] = []
    missing: list[str] = []
    for card in sorted(cards, key=lambda card: card.slug):
        check = _check(card.slug)
        if check is None:
            missing.append(f"{card.slug}: {_module(card.slug)} has no function `check(graph)`")
        else:
            found.append(Rule(card, check))
    if missing:
        raise RulebookError("\n".join(missing))
    return tuple(found)


def run(
    applied: Iterable[Rule], graph: object, weighed: Callable[[Card, Hit], Hit | None] = lambda card, hit: hit
) -> tuple[Finding, ...]:
    """What the rules find in a graph, ranked; each hit as it is `weighed`, which may leave it out. Raises what a check
    raises, and RulebookError."""
    hits = ((rule.card, weighed(rule.card, hit)) for rule in applied for hit in rule.check(graph))
    return settle((card, hit) for card, hit in hits if hit is not None)


def settle(hits: Iterable[tuple[Card, Hit]]) -> tuple[Finding, ...]:
    """Hits as ranked findings: the same hit once, with a fingerprint, minus those that give way."""
    claims = _numbered(_distinct(_Claim(card, hit) for card, hit in hits))
    by_place: dict[tuple[str, str], list[_Claim]] = defaultdict(list)
    by_keys: dict[tuple[str, tuple[str, ...]], list[_Claim]] = defaultdict(list)
    for claim in claims:
        by_place[claim.card.slug, claim.hit.at.path].append(claim)
        by_keys[claim.card.slug, claim.hit.keys].append(claim)

    def gives_way(claim: _Claim) -> bool:
        for slug in claim.card.yields_to:
            if any(_meet(claim, other) for other in by_place.get((slug, claim.hit.at.path), ())):
                return True
            same = by_keys.get((slug, claim.hit.keys), ()) if claim.hit.keys else ()
            if any(_outranks(other, claim) for other in same):
                return True
        return False

    return tuple(sorted((_finding(claim) for claim in claims if not gives_way(claim)), key=rank))


def rank(finding: Finding) -> tuple[object, ...]:
    """A sort key: what is severe, sure and far-reaching first, then by place."""
    at = finding.at
    place = (at.path, at.cell, at.line, at.column, finding.rule, finding.fingerprint)
    severity, confidence = _SEVERITIES.index(finding.severity), _CONFIDENCES.index(finding.confidence)
    return (severity, confidence, -len(finding.reach), *place)


def failing(report: Report, level: str | Callable[[str], str]) -> tuple[Finding, ...]:
    """The findings that fail a run: at or above the level, not suppressed, of no preview rule, and not without any
    line in the change that is looked at.

    `level` is a severity, or `never`; or gives one for the path of a finding.
    """
    cards = shipped()
    open_ones = (one for one in report.findings if not one.suppressed and one.changed != -1)
    return tuple(
        one for one in open_ones
        if fails(cards, one.rule, one.severity, level if isinstance(level, str) else level(one.at.path))
    )  # fmt: skip


def fails(cards: Mapping[str, Card], rule: str, severity: Severity, level: str) -> bool:
    """Whether a finding of a rule fails a run: at or above the level, and no preview."""
    return severity in _levels(level) and _counts(cards.get(rule))


def families(findings: Sequence[Finding], cards: Mapping[str, Card]) -> tuple[tuple[str, int], ...]:
    """How many findings each family has; families that have rules are named even at none."""
    numbers = Counter(finding.family for finding in findings)
    known = {card.family for card in cards.values()}
    return tuple((family, numbers[family]) for family in FAMILIES if family in known)


def fingerprint(rule: str, path: str, symbol: str, keys: Sequence[str], ordinal: int) -> str:
    """The identity of a finding over time. `ordinal` counts identical ones in source order."""
    parts = (rule, path, symbol, *keys, str(ordinal))
    # A NUL inside a part must not look like the border between two.
    joined = "\0".join(part.replace("\\", "\\\\").replace("\0", "\\0") for part in parts)
    return "v1:" + hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


_SEVERITIES = tuple(Severity)
_CONFIDENCES = tuple(Confidence)


@dataclass(frozen=True, slots=True)
class _Claim:
    card: Card
    hit: Hit
    ordinal: int = 0

    @property
    def confidence(self) -> Confidence:
        return weakest(self.hit.confidence, self.card.confidence)

    @property
    def severity(self) -> Severity:
        return self.hit.severity or Severity(self.card.severity)

    @property
    def identity(self) -> tuple[str, str, str, tuple[str, ...]]:
        return self.card.slug, self.hit.at.path, self.hit.symbol, self.hit.keys


def _levels(level: str) -> tuple[Severity, ...]:
    levels = tuple(Severity)
    return () if level == "never" else levels[: levels.index(Severity(level)) + 1]


def _counts(card: Card | None) -> bool:
    return card is None or card.status != "preview"


def _names(names: Sequence[str]) -> frozenset[str]:
    # On a command line `outside-world` is easier to write than a name with a blank.
    spaced = {name.replace("-", " ") for name in names}
    return frozenset(names) | (spaced & set(FAMILIES))


def _refuse_unknown(cards: Mapping[str, Card], names: Sequence[str]) -> None:
    known = [*cards, *FAMILIES, *(family.replace(" ", "-") for family in FAMILIES)]
    faults = [f"no rule or family {n!r}" + did_you_mean(n, known) for n in names if n not in known]
    if faults:
        raise UnknownRule("\n".join(faults))


def _module(slug: str) -> str:
    return f"{CHECKS}.{slug.replace('-', '_')}"


def _check(slug: str) -> Check | None:
    name = _module(slug)
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None
    check: Check | None = getattr(module, "check", None)
    return check


def _distinct(claims: Iterable[_Claim]) -> list[_Claim]:
    """One claim for each identity and place, the surest and most severe of them."""
    best: dict[tuple[object, ...], _Claim] = {}
    for claim in claims:
        key = (*claim.identity, claim.hit.at)
        if key not in best or _strength(claim) < _strength(best[key]):
            best[key] = claim
    return list(best.values())


def _strength(claim: _Claim) -> tuple[object, ...]:
    hit = claim.hit
    level = (_CONFIDENCES.index(claim.confidence), _SEVERITIES.index(claim.severity), -len(hit.reach))
    return (*level, len(hit.trail), hit.variant, sorted(hit.details.items()), hit.trail, hit.related)


def _numbered(claims: list[_Claim]) -> list[_Claim]:
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    numbered = []
    for claim in sorted(claims, key=lambda claim: (claim.identity, _position(claim.hit.at))):
        numbered.append(replace(claim, ordinal=seen[claim.identity]))
        seen[claim.identity] += 1
    return numbered


def _position(at: Span) -> tuple[int, ...]:
    return at.cell, at.line, at.column, at.end_line, at.end_column


def _meet(claim: _Claim, other: _Claim) -> bool:
    a, b = claim.hit.at, other.hit.at
    overlap = a.cell == b.cell and a.line <= max(b.end_line, b.line) and b.line <= max(a.end_line, a.line)
    return overlap and _outranks(other, claim)


def _outranks(winner: _Claim, loser: _Claim) -> bool:
    # Hints are hidden by default: giving way to one would lose a finding that is shown.
    return winner.confidence is not Confidence.HINT or loser.confidence is Confidence.HINT


def _finding(claim: _Claim) -> Finding:
    card, hit = claim.card, claim.hit
    return Finding(
        rule=card.slug,
        severity=claim.severity,
        confidence=claim.confidence,
        at=hit.at,
        symbol=hit.symbol,
        message=_fill(card, _template(card, hit.variant), hit.details),
        fingerprint=fingerprint(*claim.identity, claim.ordinal),
        content=fingerprint(
            card.slug, "", hit.symbol, [_placeless(key, hit.at.path) for key in hit.keys], claim.ordinal
        ),
        title=card.title,
        family=card.family,
        remedy=_fill(card, card.remedy, hit.details),
        trail=hit.trail,
        related=hit.related,
        refutation=_one_line(hit.refutation) or _fill(card, card.refutation, hit.details),
        reach=hit.reach,
        keys=hit.keys,
    )


def _placeless(key: str, path: str) -> str:
    """A key that holds when files and folders are renamed: the last part of a path, and nothing of its own file."""
    return key.replace(path, "").rpartition("/")[2]


def _template(card: Card, variant: str) -> str:
    if variant and variant not in card.messages:
        raise RulebookError(f"{card.slug}: the check picks the message {variant!r}, which the card lacks")
    return card.messages[variant] if variant else card.message


def _fill(card: Card, template: str, details: Mapping[str, str]) -> str:
    lacking = placeholders(template) - details.keys()
    if lacking:
        raise RulebookError(f"{card.slug}: the check gives no {', '.join(sorted(lacking))} for {template!r}")
    # Values are put in as they are: format_map never looks for braces inside them.
    return template.format_map({name: _value(text) for name, text in details.items()})


def _value(text: str) -> str:
    line = _one_line(text)
    return line if len(line) <= LONGEST_VALUE else line[: LONGEST_VALUE - 3] + "..."


def _one_line(text: str) -> str:
    return " ".join(text.split())
