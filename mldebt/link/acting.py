"""What decides whether something is done outside, such as an order or a letter, and what keeps that within bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.facts import (
    Attribute,
    Binary,
    Branch,
    Call,
    Compare,
    Const,
    Element,
    Item,
    Load,
    Phi,
    Raise,
    Return,
    Step,
    Stop,
    Unary,
)  # fmt: skip
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import Event, Place

ACTS = "acts"
BOUNDS = "bounds"


@dataclass(frozen=True, slots=True)
class Decided:
    """The places of what conditions around an action ask; `bounded`: something else is asked as well, or keeps what is
    done, or how often, in bounds."""

    places: tuple[Place, ...]
    bounded: bool


def decided(machine: Machine, event: Event, known: frozenset[Place]) -> Decided:
    """What decides about an action, where it stands and where its callers call. `known` are the places that the graph
    has nodes for: of what else is asked nobody knows whether it is a bound."""
    places: dict[Place, None] = {}
    bounded = False
    for unit, place in ((event.unit, event.place), *((machine.program.unit_at(at), at) for at in event.chain)):
        body, file = machine.program.body(unit), machine.program.file_of[unit]
        at = next((index for index, step in enumerate(body) if (step.start, step.end) == place[1:]), -1)
        bounded = bounded or _has_bounds(machine, file, body)
        for condition in _conditions(body, at):
            found = [(file, body[leaf].start, body[leaf].end) for leaf in _asked_by(body, condition)]
            places.update((leaf, None) for leaf in found)
            bounded = bounded or any(leaf not in known for leaf in found)
    return Decided(tuple(places), bounded)


def _has_bounds(machine: Machine, file: int, body: tuple[Step, ...]) -> bool:
    calls = (step for step in body if isinstance(step, Call))
    meant = machine.noted.meant
    return any(BOUNDS in row.traits for call in calls for row in meant.get((file, call.start, call.end), ()))


def _conditions(body: tuple[Step, ...], at: int) -> Iterator[int]:
    """The conditions of branches around a step, and of those before it that leave."""
    for index, step in enumerate(body[: max(at, 0)]):
        if isinstance(step, Branch):
            inside = body[index + 1 : step.end_step]
            if at < step.end_step or any(_leaves_off(one) for one in inside):
                yield step.condition


def _leaves_off(step: Step) -> bool:
    return isinstance(step, (Raise, Return)) or (isinstance(step, Stop) and step.word != "pass")


def _asked_by(body: tuple[Step, ...], condition: int) -> Iterator[int]:
    """What a condition asks: comparisons, calls and names, apart from whether a thing is there at all."""
    seen, todo = {condition}, [condition]
    while todo:
        index = todo.pop()
        step = body[index]
        joins = isinstance(step, Binary) and step.operator in ("and", "or", "&", "|")
        if isinstance(step, (Unary, Phi, Attribute, Item, Element)) or joins:
            fresh = [part for part in operands(step) if part not in seen]
            seen.update(fresh)
            todo += fresh
        elif isinstance(step, Compare) and step.operator in ("==", "!="):
            todo += [side for side in (step.left, step.right) if side not in seen]
            seen.update((step.left, step.right))
        elif not _is_beside(body, step):
            yield index


def _is_beside(body: tuple[Step, ...], step: Step) -> bool:
    if isinstance(step, Const):
        return True
    if isinstance(step, Compare):
        return step.operator in ("is", "is not")
    return isinstance(step, Load) and step.name == "__name__"
