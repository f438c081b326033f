"""What an answer to a question about the graph is made of."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.graph.nodes import Edge
from mldebt.graph.things import Thing
from mldebt.roles import Confidence
from mldebt.source import Span
from mldebt.trail import Trail


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing that is found. `note` says how in a few words, `trail` are the places of the whole way, of which the
    first `shared` are those of the way to another one, `past`. `further` is how many others are reached through it."""

    kind: str
    name: str
    at: Span
    note: str
    confidence: Confidence
    trail: Trail
    edges: tuple[Edge, ...]
    further: int = 0
    past: str = ""
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found for one thing that was asked about, in the order in which it is told."""

    thing: Thing
    found: tuple[Reached, ...]
