"""Definitions that something calls or finds without naming them: hooks of Python, of libraries and of base classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache

from mldebt.facts import Import
from mldebt.link.access import class_attribute
from mldebt.link.kinds import library_bases
from mldebt.link.machine import Machine
from mldebt.link.unnamed import found_by_base
from mldebt.link.values import Code, Lib


class Hooks:
    """What of one linking is called by its name, or found by its base. `models` are files that make a table of a
    warehouse, `described` the packages whose classes are known."""

    def __init__(self, machine: Machine, models: Collection[str], described: frozenset[str]) -> None:
        self._machine, self._models, self._described = machine, models, described
        self.subclasses = _subclasses(machine)
        self.found_by_base = found_by_base(machine, self.subclasses)
        self._class_hooks = lru_cache(maxsize=None)(self._hooks_of_class)
        self._module_hooks = lru_cache(maxsize=None)(self._hooks_of_module)

    def is_registered(self, unit: int) -> bool:
        """Whether a class derives from one that keeps a list of its subclasses, or may: one of a library
        nobody here describes; or from one that code asks for them."""
        if self._machine.info(unit).kind != "class":
            return False
        if unit in self.found_by_base:
            return True
        bases = library_bases(self._machine, unit)
        if self._machine.catalogue.registers(bases):
            return True
        return not {name.partition(".")[0] for name in bases} <= self._described or any(
            not isinstance(base, (Code, Lib)) for base in self._machine.bases.get(unit, ())
        )

    def as_handler(self, unit: int) -> tuple[str, ...]:
        """A function that is named as a handler outside of code."""
        return ("handler",) if unit in self._machine.handlers else ()

    def as_command(self, unit: int) -> tuple[str, ...]:
        """A class whose file a framework imports is run like a command."""
        found = self._machine.info(unit).kind == "class" and self._machine.catalogue.imports(
            library_bases(self._machine, unit)
        )
        return ("command",) if found else ()

    def overrides(self, owner: int, name: str) -> bool:
        for base in self._machine.bases.get(owner, ()):
            if not isinstance(base, Code):
                if name in self._class_hooks(owner):
                    return True
            elif class_attribute(self._machine, base.unit, name, base.unit) is not None:
                return True
        return False

    def is_hooked(self, unit: int) -> bool:
        """Python, a library or a project calls it by its name."""
        machine, info = self._machine, self._machine.info(unit)
        path = machine.program.path_of(unit)
        if info.id == "model" and path in self._models:
            return True
        if info.name.startswith("__") and info.name.endswith("__"):
            return True
        owner = machine.program.parent(unit)
        if machine.info(owner).kind == "module":
            return info.name in self._module_hooks(owner)
        if machine.info(owner).kind != "class":
            return False
        if info.kind == "class":  # `Config`, `Meta`: the base class looks for it
            return bool(library_bases(machine, owner)) or _has_unknown_base(machine, owner)
        made = machine.info(owner).name in self._module_hooks(machine.program.parent(owner))
        return made or info.name in self._class_hooks(owner) or _has_unknown_base(machine, owner)

    def _hooks_of_class(self, unit: int) -> frozenset[str]:
        return self._machine.catalogue.hook_methods(library_bases(self._machine, unit))

    def _hooks_of_module(self, unit: int) -> frozenset[str]:
        """The functions and classes that the packages which a module imports ask for by their names."""
        imports = (step for step in self._machine.program.body(unit) if isinstance(step, Import))
        return self._machine.catalogue.hook_functions(step.module.partition(".")[0] for step in imports)


def _subclasses(machine: Machine) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for unit, bases in machine.bases.items():
        for base in bases:
            if isinstance(base, Code):
                found[base.unit].append(unit)
    return found


def _has_unknown_base(machine: Machine, unit: int, depth: int = 0) -> bool:
    """A base class whose methods nobody here can list may call any method."""
    for base in machine.bases.get(unit, ()):
        if isinstance(base, Code):
            if depth < 8 and _has_unknown_base(machine, base.unit, depth + 1):
                return True
        elif getattr(base, "name", "") not in ("builtins.object", "abc.ABC"):
            return True
    return False
