"""The settings of a YAML text, from the parser's events: nothing is constructed, nothing recurses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml
from yaml.resolver import Resolver

from mldebt.declarations import Setting
from mldebt.extract.unreadable import Unreadable

DEEPEST = 500
MOST_NODES = 100_000
MOST_VISITS = 200_000
LONGEST_KEY = 80

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PREFIX = "tag:yaml.org,2002:"
_TAGS = MappingProxyType({"bool": "bool", "int": "number", "float": "number", "null": "null"})
# YAML 1.2 reads `1e-3` as a number; PyYAML's resolver asks for a dot.
_EXPONENT = re.compile(r"[-+]?\d+[eE][-+]?\d+")
# libyaml since 0.2.6 looks ahead and refuses by itself, before an event shows the depth.
_TOO_DEEP = "exceeded maximum nesting depth"
_CURE = "if it is a template, exclude it; otherwise mend the YAML"


@dataclass(slots=True, eq=False)
class _Node:
    """A scalar (`items` unused), list, or map, whose items are keys and values in turn."""

    kind: str
    start: int
    end: int
    text: str = ""
    items: list[_Node] = field(default_factory=list)


@dataclass(slots=True)
class _Visits:
    """How often nodes were looked at: aliases and merges can make few nodes endless."""

    left: int = MOST_VISITS

    def spend(self, node: _Node) -> None:
        self.left -= 1
        if self.left < 0:
            raise Unreadable(node.start, "too-large", f"aliases stand for more than {MOST_VISITS} values")


class _Frame(NamedTuple):
    """A container whose entries are being given."""

    path: tuple[str, ...]
    items: list[_Node]
    entries: Iterator[_Entry]


_Entry = tuple[str, _Node, _Node]  # name, what its place is, value


def yaml_settings(text: str) -> Iterator[Setting]:
    """The settings of all documents in order, aliases and merges followed. Raises `Unreadable`."""
    visits = _Visits()
    for root in _documents(text):
        yield from _walk(root, visits)


def _documents(text: str) -> Iterator[_Node]:
    """The trees of all documents, read before the first is given, so that a bad text gives none."""
    roots: list[_Node] = []
    try:
        whole = _compose(text, roots)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        start = getattr(mark, "index", getattr(error, "position", 0)) or 0
        problem = getattr(error, "problem", None) or "a character that YAML does not allow"
        if problem == _TOO_DEEP:
            raise _too_deep(start) from None
        raise Unreadable(start, "syntax", f"no valid YAML: {problem}", _CURE) from None
    yield from roots
    if not whole:
        raise Unreadable(len(text), "too-large", f"more than {MOST_NODES} values")


def _compose(text: str, roots: list[_Node]) -> bool:
    """Fills `roots`; tells whether the whole text was read."""
    resolver = Resolver()
    anchors: dict[str, _Node] = {}
    open_nodes: list[_Node] = []
    for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if number > MOST_NODES:
            return False
        if isinstance(event, yaml.DocumentStartEvent):
            anchors = {}
        elif isinstance(event, yaml.CollectionEndEvent):
            open_nodes.pop()
        elif isinstance(event, yaml.NodeEvent):
            node = _node(event, anchors, resolver)
            (open_nodes[-1].items if open_nodes else roots).append(node)
            if isinstance(event, yaml.CollectionStartEvent):
                open_nodes.append(node)
        if len(open_nodes) > DEEPEST:
            raise _too_deep(open_nodes[-1].start)
    return True


def _too_deep(start: int) -> Unreadable:
    return Unreadable(start, "too-deep", f"more than {DEEPEST} levels of nesting")


def _node(event: Any, anchors: dict[str, _Node], resolver: Any) -> _Node:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, yaml.AliasEvent):
        if event.anchor not in anchors:
            raise Unreadable(start, "syntax", "an alias without its anchor", _CURE)
        target = anchors[event.anchor]
        return _Node(target.kind, start, end, target.text, target.items)
    if isinstance(event, yaml.ScalarEvent):
        node = _Node(_scalar_kind(event, resolver), start, end, event.value)
    else:
        node = _Node("map" if isinstance(event, yaml.MappingStartEvent) else "list", start, end)
    if event.anchor is not None:
        anchors[event.anchor] = node
    return node


def _scalar_kind(event: Any, resolver: Any) -> str:
    """`merge` for a plain `<<`; else as in `Setting`. Unknown tags say nothing: their value is text."""
    tag = event.tag
    if tag in (None, "!"):
        tag = resolver.resolve(yaml.ScalarNode, event.value, event.implicit)
        if event.implicit[0] and _EXPONENT.fullmatch(event.value):
            return "number"
    name = tag.removeprefix(_PREFIX)
    if name == "merge" or (name == "int" and ":" in event.value):
        return "merge" if name == "merge" else "text"
    return _TAGS.get(name, "text")


def _walk(root: _Node, visits: _Visits) -> Iterator[Setting]:
    """Every value below a document's root, a container before what is in it, never twice on one path."""
    frames = [_Frame((), root.items, _entries(root, visits))]
    while frames:
        path, _, entries = frames[-1]
        entry = next(entries, None)
        if entry is None:
            frames.pop()
            continue
        name, place, node = entry
        yield _setting((*path, name), place, node)
        inside = node.kind in ("map", "list") and len(frames) < DEEPEST
        if inside and not any(frame.items is node.items for frame in frames):
            frames.append(_Frame((*path, name), node.items, _entries(node, visits)))


def _entries(node: _Node, visits: _Visits) -> Iterator[_Entry]:
    if node.kind == "map":
        yield from ((_name(key), key, value) for key, value in _pairs(node, visits))
    for number, item in enumerate(node.items if node.kind == "list" else ()):
        visits.spend(item)
        yield str(number), item, item


def _pairs(node: _Node, visits: _Visits) -> Iterator[tuple[_Node, _Node]]:
    """Keys and values: all of its own, then those that merges bring and that are not there yet."""
    named: set[str] = set()
    met = {id(node.items)}
    waiting = [node]
    while waiting:
        source = waiting.pop()
        merges: list[_Node] = []
        names: list[str] = []
        for key, value in zip(source.items[::2], source.items[1::2], strict=False):
            visits.spend(key)
            if key.kind == "merge" and (maps := _merged(value)):
                merges.extend(item for item in maps if id(item.items) not in met)
                met.update(id(item.items) for item in maps)
            elif _name(key) not in named:
                names.append(_name(key))
                yield key, value
        named.update(names)
        waiting.extend(reversed(merges))


def _merged(value: _Node) -> list[_Node]:
    """The maps that `<<` names; none when it is an ordinary key."""
    nodes = value.items if value.kind == "list" else [value]
    return nodes if all(node.kind == "map" for node in nodes) else []


def _name(key: _Node) -> str:
    if key.kind not in ("map", "list"):
        return key.text
    return f"[{', '.join(item.text for item in key.items[:LONGEST_KEY])}]"[:LONGEST_KEY]


def _setting(path: tuple[str, ...], place: _Node, node: _Node) -> Setting:
    plain = node.kind not in ("map", "list", "null")
    kind = "text" if node.kind == "merge" else node.kind
    return Setting(path, node.text if plain else None, kind, place.start, place.end)
