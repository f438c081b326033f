"""Why a rule reports nothing at a place: the premises that are looked at one after the other, and which of them fails.

What can be told of any rule is told: whether it is applied, whether the file is read, what hides or outranks a finding,
and whether anything stands on the line that the rule could be about. Inside of a check nothing says which of its
conditions failed; then what the graph knows of the line stands beside what the card asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mldebt import analysis, rulebook
from mldebt.analysis import Found, Repository, ScanRequest
from mldebt.cards import Card, shipped
from mldebt.config import Config
from mldebt.findings import Finding
from mldebt.gather.listing import Listed, listing
from mldebt.graph.known_at import Known, around, is_kind, known_at
from mldebt.render.detail import HIDDEN
from mldebt.render.place import short, short_id
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span

MOST_NEAR = 3
_PLACE = re.compile(r"(?P<path>.+?)(?::cell (?P<cell>\d+))?:(?P<line>\d+)(?::\d+)?")


class NoPlace(ValueError):
    """What is given is no place; the text says how one is written."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`premises` are those that fail, the weightiest first, in words; `known` is what the graph knows of the line,
    inside of the function or class `inside`."""

    card: Card
    premises: tuple[str, ...]
    known: tuple[Known, ...]
    inside: str


@dataclass(frozen=True, slots=True)
class Place:
    """A line, as people write it: of a notebook within a cell, or in the file itself (cell 0)."""

    path: str
    line: int
    cell: int = 0

    def is_in(self, at: Span) -> bool:
        """Whether a span holds the line."""
        if at.path != self.path or (self.cell and at.cell != self.cell):
            return False
        first = at.line if self.cell or not at.cell else at.file_line
        return first <= self.line <= first + max(at.end_line - at.line, 0)

    def begins(self, at: Span) -> bool:
        """Whether a span begins on the line."""
        return self.is_in(replace(at, end_line=at.line))


def place_of(text: str) -> Place:
    """`path:line`, `path:line:column` or `path:cell N:line`, as findings show it. Raises NoPlace."""
    match = _PLACE.fullmatch(text.strip())
    if match is None:
        raise NoPlace(f"{text!r} is no place. Write PATH:LINE, or PATH:cell N:LINE, as findings show it.")
    return Place(match["path"].removeprefix("./"), int(match["line"]), int(match["cell"] or 0))


def why_not(part: Repository, slug: str, place: Place, request: ScanRequest) -> Answer:
    """Why `slug` reports nothing at a place of the only repository of a run. Raises what `analysis.compared` raises,
    and KeyError where there is no such rule."""
    card = shipped()[slug]
    listed = {one.path: one for one in listing(part.root, part.config)}
    whole = replace(part, config=replace(part.config, profile="full", select=(), ignore=()))
    found = analysis.compared((whole,), request)
    premises = [*_of_the_rule(card, part.config), *_of_the_file(place, listed.get(place.path))]
    premises += _of_findings(card, place, found, part.config) or _of_the_line(card, place, found, bool(premises))
    graph = found.reading.graph
    return Answer(card, tuple(premises), known_at(graph, place.begins), around(graph, place.path, place.line))


def _of_the_rule(card: Card, own: Config) -> Iterator[str]:
    if card.status == "retired":
        yield f"{card.slug} is retired: it is applied no more."
    applied = {rule.card.slug for rule in rulebook.enabled({card.slug: card}, own.profile, (), ())}
    names = {card.slug, card.family}
    where = own.file or "the command line"
    if names & set(own.ignore):
        yield f"{where} ignores {', '.join(sorted(names & set(own.ignore)))}."
    elif own.select and not names & set(own.select):
        yield f"{where} selects other rules: {', '.join(own.select)}."
    elif card.slug not in applied and card.slug not in own.select and card.status != "retired":
        yield f"{card.slug} is of the profile {card.profile}, and {own.profile} is in force: --profile full applies it."


def _of_the_file(place: Place, listed: Listed | None) -> Iterator[str]:
    if listed is None:
        yield f"{place.path} is no file that is found here: it is ignored by git, or is not there."
    elif listed.purpose is None:
        yield f"{place.path} is not read: {listed.why}."
    elif listed.purpose is not Purpose.PRODUCTION:
        yield f"{place.path} is {listed.purpose.value} code: it is read for what it links; findings seldom stand in it."


def _of_findings(card: Card, place: Place, found: Found, own: Config) -> list[str]:
    """What is to be said of findings of the rule that have the line among their places."""
    (rule,) = rulebook.rules([card])
    alone = rulebook.run([rule], found.reading.graph)
    here = [one for one in alone if any(map(place.is_in, one.places))]
    marked = {one.fingerprint: one for one in found.findings}
    told: list[str] = []
    for one in here:
        kept = marked.get(one.fingerprint)
        told.append(_outranked(card, one, found) if kept is None else _as_found(place, kept, own))
    return told


def _outranked(card: Card, one: Finding, found: Found) -> str:
    better = [
        other for other in found.findings
        if other.rule in card.yields_to and (other.at.path == one.at.path or other.keys == one.keys)
    ]  # fmt: skip
    near = min(better, key=lambda other: (other.at.path != one.at.path, abs(other.at.line - one.at.line)), default=None)
    what = f"{near.rule} at {short(near.at)} ({short_id(near.fingerprint)})" if near else " or ".join(card.yields_to)
    return f"It would be found, and gives way to {what}, which tells the same defect better."


def _as_found(place: Place, one: Finding, own: Config) -> str:
    """A finding that is there: what hides it, or where it is told."""
    if one.suppressed:
        return f"It is found ({short_id(one.fingerprint)}), and hidden: {HIDDEN[one.suppressed_by]}."
    levels = tuple(Confidence)
    if levels.index(one.confidence) > levels.index(own.min_confidence):
        level = one.confidence.value
        return f"It is found ({short_id(one.fingerprint)}), but only as a {level}: --min-confidence {level} shows it."
    if place.is_in(one.at):
        return f"It is reported here: mldebt show {short_id(one.fingerprint)}"
    steps = [number for number, stop in enumerate(one.trail, 1) if place.is_in(stop.at)]
    part = f"step {steps[0]} of {len(one.trail)}" if steps else "one of the places"
    return f"This line is {part} of a finding that is told at {short(one.at)}: mldebt show {short_id(one.fingerprint)}"


def _of_the_line(card: Card, place: Place, found: Found, is_told: bool) -> Iterator[str]:
    """What is to be said where no finding of the rule has the line."""
    lost = [one for one in found.reading.problems if place.is_in(one.at) and one.code != "suppression"]
    yield from (f"Something on this line was not followed: {one.text}." for one in lost)
    kinds = {known.kind for known in known_at(found.reading.graph, place.is_in)}
    if card.stands_on and not any(is_kind(kind, one) for kind in kinds for one in card.stands_on):
        yield f"It is reported where the graph has one of: {', '.join(card.stands_on)}. This line has none of them."
    elif not lost and not is_told:
        yield "The line has what the rule is about, and a condition of its check fails; which one, it does not say."
    near = [one for one in found.findings if one.rule == card.slug and one.at.path == place.path]
    if near:
        yield f"In this file it is found at {', '.join(short(one.at) for one in _nearest(place, near))}."


def _nearest(place: Place, findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda one: (abs(one.at.line - place.line), one.at))[:MOST_NEAR]
