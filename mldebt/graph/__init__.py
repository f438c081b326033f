"""What the repository is: nodes, edges, and the questions they answer."""

from __future__ import annotations

from mldebt.graph.build import GraphBuilder
from mldebt.graph.code import Branch, Code, Definition, Illegible, Invocation, Literal, Note, Unseen
from mldebt.graph.crossing import Crossing
from mldebt.graph.environment import Dependency, Environment, Imported
from mldebt.graph.graph import FLOW, Graph
from mldebt.graph.nodes import Edge, EdgeKind, Node, NodeKind
from mldebt.graph.projection import projected
from mldebt.graph.secret import Secret
from mldebt.graph.settings import DefinedSetting, SettingRead

__all__ = [
    "FLOW", "Branch", "Code", "Crossing", "DefinedSetting", "Definition", "Dependency", "Edge", "EdgeKind",
    "Environment", "Graph", "GraphBuilder", "Illegible", "Imported", "Invocation", "Literal", "Node", "NodeKind",
    "Note", "Secret", "SettingRead", "Unseen", "projected",
]  # fmt: skip
