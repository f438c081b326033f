"""Read-only questions about steps of several programs that share what a helper makes."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Node


def together(one: Node, other: Node) -> bool:
    """Whether two steps may happen in one program: a file says both, or calls what does."""
    return not files(one).isdisjoint(files(other))


def files(node: Node) -> frozenset[str]:
    """The file of a step, and those of the calls that lead to it."""
    return frozenset((node.at.path, *(site.path for site in node.chain)))


@lru_cache(maxsize=1)  # asked for each read that nothing checks
def lent(graph: Graph) -> frozenset[str]:
    """The functions that several other files use, straight or through functions of their own file: the columns that
    they make are those of all who ask."""
    users = {one.id: one for one in graph.code.definitions if one.kind in ("function", "method")}
    asked: dict[str, set[str]] = defaultdict(set)
    for one in users.values():
        seen, todo = {one.id}, [one.id]
        while todo:
            for user in users[todo.pop()].used_by:
                path = user.partition(":")[2].partition(":")[0]
                if path != one.path:
                    asked[one.id].add(path)
                elif user in users and user not in seen:
                    seen.add(user)
                    todo.append(user)
    return frozenset(id for id, paths in asked.items() if len(paths) > 1)
