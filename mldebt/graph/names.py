"""What people call a model, the file it is kept in or else what it is bound to, and the place of a step."""

from __future__ import annotations

import posixpath

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS, model_used
from mldebt.roles import Role

_HOLE = "{"
_UNKNOWN = "?"
_TABLE = "gives:table"
_OF_A_LOSS = frozenset({"backward", "apply_gradients"})


def model_name(graph: Graph, node: Node) -> str:
    """The name of the model that a fit makes or a prediction uses; empty when it has none."""
    used = (node,) if node.role in LEARNS else model_used(graph, node.id)
    models = [one for one in used if one.kind is not NodeKind.FEATURE]  # what is not followed gives what it was given
    loaded = [one for one in models if _TABLE not in one.traits]  # of a table a model may be made, it is none
    files = [graph.node(edge.source).name for one in loaded for edge in graph.in_edges(one.id, EdgeKind.READS)]
    kept = [name for one in models for name in _kept(graph, one)]
    bound = [bound_name(one) for one in models if one.kind is NodeKind.MODEL or one.name != one.callee]
    return next((name for name in (*files, *kept, *bound) if name and _HOLE not in name and name != "."), "")


def bound_name(model: Node) -> str:
    """What a model is bound to; of a method's call as it is written, what it is called on."""
    owner, _, method = model.name.rpartition(".")
    if owner == _UNKNOWN:
        return ""
    if method in _OF_A_LOSS or model.callee.rpartition(".")[2] in _OF_A_LOSS:
        return ""
    return owner if owner and model.name != model.callee and model.callee.endswith(f".{method}") else model.name


def _kept(graph: Graph, model: Node) -> list[str]:
    """The artifacts a model itself is stored in; what is told of it may be stored elsewhere."""
    stores = [node for node in graph.successors(model.id) if node.role is Role.PERSIST]
    return [node.name for store in stores for node in graph.successors(store.id, EdgeKind.WRITES)]


def called(node: Node) -> str:
    """A step by the function or method it calls, without where that comes from; else by its name."""
    return node.callee.rpartition(".")[2] or node.name


def place_name(node: Node) -> str:
    """Where a step stands, in words: the function and its file."""
    name = posixpath.basename(node.at.path)
    return f"{node.symbol} in {name}" if node.symbol else name


def answer_name(graph: Graph, answers: Node, reads: tuple[str, ...]) -> str:
    """The model behind answers; where it has no name, by the file that its answers came out of."""
    name = model_name(graph, answers)
    if name:
        return name
    return f"the model behind {reads[-1]}" if reads else "a model"
