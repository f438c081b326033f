"""What the graph is made of: typed nodes, and edges with evidence and confidence."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from mldebt.roles import Confidence, Role, Store
from mldebt.source import Span
from mldebt.trail import Trail


class NodeKind(enum.Enum):
    """The kinds of DESIGN, section 6."""

    SOURCE = "source"
    ARTIFACT = "artifact"
    COLUMN = "column"
    FEATURE = "feature"
    TRANSFORM = "transform"
    MODEL = "model"
    PREDICTION = "prediction"
    SETTING = "setting"
    STEP = "step"
    FUNCTION = "function"
    MODULE = "module"
    ENDPOINT = "endpoint"
    COMPONENT = "component"


class EdgeKind(enum.Enum):
    """Edges run along the data; calls, imports and orders from the first to the second."""

    READS = "reads"
    WRITES = "writes"
    DERIVES = "derives"
    FITS = "fits"
    TRAINS = "trains"
    PREDICTS = "predicts"
    EVALUATES = "evaluates"
    CONSUMES = "consumes"
    CONFIGURES = "configures"
    DECLARES = "declares"
    CALLS = "calls"
    IMPORTS = "imports"
    ORDERS = "orders"


@dataclass(frozen=True, slots=True)
class Node:
    """One thing of the repository. `id` is stable over runs; `at` is where it is defined.

    `role` is set on steps, transforms, models and predictions; `store` and `exact` on sources
    and artifacts (`exact` is false when a part of the place is unknown).
    """

    id: str
    kind: NodeKind
    name: str
    at: Span
    component: str = ""
    role: Role | None = None
    store: Store | None = None
    exact: bool = True
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edge:
    """How two nodes hang together, where that is said, and how sure it is."""

    source: str
    target: str
    kind: EdgeKind
    at: Span
    confidence: Confidence = Confidence.CERTAIN
    trail: Trail = ()
