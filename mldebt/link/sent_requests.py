"""Functions that answer requests though nothing here says so: a cloud calls them, as somebody set up by hand."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt import facts
from mldebt.link.machine import Machine

_REQUESTS = "request."
"""How the kinds begin of what somebody sends."""


def sent_requests(machine: Machine) -> Iterator[int]:
    """Functions of files, but no notebooks, that nothing names, and that ask the one thing they are given for what only
    requests have."""
    names, program = _of_requests(machine), machine.program
    for unit, info in enumerate(program.units):
        at_top = info.kind == "function" and machine.info(program.parent(unit)).kind == "module"
        alone = at_top and len(info.parameters) == 1 and not machine.references.get(unit)
        in_code = alone and not program.facts[program.file_of[unit]].cells
        if in_code and not names.isdisjoint(_asked(program.body(unit))):
            yield unit


def _of_requests(machine: Machine) -> frozenset[str]:
    """The names of methods that only requests have, and nothing that is written here."""
    names: dict[bool, set[str]] = {True: set(), False: set()}
    for kind, name in machine.catalogue.methods:
        names[kind.startswith(_REQUESTS)].add(name)
    return frozenset(names[True] - names[False] - machine.program.method_names)


def _asked(steps: tuple[facts.Step, ...]) -> Iterator[str]:
    """The names of methods of its parameter that a function calls."""
    given = {at for at, step in enumerate(steps) if isinstance(step, facts.Param) and step.index == 0}
    for step in steps:
        callee = steps[step.callee] if isinstance(step, facts.Call) else step
        if isinstance(step, facts.Call) and isinstance(callee, facts.Attribute) and callee.base in given:
            yield callee.name
