"""What stands in settings files: their keys, and which part of a file is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mldebt.declarations import Setting as Said
from mldebt.link.values import Place

ANY = "*"
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one file says under some keys. `at` is the place of the key; `text` is None for null and for containers."""

    file: int
    keys: Keys
    kind: str  # text, number, bool, null, map, list
    text: str | None
    at: Place


@dataclass(frozen=True, slots=True)
class Layer:
    """A file whose keys stand below `prefix` in what is loaded; one that is `chosen` is in force. Of one that is parted
    into environments only what stands `within` a section is loaded, and keys are one in either case."""

    file: int
    prefix: Keys = ()
    chosen: bool = True
    within: Keys = ()
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Parted:
    """How a loader parts files into environments: the sections in force, the keys that are for itself, and how names of
    variables begin that set a key; None where that is not known."""

    sections: Keys
    own: frozenset[str] = frozenset()
    begins: str | None = None

    def variable(self, keys: Keys) -> str:
        """The variable of the environment that sets a key; empty where none does."""
        word = "__".join(".".join(keys).upper().split("."))
        return "" if self.begins is None or ANY in keys else f"{self.begins}_{word}" if self.begins else word


@dataclass(slots=True)
class Sheet:
    """The keys of one file, and what stands below each."""

    entries: dict[Keys, Entry] = field(default_factory=dict)
    below: dict[Keys, list[str]] = field(default_factory=dict)


def entry_of(file: int, said: Said) -> Entry:
    """What a file says at one place."""
    return Entry(file, said.key, said.kind, said.value, (file, said.start, said.end))


def inside(layer: Layer, keys: Keys) -> Keys | None:
    """The keys in the file itself, of those in what is loaded."""
    prefix = layer.prefix
    return (*layer.within, *keys[len(prefix) :]) if keys[: len(prefix)] == prefix else None


def under(sheet: Sheet, layer: Layer, keys: Keys) -> Iterable[Entry]:
    """What a file says under keys of which some may be any."""
    inner = inside(layer, keys)
    if inner is None:
        return
    ways: list[Keys] = [()]
    for key in ".".join(inner).split(".") if layer.loose and inner else inner:
        if key == ANY:
            ways = [(*way, one) for way in ways for one in sheet.below.get(way, ())]
        elif layer.loose:
            ways = [(*way, one) for way in ways for one in sheet.below.get(way, ()) if one.lower() == key.lower()]
        else:
            ways = [(*way, key) for way in ways if (*way, key) in sheet.entries]
    yield from (sheet.entries[way] for way in ways if len(way) > len(layer.within))


def scalar_of(entry: Entry) -> object:
    """A number or a truth as a value."""
    text = (entry.text or "").strip()
    if entry.kind == "bool":
        return text.lower() in ("true", "yes", "on", "1")
    try:
        return int(text.replace("_", ""), 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text
