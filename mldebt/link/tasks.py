"""What runs the files of a repository, and in which order: Make, shell, stages of DVC, jobs of workflows."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mldebt.declarations import Command, Setting, Task
from mldebt.facts import FileFacts
from mldebt.link.program import Program
from mldebt.link.values import Place
from mldebt.source import folders_above

MOST_NEEDS = 200
MOST_TASKS = 500
_WORD = re.compile(r"[^\s\"'`;|&<>(){}=,\[\]]+")
_PARTS = re.compile(r"&&|\|\||[;|\n]")
_SUFFIXES = (".py", ".ipynb")
_FED = ".sql"
_SAYS = frozenset({"echo", "printf"})


@dataclass(frozen=True, slots=True)
class Run:
    """A file that a command runs, and where that stands."""

    file: int
    at: Place


def orders(program: Program, runners: frozenset[str]) -> tuple[tuple[Run, Run], ...]:
    """Pairs of runs of which a definition says that the first comes before the second, each once. `runners` are
    the programs that run the file they are given: other commands only name files."""
    found: dict[tuple[Run, Run], None] = {}
    for number, facts in enumerate(program.facts):
        tasks = tuple(_tasks(program.sources[number].path, facts))[:MOST_TASKS]
        known: dict[tuple[Command, ...], tuple[Run, ...]] = {}
        for task in tasks:
            if task.commands not in known:
                known[task.commands] = runs(program, runners, number, task.commands)
        named = {task.name: task for task in tasks}
        for task in tasks:
            sequence = [run for one in _sequence(task, named) for run in known[one.commands]]
            found.update(((one, other), None) for one, other in itertools.pairwise(sequence) if one.file != other.file)
    return tuple(found)


def is_told(path: str, facts: FileFacts, runners: frozenset[str]) -> bool:
    """Whether a file was read for what it runs, and nothing that it runs hangs on a variable."""
    tasks = tuple(_tasks(path, facts))
    commands = {command.text for task in tasks for command in task.commands if "$" in command.text}
    words = [word for text in commands for word in _WORD.findall(text)]
    open_ends = any(word.endswith(_SUFFIXES) or _program_name(word) in runners for word in words)
    return (facts.kind == "commands" or bool(tasks)) and not open_ends


def _sequence(task: Task, named: Mapping[str, Task]) -> list[Task]:
    """The tasks that run for one, itself last; what needs itself runs once."""
    found: dict[str, Task] = {}
    todo: list[tuple[Task, bool]] = [(task, False)]
    entered: set[str] = set()
    while todo and len(entered) < MOST_NEEDS:
        one, ready = todo.pop()
        if ready:
            found.setdefault(one.name, one)
        elif one.name not in entered:
            entered.add(one.name)
            todo.append((one, True))
            needed = (named[name] for name in reversed(one.needs) if name in named and name not in entered)
            todo += [(other, False) for other in needed]
    return list(found.values())


def runs(program: Program, runners: frozenset[str], number: int, commands: tuple[Command, ...]) -> tuple[Run, ...]:
    """The files that the commands of a file run, by its number; paths are tried from its folder and the top."""
    home = posixpath.dirname(program.sources[number].path)
    found: list[Run] = []
    for command in commands:
        folder = home
        for part in _PARTS.split(command.text):
            words = _WORD.findall(part)
            if words[:1] == ["cd"]:
                folder = posixpath.normpath(posixpath.join(folder, *words[1:2]))
            file = _run_by(program, runners, words, (folder, home, ""))
            files = ([] if file is None else [file]) + _fed(program, words, (folder, home, ""))
            found += [Run(one, (number, command.start, command.end)) for one in files if one != number]
    return tuple(found)


def _fed(program: Program, words: list[str], folders: tuple[str, ...]) -> list[int]:
    """The files of SQL that a command names: it feeds them to a database, in this order."""
    if words[:1] and words[0] in _SAYS:
        return []
    names = [[posixpath.normpath(posixpath.join(folder, word)) for folder in folders] for word in words
             if word.endswith(_FED)]  # fmt: skip
    found = [next((program.number[name] for name in some if name in program.number), None) for some in names]
    return [file for file in found if file is not None]


def _run_by(program: Program, runners: frozenset[str], words: list[str], folders: tuple[str, ...]) -> int | None:
    """The file that a command runs: its own first word, or what stands first behind a program that runs files."""
    if words[:1] and words[0] in _SAYS:
        return None
    if words and words[0].endswith(_SUFFIXES):
        return _file(program, words[0], folders)
    behind = list(itertools.dropwhile(lambda word: _program_name(word) not in runners, words))[1:]
    if "-c" in behind:
        return None
    if "-m" in behind:
        behind = behind[behind.index("-m") + 1 :][:1]
    return next((file for word in behind if (file := _file(program, word, folders)) is not None), None)


def _program_name(word: str) -> str:
    """The name of a program without its folder and the minor part of its version."""
    return posixpath.basename(word).partition(".")[0]


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
    commands = _commands(settings, lambda key: key[0] == "jobs" and key[-1] == "run")
    for name in dict.fromkeys((*needs, *commands)):
        run = commands.get(name, [])
        yield Task(name, tuple(needs.get(name, ())), tuple(run), run[0].start if run else 0, run[-1].end if run else 0)


def _commands(settings: tuple[Setting, ...], wanted: Callable[[tuple[str, ...]], bool]) -> dict[str, list[Command]]:
    """The commands of the settings that are wanted, by the second part of their key."""
    found: dict[str, list[Command]] = defaultdict(list)
    for setting in settings:
        if len(setting.key) >= 3 and setting.value and wanted(setting.key):
            lines = [line.strip() for line in setting.value.splitlines() if line.strip()]
            found[setting.key[1]] += [Command(line, setting.start, setting.end) for line in lines]
    return found
