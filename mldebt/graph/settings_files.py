"""Read-only questions about whole settings files: what stands in each, which of them are copies, which code writes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind
from mldebt.graph.settings import DefinedSetting
from mldebt.roles import Confidence, Store
from mldebt.source import Purpose, Span

FEWEST_EQUAL = 6
MOST_FILES = 200
Sheet = Mapping[tuple[str, ...], DefinedSetting]
Sheets = Mapping[str, Sheet]
_STAMP = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class Copies:
    """Settings files that are copies of the first of them: how many settings are `equal` in all, and the names of those
    that differ. `at` is where each of them begins."""

    files: tuple[str, ...]
    at: tuple[Span, ...]
    equal: int
    differing: tuple[str, ...]
    confidence: Confidence


def copies(graph: Graph) -> tuple[Copies, ...]:
    """Settings files most of whose settings are equal, with the first of them. Each file is the copy of one other at
    most, and what is a copy has none of its own."""
    sheets = sheets_of(graph)
    groups: dict[str, list[str]] = defaultdict(list)
    taken: set[str] = set()
    for first, second in combinations(sorted(sheets)[:MOST_FILES], 2):
        apart = graph.code.repository_of(first) != graph.code.repository_of(second)
        if apart or taken & {first, second}:
            continue
        equal = len(_equal(sheets[first], sheets[second]))
        if equal >= FEWEST_EQUAL and _is_most(equal, len(sheets[first].keys() | sheets[second].keys())):
            groups[first].append(second)
            taken.add(second)
    return tuple(_copied((first, *others), sheets) for first, others in groups.items())


def _copied(files: tuple[str, ...], sheets: Sheets) -> Copies:
    first, *others = (sheets[file] for file in files)
    equal = frozenset.intersection(*(_equal(first, other) for other in others))
    named = first.keys() | frozenset().union(*others)
    overlay = any(place.environment for file in files for place in sheets[file].values())
    places = tuple(min(place.at for place in sheets[file].values()) for file in files)
    differing = tuple(sorted(".".join(key) for key in named - equal))
    weak = overlay or not _is_most(len(equal), len(named))  # each is like the first, and all of them are not alike
    return Copies(files, places, len(equal), differing, Confidence.HINT if weak else Confidence.LIKELY)


def _is_most(equal: int, all_of_them: int) -> bool:
    return 4 * equal >= 3 * all_of_them


def _equal(one: Sheet, other: Sheet) -> frozenset[tuple[str, ...]]:
    return frozenset(key for key in one.keys() & other.keys() if one[key].value == other[key].value)


class Written:
    """The files that the code writes itself: they hold results, also where parts of their names are not known."""

    def __init__(self, graph: Graph) -> None:
        targets = (graph.node(edge.target) for edge in graph.edges(EdgeKind.WRITES))
        names = {node.id.partition(":file:")[2] for node in targets if node.store is Store.FILE}
        self._names = frozenset(names)
        self._patterns = tuple(_pattern(name) for name in sorted(names) if "{" in name)

    def fills(self, folder: str) -> bool:
        """Whether one of them lies below an absolute folder, or is it."""
        return any(f"{name}/".startswith(f"absolute:{folder}/") for name in self._names)

    def holds(self, path: str) -> bool:
        """Whether a file is one of them, or has the time of a run in its name, or is what a tool locks."""
        if path in self._names or path.endswith(".lock") or _STAMP.search(path.rpartition("/")[2]):
            return True
        return any(pattern is not None and pattern.fullmatch(path) for pattern in self._patterns)


def _pattern(name: str) -> re.Pattern[str] | None:
    """What a name with holes may be; None where too little of it is known."""
    parts = re.split(r"\{[^}]*\}", name)
    known = "".join(parts).strip("/.")
    return re.compile("[^/]*".join(map(re.escape, parts))) if len(known) > len(".json") else None


def sheets_of(graph: Graph) -> Sheets:
    found: dict[str, dict[tuple[str, ...], DefinedSetting]] = defaultdict(dict)
    is_written = cache(Written(graph).holds)
    for one in graph.code.settings:
        whole = one.form in ("config", "env", "terraform") and not one.template and not is_written(one.file)
        if whole and one.purpose is Purpose.PRODUCTION and one.kind not in ("map", "list", "null"):
            found[one.file][one.key] = one
    return found
