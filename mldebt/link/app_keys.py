"""Settings of applications in the words of checks: which names hold one, and where each is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from mldebt.facts import Attribute, Import, Load
from mldebt.link.app_settings import Holder, group, holders, settled
from mldebt.link.machine import Machine
from mldebt.link.noted import Put
from mldebt.link.operands import operands
from mldebt.link.values import Code, Module, Place, Record, Setting, Text, Value, literal

MOST_BASES = 8


@dataclass(frozen=True, slots=True)
class Named:
    """A name that holds a setting of an application: where it stands, its value, what puts it there, and the name of
    the class that holds it. `used`: other code of its own file needs it."""

    name: str
    at: Place
    value: Value
    put_at: Place
    holder: str = ""
    used: bool = False


@dataclass(slots=True)
class Application:
    """What is known of the settings of one program. `open`: something is put there that nobody knows."""

    names: dict[tuple[str, Place], Named]
    asked: dict[str, dict[Place, bool]]
    open: bool = False

    def files(self) -> tuple[int, ...]:
        """The files that hold its settings."""
        return tuple(sorted({one.at[0] for one in self.names.values()}))


class Applications:
    """The settings of all applications of a repository."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    @cached_property
    def all(self) -> tuple[Application, ...]:
        """Those that are asked for something, by their folders."""
        machine, found = self._machine, dict[str, Application]()
        for asked, soft in machine.noted.wanted.items():
            one = found.setdefault(group(machine, asked.place[0]), Application({}, defaultdict(dict)))
            one.asked[asked.key][asked.place] = soft
        for put in settled(machine):
            application = found.get(group(machine, put.place[0]))
            if application is not None and not machine.is_test(machine.program.unit_at(put.place)):
                self._add(application, put)
        return tuple(one for _, one in sorted(found.items()))

    def is_of_library(self, name: str) -> bool:
        """Whether a library may read or set a key by itself: the catalogue says so, or it begins like the name of one
        that is imported."""
        if any(fnmatchcase(name, pattern) for pattern in self._machine.catalogue.kept.own):
            return True
        return name.lower().partition("_")[0] in self._imported

    @cached_property
    def _imported(self) -> frozenset[str]:
        return frozenset(word for _, root in self._machine.noted.libraries for word in root.lower().split("_"))

    def _add(self, application: Application, put: Put) -> None:
        if put.key:
            if put.value is not None:
                application.names[put.key, put.place] = Named(put.key, put.place, put.value, put.place)
            return
        held = holders(self._machine, put)
        application.open = application.open or held is None
        for holder in held or ():
            for one in self._names(holder, put.place):
                application.names.setdefault((one.name, one.at), one)

    def _names(self, holder: Holder, put_at: Place, depth: int = 0) -> Iterator[Named]:
        """The names of an object, and of the classes that it inherits from."""
        machine = self._machine
        if isinstance(holder, Record):
            for key, value in zip(holder.keys, holder.items, strict=True):
                if (name := literal(key)) and isinstance(key, Text):
                    yield Named(name, key.places[0] if key.places else put_at, value, put_at)
        elif isinstance(holder, Setting):
            for name in machine.settings.below(holder) or ():
                file = holder.file or machine.pool.unknown
                key = machine.pool.key_of_file(file, (name,), None, put_at, holder.loaded)
                yield from (Named(name, entry.at, holder, put_at, used=True) for entry in machine.settings.found(key))
        else:
            unit = machine.program.module_unit(holder.file) if isinstance(holder, Module) else holder.unit
            yield from self._of_unit(unit, put_at)
            for base in machine.bases.get(unit, ()) if depth < MOST_BASES else ():
                if isinstance(base, Code):
                    yield from self._names(base, put_at, depth + 1)

    def _of_unit(self, unit: int, put_at: Place) -> Iterator[Named]:
        machine, file = self._machine, self._machine.program.file_of[unit]
        body = machine.program.body(unit)
        used = {index for step in body for index in operands(step)}
        loaded = {step.name for step in body if isinstance(step, (Load, Attribute))} | self._loaded_beside(unit)
        info = machine.info(unit)
        for name, index in machine.program.exports(unit).items():
            value = machine.export(unit, name, unit)
            if name.isupper() and value is not None and not isinstance(body[index], Import):
                at = (file, body[index].start, body[index].end)
                holder = info.name if info.kind == "class" else ""
                yield Named(name, at, value, put_at, holder, index in used or name in loaded)

    def _loaded_beside(self, unit: int) -> frozenset[str]:
        """The names that other units of a file load."""
        program, file = self._machine.program, self._machine.program.file_of[unit]
        first = program.first[file]
        steps = (step for one in range(len(program.facts[file].units)) for step in program.body(first + one))
        return frozenset(step.name for step in steps if isinstance(step, (Load, Attribute)))
