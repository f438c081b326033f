"""Names of artifacts that are nearly the same: one of them may be meant where the other is said."""

from __future__ import annotations

import posixpath
import re

from mldebt.graph.nodes import Node
from mldebt.roles import Store

_SHORTEST_WORD = 5
_BREAKS = re.compile(r"[\W_]+")
_HOLE = re.compile(r"\{[^{}]*\}")
_ANCHOR = re.compile(r"^(?:absolute|home|temporary|setting):")


def place_of(artifact: Node) -> str:
    """Where an artifact lies within its store: a path, a table, a topic, a name."""
    rest = artifact.id.split(":", 2)[2]
    return _ANCHOR.sub("", rest) if artifact.store is Store.FILE else rest


def may_be(pattern: str, name: str) -> bool:
    """Whether a name with holes may stand for another one."""
    parts = _HOLE.split(pattern)
    return len(parts) > 1 and re.fullmatch("[^/]*".join(map(re.escape, parts)), name) is not None


def folder_and_name(artifact: Node) -> tuple[str, str]:
    """The folder, bucket or schema of an artifact, and its own name in it."""
    place = place_of(artifact)
    if artifact.store is Store.TABLE:
        schema, _, name = place.rpartition(".")
        return schema, name
    return posixpath.split(place)


def likeness(one: Node, other: Node) -> str:
    """How two different artifacts of one store are alike: `spelling` (the same folder, a name that differs in case,
    separators or one letter of one word), `ending` (the same but for the ending), `folder` (the same name elsewhere);
    empty when they are not."""
    if one.store is not other.store or one.id == other.id:
        return ""
    (folder, name), (other_folder, other_name) = folder_and_name(one), folder_and_name(other)
    if folder != other_folder:
        return "folder" if name.lower() == other_name.lower() else ""
    (stem, ending), (other_stem, other_ending) = posixpath.splitext(name), posixpath.splitext(other_name)
    if is_misspelt(stem, other_stem):
        return "spelling" if ending.lower() == other_ending.lower() else ""
    files = one.store in (Store.FILE, Store.OBJECT)  # a dot in other names ends no name
    return "ending" if files and stem == other_stem and ending and other_ending else ""


def is_misspelt(one: str, other: str) -> bool:
    """Whether two names differ in case and separators alone, or in one letter of one longer word. Numbers count."""
    if one == other:
        return False
    words, others = _words(one), _words(other)
    if "".join(words) == "".join(others):
        return True
    different = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    if len(words) != len(others) or len(different) != 1:
        return False
    first, second = different[0]
    long = min(len(first), len(second)) >= _SHORTEST_WORD and first.isalpha() and second.isalpha()
    return long and _is_one_letter_off(first, second)


def _words(name: str) -> list[str]:
    return [word for word in _BREAKS.split(name.lower()) if word]


def _is_one_letter_off(one: str, other: str) -> bool:
    """Whether one letter is added, dropped or changed, or two neighbours are swapped."""
    short, long = sorted((one, other), key=len)
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) != len(long):
        return short[start:] == long[start + 1 :]
    swapped = short[:start] + short[start + 1 : start + 2] + short[start : start + 1] + short[start + 2 :]
    return swapped == long or short[start + 1 :] == long[start + 1 :]
