"""What the repository is: nodes, edges, and the questions they answer."""

from __future__ import annotations

from mldebt.graph.build import GraphBuilder
from mldebt.graph.code import Branch, Code, Definition, Illegible, Literal, Note, Unseen
from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.projection import projected

__all__ = [
    "FLOW", "Branch", "Code", "Definition", "Edge", "EdgeKind", "Graph", "GraphBuilder", "Illegible", "Literal", "Node",
    "NodeKind", "Note", "Unseen", "projected",
]  # fmt: skip
