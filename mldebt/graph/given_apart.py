"""Read-only questions about parameters that one program gives a number in the code, and another a setting."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind
from mldebt.graph.questions import saved, trainings
from mldebt.graph.settings import Given
from mldebt.graph.settings_in_code import project_of, projects
from mldebt.graph.superseded import superseded
from mldebt.roles import Role


@dataclass(frozen=True, slots=True)
class Apart:
    """Numbers that code gives parameters of one callee in one file, each beside a place where a setting says it;
    `differs`: the settings have other values."""

    pairs: tuple[tuple[Given, Given], ...]
    differs: bool


def given_apart(graph: Graph) -> Iterator[Apart]:
    """What is filled in both ways, all of one callee in one file of code at once. What defines the callee only tries it
    out."""
    programs = _Programs.of(graph)
    told: dict[tuple[str, str, bool], dict[tuple[Given, Given], None]] = defaultdict(dict)
    for callee, found in _groups(graph):
        asked = _known([one for one in found if one.setting])
        homes = {path for one in asked for path in (one.at.path, one.home.path if one.home else "")}
        for one in found:
            if not one.setting and one.at.path not in homes | {one.file}:
                meant = [other for other in asked if programs.share(one, other)]
                like = [other for other in meant if other.value in (one.value, "")]
                if not meant:
                    continue
                pair = one, min(like or meant, key=lambda other: other.at)
                told[callee, one.at.path, not like][pair] = None
    for (*_, differs), pairs in sorted(told.items()):
        yield Apart(tuple(sorted(pairs, key=lambda pair: pair[0].at)), differs)


@dataclass(frozen=True, slots=True)
class _Programs:
    """The files of code in which models learn, those in which they only answer or are judged, and the files that others
    import."""

    learning: frozenset[str]
    using: frozenset[str]
    imported: frozenset[str]

    @classmethod
    def of(cls, graph: Graph) -> _Programs:
        """Those of a graph."""
        fits = trainings(graph)
        learning = frozenset(fit.at.path for fit in fits)
        uses = {node.at.path for node in graph.nodes() if node.role in (Role.PREDICT, Role.EVALUATE, Role.SERVE)}
        stored = frozenset(place for fit in fits for place in saved(graph, fit))
        uses |= {edge.at.path for edge in graph.edges(EdgeKind.READS) if edge.source in stored}
        imported = frozenset(one.path for one in graph.code.local_imports)
        return cls(learning, frozenset(uses) - learning, imported)

    def share(self, one: Given, other: Given) -> bool:
        """Whether what is given in two places has to be the same: one file learns from it and the other answers with
        it, or makes a network to load what was learnt, or both fill in the same code here, and what says it for the one
        is there for the other, too."""
        learns = [path in self.learning for path in (one.at.path, other.at.path)]
        meet = any(learns) and any(path in self.using for path in (one.at.path, other.at.path))
        meet = meet or (one.network and not all(learns))
        home = other.home.path if other.home else ""
        open_to_all = home != other.at.path and (home in self.imported or not home.endswith((".py", ".ipynb")))
        return meet or (one.file != "" and open_to_all)


def _groups(graph: Graph) -> Iterator[tuple[str, Iterable[Given]]]:
    """What the code of one project gives one parameter, with what has it."""
    roots, old = projects(graph), superseded(graph)
    groups: dict[tuple[str, str, str], dict[tuple[object, str], Given]] = defaultdict(dict)
    for one in graph.code.given:
        if not one.at.cell and one.at.path not in old:
            group = groups[project_of(one.at.path, roots), f"{one.file}:{one.callee}", one.parameter]
            group.setdefault((one.at, one.setting), one)
            if one.value:
                group[one.at, one.setting] = one
    for (_, callee, _), found in sorted(groups.items()):
        yield callee, tuple(found.values())


def _known(asked: list[Given]) -> list[Given]:
    """Those whose value is known, of settings that somewhere have one."""
    known = {one.setting for one in asked if one.value}
    return [one for one in asked if one.value or one.setting not in known]
