"""Statements to steps: one small function for each kind of node, by type."""

from __future__ import annotations

from typing import Any

import libcst as cst

from mldebt.extract.assigned import assigned_names
from mldebt.extract.definitions import define_class, define_function
from mldebt.extract.expressions import operator_text
from mldebt.extract.matching import match_statement
from mldebt.extract.targets import assign, delete, subscript_key
from mldebt.extract.units import Bindings, Execute, UnitBuilder
from mldebt.facts import (
    NONE,
    Annotate,
    Assert,
    Attribute,
    Binary,
    Branch,
    Enter,
    Handler,
    Import,
    Item,
    Loop,
    Phi,
    Raise,
    Return,
    SetAttribute,
    SetItem,
    Show,
    StarImport,
    Stop,
    Try,
)


def _block(unit: UnitBuilder, node: cst.IndentedBlock | cst.SimpleStatementSuite) -> None:
    for statement in node.body:
        unit.execute(statement)


def _line(unit: UnitBuilder, node: cst.SimpleStatementLine) -> None:
    for statement in node.body:
        unit.execute(statement)


def _expression(unit: UnitBuilder, node: cst.Expr) -> None:
    value = unit.value(node.value)
    unit.add(Show(*unit.at(node), value))


def _assign(unit: UnitBuilder, node: cst.Assign) -> None:
    value = unit.value(node.value)
    for target in node.targets:
        assign(unit, target.target, value)
    _declare_all(unit, node.targets[0].target, node.value)


def _declare_all(unit: UnitBuilder, target: cst.BaseExpression, node: cst.BaseExpression) -> None:
    """What a module says it exports, if that is what is assigned."""
    if unit.kind != "module" or not isinstance(target, cst.Name) or target.value != "__all__":
        return
    unit.reader.flags.add("all-declared")
    for element in getattr(node, "elements", ()):
        if isinstance(element.value, cst.SimpleString):
            unit.reader.all_names.append(str(element.value.raw_value))


def _annotated(unit: UnitBuilder, node: cst.AnnAssign) -> None:
    annotation = unit.value(node.annotation.annotation)
    value = NONE if node.value is None else unit.value(node.value)
    name = node.target.value if isinstance(node.target, cst.Name) else ""
    noted = unit.add(Annotate(*unit.at(node), name, annotation, value))
    if node.value is not None:
        _declare_all(unit, node.target, node.value)
    if node.value is not None or unit.kind == "class":
        assign(unit, node.target, noted)


def _augmented(unit: UnitBuilder, node: cst.AugAssign) -> None:
    target, place = node.target, unit.at(node)
    sign = operator_text(node.operator)
    if isinstance(target, cst.Attribute):
        base = unit.value(target.value)
        old = unit.add(Attribute(*unit.at(target), base, target.attr.value))
        new = unit.add(Binary(*place, sign, old, unit.value(node.value)))
        unit.add(SetAttribute(*place, base, target.attr.value, new))
    elif isinstance(target, cst.Subscript):
        base = unit.value(target.value)
        key = subscript_key(unit, target)
        old = unit.add(Item(*unit.at(target), base, key))
        new = unit.add(Binary(*place, sign, old, unit.value(node.value)))
        unit.add(SetItem(*place, base, key, new))
    else:
        old = unit.value(target)
        assign(unit, target, unit.add(Binary(*place, sign, old, unit.value(node.value))))


def _return(unit: UnitBuilder, node: cst.Return) -> None:
    value = NONE if node.value is None else unit.value(node.value)
    unit.add(Return(*unit.at(node), value))
    unit.dead = True


def _raise(unit: UnitBuilder, node: cst.Raise) -> None:
    value = NONE if node.exc is None else unit.value(node.exc)
    if node.cause is not None:
        unit.value(node.cause.item)
    unit.add(Raise(*unit.at(node), value))
    unit.dead = True


def _assert(unit: UnitBuilder, node: cst.Assert) -> None:
    condition = unit.value(node.test)
    if node.msg is not None:
        unit.value(node.msg)
    unit.add(Assert(*unit.at(node), condition))


def _delete(unit: UnitBuilder, node: cst.Del) -> None:
    delete(unit, node.target)


