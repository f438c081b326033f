"""Which artifacts the code speaks of elsewhere than where it reads or writes them."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Mapping

from mldebt.link.accesses import Accesses
from mldebt.link.machine import Machine
from mldebt.link.values import NOWHERE, Place
from mldebt.roles import Role
from mldebt.source import Purpose

_FILE_NAME = re.compile(r"[\w.-]+\.[A-Za-z]\w{0,9}")
_NAMED = frozenset({"named"})
_SAYS = frozenset({Role.LOG, Role.INSPECT})


def named_elsewhere(machine: Machine, accesses: Accesses) -> Mapping[str, frozenset[str]]:
    """The trait `named` by the key of each artifact whose file name ends a text that no access of it is made of, nor a
    message: who prints what was stored does not read it."""
    own: dict[str, set[Place]] = defaultdict(set)
    for access in accesses.found:
        own[access.key].update(access.location.places)
    said, shown = _file_names(machine), _messages(machine)
    found = {key: said.get(posixpath.basename(key), set()) - places for key, places in own.items()}
    return {key: _NAMED for key, places in found.items() if any(not _is_within(place, shown) for place in places)}


def _messages(machine: Machine) -> Mapping[int, list[Place]]:
    """The calls of each file that print or log something."""
    found: dict[int, list[Place]] = defaultdict(list)
    for place, rows in machine.noted.meant.items():
        if rows and all(row.role in _SAYS and not row.result for row in rows):
            found[place[0]].append(place)
    return found


def _is_within(place: Place, calls: Mapping[int, list[Place]]) -> bool:
    return any(start <= place[1] and place[2] <= end for _, start, end in calls.get(place[0], ()))


def _file_names(machine: Machine) -> dict[str, set[Place]]:
    """The places where texts of the code end in the name of a file, by that name; tests do not count."""
    found: dict[str, set[Place]] = defaultdict(set)
    for text in machine.pool.texts():
        last = text.parts[-1] if text.parts else None
        place = text.places[-1] if text.places else NOWHERE
        if isinstance(last, str) and "." in last and place not in machine.noted.bare and place[0] >= 0:
            name, file = last.rpartition("/")[2], machine.program.sources[place[0]]
            if _FILE_NAME.fullmatch(name) and file.purpose is not Purpose.TEST:
                found[name].add(place)
    return found
