"""Read-only questions about what has to change with a path that stands in the code: where else it is spelled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mldebt.graph.code import MENTION, Literal, is_spelled_out
from mldebt.graph.graph import Graph
from mldebt.graph.settings_in_code import Repeated, loose, plain_path, project_of, projects
from mldebt.source import Purpose


def with_mentions(found: Repeated, literals: Iterable[Literal]) -> Repeated:
    """What repeats, with all other texts of its project that spell it: whoever changes it has to find those, too."""
    if found.kind not in ("file", "place"):
        return found
    spelled = {(one.component, plain_path(one.value)) for one in found.literals if is_spelled_out(one.value)}
    held = {one.at for one in found.literals}
    more = [one for one in literals if one.role == MENTION and (one.component, plain_path(one.value)) in spelled]
    return replace(found, literals=(*found.literals, *(one for one in more if one.at not in held)))


def held_elsewhere(graph: Graph) -> list[Literal]:
    """Paths of production code that are no burden by themselves, as defaults and constants of settings: whoever changes
    one that stands in the code as well has to find those, too."""
    roots, free = projects(graph), {one.at for one in loose(graph)}
    return [
        replace(one, role=MENTION, component=project_of(one.at.path, roots))
        for one in graph.code.literals
        if one.purpose is Purpose.PRODUCTION and one.role == "path" and one.at not in free
    ]
