"""References inside of settings: `${a.b}`, `${oc.env:X,default}`, `${X:-default}`, `%(name)s`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

DEEPEST = 6
MOST = 8
_REFERENCE = re.compile(
    r"\$\{(?P<inner>[^{}$]{1,200})\}|%\((?P<option>\w{1,80})\)s|\$(?P<plain>[A-Z_][A-Z0-9_]{1,80})\b"
)
_DEFAULT = re.compile(r"(?P<name>\w+):?-(?P<default>.*)")

Lookup = Callable[[tuple[str, ...]], tuple[str, ...]]


def interpolated(text: str, lookup: Lookup, depth: int = 0) -> tuple[str, ...]:
    """What a text may come out as; a reference that leads nowhere stays as its name in braces.

    `lookup` gives the texts under keys; a first key of dots alone counts upwards from the text's own."""
    match = _REFERENCE.search(text)
    if match is None or depth > DEEPEST:
        return (text,)
    found = tuple(_meant(match, lookup)) or (f"{{{_shown(match)}}}",)
    return tuple(
        dict.fromkeys(
            one
            for value in found
            for one in interpolated(text[: match.start()] + value + text[match.end() :], lookup, depth + 1)
        )
    )[:MOST]


def references(text: str) -> Iterator[tuple[str, ...]]:
    """The keys that a text refers to."""
    for match in _REFERENCE.finditer(text):
        if (keys := _keys(match)) is not None:
            yield keys


def _meant(match: re.Match[str], lookup: Lookup) -> Iterator[str]:
    keys = _keys(match)
    if keys is not None:
        yield from lookup(keys)
        return
    inner = match["inner"] or ""
    default = _DEFAULT.fullmatch(inner)
    if default is not None:
        yield default["default"]
    elif inner.partition(":")[0] in ("oc.env", "env") and "," in inner:
        yield inner.partition(",")[2].strip().strip("'\"")


def _keys(match: re.Match[str]) -> tuple[str, ...] | None:
    """The keys of a reference to another setting; None for a variable or a resolver."""
    if match["option"]:
        return (".", match["option"])
    inner = match["inner"]
    if inner is None or _DEFAULT.fullmatch(inner):
        return None
    if ":" in inner:
        section, _, option = inner.partition(":")
        return (section, option) if re.fullmatch(r"[\w-]+", section) and section not in ("env",) else None
    dots = len(inner) - len(inner.lstrip("."))
    keys = tuple(part for part in re.split(r"[.\[\]]", inner) if part)
    return (("." * dots, *keys) if dots else keys) if all(re.fullmatch(r"[\w -]+", key) for key in keys) else None


def _shown(match: re.Match[str]) -> str:
    return match["option"] or match["plain"] or re.split(r"[,:]-?", (match["inner"] or "").rpartition("env:")[2])[0]
