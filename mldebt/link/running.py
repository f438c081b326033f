"""Commands: which files of the repository they run, with which arguments, in which folder."""

from __future__ import annotations

import dataclasses
import itertools
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from mldebt.declarations import Command, Mount, Task
from mldebt.link.pipelines import Definition, definitions
from mldebt.link.pipelines.projects import scripts
from mldebt.link.pipelines.tree import documents
from mldebt.link.program import Program
from mldebt.link.values import Place
from mldebt.source import folders_above

MOST_ARGUMENTS = 200
MOST_NESTED = 4
_SHELLS = frozenset({"sh", "bash", "zsh"})
_HANDED = re.compile(r"-[a-z]*c")
_PIECE = re.compile(
    r"(?P<word>(?:\"[^\"]*\"|'[^']*'|\$\([^)]*\)|\$\{[^}]*\}|\$|[^\s\"';|&<>()$])+)"
    r"|(?P<stop>&&|\|\||[;|&()\n])|(?P<turned>\d?>>?|<)"
)
_USE = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_PYTHON = (".py", ".ipynb")
_FED = ".sql"
HOLE = "{}"
"""What stands in a command for what is not known."""
_SAYS = frozenset({"echo", "printf"})
_PREPARES = _SAYS | {"cd", "mkdir", "export", "set", "test", "[", "pip", "true", ":"}
_PROJECTS = ("pyproject.toml", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Run:
    """A file that a command runs: where that stands, what the file is given, and the folder it runs in. `function` is
    what is called in it, if it is not run as a whole; `own`: the arguments are its own, not those of who runs it."""

    file: int
    at: Place
    arguments: tuple[str, ...] = ()
    folder: str = ""
    function: str = ""
    own: bool = True


@dataclass(frozen=True, slots=True)
class _Entry:
    """A command that installing the project brings."""

    file: int
    function: str


class Pipelines:
    """All definitions of a repository, and what their steps run. `runners` are the programs that run the file they
    are given: other commands only name files."""

    def __init__(self, program: Program, runners: frozenset[str]) -> None:
        self.program, self.runners = program, runners
        self.definitions = definitions(program)
        self._containers = {
            program.sources[one.file].path: task for one in self.definitions for task in one.tasks[:1]
        }  # fmt: skip
        self._shells = {one.file: one for one in self.definitions if one.form == "shell"}
        self._folders = {folder for source in program.sources for folder in folders_above(source.path)}
        self._entries = dict(self._installed())
        self._queries = sorted(path for path in program.number if path.endswith(_FED))
        self._checkouts = tuple(sorted(set(self._outside()), key=lambda path: (-len(path), path)))
        self._known: dict[tuple[int, str, int], tuple[Run, ...]] = {}
        self.of_code: dict[tuple[int, Command], str] = {}
        """The commands of code that were asked for, with their files, and the folders they are told to run in."""

    def runs(self, definition: Definition, task: Task) -> tuple[Run, ...]:
        """The files that a step runs, in order; those of a shell script that it runs are its own."""
        key = (definition.file, task.name, task.start)
        if key not in self._known:
            whole, file = self.completed(definition, task)
            folders = self.folders(definition, whole)
            found = [run for one in whole.commands for run in self._of_command(file, one, folders, whole, 0)]
            self._known[key] = tuple(run for run in found if run.file != definition.file)
        return self._known[key]

    def by_file(self) -> dict[int, tuple[Run, ...]]:
        """What each file is run with, in the order of the definitions."""
        found: dict[int, dict[Run, None]] = {}
        for definition in self.definitions:
            for task in definition.tasks:
                for run in self.runs(definition, task):
                    found.setdefault(run.file, {})[run] = None
        return {file: tuple(runs) for file, runs in found.items()}

    def tried(self) -> frozenset[int]:
        """The files that are run before a change is taken in."""
        tasks = ((one, task) for one in self.definitions for task in one.tasks if task.tries)
        return frozenset(run.file for one, task in tasks for run in self.runs(one, task))

    def commanded(self, file: int, command: Command, folder: str = "") -> tuple[Run, ...]:
        """The files that a command of code runs; paths are tried from the folder it is told to run in, or else from
        that of the code and the top. Where it is told one that is not here, another file of the name may be meant."""
        self.of_code[file, command] = folder
        bases = (posixpath.dirname(self.program.sources[file].path), "")
        told = tuple(one for base in bases if self.is_folder(one := _joined(base, folder)) and folder)
        task = Task("", (), (command,), command.start, command.end)
        found = [run for run in self._of_command(file, command, told or bases, task, 0) if run.file != file]
        return tuple(found if told or not folder else (dataclasses.replace(run, own=False) for run in found))

    def is_told(self, definition: Definition) -> bool:
        """Whether no command of a definition hangs on a variable for what it runs."""
        for task in definition.tasks:
            folders = self.folders(definition, task)
            for command in task.commands if any("$" in one.text for one in task.commands) else ():
                for words in parts(command.text) if "$" in command.text else ():
                    runs = any(word.endswith(_PYTHON) or program_name(word) in self.runners for word in words)
                    if runs and self._run_by(words, folders, (definition.file, command.start, command.end)) is None:
                        return False
        return True

    def is_opaque(self, definition: Definition, task: Task) -> bool:
        """Whether a step does more than to run files of the repository, as far as its own commands tell."""
        said = [command.text for command in self.completed(definition, task)[0].commands]
        given = [words for text in said for words in parts(text)]
        doing = [words for words in given if words[0] not in _PREPARES and not all(map(sets_variable, words))]
        return any(">" in text or "<" in text for text in said) or len(doing) != len(self.runs(definition, task))

    def completed(self, definition: Definition, task: Task) -> tuple[Task, int]:
        """A step with what the file of its container, or of its component, says of it, and the file in which its
        commands stand."""
        path = posixpath.normpath(posixpath.join(definition.home, task.build))
        built = self._containers.get(path) if task.build else None
        if built is None:
            return task, definition.file
        folder = built.folder if task.folder in ("", "/") else task.folder
        context = posixpath.relpath(task.context or posixpath.dirname(task.build) or ".", ".")
        copied = [replace(one, source=posixpath.join(context, one.source)) for one in built.mounts]
        run = built.commands if task.stage.lower() in ("", built.name.lower()) else ()  # another stage runs another one
        whole = replace(
            task, commands=task.commands or run, ports=task.ports or built.ports, folder=folder,
            mounts=(*task.mounts, *copied),
        )  # fmt: skip
        return whole, definition.file if task.commands else self.program.number[path]

    def folders(self, definition: Definition, task: Task) -> tuple[str, ...]:
        """The folders in which the commands of a step may run, likeliest first."""
        home = definition.home
        if task.folder.startswith("/"):
            beside = _joined(home, task.context or posixpath.dirname(task.build))
            return tuple(dict.fromkeys((*self.mapped(definition, task, task.folder), beside, home, "")))
        own = posixpath.dirname(self.program.sources[definition.file].path)
        return tuple(dict.fromkeys((_joined(home, task.folder), home, own, "")))

    def mapped(self, definition: Definition, task: Task, path: str) -> Iterator[str]:
        """The paths of the repository that a path of a container may stand for."""
        for mount in task.mounts:
            target = mount.target.rstrip("/")
            if f"{path}/".startswith(f"{target}/"):
                for source in self.sources(definition, mount):
                    yield _joined(source, path[len(target) :].lstrip("/"))

    def mounted(self) -> dict[str, str]:
        """Folders of containers, each with the folder of the repository that all services see there."""
        seen: dict[str, set[str]] = defaultdict(set)
        for definition in self.definitions:
            for mount in (one for task in definition.tasks for one in task.mounts if one.live):
                seen[mount.target.rstrip("/")].update(self.sources(definition, mount) or ("/",))
        alike = {target: min(sources) for target, sources in sorted(seen.items()) if len(sources) == 1}
        return {target: source for target, source in alike.items() if source != "/"}

    def sources(self, definition: Definition, mount: Mount) -> tuple[str, ...]:
        """The paths of the repository that a container may see; none for a named volume, or what does not exist. The
        file of a container is at home in its folder, or at the top."""
        if mount.source.startswith(("/", "~")) or "$" in mount.source:
            return ()
        bases = dict.fromkeys((definition.home, "") if definition.form == "container" else (definition.home,))
        paths = tuple(_joined(base, mount.source.rstrip("*")) for base in bases)
        found = tuple(path for path in paths if not path or path in self._folders or path in self.program.number)
        return found or (() if definition.form == "container" else paths[:1])

    def entered(self, folder: str, *path: str) -> str:
        """The folder that `cd` leads to."""
        return self.placed(folder, *path) if path else folder

    def placed(self, folder: str, path: str) -> str:
        """A path of a command that runs in a folder, from the top of the repository as far as it lies there."""
        path = path.replace("${HOME}", "~").replace("$HOME", "~")
        for checkout in self._checkouts:
            if f"{path}/".startswith(f"{checkout}/"):
                return _joined("", path[len(checkout) :].lstrip("/"))
        outside = path.startswith(("/", "~", "$")) or "://" in path
        return path.rstrip("/") if outside else _joined(folder, path)

    def is_folder(self, path: str) -> bool:
        """Whether a path is that of a folder of the repository."""
        return not path or path in self._folders

    def _outside(self) -> Iterator[str]:
        """The paths outside that are the repository itself: a command goes there, and runs a file that lies here."""
        for definition in self.definitions:
            for task in definition.tasks:
                folder = ""
                for words in (words for one in task.commands for words in parts(one.text)):
                    if words[:1] == ("cd",):
                        folder = words[1].rstrip("/") if words[1:] and words[1].startswith(("~/", "/")) else ""
                    for word in words if folder else ():
                        if word.endswith((*_PYTHON, ".sh")) and not word.startswith(("/", "~", "-")):
                            yield from self._checkout(folder, word)

    def _checkout(self, folder: str, file: str) -> Iterator[str]:
        """What stands before the longest end of a folder that holds the file here."""
        names = folder.split("/")
        for start in range(2, len(names) + 1):
            if posixpath.normpath("/".join((*names[start:], file))) in self.program.number:
                yield "/".join(names[:start])
                return

    def _installed(self) -> Iterator[tuple[str, _Entry]]:
        for number, source in enumerate(self.program.sources):
            if posixpath.basename(source.path) in _PROJECTS:
                for root in documents(self.program.facts[number].settings):
                    for name, target in scripts(root):
                        file = self._file(target, (posixpath.dirname(source.path), ""))
                        if file is not None:
                            yield name, _Entry(file, target.partition(":")[2].strip())

    def _of_command(
        self, file: int, command: Command, folders: tuple[str, ...], task: Task, depth: int
    ) -> Iterator[Run]:
        given = {one.name: one.value for one in task.given if one.value is not None}
        place = (file, command.start, command.end)
        for words in parts(filled(command.text, given)):
            if words[:1] == ("cd",):
                folder = self.entered(folders[0], *words[1:2])
                folders = tuple(dict.fromkeys((folder, *folders)))
                continue
            run = self._run_by(words, folders, place)
            if run is not None and run.file in self._shells:
                yield from self._nested(run, depth)
            elif run is not None:
                yield run
            yield from self._fed(words, folders, place)

    def _nested(self, run: Run, depth: int) -> Iterator[Run]:
        """The runs of a shell script that is called, in the folder it is called in."""
        if depth < MOST_NESTED:
            shell = self._shells[run.file]
            for task in shell.tasks:
                for one in task.commands:
                    yield from self._of_command(shell.file, one, (run.folder, shell.home, ""), task, depth + 1)

    def _fed(self, words: tuple[str, ...], folders: tuple[str, ...], at: Place) -> Iterator[Run]:
        """The files of SQL that a command names: it feeds them to a database, in this order; all that a path with
        holes may mean."""
        for word in words if words[0] not in _SAYS else ():
            paths = (_joined(folder, word.lstrip("/")) for folder in folders if word.endswith(_FED))
            file = next((self.program.number[path] for path in paths if path in self.program.number), None)
            if file is not None:
                yield Run(file, at, (), folders[0])
            elif HOLE in word:
                tried = (_joined(folder, word.lstrip("/")) for folder in folders)
                yield from (Run(one, at, (), folders[0]) for one in self._meant(tried))

    def _meant(self, paths: Iterable[str]) -> list[int]:
        """The files of SQL that the first of these paths with holes may mean that means any; its folder is known."""
        for path in paths:
            if not path.startswith(HOLE) and "/" in path and path.endswith((HOLE, _FED)):
                pattern = re.compile("[^/]+".join(map(re.escape, path.split(HOLE))))
                found = [self.program.number[one] for one in self._queries if pattern.fullmatch(one)]
                if found:
                    return found
        return []

    def _run_by(self, words: tuple[str, ...], folders: tuple[str, ...], at: Place) -> Run | None:
        """The file that a command runs: its own first word, or what stands first behind a program that runs files."""
        words = tuple(itertools.dropwhile(sets_variable, words))
        if not words or words[0] in _SAYS:
            return None
        if words[0] in self._entries:
            entry = self._entries[words[0]]
            return Run(entry.file, at, words[1:MOST_ARGUMENTS], folders[0], entry.function)
        if words[0].endswith((*_PYTHON, ".sh")):
            return self._found(words, 0, folders, at)
        start = next((i for i, word in enumerate(words) if program_name(word) in self.runners), None)
        if start is None:
            return self._shell_by(words, folders, at)
        behind = range(start + 1, len(words))
        if "-c" in words[start + 1 :]:
            return None
        if "-m" in words[start + 1 :]:
            at_module = words.index("-m", start + 1) + 1
            behind = range(at_module, min(at_module + 1, len(words)))
        installed = next((i for i in behind if words[i] in self._entries and not words[i - 1].startswith("-")), None)
        found = (run for i in behind if (run := self._found(words, i, folders, at)) is not None)
        run = next(found, None)
        if run is not None and "run" in words[start + 1 : len(words) - len(run.arguments) - 1]:
            run = dataclasses.replace(run, own=False)
        if run is None and installed is not None:
            entry = self._entries[words[installed]]
            return Run(entry.file, at, words[installed + 1 :][:MOST_ARGUMENTS], folders[0], entry.function)
        return run

    def _shell_by(self, words: tuple[str, ...], folders: tuple[str, ...], at: Place) -> Run | None:
        """A script that a shell is given, or a command of the project behind a program that runs such commands."""
        if words[0] in ("sh", "bash", "source", ".", "exec"):
            return next((run for i in range(1, len(words)) if (run := self._found(words, i, folders, at))), None)
        behind = (i for i, word in enumerate(words[:6]) if i and word in self._entries and words[i - 1] == "run")
        named = next(behind, None)
        if named is None:
            return None
        entry = self._entries[words[named]]
        return Run(entry.file, at, words[named + 1 :][:MOST_ARGUMENTS], folders[0], entry.function)

    def _found(self, words: tuple[str, ...], index: int, folders: tuple[str, ...], at: Place) -> Run | None:
        file = self._file(words[index], folders)
        if file is None:
            return None
        function = words[index].partition(":")[2]
        return Run(file, at, words[index + 1 :][:MOST_ARGUMENTS], folders[0], function)

    def _file(self, word: str, folders: tuple[str, ...]) -> int | None:
        """The file that a word names: by its path, as a module, or as `module:object`."""
        names: tuple[str, ...] = (word,) if word.endswith((*_PYTHON, ".sh")) else ()
        dotted = word.partition(":")[0]
        if not names and "/" not in dotted and dotted.replace(".", "").replace("_", "").isalnum():
            stem = dotted.replace(".", "/")
            names = (f"{stem}.py", f"{stem}/__main__.py") if "." in dotted or ":" in word else ()
        for folder in dict.fromkeys(folders):
            for root in (folder, posixpath.join(folder, "src")):
                for name in names:
                    found = self.program.number.get(posixpath.normpath(posixpath.join(root, name)))
                    if found is not None:
                        return found
        return None


def parts(text: str) -> Iterator[tuple[str, ...]]:
    """The commands of a line of shell as words without quotes; what a stream is turned to is no word of them."""
    words: list[str] = []
    turned = False
    for match in _PIECE.finditer(text):
        if match["stop"]:
            yield from _given(words)
            words, turned = [], False
        elif match["turned"]:
            turned = True
        elif turned and not match["word"].endswith(_FED):
            turned = False
        else:
            turned = False
            words.append(plain(match["word"]))
    yield from _given(words)


def _given(words: list[str]) -> Iterator[tuple[str, ...]]:
    """A command; of a text that a shell is handed, those in it."""
    handed = words[1:] if words and program_name(words[0]) in _SHELLS else []
    script = next((then for word, then in itertools.pairwise(handed) if _HANDED.fullmatch(word)), "")
    if " " in script.strip():
        yield from parts(script)
    elif words:
        yield tuple(words)


def _joined(folder: str, *path: str) -> str:
    """A path from the top of the repository, which is empty itself."""
    return posixpath.normpath(posixpath.join(folder, *path)).removeprefix("./").removesuffix(".") or ""


def plain(word: str) -> str:
    """A word without its quotes."""
    return word.replace('"', "").replace("'", "")


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """A command with the values of variables put in, as far as they are known."""
    return _USE.sub(lambda use: values.get(use[1] or use[2]) or use[0], text) if values else text


def program_name(word: str) -> str:
    """The name of a program without its folder and the minor part of its version."""
    return posixpath.basename(word).partition(".")[0]


def sets_variable(word: str) -> bool:
    """Whether a word of a command gives a variable its value."""
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()
