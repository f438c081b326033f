"""Cards: what a rule minds, in words, read from TOML files and checked as a whole."""

from __future__ import annotations

import difflib
import re
import string
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import tomli

from mldebt.roles import Confidence

if TYPE_CHECKING:
    if sys.version_info >= (3, 11):
        from importlib.resources.abc import Traversable
    else:
        from importlib.abc import Traversable

FAMILIES = (
    "boundaries", "data", "loops", "system", "configuration",
    "outside world", "other debt", "evaluation", "notebooks", "mldebt",
)
SEVERITIES = ("error", "warning", "info")
PROFILES = ("core", "full")
STATUSES = ("preview", "stable", "retired")
TOLD, HINTED = "told", "hint"
PLACEHOLDERS = frozenset({
    "artifact", "column", "consumer", "count", "feature", "flag", "function", "model", "path", "producer",
    "reason", "setting", "source", "split", "step", "transformer", "value", "what",
})


@dataclass(frozen=True, slots=True)
class Card:
    """One rule in words. `bad` and `good` are small repositories, file name to text.

    `severity` is one of SEVERITIES; `confidence` is the most the rule ever claims, whatever its check does: a rule that
    has not shown to be right nine times of ten is a hint; `messages` are variants that a hit picks by name; `remedy` is
    one line.
    `stands_on` says what the graph knows of every line on which the rule is reported, by the words of
    `graph/known_at.py`: at least one of these; empty says nothing.
    `in_trials` says whether what stands only in notebooks, trials and scripts that nothing names, beside the code in
    force, is told, or a hint.
    """

    slug: str
    title: str
    family: str
    paper: str
    severity: str
    profile: str
    status: str
    since: str
    confidence: Confidence
    message: str
    what: str
    why: str
    fix: str
    remedy: str = ""
    refutation: str = ""
    not_when: str = ""
    in_trials: str = HINTED
    yields_to: tuple[str, ...] = ()
    stands_on: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)
    bad: Mapping[str, str] = field(default_factory=dict)
    good: Mapping[str, str] = field(default_factory=dict)


