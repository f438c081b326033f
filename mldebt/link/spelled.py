"""What the literals of code say, and which constants, defaults of settings and defaults of parameters they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as Items

from mldebt.facts import Element, Phi
from mldebt.link.machine import Machine
from mldebt.link.texts import HERE
from mldebt.link.values import Place, Record, Scalar, Sequence, Text, Value, literal

_ASKED_AS = re.compile(r"[a-z][a-z0-9+.-]*://[^/@]*\{\}[^/@]*@")

_SCHEME = "://"
_ROWS = 3


def texts(machine: Machine) -> dict[Place, str]:
    """What each literal text of code says, by its place; of a text with holes, its longest known part, or all of an
    address that takes who asks for it from elsewhere."""
    found: dict[Place, str] = {}
    holed: dict[Place, str] = {}
    addresses: dict[Place, str] = {}
    for text in machine.pool.texts():
        if len(text.places) == 1 and text.places[0][0] >= 0 and machine.program.facts[text.places[0][0]].units:
            said = literal(text)
            if said:
                found.setdefault(text.places[0], said)  # the text itself was made before what it became part of
            elif text.parts:
                longest = max((part for part in text.parts if isinstance(part, str)), key=len, default="")
                whole = "".join(part if isinstance(part, str) else "{}" for part in text.parts)
                holed.setdefault(text.places[0], longest)
                begins = _SCHEME in found.get(text.places[0], _SCHEME)  # what is put into it spells no address
                if begins and _ASKED_AS.match(whole):
                    addresses.setdefault(text.places[0], whole)
    return {**holed, **found, **addresses}


def constants(machine: Machine) -> dict[Place, tuple[str, str]]:
    """The module's or class's constant that a literal is, or is a part of: its name, and what it says as a whole."""
    found: dict[Place, tuple[str, str]] = {}
    for unit, frame in machine.frames.items():
        info = machine.info(unit)
        if info.kind not in ("module", "class"):
            continue
        looped = _looped(machine, unit)
        named = [(name, frame.values[index]) for name, index in info.exports if name not in looped]
        held = [(tuple(places_in(value)), name, _whole(value)) for name, value in named]
        for places, name, whole in sorted(held, key=lambda one: len(one[0])):  # one that is part of others stands first
            found.update((place, (name, whole)) for place in places if place not in found)
    return found


def _looped(machine: Machine, unit: int) -> frozenset[str]:
    """The names that a module or class binds to the elements of a loop: they are no constants."""
    body = machine.program.body(unit)
    elements = {index for index, step in enumerate(body) if isinstance(step, Element)}
    joined = {index for index, step in enumerate(body) if isinstance(step, Phi) and elements & set(step.values)}
    return frozenset(name for name, index in machine.info(unit).exports if index in elements | joined)


def _whole(value: Value) -> str:
    """What a path or text says, with names in its holes; nothing for other values."""
    if not isinstance(value, Text):
        return ""
    parts = (part if isinstance(part, str) else "{" + str(getattr(part, "name", "")) + "}" for part in value.parts)
    return "".join(parts).removeprefix(HERE)


def places_in(value: Value) -> Iterator[Place]:
    if isinstance(value, Text):
        yield from value.places
    elif isinstance(value, Scalar):
        yield value.place
    elif isinstance(value, (Sequence, Record)):
        for item in value.items:
            yield from places_in(item)


def in_rows(machine: Machine) -> frozenset[Place]:
    """Where texts stand in rows of data that code lists: dictionaries with the same keys, a measured number in each."""
    values = (value for frame in machine.frames.values() for value in frame.values if type(value) is Sequence)
    listed = (value.items for value in values if len(value.items) >= _ROWS)
    return frozenset(place for items in listed if _are_rows(items) for item in items for place in places_in(item))


def _are_rows(items: Items[Value]) -> bool:
    rows = [item for item in items if isinstance(item, Record) and any(map(_is_measured, item.items))]
    return len(rows) == len(items) and len({tuple(map(literal, row.keys)) for row in rows}) == 1


def _is_measured(value: Value) -> bool:
    return isinstance(value, Scalar) and isinstance(value.value, float)


def defaults(machine: Machine) -> frozenset[Place]:
    """Where the defaults of options, environment variables and fields of settings stand."""
    found: set[Place] = set()
    for setting in machine.pool.settings():
        if setting.default is not None:
            found.update(places_in(setting.default))
    return frozenset(found)


def parameters(machine: Machine) -> dict[Place, str]:
    """The parameter whose default a literal is."""
    found: dict[Place, str] = {}
    for unit, values in machine.defaults.items():
        for parameter, value in zip(machine.info(unit).parameters, values, strict=False):
            if value is not None:
                found.update((place, parameter.name) for place in places_in(value))
    return found
