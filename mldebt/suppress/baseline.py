"""The baseline: the findings that are known already, one a line, kept beside the code.

A line names what stays the same while code moves: rule, path, symbol, title, and two fingerprints. No line number,
date, version, message or count stands there, so that two branches seldom touch the same line of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mldebt.findings import Finding

FILE = ".mldebt-baseline.jsonl"
BASELINE = "baseline"
BASE = "base"
LARGEST_FILE = 16 * 1024 * 1024
_CURE = "Mend the line, or make the file anew: mldebt baseline create --force"


class BadBaseline(ValueError):
    """A baseline that cannot be used; names the file, the line and the cure."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One known finding. `content` is its fingerprint without the path, by which a renamed file is followed."""

    path: str
    rule: str
    fingerprint: str
    content: str
    symbol: str
    title: str


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings beside a baseline: those that are not in it are new, entries that no finding is left of are stale."""

    findings: tuple[Finding, ...]
    stale: tuple[Entry, ...]


def entry_of(finding: Finding) -> Entry:
    """The line that a finding gets."""
    return Entry(
        finding.at.path, finding.rule, finding.fingerprint, finding.content, finding.symbol, finding.title
    )


def read(file: Path) -> tuple[Entry, ...] | None:
    """The entries of a baseline, sorted, each once; None where there is no such file. Raises BadBaseline."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise BadBaseline(f"{file.name} is larger than {LARGEST_FILE} bytes. {_CURE}")
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadBaseline(f"{file.name} cannot be read ({error.strerror}). Check its permissions.") from error
    except UnicodeDecodeError as error:
        raise BadBaseline(f"{file.name} is no UTF-8 text. {_CURE}") from error
    said = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    return tuple(sorted({_entry(file.name, number, line) for number, line in said}))


def written(entries: Iterable[Entry]) -> str:
    """The text of a baseline: sorted by path, rule and fingerprint, a line each."""
    return "".join(f"{json.dumps(_document(entry), ensure_ascii=True)}\n" for entry in sorted(set(entries)))


def compare(
    findings: Iterable[Finding], entries: Collection[Entry], paths: Collection[str], by: str = BASELINE
) -> Compared:
    """Marks the findings that are known, `by` the baseline or the base, but for those that are hidden already. An entry
    of a file that is not among `paths` any more stands for a finding of the same content in a file that is new to the
    baseline: the file was renamed. One that no finding is left of stands for one of the same content that spans files:
    its best place is another now."""
    findings = tuple(findings)
    shown = [finding for finding in findings if not finding.suppressed]
    prints = {entry.fingerprint for entry in entries}
    known = {finding.fingerprint for finding in shown if finding.fingerprint in prints}
    moved = _moved([one for one in shown if one.fingerprint not in known], entries, known, frozenset(paths))
    left = [one for one in shown if one.fingerprint not in known and one.fingerprint not in moved]
    used = known | {entry.fingerprint for entry in moved.values()}
    moved |= _elsewhere(left, [entry for entry in entries if entry.fingerprint not in used], frozenset(paths))
    used = known | {entry.fingerprint for entry in moved.values()}
    return Compared(
        tuple(
            replace(one, suppressed=True, suppressed_by=by)
            if not one.suppressed and (one.fingerprint in known or one.fingerprint in moved) else one
            for one in findings
        ),
        tuple(sorted(entry for entry in entries if entry.fingerprint not in used)),
    )  # fmt: skip


def _moved(
    findings: Sequence[Finding], entries: Iterable[Entry], known: Collection[str], paths: Collection[str]
) -> dict[str, Entry]:
    """The entries of renamed files by the fingerprints that their findings have now: by their content first, then by
    what is left of them when the folder they name has another name."""
    gone = [one for one in sorted(entries) if one.fingerprint not in known and one.path not in paths]
    named = {entry.path for entry in entries}
    left = [one for one in sorted(findings, key=lambda one: (one.at, one.fingerprint)) if one.at.path not in named]
    found: dict[str, Entry] = {}
    for same in (_same_content, _same_place):
        waiting: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
        taken = {entry.fingerprint for entry in found.values()}
        for entry in reversed(gone):
            if entry.fingerprint not in taken:
                waiting[same(entry)].append(entry)
        for finding in left:
            fitting = waiting.get(same(entry_of(finding)))
            if fitting and finding.fingerprint not in found:
                found[finding.fingerprint] = fitting.pop()
    return found


def _elsewhere(
    findings: Iterable[Finding], entries: Iterable[Entry], paths: Collection[str]
) -> dict[str, Entry]:
    """The entries that are left, by the findings of the same content that stand in several files: where such a debt has
    lost its best place, or got a better one, it is the same debt at another of its places. What stands in a function is
    there by its name, which says too little alone, as a `main` is in many files: its file has to be gone, or to be
    among the places of the finding still."""
    waiting: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for entry in sorted(entries, reverse=True):
        waiting[_same_content(entry)].append(entry)
    found: dict[str, Entry] = {}
    for finding in sorted(findings, key=lambda one: (one.at, one.fingerprint)):
        files = {place.path for place in finding.places}
        fitting = waiting.get(_same_content(entry_of(finding)), []) if len(files) > 1 else []
        for entry in reversed(fitting):
            if not entry.symbol or entry.path not in paths or entry.path in files:
                found[finding.fingerprint] = entry
                fitting.remove(entry)
                break
    return found


def _same_content(entry: Entry) -> tuple[str, ...]:
    return entry.rule, entry.content


def _same_place(entry: Entry) -> tuple[str, ...]:
    return entry.rule, entry.path.rpartition("/")[2], entry.symbol, entry.title


def _document(entry: Entry) -> dict[str, str]:
    return {
        "path": entry.path, "rule": entry.rule, "symbol": entry.symbol, "title": entry.title,
        "fingerprint": entry.fingerprint, "content": entry.content,
    }  # fmt: skip


def _entry(file: str, number: int, line: str) -> Entry:
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        raise BadBaseline(f"{file}:{number}: a merge was not resolved here. Keep the lines of both sides.")
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadBaseline(f"{file}:{number}: this line is no JSON. {_CURE}") from error
    wanted = ("path", "rule", "fingerprint", "content", "symbol", "title")
    if not isinstance(document, dict) or not all(isinstance(document.get(name), str) for name in wanted):
        raise BadBaseline(f"{file}:{number}: this line is no finding: it needs {', '.join(wanted)}. {_CURE}")
    return Entry(**{name: document[name] for name in wanted})
