"""Pipelines that code defines: is every step and every order that the definition plainly says in the graph?

    python benchmarks/declared_steps.py PATH...

Reads each Python file with `ast` alone, and only what needs no following: operators with a `task_id`, calls of
decorated functions inside a flow, `a >> b` of plain names, methods with `@step` and their `self.next(self.a)`, nodes
with names of data sets, assets and their parameters. Names of data sets are looked up in the catalogue of the project
(`conf/base`, `conf/local`), where an entry has a path that is written out. What is counted here and not in the graph is
printed.
"""

from __future__ import annotations

import ast
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from mldebt import analysis
from mldebt.graph import EdgeKind, Graph
from mldebt.graph.pipelines import declared_steps

Step = tuple[str, int]  # path, line
Port = tuple[Step, str, str]  # step, in or out, place
_FLOWS = {"dag", "flow", "pipeline", "job", "graph", "task_group"}
_TASKS = {"task", "step", "op", "component"}


class Definition(ast.NodeVisitor):
    """What one file says plainly: lines of steps, pairs of lines of steps in order."""

    def __init__(self, tree: ast.Module) -> None:
        self.steps: set[int] = set()
        self.orders: set[tuple[int, int]] = set()
        self._tasks = {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and _made(one) & _TASKS}
        self._named: dict[str, int] = {}
        self._methods: dict[str, int] = {}
        self._gives: dict[str, int] = {}
        self._takes: list[tuple[str, int]] = []
        self.names: list[tuple[int, str, str]] = []  # line of a node, in or out, name of a data set
        self._inside = 0
        self.visit(tree)
        named = ((self._gives[name], line) for name, line in self._takes if name in self._gives)
        self.orders |= {(one, other) for one, other in named if one != other}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        made = _made(node)
        if made & {"step"} and node.args.args[:1] and node.args.args[0].arg == "self":
            self.steps.add(node.lineno)
            self._methods[node.name] = node.lineno
        if "asset" in made and not _keyword(node, "name"):
            self.steps.add(node.lineno)
            self._gives[node.name] = node.lineno
            self._takes += [(one.arg, node.lineno) for one in node.args.args]
        flow = bool(made & _FLOWS)
        self._inside += flow
        self.generic_visit(node)
        self._inside -= flow

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before, self._methods = self._methods, {}
        self.generic_visit(node)
        for method in (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name in self._methods):
            for name in _nexts(method):
                if name in self._methods:
                    self.orders.add((self._methods[method.name], self._methods[name]))
        self._methods = before

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        if (
            isinstance(node.value, ast.Call)
            and node.value.lineno in self.steps
            and isinstance(node.targets[0], ast.Name)
        ):
            name = node.targets[0].id
            self._named[name] = (
                -1 if self._named.get(name, node.value.lineno) != node.value.lineno else node.value.lineno
            )

    def visit_Call(self, node: ast.Call) -> None:
        called = _last(node.func)
        keywords = {one.arg: one.value for one in node.keywords}
        operator = called.endswith(("Operator", "Sensor")) and isinstance(keywords.get("task_id"), ast.Constant)
        if operator or (called in self._tasks and isinstance(node.func, ast.Name) and self._inside):
            self.steps.add(node.lineno)
        elif called in ("node", "Node") and len(node.args) + len(node.keywords) >= 3:
            self.steps.add(node.lineno)
            given = dict(zip(("func", "inputs", "outputs"), node.args, strict=False)) | keywords
            takes, gives = _names(given.get("inputs")), _names(given.get("outputs"))
            self._takes += [(name, node.lineno) for name in takes]
            self._gives |= dict.fromkeys(gives, node.lineno)
            self.names += [(node.lineno, "in", name) for name in takes]
            self.names += [(node.lineno, "out", name) for name in gives]
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        self.generic_visit(node)
        if isinstance(node.op, ast.RShift):
            left = node.left.right if isinstance(node.left, ast.BinOp) else node.left
            for one in _elements(left):
                for other in _elements(node.right):
                    pair = (self._named.get(one, -1), self._named.get(other, -1))
                    if min(pair) > 0:
                        self.orders.add(pair)


def _made(node: ast.FunctionDef) -> set[str]:
    calls = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    return {part for one in calls for part in ast.unparse(one).split(".")}


def _keyword(node: ast.FunctionDef, name: str) -> bool:
    return any(one.arg == name for call in node.decorator_list if isinstance(call, ast.Call) for one in call.keywords)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _nexts(method: ast.FunctionDef) -> Iterator[str]:
    for one in ast.walk(method):
        if isinstance(one, ast.Call) and ast.unparse(one.func) == "self.next":
            yield from (_last(value) for value in one.args)


