"""Read-only questions about how much of an application has to do with what nothing uses."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt.graph.code import Definition
from mldebt.graph.graph import Graph
from mldebt.graph.model_work import working_on_models
from mldebt.graph.questions import LEARNS
from mldebt.graph.reach import Unused, is_long, is_public, lines_of
from mldebt.roles import Role
from mldebt.source import Purpose

_OF_A_MODEL = LEARNS | {Role.PREDICT, Role.EVALUATE, Role.SPLIT, Role.RESAMPLE}


_MUCH_TOGETHER = 30
_FEWEST_LINES, _KEPT_LINES = 5, 10
"""A helper of fewer lines costs its readers nothing, and one that tests keep of fewer lines little."""


def among_models(graph: Graph, idle: tuple[Unused, ...], handling: frozenset[str]) -> frozenset[str]:
    """The ids of unused definitions that are in the way of who works on models: those in files that handle data, the
    helpers that such code imports, and steps that somebody switched off, as code in comments names them. What tests
    keep has to be long: somebody looks after it."""
    working = working_on_models(graph) if idle else frozenset()
    ours = (one for one in graph.code.definitions if one.purpose is Purpose.PRODUCTION)
    busy = handling.union(one.path for one in ours if one.id in working)
    beside = busy.union(use.path for use in graph.code.local_imports if use.at.path in busy)
    return frozenset(
        one.definition.id for one in idle
        if (one.definition.path in handling and _is_read(one.definition))
        or (_is_helper(one.definition) and (one.off or one.definition.path in beside))
        if not one.tests or lines_of(one.definition) >= _KEPT_LINES
    )  # fmt: skip


def _is_read(one: Definition) -> bool:
    """Whether who reads a file has to understand it: not so a class that is little more than its name, or a short
    method that others may call."""
    if one.kind == "class":
        return lines_of(one) > _FEWEST_LINES
    return one.kind == "function" or (one.kind == "method" and (not is_public(one) or is_long(one)))


def _is_helper(one: Definition) -> bool:
    return one.kind == "function" and lines_of(one) >= _FEWEST_LINES


def are_much(idle: Iterable[Unused]) -> bool:
    """Whether functions and classes of one file, of which nothing at all says the name, are so long together that who
    reads the file has to understand them. One that is kept for a copy in use, or stands in a cell, is none."""
    gone = list(idle)
    whole = all(one.definition.kind in ("function", "class") and not one.definition.at.cell for one in gone)
    named = any(one.tests or one.told or one.off or one.twin or one.definition.exported for one in gone)
    return whole and not named and sum(lines_of(one.definition) for one in gone) >= _MUCH_TOGETHER


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
