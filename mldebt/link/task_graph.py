"""Tasks that code defines, put into the graph: a step for each, their order, what they run, take and give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mldebt.declarations import Command
from mldebt.graph import Edge, EdgeKind, GraphBuilder, Node, NodeKind
from mldebt.link.accesses import Accesses
from mldebt.link.commanded import command_line
from mldebt.link.components import Components
from mldebt.link.defined import Defined, defined_tasks
from mldebt.link.machine import Machine
from mldebt.link.running import Pipelines, Run
from mldebt.link.slots import argument
from mldebt.link.task_order import Order, task_orders
from mldebt.link.task_ports import Port, enclosing_ports, orders_by_name, ports, started
from mldebt.link.values import Event, Place
from mldebt.roles import Confidence, Role, Store
from mldebt.source import Purpose

DECLARED = "declared"
_PIPELINE = "pipeline:"


class TaskGraph:
    """Adds the tasks of one linking to a graph. `ids` are the nodes of events; `function` and `module` give the
    nodes of a unit and of a file."""

    def __init__(
        self, machine: Machine, pipelines: Pipelines, builder: GraphBuilder, components: Components,
        ids: dict[Event, str], accesses: Accesses, function: Callable[[int], str], module: Callable[[int], str],
    ) -> None:  # fmt: skip
        self._machine, self._pipelines, self._builder, self._components = machine, pipelines, builder, components
        self._ids, self._accesses, self._function, self._module = ids, accesses, function, module
        self._nodes: dict[Defined, str] = {}

    def add(self) -> None:
        """All steps, then what joins them."""
        tasks = defined_tasks(self._machine)
        for task in tasks:
            self._nodes[task] = self._step(task)
            self._runs(task)
        orders = task_orders(self._machine, tasks)
        declared = (*ports(self._machine, tasks), *enclosing_ports(self._machine, tasks, orders))
        for port in declared:
            self._port(port)
        self._features()
        for order in (*orders, *orders_by_name(declared), *started(self._machine, tasks, orders)):
            self._order(order)

    def _step(self, task: Defined) -> str:
        span, unit = self._machine.program.span(task.at), self._machine.info(task.home)
        purpose = self._machine.program.purpose(task.home)
        traits = {DECLARED, f"{_PIPELINE}{span.path}:{unit.id}"}
        if purpose is not Purpose.PRODUCTION:
            traits.add(purpose.value)
        known = self._ids.get(task.event) if task.event is not None else None
        if known is not None:
            node = self._builder.node(known)
            return self._builder.add_node(replace(node, traits=node.traits | traits))
        return self._builder.add_node(
            Node(
                id=f"step:{span.path}:{span.cell}:{span.line}:{span.column}#task:{task.name}",
                kind=NodeKind.STEP,
                name=task.name,
                at=span,
                component=self._components.of(span.path),
                role=Role.RUN,
                traits=frozenset(traits),
                symbol=unit.id,
                function=self._function(task.home) if unit.kind == "function" else "",
                chain=tuple(self._machine.program.span(place) for place in task.chain),
            )
        )

    def _runs(self, task: Defined) -> None:
        """What a task runs: a function, or the files of its command."""
        unit = task.unit
        if unit >= 0 and self._machine.info(unit).kind == "function":
            self._edge(self._nodes[task], self._function(unit), EdgeKind.CALLS, task.at, Confidence.CERTAIN)
        for run in self._commanded(task):
            self._edge(self._nodes[task], self._module(run.file), EdgeKind.CALLS, run.at, Confidence.LIKELY)

    def _commanded(self, task: Defined) -> Iterator[Run]:
        tasking = task.tasking
        for slots in (tasking.command, (tasking.script,) if tasking.script is not None else ()):
            values = (argument(task.given, slot) for slot in slots)
            text = " ".join(command_line(self._machine, value) for value in values if value is not None)
            if text:
                yield from self._pipelines.commanded(task.at[0], Command(text, task.at[1], task.at[2]))

    def _port(self, port: Port) -> None:
        """What a task declares to take or give, and the edge that says so."""
        id, step = f"artifact:{port.key}", self._nodes[port.task]
        if id not in self._builder:
            store, _, path = port.key.partition(":")
            span = self._machine.program.span(port.at)
            kind = NodeKind.ARTIFACT if port.slot == "out" else NodeKind.SOURCE
            component = self._components.of(span.path)
            self._builder.add_node(Node(id, kind, port.name, span, component, None, Store(store), "{" not in path))
        node = self._builder.node(id)
        self._builder.add_node(replace(node, traits=node.traits | {DECLARED}))
        ends = (id, step) if port.slot == "in" else (step, id)
        self._edge(*ends, EdgeKind.DECLARES, port.at, Confidence.CERTAIN, port.slot)

    def _features(self) -> None:
        """A feature is named by its view: what is asked for of a view comes out of it."""
        for access in self._accesses.found:
            view, _, feature = access.location.path.partition(":")
            one, whole = f"artifact:{access.key}", f"artifact:{Store.VIEW.value}:{view}"
            if access.location.store is Store.VIEW and feature and one in self._builder and whole in self._builder:
                self._edge(whole, one, EdgeKind.DERIVES, access.event.place, Confidence.CERTAIN)

    def _order(self, order: Order) -> None:
        first, then = self._nodes[order.first], self._nodes[order.then]
        if first == then:
            return
        if order.ordered:
            self._edge(first, then, EdgeKind.ORDERS, order.at, Confidence.CERTAIN)
        if order.data:
            self._edge(first, then, EdgeKind.DERIVES, order.at, Confidence.CERTAIN)

    def _edge(
        self, source: str, target: str, kind: EdgeKind, place: Place, confidence: Confidence, slot: str = ""
    ) -> None:
        self._builder.add_edge(Edge(source, target, kind, self._machine.program.span(place), confidence, slot=slot))
