"""What the graph knows of one line of a file, for people who ask why nothing is found there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import Edge, Node, NodeKind
from mldebt.graph.rows import ROWS_PICKED
from mldebt.source import Span

_PICKED = "rows: picked"


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """One thing that is known of a line. `kind` is that of a node (with its role, as in `step: read`) or an edge, or
    what a record about code is; `text` says more."""

    kind: str
    text: str


def known_at(graph: Graph, holds: Callable[[Span], bool]) -> tuple[Known, ...]:
    """What stands at the places that are meant: nodes, edges and records about code, each once."""
    nodes = (_node(node) for node in graph.nodes() if holds(node.at))
    edges = (_edge(graph, edge) for edge in graph.edges() if holds(edge.at))
    return tuple(sorted({*nodes, *edges, *_rows(graph, holds), *_records(graph, holds)}))


def is_kind(kind: str, wanted: str) -> bool:
    """Whether a kind of Known is the one that is wanted, whatever its role where that names none."""
    return kind == wanted or kind.startswith(f"{wanted}:")


def around(graph: Graph, path: str, line: int) -> str:
    """The innermost function or class around a line; empty at the top of a module."""
    inside = [one for one in graph.code.definitions if one.path == path and one.at.line <= line <= one.end_line]
    named = [one for one in inside if one.kind != "module"]
    return max(named, key=lambda one: (one.at.line, -one.end_line)).name if named else ""


def _node(node: Node) -> Known:
    kind = f"{node.kind.value}: {node.role.value}" if node.role and node.kind is NodeKind.STEP else node.kind.value
    return Known(kind, node.callee if node.callee and node.callee != node.name else node.name)


def _edge(graph: Graph, edge: Edge) -> Known:
    text = f"{graph.node(edge.source).name} -> {graph.node(edge.target).name} ({edge.confidence.value})"
    return Known(edge.kind.value, text)


def _rows(graph: Graph, holds: Callable[[Span], bool]) -> Iterator[Known]:
    """Slices and masks, where rows are picked on their way along an edge."""
    for edge in graph.edges():
        for stop in edge.trail:
            if stop.label.startswith(ROWS_PICKED) and holds(stop.at):
                yield Known(_PICKED, graph.node(edge.source).name)


def _records(graph: Graph, holds: Callable[[Span], bool]) -> Iterator[Known]:
    """Definitions, branches, literals, settings, comments, imports: whatever record has a place."""
    records = [getattr(about, field.name) for about in (graph.code, graph.scrutiny) for field in fields(about)]
    for some in records:
        for one in some if isinstance(some, tuple) else ():
            at = getattr(one, "at", None)
            if isinstance(at, Span) and holds(at):
                yield Known(_kind(one), _text(one))


def _kind(record: object) -> str:
    name = type(record).__name__
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    role = getattr(record, "role", "")
    return f"{words}: {role}" if isinstance(role, str) and role else words


def _text(record: object) -> str:
    for name in ("name", "path", "test", "text", "key", "module", "reason"):
        value = getattr(record, name, "")
        if isinstance(value, str) and value:
            return value
    return ""
