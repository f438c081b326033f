"""Functions, classes and lambdas: each opens a unit of its own."""

from __future__ import annotations

import libcst as cst

from mldebt.extract.units import UnitBuilder
from mldebt.facts import NONE, Argument, Define, Param, Parameter, Return


def define_function(outer: UnitBuilder, node: cst.FunctionDef) -> None:
    """`def`: decorators, defaults and annotations are values of the unit around it."""
    start, end = outer.at(node)
    decorators = tuple(outer.value(decorator.decorator) for decorator in node.decorators)
    parameters = _parameters(node.params)
    defaults = tuple(NONE if param.default is None else outer.value(param.default) for param, _ in parameters)
    annotations = _annotations(outer, parameters, node.returns)
    unit = UnitBuilder(outer.reader, "function", node.name.value, outer)
    keyword = outer.reader.keywords.get(node, start - outer.reader.base) + outer.reader.base
    if node.asynchronous is not None:
        unit.flags.add("async")
    if decorators:
        unit.flags.add("decorated")
    _enter(unit, parameters)
    unit.execute(node.body)
    unit.finish(keyword, end)
    value = outer.add(Define(keyword, end, unit.index, decorators, defaults, annotations))
    outer.bind(node.name.value, value, keyword, end)


def define_class(outer: UnitBuilder, node: cst.ClassDef) -> None:
    """`class`: its body is a unit whose exports are the attributes."""
    start, end = outer.at(node)
    decorators = tuple(outer.value(decorator.decorator) for decorator in node.decorators)
    bases = tuple(
        Argument(arg.star or (arg.keyword.value if arg.keyword else ""), outer.value(arg.value))
        for arg in (*node.bases, *node.keywords)
    )
    unit = UnitBuilder(outer.reader, "class", node.name.value, outer)
    keyword = outer.reader.keywords.get(node, start - outer.reader.base) + outer.reader.base
    if decorators:
        unit.flags.add("decorated")
    unit.execute(node.body)
    unit.finish(keyword, end)
    value = outer.add(Define(keyword, end, unit.index, decorators, bases=bases))
    outer.bind(node.name.value, value, keyword, end)


def define_lambda(outer: UnitBuilder, node: cst.Lambda) -> int:
    """`lambda`: a unit that returns one expression."""
    start, end = outer.at(node)
    parameters = _parameters(node.params)
    defaults = tuple(NONE if param.default is None else outer.value(param.default) for param, _ in parameters)
    unit = UnitBuilder(outer.reader, "lambda", "<lambda>", outer)
    _enter(unit, parameters)
    unit.add(Return(*unit.at(node.body), unit.value(node.body)))
    unit.finish(start, end)
    return outer.add(Define(start, end, unit.index, defaults=defaults))


def _parameters(params: cst.Parameters) -> list[tuple[cst.Param, str]]:
    found = [(param, "/") for param in params.posonly_params]
    found += [(param, "") for param in params.params]
    if isinstance(params.star_arg, cst.Param):
        found.append((params.star_arg, "*"))
    found += [(param, "k") for param in params.kwonly_params]
    if params.star_kwarg is not None:
        found.append((params.star_kwarg, "**"))
    return found


def _annotations(
    outer: UnitBuilder, parameters: list[tuple[cst.Param, str]], returns: cst.Annotation | None
) -> tuple[int, ...]:
    notes = [param.annotation for param, _ in parameters] + [returns]
    if not any(notes):
        return ()
    return tuple(NONE if note is None else outer.value(note.annotation) for note in notes)


def _enter(unit: UnitBuilder, parameters: list[tuple[cst.Param, str]]) -> None:
    for index, (param, kind) in enumerate(parameters):
        start, end = unit.at(param)
        name = param.name.value
        unit.parameters.append(Parameter(name, kind, start, end))
        unit.bound[name] = unit.add(Param(start, end, name, index))
        unit.names[unit.bound[name]] = name
