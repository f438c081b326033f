"""The table of models: what is known of each one's way, and what was not found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mldebt.graph import Graph, Node
from mldebt.graph.models import KnownModel, limits
from mldebt.graph.prototypes import serving_files
from mldebt.render.count import counted
from mldebt.render.place import short

COLUMNS = (
    "model", "trained by", "data", "features", "saved as", "loaded by", "thresholds", "consumers", "monitored",
    "findings",
)  # fmt: skip
MOST = 3
NOT_FOUND = "not found"


def row(graph: Graph, model: KnownModel, findings: int) -> dict[str, Any]:
    """One model: its name, and for each other column what it says there, a few lines of text each. An empty column was
    not found."""
    return {
        "name": model.name,
        "cells": [
            _some(short(node.at) for node in model.fits),
            _some(node.name for node in model.data),
            _features(model.features),
            _some(node.name for node in model.kept),
            _some(short(node.at) for node in model.loads),
            _some(f"{' and '.join(limits(node))} at {short(node.at)}" for node in model.decisions),
            _some(_consumers(graph, model)),
            _some(short(node.at) for node in model.monitors),
        ],
        "count": findings,
    }


def _features(names: Sequence[str]) -> list[str]:
    return [counted(len(names), "column"), *names[:MOST]] if names else []


def _consumers(graph: Graph, model: KnownModel) -> list[str]:
    """The services that answer with it, and the parts that read its stored predictions; not what trains it.
    What is predicted in a part that answers requests is predicted for them."""
    serving = serving_files(graph)
    own = {node.component for node in model.fits}
    parts = {one.component for one in graph.nodes() if one.at.path in serving} - {"", "."}
    served = {_part(node) for node in model.predictions if node.at.path in serving or node.component in parts}
    read = {_part(node) for node in model.readers if node.component not in own}
    return [*(f"{part} (answers requests)" for part in sorted(served)), *sorted(read - served)]


def _part(node: Node) -> str:
    return node.at.path if node.component in ("", ".") else node.component


def _some(lines: Iterable[str]) -> list[str]:
    """The first few of them, each once, and how many are left."""
    found = list(dict.fromkeys(lines))
    more = len(found) - MOST
    return [*found[:MOST], f"and {more} more"] if more > 0 else found
