"""The whole graph in folders and files, each a drawing of its own: where its boxes stand, in units of boxes."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mldebt.graph import FLOW, Graph, Node, NodeKind
from mldebt.render.report.layout import Place, placed

TOP = ""
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Folder:
    """A file, or a folder with more than one thing in it; `above` is where it is drawn, `at` its place there."""

    path: str
    above: str
    file: bool
    at: Place


@dataclass(frozen=True, slots=True)
class Atlas:
    """Folders and files by path, and the place of every node in the drawing of its file. Nodes that are linked with the
    same ones in the same way share a place. Data from outside has no file: it stands beside the drawings."""

    folders: tuple[Folder, ...]
    nodes: Mapping[str, Place]


def atlas(graph: Graph) -> Atlas:
    """The drawings of a graph."""
    homes = {node.id: home(node) for node in graph.nodes()}
    parents = _parents({path for path in homes.values() if path != OUTSIDE})
    inside: dict[str, list[str]] = defaultdict(list)
    for path in sorted(parents):
        inside[parents[path]].append(path)
    links = [(edge.source, edge.target) for edge in graph.edges()]
    between: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for source, target in [(edge.source, edge.target) for edge in graph.edges(*FLOW)]:
        meeting = _meeting(homes[source], homes[target], parents)
        if meeting is not None:
            between[meeting[0]].add(meeting[1:])
    files = {path for path in homes.values() if path != OUTSIDE}
    at: dict[str, Place] = {}
    for above, held in sorted(inside.items()):
        at |= placed(held, between[above])
    return Atlas(
        tuple(Folder(path, parents[path], path in files, at[path]) for path in sorted(parents)),
        _things(graph, homes, links),
    )


def home(node: Node) -> str:
    """The file in whose drawing a node stands; data that nothing here writes belong to nobody."""
    return OUTSIDE if node.kind is NodeKind.SOURCE else node.at.path


def _parents(files: Iterable[str]) -> dict[str, str]:
    """The folder above each file and folder; folders that hold a single thing are left out."""
    children: dict[str, set[str]] = defaultdict(set)
    for path in files:
        while path:
            above = posixpath.dirname(path).strip("/")
            above = above if above != path else TOP
            children[above].add(path)
            path = above
    parents: dict[str, str] = {}
    todo = [(TOP, TOP)]
    while todo:
        path, above = todo.pop()
        held = sorted(children[path])
        while len(held) == 1 and children.get(held[0]):
            held = sorted(children[held[0]])
        for one in held:
            deeper = one
            while len(children.get(deeper, ())) == 1 and children.get(min(children[deeper])):
                deeper = min(children[deeper])
            parents[deeper] = above
            if children.get(deeper):
                todo.append((deeper, deeper))
    return parents


def _meeting(one: str, other: str, parents: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The folder in which a link between two files is drawn, and its two ends there."""
    if OUTSIDE in (one, other) or one == other:
        return None
    first, second = _above(one, parents), _above(other, parents)
    while len(first) > 1 and len(second) > 1 and first[-2] == second[-2]:
        first.pop()
        second.pop()
    return first[-1], first[-2], second[-2]


def _above(path: str, parents: Mapping[str, str]) -> list[str]:
    found = [path]
    while found[-1] != TOP:
        found.append(parents[found[-1]])
    return found


def _things(graph: Graph, homes: Mapping[str, str], links: list[tuple[str, str]]) -> dict[str, Place]:
    """The places of the nodes of each file; equal ones are drawn as one."""
    beside: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for source, target in links:
        beside[source].add(("to", target))
        beside[target].add(("from", source))
    by_file: dict[str, dict[str, list[str]]] = defaultdict(dict)
    first: dict[tuple[object, ...], str] = {}
    for node in graph.nodes():
        if homes[node.id] == OUTSIDE:
            continue
        likeness = (homes[node.id], node.kind.value, tuple(sorted(beside[node.id])) or node.id)
        by_file[homes[node.id]].setdefault(first.setdefault(likeness, node.id), []).append(node.id)
    standing = {id: kept for groups in by_file.values() for kept, ids in groups.items() for id in ids}
    within: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for source, target in links:
        if homes[source] == homes[target] != OUTSIDE:
            within[homes[source]].add((standing[source], standing[target]))
    places: dict[str, Place] = {}
    for path, groups in sorted(by_file.items()):
        found = placed(sorted(groups), within[path])
        places |= {id: found[kept] for kept, ids in groups.items() for id in ids}
    return places
