"""What a small repository says about its own findings, and what of that does not hold.

A mark stands behind the line it speaks of; on a line of its own it speaks of the next line that is
no mark. As many marks as findings:

    # expect: fixed-threshold            this is found here
    # expect: fixed-threshold (hint)     the same, and it is no more than a hint
    # missed: fixed-threshold (why)      a blind spot; fails as soon as it is found
    # wrong: fixed-threshold (why)       a false claim; fails as soon as it is gone

Files that carry no comments, such as notebooks, have their marks in `expected.toml` at the top:
tables `[[expect]]`, `[[missed]]` and `[[wrong]]` with `rule`, `path`, `line`, for a notebook also
`cell` (from 1 over all cells; lines then count within the cell), `hint = true` for what is no more than a hint, and
`why` for the last two.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import tomli

from mldebt.findings import Finding
from mldebt.roles import Confidence

WORDS = ("expect", "missed", "wrong")
_KEPT = frozenset({"__pycache__", ".mldebt_cache"})  # what a run leaves holds the words of marks as well
LISTED = "expected.toml"
_MARK = re.compile(
    r"#\s*(?P<word>expect|missed|wrong):\s*(?P<slug>[a-z][a-z0-9-]*)(?:\s*\((?P<why>.+?)\)(?=\s*(?:#|$)))?"
)
_ALONE = re.compile(r"^\s*#\s*(?:expect|missed|wrong):")

Place = tuple[str, int, int]  # path, cell, line


@dataclass(frozen=True)
class Mark:
    """A claim about one line. `word` is one of WORDS; `hint` tells that it is no more than that."""

    word: str
    slug: str
    place: Place
    hint: bool = False


def marks_of(root: Path) -> tuple[Mark, ...]:
    """All marks below a folder. Raises ValueError for one that cannot be meant."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and _KEPT.isdisjoint(path.parts))
    found = [mark for path in files if path.suffix != ".ipynb" for mark in _in_file(root, path)]
    return (*found, *_listed(root))


def disagreements(marks: Iterable[Mark], findings: Iterable[Finding]) -> list[str]:
    """What is marked and not found, found and not marked, or no longer as its mark says."""
    marks, findings = tuple(marks), tuple(findings)
    found = Counter((finding.rule, _place(finding)) for finding in findings)
    messages = {(finding.rule, _place(finding)): finding.message for finding in findings}
    marked: dict[str, Counter[tuple[str, Place]]] = {word: Counter() for word in WORDS}
    for mark in marks:
        marked[mark.word][mark.slug, mark.place] += 1
    sure = {(finding.rule, _place(finding)) for finding in findings if finding.confidence is not Confidence.HINT}
    due_hints = sorted((mark.slug, mark.place) for mark in marks if mark.hint)
    told = [f"{_spelled(key)} is more than a hint" for key in due_hints if key in sure]
    for key in sorted({*found, *marked["expect"], *marked["missed"], *marked["wrong"]}):
        there, due = found[key], marked["expect"][key] + marked["wrong"][key]
        if there > due and marked["missed"][key]:
            told.append(f"{_spelled(key)} is found by now: make its mark `expect`")
        elif there > due:
            told.append(f"{_spelled(key)} is found and not expected: {messages[key]}")
        elif there < due and marked["wrong"][key]:
            told.append(f"{_spelled(key)} is no longer claimed: remove its mark `wrong`")
        elif there < due:
            told.append(f"{_spelled(key)} is expected and not found")
    return told


def _in_file(root: Path, path: Path) -> Iterator[Mark]:
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    name = path.relative_to(root).as_posix()
    for number, line in enumerate(lines, 1):
        at = number if not _ALONE.match(line) else _next(lines, number)
        for match in _MARK.finditer(line):
            if match["word"] != "expect" and not match["why"]:
                raise ValueError(f"{path}:{number}: `{match['word']}` needs its reason in parentheses")
            hint = match["word"] == "expect" and match["why"] == "hint"
            yield Mark(match["word"], match["slug"], (name, 0, at), hint)


def _next(lines: list[str], number: int) -> int:
    """The number of the first line behind `number` that is no mark."""
    while number < len(lines) and _ALONE.match(lines[number]):
        number += 1
    return number + 1


def _listed(root: Path) -> Iterator[Mark]:
    path = root / LISTED
    for word, entries in tomli.loads(path.read_text("utf-8")).items() if path.exists() else ():
        for entry in entries:
            if word not in WORDS or (word != "expect" and not entry.get("why")):
                raise ValueError(f"{path}: {word}: {entry}")
            if not (root / entry["path"]).exists():
                raise ValueError(f"{path}: there is no {entry['path']}")
            hint = word == "expect" and entry.get("hint", False)
            yield Mark(word, entry["rule"], (entry["path"], entry.get("cell", 0), entry["line"]), hint)


def _place(finding: Finding) -> Place:
    return finding.at.path, finding.at.cell, finding.at.line


def _spelled(key: tuple[str, Place]) -> str:
    slug, (path, cell, line) = key
    return f"{path}:{f'cell {cell}:' if cell else ''}{line}: {slug}"
