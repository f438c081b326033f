"""Graphs of several repositories to one: what lies where all find it is where they meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from itertools import permutations
from typing import Any, TypeVar

from mldebt.graph import Code, Edge, EdgeKind, Graph, GraphBuilder, Node, NodeKind
from mldebt.graph.code import Scrutiny
from mldebt.graph.placed import is_shared, placed
from mldebt.graph.routes import host_asked, sureness_of_host
from mldebt.link.accesses import matching
from mldebt.link.registered import addresses
from mldebt.roles import Confidence, Store
from mldebt.source import Span

Said = TypeVar("Said", Code, Scrutiny)


def joined(graphs: Mapping[str, Graph]) -> Graph:
    """One graph of several, each under its repository's name. Whatever their order, the result is the same."""
    parts = [placed(graphs[name], name) for name in sorted(graphs)]
    builder = GraphBuilder()
    for part in parts:
        for node in part.nodes():
            builder.add_node(node)
        for edge in part.edges():
            builder.add_edge(edge)
    for edge in _other_names(parts):
        builder.add_edge(edge)
    code = _together([part.code for part in parts])
    for node in _components(parts, code):
        builder.add_node(node)
    for edge in _consumptions(builder.freeze(), code):
        builder.add_edge(edge)
    return builder.freeze(code, parts, lambda: _together([part.scrutiny for part in parts]))


def _together(said: list[Said]) -> Said:
    """What is said of the code of all of them."""
    first, *others = said
    for other in others:
        both = {one.name: (getattr(first, one.name), getattr(other, one.name)) for one in fields(first)}
        first = replace(first, **{name: _sum(*pair) for name, pair in both.items()})
    return first


def _sum(mine: Any, theirs: Any) -> Any:
    return mine | theirs if isinstance(mine, (bool, frozenset)) else mine + theirs


def _other_names(parts: list[Graph]) -> Iterator[Edge]:
    """What one repository writes under one name and another reads under another: an address of a registered model;
    a route and its address; a pattern and what it may stand for, which are hints."""
    for writer, reader in permutations(parts, 2):
        written, read = _keys(writer, EdgeKind.WRITES), _keys(reader, EdgeKind.READS)
        open_writes, open_reads = {key for key in written if "{" in key}, {key for key in read if "{" in key}
        for pattern, name in matching(open_writes, read - open_reads):
            yield _alias(writer, pattern, name)
        for pattern, name in matching(open_reads, written - open_writes):
            yield _alias(writer, name, pattern)
        yield from _routes(writer, reader)
        for name, address in addresses(read):
            if name in written:
                yield replace(_alias(writer, name, address), confidence=Confidence.LIKELY)


def _routes(server: Graph, client: Graph) -> Iterator[Edge]:
    """Routes that one repository serves, and the addresses under which another asks for them."""
    routes = [node for node in server.nodes(NodeKind.ARTIFACT) if node.store is Store.ROUTE]
    asked = [node for node in client.nodes(NodeKind.SOURCE) if node.store is Store.URL] if routes else []
    for route in routes:
        for address in asked:
            host = host_asked(route.name, address.name)
            sure = None if host is None else sureness_of_host(host, route.component)
            if sure is not None:
                yield Edge(route.id, address.id, EdgeKind.DERIVES, route.at, sure)


def _keys(graph: Graph, kind: EdgeKind) -> set[str]:
    """What a repository reads or writes where others find it, as store and place."""
    ids = {edge.target if kind is EdgeKind.WRITES else edge.source for edge in graph.edges(kind)}
    return {id.partition(":")[2] for id in ids if is_shared(id)}


def _alias(graph: Graph, first: str, second: str) -> Edge:
    source, target = f"artifact:{first}", f"artifact:{second}"
    return Edge(source, target, EdgeKind.DERIVES, graph.node(source).at, Confidence.HINT)


def _components(parts: list[Graph], code: Code) -> Iterator[Node]:
    """A node for each repository, and below it one for each of its components."""
    inner = {node.component for part in parts for node in part.nodes() if node.component}
    for name in sorted({*code.repositories, *inner}):
        above = "" if name in code.repositories else code.repository_of(name)
        yield Node(f"component:{name}", NodeKind.COMPONENT, name, Span(name, 1), component=above)


def _consumptions(graph: Graph, code: Code) -> Iterator[Edge]:
    """What a component reads that another repository writes."""
    for artifact in graph.nodes(NodeKind.ARTIFACT):
        makers = {code.repository_of(edge.at.path) for edge in graph.in_edges(artifact.id, EdgeKind.WRITES)}
        for read in graph.out_edges(artifact.id, EdgeKind.READS):
            reader = graph.node(read.target).component
            if makers and reader and code.repository_of(reader) not in makers:
                yield Edge(artifact.id, f"component:{reader}", EdgeKind.CONSUMES, read.at, read.confidence)
