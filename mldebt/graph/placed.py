"""A graph as it stands among those of other repositories: its paths, components and ids begin with a name."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

from mldebt.graph.code import Code, Scrutiny
from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, Node, NodeKind
from mldebt.roles import Store
from mldebt.source import Span

_PATHS = frozenset({
    "path", "file", "files", "pinned_by", "declared_in", "installs", "local_imports", "notebook_runs", "tried", "pages",
    "digests",
})  # fmt: skip
_COMPONENTS = frozenset({"component", "deployed"})
_IDS = frozenset({
    "id", "source", "target", "function", "feature", "used_by", "test_used_by", "unread", "seeds", "generators",
    "telling", "storing", "refusing", "bounded", "taken", "remaking",
})  # fmt: skip
_KINDS = frozenset({*(kind.value for kind in NodeKind), "class"})
_TOP = "."
_ANYWHERE = frozenset({Store.OBJECT, Store.URL, Store.HUB, Store.TOPIC, Store.MODEL, Store.ROUTE})
_OWN_SCHEMAS = frozenset({"main", "public", "dbo", "default", "temp", "information_schema"})
_ANCHOR = re.compile(r"(?:absolute|home|temporary):")
_SCHEME = re.compile(r"^[\w+.-]+://")


def placed(graph: Graph, name: str) -> Graph:
    """The graph of the repository `name`, with names that no other repository has.

    What lies where several repositories find it (objects, addresses, topics, registered models, tables
    with a schema) keeps its id, so that it is one thing in all of them.
    """
    mover = _Mover(name)
    nodes = [mover.node(node) for node in graph.nodes()]
    code: Code = mover.moved(graph.code, "")
    libraries = frozenset({name} if graph.code.libraries else ())
    code = replace(code, repositories=(name,), libraries=libraries)
    edges: list[Edge] = [mover.moved(edge, "") for edge in graph.edges()]

    def look() -> Scrutiny:
        found: Scrutiny = mover.moved(graph.scrutiny, "")
        return found

    return Graph(nodes, edges, code, look=look)


def is_shared(id: str) -> bool:
    """Whether the id of an artifact names the same thing in every repository."""
    head, _, rest = id.partition(":")
    store, _, key = rest.partition(":")
    if head != "artifact" or store not in {one.value for one in (*_ANYWHERE, Store.TABLE)}:
        return False
    first = _SCHEME.sub("", key).partition("/")[0]
    if store == Store.TABLE.value:
        schema, dot, table = key.rpartition(".")
        return bool(dot and schema and table) and "{" not in key and schema.lower() not in _OWN_SCHEMAS
    return bool(first) and "{" not in first


class _Mover:
    """Puts a name before whatever stands in one repository only."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spans: dict[Span, Span] = {}

    def node(self, node: Node) -> Node:
        """A node under its new id; a file here is also called so."""
        moved: Node = self.moved(node, "")
        here = node.store is Store.FILE and not re.match(r"[/~{\\]|[A-Za-z]:", node.name)
        return replace(moved, name=f"{self._name}/{node.name}") if here else moved

    def moved(self, value: Any, field: str) -> Any:
        """A value of the graph, or a part of one that stands in the field `field`."""
        if isinstance(value, str):
            return self._text(value, field)
        if isinstance(value, Span):
            if value not in self._spans:
                self._spans[value] = replace(value, path=self._text(value.path, "path"))
            return self._spans[value]
        if isinstance(value, (tuple, frozenset)):
            return type(value)(self.moved(part, field) for part in value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: self.moved(getattr(value, one.name), one.name) for one in fields(value)})
        return value

    def _text(self, text: str, field: str) -> str:
        if field in _PATHS:
            return f"{self._name}/{text}" if text else text
        if field in _COMPONENTS:
            return self._name if text == _TOP else f"{self._name}/{text}" if text else text
        return self._id(text) if field in _IDS else text

    def _id(self, id: str) -> str:
        kind, colon, rest = id.partition(":")
        if not colon or kind not in _KINDS or is_shared(id):
            return id
        if kind == "artifact":
            store, _, key = rest.partition(":")
            anchor = _ANCHOR.match(key) if store == Store.FILE.value else None
            before, key = (anchor[0], key[anchor.end() :]) if anchor else ("", key)
            return f"{kind}:{store}:{before}{self._name}/{key.lstrip('/') if store == Store.ROUTE.value else key}"
        return f"{kind}:{self._name}/{rest}"
