"""What people call a model: the file it is kept in, else what it is bound to."""

from __future__ import annotations

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS, kept_in, model_used

_HOLE = "{"


def model_name(graph: Graph, node: Node) -> str:
    """The name of the model that a fit makes or a prediction uses; empty when it has none."""
    models = (node,) if node.role in LEARNS else model_used(graph, node.id)
    files = [graph.node(edge.source).name for one in models for edge in graph.in_edges(one.id, EdgeKind.READS)]
    kept = [graph.node(id).name for one in models for id in sorted(kept_in(graph, one.id))]
    bound = [one.name for one in models if one.kind is NodeKind.MODEL or one.name != one.callee]
    return next((name for name in (*files, *kept, *bound) if name and _HOLE not in name and "." != name), "")


def answer_name(graph: Graph, answers: Node, reads: tuple[str, ...]) -> str:
    """The model behind answers; where it has no name, by the file that its answers came out of."""
    name = model_name(graph, answers)
    if name:
        return name
    return f"the model behind {reads[-1]}" if reads else "a model"
