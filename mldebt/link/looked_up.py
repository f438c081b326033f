"""Registered models that code loads by what the registry answered: the source, the run or the name of a version."""

from __future__ import annotations

import re

from mldebt.link.machine import Machine
from mldebt.link.values import Event, Item, Member, Result, Text, Value
from mldebt.roles import Role, Store

_ADDRESS = re.compile(r"(?:runs|models):/")
_FILTER = re.compile(r"\s*name\s*=\s*(?P<quote>['\"])(?P<name>[^'\"]+)(?P=quote)\s*")
_HOLDS = (Store.MODEL, Store.RUN)


def lookups(machine: Machine, value: Value, store: Store) -> tuple[Event, ...]:
    """The questions to a registry whose answer says where a model is: a part of the answer, or an address that begins
    with one. An address that begins with a name needs none, whatever version it goes on with."""
    told = _telling(value) if store in _HOLDS else None
    if told is None:
        return ()
    found = (one.event for one in machine.pool.origins(told) if isinstance(one, Result))
    return tuple(dict.fromkeys(event for event in found if _asks_registry(event)))


def name_asked_for(path: str) -> str:
    """The name of the one model that a search of a registry asks for; the path itself where it is none."""
    found = _FILTER.fullmatch(path)
    return found["name"] if found else path


def _telling(value: Value) -> Value | None:
    """What says which model it is: the value itself, or what stands first in an address."""
    if isinstance(value, (Member, Item)):
        return value
    first, then = value.parts[:2] if isinstance(value, Text) and len(value.parts) > 1 else ("", "")
    is_open = isinstance(first, str) and _ADDRESS.fullmatch(first) and not isinstance(then, str)
    return then if is_open and not isinstance(then, str) else None


def _asks_registry(event: Event) -> bool:
    row = event.row
    return row is not None and row.role is Role.READ and row.store is Store.MODEL
