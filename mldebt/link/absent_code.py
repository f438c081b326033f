"""Commands of definitions that run code of the repository which is not there."""

from __future__ import annotations

import itertools
import posixpath
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.declarations import Command, Task
from mldebt.facts import Call, FileFacts
from mldebt.graph.absent_code import AbsentCode
from mldebt.graph.near_names import is_misspelt
from mldebt.link.machine import Machine
from mldebt.link.pipelines import Definition
from mldebt.link.running import Pipelines, filled, parts, program_name, sets_variable
from mldebt.link.tasks import place_of
from mldebt.source import Purpose, folders_above

_CODE = (".py", ".ipynb")
_OPEN = frozenset("$`{}<>*?%#=\\")
_MODULE, _TEXT, _RUN = "-m", "-c", "run"
_GOES = frozenset({"cd", "pushd"})
_ANEW = frozenset({"make", "workflow"})
"""The forms of definitions whose lines each begin in the folder of the step."""
_AT_HOME = frozenset({"make", "stages", "processes", "container", "services"})
"""Those whose steps run in one folder, whoever starts them."""
_TAKEN_IN = ".mk"
_WITH, _ELSEWHERE, _REFERENCE = ("with",), frozenset({"ref", "repository"}), "${{"
_VARIABLES, _VARIABLE = ("env",), re.compile(r"\$\{\{\s*env\.(\w+)\s*\}\}")


def absent_code(machine: Machine, pipelines: Pipelines, paths: Iterable[str]) -> tuple[AbsentCode, ...]:
    """The commands of production definitions and code that run a file, or a module of a package of the repository,
    which no file of it is, and that nothing else in the step names, as what brings or makes it does."""
    listing, sources = _Listing(paths), pipelines.program.sources
    steps = [(one, task) for one in pipelines.definitions for task in one.tasks]
    found = [
        one
        for definition, task in (*steps, *_of_code(machine, pipelines))
        if sources[definition.file].purpose is Purpose.PRODUCTION and "{{" not in sources[definition.file].path
        and not _takes_other_code(pipelines.program.facts[definition.file])
        for one in _Reading(pipelines, listing, definition, task).absent()
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: (one.at, one.said)))


def _takes_other_code(facts: FileFacts) -> bool:
    """Whether a workflow checks out another branch or repository: what its commands run lies there."""
    variables = {one.key[-1]: one.value for one in facts.settings if one.key[-2:-1] == _VARIABLES}
    given = (one.value for one in facts.settings if one.key[-2:-1] == _WITH and one.key[-1] in _ELSEWHERE)
    said = (_VARIABLE.sub(lambda found: variables.get(found[1]) or found[0], value) for value in given if value)
    return any(_REFERENCE not in value for value in said)


def _of_code(machine: Machine, pipelines: Pipelines) -> Iterator[tuple[Definition, Task]]:
    """The commands of code, each as a step of its file; not those of functions that ask whether a thing is there."""
    program = machine.program
    for (file, command), folder in pipelines.of_code.items():
        unit = program.unit_at((file, command.start, command.end))
        calls = (step for step in program.body(unit) if isinstance(step, Call))
        meant = (row for one in calls for row in machine.noted.meant.get((file, one.start, one.end), ()))
        if not any(row.op == "exists" for row in meant):
            home = posixpath.dirname(program.sources[file].path)
            task = Task("", (), (command,), command.start, command.end, folder=folder)
            yield Definition(file, "code", home, ()), task


