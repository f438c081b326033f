"""Which files of a repository use which others: by importing them, and by commands that run notebooks."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from mldebt.facts import FileFacts
from mldebt.graph.code import FileUse
from mldebt.link.machine import Machine
from mldebt.link.values import Place

NOTEBOOK = ".ipynb"
_WORD = re.compile(r"[^\s\"'`;|&<>(){}=,\[\]]+")
_EXECUTES = frozenset({"--execute", "execute"})


def local_imports(machine: Machine) -> tuple[FileUse, ...]:
    """Every import of a file of the repository."""
    return _uses(machine, list(machine.noted.local.items()))


def notebook_runs(machine: Machine) -> tuple[FileUse, ...]:
    """The commands, in files that run or configure something, that run a notebook from its first cell to its last."""
    found: list[tuple[Place, int]] = []
    for number, facts in enumerate(machine.program.facts):
        home = posixpath.dirname(machine.program.sources[number].path)
        for text, start, end in _commands(facts):
            words = _WORD.findall(text)
            if not _EXECUTES.isdisjoint(words) or not machine.catalogue.runners.isdisjoint(words):
                names = (word for word in words if word.endswith(NOTEBOOK))
                paths = (posixpath.normpath(posixpath.join(folder, name)) for name in names for folder in (home, ""))
                files = (machine.program.number[path] for path in paths if path in machine.program.number)
                found += [((number, start, end), file) for file in files]
    return _uses(machine, found)


def _commands(facts: FileFacts) -> Iterator[tuple[str, int, int]]:
    """The lines of shell in a file that name a notebook."""
    texts = [(command.text, command.start, command.end) for task in facts.tasks for command in task.commands]
    texts += [(setting.value or "", setting.start, setting.end) for setting in facts.settings]
    for text, start, end in texts:
        yield from ((line, start, end) for line in text.splitlines() if NOTEBOOK in line)


def _uses(machine: Machine, found: list[tuple[Place, int]]) -> tuple[FileUse, ...]:
    program = machine.program
    uses = {FileUse(program.span(at), program.sources[file].path) for at, file in found}
    return tuple(sorted(uses, key=lambda use: (use.at, use.path)))
