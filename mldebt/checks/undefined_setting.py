"""Settings that code reads, that no file defines, and that have no default."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches

from mldebt.findings import Hit
from mldebt.graph import Graph, SettingRead
from mldebt.roles import Confidence
from mldebt.source import Purpose
from mldebt.trail import MAX_STOPS, Stop

_MOST_FILES = 3


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each setting and the files it is looked for in."""
    groups: dict[object, list[SettingRead]] = defaultdict(list)
    spared = {(one.files, one.name) for one in graph.code.setting_reads if one.how == "config" and one.has_default}
    for read in graph.code.setting_reads:
        if (read.files, read.name) in spared:
            continue  # code asks first whether it is there
        if read.purpose is Purpose.PRODUCTION and not read.defined_at and not read.has_default:
            if read.known and read.how in ("config", "env", "field"):
                groups[read.how, read.files if read.how == "config" else read.component, read.name].append(read)
    defined = _names_by_file(graph)
    written = {edge.target for edge in graph.edges()}
    for reads in groups.values():
        made = any(f"artifact:file:{file}" in written for file in reads[0].files)
        if reads[0].how != "config":
            yield _of_variable(reads)
        elif reads[0].required and reads[0].files and not made:
            hit = _of_key(reads, defined)
            if hit.variant or not reads[0].elsewhere:
                yield hit


def _of_key(reads: list[SettingRead], defined: dict[str, set[str]]) -> Hit:
    first = reads[0]
    near = _near(first.name, sorted({name for file in first.files for name in defined[file]}))
    more = f" and {len(first.files) - _MOST_FILES} more" if len(first.files) > _MOST_FILES else ""
    files = ", ".join(first.files[:_MOST_FILES]) + more
    return Hit(
        at=first.at,
        details={"setting": first.name, "path": files, "value": near},
        keys=(first.name, *first.files[:_MOST_FILES]),
        confidence=Confidence.LIKELY if near else Confidence.HINT,
        symbol=first.symbol,
        trail=_stops(reads),
        related=_stops(reads[1:]),
        refutation=f"something outside this repository puts {first.name} there before it is read",
        variant="near" if near else "",
    )


def _near(name: str, defined: list[str]) -> str:
    """The defined name that is most like one, in either case, also inside a section; empty where none is."""
    for spelled in (
        {one: one for one in defined}, {one.partition(".")[2].lower(): one for one in defined if "." in one},
        {one.lower(): one for one in defined},
    ):  # fmt: skip
        wanted = name if name in spelled or not name.isupper() else name.lower()
        for said in dict.fromkeys((name, wanted)):
            found = get_close_matches(said, sorted(spelled), 1, 0.8)
            if found and spelled[found[0]].lower() != name.lower():
                return spelled[found[0]]
    return ""


def _of_variable(reads: list[SettingRead]) -> Hit:
    first = reads[0]
    searched = ", ".join(first.files[:_MOST_FILES]) or "no file of the repository sets variables"
    return Hit(
        at=first.at,
        details={"setting": first.name, "path": searched},
        keys=("env", first.name),
        confidence=Confidence.HINT,
        symbol=first.symbol,
        trail=_stops(reads),
        related=_stops(reads[1:]),
        refutation=f"whoever runs this sets {first.name}",
        variant="variable",
    )


def _stops(reads: list[SettingRead]) -> tuple[Stop, ...]:
    return tuple(Stop(read.at, f"read: {read.name}") for read in reads[:MAX_STOPS])


def _names_by_file(graph: Graph) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one in graph.code.settings:
        if one.form in ("config", "app"):
            found[one.file].add(one.name)
    return found
