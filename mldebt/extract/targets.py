"""Assignment targets: names, attributes, items, and unpacking."""

from __future__ import annotations

import libcst as cst

from mldebt.extract.literals import is_secret_name
from mldebt.extract.units import UnitBuilder
from mldebt.facts import NONE, Collection, Const, Delete, Element, SetAttribute, SetItem, Slice


def assign(unit: UnitBuilder, target: cst.CSTNode, value: int, *, element: bool = False) -> None:
    """Stores `value`, or an element of iterating it, in a target."""
    if element:
        value = unit.add(Element(*unit.at(target), value, NONE))
    if isinstance(target, cst.Name):
        unit.bind(target.value, _masked(unit, target.value, value), *unit.at(target))
    elif isinstance(target, cst.Attribute):
        base = unit.value(target.value)
        unit.add(SetAttribute(*unit.at(target), base, target.attr.value, value))
    elif isinstance(target, cst.Subscript):
        base = unit.value(target.value)
        key = subscript_key(unit, target)
        unit.add(SetItem(*unit.at(target), base, key, value))
    elif isinstance(target, (cst.Tuple, cst.List)):
        _unpack(unit, target, value)
    elif isinstance(target, cst.StarredElement):
        assign(unit, target.value, value)


def _unpack(unit: UnitBuilder, target: cst.Tuple | cst.List, value: int) -> None:
    count = len(target.elements)
    packed = unit.steps[value]
    direct = isinstance(packed, Collection) and packed.kind in ("tuple", "list") and not packed.keys
    stars = [isinstance(element, cst.StarredElement) for element in target.elements]
    first_star = stars.index(True) if any(stars) else count
    for index, element in enumerate(target.elements):
        if direct and not any(stars) and isinstance(packed, Collection) and len(packed.items) == count:
            part = packed.items[index]
        else:
            place = index if index <= first_star else index - count
            part = unit.add(Element(*unit.at(element.value), value, place, count, stars[index]))
        assign(unit, element.value, part)


def _masked(unit: UnitBuilder, name: str, value: int) -> int:
    step = unit.steps[value]
    if isinstance(step, Const) and isinstance(step.value, str) and step.value and is_secret_name(name):
        unit.fill(value, Const(step.start, step.end, "***", "secret"))
    return value


def delete(unit: UnitBuilder, target: cst.CSTNode) -> None:
    """`del target`; a deleted local name is unbound from here on."""
    if isinstance(target, cst.Name):
        unit.bound[target.value] = NONE
    elif isinstance(target, cst.Attribute):
        unit.add(Delete(*unit.at(target), unit.value(target.value), NONE, target.attr.value))
    elif isinstance(target, cst.Subscript):
        base = unit.value(target.value)
        unit.add(Delete(*unit.at(target), base, subscript_key(unit, target), ""))
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            delete(unit, element.value)


def subscript_key(unit: UnitBuilder, node: cst.Subscript) -> int:
    """The value between the brackets; several are a tuple."""
    keys = [_index(unit, element.slice) for element in node.slice]
    if len(keys) == 1:
        return keys[0]
    return unit.add(Collection(*unit.at(node), "tuple", tuple(keys)))


def _index(unit: UnitBuilder, node: cst.BaseSlice) -> int:
    if isinstance(node, cst.Index):
        return unit.value(node.value)
    assert isinstance(node, cst.Slice)
    bounds = [NONE if part is None else unit.value(part) for part in (node.lower, node.upper, node.step)]
    return unit.add(Slice(0, 0, *bounds))
