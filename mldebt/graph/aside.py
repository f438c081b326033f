"""Read-only questions about code that is not in force: trials, scripts that nothing names, modules that others took the
place of, files that fail."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.prototypes import beside_production
from mldebt.graph.reach import scripts_nobody_names
from mldebt.graph.superseded import superseded
from mldebt.source import Span


@dataclass(frozen=True, slots=True)
class Aside:
    """`idle`: files of trials beside production, scripts that nothing names where files name others, and modules that
    nothing uses as another took their place. `wholes`: where the latter are told as a whole. `failing`: by file that
    fails whenever it is run or imported, the places at which it does."""

    idle: frozenset[str]
    failing: Mapping[str, frozenset[Span]]
    wholes: frozenset[Span] = frozenset()

    def weakens(self, files: Set[str], at: Span, *, trials_too: bool) -> bool:
        """Whether what is told of these files, at this place, is of code that is not in force: all of them fail, or, if
        asked for, are idle. The failure itself is worth telling, and that a module lies there unused."""
        if at in self.wholes or at in self.failing.get(at.path, ()):
            return False
        return files <= self.failing.keys() or (trials_too and files <= self.idle)


def aside(graph: Graph) -> Aside:
    """What is not in force of a graph: of several repositories that of each."""
    idle: set[str] = set()
    old: set[str] = set()
    for part in graph.parts():
        idle |= beside_production(part)
        idle |= {one.path for one in scripts_nobody_names(part)}
        old |= superseded(part)
    places: dict[str, set[Span]] = {}
    for at in (*(one.at for one in graph.code.broken), *(one.at for one in graph.code.failing)):
        places.setdefault(at.path, set()).add(at)
    wholes = frozenset(one.at for one in graph.code.definitions if one.kind == "module" and one.path in old)
    return Aside(frozenset(idle | old), {path: frozenset(found) for path, found in places.items()}, wholes)
