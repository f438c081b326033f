"""An input that can change without a change here: a moving branch, an open revision, an alias, a live table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from mldebt.findings import Hit
from mldebt.graph import Edge, EdgeKind, Graph, Node, NodeKind
from mldebt.graph.questions import BRINGS_IN, LEARNS, is_ours
from mldebt.graph.unplaced import Unplaced
from mldebt.roles import Confidence, Role, Store, weakest
from mldebt.source import Purpose, Span
from mldebt.trail import MAX_STOPS, Stop

_MOVING = frozenset({"main", "master", "head", "latest", "develop", "trunk", "nightly", "dev"})
_DOWNLOADS = frozenset({"releases", "release", "download", "downloads", "artifacts", "resolve", "raw"})
_NEWEST = re.compile(r"(?:^|[-_.])latest(?:[-_.]|$)", re.IGNORECASE)
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?(?::[\w./-]+)?")
_LOCAL = re.compile(
    r"(?:^|[/_-])(?:outputs?|checkpoints?|ckpts?|runs?|logs?|saved|tmp|temp|dir|path)(?:[/_-]|$)", re.IGNORECASE
)
_ASIDE_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|svg|md|html?|ttf|otf|css|js|jspx?|aspx?|php\d?|cgi|do|action)$", re.IGNORECASE
)
"""Looks, words, and what a server makes anew for each request: there `main` is the name of a page."""
_STAGE = re.compile(r"^models:/[^/@]+(?:@(?P<alias>.+)|/(?P<stage>[^/]*[A-Za-z][^/]*))$")
_ALIAS = re.compile(r":(?P<alias>latest|best|prod\w*|staging)$", re.IGNORECASE)
_UPLOADS = frozenset({"uploads", "uploads-folder"})
_ASIDE = frozenset({"metric"})
_LOOKS = frozenset({None, Role.VALIDATE, Role.DECIDE, Role.INSPECT, Role.LOG})
_AT_ONCE = frozenset({Store.TABLE, Store.MODEL, Store.RUN})  # one query reads many tables, one loop many models
_ALIKE = 3  # segments at the end of an address and of a path that make them one file
_SHOWN = 8
_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Open:
    """Why an input can change, and how sure that is."""

    reason: str
    confidence: Confidence


_Read = tuple[Edge, _Open]


class _Own:
    """What a repository holds, writes and uploads itself, looked for once and only where an input asks for it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    @cached_property
    def folders(self) -> frozenset[str]:
        return _folders(self._graph)

    @cached_property
    def unplaced(self) -> Unplaced:
        return Unplaced(self._graph)

    @cached_property
    def uploads(self) -> bool:
        return any(not node.traits.isdisjoint(_UPLOADS) and is_ours(node) for node in self._graph.nodes())


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for each input and reason, at its first read."""
    for part in graph.parts():
        yield from _in_repository(part)


def _in_repository(graph: Graph) -> Iterator[Hit]:
    own = _Own(graph)
    found: dict[tuple[str, str], list[_Read]] = {}
    for place in graph.nodes(NodeKind.SOURCE, NodeKind.ARTIFACT):
        for edge in graph.out_edges(place.id, EdgeKind.READS):
            step = graph.node(edge.target)
            if step.role in BRINGS_IN and is_ours(step) and not step.traits & _ASIDE:
                why = _open(graph, place, step, own)
                if why is not None:
                    several = place.store is Store.TABLE
                    name = _line(step.at) if several else place.name
                    found.setdefault((name, why.reason), []).append((edge, why))
    for reads in _at_one_place(graph, found):
        yield _hit(graph, reads)


def _at_one_place(graph: Graph, found: dict[tuple[str, str], list[_Read]]) -> Iterator[list[_Read]]:
    """The reads of each input in order; inputs that one place picks from are one choice, and told once."""
    groups: dict[tuple[object, str], list[_Read]] = {}
    for (_, reason), reads in found.items():
        ordered = sorted(reads, key=lambda read: graph.node(read[0].target).at)
        at, store = graph.node(ordered[0][0].target).at, graph.node(ordered[0][0].source).store
        groups.setdefault((_line(at) if store in _AT_ONCE else at, reason), []).extend(ordered)
    yield from groups.values()


def _line(at: Span) -> str:
    return f"{at.path}:{at.cell}:{at.line}"


def _open(graph: Graph, place: Node, step: Node, own: _Own) -> _Open | None:
    if "pinned" in step.traits and "moving" not in step.traits:
        return None
    if place.store is Store.HUB:
        return _of_hub(place, step, own)
    if place.store in (Store.URL, Store.OBJECT):
        why = None if _is_published_here(graph, place) else _of_address(place, own)
        return replace(why, confidence=Confidence.HINT) if why and _is_only_asked(graph, step) else why
    if place.store in (Store.MODEL, Store.RUN):
        return _of_registry(graph, place)
    return _of_table(graph, place, step) if place.store is Store.TABLE else None


def _of_hub(place: Node, step: Node, own: _Own) -> _Open | None:
    """A model or data set of a hub by its name alone; a path of this machine is none."""
    name = place.name
    if place.kind is NodeKind.ARTIFACT or not _HUB_NAME.fullmatch(name) or ":" in name or "can-pin" not in step.traits:
        return None
    if name.partition("/")[0] in own.folders or _LOCAL.search(name):
        return None
    put_there = "." in name.rpartition("/")[2] and own.uploads  # a file that this repository may put there
    sure = Confidence.HINT if put_there else Confidence.LIKELY
    return _Open("its revision is a branch that moves" if "moving" in step.traits else "no revision is given", sure)


def _is_published_here(graph: Graph, place: Node) -> bool:
    """Whether code of this repository writes the file that an address leads to, and so is what changes it."""
    address = re.split(r"[?#]", place.name, maxsplit=1)[0]
    tail = "/".join(address.rpartition("://")[2].split("/")[-_ALIKE:])
    written = (node.id for node in graph.nodes(NodeKind.ARTIFACT) if node.store is Store.FILE)
    return tail.count("/") == _ALIKE - 1 and any(f"/{id.rpartition(':')[2]}".endswith(f"/{tail}") for id in written)


def _is_only_asked(graph: Graph, step: Node) -> bool:
    """Whether an answer is looked at, and neither kept nor put together with data: it says what is the case now."""
    after = (node for node in graph.downstream(step.id, *_DATA) if node.id != step.id)
    kept = (node for node in after if node.kind is NodeKind.ARTIFACT or node.role not in _LOOKS)
    return "gives:response" in step.traits and not any(kept)


def _of_address(place: Node, own: _Own) -> _Open | None:
    if place.kind is NodeKind.ARTIFACT:
        return None
    address = re.split(r"[?#]", place.name, maxsplit=1)[0]
    segments = [segment for segment in address.partition("://")[2].split("/")[1:] if segment]
    moving = next((segment for segment in segments[:-1] if segment.lower() in _MOVING), None)
    if moving is None and segments and (_NEWEST.search(segments[-1]) or segments[-1].lower() in _MOVING):
        moving = segments[-1]
    if segments and _ASIDE_FILE.search(segments[-1]):
        return None
    if moving is not None and place.store is Store.URL and not _is_of_files(segments):
        return None
    if moving is None or any(
        re.fullmatch(r"[0-9a-f]{7,40}", segment) and not segment.isdigit() for segment in segments
    ):
        return None
    if place.store is Store.OBJECT and moving.lower() not in ("latest", segments[-1].lower()):
        return None
    moved = place.store is Store.OBJECT and own.unplaced.writes(place) > 0  # it may be this repository that moves it
    told = place.store is not Store.URL or "." in segments[-1] or _DOWNLOADS & {one.lower() for one in segments}
    chosen = any("{" in segment for segment in segments[: segments.index(moving)])  # of what, whoever runs it says
    return _Open(f"{moving} moves on", Confidence.HINT if moved or chosen or not told else Confidence.LIKELY)


def _is_of_files(segments: list[str]) -> bool:
    """Whether an address leads to files, as far as its end is known: what a service answers is no version of anything,
    be it the newest state, and the name in its address the stage of the service."""
    if "." in segments[-1] or "{" in segments[-1]:
        return True
    return segments[-1].lower() not in _MOVING and not _DOWNLOADS.isdisjoint(segment.lower() for segment in segments)


def _of_registry(graph: Graph, place: Node) -> _Open | None:
    """A stage or an alias of a registry. Where this repository promotes versions itself, it may be what moves it."""
    stage, alias = _STAGE.match(place.name), _ALIAS.search(place.name)
    said = (stage["alias"] or stage["stage"]) if stage else alias["alias"] if alias else ""
    if not said or "{" in said:
        return None
    sure = Confidence.HINT if _promotes(graph) or _registers(graph, place) else Confidence.LIKELY
    return _Open(f"{said} is an alias that moves from version to version", sure)


def _registers(graph: Graph, place: Node) -> bool:
    """Whether this repository registers versions of the very model."""
    name = _name_of_model(place)
    return any(_name_of_model(one) == name for one in graph.nodes(NodeKind.ARTIFACT) if one.store is place.store)


def _name_of_model(place: Node) -> str:
    return re.split(r"[@:/]", place.name.removeprefix("models:/"), maxsplit=1)[0]


def _promotes(graph: Graph) -> bool:
    return any(node.role is Role.COPY and "versioned" in node.traits and is_ours(node) for node in graph.nodes())


def _of_table(graph: Graph, place: Node, step: Node) -> _Open | None:
    """A table that nobody here makes, read for a training with nothing that bounds its rows in time."""
    if place.kind is NodeKind.ARTIFACT or not place.exact or "defined" in place.traits:
        return None
    if "part" in step.traits or not _learned_from(graph, step):
        return None
    # Who fills the table, and whether as a snapshot, only its owners know.
    return _Open("it is a live table, read with no bound on its dates", Confidence.HINT)


def _learned_from(graph: Graph, step: Node) -> bool:
    return any(node.role in LEARNS for node in graph.downstream(step.id, *_DATA))


_DATA = (EdgeKind.DERIVES, EdgeKind.TRAINS, EdgeKind.FITS, EdgeKind.WRITES, EdgeKind.READS)


def _folders(graph: Graph) -> frozenset[str]:
    """The folders at the top of the repository, those that files are written to, or that are written as such, and those
    in which something lies deeper than names of a hub go."""
    files = {node.name for node in graph.nodes(NodeKind.ARTIFACT) if node.store is Store.FILE}
    named = {node.name for node in graph.nodes(NodeKind.SOURCE) if node.store is Store.HUB}
    files |= {name for name in named if name.count("/") > 1 and "://" not in name}
    paths = {node.at.path for node in graph.nodes()}
    return frozenset(path.partition("/")[0] for path in paths | files if "/" in path or path in files)


def _way(graph: Graph, read: Edge) -> tuple[Stop, ...]:
    """The step that reads; where it is told at the call that leads there, that call and the step itself."""
    step = graph.node(read.target)
    label = f"{step.role.value if step.role else 'read'}: {step.name}"
    inside = [one.at for one in graph.in_edges(step.id, EdgeKind.READS) if one.source == read.source]
    inside = sorted({at for at in inside if at != step.at})
    return (Stop(step.at, "through: this call"), Stop(inside[0], label)) if inside else (Stop(step.at, label),)


def _is_less(graph: Graph, read: Edge) -> tuple[bool, bool]:
    """Whether a read stands in a notebook, of which less depends than of code, and whether in another file than the
    name that is shown for it: one beside it proves more."""
    at = graph.node(read.target).at
    return at.cell > 0, graph.node(read.source).at.path != at.path


def _said(graph: Graph, inputs: Sequence[Node], reader: Node) -> tuple[Stop, ...]:
    """Where the names stand. One that a test, another notebook or another component says as well, or one place for
    several, does not show whence they come."""
    tests = graph.files_of(Purpose.TEST)
    places = Counter(one.at for one in inputs)
    ours = (one for one in inputs if one.component == reader.component)
    near = (one for one in ours if one.at.path == reader.at.path or not (one.at.cell or one.at.path in tests))
    shown = (one for one in near if places[one.at] == 1)
    return tuple(dict.fromkeys(Stop(one.at, f"name: {one.name}") for one in shown))


def _hit(graph: Graph, reads: list[_Read]) -> Hit:
    reads = sorted(reads, key=lambda one: _is_less(graph, one[0]))
    edge, why = reads[0]
    place, step = graph.node(edge.source), graph.node(edge.target)
    names = sorted({graph.node(edge.source).name for edge, _ in reads})
    source = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    inputs = dict.fromkeys(graph.node(edge.source) for edge, _ in reads)
    said = _said(graph, tuple(inputs), step)
    seen = dict.fromkeys(
        Stop(graph.node(other.target).at, f"read: {graph.node(other.source).name}")
        for other, _ in reads[1:]
        if graph.node(other.target).at != step.at
    )
    return Hit(
        at=step.at,
        details={"consumer": step.symbol or step.at.path, "source": source, "reason": why.reason},
        keys=(place.name,),
        confidence=weakest(why.confidence, *({edge.confidence} & {Confidence.HINT})),
        symbol=step.symbol,
        trail=(*said[: MAX_STOPS - 2], *_way(graph, edge)),
        related=tuple(seen)[:_SHOWN],
    )
