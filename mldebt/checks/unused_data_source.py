"""Data is loaded, and nothing of it reaches a model, an output or a check."""

from __future__ import annotations

import posixpath
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from mldebt.findings import Hit
from mldebt.graph import EdgeKind, Graph, Node, NodeKind
from mldebt.graph.questions import is_ours
from mldebt.roles import Confidence, Role
from mldebt.trail import MAX_STOPS, Stop

_DROPPED, _AGAIN, _BESIDE = "dropped", "again", "beside"
_TABLE = "table "
_SHOWN = 3
_SURE = {"local": Confidence.CERTAIN, "module": Confidence.LIKELY, "table": Confidence.LIKELY}


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for the places of one function, cell or file where data come in for nothing, whatever is read there; for
    each place where what is read is kept nowhere; for the same lines in several files."""
    reasons = dict(graph.code.unread)
    by_place: dict[object, list[Node]] = {}
    for node in graph.nodes(NodeKind.STEP):
        if node.role is Role.READ:
            by_place.setdefault(node.at, []).append(node)
    together: dict[tuple[object, ...], list[Hit]] = {}
    for at, nodes in by_place.items():
        if all(node.id in reasons for node in nodes) and is_ours(nodes[0]):
            hit = _loaded_again(graph, nodes, _hit(graph, nodes, reasons[nodes[0].id]), reasons.keys())
            if reasons[nodes[0].id].startswith(_TABLE) and _is_used_otherwise(graph, nodes, reasons.keys()):
                hit = replace(hit, confidence=Confidence.HINT)
            own = at if hit.variant == _DROPPED else hit.variant
            together.setdefault((hit.at.path, hit.at.cell, hit.symbol, hit.confidence, own), []).append(hit)
    copies: dict[object, list[Hit]] = {}
    for hits in together.values():
        hit = _joined(sorted(hits, key=lambda hit: hit.at)) if len(hits) > 1 else hits[0]
        alike = (*map(posixpath.basename, hit.keys), hit.details["what"], hit.confidence, hit.at.cell > 0)
        copies.setdefault(alike if hit.details["what"] else hit.at, []).append(hit)
    yield from map(_once, copies.values())


def _once(copies: list[Hit]) -> Hit:
    """What copies of one piece of code load for nothing, told of the first."""
    first, *others = sorted(copies, key=lambda hit: hit.at)
    again = tuple(Stop(hit.at, f"again: {hit.details['source']}") for hit in others)
    return replace(first, trail=(*first.trail, *again)[:MAX_STOPS], related=(*first.related, *again)[:MAX_STOPS])


def _is_used_otherwise(graph: Graph, nodes: Iterable[Node], idle: Container[str]) -> bool:
    """Whether all that comes in is also read into something that is used."""
    sources = [source for node in nodes for source in graph.predecessors(node.id, EdgeKind.READS)]
    used = [any(one.id not in idle for one in graph.successors(source.id, EdgeKind.READS)) for source in sources]
    return bool(used) and all(used)


def _loaded_again(graph: Graph, nodes: Iterable[Node], hit: Hit, idle: Container[str]) -> Hit:
    """The same, in other words where the same code loads the same once more and uses that: it is the load that is idle,
    and not what is loaded. Under the same name below, it is loaded again."""
    first, *others = nodes
    sources = graph.predecessors(first.id, EdgeKind.READS)
    loads = (one for source in sources for one in graph.successors(source.id, EdgeKind.READS) if one.id not in idle)
    same = [one for one in loads if _code_of(one) == _code_of(first)]
    if others or len(sources) != 1 or hit.variant == _DROPPED or not same:
        return hit
    below = [one.at for one in same if one.name == first.name and first.at < one.at]
    stop = Stop(min(below or [one.at for one in same]), "read: the same, and this is used")
    variant = _AGAIN if below else _BESIDE
    return replace(hit, trail=(*hit.trail, stop), related=(*hit.related, stop), variant=variant)


def _code_of(load: Node) -> tuple[object, ...]:
    """The code that loads, and who calls it first: what two programs load through one helper is loaded once in each."""
    return load.at.path, load.symbol, load.role, {site.path for site in load.chain[-1:]} - {load.at.path}


def _joined(hits: list[Hit]) -> Hit:
    """What one piece of code loads for nothing, told once."""
    first, *others = hits
    sources = [hit.details["source"] for hit in hits]
    more = f" and {len(sources) - _SHOWN} more" if len(sources) > _SHOWN else ""
    return replace(
        first,
        details={"source": ", ".join(sources[:_SHOWN]) + more, "what": ""},
        keys=tuple(dict.fromkeys(key for hit in hits for key in hit.keys)),
        trail=tuple(stop for hit in hits for stop in hit.trail)[:MAX_STOPS],
        related=(*first.related, *(Stop(hit.at, f"read: {hit.details['source']}") for hit in others))[:MAX_STOPS],
        variant=f"several-{first.variant}" if first.variant in (_AGAIN, _BESIDE) else "several",
    )


def _hit(graph: Graph, nodes: list[Node], reason: str) -> Hit:
    first = nodes[0]
    kind, _, name = reason.partition(" ")
    names = sorted({edge_source.name for node in nodes for edge_source in graph.predecessors(node.id, EdgeKind.READS)})
    source = ", ".join(names) or "A data source"
    word = "loaded into" if kind == "table" else "bound"
    ended = f"{word}: {name}, and nothing that is made of it is used" if name else "dropped: the result is kept nowhere"
    return Hit(
        at=first.at,
        details={"source": source, "what": name},
        keys=tuple(names) or (name,),
        # A read that is kept nowhere may be there to see whether it can be read; a notebook is there to look at things.
        confidence=_SURE.get(kind, Confidence.HINT) if names and not _in_notebook(first) else Confidence.HINT,
        symbol=first.symbol,
        trail=(Stop(first.at, f"read: {source}"), Stop(first.at, ended)),
        related=tuple(Stop(site, "call: this value is not used") for site in first.chain[:1] if site != first.at),
        variant=_DROPPED if kind == _DROPPED else "",
    )


def _in_notebook(load: Node) -> bool:
    return any(site.cell for site in (load.at, *load.chain))
