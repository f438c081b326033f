"""`match` statements, as a chain of branches whose patterns bind parts of the subject."""

from __future__ import annotations

import libcst as cst

from mldebt.extract.units import Bindings, UnitBuilder
from mldebt.facts import NONE, Branch, Compare, Const, Element


def match_statement(unit: UnitBuilder, node: cst.Match) -> None:
    """Each case is a branch; the condition compares the subject with the pattern's literal."""
    subject = unit.value(node.subject)
    outer_dead, ends = unit.dead, []
    for case in node.cases:
        before = dict(unit.bound)
        ends += _case(unit, case, subject)
        unit.bound, unit.dead = before, False
    if not any(isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None for case in node.cases):
        ends.append(unit.bound)
    start, end = unit.at(node)
    unit.dead = outer_dead or not ends
    unit.bound = unit.join(ends, start, end)


def _case(unit: UnitBuilder, case: cst.MatchCase, subject: int) -> list[Bindings]:
    start, end = unit.at(case)
    literal = _literal(unit, case.pattern)
    if literal == NONE:
        literal = unit.add(Const(start, start, None, "ellipsis"))
    condition = unit.add(Compare(start, end, "match", subject, literal))
    place = unit.reserve()
    for name in _captures(case.pattern):
        unit.bind(name, unit.add(Element(start, start, subject, NONE)), start, end)
    if case.guard is not None:
        unit.value(case.guard)
    unit.dead = False
    unit.execute(case.body)
    unit.fill(place, Branch(start, end, condition, len(unit.steps), len(unit.steps)))
    return [] if unit.dead else [unit.bound]


def _literal(unit: UnitBuilder, pattern: cst.MatchPattern) -> int:
    if isinstance(pattern, cst.MatchValue):
        return unit.value(pattern.value)
    return NONE


def _captures(pattern: cst.CSTNode) -> list[str]:
    names, todo = [], [pattern]
    while todo:
        node = todo.pop()
        name = getattr(node, "name", None) or (node.rest if isinstance(node, cst.MatchMapping) else None)
        if isinstance(name, cst.Name):
            names.append(name.value)
        todo.extend(child for child in node.children if not isinstance(child, cst.BaseExpression))
    return sorted(set(names))