class _Listing:
    """The files of a repository by their names, and its folders. A path without an ending is that of a module."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._named: dict[str, list[str]] = defaultdict(list)
        self._folders, self._packages = {""}, set[str]()
        for path in sorted(set(paths)):
            self._named[posixpath.basename(path).partition(".")[0]].append(path)
            self._folders.update(folders_above(path))
            self._packages.update(folders_above(path) if path.endswith(_CODE[0]) else ())

    def holds(self, path: str) -> bool:
        """Whether there is such a file, or module, in whatever language it is written."""
        named = self._named.get(posixpath.basename(path).partition(".")[0], ())
        return path in named or path in self._folders or any(one.startswith(f"{path}.") for one in named)

    def has_room(self, path: str) -> bool:
        """Whether the folder is here in which a file, or with code in it a module, would lie."""
        return posixpath.dirname(path) in (self._folders if path.endswith(_CODE) else self._packages)

    def is_ours(self, path: str, place: str) -> bool:
        """Whether a path as it is said, looked for at this place, may be of this repository: a file, or a module of a
        package that is here, and no installed one."""
        top, inside, rest = path.partition("/")
        homes = (top, place.removesuffix(rest).rstrip("/"))
        here = any(home in self._packages for home in homes) and top not in sys.stdlib_module_names
        return path.endswith(_CODE) or bool(inside and here)

    def alike(self, path: str) -> list[str]:
        """The files that end as a path does, wherever they lie, whatever their ending."""
        stem = path if not path.endswith(_CODE) else posixpath.splitext(path)[0]
        named = self._named.get(posixpath.basename(stem).partition(".")[0], ())
        return [one for one in named if f"/{posixpath.splitext(one)[0]}".endswith(f"/{stem}")]

    def called(self, path: str) -> list[str]:
        """The files of Python that are called like one."""
        name = posixpath.basename(path)
        return [one for one in self.alike(name) if one.endswith(_CODE)]


class _Reading:
    """The commands of one step."""

    def __init__(self, pipelines: Pipelines, listing: _Listing, definition: Definition, task: Task) -> None:
        self._pipelines, self._listing, self._definition = pipelines, listing, definition
        self._task = pipelines.completed(definition, task)[0]
        given = {one.name: one.value for one in task.given if one.value is not None}
        self._lines = [(one, filled(one.text, given)) for one in task.commands]
        self._home = self._task.folder if self._task.folder.startswith("/") else place_of(definition, self._task, "")

    def absent(self) -> Iterator[AbsentCode]:
        """What the commands run that is not there; nothing behind a `cd` to what is no folder of the repository."""
        folder: str | None = self._home
        for command, text in self._lines:
            if self._definition.form in _ANEW and folder is not None:
                folder = self._home
            for words in parts(text):
                if words[0] in _GOES:
                    folder = self._entered(folder, *words[1:2])
                elif folder is not None:
                    yield from self._of_words(words, folder, command)

    def _entered(self, folder: str | None, path: str = "~") -> str | None:
        if folder is None or not _OPEN.isdisjoint(path) or path.startswith(("~", "/")):
            return None
        found = posixpath.normpath(posixpath.join(folder, path))
        here = found.startswith("/") or found == "." or self._pipelines.is_folder(found)
        return found if here else None

    def _of_words(self, words: tuple[str, ...], folder: str, command: Command) -> Iterator[AbsentCode]:
        said, path = _named(words, self._pipelines.runners)
        places = tuple(one for one in self._places(folder, path) if self._listing.is_ours(path, one)) if path else ()
        if not places or any(map(self._listing.holds, places)) or self._is_told_of(path):
            return
        elsewhere = self._listing.alike(path.lstrip("./"))
        if not elsewhere or (self._is_at_home() and self._listing.has_room(places[0])):
            near = elsewhere or self._listing.called(path)
            yield self._absent(said, command, places[0], near[0] if len(near) == 1 else "")

    def _absent(self, said: str, command: Command, place: str, near: str) -> AbsentCode:
        sources, file = self._pipelines.program.sources, self._definition.file
        return AbsentCode(
            step=self._task.name or posixpath.basename(sources[file].path), form=self._definition.form, said=said,
            at=self._pipelines.program.span((file, command.start, command.end)), path=near,
            expected=not said.endswith(_CODE) or any(map(self._listing.has_room, (place, said)))
            or _is_misspelt(place, near),
        )  # fmt: skip

    def _is_at_home(self) -> bool:
        path = self._pipelines.program.sources[self._definition.file].path
        return self._definition.form in _AT_HOME and not path.endswith(_TAKEN_IN)

    def _places(self, folder: str, name: str) -> Iterator[str]:
        """The paths of the repository at which a file is looked for."""
        path = posixpath.normpath(posixpath.join(folder, name))
        if path.startswith("/"):
            yield from self._pipelines.mapped(self._definition, self._task, path)
            seen = self._pipelines.mounted() if self._definition.form == "code" else {}
            inside = ((target, source) for target, source in seen.items() if path.startswith(f"{target}/"))
            yield from (posixpath.join(source, path[len(target) + 1 :]) for target, source in inside)
        elif not path.startswith(".."):
            yield path

    def _is_told_of(self, path: str) -> bool:
        """Whether the commands of the step name the file besides, as those that bring, make or ask for it do."""
        stem = posixpath.basename(path.removesuffix(_CODE[0]).removesuffix(_CODE[1]))
        named = re.compile(rf"(?<![\w-]){re.escape(stem)}\.(?:py|ipynb)\b")
        told = sum(len(named.findall(text)) for _, text in self._lines)
        given = (_named(words, self._pipelines.runners)[1] for _, text in self._lines for words in parts(text))
        return told > sum(one == path for one in given)


def _is_misspelt(place: str, near: str) -> bool:
    """Whether two paths are the same but for one name that is written differently."""
    pairs = [(one, other) for one, other in zip(place.split("/"), near.split("/"), strict=False) if one != other]
    return place.count("/") == near.count("/") and len(pairs) == 1 and is_misspelt(*pairs[0])


def _named(words: tuple[str, ...], runners: frozenset[str]) -> tuple[str, str]:
    """What a command runs, as it is written, and as a path, without an ending for a module. Nothing where the program
    is not the first word, as where the words are for another machine."""
    words = tuple(itertools.dropwhile(sets_variable, words))
    start = next((at for at, word in enumerate(words) if program_name(word) in runners), len(words))
    if start > 1 and words[start - 1] != _RUN:
        return "", ""
    for before, word in itertools.pairwise(words[start:]):
        module, colon, _ = word.partition(":")
        if word == _TEXT or not _OPEN.isdisjoint(word):
            break
        if before == _MODULE or (colon and module.replace(".", "").isidentifier()):
            return word, module.replace(".", "/")
        if word.endswith(_CODE):
            return word, "" if before.startswith("--") else word
    return "", ""
