"""Read-only questions: variables that one file gives a value twice, of which the later counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.graph.graph import Graph
from mldebt.graph.settings import DefinedSetting
from mldebt.source import Purpose

_COVERED = "***"
Pair = tuple[DefinedSetting, DefinedSetting]


def said_twice(graph: Graph, *, differing: bool) -> Iterator[list[Pair]]:
    """For each file of variables those that it gives first one value and then another, or the same again, each with
    its first and its last place."""
    files: dict[str, dict[str, list[DefinedSetting]]] = defaultdict(lambda: defaultdict(list))
    for one in graph.code.settings:
        if one.form == "env" and one.purpose is Purpose.PRODUCTION and _COVERED not in one.value:
            files[one.file][one.name].append(one)
    for _, names in sorted(files.items()):
        pairs = [_first_and_last(ones) for _, ones in sorted(names.items()) if len({one.at for one in ones}) > 1]
        found = [pair for pair in pairs if (pair[0].value != pair[1].value) is differing]
        if found:
            yield sorted(found, key=lambda pair: pair[0].at)


def _first_and_last(ones: list[DefinedSetting]) -> Pair:
    """The last place, and the first that says something else; where none does, the first."""
    first, *_, last = sorted(ones, key=lambda one: one.at)
    return next((one for one in ones if one.value != last.value), first), last
