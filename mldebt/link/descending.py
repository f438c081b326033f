"""Loops that go down a dictionary by the parts of a name: `for part in path.split("."): value = value[part]`."""

from __future__ import annotations

from mldebt.facts import NONE, Attribute, Call, Choice, Element, Item, Loop, Phi, Step
from mldebt.link.access import elements_of, item
from mldebt.link.machine import Machine
from mldebt.link.values import Deferred, Text, Value

DESCENT = "descent"
"""What stands where the parts of a name lead, once a caller says it."""
MOST_LEVELS = 8
_OR_DEFAULT = "get"


def head_of_descent(steps: tuple[Step, ...], index: int, loop: Loop) -> int | None:
    """The name, at the head of a loop, that each round gives what stands in it under the element of the round."""
    place = index - 1
    while loop.kind == "for" and place >= 0 and isinstance(phi := steps[place], Phi):
        if len(phi.values) == 2 and NONE not in phi.values and _goes_down(steps, place, phi.values[1], loop.iterable):
            return place
        place -= 1
    return None


def descended(machine: Machine, waiting: Deferred, base: Value, names: Value) -> Value:
    """What stands in a dictionary where the parts of a name lead; anything in it, as long as nobody says the parts."""
    parts = elements_of(machine, names)
    if parts is None and (names.open or base.open):
        return machine.pool.deferred(DESCENT, (base, names), waiting.place, waiting.unit)
    if parts is None or len(parts) > MOST_LEVELS:
        inside = item(machine, base, machine.pool.unknown)
        return machine.pool.alt(inside, item(machine, inside, machine.pool.unknown))
    for part in parts:
        # Whoever goes down step by step looks whether there is anything.
        machine.settings.softly.update(part.places if isinstance(part, Text) else ())
        base = item(machine, base, part)
    return base


def _goes_down(steps: tuple[Step, ...], head: int, behind: int, iterable: int) -> bool:
    step = steps[behind]
    arms = step.values if isinstance(step, Phi) else (step.then, step.otherwise) if isinstance(step, Choice) else ()
    if arms:
        return any(head < one < behind and _goes_down(steps, head, one, iterable) for one in arms)
    asked = _asked(steps, step)
    if asked is None or asked[0] != head:
        return False
    key = steps[asked[1]]
    return isinstance(key, Element) and key.base == iterable and key.index == NONE


def _asked(steps: tuple[Step, ...], step: Step) -> tuple[int, int] | None:
    """What is asked for one of its parts, and for which: `value[part]`, `value.get(part)`."""
    if isinstance(step, Item):
        return step.base, step.key
    callee = steps[step.callee] if isinstance(step, Call) else None
    if isinstance(step, Call) and isinstance(callee, Attribute) and callee.name == _OR_DEFAULT and step.arguments:
        return callee.base, step.arguments[0].value
    return None
