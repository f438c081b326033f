"""Compiled pipeline documents: graphs of tasks, the components they stand for, and what executes those.

The format: https://github.com/kubeflow/pipelines/blob/master/api/v2alpha1/pipeline_spec.proto
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from mldebt.declarations import Command, Given, Port, Task
from mldebt.link.pipelines.tree import Tree

DEEPEST = 6
_USE = re.compile(r"\{\{\$\.(?:inputs|outputs)\.(?:parameters|artifacts)\['([\w-]+)'\][^}]*\}\}")

Words = Callable[[Tree, Callable[[str], str]], tuple[Command, ...]]
"""Gives the commands of a container, each word as a function makes it."""


def compiled(root: Tree, commands: Words) -> Iterator[Task]:
    """The tasks of a document that run something. A job for a service holds the document, and the values of the run."""
    spec = root["pipelineSpec"] or root
    values = {one.name: one["defaultValue"].value for one in spec.at("root", "inputDefinitions", "parameters")}
    values |= {one.name: one.value for one in root.at("runtimeConfig", "parameterValues")}
    yield from _graph(spec, spec.at("root", "dag"), values, (), commands, 0)


def _graph(
    spec: Tree, graph: Tree, values: Mapping[str, str | None], before: tuple[str, ...], commands: Words, depth: int
) -> Iterator[Task]:
    """The tasks of one graph; a component may be a graph of its own, which runs behind what its task waits for."""
    if depth > DEEPEST:
        return
    imported = {task.name: uri for task in graph["tasks"] if (uri := _uri(_executor(spec, task)["importer"], values))}
    inner = {task.name: tuple(_inside(spec, task, 0)) for task in graph["tasks"]}
    for task in graph["tasks"]:
        given = tuple(_parameters(spec, task, values))
        named = [one.said for one in task["dependentTasks"].entries() if one.said not in imported]
        needs = tuple(other for name in named for other in inner.get(name) or (name,)) or before
        component = _component(spec, task)
        told = {one.name: one.value for one in given}
        if component["dag"]:
            yield from _graph(spec, component["dag"], told, needs, commands, depth + 1)
        elif task.name not in imported:
            run = commands(_executor(spec, task)["container"], partial(_filled, told))
            ports = tuple(_taken(task, imported))
            yield Task(task.name, needs, run, task.start, task.end, ports, given, folder="/")


def _inside(spec: Tree, task: Tree, depth: int) -> Iterator[str]:
    """The tasks in the graph that a task stands for, if it stands for one."""
    for one in _component(spec, task).at("dag", "tasks") if depth <= DEEPEST else ():
        further = tuple(_inside(spec, one, depth + 1))
        yield from further or (one.name,)


def _component(spec: Tree, task: Tree) -> Tree:
    return spec["components"][task.at("componentRef", "name").value or ""]


def _executor(spec: Tree, task: Tree) -> Tree:
    return spec.at("deploymentSpec", "executors")[_component(spec, task)["executorLabel"].value or ""]


def _parameters(spec: Tree, task: Tree, values: Mapping[str, str | None]) -> Iterator[Given]:
    kinds = _component(spec, task).at("inputDefinitions", "parameters")
    for one in task.at("inputs", "parameters"):
        value = _value(one, values)
        if value is not None and kinds[one.name]["parameterType"].value == "NUMBER_INTEGER":
            value = value.removesuffix(".0")  # a document has but one kind of number
        yield Given(one.name, value, one.start, one.end)


def _value(one: Tree, values: Mapping[str, str | None]) -> str | None:
    """A constant, or what the graph around was given under a name."""
    constant = one.at("runtimeValue", "constant")
    older = next((said.value for said in one.at("runtimeValue", "constantValue") if said.value is not None), None)
    return constant.value or older or values.get(one["componentInputParameter"].value or "")


def _uri(importer: Tree, values: Mapping[str, str | None]) -> str:
    """Where an imported artifact lies."""
    told = importer["artifactUri"]
    older = next((said.value for said in told["constantValue"] if said.value is not None), None)
    return told["constant"].value or older or values.get(told["runtimeParameter"].value or "") or ""


def _taken(task: Tree, imported: Mapping[str, str]) -> Iterator[Port]:
    for one in task.at("inputs", "artifacts"):
        uri = imported.get(one.at("taskOutputArtifact", "producerTask").value or "")
        if uri:
            yield Port(uri, "in", one.start, one.end)


def _filled(values: Mapping[str, str | None], word: str) -> str:
    """A word with the values of its parameters put in; what only a run knows becomes a variable."""
    return _USE.sub(lambda use: values.get(use[1]) or f"${{{use[1].replace('-', '_')}}}", word)
