"""Which names a block assigns: what a loop head needs to know before its body is read."""

from __future__ import annotations

import libcst as cst


def assigned_names(node: cst.CSTNode) -> set[str]:
    """The local names that statements of a block bind, nested blocks included, inner units not."""
    names: set[str] = set()
    todo: list[cst.CSTNode] = [node]
    while todo:
        _visit(todo.pop(), names, todo)
    return names


def _visit(node: cst.CSTNode, names: set[str], todo: list[cst.CSTNode]) -> None:
    if isinstance(node, (cst.IndentedBlock, cst.SimpleStatementSuite, cst.SimpleStatementLine)):
        todo.extend(node.body)
    elif isinstance(node, cst.Assign):
        for target in node.targets:
            _targets(target.target, names)
    elif isinstance(node, (cst.AugAssign, cst.AnnAssign)):
        _targets(node.target, names)
    elif isinstance(node, cst.For):
        _targets(node.target, names)
        _parts(todo, node.body, node.orelse)
    elif isinstance(node, (cst.If, cst.While)):
        _parts(todo, node.body, node.orelse)
    elif isinstance(node, cst.Else):
        todo.append(node.body)
    elif isinstance(node, cst.With):
        for item in node.items:
            if item.asname is not None:
                _targets(item.asname.name, names)
        todo.append(node.body)
    elif isinstance(node, (cst.Try, cst.TryStar)):
        _parts(todo, node.body, node.orelse, *(handler.body for handler in node.handlers))
        if node.finalbody is not None:
            todo.append(node.finalbody.body)
    elif isinstance(node, cst.Match):
        todo.extend(case.body for case in node.cases)
    elif isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        names.add(node.name.value)


def _parts(todo: list[cst.CSTNode], *nodes: cst.CSTNode | None) -> None:
    todo.extend(node for node in nodes if node is not None)


def _targets(target: cst.CSTNode, names: set[str]) -> None:
    if isinstance(target, cst.Name):
        names.add(target.value)
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            _targets(element.value, names)
    elif isinstance(target, cst.StarredElement):
        _targets(target.value, names)
