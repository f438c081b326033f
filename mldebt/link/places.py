"""Where artifacts are: a call's target as store, anchor and path, with holes where parts are unknown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Items
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from mldebt.link import keys, texts
from mldebt.link.kinds import kind_of
from mldebt.link.looked_up import lookups, name_asked_for
from mldebt.link.machine import Machine
from mldebt.link.mapped import names_of_tables
from mldebt.link.slots import argument, slot_values
from mldebt.link.values import (
    Alt,
    Derived,
    Event,
    Handle,
    Item,
    Lib,
    Member,
    Place,
    Record,
    Result,
    Scalar,
    Sequence,
    Setting,
    Text,
    Unknown,
    Value,
    literal,
)
from mldebt.roles import Role, Store
from mldebt.slots import Slot

HOLE = "{}"
PER_RUN = "per-run"
MOST_SPELLINGS = 8
_UPLOADS = frozenset({"uploads", "uploads-folder"})
_RUNS = frozenset({Role.TRACK, Role.RUN, Role.SAMPLE, Role.EVALUATE})
_OBJECT = re.compile(r"^(?:s3a?|s3n|gs|gcs|abfss?|wasbs?|az|dbfs|hdfs|oss|cos)://?", re.IGNORECASE)
_URL = re.compile(r"^(?:https?|ftp)://", re.IGNORECASE)
_QUERY = re.compile(r"^\s*(?:--[^\n]*\n\s*)*(?:select|with)\b", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:from|join)\s+([\w.{}`\"\[\]-]+)(?![\w.{}`\"\[\]-]|\s*\()", re.IGNORECASE)
_COMMON = re.compile(r"(?:\bwith|,)\s*(\w+)\s+as\s*\(", re.IGNORECASE)
_CLIENT = "client"
_BLANKS = re.compile(r"\s{3,}|\n")
_OTHER = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]+)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Location:
    """One place that an access names. `anchor` is relative, repository, absolute, home, temporary or
    global; `path` holds `{}` for every unknown part. `settings` are those the place depends on. `varies`:
    a part is another one in each run, such as a date, a run id or a score. `unfilled` is the path with holes in
    place of what settings files say, where they say something. `given` are the places of the default or the command
    that gives the path as a whole, where that is put into a text."""

    store: Store
    anchor: str
    path: str
    exact: bool
    settings: tuple[Setting, ...] = ()
    places: tuple[Place, ...] = ()
    certain: bool = True
    varies: bool = False
    unfilled: str = ""
    given: tuple[Place, ...] = ()

    @property
    def known(self) -> bool:
        """Whether any part of the place is known."""
        return bool(self.path.replace(HOLE, "").strip("/._-"))


@dataclass(frozen=True, slots=True)
class Located:
    """The places of one access; `reason` says why there is none."""

    locations: tuple[Location, ...]
    reason: str = ""


def locate(machine: Machine, event: Event, slots: tuple[Slot, ...] | None = None) -> Located:
    """The places that an event reads or writes, or those that stand in some of its slots."""
    row = event.row
    if row is None or not row.target:
        return Located((), "no target")
    targets = slot_values(event, row.target if slots is None else slots)
    if not targets:
        return Located((), "no target given")
    bucket = None if row.bucket is None else argument(event.arguments, row.bucket, event.receiver)
    found: list[Location] = []
    reason = ""
    for target in targets[:4]:
        located = _of_value(machine, names_of_tables(machine, event, target), row.store, bucket)
        found += located.locations
        reason = reason or located.reason
    return Located(tuple(dict.fromkeys(found)), reason)


def places_of(machine: Machine, values: Iterable[Value], store: Store) -> Located:
    """The places that values name, as far as they are known."""
    located = [_of_value(machine, value, store, None) for value in values if isinstance(value, (Text, Alt, Handle))]
    return Located(tuple(place for one in located for place in one.locations if place.known))


def locations_of(machine: Machine, value: Value, store: Store) -> tuple[Location, ...]:
    """The places that a value names by itself, as far as any part of them is known."""
    return tuple(place for place in _of_value(machine, value, store, None).locations if place.known)


def uploaded(machine: Machine, event: Event) -> Located:
    """The files whose content a call sends elsewhere: rows with the trait `uploads` are given their paths."""
    if event.row is None or not event.row.traits & _UPLOADS:
        return Located((), "no upload")
    values = slot_values(event, event.row.data)
    located = [_of_value(machine, value, Store.FILE, None) for value in values]
    return Located(tuple(place for one in located for place in one.locations if place.known))


def located_under(machine: Machine, event: Event) -> Located:
    """The places of an access; a file that is uploaded without a name of its own keeps its file name."""
    if event.row is None or "uploads" not in event.row.traits or event.row.store is not Store.RUN:
        return locate(machine, event)
    named = event.row.target != event.row.data and slot_values(event, event.row.target)
    folders = locate(machine, event).locations if named else ()
    folder = folders[0].path if folders else ""
    return Located(
        tuple(
            replace(sent, store=Store.RUN, anchor="global", path=posixpath.join(folder, posixpath.basename(sent.path)))
            for sent in uploaded(machine, event).locations
        ),
        "the file that is kept is not known",
    )


def _of_value(machine: Machine, value: Value, store: Store, bucket: Value | None, depth: int = 0) -> Located:
    if depth > 6:
        return Located((), "too deep")
    if asked := lookups(machine, value, store):
        return Located(tuple(place for event in asked for place in locate(machine, event).locations))
    if isinstance(value, Alt):
        found = [_of_value(machine, part, store, bucket, depth + 1) for part in value.values]
        locations = [_uncertain(location) for located in found for location in located.locations]
        return Located(tuple(locations), next((one.reason for one in found if one.reason), ""))
    if isinstance(value, Handle):
        return _of_value(machine, value.path, store, bucket, depth + 1)
    if isinstance(value, Sequence) and value.items:
        found = [_of_value(machine, part, store, bucket, depth + 1) for part in value.items[:8]]
        return Located(tuple(place for located in found for place in located.locations), "")
    if isinstance(value, Text):
        return _located_text(machine, value, store, bucket)
    if isinstance(value, Setting):
        return _of_setting(machine, value, store, bucket, depth)
    if isinstance(value, Result):
        return _of_result(machine, value, store, depth)
    if isinstance(value, Derived) and (made := _making(value)) is not None:
        return locate(machine, made)
    if isinstance(value, (Item, Member)) and kind_of(machine, value.base).startswith(_CLIENT):
        name = value.key if isinstance(value, Item) else machine.pool.text([value.name])
        return _of_value(machine, name, store, bucket, depth + 1)
    return Located((), _reason(machine, value))


def _located_text(machine: Machine, value: Text, store: Store, bucket: Value | None) -> Located:
    if not value.parts:
        return Located((), "empty path")
    if any(isinstance(part, str) and _BLANKS.search(part) for part in value.parts) and store is not Store.TABLE:
        return Located((), "a run of blanks in the path (a string continued over lines?)")
    varies = any(_is_per_run(machine, part) for part in value.parts if not isinstance(part, str))
    shown = [_spellings(machine, part) for part in value.parts]
    chosen = product(*shown) if prod(map(len, shown)) <= MOST_SPELLINGS else [[one[0] for one in shown]]
    locations = [_of_text(value, pieces, store, bucket, varies) for pieces in chosen]
    if store is Store.TABLE and any(_QUERY.match(one.path) for one in locations):
        return Located(tuple(table for one in locations for table in _tables(one)), "a query that names no table")
    return Located(tuple(locations))


def _spellings(machine: Machine, part: str | Value) -> tuple[str, ...]:
    """How a part of a path may be written; a hole where it is not known."""
    if isinstance(part, str):
        return (part,)
    if not isinstance(part, Setting):
        return (HOLE,)
    given = machine.settings.values(part)
    known = [str(one.value) if isinstance(one, Scalar) else literal(one) for one in given]
    default = literal(part.default) if part.default is not None else None
    found = tuple(dict.fromkeys(one for one in known if one is not None))
    return found or (default if default is not None else f"{{{part.name}}}",)


def _tables(location: Location) -> Iterator[Location]:
    """The tables that a query names behind FROM and JOIN, its own common expressions and calls left out."""
    own = {name.lower() for name in _COMMON.findall(location.path)}
    for name in dict.fromkeys(_NAMED.findall(location.path)):
        plain = name.replace('"', "").replace("`", "").replace("[", "").replace("]", "")
        if plain.lower() not in own and not plain.lower().startswith(("select", "unnest")):
            yield replace(location, path=plain, exact="{" not in plain, certain=False)


def _is_per_run(machine: Machine, part: Value) -> bool:
    """Whether a part of a name is another one in each run: the time, the id of a run, a score, a random
    draw, or something worked out from what whoever runs it asks for."""
    origins = machine.pool.origins(part)
    if not isinstance(part, Setting) and (any(isinstance(o, Setting) for o in origins) or _is_asked(machine, part)):
        return True
    events = [origin.event for origin in origins if isinstance(origin, Result)]
    return any(event.row is not None and (event.row.role in _RUNS or PER_RUN in event.row.traits) for event in events)


def _is_asked(machine: Machine, part: Value) -> bool:
    """Whether it is a word of the command line."""
    base = part.base if isinstance(part, Item) else None
    return isinstance(base, Lib) and any(row.role is Role.CONFIGURE for row in machine.rows_of_call(base.name))


def _of_setting(machine: Machine, value: Setting, store: Store, bucket: Value | None, depth: int) -> Located:
    filled = machine.settings.values(value)
    if filled or machine.settings.kind(value) == "list":
        options = filled or keys.elements(machine, value) or ()
        found = [_of_value(machine, option, store, bucket, depth + 1) for option in options]
        return Located(tuple(_set_by(place, value) for one in found for place in one.locations), "a setting of no text")
    known = value.how != "config" or (machine.settings.is_known(value) and not machine.settings.found(value))
    if value.default is None or value.default is machine.pool.none or not known:
        name = f"{{{value.name or 'config'}}}"
        return Located((Location(store, "setting", name, False, (value,), (), False),))
    located = _of_value(machine, value.default, store, bucket, depth + 1)
    return Located(tuple(_set_by(place, value) for place in located.locations), located.reason)


def _set_by(place: Location, setting: Setting) -> Location:
    return replace(place, settings=(*place.settings, setting), certain=False)


def _of_result(machine: Machine, value: Result, store: Store, depth: int) -> Located:
    """A path that a download or a copy gave back stands for what was downloaded."""
    event = value.event
    if event.row is not None and event.row.target:
        return locate(machine, event)
    return Located((), _reason(machine, value))


def _making(value: Derived) -> Event | None:
    """The call that made an object under a name, which it keeps while things are put into it."""
    events = [one.event for one in value.origins if isinstance(one, Result) and one.kind == value.kind]
    made = [one for one in events if one.row is not None and one.row.role is Role.CONSTRUCT and one.row.target]
    return made[0] if value.kind and len(made) == 1 else None


def _reason(machine: Machine, value: Value) -> str:
    if isinstance(value, Unknown):
        return value.reason or "not followed"
    if isinstance(value, (Derived, Result)):
        kind = kind_of(machine, value)
        return f"computed value ({kind})" if kind else "computed value"
    if isinstance(value, (Item, Member)):
        return "part of a value that is not followed"
    if isinstance(value, Record):
        return "a dictionary"
    return type(value).__name__.lower()


def _uncertain(location: Location) -> Location:
    return Location(
        location.store, location.anchor, location.path, location.exact, location.settings, location.places, False,
        location.varies, given=location.given,
    )  # fmt: skip


def _of_text(value: Text, pieces: Items[str], store: Store, bucket: Value | None, varies: bool) -> Location:
    settings = [part for part in value.parts if isinstance(part, Setting)]
    certain = not settings
    raw = "".join(pieces)
    if bucket is not None:
        raw = _inside(_plain(bucket), raw, store)
    store, anchor, path = anchored(raw, store)
    exact = "{" not in path
    unfilled = _unfilled(value, pieces, store) if exact and bucket is None else ""
    whole = value.parts[0] if len(value.parts) == 1 else None
    given = whole.default.places if isinstance(whole, Setting) and isinstance(whole.default, Text) else ()
    return Location(store, anchor, path, exact, tuple(settings), value.places, certain, varies, unfilled, given)


def _unfilled(value: Text, pieces: Items[str], store: Store) -> str:
    """The path with holes where settings files fill it; empty where they fill nothing."""
    if not any(_is_filled(part) for part in value.parts):
        return ""
    pairs = zip(value.parts, pieces, strict=True)
    return anchored("".join(HOLE if _is_filled(part) else piece for part, piece in pairs), store)[2]


def _is_filled(part: str | Value) -> bool:
    return isinstance(part, Setting) and (part.how == "config" or (part.how == "env" and part.default is None))


def _inside(bucket: str, raw: str, store: Store) -> str:
    """A place named in two parts: object keys in buckets, tables in schemas, routes under prefixes."""
    if store is Store.OBJECT:
        return f"s3://{bucket}/{raw.lstrip('/')}"
    if bucket == HOLE or _URL.match(raw):
        return raw
    return f"{bucket}.{raw}" if store is Store.TABLE else f"{bucket.rstrip('/')}/{raw.lstrip('/')}"


def _plain(value: Value) -> str:
    text = literal(value)
    if text is not None:
        return text
    if isinstance(value, Setting):
        default = literal(value.default) if value.default is not None else None
        return default or f"{{{value.name}}}"
    return HOLE


def anchored(raw: str, store: Store) -> tuple[Store, str, str]:
    """A place as it is written: its store, what it begins at, and the path from there."""
    if _OBJECT.match(raw):
        return Store.OBJECT, "global", _OBJECT.sub(lambda match: match[0].lower(), raw)
    if _URL.match(raw):
        return Store.URL, "global", raw
    if store is not Store.FILE:
        return store, "global", name_asked_for(raw) if store is Store.MODEL else raw
    raw = raw.removeprefix("file://")
    scheme = _OTHER.match(raw)
    if scheme:
        return Store.URL, "global", raw
    if raw.startswith(texts.HERE):
        return store, "repository", _normal(raw[1:].lstrip("/"))
    if raw.startswith((texts.TEMPORARY, "/tmp/")):
        return store, "temporary", _normal(raw[1:].lstrip("/"))
    if raw.startswith(texts.HOME):
        return store, "home", _normal(raw)
    if raw.startswith("/") or re.match(r"^[A-Za-z]:[\\/]", raw):
        return store, "absolute", _normal(raw)
    return store, "relative", _normal(raw)


def _normal(path: str) -> str:
    return posixpath.normpath(path.replace("\\", "/")) if path else "."
