"""Slots: where a thing stands in a call, in the short form in which catalogue rows write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

_SLOT = re.compile(r"^(?P<position>\d+)?(?P<rest>\*)?(?::(?P<keyword>\w+))?(?:\.(?P<key>\w+))?$")
DEFAULT = "<default>"
MAPPING = "<dict>"
LISTED = "<list>"


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a thing stands in a call. `receiver` is the object before the dot, `around` the task in whose
    function the call stands."""

    position: int = -1
    keyword: str = ""
    rest: bool = False
    receiver: bool = False
    keywords: bool = False
    key: str = ""
    around: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A slot whose constant value must be one of these; `DEFAULT` stands for an absent argument."""

    slot: Slot
    values: tuple[object, ...]


@cache
def parse_slot(text: str) -> Slot:
    """A slot from its short form. Raises ValueError on anything else."""
    if text in ("self", "around"):
        return Slot(receiver=text == "self", around=text == "around")
    if text == "**":
        return Slot(keywords=True)
    match = _SLOT.match(text)
    if match is None or not text:
        raise ValueError(f"not a slot: {text!r}")
    position = match["position"]
    rest = match["rest"] is not None
    return Slot(
        int(position) if position else (0 if rest else -1), match["keyword"] or "", rest, key=match["key"] or ""
    )


def one_slot(value: object) -> Slot | None:
    """The slot that a key names, if it names one."""
    return None if value is None else parse_slot(str(value))


def parse_slots(value: object) -> tuple[Slot, ...]:
    """The slots that a key names: one, or a list of them."""
    return () if value is None else tuple([parse_slot(text) for text in listed(value)])


def conditions(table: Mapping[str, Any] | None) -> tuple[Condition, ...]:
    """Slots with the constants that must stand in them."""
    if not table:
        return ()
    return tuple(
        Condition(parse_slot(slot), tuple(values) if isinstance(values, list) else (values,))
        for slot, values in table.items()
    )


def listed(value: object) -> list[str]:
    """The words of a key that holds one or a list of them."""
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
