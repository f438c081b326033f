"""Read-only questions about methods that a class offers to whoever may ask."""

from __future__ import annotations

from mldebt.graph.graph import Graph
from mldebt.graph.model_work import working_on_models
from mldebt.graph.questions import LEARNS
from mldebt.graph.reach import Unused, is_long, is_public
from mldebt.roles import Role

_OF_A_MODEL = LEARNS | {Role.PREDICT, Role.EVALUATE, Role.SPLIT, Role.RESAMPLE}


def offered(graph: Graph, idle: tuple[Unused, ...]) -> frozenset[str]:
    """The ids of unused methods that others may call, as a class in use has more than is asked for: such as train and
    judge nothing and are short or in a library, and such as tests use and that do no work on models: a program keeps
    its records by them."""
    judging = {(node.at.path, node.symbol) for node in graph.nodes() if node.role in _OF_A_MODEL}
    open_ones = [one for one in idle if one.definition.kind == "method" and is_public(one.definition)]
    working = working_on_models(graph) if any(one.tests for one in open_ones) else frozenset()
    found = set()
    for one in open_ones:
        method = one.definition
        spare = not is_long(method) or graph.code.is_library(method.path)
        if (method.path, method.name) not in judging and (spare or (one.tests and method.id not in working)):
            found.add(method.id)
    return frozenset(found)
