"""What the graph is made of: typed nodes, and edges with evidence and confidence."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from mldebt.roles import Confidence, Role, Store
from mldebt.source import Span
from mldebt.trail import Trail

ASKED = "asked"
"""The slot of what decides whether a step happens at all."""


class NodeKind(enum.Enum):
    """The kinds of DESIGN, section 6; and parameters of functions that nobody calls, for the rows they bring."""

    __hash__ = object.__hash__  # members are single objects; by their names it would be worked out in Python each time

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
    PARAMETER = "parameter"


class EdgeKind(enum.Enum):
    """Edges run along the data; calls, imports and orders from the first to the second."""

    __hash__ = object.__hash__  # members are single objects; by their names it would be worked out in Python each time

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
    and artifacts (`exact` is false when a part of the place is unknown). `symbol` is the qualified
    name of the function around it, `function` that function's node id (empty at the top of a
    module), `callee` the library name of what is called. `traits` are the catalogue's words for the
    call, and the engine's own: `random` and `seeded`, `pinned`, `versioned`, `unsure` (the receiver's
    kind was not known), `object` (a read gives whatever was stored), `own` (made of a transformer's class of the
    repository), `test` (in test code),
    `example`. `chain` are the call sites through which the step got its arguments, innermost first.
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
    symbol: str = ""
    function: str = ""
    callee: str = ""
    chain: tuple[Span, ...] = ()

    def __hash__(self) -> int:
        """That of its id, as no two nodes of a graph have the same: nodes are keys everywhere."""
        return hash(self.id)

    def traits_of(self, word: str) -> frozenset[str]:
        """What its traits say behind a word: of a choice the names behind `column:`."""
        return frozenset(trait.removeprefix(word) for trait in self.traits if trait.startswith(word))


@dataclass(frozen=True, slots=True)
class Edge:
    """How two nodes hang together, where that is said, and how sure it is.

    `part` tells which output of the source is meant: of a split `0` and `1` are train and test of
    the first array, `2` and `3` of the second, and so on. `slot` tells how the target uses it: data,
    label, model, setting or other; `asked` where it decides whether the target happens. `column` is the one column that
    is taken of such a part, if it is one.
    """

    source: str
    target: str
    kind: EdgeKind
    at: Span
    confidence: Confidence = Confidence.CERTAIN
    trail: Trail = ()
    part: str = ""
    slot: str = ""
    column: str = ""
