"""Read-only questions about code: from which files a step is reached by calls and imports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Node


class Callers:
    """Who names whom, from the definitions of a graph; tests do not count."""

    def __init__(self, graph: Graph) -> None:
        self._paths = {one.id: one.path for one in graph.code.definitions}
        self._used_by = {one.id: one.used_by for one in graph.code.definitions}
        self._above: dict[str, frozenset[str]] = {}
        self._using: dict[str, frozenset[str]] = {}
        self._defined_in: dict[str, list[str]] = defaultdict(list)
        for one in graph.code.definitions:
            self._defined_in[one.path].append(one.id)
        self._imported_by: dict[str, set[str]] = defaultdict(set)
        for use in graph.code.local_imports:
            self._imported_by[use.path].add(use.at.path)

    def files_above(self, node: Node) -> frozenset[str]:
        """The files of a step, of the call sites that led to it, and of all code that names its function."""
        definition = node.function or f"module:{node.at.path}"
        if definition not in self._above:
            self._above[definition] = frozenset(self._paths[id] for id in self._users(definition))
        return self._above[definition] | {node.at.path, *(site.path for site in node.chain)}

    def files_using(self, path: str) -> frozenset[str]:
        """A file, and those of all code that names something in it."""
        if path not in self._using:
            users = self._users(*self._defined_in[path])
            self._using[path] = frozenset(self._paths[id] for id in users) | {path}
        return self._using[path]

    def files_importing(self, path: str) -> frozenset[str]:
        """A file, and those that import it, straight or through others: a name alone may mean something else."""
        found, todo = {path}, [path]
        while todo:
            fresh = self._imported_by[todo.pop()] - found
            found |= fresh
            todo += fresh
        return frozenset(found)

    def _users(self, *definitions: str) -> Iterable[str]:
        found: set[str] = set()
        todo = list(definitions)
        while todo:
            for user in self._used_by.get(todo.pop(), ()):
                if user not in found and user in self._paths:
                    found.add(user)
                    todo.append(user)
        return found
