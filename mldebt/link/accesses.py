"""Accesses: which events read and write which artifacts, once all of them are known."""

from __future__ import annotations

import posixpath
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from mldebt.graph.declared import GIVEN
from mldebt.link import texts
from mldebt.link.catalogued import found_in_catalogue
from mldebt.link.machine import Machine
from mldebt.link.moves import moved
from mldebt.link.places import HOLE, Located, Location, anchored, located_under, uploaded
from mldebt.link.queries import Queries
from mldebt.link.spaces import Namespaces
from mldebt.link.values import Event, Place
from mldebt.roles import Role, Store
from mldebt.source import folders_above
from mldebt.trail import Stop, Trail

READS = frozenset({Role.READ, Role.LOAD})
WRITES = frozenset({Role.WRITE, Role.PERSIST})
_LEAST_LITERAL = 4


@dataclass(frozen=True, slots=True)
class Access:
    """One event reading (`writes` false) or writing one artifact, named by store and path."""

    event: Event
    writes: bool
    location: Location
    key: str
    site: Place
    spelled: str


@dataclass(frozen=True, slots=True)
class Accesses:
    """All accesses, the counts of sites by how much is known, and the reasons for nothing. `queries` are the
    statements of SQL among them, `resolver` gives places their keys."""

    found: tuple[Access, ...]
    full: int
    pattern: int
    unknown: int
    reasons: tuple[tuple[str, int], ...]
    lost: tuple[tuple[Event, str], ...]
    queries: Queries
    resolver: Resolver

    def files_made(self, number: Mapping[str, int]) -> frozenset[int]:
        """The files of the repository that code writes, by their numbers."""
        keys = {access.key for access in self.found if access.writes}
        return frozenset(file for path, file in number.items() if f"file:{path}" in keys)

    def artifacts_by_place(self) -> Counter[Place]:
        """How many artifacts each place reads or writes: one that serves several says nothing of one."""
        return Counter(place for place, _ in {(access.event.place, access.key) for access in self.found})

    def names(self) -> dict[str, str]:
        """What artifacts are called, by their keys: as first spelled, without a way up where one place needs none."""
        found: dict[str, str] = {}
        for access in sorted(self.found, key=lambda one: one.spelled.startswith("../")):
            found.setdefault(access.key, access.spelled)
        return found


def direction(event: Event) -> bool | None:
    """True for a write, False for a read, None for neither."""
    row = event.row
    if row is None or row.role is None:
        return None
    if row.role in READS:
        return False
    if row.role in WRITES or (row.role is Role.TRACK and row.target and row.store in (Store.RUN, Store.MODEL)):
        return True
    return None


def find_accesses(
    machine: Machine, existing: Iterable[str], declared: Iterable[str] = (), mounted: Mapping[str, str] | None = None
) -> Accesses:
    """All accesses of the events that happen, with relative paths resolved. `existing` are the files of the repository,
    `declared` those that pipelines say are made or taken, `mounted` its folders by where containers see them."""
    queries, spaces = Queries(machine), Namespaces(machine)
    located = [
        (event, writes, places)
        for event in machine.happened()
        if event.row is not None and event.row.target
        for writes, places in _located(machine, queries, spaces, event)
    ]
    located += [(event, False, sent) for event in machine.happened() if (sent := uploaded(machine, event)).locations]
    further = [(event, *access) for event in machine.happened() for access in moved(machine, event)]
    located += [(event, writes, places) for event, writes, places in further if places.locations]
    existing = frozenset(existing)
    located = list(_without_names_of_files(located, existing))
    resolver = Resolver(machine, existing, frozenset(declared), mounted or {})
    resolver.learn(located)
    found = [
        Access(event, writes, place, resolver.artifact(event, place), site_of(machine, event, place), place.path)
        for event, writes, places in located
        for place in places.locations
        if place.known or place.anchor == "setting"
    ]
    return _counted(tuple(found), located, queries, resolver)


def _without_names_of_files(
    located: list[tuple[Event, bool, Located]], existing: frozenset[str]
) -> Iterator[tuple[Event, bool, Located]]:
    """What is fetched from a hub by its name is a file where the code here writes one of that name or finds it from its
    own place, or the repository has a folder of it: libraries look there first."""
    every = [(writes, one) for _, writes, places in located for one in places.locations]
    kept = {one.path.removeprefix("../") for writes, one in every if writes and one.store is Store.FILE}
    kept |= {anchored(one.path, Store.FILE)[2] for _, one in every if _is_placed(one)}
    kept |= {posixpath.dirname(path) for path in existing} - {""}
    for event, writes, places in located:
        yield event, writes, replace(places, locations=tuple(_here(one, kept) for one in places.locations))


