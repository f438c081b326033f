"""Files of SQL that nothing runs, beside others that are run by their names."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.graph.code import QueryFile
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import is_ours

_FEWEST_RUN = 2
"""So many files of a folder are run by their names: the folder is no place from which people run what they need."""


@dataclass(frozen=True, slots=True)
class UnrunQuery:
    """A file of SQL that nothing runs, the files `beside` it that are run, and whether it `makes` a table or view."""

    file: QueryFile
    beside: tuple[QueryFile, ...]
    makes: bool


def unrun_queries(graph: Graph) -> Iterator[UnrunQuery]:
    """Those that no text names but tests, and whose tables nothing else reads."""
    folders: dict[str, list[QueryFile]] = defaultdict(list)
    for one in graph.code.queries:
        folders[posixpath.dirname(one.path)].append(one)
    made = _made(graph)
    for files in folders.values():
        beside = tuple(one for one in files if one.run)
        for one in files if len(beside) >= _FEWEST_RUN else ():
            if not (one.run or one.told or any(_is_read(graph, table, one.path) for table in made[one.path])):
                yield UnrunQuery(one, beside, bool(made[one.path]))


def _made(graph: Graph) -> dict[str, list[Node]]:
    """The tables and files that each file of SQL makes."""
    paths = {one.path for one in graph.code.queries}
    found: dict[str, list[Node]] = defaultdict(list)
    for step in graph.nodes(NodeKind.STEP):
        if step.at.path in paths:
            found[step.at.path] += graph.successors(step.id, EdgeKind.WRITES)
    return found


def _is_read(graph: Graph, table: Node, path: str) -> bool:
    readers = graph.successors(table.id, EdgeKind.READS)
    return any(one.at.path != path and is_ours(one) for one in readers)
