"""The addresses that tests say: who sends requests to a service tests it without importing it."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts import Const, Step, Template
from mldebt.link.program import Program

_LONGEST = 200


def requested(program: Program) -> frozenset[str]:
    """The paths of addresses among the texts of tests, without what is asked behind them."""
    tests = (unit for unit, is_test in enumerate(program.is_test) if is_test)
    texts = (text for unit in tests for step in program.body(unit) for text in _texts(step))
    paths = (_path(text) for text in texts if "/" in text and len(text) <= _LONGEST)
    return frozenset(path for path in paths if path)


def _texts(step: Step) -> Iterator[str]:
    if isinstance(step, Const) and isinstance(step.value, str):
        yield step.value
    elif isinstance(step, Template):
        yield from (part for part in step.parts if isinstance(part, str))


def _path(text: str) -> str:
    _, host, rest = text.partition("://")
    path = f"/{rest.partition('/')[2]}" if host else text
    return path.partition("?")[0].rstrip("/") if path.startswith("/") else ""
