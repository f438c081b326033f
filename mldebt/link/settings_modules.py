"""Modules of the repository that stand behind a name of a library: those that a variable of the environment names.

`conf.settings.NAME` is what a module holds whose dotted name stands in a variable: set by code before the program
starts (`environ.setdefault("SETTINGS_MODULE", "shop.settings")`), or by a file that sets variables."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts import Call, Const, SetItem, Step
from mldebt.link.machine import Machine
from mldebt.link.values import Lib, Module, Value
from mldebt.link.variables import variables

MOST_MODULES = 4


def held_by_module(machine: Machine, base: Lib, name: str, from_unit: int) -> Value | None:
    """`base.name` where modules of the repository stand behind `base`; None where none does, or has such a name."""
    row = next((row for row in machine.catalogue.calls.get(base.name, ()) if row.module), None)
    if row is None:
        return None
    if row.module not in machine.noted.modules:
        machine.noted.modules[row.module] = tuple(dict.fromkeys(_modules(machine, row.module)))[:MOST_MODULES]
    held = (machine.module_value(module, name, from_unit) for module in machine.noted.modules[row.module])
    values = [value for value in held if value is not None]
    return machine.pool.alt(*values) if values else None


def _modules(machine: Machine, variable: str) -> Iterator[Module]:
    for file, said in (*_of_files(machine, variable), *_of_code(machine, variable)):
        found = machine.imports.resolve(file, said, 0) if said.replace(".", "").isidentifier() else None
        if isinstance(found, Module) and found.file >= 0:
            yield found


def _of_files(machine: Machine, variable: str) -> Iterator[tuple[int, str]]:
    for one in variables(machine.program):
        if one.name == variable and one.value:
            yield one.at[0], one.value


def _of_code(machine: Machine, variable: str) -> Iterator[tuple[int, str]]:
    """What code puts under the variable: as the second of two arguments, or as an item."""
    written = variable.encode()
    for number, unit in enumerate(machine.program.units):
        if written in unit.body and not machine.is_test(number):
            body = machine.program.body(number)
            for step in body:
                if (said := _given(body, step, variable)) is not None:
                    yield machine.program.file_of[number], said


def _given(body: tuple[Step, ...], step: Step, variable: str) -> str | None:
    pair: tuple[int, ...] = ()
    if isinstance(step, Call):
        pair = tuple(argument.value for argument in step.arguments[:2])
    elif isinstance(step, SetItem):
        pair = (step.key, step.value)
    said = [one.value for index in pair if isinstance(one := body[index], Const)]
    return said[1] if len(said) == 2 and said[0] == variable and isinstance(said[1], str) else None
