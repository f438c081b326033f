"""Which keys of settings files the templates of a `dvc.yaml` take: `${model.depth}`.

The format: https://doc.dvc.org/user-guide/project-structure/dvcyaml-files#templating
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.link.pipelines.forms import Definition
from mldebt.link.pipelines.stages import PARAMETERS, USE, keys_of
from mldebt.link.pipelines.tree import Tree, documents
from mldebt.link.program import Program
from mldebt.link.values import Place

_OF_A_COPY = frozenset({"item", "key"})


@dataclass(frozen=True, slots=True)
class Taken:
    """A key of a settings file, and the place of the template that takes it."""

    file: int
    keys: tuple[str, ...]
    at: Place


def taken(program: Program, definition: Definition) -> Iterator[Taken]:
    """What the stages of a definition take of the files of parameters beside it."""
    if definition.form != "stages":
        return
    settings = program.facts[definition.file].settings
    root = documents(settings)[0]
    sources = list(_sources(program, definition, root))
    for setting in settings:
        for match in USE.finditer(setting.value or ""):
            keys = keys_of(match[1])
            found = next((file for file, tree in sources if keys[0] not in _OF_A_COPY and tree.at(*keys)), None)
            if found is not None:
                yield Taken(found, keys, (definition.file, setting.start, setting.end))


def _sources(program: Program, definition: Definition, root: Tree) -> Iterator[tuple[int | None, Tree]]:
    """Where a template looks, in order: values that stand in the definition itself are of no file."""
    named = [PARAMETERS]
    for one in (*root["vars"], *(value for stage in root["stages"] for value in stage["vars"])):
        if one.kind == "map":
            yield None, one
        elif one.value:
            named.insert(-1, one.value.partition(":")[0])
    folder = posixpath.dirname(program.sources[definition.file].path)
    for name in dict.fromkeys(named):
        number = program.number.get(posixpath.normpath(posixpath.join(folder, name)))
        if number is not None:
            yield number, documents(program.facts[number].settings)[0]
