"""Stages of DVC: `dvc.yaml` with its templates, `.dvc` files, and the lock file.

The format: https://doc.dvc.org/user-guide/project-structure/dvcyaml-files
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mldebt.declarations import Command, Given, Port, Task
from mldebt.link.pipelines.tree import Tree

MOST_COPIES = 64
PARAMETERS = "params.yaml"
USE = re.compile(r"\$\{ *([\w.\[\]-]+) *\}")
_INDEX = re.compile(r"\[(\w+)\]")
_TAKES, _GIVES = ("deps",), ("outs", "metrics", "plots")

Read = Callable[[str], Tree]
"""Gives the settings of a file beside the definition, by its path from there."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """The values that templates of a stage may use, innermost first."""

    trees: tuple[Tree, ...]

    def value(self, path: str) -> Tree:
        """What a dotted path names."""
        return next((found for tree in self.trees if (found := tree.at(*keys_of(path)))), Tree())

    def filled(self, text: str, hole: str) -> str:
        """A text with its values put in; what is not known becomes the hole."""

        def put(match: re.Match[str]) -> str:
            value = self.value(match[1]).value
            return hole.format(match[1]) if value is None else value

        return USE.sub(put, text)

    def within(self, **items: Tree) -> _Scope:
        """The scope of one copy of a stage."""
        return _Scope((Tree(kind="map", inside=items), *self.trees))


def keys_of(path: str) -> tuple[str, ...]:
    """The keys of a dotted path: `models[0].depth` is `models`, `0`, `depth`."""
    return tuple(_INDEX.sub(r".\1", path).split("."))


def stages(root: Tree, read: Read) -> Iterator[Task]:
    """The stages of a `dvc.yaml`, each copy of a repeated one by itself."""
    scope = _Scope(tuple(_values(root, read)))
    for stage in root["stages"]:
        for name, body, inner in itertools.islice(_copies(stage, scope), MOST_COPIES):
            yield _stage(name, stage, body, inner)


def locked(root: Tree) -> Iterator[Task]:
    """The stages that a lock file holds, as they ran the last time."""
    for stage in root["stages"]:
        yield _stage(stage.name, stage, stage, _Scope(()))


def tracked(name: str, root: Tree) -> Iterator[Task]:
    """What a `.dvc` file tracks: data that somebody put here, or that is imported."""
    ports = tuple(_ports(root, _Scope(())))
    if ports:
        yield Task(name, (), (), ports[0].start, ports[0].end, ports, folder=root["wdir"].value or "")


def _values(root: Tree, read: Read) -> Iterator[Tree]:
    """The values of `vars`, and of the file of parameters that is always read."""
    for one in root["vars"]:
        if one.kind == "map":
            yield one
        elif one.value:
            yield read(one.value.partition(":")[0])
    yield read(PARAMETERS)


def _copies(stage: Tree, scope: _Scope) -> Iterator[tuple[str, Tree, _Scope]]:
    """A stage as often as `foreach` or `matrix` repeats it, with the values of each copy."""
    if stage["matrix"]:
        axes = {axis.name: list(_items(axis, scope)) for axis in stage["matrix"]}
        for chosen in itertools.product(*axes.values()):
            named = dict(zip(axes, (item for _, item in chosen), strict=True))
            name = "-".join(item.value or key for key, item in chosen)
            yield f"{stage.name}@{name}", stage, scope.within(item=Tree(kind="map", inside=named))
    elif stage["foreach"]:
        for key, item in _items(stage["foreach"], scope):
            name = item.value or key
            inner = scope.within(item=item, key=Tree(value=key, kind="text"))
            yield f"{stage.name}@{name if stage['foreach'].kind != 'map' else key}", stage["do"], inner
    else:
        yield stage.name, stage, scope


def _items(tree: Tree, scope: _Scope) -> Iterator[tuple[str, Tree]]:
    """The values over which a stage is repeated."""
    whole = USE.fullmatch(tree.value or "")
    for one in scope.value(whole[1]) if whole else tree:
        used = USE.fullmatch(one.value or "")
        yield one.name, (scope.value(used[1]) or one) if used else one


def _stage(name: str, stage: Tree, body: Tree, scope: _Scope) -> Task:
    given = body["cmd"]
    lines = (given,) if given.value is not None else tuple(given)
    commands = tuple(
        Command(scope.filled(text, "${{{}}}"), line.start, line.end) for line in lines for text in _lines(line.value)
    )
    return Task(
        name,
        (),
        commands,
        stage.start,
        stage.end,
        tuple(_ports(body, scope)),
        tuple(_parameters(body)),
        folder=scope.filled(body["wdir"].value or "", "{{{}}}"),
    )


def _lines(text: str | None) -> list[str]:
    return [line for raw in (text or "").splitlines() if (line := raw.strip().rstrip("\\").strip())]


def _ports(body: Tree, scope: _Scope) -> Iterator[Port]:
    """What a stage takes and gives: entries are paths, or paths with options, or maps with a `path`, which is one of
    another repository where one is named."""
    for slot, words in (("in", _TAKES), ("out", _GIVES)):
        for entry in (entry for word in words for entry in body[word].entries()):
            path = (entry["path"].value or entry.said).replace("\\", "/")  # written on another system
            at = entry["path"] or entry
            if not path.isdigit() and not entry["repo"]:
                yield Port(scope.filled(path, "{{{}}}"), slot, at.start, at.end)


def _parameters(body: Tree) -> Iterator[Given]:
    """The keys of settings files on which a stage depends."""
    for entry in body["params"].entries():
        if entry.value is not None:
            yield Given(entry.value, None, entry.start, entry.end, PARAMETERS)
        elif entry.inside:
            for key in entry.entries():
                name = key.name if entry.kind == "map" else key.said  # a lock file holds the values too
                yield Given(name, None, key.start, key.end, entry.name)
        else:
            yield Given("", None, entry.start, entry.end, entry.name)
