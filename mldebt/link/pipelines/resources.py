"""Resources that a cluster or a cloud's service runs: jobs of Kubernetes, workflows, components, pipeline documents."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterator

from mldebt.declarations import Command, Given, Port, Task
from mldebt.link.pipelines.compiled import compiled
from mldebt.link.pipelines.tree import Tree

_RUNS = frozenset({"Job", "CronJob", "Deployment", "Pod", "StatefulSet", "DaemonSet", "ReplicaSet"})
_TEMPLATES = frozenset({"Workflow", "CronWorkflow", "WorkflowTemplate", "ClusterWorkflowTemplate"})
_BOUND = re.compile(r"\$\{\{ *(?:parent\.)?(?P<side>inputs|outputs|search_space)\.(?P<name>\w+) *\}\}")
_OF_JOB = re.compile(r"\$\{\{ *parent\.jobs\.(?P<job>\w+)\.outputs\.(?P<name>\w+) *\}\}")
_ELSEWHERE = ("component", "trial")
"""The keys under which a job names the file of its component."""
_SCRIPT = re.compile(r"-[a-z]*c")
_OUTSIDE = re.compile(r"^[a-z][\w+.-]*:")


def resources(root: Tree) -> Iterator[Task]:
    """The steps of one document, whatever of these it is; nothing for other documents."""
    kind = root["kind"].value or ""
    if root["apiVersion"] and kind in _RUNS:
        yield from _pods(root)
    elif root["apiVersion"] and kind in _TEMPLATES:
        yield from _templates(root["spec"])
    elif root.at("implementation", "container"):
        yield _component(root)
    elif (root["pipelineSpec"] or root).at("deploymentSpec", "executors"):
        yield from compiled(root, _commands)
    elif root["Steps"].kind == "list" and root["Version"]:
        yield from _steps(root)
    elif root["$schema"].value or root["type"].value in ("command", "pipeline"):
        yield from _cloud_jobs(root)


def _pods(root: Tree) -> Iterator[Task]:
    """Each container of a pod that is given a command."""
    spec = root["spec"]
    for path in (("jobTemplate", "spec", "template", "spec"), ("template", "spec"), ()):
        if spec.at(*path)["containers"]:
            spec = spec.at(*path)
            break
    for container in (*spec["initContainers"], *spec["containers"]):
        commands = _commands(container)
        if commands:
            name = container["name"].value or root.at("metadata", "name").value or ""
            given = tuple(Given(e["name"].value or "", e["value"].value, e.start, e.end) for e in container["env"])
            folder = container["workingDir"].value or "/"
            yield Task(name, (), commands, container.start, container.end, given=given, folder=folder)


def _commands(container: Tree, fill: Callable[[str], str] = str) -> tuple[Command, ...]:
    """The command of a container with its arguments, as one line of shell; `fill` puts values into its words."""
    parts = [part for key in ("command", "args") if (part := container[key])]
    words = [fill(word) for part in parts for one in part.entries() for word in _word(one)]
    if not words:
        return ()
    script = words[2:3] if len(words) > 2 and _SCRIPT.fullmatch(words[1]) else [shlex.join(words)]
    lines = script[0].replace("\\\n", " ").splitlines()
    return tuple(Command(line.strip(), parts[0].start, parts[-1].end) for line in lines if line.strip())


def _word(one: Tree) -> list[str]:
    """A word of a command; what a component puts in at its place keeps its name."""
    if one.value is not None and one.name not in ("inputValue", "inputPath", "outputPath"):
        return [one.value]
    named = one.value or next((one[key].value for key in ("inputValue", "inputPath", "outputPath") if one[key]), None)
    return [f"${{{named}}}"] if named else []


def _templates(spec: Tree) -> Iterator[Task]:
    """The templates of a workflow, in the order its graphs and lists of steps give."""
    needs: dict[str, dict[str, None]] = {}
    for template in spec["templates"]:
        tasks = {task["name"].value or "": task["template"].value or "" for task in template.at("dag", "tasks")}
        for task in template.at("dag", "tasks"):
            before = (tasks.get(one.said, "") for one in task["dependencies"].entries())
            needs.setdefault(task["template"].value or "", {}).update(dict.fromkeys(before))
        earlier: list[str] = []
        for group in template["steps"]:
            now = [one["template"].value or "" for one in group]
            for name in now:
                needs.setdefault(name, {}).update(dict.fromkeys(earlier))
            earlier = now or earlier
    for template in spec["templates"]:
        name = template["name"].value or ""
        commands = _commands(template["container"]) or _commands(template["script"])
        if commands:
            yield Task(name, tuple(needs.get(name, ())), commands, template.start, template.end, folder="/")


def _component(root: Tree) -> Task:
    """A component: its inputs are parameters, as what is put in is said where it is used."""
    given = tuple(Given(one["name"].value or "", one["default"].value, one.start, one.end) for one in root["inputs"])
    container = root.at("implementation", "container")
    name = root["name"]
    return Task(name.value or "", (), _commands(container), name.start, container.end, given=given, folder="/")


def _steps(root: Tree) -> Iterator[Task]:
    """A pipeline document that lists steps with the arguments of the service's calls."""
    for step in root["Steps"]:
        app = step.at("Arguments", "AppSpecification")
        words = [one.said for key in ("ContainerEntrypoint", "ContainerArguments") for one in app[key].entries()]
        commands = (Command(shlex.join(words), app.start, app.end),) if words else ()
        needs = tuple(one.said for one in step["DependsOn"].entries())
        yield Task(step["Name"].value or "", needs, commands, step.start, step.end, folder="/")