def _is_placed(location: Location) -> bool:
    """Whether what may be the name of something at a hub is a path that code finds from its own place."""
    return location.store is Store.HUB and location.path.startswith(texts.HERE)


def _here(location: Location, kept: AbstractSet[str]) -> Location:
    if location.store is not Store.HUB:
        return location
    store, anchor, path = anchored(location.path, Store.FILE)
    return replace(location, store=store, anchor=anchor, path=path) if path in kept else location


def _located(
    machine: Machine, queries: Queries, spaces: Namespaces, event: Event
) -> Iterable[tuple[bool, Located]]:
    """Whether an event writes, and where; a query may do both."""
    writes = direction(event)
    if queries.is_query(event):
        yield from queries.located(event)
    elif writes is not None:
        yield writes, found_in_catalogue(machine, spaces, event, located_under(machine, event))


def site_of(machine: Machine, event: Event, location: Location) -> Place:
    """Where an access is bound: the call site whose unit spells the path, else the access itself."""
    spelled = {machine.program.unit_at(place) for place in location.places if place[0] >= 0}
    for site in reversed(event.chain):
        if machine.program.unit_at(site) in spelled:
            return site
    return event.place


def command_of(machine: Machine, access: Access) -> Trail:
    """The command that gives the path of an access, if one does."""
    places = commands_of(machine, access.location)
    return tuple(Stop(machine.program.span(at), f"{GIVEN}{access.spelled}") for at in places)


def commands_of(machine: Machine, location: Location) -> tuple[Place, ...]:
    """Where the command stands that gives a path: one place, or none."""
    said = (*location.given, *location.places)
    return tuple(at for at in said if machine.command_lines.folder_at((at,)) is not None)[:1]


def _counted(
    found: tuple[Access, ...], located: list[tuple[Event, bool, Located]], queries: Queries, resolver: Resolver
) -> Accesses:
    sites: dict[object, str] = {}
    why: dict[object, str] = {}
    lost: list[tuple[Event, str]] = []
    for event, _, places in located:
        known = [location for location in places.locations if location.known]
        state = "full" if known and all(p.exact for p in known) else "pattern" if known else "unknown"
        order = ("unknown", "pattern", "full")
        before = sites.get(event.place)
        if before is None or order.index(state) > order.index(before):
            sites[event.place] = state
        if state == "unknown":
            reason = places.reason or "nothing of the place is known"
            why.setdefault(event.place, reason)
            lost.append((event, reason))
    count = Counter(sites.values())
    reasons = Counter(why[place] for place, state in sites.items() if state == "unknown")
    ranked = tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])))
    return Accesses(found, count["full"], count["pattern"], count["unknown"], ranked, tuple(lost), queries, resolver)


