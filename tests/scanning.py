"""Scans for tests: the real pipeline, with files read in this process, as hundreds of small cases are many."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from unittest import mock

from mldebt import analysis, catalogue, gather
from mldebt.cards import Card, load_cards, shipped_cards
from mldebt.catalogue import Catalogue
from mldebt.config import Config
from mldebt.findings import Report
from mldebt.gather.pool import Answer, Work
from mldebt.gather.worker import Reader
from mldebt.roles import Confidence

TOP = Path(__file__).parents[1]
CARDS = load_cards(shipped_cards())


def module_of(slug: str) -> str:
    """The module that holds a rule's check."""
    return f"mldebt.checks.{slug.replace('-', '_')}"


def has_check(slug: str) -> bool:
    """Whether the module of a rule's check exists; it need not work."""
    return importlib.util.find_spec(module_of(slug)) is not None


def checked() -> tuple[str, ...]:
    """The slugs of all rules that have a check."""
    return tuple(slug for slug in sorted(CARDS) if has_check(slug))


def with_betters(slug: str) -> tuple[str, ...]:
    """A rule and those it gives way to, as far as they have checks."""
    found: list[str] = []
    todo = [slug]
    while todo:
        card: Card = CARDS[todo.pop()]
        if card.slug not in found and has_check(card.slug):
            found.append(card.slug)
            todo += card.yields_to
    return tuple(found)


def scan(root: Path, slugs: Iterable[str]) -> Report:
    """All findings of these rules, hints too."""
    asked = {"profile": "full", "min_confidence": Confidence.HINT, "select": tuple(slugs)}
    config = analysis.configure(root, asked)
    with mock.patch.object(gather, "extract", _in_process), mock.patch.object(catalogue, "load", _load):
        return analysis.scan(root, analysis.ScanRequest(config, cache=False))


def found(root: Path, config: Config) -> analysis.Found:
    """All findings by a configuration, with the graph they were found in."""
    with mock.patch.object(gather, "extract", _in_process), mock.patch.object(catalogue, "load", _load):
        return analysis.compared((analysis.Repository("", root, config),), analysis.ScanRequest(config, cache=False))


def scan_together(roots: Iterable[Path], slugs: Iterable[str]) -> Report:
    """All findings of these rules in several repositories, hints too."""
    asked = {"profile": "full", "min_confidence": Confidence.HINT, "select": tuple(slugs)}
    parts = analysis.repositories(tuple(roots), asked)
    with mock.patch.object(gather, "extract", _in_process), mock.patch.object(catalogue, "load", _load):
        return analysis.scan_all(parts, analysis.ScanRequest(cache=False))


def _in_process(
    works: Iterable[Work], reader: Reader, workers: int, seconds: float, meanwhile: Callable[[], None] | None = None
) -> Iterator[Answer]:
    """What the worker pool does, without workers: a crash ends the test."""
    for work in works:
        yield work.key, reader(work.kind, work.data, work.name)


_load_any = catalogue.load


@cache
def _shipped() -> Catalogue:
    return _load_any()


def _load(own: Iterable[tuple[str, bytes]] = ()) -> Catalogue:
    documents = tuple(own)
    return _load_any(documents) if documents else _shipped()
