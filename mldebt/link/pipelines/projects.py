"""Entry points of a project: the scripts of `pyproject.toml` and `setup.cfg`, and those of an MLproject file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from mldebt.declarations import Command, Given, Port, Task
from mldebt.link.pipelines.tree import Tree

_TABLES = (
    ("project", "scripts"), ("project", "gui-scripts"), ("tool", "poetry", "scripts"),
)  # fmt: skip
_USE = re.compile(r"(?<!\$)\{(\w+)\}")


def scripts(root: Tree) -> Iterator[tuple[str, str]]:
    """The names of commands that installing the project brings, with `module:function`."""
    for table in _TABLES:
        for one in root.at(*table):
            target = one.value or one["reference"].value or one["callable"].value
            if target:
                yield one.name, target
    for line in (root.at("options.entry_points", "console_scripts").value or "").splitlines():
        name, _, target = line.partition("=")
        if target.strip():
            yield name.strip(), target.strip()


def entry_points(root: Tree) -> Iterator[Task]:
    """The entry points of an MLproject file: parameters with defaults are put into the command.

    The format: https://mlflow.org/docs/latest/ml/projects/
    """
    for entry in root["entry_points"]:
        given = tuple(_parameter(one) for one in entry["parameters"])
        command = entry["command"]
        text = _filled(command.value or "", {one.name: one.value for one in given})
        ports = tuple(Port(p.value, "in", p.start, p.end) for p in given if _is_path(entry, p) and p.value)
        commands = (Command(" ".join(text.split()), command.start, command.end),) if text else ()
        yield Task(entry.name, (), commands, entry.start, entry.end, ports, given)


def _filled(text: str, values: Mapping[str, str | None]) -> str:
    """A command with its parameters put in; one without a value becomes a variable."""
    return _USE.sub(lambda use: values.get(use[1]) or f"${{{use[1]}}}", text)


def _parameter(one: Tree) -> Given:
    value = one["default"].value if one.kind == "map" else None
    return Given(one.name, value, one.start, one.end)


def _is_path(entry: Tree, parameter: Given) -> bool:
    kind = entry["parameters"][parameter.name]
    return (kind.value or kind["type"].value) in ("path", "uri")
