"""A step that is in another language, and is called through a command or held in a text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import Crossing, Graph
from mldebt.roles import Confidence
from mldebt.source import Purpose, Span
from mldebt.trail import MAX_STOPS, Stop

_FEWEST_LINES = 10
_MANY, _HELD = 4, frozenset({"filled", "holds"})
_BUILDS = frozenset({"container", "settings"})
QUERY = "SQL"


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each text of code, or for all of a file that has many, for each script that holds such texts, and for
    each file that a function runs."""
    groups: dict[tuple[object, ...], list[Crossing]] = defaultdict(list)
    for one in graph.scrutiny.crossings:
        if one.purpose is Purpose.PRODUCTION:
            own = str(one.at) if one.how == "holds" and one.kind == "code" else ""
            groups[one.at.path, one.symbol, one.language, one.how, one.file, own].append(one)
    files: dict[tuple[object, ...], list[Hit]] = defaultdict(list)
    for hit in map(_hit, groups.values()):
        files[hit.at.path, hit.details["what"], hit.variant, hit.confidence].append(hit)
    for hits in files.values():
        yield from [_of_file(hits)] if len(hits) >= _MANY and hits[0].variant in _HELD else hits


def _of_file(hits: list[Hit]) -> Hit:
    """The longest of many texts of one file; the others are its related places."""
    first, *others = sorted(hits, key=lambda hit: (-int(hit.details["count"]), hit.at))
    lines = str(sum(int(hit.details["count"]) for hit in hits))
    return replace(
        first,
        details={**first.details, "count": lines, "value": str(len(hits)), "path": first.at.path},
        related=tuple(Stop(hit.at, f"also: {hit.details['count']} lines") for hit in others)[:MAX_STOPS],
        variant=f"{first.variant}_several",
    )


def _hit(found: list[Crossing]) -> Hit:
    first, *others = sorted(found, key=lambda one: (not one.step, -one.lines, one.at))
    told = Stop(first.at, f"{first.host}: {'runs' if first.how == 'runs' else 'holds'} {first.language}")
    side = (Stop(Span(first.file, 1, 1, 1, 1, 0, 1), f"{first.language}: {first.file}"),) if _is_other(first) else ()
    return Hit(
        at=first.at,
        details={
            "what": first.language,
            "source": first.host,
            "path": first.file or "a program",
            "count": str(sum(one.lines for one in found)),
            "function": first.symbol or first.at.path,
        },
        keys=(first.how, first.language, first.file),
        confidence=_sureness(first),
        symbol=first.symbol,
        trail=(told, *side),
        related=(*side, *(Stop(one.at, f"again: {one.language}") for one in others))[:MAX_STOPS],
        variant=("filled" if first.filled else first.how) if first.how == "holds" else "",
    )


def _is_other(one: Crossing) -> bool:
    return one.how == "runs" and bool(one.file)


def _sureness(one: Crossing) -> Confidence:
    """What builds an image or a release is no step of a pipeline. A query is sent through a client whatever its length:
    whether it has become a program, only who reads it can tell."""
    if one.kind in _BUILDS or not one.step or one.language == QUERY:
        return Confidence.HINT
    if one.how == "holds" and one.lines < _FEWEST_LINES:
        return Confidence.HINT  # a few lines are no program
    if one.how == "runs" and not one.file:
        return Confidence.HINT  # a tool that happens to be written in it
    return Confidence.LIKELY