def _stop(word: str) -> Any:
    def stop(unit: UnitBuilder, node: cst.Break | cst.Continue | cst.Pass) -> None:
        unit.add(Stop(*unit.at(node), word))
        if word == "break" and unit.breaks:
            unit.breaks[-1].append(dict(unit.bound))
        unit.dead = unit.dead or word != "pass"

    return stop


def _global(unit: UnitBuilder, node: cst.Global | cst.Nonlocal) -> None:
    unit.global_names.update(item.name.value for item in node.names)


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return ""


def _import(unit: UnitBuilder, node: cst.Import) -> None:
    for alias in node.names:
        start, end = unit.at(alias)
        module = _dotted(alias.name)
        if alias.asname is not None:
            bound = _dotted(alias.asname.name)
            unit.bind(bound, unit.add(Import(start, end, module, "", 0, bound)), start, end)
        else:
            bound = module.partition(".")[0]
            unit.bind(bound, unit.add(Import(start, end, module, "", 0, bound)), start, end)


def _import_from(unit: UnitBuilder, node: cst.ImportFrom) -> None:
    module, level = _dotted(node.module), len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        unit.add(StarImport(*unit.at(node), module, level))
        return
    for alias in node.names:
        start, end = unit.at(alias)
        name = _dotted(alias.name)
        bound = name if alias.asname is None else _dotted(alias.asname.name)
        unit.bind(bound, unit.add(Import(start, end, module, name, level, bound)), start, end)


def _if(unit: UnitBuilder, node: cst.If) -> None:
    if unit.kind == "module" and _is_main_guard(node.test):
        unit.reader.flags.add("main-guard")
    condition = unit.value(node.test)
    start, end = unit.at(node)
    head, before, outer = unit.reserve(), dict(unit.bound), unit.dead
    unit.dead = False
    unit.execute(node.body)
    then, then_dead, then_end = unit.bound, unit.dead, len(unit.steps)
    unit.bound, unit.dead = before, False
    if node.orelse is not None:
        unit.execute(node.orelse)
    otherwise_dead = unit.dead
    unit.fill(head, Branch(start, end, condition, then_end, len(unit.steps)))
    live = [b for b, dead in ((then, then_dead), (unit.bound, otherwise_dead)) if not dead]
    unit.bound = unit.join(live, start, end)
    unit.dead = outer or (then_dead and otherwise_dead)


def _is_main_guard(test: cst.BaseExpression) -> bool:
    """Whether it is `__name__ == "__main__"`: what follows happens when the file is run."""
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    if not isinstance(test.comparisons[0].operator, cst.Equal):
        return False
    sides = (test.left, test.comparisons[0].comparator)
    named = any(isinstance(side, cst.Name) and side.value == "__name__" for side in sides)
    return named and any(isinstance(side, cst.SimpleString) and side.raw_value == "__main__" for side in sides)


def _else(unit: UnitBuilder, node: cst.Else | cst.Finally) -> None:
    unit.execute(node.body)


def _for(unit: UnitBuilder, node: cst.For) -> None:
    iterable = unit.value(node.iter)
    _loop(unit, node, "for", iterable)


def _while(unit: UnitBuilder, node: cst.While) -> None:
    _loop(unit, node, "while", NONE)


def _loop(unit: UnitBuilder, node: cst.For | cst.While, kind: str, iterable: int) -> None:
    start, end = unit.at(node)
    outer_dead = unit.dead
    heads = _loop_heads(unit, node, start, end)
    place = unit.reserve()
    unit.breaks.append([])
    if isinstance(node, cst.For):
        assign(unit, node.target, iterable, element=True)
    else:
        iterable = unit.value(node.test)
    unit.execute(node.body)
    _close_heads(unit, heads, start, end)
    unit.fill(place, Loop(start, end, kind, iterable, len(unit.steps)))
    after = {name: value for name, value in unit.bound.items() if name not in heads}
    after |= {name: head for name, (head, _) in heads.items()}
    breaks = unit.breaks.pop()
    unit.bound, unit.dead = after, outer_dead
    if node.orelse is not None:
        unit.execute(node.orelse)  # where no break left the loop
    ended = [] if unit.dead and breaks else [unit.bound]
    unit.bound = unit.join([*ended, *breaks], start, end)
    unit.dead = outer_dead or (unit.dead and not breaks)


