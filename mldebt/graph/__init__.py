"""What the repository is: nodes, edges, and the questions they answer."""

from __future__ import annotations

from mldebt.graph.build import GraphBuilder
from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind

__all__ = ["FLOW", "Edge", "EdgeKind", "Graph", "GraphBuilder", "Node", "NodeKind"]