class CardError(ValueError):
    """One or more cards are wrong; `faults` holds every fault found, one line each."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def shipped_cards() -> Traversable:
    """The folder of the cards that come with mldebt."""
    return files("mldebt.rules") / "cards"


@cache
def shipped() -> Mapping[str, Card]:
    """The cards that come with mldebt, by slug: a run asks for them several times. Raises CardError."""
    return MappingProxyType(load_cards(shipped_cards()))


def slugs() -> frozenset[str]:
    """The names of the rules that come with mldebt."""
    return frozenset(file.name[: -len(".toml")] for file in shipped_cards().iterdir() if file.name.endswith(".toml"))


def load_cards(folder: Traversable) -> dict[str, Card]:
    """Every `<slug>.toml` of a folder, by slug. Raises CardError with the faults of all of them."""
    cards: dict[str, Card] = {}
    faults: list[str] = []
    names = {f.name[: -len(".toml")]: f for f in folder.iterdir() if f.name.endswith(".toml")}
    for slug, file in sorted(names.items()):
        try:
            data = tomli.loads(file.read_bytes().decode("utf-8"))
        except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError
            faults.append(f"{slug}.toml: {error}")
            continue
        own = [f"{slug}.toml: {fault}" for fault in _faults(slug, data)]
        faults += own
        if not own:
            cards[slug] = _card(slug, data)
    faults += _precedence_faults(cards, frozenset(names))
    if faults:
        raise CardError(tuple(faults))
    return cards


def placeholders(template: str) -> frozenset[str]:
    """The names a message needs. Raises ValueError unless each stands as a bare `{name}`."""
    names = set()
    for _, name, spec, conversion in string.Formatter().parse(template):
        if name is None:
            continue
        if spec or conversion or not name.isidentifier():
            raise ValueError(f"{{{name}}} is no bare placeholder")
        names.add(name)
    return frozenset(names)


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """The end of a message about an unknown name: its nearest neighbour, or nothing."""
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


_NEEDED = ("title", "family", "severity", "profile", "status", "since", "confidence",
           "message", "what", "why", "fix")
_TEXTS = (*_NEEDED, "paper", "remedy", "refutation", "not_when", "in_trials")
_LISTS = ("yields_to", "references", "stands_on")
_TABLES = ("messages", "example")
_CLOSED = {
    "family": FAMILIES, "severity": SEVERITIES, "profile": PROFILES, "status": STATUSES,
    "confidence": tuple(level.value for level in Confidence), "in_trials": (TOLD, HINTED),
}


def _card(slug: str, data: Mapping[str, Any]) -> Card:
    texts = {key: data[key].strip() for key in _TEXTS if key in data and key != "confidence"}
    example = data["example"]
    return Card(
        slug=slug,
        **{"paper": "", **texts},
        confidence=Confidence(data["confidence"]),
        yields_to=tuple(data.get("yields_to", ())),
        references=tuple(data.get("references", ())),
        stands_on=tuple(data.get("stands_on", ())),
        messages=MappingProxyType(dict(data.get("messages", {}))),
        bad=MappingProxyType(dict(example["bad"])),
        good=MappingProxyType(dict(example["good"])),
    )


def _faults(slug: str, data: Mapping[str, Any]) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", slug):
        yield "the name of the file is no slug (lower case words joined by hyphens)"
    yield from _key_faults(data)
    for key, allowed in _CLOSED.items():
        value = data.get(key)
        if isinstance(value, str) and value not in allowed:
            yield f"{key} is {value!r}; it is one of {', '.join(allowed)}"
    if isinstance(data.get("title"), str) and ("\n" in data["title"] or data["title"].endswith(".")):
        yield "title is one line without a full stop"
    if isinstance(data.get("remedy"), str) and "\n" in data["remedy"].strip():
        yield "remedy is one line"
    yield from _template_faults(data)
    yield from _example_faults(data.get("example"))


def _key_faults(data: Mapping[str, Any]) -> Iterator[str]:
    known = (*_TEXTS, *_LISTS, *_TABLES)
    for key in data:
        if key not in known:
            yield f"unknown key {key!r}" + did_you_mean(key, known)
    for key in _TEXTS:
        if key in data and not isinstance(data[key], str):
            yield f"{key} is a text"
        elif key in _NEEDED and not str(data.get(key, "")).strip():
            yield f"{key} is missing"
    for key in _LISTS:
        value = data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield f"{key} is a list of texts"
    if not _is_text_table(data.get("messages", {})):
        yield "messages is a table of texts"


def _template_faults(data: Mapping[str, Any]) -> Iterator[str]:
    variants = data.get("messages", {})
    templates = {key: data.get(key, "") for key in ("message", "remedy", "refutation")}
    if isinstance(variants, dict):
        templates |= {f"messages.{name}": text for name, text in variants.items()}
    for key, template in templates.items():
        if not isinstance(template, str):
            continue
        try:
            unknown = placeholders(template) - PLACEHOLDERS
        except ValueError as error:
            yield f"{key}: {error}"
            continue
        for name in sorted(unknown):
            yield f"{key}: unknown placeholder {name!r}" + did_you_mean(name, sorted(PLACEHOLDERS))


def _example_faults(example: object) -> Iterator[str]:
    if not isinstance(example, dict):
        yield "example is missing: a table with bad and good"
        return
    for side in ("bad", "good"):
        table = example.get(side)
        if not table or not _is_text_table(table):
            yield f"example.{side} is a table of file names and their text"
            continue
        for name in table:
            if name.startswith("/") or "\\" in name or ".." in name.split("/"):
                yield f"example.{side}: {name!r} leaves its folder"


def _is_text_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _precedence_faults(cards: Mapping[str, Card], names: frozenset[str]) -> Iterator[str]:
    for slug, card in cards.items():
        for other in card.yields_to:
            if other not in names:
                yield f"{slug}.toml: yields_to names {other!r}, which is no card"
        if slug in _gives_way_to(slug, cards):
            yield f"{slug}.toml: yields_to leads back to {slug!r}"


def _gives_way_to(slug: str, cards: Mapping[str, Card]) -> set[str]:
    seen: set[str] = set()
    waiting = list(cards[slug].yields_to)
    while waiting:
        other = waiting.pop()
        if other not in seen:
            seen.add(other)
            waiting += cards[other].yields_to if other in cards else ()
    return seen
