"""Graph -> JSON, mermaid and dot text. Names come from scanned code: every format escapes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from mldebt import __version__
from mldebt.graph import Edge, Graph, Node, NodeKind
from mldebt.render.safe import visible, without_surrogates
from mldebt.roles import Confidence
from mldebt.source import Span

SCHEMA = 1
LONGEST_LABEL = 80

_MERMAID_SHAPES = MappingProxyType(
    {
        NodeKind.SOURCE: ("[(", ")]"),
        NodeKind.ARTIFACT: ("[(", ")]"),
        NodeKind.MODEL: ("{{", "}}"),
        NodeKind.PREDICTION: ("([", "])"),
        NodeKind.SETTING: ("[/", "/]"),
        NodeKind.ENDPOINT: (">", "]"),
        NodeKind.COMPONENT: ("[[", "]]"),
    }
)
_DOT_SHAPES = MappingProxyType(
    {
        NodeKind.SOURCE: "cylinder",
        NodeKind.ARTIFACT: "cylinder",
        NodeKind.MODEL: "hexagon",
        NodeKind.PREDICTION: "ellipse",
        NodeKind.SETTING: "parallelogram",
        NodeKind.ENDPOINT: "cds",
        NodeKind.COMPONENT: "component",
    }
)


def as_json(graph: Graph) -> str:
    """The published form of the graph (`schemas/graph.schema.json`), in ASCII."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "mldebt", "version": __version__},
        "nodes": [_node_entry(node) for node in graph.nodes()],
        "edges": [_edge_entry(edge) for edge in graph.edges()],
    }
    return json.dumps(document, indent=1) + "\n"


def as_mermaid(graph: Graph) -> str:
    """A mermaid flowchart; a dotted edge is less than certain."""
    return "\n".join(_mermaid_lines(graph)) + "\n"


def as_dot(graph: Graph) -> str:
    """A graph for Graphviz; a dashed edge is less than certain."""
    return "\n".join(_dot_lines(graph)) + "\n"


FORMATS: Mapping[str, Callable[[Graph], str]] = MappingProxyType(
    {"json": as_json, "mermaid": as_mermaid, "dot": as_dot}
)


def _node_entry(node: Node) -> dict[str, object]:
    return {
        "id": without_surrogates(node.id),
        "kind": node.kind.value,
        "name": without_surrogates(node.name),
        **_place(node.at),
        "component": without_surrogates(node.component),
    }


def _edge_entry(edge: Edge) -> dict[str, object]:
    return {
        "source": without_surrogates(edge.source),
        "target": without_surrogates(edge.target),
        "kind": edge.kind.value,
        "confidence": edge.confidence.value,
        **_place(edge.at),
    }


def _place(at: Span) -> dict[str, object]:
    return {"path": without_surrogates(at.path), "line": at.line, "cell": at.cell or None}


def _mermaid_lines(graph: Graph) -> Iterator[str]:
    yield "flowchart LR"
    numbers = _numbers(graph)
    for node in graph.nodes():
        before, after = _MERMAID_SHAPES.get(node.kind, ("[", "]"))
        yield f'  n{numbers[node.id]}{before}"{_mermaid_text(_label(node))}"{after}'
    for edge in graph.edges():
        arrow = "-->" if edge.confidence is Confidence.CERTAIN else "-.->"
        yield f"  n{numbers[edge.source]} {arrow}|{edge.kind.value}| n{numbers[edge.target]}"


def _dot_lines(graph: Graph) -> Iterator[str]:
    yield "digraph mldebt {"
    yield "  rankdir=LR;"
    numbers = _numbers(graph)
    for node in graph.nodes():
        shape = _DOT_SHAPES.get(node.kind, "box")
        yield f'  n{numbers[node.id]} [label="{_dot_text(_label(node))}" shape={shape}];'
    for edge in graph.edges():
        style = "solid" if edge.confidence is Confidence.CERTAIN else "dashed"
        ends = f"n{numbers[edge.source]} -> n{numbers[edge.target]}"
        yield f'  {ends} [label="{edge.kind.value}" style={style}];'
    yield "}"


def _numbers(graph: Graph) -> dict[str, int]:
    return {node.id: number for number, node in enumerate(graph.nodes())}


def _label(node: Node) -> str:
    name = visible(node.name).replace("\t", " ")
    name = name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 3] + "..."
    return f"{node.kind.value} {name}"


def _mermaid_text(label: str) -> str:
    """Mermaid reads `#35;` as the character of that code; whatever could be syntax is written so."""
    return "".join(char if char.isalnum() or char in " _-./" else f"#{ord(char)};" for char in label)


def _dot_text(label: str) -> str:
    return label.replace("\\", "\\\\").replace('"', '\\"')
