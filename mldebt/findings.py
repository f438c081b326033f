"""What checks yield and renderers get: hits, findings and the report."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect at its best place, in the card's words; all a renderer needs to show it.

    `reach` names the models, services and consumers downstream. `remedy` is one line. `content` is the fingerprint
    without the path, `line_hash` GitHub's identity of the line where it was asked for. `suppressed_by` says what hides
    it: `baseline` or `comment`.
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


@dataclass(frozen=True, slots=True)
class Stats:
    """The counts of a run. `accesses` are read and write sites; `reasons` say why some are unknown."""

    files: int = 0
    unreadable: int = 0
    tests: int = 0
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
    there is one, `stale` how many of its entries no finding is left of."""

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
    stale: int = 0
