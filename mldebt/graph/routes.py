"""Read-only questions about routes: which are served here, and who asks for one that is not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph.graph import Graph
from mldebt.graph.handovers import HandOver
from mldebt.graph.near_names import is_misspelt
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.questions import is_ours
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Purpose

_ADDRESS = re.compile(
    r"^(?:https?://)?(?P<host>\{[^{}]*\}|[\w.-]*)(?::(?:\d+|\{[^{}]*\}))?(?P<path>/[^?#]*)?", re.IGNORECASE
)
_LOCAL = re.compile(r"localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|[a-z][\w-]*", re.IGNORECASE)
_ASKS = frozenset({Role.REQUEST, Role.READ})
_REST = re.compile(r"\{[^{}]*:path\}|<path:[^<>]*>|\*")
_OPEN = re.compile(r"\{[^{}]*\}|<[^<>]*>")
_BREAKS = re.compile(r"[\W_]+")
_SHORTEST_WORD = 4


@dataclass(frozen=True, slots=True)
class Unserved:
    """A request for a route that the services of the repository do not have, and the route that is meant: surely so
    when it is only misspelt, and asked of a host that is known."""

    asked: Node
    request: Edge
    path: str
    route: Node
    misspelt: bool


def unserved(graph: Graph) -> Iterator[Unserved]:
    """Requests to a service on this machine or network for a path that nothing here serves, while a route nearly of
    its name is served. None when a route is not known."""
    routes = [node for node in graph.nodes(NodeKind.ARTIFACT) if node.store is Store.ROUTE and _servers(graph, node)]
    if not routes or _some_unknown(graph, routes):
        return
    for asked in graph.nodes(NodeKind.SOURCE):
        address = _ADDRESS.match(asked.id.split(":", 2)[2]) if asked.store is Store.URL else None
        path = (address["path"] or "").rstrip("/") if address else ""
        if address is None or not path or "{" in path or not _is_own(address["host"]):
            continue
        if any(_serves(route.name, path) for route in routes):
            continue
        near = [route for route in routes if _is_near(route.name, path) and _lie_alike(route.name, path)]
        for request in graph.out_edges(asked.id, EdgeKind.READS) if near else ():
            step = graph.node(request.target)
            if is_ours(step) and step.role in _ASKS:
                best = next((route for route in near if _is_slip(route.name, path)), near[0])
                sure = _is_slip(best.name, path) and not address["host"].startswith("{")
                yield Unserved(asked, request, path, best, sure)


def host_asked(route: str, address: str) -> str | None:
    """The host of an address that asks for a route; None where it asks for something else."""
    found = _ADDRESS.match(address)
    path = (found["path"] or "").rstrip("/") if found else ""
    return found["host"] if found and path and _serves(route, path) else None


def sureness_of_host(host: str, component: str) -> Confidence | None:
    """How sure it is that a host is where a component answers: likely if it is called like it or like its
    repository, a hint if it is any name of the own network; None for an address elsewhere."""
    said = set(_BREAKS.split(host.lower()))
    names = [set(_BREAKS.split(part.lower())) - {""} for part in component.split("/")]
    if any(words and words <= said for words in names):
        return Confidence.LIKELY
    return Confidence.HINT if _is_own(host) else None


def asked_abroad(graph: Graph) -> Iterator[HandOver]:
    """Requests from one repository for what another one answers."""
    of = graph.code.repository_of
    for route in graph.nodes(NodeKind.ARTIFACT):
        for write in graph.in_edges(route.id, EdgeKind.WRITES) if route.store is Store.ROUTE else ():
            for alias in graph.out_edges(route.id, EdgeKind.DERIVES):
                for read in graph.out_edges(alias.target, EdgeKind.READS):
                    server, asking = graph.node(write.source), graph.node(read.target)
                    ours = is_ours(server) and is_ours(asking) and of(server.at.path) != of(asking.at.path)
                    if ours and server.role is Role.SERVE and asking.role in _ASKS:
                        sure = weakest(write.confidence, alias.confidence, read.confidence)
                        yield HandOver(route, write, server, read, asking, sure)


def _servers(graph: Graph, route: Node) -> bool:
    return any(node.role is Role.SERVE and is_ours(node) for node in graph.predecessors(route.id, EdgeKind.WRITES))


def _some_unknown(graph: Graph, routes: list[Node]) -> bool:
    """Whether a function answers requests under a path that is not known."""
    places = {edge.at for route in routes for edge in graph.in_edges(route.id, EdgeKind.WRITES)}
    known = Counter(at.path for at in places)
    ours = (one for one in graph.code.definitions if one.purpose is Purpose.PRODUCTION)
    endpoints = Counter(one.path for one in ours if "endpoint" in one.made)
    return bool(endpoints - known) or any(_REST.search(route.name) for route in routes)


def _is_own(host: str) -> bool:
    """Whether an address is one of this machine, of a name that only the own network knows, or a setting."""
    return host.startswith("{") or _LOCAL.fullmatch(host) is not None


def _segments(path: str) -> list[str]:
    return [segment for segment in path.strip("/").split("/") if segment]


def _serves(route: str, path: str) -> bool:
    """Whether a route answers for a path; prefixes of routers and of addresses may stand before either."""
    served, asked = _segments(route), _segments(path)
    if not served or not asked:
        return served == asked
    short = min(len(served), len(asked))
    pairs = list(zip(served[-short:], asked[-short:], strict=True))
    matched = all(one == other or _OPEN.search(one) is not None for one, other in pairs)
    return matched and (len(served) == len(asked) or any(one == other for one, other in pairs))


def _lie_alike(route: str, path: str) -> bool:
    """Whether what stands before the last parts is the same, as far as both tell: another service has its own."""
    served, asked = _segments(route)[:-1], _segments(path)[:-1]
    short = min(len(served), len(asked))
    pairs = zip(served[len(served) - short :], asked[len(asked) - short :], strict=True)
    return all(one == other or _OPEN.search(one) is not None for one, other in pairs)


def _is_slip(route: str, path: str) -> bool:
    return is_misspelt(_segments(route)[-1], _segments(path)[-1])


def _is_near(route: str, path: str) -> bool:
    """Whether the last parts are one word misspelt, or one is the other with more words."""
    served, asked = _segments(route)[-1:], _segments(path)[-1:]
    if not served or not asked or _OPEN.search(served[0]):
        return False
    words, others = (set(_BREAKS.split(name.lower())) for name in (served[0], asked[0]))
    longest = max((len(word) for word in words & others), default=0)
    contained = bool(words <= others or others <= words) and longest >= _SHORTEST_WORD
    return contained or is_misspelt(served[0], asked[0])