def _names(value: ast.expr | None) -> list[str]:
    constants = [one.value for one in ast.walk(value) if isinstance(one, ast.Constant)] if value is not None else []
    return [one for one in constants if isinstance(one, str)]


def _elements(value: ast.expr) -> list[str]:
    parts = value.elts if isinstance(value, (ast.List, ast.Tuple)) else [value]
    return [one.id for one in parts if isinstance(one, ast.Name)]


def catalogues(root: Path) -> dict[str, dict[str, str]]:
    """The paths of data sets by their names, for each folder that holds a `conf`."""
    found: dict[str, dict[str, str]] = {}
    for environment in ("base", "local"):
        for file in sorted((*root.rglob("catalog*.yml"), *root.rglob("catalog*/*.yml"))):
            path = file.relative_to(root).as_posix()
            home, between, _ = path.rpartition(f"conf/{environment}/")
            try:
                entries = yaml.safe_load(file.read_text("utf-8")) if between else None
            except (yaml.YAMLError, UnicodeDecodeError):
                continue
            for name, entry in entries.items() if isinstance(entries, dict) else ():
                place = entry.get("filepath") if isinstance(entry, dict) and "{" not in name else None
                if isinstance(place, str) and "${" not in place:
                    place = place.replace("\\", "/")
                    absolute = place.startswith("/") or "://" in place
                    found.setdefault(home, {})[name] = place if absolute else posixpath.normpath(f"{home}{place}")
                elif name in found.get(home, ()):
                    del found[home][name]
    return found


def _ports(path: str, found: Definition, known: Mapping[str, Mapping[str, str]]) -> Iterator[Port]:
    homes = [home for home in known if path.startswith(home)]
    entries = known[max(homes, key=len)] if homes else {}
    for line, slot, name in found.names:
        if name in entries:
            yield (path, line), slot, entries[name]


def compare(root: Path) -> tuple[int, int, int, int, int, int]:
    """Steps that the definitions say and those of them in the graph; orders and data sets likewise."""
    graph = analysis.read(root, analysis.ScanRequest()).graph
    said_steps, said_orders, said_ports = set[Step](), set[tuple[Step, Step]](), set[Port]()
    known = catalogues(root)
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        try:
            found = Definition(ast.parse(path.read_bytes()))
        except (SyntaxError, ValueError):
            continue
        said_steps |= {(name, line) for line in found.steps}
        said_orders |= {((name, one), (name, other)) for one, other in found.orders}
        said_ports |= set(_ports(name, found, known))
    steps, orders, ports = _in_graph(graph)
    for step in sorted(said_steps - steps):
        print(f"  step missing: {root.name}/{step[0]}:{step[1]}")
    for one, other in sorted(said_orders - orders):
        print(f"  order missing: {root.name}/{one[0]}:{one[1]} -> {other[1]}")
    lost = {port for port in said_ports if (port[0], port[1], _plain(port[2])) not in ports}
    for step, slot, place in sorted(lost):
        print(f"  data set missing: {root.name}/{step[0]}:{step[1]} {slot} {place}")
    counts = (len(said_steps), len(said_steps & steps), len(said_orders), len(said_orders & orders))
    return *counts, len(said_ports), len(said_ports) - len(lost)


def _in_graph(graph: Graph) -> tuple[set[Step], set[tuple[Step, Step]], set[Port]]:
    at = {node.id: (node.at.path, node.at.line) for node in declared_steps(graph)}
    edges = graph.edges(EdgeKind.ORDERS)
    orders = {(at[e.source], at[e.target]) for e in edges if e.source in at and e.target in at}
    ports = set[Port]()
    for edge in graph.edges(EdgeKind.DECLARES):
        step, other = (edge.target, edge.source) if edge.slot == "in" else (edge.source, edge.target)
        if step in at:
            ports.add((at[step], edge.slot, _plain(other.partition(":")[2].partition(":")[2])))
    return set(at.values()), orders, ports


def _plain(place: str) -> str:
    """A place without its anchor, names in braces as they come out."""
    return re.sub(r"\{+[^{}]*\}+", "{}", place.removeprefix("absolute:"))


def main() -> None:
    """Prints what is missing, and the counts for each repository."""
    for root in map(Path, sys.argv[1:]):
        said, found, ordered, known, named, placed = compare(root.resolve())
        print(f"{root}: {found}/{said} steps, {known}/{ordered} orders, {placed}/{named} data sets")


if __name__ == "__main__":
    main()
