"""Functions of code that what is deployed calls by name: the handlers of containers, and of functions of a cloud."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mldebt.link.components import Components
from mldebt.link.program import Program
from mldebt.link.running import Pipelines
from mldebt.link.terraform import Name, Terraform, resource_of
from mldebt.link.values import Place
from mldebt.resources import Resources, load

_NAMED = re.compile(r"(?P<module>[\w./-]*\w)\.(?P<function>\w+)")
_TEMPLATES = frozenset({"serverless.yml", "serverless.yaml", "template.yml", "template.yaml"})


@dataclass(frozen=True, slots=True)
class Route:
    """A path under which requests come to a function of code."""

    path: str
    at: Place
    unit: int


class Handlers:
    """All of them, and the routes that lead to some."""

    def __init__(self, pipelines: Pipelines, terraform: Terraform, components: Components) -> None:
        self._pipelines, self._terraform, self._components = pipelines, terraform, components
        self._program: Program = pipelines.program
        self._known: Resources = load()
        self._containers = dict(self._of_containers())
        self._functions = dict(self._of_functions())
        self.units = frozenset({*self._containers.values(), *self._functions.values(), *self._of_templates()})

    def routes(self) -> Iterator[Route]:
        """The routes of the infrastructure, each with the function that its integration leads to."""
        for kind, path in self._known.routes.items():
            for name in self._terraform.resources(kind):
                if name.address.endswith(f".{path}"):
                    units = dict.fromkeys(self._functions[f] for f in self._led_to(name) if f in self._functions)
                    for unit in units:
                        yield Route(self._terraform.value(name), self._terraform.places[name], unit)

    def _led_to(self, route: Name) -> Iterator[str]:
        """The functions behind the integrations that use a route, or that it uses."""
        own = resource_of(route)
        uses = set(self._resources(name for name in self._terraform.used if resource_of(name) == own))
        for kind in self._known.integrations:
            for one in dict.fromkeys(resource_of(name) for name in self._terraform.resources(kind)):
                names = [name for name in self._terraform.used if resource_of(name) == one]
                if one in uses or own in self._resources(names):
                    for function in self._known.functions:
                        yield from self._terraform.reached(names, function)

    def _resources(self, names: Iterable[Name]) -> Iterator[str]:
        return (resource_of(used) for name in names for used in self._terraform.used.get(name, ()))

    def _of_containers(self) -> Iterator[tuple[str, int]]:
        """By component: the one function that a container is told to call."""
        found: dict[str, set[int]] = {}
        for definition in self._pipelines.definitions:
            for task in definition.tasks if definition.form == "container" else ():
                for command in task.commands:
                    folders = self._pipelines.folders(definition, task)
                    unit = self._unit(command.text.strip("\"' "), folders)
                    if unit is not None:
                        found.setdefault(self._component(definition.file), set()).add(unit)
        yield from ((component, units.pop()) for component, units in sorted(found.items()) if len(units) == 1)

    def _of_functions(self) -> Iterator[tuple[str, int]]:
        """By resource: the function of code it runs, by the name of its handler, or by the container beside it."""
        for kind, handler in self._known.functions.items():
            names = list(self._terraform.resources(kind))
            for one in dict.fromkeys(resource_of(name) for name in names):
                folder, _, address = one.partition(":")
                said = self._terraform.value(Name(folder, f"{address}.{handler}"))
                place = next(self._terraform.places[name] for name in names if resource_of(name) == one)
                component = self._component(place[0])
                beside = (folder, component, posixpath.join(component, "src"), "", "src")
                unit = self._unit(said, beside) if said else self._containers.get(component)
                if unit is not None:
                    yield one, unit

    def _of_templates(self) -> Iterator[int]:
        """The handlers that templates of functions name."""
        for number, source in enumerate(self._program.sources):
            if posixpath.basename(source.path) not in _TEMPLATES:
                continue
            home = posixpath.dirname(source.path)
            said = {one.key: one.value for one in self._program.facts[number].settings if one.value}
            for key, value in said.items():
                if key[-1] in ("handler", "Handler"):
                    below = said.get((*key[:-1], "CodeUri"), "")
                    unit = self._unit(value, (posixpath.join(home, below), home, posixpath.join(home, "src")))
                    if unit is not None:
                        yield unit

    def _component(self, file: int) -> str:
        return self._components.of(self._program.sources[file].path)

    def _unit(self, said: str, folders: Iterable[str]) -> int | None:
        """The function at the top of a module that is named with it, as `module.function`."""
        match = _NAMED.fullmatch(said)
        for folder in folders if match else ():
            assert match is not None
            for stem in dict.fromkeys((match["module"], match["module"].replace(".", "/"))):
                file = self._program.number.get(posixpath.normpath(posixpath.join(folder, f"{stem}.py")))
                unit = self._named(file, match["function"]) if file is not None else None
                if unit is not None:
                    return unit
        return None

    def _named(self, file: int, name: str) -> int | None:
        first, facts = self._program.first[file], self._program.facts[file]
        top = (i for i, unit in enumerate(facts.units) if unit.kind == "function" and unit.id == name)
        return next((first + index for index in top), None)
