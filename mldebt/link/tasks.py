"""In which order files of a repository run, as the definitions of its pipelines say."""

from __future__ import annotations

import itertools
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mldebt.declarations import Task
from mldebt.link.pipelines import Definition
from mldebt.link.running import Pipelines, Run
from mldebt.source import folders_above

MOST_NEEDS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One declared step: its definition, what it says, and what runs before it."""

    definition: Definition
    task: Task
    needs: tuple[tuple[Definition, Task], ...]


def steps(pipelines: Pipelines) -> tuple[Step, ...]:
    """All declared steps. One comes behind those it needs by name, and those whose files it takes."""
    giving = _givers(pipelines.definitions)
    found = []
    for definition in pipelines.definitions:
        named = {task.name: task for task in definition.tasks}
        for task in definition.tasks:
            needs = {(definition.file, name): (definition, named[name]) for name in task.needs if name in named}
            for path in _taken(definition, task):
                needs |= {(d.file, t.name): (d, t) for d, t in giving.get(path, ()) if t is not task}
            found.append(Step(definition, task, tuple(needs.values())))
    return tuple(found)


def orders(pipelines: Pipelines, declared: Iterable[Step]) -> tuple[tuple[Run, Run], ...]:
    """Pairs of runs of which a definition says that the first comes before the second, each once."""
    found: dict[tuple[Run, Run], None] = {}
    by_key = {(step.definition.file, step.task.name): step for step in declared}
    for step in by_key.values():
        sequence = [run for one in _sequence(step, by_key) for run in pipelines.runs(one.definition, one.task)]
        found.update(((one, other), None) for one, other in itertools.pairwise(sequence) if one.file != other.file)
    return tuple(found)


def place_of(definition: Definition, task: Task, path: str) -> str:
    """A path of a step, from the top of the repository."""
    return posixpath.normpath(posixpath.join(definition.home, task.folder, path))


def _givers(found: Iterable[Definition]) -> Mapping[str, list[tuple[Definition, Task]]]:
    """The steps that give a file or folder, and by the folders above a file, those that give something in it."""
    giving: dict[str, list[tuple[Definition, Task]]] = defaultdict(list)
    for definition in found:
        for task in definition.tasks:
            for port in task.ports:
                if port.slot == "out" and task.commands:
                    path = place_of(definition, task, port.path)
                    for one in (path, *(f"{above}/" for above in folders_above(path))):
                        giving[one].append((definition, task))
    return giving


def _taken(definition: Definition, task: Task) -> Iterator[str]:
    """The files that a step takes; a file that lies in a folder which a step gives, is given with it."""
    for port in task.ports:
        if port.slot == "in":
            path = place_of(definition, task, port.path)
            yield from (path, f"{path}/", *folders_above(path))


def _sequence(step: Step, by_key: Mapping[tuple[int, str], Step]) -> list[Step]:
    """The steps that run for one, itself last; what needs itself runs once."""
    found: dict[tuple[int, str], Step] = {}
    todo: list[tuple[Step, bool]] = [(step, False)]
    entered: set[tuple[int, str]] = set()
    while todo and len(entered) < MOST_NEEDS:
        one, ready = todo.pop()
        key = (one.definition.file, one.task.name)
        if ready:
            found.setdefault(key, one)
        elif key not in entered:
            entered.add(key)
            todo.append((one, True))
            needed = [(definition.file, task.name) for definition, task in reversed(one.needs)]
            todo += [(by_key[other], False) for other in needed if other not in entered]
    return list(found.values())
