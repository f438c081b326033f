"""Functions of code as nodes: who calls whom when a program is entered, and which routes they answer."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt.graph import Edge, EdgeKind, GraphBuilder, Node, NodeKind
from mldebt.link.components import Components
from mldebt.link.entries import reached_calls, with_callers
from mldebt.link.handlers import Route
from mldebt.link.machine import Machine
from mldebt.roles import Confidence


class FunctionNodes:
    """The nodes of the functions of one graph."""

    def __init__(self, machine: Machine, builder: GraphBuilder, components: Components) -> None:
        self._machine, self._builder, self._components = machine, builder, components
        self._ids: dict[int, str] = {}

    def id(self, unit: int) -> str:
        """The id of the function that a unit is, or lies in; empty at the top of a module."""
        known = self._ids.get(unit)
        if known is not None:
            return known
        program, info = self._machine.program, self._machine.info(unit)
        inner = unit
        while info.kind in ("lambda", "class"):
            inner = program.parent(inner)
            info = self._machine.info(inner)
        path = program.path_of(inner)
        self._ids[unit] = f"function:{path}:{info.id}" if info.kind == "function" else ""
        return self._ids[unit]

    def node(self, unit: int) -> str:
        """The node of the function that a unit is, or lies in."""
        id = self.id(unit)
        if id in self._builder:
            return id
        machine = self._machine
        while machine.info(unit).kind != "function":
            unit = machine.program.parent(unit)
        endpoint = any(made.what == "endpoint" for made in machine.made.get(unit, ()))
        span, name = machine.program.unit_span(unit), machine.info(unit).id
        kind = NodeKind.ENDPOINT if endpoint else NodeKind.FUNCTION
        return self._builder.add_node(Node(id, kind, name, span, self._components.of(span.path), symbol=name))

    def calls(self, doing: set[int]) -> None:
        """Who answers requests with what: calls from where a program is entered, down to functions that take part."""
        for caller, callee, place in reached_calls(self._machine, with_callers(self._machine, doing)):
            if self.id(caller) and self.id(callee):
                first, second = self.node(caller), self.node(callee)
                if first != second:
                    at = self._machine.program.span(place)
                    self._builder.add_edge(Edge(first, second, EdgeKind.CALLS, at))

    def answers(self, routes: Iterable[Route]) -> None:
        """The routes of the infrastructure, with the functions that answer them."""
        for route in routes:
            at = self._machine.program.span(route.at)
            id, of = f"endpoint:{at.path}:{at.line}", self._components.of(at.path)
            self._builder.add_node(Node(id, NodeKind.ENDPOINT, route.path, at, of))
            self._builder.add_edge(Edge(id, self.node(route.unit), EdgeKind.CALLS, at, Confidence.LIKELY))
