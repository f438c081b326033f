"""Names that a catalogue of data sets knows, as places; and names of parameters, as keys of settings files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace

from mldebt.link import texts
from mldebt.link.data_sets import CATALOGUED, Named, Project, placed
from mldebt.link.machine import Machine
from mldebt.link.places import Located, Location, anchored, locations_of
from mldebt.link.pool import MOST_ALTERNATIVES
from mldebt.link.spaces import Namespaces
from mldebt.link.values import NOWHERE, Event, Place, Value
from mldebt.roles import Store


def found_in_catalogue(machine: Machine, spaces: Namespaces, event: Event, located: Located) -> Located:
    """The places of an access by name, where the catalogue of the project says where they are."""
    if event.row is None or CATALOGUED not in event.row.traits:
        return located
    found = [one for place in located.locations for one in places_of_name(machine, spaces, event, place)]
    return replace(located, locations=tuple(dict.fromkeys(found)))


def places_of_name(machine: Machine, spaces: Namespaces, event: Event, place: Location) -> tuple[Location, ...]:
    """Where the data set lies that a task, or an access, names; a name of its project where it is kept nowhere."""
    names = spaces.names(event, place.path) if place.exact else (place.path,)
    project = machine.data_sets.project(event.place[0])
    if project is None:
        return tuple(replace(place, path=name) for name in names)
    found: list[Location] = []
    for name in names:
        named = project.named(name) if place.exact else ()
        lying = [location for one in named for location in _located(machine, project, one)]
        found += lying or [replace(place, path=placed(project, name))]
    return tuple(found)


def parameter(machine: Machine, name: str, at: Place, task: Place) -> Value | None:
    """What a name of parameters stands for; None where no settings file of the project holds it."""
    files, ways = machine.data_sets.parameter(task[0], name)
    if not files or not ways:
        return None
    pool, loaded = machine.pool, machine.data_sets.loader(task)
    known = [pool.string(f"{texts.HERE}{path}", NOWHERE) for path in files]
    # More files than alternatives are a list of them, of which the last holds.
    file = pool.alt(*known) if len(known) <= MOST_ALTERNATIVES else pool.sequence("list", tuple(reversed(known)))
    return pool.alt(*(pool.key_of_file(file, keys, None, at if keys else loaded, loaded) for keys in ways))


def _located(machine: Machine, project: Project, one: Named) -> Iterator[Location]:
    at = (one.file, one.data_set.start, one.data_set.end)
    if one.data_set.query:
        yield from locations_of(machine, machine.pool.string(one.place, at), Store.TABLE)
        return
    store, anchor, path = anchored(one.place, one.data_set.store)
    if store is Store.FILE and anchor == "relative":
        anchor, path = "repository", posixpath.normpath(posixpath.join(project.home, path))
    yield Location(store, anchor, path, "{" not in path, (), (at,), one.sure, one.data_set.versioned)