def _loop_heads(unit: UnitBuilder, node: cst.For | cst.While, start: int, end: int) -> dict[str, tuple[int, int]]:
    """A phi for each name that the body assigns: its value before, and (filled in later) behind."""
    heads = {}
    for name in sorted(assigned_names(node.body)):
        before = unit.bound.get(name, NONE)
        if name not in unit.global_names:
            heads[name] = (unit.reserve(), before)
            unit.fill(heads[name][0], Phi(start, end, name, (before,)))
            if before != NONE:
                unit.bound[name] = heads[name][0]
    return heads


def _close_heads(unit: UnitBuilder, heads: dict[str, tuple[int, int]], start: int, end: int) -> None:
    for name, (head, before) in heads.items():
        behind = unit.bound.get(name, NONE)
        operands = tuple(dict.fromkeys(value for value in (before, behind) if value != head))
        unit.fill(head, Phi(start, end, name, operands or (NONE,)))


def _with(unit: UnitBuilder, node: cst.With) -> None:
    heads = []
    for item in node.items:
        manager = unit.value(item.item)
        heads.append((unit.reserve(), manager, unit.at(item.item)))
        unit.fill(heads[-1][0], Enter(*heads[-1][2], manager, NONE))
        if item.asname is not None:
            assign(unit, item.asname.name, heads[-1][0])
    unit.execute(node.body)
    for head, manager, place in heads:
        unit.fill(head, Enter(*place, manager, len(unit.steps)))


def _try(unit: UnitBuilder, node: cst.Try | cst.TryStar) -> None:
    start, end = unit.at(node)
    place, before, outer_dead = unit.reserve(), dict(unit.bound), unit.dead
    unit.dead = False
    unit.execute(node.body)
    body_end, tried = len(unit.steps), unit.bound
    body_dead = unit.dead
    ends: list[Bindings] = []
    for handler in node.handlers:
        unit.bound, unit.dead = unit.join([dict(before), dict(tried)], start, end), False
        _handler(unit, handler)
        if not unit.dead:
            ends.append(unit.bound)
    unit.bound, unit.dead = dict(tried), body_dead
    if node.orelse is not None:
        unit.execute(node.orelse)
    if not unit.dead:
        ends.insert(0, unit.bound)
    unit.fill(place, Try(start, end, body_end, len(unit.steps)))
    unit.bound = unit.join(ends, start, end)
    unit.dead = outer_dead or not ends
    if node.finalbody is not None:
        unit.execute(node.finalbody)


def _handler(unit: UnitBuilder, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
    start, end = unit.at(node)
    caught = NONE if node.type is None else unit.value(node.type)
    place = unit.reserve()
    unit.fill(place, Handler(start, end, caught, NONE))
    if node.name is not None and isinstance(node.name.name, cst.Name):
        unit.bind(node.name.name.value, place, start, end)
    unit.execute(node.body)
    unit.fill(place, Handler(start, end, caught, len(unit.steps)))


def _type_alias(unit: UnitBuilder, node: cst.TypeAlias) -> None:
    assign(unit, node.name, unit.value(node.value))


STATEMENTS: dict[type, Execute] = {
    cst.IndentedBlock: _block,
    cst.SimpleStatementSuite: _block,
    cst.SimpleStatementLine: _line,
    cst.Expr: _expression,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated,
    cst.AugAssign: _augmented,
    cst.Return: _return,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Del: _delete,
    cst.Pass: _stop("pass"),
    cst.Break: _stop("break"),
    cst.Continue: _stop("continue"),
    cst.Global: _global,
    cst.Nonlocal: _global,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.If: _if,
    cst.Else: _else,
    cst.Finally: _else,
    cst.For: _for,
    cst.While: _while,
    cst.With: _with,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.Match: match_statement,
    cst.FunctionDef: define_function,
    cst.ClassDef: define_class,
    cst.TypeAlias: _type_alias,
}
