"""Artifacts that hold the same under two names: patterns, what a store keeps elsewhere, addresses, copies."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from mldebt.graph import Edge, EdgeKind, GraphBuilder, Node, NodeKind
from mldebt.graph.declared import EXISTS
from mldebt.link.accesses import Access, Accesses, matching
from mldebt.link.components import Components
from mldebt.link.copying import Copy
from mldebt.link.keeping import kept_elsewhere
from mldebt.link.program import Program
from mldebt.link.registered import addresses, held_by_runs, logged_before
from mldebt.link.values import Event
from mldebt.roles import Confidence, Role, Store, weakest

MOST_COPIES = 200
_ARTIFACT, _DATA = "artifact:", "data"
_KEEPS, _PICKLE = "keeps-data", "pickle"
_ABSOLUTE = "absolute:"


@dataclass(frozen=True, slots=True)
class Aliases:
    """Adds them to a graph that has its artifacts."""

    builder: GraphBuilder
    program: Program
    components: Components
    existing: frozenset[str]

    def named(self, accesses: Accesses, ids: Mapping[Event, str]) -> None:
        """A pattern that is written and names that it may stand for are hints; other names of one thing are likely.
        What registers a model that was logged before stores that model, too."""
        for first, second in _patterns(accesses):
            self._join(first, second, Confidence.HINT)
        others = kept_elsewhere(accesses), addresses(access.key for access in accesses.found), _listed(accesses)
        for first, second in itertools.chain(*others):
            self._join(first, second, Confidence.LIKELY)
        for first, second, confidence in held_by_runs(accesses.found):
            self._join(first, second, confidence)

        self._register(logged_before(ids, accesses.found), ids)

    def _register(self, found: Iterable[tuple[Event, Event, Confidence]], ids: Mapping[Event, str]) -> None:
        pairs = [(ids[event], ids[before], sure) for event, before, sure in found if before in ids]
        for edge in self.builder.edges_into({before for _, before, _ in pairs}):
            for id, before, sure in pairs:
                if edge.target == before and edge.slot == _DATA:
                    self.builder.add_edge(replace(edge, target=id, confidence=weakest(edge.confidence, sure)))

    def copied(self, copies: Iterable[Copy]) -> None:
        """A copy derives from what is copied, where code knows one of the two; a folder gives what code reads there."""
        for copy in copies:
            if not copy.folder:
                self._copy(copy)
                continue
            for id in self._inside(copy.target):
                rest = id.removeprefix(f"{_ARTIFACT}{copy.target}")
                source = copy.source + (rest.lstrip("/") if copy.source.endswith(":") else rest)
                if f"{_ARTIFACT}{source}" in self.builder:
                    self._copy(Copy(source, id.removeprefix(_ARTIFACT), copy.at))

    def _inside(self, folder: str) -> tuple[str, ...]:
        """What lies in a folder, or the thing itself that is called so."""
        whole = (f"{_ARTIFACT}{folder}",) if f"{_ARTIFACT}{folder}" in self.builder else ()
        return (*whole, *self.builder.ids_under(f"{_ARTIFACT}{folder}/")[:MOST_COPIES])

    def _copy(self, copy: Copy) -> None:
        source, target = f"{_ARTIFACT}{copy.source}", f"{_ARTIFACT}{copy.target}"
        if source in self.builder or target in self.builder:
            if source not in self.builder:
                self._artifact(copy.source, copy, NodeKind.SOURCE)
            self._artifact(copy.target, copy, NodeKind.ARTIFACT)
            self._join(copy.source, copy.target, Confidence.LIKELY)

    def _artifact(self, key: str, copy: Copy, kind: NodeKind) -> None:
        store, _, path = key.partition(":")
        at, traits = self.program.span(copy.at), frozenset({EXISTS}) if path in self.existing else frozenset()
        of = self.components.of(at.path)
        name = path.removeprefix(_ABSOLUTE)
        node = Node(_ARTIFACT + key, kind, name, at, of, None, Store(store), "{" not in path, traits)
        self.builder.add_node(node)

    def _join(self, first: str, second: str, confidence: Confidence) -> None:
        source, target = f"{_ARTIFACT}{first}", f"{_ARTIFACT}{second}"
        if source in self.builder and target in self.builder and source != target:
            span = self.builder.node(source).at
            self.builder.add_edge(Edge(source, target, EdgeKind.DERIVES, span, confidence))


def _listed(accesses: Accesses) -> Iterator[tuple[str, str]]:
    """The one object that fits what a load of any object of a folder asks for."""
    kept = {access.key for access in accesses.found if access.writes and _is_object(access)}
    asked = {access.key for access in accesses.found if not access.writes and _is_object(access)}
    for key in sorted(asked - kept):
        folder, _, name = key.rpartition("/")
        fits = re.compile("[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}", key))))
        found = [one for one in sorted(kept) if fits.fullmatch(one)] if "{" in name and "{" not in folder else []
        if len(found) == 1:
            yield found[0], key


def _is_object(access: Access) -> bool:
    """Whether it stores or loads an object as such, as models are kept."""
    row = access.event.row
    if row is None:
        return False
    as_such = _KEEPS in row.traits if access.writes else row.result[:1] == (_PICKLE,)
    return as_such or row.role in (Role.PERSIST, Role.LOAD)


def _patterns(accesses: Accesses) -> Iterator[tuple[str, str]]:
    """Patterns and the names they may stand for, in the direction of the data."""
    written = {a.key for a in accesses.found if a.writes and "{" in a.key}
    read = {a.key for a in accesses.found if not a.writes and "{" not in a.key}
    read_patterns = {a.key for a in accesses.found if not a.writes and "{" in a.key}
    exact = {a.key for a in accesses.found if a.writes and "{" not in a.key}
    yield from matching(written, read)
    yield from ((name, pattern) for pattern, name in matching(read_patterns, exact))
