"""The flat keys of a settings file as a tree again, for definitions that are read by their structure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mldebt.declarations import Setting

DEEPEST = 24


@dataclass(slots=True)
class Tree:
    """A map, a list or a scalar of a settings file, and where it stands. What is not there is empty."""

    name: str = ""
    value: str | None = None
    kind: str = ""
    start: int = 0
    end: int = 0
    inside: dict[str, Tree] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Tree:
        return self.inside.get(key) or Tree()

    def __iter__(self) -> Iterator[Tree]:
        return iter(self.inside.values())

    def __bool__(self) -> bool:
        return bool(self.kind)

    def at(self, *path: str) -> Tree:
        """What stands at the end of a path of keys."""
        found = self
        for key in path:
            found = found[key]
        return found

    def entries(self) -> Iterator[Tree]:
        """The things that a list, a map or a single value names: scalars as they are, else keys with what they hold."""
        if self.value is not None:
            yield self
        for one in self:
            if self.kind == "list" and one.kind == "map" and len(one.inside) == 1:
                yield from one
            else:
                yield one

    @property
    def said(self) -> str:
        """What an entry names: its own text, or its key."""
        return self.value if self.value is not None else self.name


def documents(settings: Iterable[Setting]) -> tuple[Tree, ...]:
    """The documents of a settings file: another one begins where a key at the top comes again."""
    found = [Tree(kind="map")]
    for setting in settings:
        if len(setting.key) == 1 and setting.key[0] in found[-1].inside:
            found.append(Tree(kind="map"))
        _put(found[-1], setting)
    return tuple(found)


def _put(tree: Tree, setting: Setting) -> None:
    if len(setting.key) > DEEPEST:
        return
    for key in setting.key[:-1]:
        tree = tree.inside.setdefault(key, Tree(key, None, "map", setting.start, setting.end))
    name = setting.key[-1]
    tree.inside[name] = Tree(name, setting.value, setting.kind, setting.start, setting.end)
