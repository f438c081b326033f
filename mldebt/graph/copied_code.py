"""Functions that are written again with small differences. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Span


@dataclass(frozen=True, slots=True, order=True)
class Copy:
    """One of several functions, or parts of such, that do the same: the id of its definition, its name, where it
    stands, how many of a hundred of its steps stand in the first one too, what it says that the first does not, and
    what only that says. `same`: all values in it are those of the first. `part`: it is a stretch in a function; `sure`:
    it is no chance that such a thing stands twice; `network`: it only says what a network is made of, or passes data
    through one. `life`: what holds it does a step of a model's life, or puts models into a store of such; `answers`: it
    answers requests."""

    at: Span
    id: str
    name: str
    share: int
    differs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    same: bool = False
    part: bool = False
    sure: bool = True
    network: bool = False
    life: bool = False
    answers: bool = False
