"""A YAML file with an item added to a list at its top: every other byte of it stays as it is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml

from mldebt.amending import CannotAmend

_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_LEAVES = (yaml.ScalarEvent, yaml.AliasEvent)


@dataclass(frozen=True, slots=True)
class _List:
    """Where a list stands among the events of a file: the number of its first and last event."""

    start: int
    end: int


def with_yaml_item(text: str, key: str, item: str) -> str:
    """The text of a YAML file whose list under `key` at the top has one more item at its end: `item`, the text of a
    list with that item alone. Comments, order and form are kept.

    Raises CannotAmend where there is no such list, or the file would say anything else than before.
    """
    before, added = _events(text), _events(item)
    place = None if before is None else _list_under(before, key)
    if before is None or added is None or place is None:
        raise CannotAmend(f"{key} is no list there")
    amended = _amended(text, before, place, item)
    after = None if amended is None else _events(amended)
    block = [_told(event) for event in added[3:-3]]  # without those of stream, document and list
    said = [_told(event) for event in before]
    expected = said[: place.end] + block + said[place.end :]
    if amended is None or after is None or list(map(_told, after)) != expected:
        raise CannotAmend("the form of the file leaves no place for it")
    return amended


def has_yaml_pair(text: str, key: str, value: str) -> bool:
    """Whether a YAML file says `key: value` anywhere."""
    told = [event.value if isinstance(event, yaml.ScalarEvent) else None for event in _events(text) or ()]
    return (key, value) in pairwise(told)


def _events(text: str) -> list[Any] | None:
    """What a parser sees in a file, aliases left alone; None for what is no YAML."""
    try:
        return list(yaml.parse(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _told(event: Any) -> tuple[object, ...]:
    """What an event says, whatever its form."""
    return (type(event), *(getattr(event, name, None) for name in ("value", "anchor", "tag")))


def _list_under(events: Sequence[Any], key: str) -> _List | None:
    """The list under a key of the mapping at the top of a file with one document."""
    if sum(isinstance(event, yaml.DocumentStartEvent) for event in events) != 1:
        return None
    depth, keys = 0, 0  # how many events at depth 1 there were: names and values by turns
    found = None
    for number, event in enumerate(events):
        if isinstance(event, _CLOSES):
            depth -= 1
            if depth == 1 and found is not None:
                return _List(found, number)
        elif isinstance(event, (*_OPENS, *_LEAVES)):
            if depth == 1:
                named = keys % 2 == 1 and getattr(events[number - 1], "value", None) == key
                found = number if named and isinstance(event, yaml.SequenceStartEvent) else found
                keys += 1
            depth += isinstance(event, _OPENS)
    return None


def _amended(text: str, events: Sequence[Any], place: _List, item: str) -> str | None:
    """The text as it would be; None for a list in brackets with something in it."""
    first = events[place.start]
    newline = "\r\n" if "\r\n" in text else "\n"
    if first.flow_style and place.end > place.start + 1:
        return None
    if first.flow_style:  # `[]`: the list begins on the next line, and what else stands on this one stays
        rest, found, behind = text[events[place.end].end_mark.index :].partition("\n")
        head = text[: first.start_mark.index].rstrip(" ") + rest.removesuffix("\r") + newline
        return head + textwrap.indent(item, "  ").replace("\n", newline) + (behind if found else "")
    leaves: list[Any] = [event for event in events[place.start : place.end] if isinstance(event, _LEAVES)]
    last: Any = max(leaves, key=lambda event: event.end_mark.index)
    at = last.end_mark.index
    if last.end_mark.column:  # what else stands on its line, such as a comment, stays there
        at = text.find("\n", at) + 1 or len(text)
    before = text[:at] if text[:at].endswith("\n") else text[:at] + newline
    return before + textwrap.indent(item, " " * first.start_mark.column).replace("\n", newline) + text[at:]
