"""What code finds without saying its name: modules of a folder that is walked, and subclasses of a class that is asked
for them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from mldebt.link import texts
from mldebt.link.machine import Machine
from mldebt.link.values import Alt, Code, Module, Param, Sequence, Text, Value


def walked(machine: Machine) -> frozenset[int]:
    """The modules under the folders that a file lists and imports from by names it does not say."""
    noted, found = machine.noted, set()
    for file in noted.finding & noted.listed.keys():
        if not machine.program.is_test[machine.program.module_unit(file)]:
            for listed in noted.listed[file]:
                for folder in _folders(machine, file, listed):
                    found.update(machine.imports.under(folder))
    return frozenset(found)


def searched(machine: Machine) -> frozenset[int]:
    """The files whose definitions may be looked up by name at run time, with those that they hold whole: as a module,
    or all of its names. What such a file takes by name is named there."""
    noted = machine.noted
    starred = {one.file for taken in machine.stars.values() for one in taken if isinstance(one, Module)}
    whole = [(file, noted.imported.get(file, set())) for file in sorted(noted.held | starred)]
    found = set(noted.searched)
    while more := {file for file, by in whole if file not in found and by & found}:
        found |= more
    return frozenset(found)


def _folders(machine: Machine, file: int, value: Value) -> Iterator[str]:
    """The folders that a value names; that of the file, where nobody knows, unless it is the top."""
    if isinstance(value, Sequence) and value.items:
        for item in value.items:
            yield from _folders(machine, file, item)
        return
    own = machine.imports.folder(file)
    told = _said(value) if isinstance(value, Text) else ""
    if told.startswith(texts.HERE):
        yield posixpath.normpath(told.removeprefix(texts.HERE).lstrip("/") or ".")
    elif told and not told.startswith("/"):
        yield from (posixpath.normpath(posixpath.join(base, told)) for base in (own, ""))
    elif own:
        yield own


def _said(text: Text) -> str:
    """The folder at the beginning of a text, up to what is not known or stands for any name."""
    first = text.parts[0] if text.parts and isinstance(text.parts[0], str) else ""
    whole, star, _ = first.partition("*")
    return whole.rpartition("/")[0] if star or len(text.parts) > 1 else whole


def found_by_base(machine: Machine, subclasses: Mapping[int, Iterable[int]]) -> frozenset[int]:
    """The classes below one that is asked for its subclasses."""
    asked = (unit for value in machine.noted.families for unit in _classes(machine, value))
    todo = [below for unit in asked for below in subclasses.get(unit, ())]
    found: set[int] = set()
    while todo:
        unit = todo.pop()
        if unit not in found:
            found.add(unit)
            todo += subclasses.get(unit, ())
    return frozenset(found)


def _classes(machine: Machine, value: Value) -> Iterator[int]:
    if isinstance(value, Code):
        yield value.unit
        return
    if isinstance(value, Alt):
        for part in value.values:
            yield from _classes(machine, part)
        return
    owner = machine.program.parent(value.unit) if isinstance(value, Param) and value.index == 0 else -1
    if owner >= 0 and machine.info(owner).kind == "class":
        yield owner
    else:  # any class that is handed on
        yield from (unit for unit in machine.noted.passed if machine.info(unit).kind == "class")
