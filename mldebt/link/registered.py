"""Addresses of models: a name with a version, a stage or an alias is another name for the registered model, and the
address of a run, with a path, for what was logged there under that path, which may be registered by it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mldebt.link.accesses import Access
from mldebt.link.slots import slot_values
from mldebt.link.values import Derived, Event, Member, Result, Text, Value, literal
from mldebt.roles import Confidence, Role, Store

_ADDRESS = re.compile(r"(?:model|run):models:/(?P<name>[^/@{}]+)(?:[/@].*)?")
_TAGGED = re.compile(r"model:(?P<name>[^/@{}:]+):[^/:{}]+")
_KEPT = re.compile(r"run:(?:[^/:{}]+/){0,2}(?P<name>[^/@{}:]+):[^/:{}]+")
"""A version of what a tracker keeps, behind the names of whose it is, if they are said."""
_OF_A_RUN, _WITH_RUN = "runs:/", "kept-with-run"
_IN_A_RUN = re.compile(rf"(?:model|run):{_OF_A_RUN}[^/]+/(?P<path>[^{{}}]+)")


def addresses(keys: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of the keys of a registered model and of an address of one of its versions."""
    known = sorted(keys)
    found = ((_ADDRESS.fullmatch(key) or _TAGGED.fullmatch(key), key) for key in known)
    kept = ((_KEPT.fullmatch(key), key) for key in known)
    return [
        *((f"model:{one['name']}", key) for one, key in found if one),
        *((f"run:{one['name']}", key) for one, key in kept if one),
    ]


def held_by_runs(accesses: Iterable[Access]) -> Iterator[tuple[str, str, Confidence]]:
    """Pairs of the keys of what runs hold and of its address in one of them: a hint where programs of several files log
    under that path."""
    files: dict[str, set[int]] = {}
    for access in accesses:
        files.setdefault(access.key, set()).update({access.event.place[0]} if access.writes else ())
    for key in sorted(files):
        if found := _IN_A_RUN.fullmatch(key):
            first = f"run:{found['path']}"
            yield first, key, Confidence.LIKELY if len(files.get(first, ())) == 1 else Confidence.HINT


def logged_before(events: Iterable[Event], accesses: Iterable[Access]) -> Iterator[tuple[Event, Event, Confidence]]:
    """Steps that register a model by what logged it, each with the step that did, and how sure that is: by the address
    of a run with the path there, for which runs of the program around are taken before those of other ones, or by what
    the logging gave. What was registered when it was logged is kept with its run, too, under the path it was given."""
    logged: dict[str, dict[Event, None]] = {}
    for access in accesses:
        if access.writes and access.event.row is not None and access.event.row.role is Role.PERSIST:
            logged.setdefault(access.key, {})[access.event] = None
    known = tuple(events)
    also = tuple(one for one in known if one.row is not None and _WITH_RUN in one.row.traits)
    for event in known:
        row = event.row
        if row is not None and row.role is Role.PERSIST and row.store is Store.MODEL:
            for value in slot_values(event, row.data):
                path = _path(value)
                told = (*logged.get(f"run:{path}", ()), *(one for one in also if _is_given(one, path))) if path else ()
                before = _given_back(value) or _near(_runs_of(value), told)
                sure = Confidence.LIKELY if len({one.place[0] for one in before}) == 1 else Confidence.HINT
                yield from ((event, one, sure) for one in before)


def _is_given(event: Event, path: str) -> bool:
    return any(literal(value) == path for _, value in event.arguments)


def _path(value: Value) -> str:
    """The path in the address of a run; nothing for other values."""
    texts = isinstance(value, Text) and len(value.parts) > 1
    first, last = (value.parts[0], value.parts[-1]) if texts and isinstance(value, Text) else ("", "")
    is_address = first == _OF_A_RUN and isinstance(last, str) and last.startswith("/")
    return str(last)[1:] if is_address else ""


def _runs_of(value: Value) -> tuple[Event, ...]:
    """The steps that began the runs whose address it is, as far as they are known."""
    parts = value.parts if isinstance(value, Text) else ()
    return tuple(one for part in parts if not isinstance(part, str) for one in _behind(part))


def _given_back(value: Value) -> tuple[Event, ...]:
    """The steps that logged the model whose address they gave back."""
    return tuple(one for one in _behind(value) if one.row is not None and one.row.role is Role.PERSIST)


def _behind(value: Value) -> tuple[Event, ...]:
    """The steps that gave a value, or what it is a part of."""
    while isinstance(value, Member):
        value = value.base
    values = value.origins if isinstance(value, Derived) else (value,)
    return tuple(one.event for one in values if isinstance(one, Result))


def _near(runs: tuple[Event, ...], logged: tuple[Event, ...]) -> tuple[Event, ...]:
    """Of what is logged under one path, that of the function that began the run, else of its file, else all of it."""
    units, files = {one.unit for one in runs}, {one.place[0] for one in runs}
    return (
        tuple(one for one in logged if one.unit in units)
        or tuple(one for one in logged if one.place[0] in files)
        or logged
    )


def name_of(key: str) -> str:
    """The name of the registered model that a key stands for, where all of it is known; nothing for other keys."""
    found = _ADDRESS.fullmatch(key) if key.startswith("model:") else None
    name = found["name"] if found else key.removeprefix("model:") if key.startswith("model:") else ""
    return "" if any(sign in name for sign in "{}:/") else name
