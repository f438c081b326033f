"""What runs the files of a repository, and in which order: Make, shell, stages of DVC, jobs of workflows."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mldebt.facts import Command, FileFacts, Setting, Task
from mldebt.link.program import Program
from mldebt.link.values import Place
from mldebt.source import folders_above

MOST_NEEDS = 400
_WORD = re.compile(r"[^\s\"'`;|&<>(){}=,\[\]]+")
_MOVES = re.compile(r"(?:^|&&|;)\s*cd\s+(?P<folder>[\w./-]+)")
_SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True, slots=True)
class Run:
    """A file that a command runs, and where that stands."""

    file: int
    at: Place


def orders(program: Program) -> tuple[tuple[Run, Run], ...]:
    """Pairs of runs of which a definition says that the first comes before the second, each once."""
    found: dict[tuple[Run, Run], None] = {}
    for number, facts in enumerate(program.facts):
        tasks = tuple(_tasks(program.sources[number].path, facts))
        runs = {id(task): tuple(_runs(program, number, task)) for task in tasks}
        named = defaultdict(list)
        for task in tasks:
            named[task.name].append(task)
        for task in tasks:
            sequence = [run for one in _sequence(task, named) for run in runs[id(one)]]
            found.update(((one, other), None) for one, other in itertools.pairwise(sequence) if one.file != other.file)
    return tuple(found)


def has_tasks(path: str, facts: FileFacts) -> bool:
    """Whether a file was read for what it runs."""
    return facts.kind == "commands" or any(True for _ in _tasks(path, facts))


def _sequence(task: Task, named: Mapping[str, list[Task]]) -> list[Task]:
    """The tasks that run for one, itself last; what needs itself runs once."""
    found: dict[int, Task] = {}
    todo: list[tuple[Task, bool]] = [(task, False)]
    entered: set[int] = set()
    while todo and len(entered) < MOST_NEEDS:
        one, ready = todo.pop()
        if ready:
            found.setdefault(id(one), one)
        elif id(one) not in entered:
            entered.add(id(one))
            todo.append((one, True))
            needed = [other for name in one.needs for other in named.get(name, ())]
            todo += [(other, False) for other in reversed(needed)]
    return list(found.values())


def _runs(program: Program, number: int, task: Task) -> Iterator[Run]:
    home = posixpath.dirname(program.sources[number].path)
    for command in task.commands:
        moved = _MOVES.search(command.text)
        folder = posixpath.normpath(posixpath.join(home, moved["folder"])) if moved else home
        for word in _WORD.findall(command.text):
            file = _file(program, word, (folder, home, ""))
            if file is not None and file != number:
                yield Run(file, (number, command.start, command.end))


def _file(program: Program, word: str, folders: tuple[str, ...]) -> int | None:
    """The Python file or notebook that a word names: by its path, as a module, or as `module:object`."""
    names: tuple[str, ...] = (word,) if word.endswith(_SUFFIXES) else ()
    dotted = word.partition(":")[0]
    if not names and "/" not in dotted and dotted.replace(".", "").replace("_", "").isalnum() and "." in dotted:
        stem = dotted.replace(".", "/")
        names = (f"{stem}.py", f"{stem}/__main__.py")
    for folder in dict.fromkeys(folders):
        for root in (folder, posixpath.join(folder, "src")):
            for name in names:
                found = program.number.get(posixpath.normpath(posixpath.join(root, name)))
                if found is not None:
                    return found
    return None


def _tasks(path: str, facts: FileFacts) -> Iterator[Task]:
    yield from facts.tasks
    name = posixpath.basename(path).lower()
    if name in ("dvc.yaml", "dvc.yml"):
        yield from _stages(facts.settings)
    elif ".github/workflows" in folders_above(f"{path}/") or path.startswith(".github/workflows/"):
        yield from _jobs(facts.settings)


def _stages(settings: tuple[Setting, ...]) -> Iterator[Task]:
    """The stages of DVC: each comes after those whose outputs it depends on."""
    commands = _commands(settings, lambda key: key[0] == "stages" and "cmd" in key[2:3])
    takes = _listed(settings, "deps")
    gives = {out: name for name, outs in _listed(settings, "outs", "metrics", "plots").items() for out in outs}
    for name, run in commands.items():
        needs = dict.fromkeys(gives[path] for path in takes.get(name, ()) if gives.get(path, name) != name)
        yield Task(name, tuple(needs), tuple(run), run[0].start, run[-1].end)


def _listed(settings: tuple[Setting, ...], *words: str) -> dict[str, list[str]]:
    """What the lists of stages name, by stage: entries, or keys where an entry has options."""
    found: dict[str, list[str]] = defaultdict(list)
    for setting in settings:
        if len(setting.key) >= 4 and setting.key[0] == "stages" and setting.key[2] in words:
            named = setting.value if len(setting.key) == 4 else setting.key[4]
            if named and named not in found[setting.key[1]]:
                found[setting.key[1]].append(named)
    return found


def _jobs(settings: tuple[Setting, ...]) -> Iterator[Task]:
    """The jobs of a workflow, with what they need."""
    needs: dict[str, list[str]] = defaultdict(list)
    for setting in settings:
        if len(setting.key) in (3, 4) and setting.key[0] == "jobs" and setting.key[2] == "needs" and setting.value:
            needs[setting.key[1]].append(setting.value)
    for name, run in _commands(settings, lambda key: key[0] == "jobs" and key[-1] == "run").items():
        yield Task(name, tuple(needs[name]), tuple(run), run[0].start, run[-1].end)


def _commands(settings: tuple[Setting, ...], wanted: Callable[[tuple[str, ...]], bool]) -> dict[str, list[Command]]:
    """The commands of the settings that are wanted, by the second part of their key."""
    found: dict[str, list[Command]] = defaultdict(list)
    for setting in settings:
        if len(setting.key) >= 3 and setting.value and wanted(setting.key):
            lines = [line.strip() for line in setting.value.splitlines() if line.strip()]
            found[setting.key[1]] += [Command(line, setting.start, setting.end) for line in lines]
    return found
