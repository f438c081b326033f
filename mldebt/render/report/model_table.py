"""The table of models: what is known of each one's way, and what was not found."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mldebt.graph.inputs import Inputs
from mldebt.graph.models import KnownModel, limits
from mldebt.render.count import counted
from mldebt.render.place import short

COLUMNS = (
    "model", "trained by", "data", "features", "saved as", "loaded by", "thresholds", "consumers", "monitored",
    "findings",
)  # fmt: skip
MOST = 3


def row(model: KnownModel, users: Iterable[str], findings: int) -> dict[str, Any]:
    """One model with the parts that use it: its name, and for each other column what it says there, a few lines of text
    each. An empty column was not found."""
    return {
        "name": model.name,
        "cells": [
            _some(short(node.at) for node in model.fits),
            _some(node.name for node in model.data),
            _features(model.inputs),
            _some(node.name for node in model.kept),
            _some(short(node.at) for node in model.loads),
            _some(f"{' and '.join(limits(node))} at {short(node.at)}" for node in model.decisions),
            _some(users),
            _some(short(node.at) for node in model.monitors),
        ],
        "count": findings,
    }


def _features(inputs: Inputs) -> list[str]:
    """The columns that are named, behind a line that counts them, and what is taken whole."""
    names = [column.name for column in inputs.columns]
    named = [f"{counted(len(names), 'column')}:", *_some(names)] if names else []
    return [*named, *_some(f"all of {node.name}" for node in inputs.whole)]


def _some(lines: Iterable[str]) -> list[str]:
    """The first few of them, each once, and how many are left."""
    found = list(dict.fromkeys(lines))
    more = len(found) - MOST
    return [*found[:MOST], f"and {more} more"] if more > 0 else found
