"""Variables of the environment as nodes: who gives them, and whom they configure."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.graph import Edge, EdgeKind, GraphBuilder, Node, NodeKind
from mldebt.link.components import Components
from mldebt.link.environment_names import is_template
from mldebt.link.pipelines.services import built_in
from mldebt.link.pipelines.tree import documents
from mldebt.link.program import Program
from mldebt.link.terraform import Name, Terraform
from mldebt.link.values import Place, Setting
from mldebt.link.variables import DECLARED, Variable, variables
from mldebt.roles import Confidence

MOST_READERS = 12
_FOR_ALL = frozenset({"env", "container", "compose", "terraform", "deployment"})
"""The forms of definitions that hold wherever the program runs: a shell and a workflow set what their commands get."""


class VariableNodes:
    """Adds them to a graph that has the settings which code reads."""

    def __init__(
        self, program: Program, terraform: Terraform, builder: GraphBuilder, components: Components,
        settings: Mapping[Setting, str],
    ) -> None:  # fmt: skip
        self._program, self._terraform, self._builder, self._components = program, terraform, builder, components
        self._readers: dict[str, dict[str, None]] = defaultdict(dict)
        for setting, id in settings.items():
            named = setting.variables or (setting.name.upper(),) if setting.how == "field" else (setting.name,)
            for name in named if setting.how in ("env", "field") else ():
                self._readers[name][id] = None

    def add(self) -> None:
        """A node for each place that gives a value which code reads, and for what it is worked out of."""
        for one in variables(self._program):
            read = self._read_by(one) if one.form in _FOR_ALL and one.scope != DECLARED else ()
            if not read or (one.value is None and one.form != "terraform"):
                continue
            id = self._node(one.name, one.at, one.form)
            for reader in read:
                self._edge(id, reader, one.at)
            self._behind(id, one)

    def _behind(self, id: str, one: Variable) -> None:
        """What the value is worked out of, through names that have no place."""
        first = self._terraform.at.get(one.at, ()) if one.form == "terraform" else ()
        ids = dict(self._nodes_of(first))
        for name in first:
            if name in ids:
                self._edge(ids[name], id, one.at)
        for source, target in self._terraform.behind(first):
            ids.update(self._nodes_of((source, target)))
            if source in ids and target in ids:
                self._edge(ids[source], ids[target], self._terraform.places[source])

    def _nodes_of(self, names: tuple[Name, ...]) -> Iterator[tuple[Name, str]]:
        for name in names:
            if (place := self._terraform.places.get(name)) is not None:
                yield name, self._node(name.shown, place, "terraform")

    def _read_by(self, one: Variable) -> tuple[str, ...]:
        """The settings of code that a variable is for: those of its own component, else those of the only one that
        reads it."""
        path = self._program.sources[one.at[0]].path
        found = tuple(self._readers.get(one.name, ()))
        if not found or is_template(path):
            return ()
        home = self._components.of(posixpath.join(self._built(one, path), "file"))
        of = {id: self._components.of(self._builder.node(id).at.path) for id in found}
        own = tuple(id for id in found if of[id] == home)
        others = found if len(set(of.values())) == 1 or (one.form == "env" and "/" not in path) else ()
        return (own or others)[:MOST_READERS]

    def _built(self, one: Variable, path: str) -> str:
        """The folder of the program that gets a variable: of a service, the one it is built in."""
        folder = posixpath.dirname(path)
        if one.form == "compose":
            service = one.scope.rpartition(".")[2]
            for root in documents(self._program.facts[one.at[0]].settings):
                return posixpath.normpath(posixpath.join(folder, built_in(root, service)))
        return folder

    def _node(self, name: str, place: Place, form: str) -> str:
        at = self._program.span(place)
        traits = frozenset({"variable", form})
        id, component = f"setting:variable:{name}:{at.path}:{at.line}", self._components.of(at.path)
        return self._builder.add_node(Node(id, NodeKind.SETTING, name, at, component, traits=traits))

    def _edge(self, source: str, target: str, place: Place) -> None:
        at = self._program.span(place)
        self._builder.add_edge(Edge(source, target, EdgeKind.CONFIGURES, at, Confidence.LIKELY))
