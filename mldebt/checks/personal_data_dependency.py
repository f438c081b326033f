"""Production code reads from or writes to a person's place."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.code import Literal
from mldebt.graph.handovers import function_around
from mldebt.graph.homes import HOME, accounts
from mldebt.graph.near_names import place_of
from mldebt.graph.questions import is_ours
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Purpose, Span
from mldebt.trail import MAX_STOPS, Stop

_DRIVE = re.compile(r"^/content/(?:g?drive)/(?P<name>My ?Drive)/", re.IGNORECASE)
_MAIL = re.compile(r"(?:^|(?<!/)/)(?P<name>[\w.+-]+@[\w-]+\.[\w.]+)/")
_TRIAL = re.compile(r"(?:^|[/._-])(?P<name>sandbox|scratch|playground|personal)(?=[/._-]|$)", re.IGNORECASE)

_DATA = frozenset({"gives:table", "gives:array", "gives:column", "gives:data"})


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each person's place, at the first path that leads there; a hint where this repository, with its
    code and settings, is all that lies there: who changes that by a script has it at hand, and no data hang on it."""
    groups: dict[str, list[tuple[Edge, Node]]] = defaultdict(list)
    nobody = accounts(graph)
    for artifact in graph.nodes(NodeKind.ARTIFACT, NodeKind.SOURCE):
        owner = _owner(artifact, nobody)
        for edge in _accesses(graph, artifact) if owner else ():
            groups[owner].append((edge, artifact))
    modules = {one.path for one in graph.code.definitions if one.kind == "module"}
    for owner, found in sorted(groups.items()):
        code = _of_checkout(graph, modules, found)
        data = [one for one in found if one[1].id not in code]
        told = sorted(data or found, key=lambda one: (bool(one[0].at.cell), one[0].at, one[1].id))
        hit = _hit(graph, owner, told)
        yield hit if data else replace(hit, confidence=Confidence.HINT)
    yield from _named(graph, nobody, frozenset(groups))


def _of_checkout(graph: Graph, modules: Set[str], found: list[tuple[Edge, Node]]) -> frozenset[str]:
    """The ids of what lies where somebody has this repository, as its modules do, and is a module, or opened and copied
    as they are: what is read as rows or as a model is data wherever it lies."""
    places = {one.id: place_of(one) for _, one in found}
    ends = ((place, path) for place in places.values() for path in modules)
    roots = tuple({place.removesuffix(path) for place, path in ends if place.endswith(f"/{path}")})
    data = {one.id for edge, one in found for step in (graph.node(edge.source), graph.node(edge.target))
            if step.role is Role.LOAD or not _DATA.isdisjoint(step.traits)}  # fmt: skip
    return frozenset(id for id, place in places.items() if roots and place.startswith(roots) and id not in data)


def _named(graph: Graph, nobody: frozenset[str], known: Set[str]) -> Iterator[Hit]:
    """One hit for each home of a person that code names and in which no access is followed: what lies there may be
    settings, a program, or a folder that is handed on."""
    groups: dict[str, list[Literal]] = defaultdict(list)
    for one in graph.code.literals:
        ours = one.purpose is Purpose.PRODUCTION and not one.at.cell and not one.default
        place = one.value.replace("\\", "/") if one.role == "path" and ours else ""
        owner = _home(place, nobody) if HOME.match(place) else ""
        if owner and owner not in known:
            groups[owner].append(one)
    for owner, found in sorted(groups.items()):
        first, *others = sorted(found, key=lambda one: one.at)
        more = tuple(dict.fromkeys(Stop(one.at, f"path: {one.value}") for one in others))
        yield Hit(
            at=first.at,
            details={
                "artifact": first.value, "path": owner, "what": "names",
                "consumer": first.symbol or posixpath.basename(first.at.path),
            },
            keys=(owner,),
            confidence=Confidence.LIKELY,
            symbol=first.symbol,
            trail=(Stop(first.at, f"path: {first.value}"), *more)[:MAX_STOPS],
            related=more,
        )  # fmt: skip


def _home(place: str, nobody: frozenset[str]) -> str:
    """The home of a person in which a file lies, or the place of one elsewhere; empty for others."""
    found = HOME.match(place) or _DRIVE.match(place) or _MAIL.search(place)
    named = found is not None and found["name"].lower().removesuffix("-user") not in nobody
    owner = place[: found.end()].rstrip("/") if found is not None and named else ""
    return owner.replace("//", "/", 1) if HOME.match(f"{owner}/") else owner  # put together with one sign more


def _owner(artifact: Node, nobody: frozenset[str]) -> str:
    """The person's place in which an artifact lies, empty for others."""
    place = place_of(artifact)
    if artifact.store is Store.FILE:
        return _home(place, nobody)
    if artifact.store is Store.OBJECT:
        if (found := _MAIL.search(place)) is not None:
            return place[: found.end()].rstrip("/")
        found = _TRIAL.search(place.split("/", 3)[2] if place.count("/") > 1 else "")
        return "/".join(place.split("/", 3)[:3]) if found else ""
    if artifact.store is Store.TABLE and "." in place:
        schema = place.rpartition(".")[0]
        return schema if _TRIAL.search(schema) else ""
    return ""


def _accesses(graph: Graph, artifact: Node) -> Iterator[Edge]:
    ways = ((edge, edge.source) for edge in graph.in_edges(artifact.id, EdgeKind.WRITES))
    back = ((edge, edge.target) for edge in graph.out_edges(artifact.id, EdgeKind.READS))
    for edge, id in (*ways, *back):
        step = graph.node(id)
        if step.role is not None and is_ours(step):
            yield edge


def _spelled(graph: Graph, owner: str, artifact: Node, users: frozenset[str]) -> list[Span]:
    """Where the code spells the place: first in the files that go there, and what the path of an artifact begins with;
    files before notebooks."""
    place = place_of(artifact)
    said = {one.at: one.value.replace("\\", "/") for one in graph.code.literals}
    places = [at for at, value in said.items() if owner in value]
    begun = {at for at in places if place.startswith(said[at].rstrip("/"))}
    return sorted(places, key=lambda at: (at.path not in users, at not in begun, bool(at.cell), at))


def _hit(graph: Graph, owner: str, found: list[tuple[Edge, Node]]) -> Hit:
    first, artifact = found[0]
    at = next(iter(_spelled(graph, owner, artifact, frozenset(edge.at.path for edge, _ in found))), first.at)
    own = [(edge, one) for edge, one in found if edge.at.path == at.path] or [(first, artifact)]
    (first, artifact), around = own[0], function_around(graph, at)
    count = len({one.id for edge, one in own if edge.kind is first.kind})
    words = {EdgeKind.READS: "read", EdgeKind.WRITES: "write"}
    stops = tuple(dict.fromkeys(Stop(edge.at, f"{words[edge.kind]}: {one.name}") for edge, one in found))
    return Hit(
        at=at,
        details={
            "artifact": artifact.name + (f" and {count - 1} more" if count > 1 else ""),
            "path": owner,
            "consumer": around.name if around else posixpath.basename(at.path),
            "what": "writes to" if first.kind is EdgeKind.WRITES else "reads from",
        },
        keys=(owner,),
        confidence=Confidence.HINT if at.cell else weakest(Confidence.LIKELY, first.confidence),
        symbol=around.name if around else "",
        trail=stops[:MAX_STOPS],
        related=tuple(stop for stop in stops if stop.at != at),
        variant="trial" if _TRIAL.search(owner) else "",
    )  # fmt: skip