class Resolver:
    """Decides what a relative path is relative to: the top of the repository, or the script's folder.

    Both are tried, behind the folders in which commands run it. An existing file decides; else a path that code finds
    from its own place; else another access of the same candidate; else the folder of a command, the folder for
    notebooks and for paths that leave the top, the top for scripts. A bare file name that scripts of several folders
    use is each folder's own, where nothing else decides, or where several of them write it and one of these reads
    it."""

    def __init__(
        self, machine: Machine, existing: frozenset[str], declared: frozenset[str], mounted: Mapping[str, str]
    ) -> None:
        self._machine, self._mounted = machine, mounted
        self._existing, self._named = existing, existing | declared
        self._folders = {posixpath.dirname(path) for path in self._named} | declared  # what is declared may be a folder
        self._seen: dict[str, set[bool]] = defaultdict(set)
        self._found_from_code: set[str] = set()
        self._open: dict[str, set[bool]] = defaultdict(set)
        self._folders_of: dict[str, set[str]] = defaultdict(set)

    def artifact(self, event: Event, location: Location) -> str:
        """The name of an artifact; tables are the same in either case of their names."""
        key = self.key(event, location)
        return key.lower() if location.store is Store.TABLE else key

    def learn(self, located: Iterable[tuple[Event, bool, Located]]) -> None:
        for event, writes, places in located:
            for location in map(self._at_home, places.locations):
                if location.store is Store.FILE and location.anchor == "repository":
                    self._found_from_code.add(location.path)
                for candidate in self._candidates(event, location):
                    self._seen[candidate].add(writes)
                    if posixpath.basename(candidate) == location.path:
                        self._folders_of[location.path].add(posixpath.dirname(candidate))
                    if not location.exact:
                        self._open[nameless(candidate)].add(writes)

    def key(self, event: Event, location: Location) -> str:
        """The name under which equal artifacts are one."""
        location = self._at_home(location)
        if location.store is not Store.FILE:
            return f"{location.store.value}:{nameless(location.path)}"
        if location.anchor in ("relative", "repository"):
            return f"file:{nameless(self._pattern(event, location) or self._chosen(event, location))}"
        return f"file:{location.anchor}:{nameless(location.path)}"

    def _at_home(self, location: Location) -> Location:
        """What a container sees of the repository, where it lies in that."""
        if location.store is Store.FILE and location.anchor == "absolute" and self._mounted:
            for folder in folders_above(location.path):
                if folder in self._mounted:
                    inside = location.path[len(folder) :].lstrip("/")
                    path = posixpath.normpath(posixpath.join(self._mounted[folder], inside))
                    return replace(location, anchor="repository", path=path)
        return location

    def _pattern(self, event: Event, location: Location) -> str:
        """What a setting names as one of many: the pattern that the other side knows them by."""
        named = self._chosen(event, location)
        if not location.unfilled or named in self._existing or len(self._seen[named]) == 2:
            return ""
        patterns = [nameless(one) for one in self._candidates(event, replace(location, path=location.unfilled))]
        return next((one for one in patterns if (not direction(event)) in self._open.get(one, ())), "")

    def _candidates(self, event: Event, location: Location) -> list[str]:
        if location.store is not Store.FILE or location.anchor not in ("relative", "repository"):
            return []
        if location.anchor == "repository":
            return [location.path]
        lines, sources = self._machine.command_lines, self._machine.program.sources
        given = lines.folder_at((*location.given, *location.places))
        if given is not None:
            return [posixpath.normpath(posixpath.join(given, location.path))]
        files = [place[0] for place in (event.place, *event.chain)]
        folders = [folder for file in files for folder in lines.folders(file)]
        tops: list[str] = []
        for folder in (*folders, "", *(posixpath.dirname(sources[file].path) for file in files)):
            joined = posixpath.normpath(posixpath.join(folder, location.path))
            if not joined.startswith(".."):
                tops.append(joined)
        return list(dict.fromkeys(tops)) or [location.path]

    def _chosen(self, event: Event, location: Location) -> str:
        candidates = self._candidates(event, location)
        for candidate in candidates:
            if candidate in self._named:
                return candidate
        for candidate in candidates:
            if candidate in self._found_from_code:
                return candidate
        both = [candidate for candidate in candidates if len(self._seen[candidate]) == 2]
        if both:
            return candidates[-1] if self._is_of_each_folder(location) else both[0]
        file = (event.chain[-1] if event.chain else event.place)[0]
        path = self._machine.program.sources[file].path
        commanded = bool(self._machine.command_lines.folders(file))
        if path.endswith(".ipynb") and len(candidates) > 1:
            return candidates[1]
        inside = [c for c in candidates if posixpath.dirname(c) in self._folders and (commanded or "/" in c)]
        if not inside and not commanded and len(self._by_folder(location)) > 1:
            return candidates[-1]
        return inside[0] if inside else candidates[0]

    def _is_of_each_folder(self, location: Location) -> bool:
        """Whether several folders write what they call so, and one of them reads what it has written."""
        used = [self._seen[one] for one in self._by_folder(location)]
        return sum(True in one for one in used) > 1 and any(len(one) == 2 for one in used)

    def _by_folder(self, location: Location) -> list[str]:
        """The places that a bare file name has in the folders of the scripts that use it."""
        return [f"{folder}/{location.path}" for folder in sorted(self._folders_of.get(location.path, ())) if folder]


def nameless(path: str) -> str:
    """A path with nameless holes, so that patterns with equal literal segments are one artifact.

    Holes keep their names where fewer than two segments are literal: an equal file name alone says
    nothing."""
    literal = [part for part in re.sub(r"^\w+://", "", path).split("/") if part not in (".", "..") and "{" not in part]
    return re.sub(r"\{[^{}]*\}", HOLE, path) if len(literal) >= 2 else path


def matching(patterns: Iterable[str], exact: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a pattern and an exact name that it may stand for: equal folders, and enough literal
    text in the last segment. They are hints."""
    names = sorted(exact)
    pairs = []
    for pattern in sorted(patterns):
        head, _, tail = pattern.partition(":")[2].rpartition("/")
        letters = re.sub(r"\{[^}]*\}", "", tail)
        letters = letters.rpartition(".")[0] if "." in letters else letters
        if "{" in head or len(letters) < _LEAST_LITERAL or HOLE not in re.sub(r"\{[^}]*\}", HOLE, tail):
            continue
        regex = re.compile("[^/]+".join(re.escape(piece) for piece in re.split(r"\{[^}]*\}", pattern)))
        pairs += [(pattern, name) for name in names if regex.fullmatch(name)]
    return pairs
