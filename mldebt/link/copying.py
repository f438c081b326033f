"""Files that commands copy or move: `cp`, `mv` and their like, in every definition that runs commands; and what images
of containers get of the repository when they are built."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mldebt.declarations import Task
from mldebt.link.accesses import nameless
from mldebt.link.pipelines import Definition
from mldebt.link.places import HOLE, anchored
from mldebt.link.running import Pipelines, filled, parts, plain
from mldebt.link.values import Place
from mldebt.roles import Store

_GIVEN = re.compile(r"(?:^|[;&|\s])(?P<name>[A-Za-z_]\w*)=(?P<value>\$\([^()]*\)|\"[^\"]*\"|'[^']*'|[^\s;&|()]*)")
_OPEN = re.compile(r"\$\{[^}]*\}|\$\([^)]*\)|\$\w+|\*+|\?")
_LISTS = frozenset({"ls", "find", "echo", "realpath", "readlink"})


@dataclass(frozen=True, slots=True)
class Copy:
    """One path that a command copies to another: their keys, and where it is said. `folder`: what lies in the first is
    copied into the second, or is the second, where that is a file."""

    source: str
    target: str
    at: Place
    folder: bool = False


def copied(pipelines: Pipelines, programs: frozenset[str]) -> tuple[Copy, ...]:
    """All copies that commands of the repository make, in the order of its definitions. `programs` are the words that
    such commands begin with."""
    found: dict[Copy, None] = {}
    first = {tuple(program.split()) for program in programs}
    for definition in pipelines.definitions:
        for task in definition.tasks:
            folder = pipelines.folders(definition, task)[0]
            said = {one.name: one.value for one in task.given if one.value is not None}
            for command in task.commands:
                for words in parts(filled(command.text, said)):
                    if words[:1] == ("cd",):
                        folder = pipelines.entered(folder, *words[1:2])
                    elif words and (named := _copy(words, first)):
                        at, whole = (definition.file, command.start, command.end), _is_whole(words)
                        found.update(dict.fromkeys(_pairs(pipelines, named, folder, at, whole=whole)))
                said |= _assigned(command.text)
    return tuple(found)


def put_into_images(pipelines: Pipelines) -> tuple[Copy, ...]:
    """What files of containers copy, each place of an image with what is put there: none where images differ in it, as
    nobody tells here in which of them code runs."""
    found: dict[str, dict[str, Copy]] = defaultdict(dict)
    for definition, task in _images(pipelines):
        whole, file = pipelines.completed(definition, task)
        for mount in (one for one in whole.mounts if not one.live):
            for source in pipelines.sources(definition, mount):
                key = f"{Store.FILE.value}:{source}"
                copy = Copy(key, f"{Store.FILE.value}:absolute:{mount.target}", (file, mount.start, mount.end), True)
                found[mount.target].setdefault(key, copy)
    return tuple(next(iter(copies.values())) for copies in found.values() if len(copies) == 1)


def _images(pipelines: Pipelines) -> Iterator[tuple[Definition, Task]]:
    """Services, and files of containers that none of them names: those say in which folder an image is built."""
    services = [(one, task) for one in pipelines.definitions if one.form == "services" for task in one.tasks]
    built = {posixpath.normpath(posixpath.join(one.home, task.build)) for one, task in services if task.build}
    yield from services
    for one in pipelines.definitions:
        if one.form == "container" and pipelines.program.sources[one.file].path not in built:
            yield from ((one, task) for task in one.tasks)


def _copy(words: tuple[str, ...], programs: set[tuple[str, ...]]) -> tuple[str, ...]:
    """What a command copies, and where to, as the last; nothing for other commands."""
    length = next((size for size in (3, 2, 1) if words[:size] in programs), 0)
    named: list[str] = []
    for word in words[length:] if length else ():
        if not word.startswith("-"):
            named.append(word)
        elif len(named) > 1:
            break  # an option behind the paths, and what belongs to it
    return tuple(named) if len(named) > 1 else ()


def _is_whole(words: tuple[str, ...]) -> bool:
    """Whether folders are copied with all that lies in them."""
    return any(word.endswith("sync") or re.fullmatch(r"-\w*[rRa]\w*|--recursive|--archive", word) for word in words)


def _pairs(pipelines: Pipelines, named: tuple[str, ...], folder: str, at: Place, *, whole: bool) -> Iterator[Copy]:
    *sources, last = named
    target = pipelines.placed(folder, last)
    into = len(sources) > 1 or last.endswith("/") or pipelines.is_folder(target)
    for said in sources:
        source = pipelines.placed(folder, said)
        name = posixpath.basename(source)
        folded = whole or said.endswith(("/", "/.")) or pipelines.is_folder(source) or name == "*"
        inside = posixpath.dirname(source) if name == "*" else source
        goal = posixpath.join(target, name) if into and not said.endswith(("/", "/.")) and name != "*" else target
        first, second = _key(inside), _key(goal)
        if first and second and first != second:
            yield Copy(first, second, at, folded)


def _key(path: str) -> str:
    """The key of an artifact; empty where too little of the path is known."""
    store, anchor, said = anchored(_OPEN.sub(HOLE, path), Store.FILE)
    if said.strip("./") in ("", HOLE) or posixpath.basename(said) == HOLE:
        return ""
    where = "" if store is not Store.FILE or anchor == "relative" else f"{anchor}:"
    return f"{store.value}:{where}{nameless(said)}"


def _assigned(text: str) -> Mapping[str, str]:
    """The variables that a line of shell sets; one that lists files stands for the pattern it lists."""
    found: dict[str, str] = {}
    for match in _GIVEN.finditer(text):
        value = plain(match["value"])
        if value.startswith("$("):
            words = next(parts(value[2:-1]), ())
            paths = [word for word in words[1:] if "/" in word and not word.startswith("-")]
            value = paths[0] if words[:1] and words[0] in _LISTS and len(paths) == 1 else ""
        if value and "$" not in value:
            found[match["name"]] = value
    return found

