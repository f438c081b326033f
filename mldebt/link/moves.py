"""What moves or answers without reading or writing by itself: copies, downloads to a file, routes and requests."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from mldebt.link.machine import Machine
from mldebt.link.places import Located, Location, locate, places_of
from mldebt.link.slots import slot_values
from mldebt.link.values import Event
from mldebt.roles import Role, Store

_STORED = frozenset({Store.FILE, Store.OBJECT, Store.TABLE})
_BRINGS_IN = frozenset({Role.READ, Role.LOAD})
_ADDRESSED = frozenset({Store.ROUTE, Store.URL})


def moved(machine: Machine, event: Event) -> Iterator[tuple[bool, Located]]:
    """Further accesses of an event, true for writes: a copy reads one place and writes another, a download writes
    the file it is given, a route is put up by what serves it and asked for by a request, a notebook is read to run."""
    row = event.row
    if row is None:
        return
    if row.role is Role.COPY and row.store in _STORED and row.target:
        yield from _copied(machine, event)
    elif row.role in _BRINGS_IN and row.store is not Store.FILE and row.mutates:
        yield True, places_of(machine, slot_values(event, row.mutates), Store.FILE)
    elif row.role is Role.SERVE and row.store is Store.ROUTE and row.target:
        yield True, locate(machine, event)
    elif row.role is Role.RUN and row.store is Store.FILE and row.target:
        located = locate(machine, event)
        yield False, replace(located, locations=tuple(one for one in located.locations if one.path.endswith(".ipynb")))
    elif row.role is Role.REQUEST and row.store in _ADDRESSED and row.target:
        yield False, locate(machine, event)


def _copied(machine: Machine, event: Event) -> Iterator[tuple[bool, Located]]:
    """The last target of a copy is where the copy lies."""
    assert event.row is not None
    *first, last = event.row.target
    came = locate(machine, event, tuple(first)) if first else Located(())
    went = locate(machine, event, (last,))
    yield False, came
    yield True, replace(went, locations=tuple(_into(place, came.locations) for place in went.locations))


def _into(place: Location, came: tuple[Location, ...]) -> Location:
    """A file that is copied into a folder keeps its name."""
    name = posixpath.basename(came[0].path) if len(came) == 1 else ""
    if "." not in name or re.search(r"[.{]", posixpath.basename(place.path)):
        return place
    return replace(place, path=posixpath.join(place.path, name), exact=place.exact and came[0].exact)