def _cloud_jobs(root: Tree) -> Iterator[Task]:
    """A command or a component of one, or a pipeline of such jobs with what they hand to each other."""
    if root["command"].value:
        yield _cloud_job(root["name"].value or root["experiment_name"].value or "", root, Tree())
    for job in root["jobs"]:
        if any(job[key].value for key in ("command", "type", *_ELSEWHERE)):
            yield _cloud_job(job.name, job, root)


def _cloud_job(name: str, job: Tree, pipeline: Tree) -> Task:
    command = job["command"]
    values = {one.name: _value(one, pipeline) for one in (*job["inputs"], *job["outputs"])}
    text = _BOUND.sub(lambda use: values.get(use["name"]) or f"${{{use['name']}}}", command.value or "")
    needs = dict.fromkeys(use["job"] for one in job["inputs"] for use in _OF_JOB.finditer(_said(one)))
    given = tuple(Given(one.name, values[one.name], one.start, one.end) for one in job["inputs"])
    folder = posixpath.normpath(job["code"].value) if job["code"].value else ""
    ports = tuple(
        Port(posixpath.relpath(path, folder or "."), slot, one.start, one.end)
        for slot, side in (("in", "inputs"), ("out", "outputs"))
        for one in job[side]
        if (path := _path(one)) and not _OUTSIDE.match(path) and "://" not in folder
    )
    commands = (Command(" ".join(text.split()), command.start, command.end),) if text else ()
    return Task(name, tuple(needs), commands, job.start or command.start, job.end or command.end, ports, given,
                folder=folder, build=next(filter(None, (job[key].value for key in _ELSEWHERE)), ""))  # fmt: skip


def _value(one: Tree, pipeline: Tree) -> str | None:
    """What an input is bound to, through the inputs of the pipeline around it."""
    said = _said(one)
    bound = _BOUND.fullmatch(said)
    if bound:
        return _said(pipeline["inputs"][bound["name"]]) or None
    return None if "${{" in said else said or None


def _said(one: Tree) -> str:
    return one.value or one["path"].value or one["default"].value or ""


def _path(one: Tree) -> str:
    path = one["path"].value or ""
    return "" if "${{" in path else path.removeprefix("file:")
