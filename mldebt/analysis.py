"""The pipeline as a few readable functions, and the only place where its stages meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mldebt import catalogue, config, packages, rulebook
from mldebt.cards import FAMILIES, Card, load_cards, shipped_cards
from mldebt.catalogue import CatalogueError
from mldebt.config import Config, ConfigError
from mldebt.findings import Finding, Report, Severity, Stats
from mldebt.gather import Gathered, gather
from mldebt.gather.frames import Frames
from mldebt.gather.mentions import mentions
from mldebt.gather.purpose import purpose_by_name
from mldebt.graph import Graph, Illegible
from mldebt.link import link
from mldebt.roles import Confidence
from mldebt.rulebook import UnknownRule
from mldebt.source import Problem, Purpose

UNREADABLE = frozenset(
    {"syntax", "template", "encoding", "truncated", "too-large", "too-deep", "timeout", "crash", "io"}
)
"""The codes of problems that mean a whole file is missing from the graph."""

MISTAKES = (ConfigError, CatalogueError, UnknownRule)
"""What the functions here raise when the person asking has to correct something."""


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is asked of one run. `progress` is told how many files are read, and of how many."""

    config: Config = field(default_factory=Config)
    cache: bool = True
    progress: Callable[[int, int], None] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A repository as it was read: its graph, and what of it is missing there."""

    graph: Graph
    stats: Stats
    problems: tuple[Problem, ...]
    complete: bool


def configure(root: Path, asked: Mapping[str, Any]) -> Config:
    """The repository's configuration, with what is asked on top; None and empty ask nothing.

    `asked` holds fields of Config. What is ignored adds up, but for rules asked by name. Raises
    ConfigError.
    """
    cards = load_cards(shipped_cards())
    own = config.load(root, cards.keys(), FAMILIES)
    changes = {key: value for key, value in asked.items() if value not in (None, ())}
    kept = tuple(name for name in own.ignore if name not in changes.get("select", ()))
    return replace(own, **{**changes, "ignore": (*kept, *changes.get("ignore", ()))})


def read(root: Path, request: ScanRequest) -> Reading:
    """Files -> facts -> graph. Raises CatalogueError when a row of the project cannot be used."""
    settings = request.config
    known = catalogue.load(root / path for path in settings.catalogue)
    gathered = gather(root, settings, workers=settings.workers, progress=request.progress)
    lost = {problem.at.path for problem in gathered.problems if problem.code in UNREADABLE}
    named = mentions(root, sorted({*gathered.others, *lost, *(source.path for source, _ in gathered.files)}), lost)
    linked = link(gathered.files, known, gathered.others, root, named, _illegible(gathered), packages.load())
    problems = tuple(sorted((*gathered.problems, *linked.problems)))
    return Reading(linked.graph, _counted(linked.stats, gathered), problems, gathered.complete and linked.complete)


def scan(root: Path, request: ScanRequest) -> Report:
    """A repository's findings, as far as they are sure enough.

    Raises UnknownRule, before anything is read, and what `read` raises.
    """
    settings = request.config
    cards = load_cards(shipped_cards())
    rules = rulebook.enabled(cards, settings.profile, settings.select, settings.ignore)
    reading = read(root, request)
    found = rulebook.run(rules, reading.graph)
    frames = Frames(root)
    shown = tuple(_framed(finding, frames) for finding in found if _at_least(finding, settings.min_confidence))
    return Report(
        root=str(root),
        findings=shown,
        problems=reading.problems,
        stats=reading.stats,
        complete=reading.complete,
        hints_hidden=len(found) - len(shown),
        configured=bool(settings.file),
        families=_families(shown, cards),
        notes=settings.notes,
    )


def failing(report: Report, level: str) -> tuple[Finding, ...]:
    """The findings that fail a run: at or above the level, not suppressed, of no preview rule.

    `level` is a severity, or `never`.
    """
    if level == "never":
        return ()
    levels = tuple(Severity)
    enough = levels[: levels.index(Severity(level)) + 1]
    cards = load_cards(shipped_cards())
    return tuple(
        finding
        for finding in report.findings
        if finding.severity in enough and not finding.suppressed and _counts(cards.get(finding.rule))
    )


def _illegible(gathered: Gathered) -> tuple[Illegible, ...]:
    """The files, and cells of notebooks, that could not be read."""
    return tuple(
        Illegible(problem.at, problem.code, problem.text, problem.cure, purpose_by_name(problem.at.path))
        for problem in gathered.problems
        if problem.code in UNREADABLE or problem.code == "cell-syntax"
    )


def _counted(stats: Stats, gathered: Gathered) -> Stats:
    """The counts of the link, with those of the files."""
    lost = {problem.at.path for problem in gathered.problems if problem.code in UNREADABLE}
    read = {source.path for source, _ in gathered.files}
    tests = sum(source.purpose is Purpose.TEST for source, _ in gathered.files)
    return replace(stats, files=len(read | lost), unreadable=len(lost), tests=tests)


def _counts(card: Card | None) -> bool:
    return card is None or card.status != "preview"


def _framed(finding: Finding, frames: Frames) -> Finding:
    """Where a trail proves the finding, the line adds nothing; elsewhere the line is the evidence."""
    return finding if finding.trail else replace(finding, frame=frames.around(finding.at))


def _at_least(finding: Finding, least: Confidence) -> bool:
    levels = tuple(Confidence)
    return levels.index(finding.confidence) <= levels.index(least)


def _families(findings: tuple[Finding, ...], cards: Mapping[str, Card]) -> tuple[tuple[str, int], ...]:
    """How many findings each family has; families that have rules are named even at none."""
    numbers = Counter(finding.family for finding in findings)
    known = {card.family for card in cards.values()}
    return tuple((family, numbers[family]) for family in FAMILIES if family in known)
