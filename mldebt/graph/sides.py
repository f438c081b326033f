"""Read-only questions about inputs: what models learn from, and what they answer from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mldebt.graph.graph import Graph
from mldebt.graph.nodes import EdgeKind, Node, NodeKind
from mldebt.graph.questions import LEARNS, is_loaded, is_ours, model_used
from mldebt.roles import Role

DATA_FLOW = (
    EdgeKind.READS, EdgeKind.WRITES, EdgeKind.DERIVES, EdgeKind.FITS, EdgeKind.TRAINS, EdgeKind.PREDICTS,
)  # fmt: skip
MODELS = (NodeKind.MODEL, NodeKind.PREDICTION)
_FITTED = frozenset({"model", "receiver"})
_NO_INPUT = frozenset({"model", "label", "receiver"})


class Sides:
    """The nodes behind the data of fits, of predictions, and of those predictions whose model was fitted elsewhere.
    `asked` are those behind predictions that nothing judges, in functions that fit nothing, be it in the same file."""

    def __init__(self, graph: Graph) -> None:
        learning, answering = fits(graph), predictions(graph)
        trained = frozenset(node.at.path for node in learning)
        self.serving = tuple(node for node in answering if _is_served(graph, node, trained))
        self.learnt = behind(graph, learning)
        self.answered = behind(graph, answering)
        self.served = behind(graph, self.serving)
        self.asked = behind(graph, _unjudged(graph, learning, answering))


def fits(graph: Graph) -> tuple[Node, ...]:
    """The places of production code where a model learns."""
    return tuple(node for node in graph.nodes(NodeKind.MODEL) if node.role in LEARNS and is_ours(node))


def predictions(graph: Graph) -> tuple[Node, ...]:
    """The predictions of production code."""
    return tuple(node for node in graph.nodes(NodeKind.PREDICTION) if is_ours(node))


def behind(graph: Graph, nodes: Iterable[Node]) -> frozenset[str]:
    """What the data of these nodes come from; not what lies behind another model or a transformer."""
    found: set[str] = set()
    todo = [edge.source for node in nodes for edge in graph.in_edges(node.id, *DATA_FLOW) if edge.slot not in _NO_INPUT]
    while todo:
        id = todo.pop()
        node = graph.node(id)
        if id not in found and node.kind not in MODELS:
            found.add(id)
            slots = _FITTED if node.kind is NodeKind.TRANSFORM else ()
            todo += [edge.source for edge in graph.in_edges(id, *DATA_FLOW) if edge.slot not in slots]
    return frozenset(found)


def _unjudged(graph: Graph, learning: Iterable[Node], answering: Iterable[Node]) -> Iterator[Node]:
    training = {(node.at.path, node.symbol) for node in learning}
    for node in answering:
        judged = any(user.role is Role.EVALUATE for user in graph.successors(node.id))
        if not judged and (node.at.path, node.symbol) not in training:
            yield node


def _is_served(graph: Graph, prediction: Node, trained: frozenset[str]) -> bool:
    """Whether the model was fitted elsewhere: it is loaded, or nothing is fitted in its file. Clusters are found on the
    spot."""
    here = any("clusterer" in used.traits for used in model_used(graph, prediction.id))
    return (prediction.at.path not in trained and not here) or is_loaded(graph, prediction)
