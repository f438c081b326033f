"""Constants of the code by what they are used as: places, dates, hyperparameters, limits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from types import MappingProxyType
from urllib.parse import urlsplit

from mldebt.graph.code import (
    CUTTING,
    IN_A_CONTAINER,
    MENTION,
    OF_A_SERVICE,
    ON_A_MOUNT,
    REGISTERED,
    SPLITS,
    Literal,
    is_spelled_out,
)
from mldebt.link.accesses import Access, Accesses
from mldebt.link.components import Components
from mldebt.link.container_folders import container_folders
from mldebt.link.cutting_dates import cutting_dates
from mldebt.link.kinds import kind_of
from mldebt.link.liveness import Fates
from mldebt.link.machine import Machine
from mldebt.link.registered import name_of
from mldebt.link.slots import argument, expanded
from mldebt.link.spelled import constants, defaults, in_rows, parameters, places_in, texts
from mldebt.link.texts import HERE
from mldebt.link.tried_places import tried_places
from mldebt.link.values import Alt, Event, Place, Record, Scalar, Value, literal, place_of
from mldebt.link.variables import service_names
from mldebt.roles import Role, Store
from mldebt.rows import Row

_DATE = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_WHOLE_DATE = re.compile(rf"{_DATE.pattern}(?:[T ]\d\d:\d\d(?::\d\d)?Z?)?")
_QUOTED_DATE = re.compile(rf"'({_DATE.pattern})(?:[T ]\d\d:\d\d(?::\d\d)?)?'")
_QUOTED_PATH = re.compile(r"'((?:[\w.~-]+/)+[\w.{}*-]+\.\w{2,8})'")
_OTHER_CODE = re.compile(r"=> |\b(?:const|def|import)\s")
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://\S+", re.IGNORECASE)
_ASKS, _OFFERS, _FLOW, _ENDPOINT = "asks", "offers", "flow", "endpoint"
_TASKS = frozenset({"task", "flow"})
_OBJECT = re.compile(r"^(?:s3[an]?|gs|gcs|abfss?|wasbs?|dbfs|hdfs)$", re.IGNORECASE)
_MACHINE = re.compile(r"^(?:/(?:home|Users|mnt|data|media|scratch|Volumes|root)/|[A-Za-z]:[\\/]\w|~/|/content/drive/)")
_EXPRESSION = re.compile(r"\(\?|\\[sdwSDWb][*+?{)]|\.[*+]")
"""What is looked for by a pattern: `Q:\\s*(.+)` is no drive."""
_FITS = frozenset({Role.CONSTRUCT, Role.FIT, Role.SEARCH, Role.FIT_TRANSFORM})
_PLACES = MappingProxyType({Store.OBJECT: "bucket", Store.URL: "url", Store.FILE: "path", Store.HUB: "hub"})
_TRIED = 2  # values of one argument of one call
_LONGEST = 2000


class Literals:
    """The literals of one linking."""

    def __init__(
        self, fates: Fates, components: Components, accesses: Accesses, is_ml: Callable[[int], bool]
    ) -> None:
        machine = fates.machine
        self._is_ml, self._fates = is_ml, fates
        self._machine, self._components, self._accesses = machine, components, accesses
        self._texts = texts(machine)
        self._constants = constants(machine)
        self._defaults = defaults(machine)
        self._parameters = parameters(machine)
        self._rows = in_rows(machine)
        inside = {*container_folders(machine.program), *machine.catalogue.run_folders}
        self._inside = tuple(f"{folder}/" for folder in sorted(inside))
        self._mounts = _mounts(machine, components)
        self._tried = tried_places(machine)
        self._asked, self._offered = _calls(machine, _ASKS), _calls(machine, _OFFERS)
        self._routes = _routes(machine)
        self._services = service_names(machine.program)
        self._cutting: frozenset[Place] = frozenset()

    def all(self) -> tuple[Literal, ...]:
        """Each literal once for each use, in order of places."""
        found: dict[Literal, None] = {}
        dates = [place for place, said in self._texts.items() if _WHOLE_DATE.fullmatch(said)]
        self._cutting = cutting_dates(self._fates, (*dates, *self._machine.noted.dated))
        uses = (
            self._of_accesses, self._of_buckets, self._of_paths, self._of_texts, self._of_dates, self._of_calls,
            self._of_defaults, self._of_decisions, self._of_registered,
        )  # fmt: skip
        for literals in uses:
            found.update(dict.fromkeys(literals()))
        found.update(dict.fromkeys(self._of_mentions(list(found))))
        return tuple(sorted(found, key=lambda one: (one.at, one.role, one.name, one.value, one.callee)))

    def _literal(
        self, role: str, name: str, value: str, place: Place, callee: str = "", default: bool = False
    ) -> Literal:
        span = self._machine.program.span(place)
        unit = self._machine.program.unit_at(place)
        constant, held = self._constants.get(place, ("", ""))
        component = self._components.of(span.path)
        if role == "path" and f"{value}/".startswith(self._inside):
            name = IN_A_CONTAINER
        elif role == "path" and value.startswith(self._mounts.get(component, ())):
            name = ON_A_MOUNT
        return Literal(
            role=role, name=name or self._parameters.get(place, ""), value=value, at=span,
            symbol=self._machine.info(unit).id, callee=callee, purpose=self._machine.program.purpose(unit),
            component=component, default=default or self._is_default(place, role),
            constant=constant, held=held,
        )  # fmt: skip

    def _is_default(self, place: Place, role: str) -> bool:
        """A default of an option or setting, what a person is offered and may change, or one of several places of which
        the one is taken that is there; but for hyperparameters and registered models, of a parameter too."""
        given = place in self._defaults or place in self._tried or place in self._machine.noted.spared
        given = given or any(_is_in(place, call) for call in self._offered.get(place[0], ()))
        return given or (place in self._parameters and role not in ("hyperparameter", REGISTERED))

    def _of_accesses(self) -> Iterator[Literal]:
        for access in self._accesses.found:
            location = access.location
            role = "" if _is_inside_a_hub(access) else _PLACES.get(location.store, "")
            for place in location.places if role else ():
                said = self._texts.get(place)
                if said and len(said) < _LONGEST:
                    default = any(place == place_of(setting.default) for setting in location.settings)
                    name = _folder(access.key.partition(":")[2], said) if role == "path" else location.anchor
                    name = "bucket" if role == "bucket" and said == _bucket_of(location.path) else name
                    yield self._literal(role, name, said, place, access.event.callee, default)

    def _of_registered(self) -> Iterator[Literal]:
        """What spells the names under which models are registered, and loaded."""
        for access in self._accesses.found:
            name = name_of(access.key)
            for place in access.location.places if name else ():
                if name in self._texts.get(place, ""):
                    does = "written" if access.writes else "read"
                    yield self._literal(REGISTERED, does, name, place, access.event.callee)

    def _of_texts(self) -> Iterator[Literal]:
        """Whatever stands for a place or a date by its form alone, wherever it is used."""
        for place, said in self._texts.items():
            if place in self._machine.noted.bare or place in self._machine.noted.shown or place in self._routes:
                continue
            if any(_is_in(place, call) for call in self._asked.get(place[0], ())):
                continue  # of what comes in, it is asked whether it is such a place
            if len(said) < 200 and (url := _URL.fullmatch(said)):
                role, host = "bucket" if _OBJECT.match(url["scheme"]) else "url", _host(said)
                if host:
                    yield self._literal(role, OF_A_SERVICE if host in self._services else host, said, place)
            elif len(said) < 200 and _MACHINE.match(said) and "\n" not in said and not _EXPRESSION.search(said):
                yield self._literal("path", "absolute", said, place)
            elif _WHOLE_DATE.fullmatch(said) and place not in self._rows:
                yield self._literal("date", CUTTING if place in self._cutting else "", said[:10], place)
            elif "'" in said:
                yield from self._of_query(place, said)

    def _of_query(self, place: Place, said: str) -> Iterator[Literal]:
        """Dates and paths between quotes inside a text, unless that is code of a language that is no query."""
        for role, pattern in (("date", _QUOTED_DATE), ("path", _QUOTED_PATH)) if not _OTHER_CODE.search(said) else ():
            for match in pattern.finditer(said):
                name = "in a query" if role == "date" else _folder(match[1], match[1])
                start = min(place[1] + (3 if "\n" in said else 1) + match.start(), place[2])
                yield self._literal(role, name, match[1], (place[0], start, min(start + len(match[0]), place[2])))

    def _of_buckets(self) -> Iterator[Literal]:
        """Buckets that stand in an argument of their own: of a read or write, or of what hands one out by its name."""
        for access in self._accesses.found:
            row, event = access.event.row, access.event
            if row is not None and row.bucket and row.store is Store.OBJECT:
                yield from self._bucket(event, argument(event.arguments, row.bucket, event.receiver))
        for event in self._machine.happened():
            row = event.row
            if row is not None and row.target and row.store is Store.OBJECT and _is_bucket(row):
                yield from self._bucket(event, argument(event.arguments, row.target[0], event.receiver))

    def _bucket(self, event: Event, given: Value | None) -> Iterator[Literal]:
        place, said = place_of(given), literal(given) if given is not None else None
        if said and place is not None and place[0] >= 0:
            yield self._literal("bucket", "bucket", said, place, event.callee)

    def _of_paths(self) -> Iterator[Literal]:
        """The parts of values that are paths, whether or not they are read or written."""
        for text in self._machine.pool.texts():
            if text.kind == "path" and text.places and text.parts and isinstance(text.parts[0], str):
                whole = text.parts[0].removeprefix(HERE).lstrip("/")
                for place in text.places:
                    said = self._texts.get(place, "")
                    if said and "/" not in (said[0], whole[:1]) and (folder := _folder(whole, said)) != "part":
                        yield self._literal("path", folder, said, place)

    def _of_mentions(self, found: list[Literal]) -> Iterator[Literal]:
        """Texts that spell a path which is used elsewhere: keys of a table, names that are compared."""
        paths = [one for one in found if one.role == "path" and is_spelled_out(one.value)]
        spelled, used = {one.value for one in paths}, {one.at for one in paths}
        for place, said in self._texts.items():
            told = place in self._machine.noted.bare or place in self._machine.noted.shown
            if said in spelled and not told and self._machine.program.span(place) not in used:
                yield self._literal(MENTION, "", said, place)

    def _of_dates(self) -> Iterator[Literal]:
        """Dates made of a year, a month and a day; with a time of the day they are moments of data."""
        machine = self._machine
        calls = [event.place for event in machine.happened() if event.row and _is_scheduled(event.row)]
        told = (unit for unit, made in machine.made.items() if any(one.what in _TASKS for one in made))
        flows = {place[0] for place in calls} | {machine.program.file_of[unit] for unit in told}
        for place, numbers in self._machine.noted.dated.items():
            year, month, day = numbers[:3]
            if any(numbers[3:]):
                continue
            if all(isinstance(part, int) for part in (year, month, day)) and 1900 < int(str(year)) < 2100:
                begins = place[0] in flows and (self._at_top(place) or any(_is_in(place, call) for call in calls))
                name = "of a schedule" if begins else CUTTING if place in self._cutting else "made of numbers"
                default = any(_is_in(place, option) for option in machine.noted.options)
                yield self._literal("date", name, f"{year:04}-{month:02}-{day:02}", place, default=default)

    def _at_top(self, place: Place) -> bool:
        """Whether code stands in no function, as what describes a schedule mostly does."""
        return self._machine.info(self._machine.program.unit_at(place)).kind == "module"

    def _of_calls(self) -> Iterator[Literal]:
        """Numbers in the call of a model, or of what splits rows. What a loop around it tries, one after the other, is
        a search and no setting."""
        found: dict[tuple[Place, str, str], dict[Place, Literal]] = defaultdict(dict)
        for event in self._machine.happened():
            row = event.row
            if row is None or event.what != "call" or row.role not in (*_FITS, Role.SPLIT):
                continue
            splits = row.role is Role.SPLIT
            if not splits and not self._is_on_model(event):
                continue
            role, seeds = SPLITS if splits else "hyperparameter", {slot.keyword for slot in row.seeds if not splits}
            for name, value in _settings_of(expanded(event.arguments)):
                if name not in seeds and isinstance(value, Scalar) and value.place[0] >= 0 and _is_number(value.value):
                    one = self._literal(role, name, repr(value.value), value.place, event.callee)
                    found[event.place, event.callee, name][value.place] = one
        for (call, *_), places in found.items():
            unit = self._machine.program.unit_at(call)
            near = [one for place, one in places.items() if self._machine.program.unit_at(place) == unit]
            if len({one.value for one in near}) < _TRIED:
                yield from places.values()

    def _of_defaults(self) -> Iterator[Literal]:
        """Numbers that functions with ML steps take unless told otherwise."""
        for unit, values in self._machine.defaults.items():
            if self._is_ml(unit):
                for parameter, value in zip(self._machine.info(unit).parameters, values, strict=False):
                    if isinstance(value, Scalar) and value.place[0] >= 0 and _is_number(value.value):
                        yield self._literal("hyperparameter", parameter.name, repr(value.value), value.place)

    def _is_on_model(self, event: Event) -> bool:
        kinds = [] if event.receiver is None else [kind_of(self._machine, event.receiver)]
        kinds += [] if event.row is None else list(event.row.result[:1])
        kinds = [kind for kind in kinds if not kind.endswith(".layer")]  # how a network is built is its code
        return any(kind.partition(".")[0] in ("model", "search", "transformer") for kind in kinds)

    def _of_decisions(self) -> Iterator[Literal]:
        for event in self._machine.happened():
            if event.what == "decide":
                limit = dict(event.arguments).get("limit")
                if isinstance(limit, Scalar) and limit.place[0] >= 0:
                    yield self._literal("threshold", "", repr(limit.value), limit.place)


def _calls(machine: Machine, trait: str) -> dict[int, list[Place]]:
    """The calls of such a trait, by file: those that tell whether a text holds another, or that ask a person."""
    found: dict[int, list[Place]] = defaultdict(list)
    for place, rows in machine.noted.meant.items():
        if any(trait in row.traits for row in rows):
            found[place[0]].append(place)
    return found


def _routes(machine: Machine) -> frozenset[Place]:
    """The texts under which functions answer requests: `/media/sync` of a service is no folder."""
    answering = (one for made in machine.made.values() for one in made if one.what == _ENDPOINT)
    return frozenset(place for one in answering for _, value in one.arguments for place in places_in(value))


def _mounts(machine: Machine, components: Components) -> dict[str, tuple[str, ...]]:
    """The folders under which the machines that run the code of a component find the same stores, by component."""
    found: dict[str, set[str]] = defaultdict(set)
    for event in machine.happened() if machine.catalogue.mounts else ():
        folders = machine.catalogue.mounts.get(event.row.library, ()) if event.row is not None else ()
        if folders:
            found[components.of(machine.program.span(event.place).path)].update(f"{folder}/" for folder in folders)
    return {component: tuple(sorted(folders)) for component, folders in found.items()}


def _is_in(place: Place, call: Place) -> bool:
    return place[0] == call[0] and call[1] <= place[1] and place[2] <= call[2]


def _is_scheduled(row: Row) -> bool:
    """Whether a call makes a task, or what holds tasks."""
    return _FLOW in row.traits or (row.task is not None and row.task.encloses)


def _folder(path: str, said: str) -> str:
    """The folder, from the top of the repository, that the first segment of a literal means in a path;
    `part` for what only continues a path."""
    plain = said
    while plain.startswith(("./", "../")):
        plain = plain.partition("/")[2]
    at = path.find(plain) if plain else -1
    first, slash, _ = plain.partition("/")
    if at < 0 or (not slash and ("." in first or (at > 0 and "/" not in said))):
        return "part"
    before, behind = path[:at], path[at + len(plain) :]
    if not slash and behind and not behind.startswith("/"):
        return "part"
    return f"{before}{first}" if not before or before.endswith("/") else "part"


def _settings_of(arguments: tuple[tuple[str, Value], ...]) -> Iterator[tuple[str, Value]]:
    """Named arguments, and the items of dictionaries of parameters."""
    for name, value in arguments:
        if isinstance(value, Record):
            for key, item in zip(value.keys, value.items, strict=True):
                if (said := literal(key)) is not None:
                    yield said, item
        elif isinstance(value, Alt):
            yield from _settings_of(tuple((name, part) for part in value.values if isinstance(part, Record)))
        elif name and name not in ("*", "**"):
            yield name, value


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _host(said: str) -> str:
    try:
        return urlsplit(said).hostname or ""
    except ValueError:
        return ""


def _bucket_of(address: str) -> str:
    """The bucket in an address, whatever signs it is written with."""
    return address.partition("://")[2].partition("/")[0]


def _is_bucket(row: Row) -> bool:
    """Whether a call hands out a bucket by its name."""
    return row.role is Role.CONSTRUCT and "".join(row.result[:1]).partition(".")[0] == "bucket"


def _is_inside_a_hub(access: Access) -> bool:
    """Whether what is read or written is a file of something that has a name of its own at a hub."""
    row = access.event.row
    return access.location.store is Store.HUB and row is not None and row.bucket is not None
