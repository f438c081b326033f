"""Which arms of branches and bodies of `try` a place stands in: what does not happen in every run."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts import Branch, Return, Step, Try
from mldebt.link.program import Program
from mldebt.link.values import Place


class Arms:
    """The arms of the units of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._units: dict[int, dict[tuple[int, int], tuple[str, ...]]] = {}

    def around(self, unit: int, place: Place) -> tuple[str, ...]:
        """The arms around a place, outermost first: `then:`, `else:` or `try:` with the place where that begins, and
        `leaves:` for one after which the function ends."""
        if unit not in self._units:
            self._units[unit] = dict(_arms(unit, self._program.body(unit)))
        return self._units[unit].get(place[1:], ())


def _arms(unit: int, steps: tuple[Step, ...]) -> Iterator[tuple[tuple[int, int], tuple[str, ...]]]:
    """The places of steps in arms. Blocks lie within each other, so what is open is a stack."""
    open_ones: list[tuple[int, str]] = []
    later: dict[int, tuple[int, str]] = {}
    for index, step in enumerate(steps):
        open_ones = [one for one in open_ones if one[0] > index]
        if index in later:
            open_ones.append(later.pop(index))
        if open_ones:
            yield (step.start, step.end), tuple(name for _, name in open_ones)
        name = f"{unit}:{step.start}"
        if isinstance(step, Branch):
            open_ones.append((step.then_end, f"then:{name}"))
            if any(isinstance(inner, Return) for inner in steps[index + 1 : step.then_end]):
                open_ones.append((step.then_end, f"leaves:{name}"))
            if step.end_step > step.then_end:
                later[step.then_end] = (step.end_step, f"else:{name}")
        elif isinstance(step, Try) and step.end_step > step.body_end:
            open_ones.append((step.body_end, f"try:{name}"))
