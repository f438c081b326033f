"""Which file is which definition, and what it declares."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.declarations import Task
from mldebt.facts import FileFacts
from mldebt.link.pipelines.jobs import gitlab, workflow
from mldebt.link.pipelines.projects import entry_points
from mldebt.link.pipelines.resources import resources
from mldebt.link.pipelines.services import services
from mldebt.link.pipelines.stages import locked, stages, tracked
from mldebt.link.pipelines.tree import Tree, documents
from mldebt.link.program import Program
from mldebt.source import folders_above

MOST_TASKS = 500
_COMPOSE = re.compile(r"(?:docker-)?compose(?:[._-][\w.-]+)?\.ya?ml|docker-compose[\w.-]*\.ya?ml")
_CONTAINER = re.compile(r"(?:docker|container)file(?:\..+|-[\w-]+)?|.+\.(?:docker|container)file")
_WORKFLOWS = ".github/workflows"
_OF_RULES = ("rules", "workflow")
_RESOURCES = frozenset({
    "apiVersion", "implementation", "deploymentSpec", "pipelineSpec", "Steps", "$schema", "command", "jobs",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Definition:
    """A file that declares steps. `form`: make, shell, rules, processes, container, stages, lock, tracked, workflow,
    jobs, services, entries or resources. `home` is the folder its paths begin in."""

    file: int
    form: str
    home: str
    tasks: tuple[Task, ...]


def definitions(program: Program) -> tuple[Definition, ...]:
    """All definitions of a repository, in the order of their paths."""
    found = [_definition(program, number, facts) for number, facts in enumerate(program.facts)]
    declared = [one for one in found if one is not None and one.tasks]
    staged = {one.home for one in declared if one.form == "stages"}
    return tuple(one for one in declared if one.form != "lock" or one.home not in staged)


def form_of(path: str, facts: FileFacts) -> str:
    """The form of a definition, by the name and place of its file; empty for other files."""
    name = posixpath.basename(path).lower()
    if facts.kind == "commands":
        return _form_of_commands(name)
    if facts.kind == "requirements":
        return "container" if _CONTAINER.fullmatch(name) else ""
    if not facts.settings:
        return ""
    if name in ("dvc.yaml", "dvc.yml"):
        return "stages"
    if name == "dvc.lock" or name.endswith(".dvc"):
        return "lock" if name == "dvc.lock" else "tracked"
    if path.startswith(f"{_WORKFLOWS}/") or _WORKFLOWS in folders_above(path):
        return "workflow"
    if name in (".gitlab-ci.yml", ".gitlab-ci.yaml"):
        return "jobs"
    if name == "mlproject":
        return "entries"
    if _COMPOSE.fullmatch(name):
        return "services"
    told = any(len(setting.key) == 1 and setting.key[0] in _RESOURCES for setting in facts.settings)
    return "resources" if told and name.endswith((".yaml", ".yml", ".json")) else ""


def _form_of_commands(name: str) -> str:
    if name.endswith((".sh", ".bash")):
        return "shell"
    if name == "snakefile" or name.endswith(".smk"):
        return "rules"
    return "processes" if name == "procfile" else "make"


def _definition(program: Program, number: int, facts: FileFacts) -> Definition | None:
    path = program.sources[number].path
    form = form_of(path, facts)
    if not form:
        return None
    home = _home(path, form)
    if facts.kind != "settings":
        return Definition(number, form, home, facts.tasks[:MOST_TASKS])
    roots = documents(facts.settings)
    tasks = tuple(_bounded(task for root in roots for task in _read(program, form, path, root)))
    return Definition(number, form, home, tasks)


def _home(path: str, form: str) -> str:
    """The folder in which the paths of a definition begin: that of the file, or where its tool is started."""
    if form == "workflow":
        return path.partition(_WORKFLOWS)[0].rstrip("/")
    folder = posixpath.dirname(path)
    if form == "rules":  # files of rules lie in folders of this name below where they are run
        while posixpath.basename(folder) in _OF_RULES:
            folder = posixpath.dirname(folder)
    return folder


def _bounded(tasks: Iterable[Task]) -> Iterator[Task]:
    for number, task in enumerate(tasks):
        if number >= MOST_TASKS:
            return
        yield task


def _read(program: Program, form: str, path: str, root: Tree) -> Iterator[Task]:
    folder = posixpath.dirname(path)

    def beside(name: str) -> Tree:
        number = program.number.get(posixpath.normpath(posixpath.join(folder, name)))
        return documents(program.facts[number].settings)[0] if number is not None else Tree()

    if form == "stages":
        yield from stages(root, beside)
    elif form == "tracked":
        yield from tracked(posixpath.basename(path), root)
    elif form == "resources":
        yield from resources(root)
    else:
        readers = {"lock": locked, "workflow": workflow, "jobs": gitlab, "services": services, "entries": entry_points}
        yield from readers[form](root)
