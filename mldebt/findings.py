"""What checks yield and renderers get: hits, findings and the report."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mldebt.roles import Confidence
from mldebt.source import Problem, Span
from mldebt.trail import Stop, Trail


class Severity(enum.Enum):
    """How much a finding matters; also the levels of `--fail-level`."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a check holds, before words are put to it.

    `details` fills the card's message; `keys` are stable strings that, with the rule, the path
    and the symbol, identify the finding over time (artifact names, flags; never counts or
    lines). `refutation` fills the card's refutation text. `severity` overrides the card's.
    """

    at: Span
    details: Mapping[str, str]
    keys: tuple[str, ...]
    confidence: Confidence = Confidence.CERTAIN
    symbol: str = ""
    trail: Trail = ()
    related: tuple[Stop, ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    refutation: str = ""
    reach: tuple[str, ...] = ()
    severity: Severity | None = None
    variant: str = ""

    @property
    def files(self) -> frozenset[str]:
        """The files it stands in, with those of its trail and what is related."""
        return frozenset((self.at.path, *(stop.at.path for stop in (*self.trail, *self.related))))


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect at its best place, in the card's words; all a renderer needs to show it.

    `reach` names the models, services and consumers downstream. `remedy` is one line. `content` is the fingerprint
    without the path, `line_hash` GitHub's identity of the line where it was asked for. `suppressed_by` says what hides
    it: `baseline`, `base`, `comment`, `per-file-ignores` or `exception`. `keys` are those of the hit. `changed` is the
    place that the change since the base touches: 0 its own, N the Nth step of the trail, -1 none; None without a base.
    """

    rule: str
    severity: Severity
    confidence: Confidence
    at: Span
    symbol: str
    message: str
    fingerprint: str
    title: str = ""
    family: str = ""
    remedy: str = ""
    trail: Trail = ()
    related: tuple[Stop, ...] = ()
    refutation: str = ""
    reach: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    suppressed: bool = False
    suppressed_by: str = ""
    content: str = ""
    line_hash: str = ""
    frame: tuple[tuple[int, str], ...] = ()
    keys: tuple[str, ...] = ()
    changed: int | None = None

    @property
    def places(self) -> tuple[Span, ...]:
        """All its places, the best one first."""
        return (self.at, *(stop.at for stop in (*self.trail, *self.related)))

    @property
    def evidence(self) -> tuple[Span, ...]:
        """The best of its places, and the steps of its trail."""
        return (self.at, *(stop.at for stop in self.trail))


@dataclass(frozen=True, slots=True)
class Stats:
    """The counts of a run. `foreign` are files of projects of others that lie here, `accesses` read and write sites;
    `reasons` say why some are unknown."""

    files: int = 0
    unreadable: int = 0
    tests: int = 0
    foreign: int = 0
    lines: int = 0
    nodes: int = 0
    edges: int = 0
    accesses: int = 0
    full: int = 0
    pattern: int = 0
    unknown: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    unknown_calls: tuple[tuple[str, int], ...] = ()
    bounds: tuple[tuple[str, int], ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a renderer gets. `findings` are sorted; hidden ones are counted, not listed. `baseline` is whether
    there is one, `base` the revision that is compared with instead, `stale` how many of their findings are gone.
    `affected` counts, by kind, what lies downstream of the files that changed since the base."""

    root: str
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    stats: Stats
    complete: bool = True
    hints_hidden: int = 0
    configured: bool = False
    families: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = field(default=())
    baseline: bool = False
    base: str = ""
    stale: int = 0
    affected: tuple[tuple[str, int], ...] = ()


def summed(stats: Sequence[Stats]) -> Stats:
    """The counts of several repositories; of what is counted by name, the commonest first."""
    first, *others = stats
    for other in others:
        both = {name: (getattr(first, name), getattr(other, name)) for name in Stats.__slots__}
        first = replace(first, **{name: _sum(*pair) for name, pair in both.items()})
    return first


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, int):
        return one + other
    counts = Counter(dict(one)) + Counter(dict(other))
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
