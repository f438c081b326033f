"""A file that should be read cannot be: what it says is missing from every other finding."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from mldebt.findings import Hit, Severity
from mldebt.graph import Graph, Illegible
from mldebt.roles import Confidence
from mldebt.source import Purpose
from mldebt.trail import MAX_STOPS, Stop

_FEW, _ALIKE = 2, frozenset({"old-syntax", "python-2", "encoding"})
_CODE = {".ipynb": "a notebook", ".py": "Python", ".pyw": "Python"}
_WORDS = {**_CODE, ".sh": "commands", ".bash": "commands", ".mk": "commands"}


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each file that could not be read, one for the cells of a notebook, at the first, and one for many
    files that one change of the same kind mends."""
    cells: dict[tuple[str, Confidence], list[Hit]] = defaultdict(list)
    alike: dict[tuple[object, ...], list[Hit]] = defaultdict(list)
    for hit in _lost(graph):
        if hit.at.cell:
            cells[hit.at.path, hit.confidence].append(hit)
        else:
            repository = graph.code.repository_of(hit.at.path)
            alike[repository, hit.keys, hit.confidence, hit.severity, _one_change(hit)].append(hit)
    for hits in alike.values():
        yield from (_together(hits),) if len(hits) > _FEW else hits
    for hits in cells.values():
        first, *others = sorted(hits, key=lambda hit: (hit.at.cell, hit.at.line))
        more = tuple(Stop(hit.at, f"cell: {hit.details['reason']}") for hit in others)
        details = {**first.details, "count": str(len(others))}
        yield replace(first, details=details, related=more[:MAX_STOPS], variant="cells") if others else first


def _one_change(hit: Hit) -> tuple[object, ...]:
    """What files have in common that one change of the same kind mends: how they are written, or the very place of one
    fault in files beside each other, as a program left it."""
    if hit.keys[0] in _ALIKE:
        return (hit.details["what"],)
    return posixpath.dirname(hit.at.path), hit.at.line, hit.at.column, hit.details["reason"]


def _together(hits: list[Hit]) -> Hit:
    """The files that are lost for one reason, at the first of them."""
    first, *others = sorted(hits, key=lambda hit: hit.at)
    stops = tuple(Stop(hit.at, f"nor this: {hit.details['reason']}") for hit in others)
    details = {**first.details, "count": str(len(others))}
    return replace(first, details=details, related=stops[:MAX_STOPS], variant="files")


def _lost(graph: Graph) -> Iterator[Hit]:
    for lost in graph.code.illegible:
        if lost.code == "template" and _what(lost) not in _CODE.values():
            continue  # settings to be: what fills them in is no part of the repository
        if lost.code == "too-large" and _what(lost) == "settings":
            continue  # more than anybody sets is data, or made by a program
        yield Hit(
            at=lost.at,
            details={"path": lost.at.path, "what": _what(lost), "reason": _reason(lost), "value": str(lost.at.cell)},
            keys=(lost.code, str(lost.at.cell)) if lost.at.cell else (lost.code,),
            severity=_severity(lost),
            confidence=_sureness(graph, lost),
            variant="cell" if lost.at.cell else "",
        )


def _sureness(graph: Graph, lost: Illegible) -> Confidence:
    """A broken JSON file that nothing here reads is as often the log or the data of some program as it is settings; a
    template of a project is made to be filled, and what an old Python reads is run by that. What others wrote, or a
    program, nobody here mends; what tests hold may be broken on purpose, and an example left to be filled."""
    if lost.purpose is not Purpose.PRODUCTION:
        return Confidence.HINT
    if lost.at.cell and lost.at.path not in {use.path for use in graph.code.notebook_runs}:
        return Confidence.HINT  # whoever works in it sees that; where nothing runs it, nothing else is lost
    if lost.code in ("old-syntax", "empty"):
        return Confidence.HINT  # the Python it is written for reads it; there is nothing to be read
    if "{{" in PurePosixPath(lost.at.path).parent.as_posix():
        return Confidence.HINT  # a template of a project is not read before it is filled
    loose = lost.at.path.lower().endswith(".json") and f"artifact:file:{lost.at.path}" not in graph
    return Confidence.HINT if loose and lost.code in ("encoding", "syntax", "truncated") else Confidence.CERTAIN


def _severity(lost: Illegible) -> Severity:
    """Code that is lost is an error; settings may be templates that nothing reads as they stand, and
    a template of code is not code yet."""
    if lost.purpose is not Purpose.PRODUCTION or lost.at.cell or lost.code == "template":
        return Severity.INFO
    return Severity.ERROR if _what(lost) in _CODE.values() else Severity.WARNING


def _what(lost: Illegible) -> str:
    if lost.at.cell:
        return "Python"
    path = PurePosixPath(lost.at.path)
    return _WORDS.get(path.suffix.lower()) or ("commands" if "makefile" in path.name.lower() else "settings")


def _reason(lost: Illegible) -> str:
    return f"{lost.reason} ({lost.cure})" if lost.cure else lost.reason
