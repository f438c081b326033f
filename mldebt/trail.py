"""The steps that prove a finding: plain places with labels, no graph nodes."""

from __future__ import annotations

from dataclasses import dataclass

from mldebt.source import Span


@dataclass(frozen=True, slots=True, order=True)
class Stop:
    """One place of a trail and what happens there, in words."""

    at: Span
    label: str


Trail = tuple[Stop, ...]
MAX_STOPS = 12
