"""What a value of a function comes to once its callers are known: `self.config.share` where objects of the class are
made with the settings of a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

from mldebt.link.access import class_attribute
from mldebt.link.calling import bind, object_of
from mldebt.link.filling import Filler
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.values import Code, Item, Member, Param, Place, Value

_HIGHEST, _MOST_CALLS = 3, 8
_FOUND = frozenset({Param, Member, Item})


class SaidByCallers:
    """Of one linking, after all has run."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._known: dict[tuple[Value, int, tuple[Value, ...], bool], Value] = {}

    def values(self, value: Value, unit: int, height: int = 0) -> Iterator[Value]:
        """What a value of a unit may be, as its callers and theirs say; what has to be called for is left as it is."""
        calls = self._calls.get(unit, ())[:_MOST_CALLS] if type(value) in _FOUND and height < _HIGHEST else ()
        for caller, arguments in calls:
            binding = bind(self._machine, unit, arguments)
            yield from self.values(self._filled(value, unit, binding, final=False), caller, height + 1)
        if not calls:
            yield self._filled(value, unit, {}, final=True) if type(value) in _FOUND else value

    @cached_property
    def _calls(self) -> dict[int, tuple[tuple[int, Arguments], ...]]:
        """The calls of each unit, each with the unit it stands in; what makes an object is called by its class."""
        found: dict[int, list[tuple[int, Arguments]]] = defaultdict(list)
        for (unit, place), several in tuple(self._machine.noted.handed.items()):
            caller = self._machine.program.unit_at(place)
            for arguments in () if self._machine.is_test(caller) else tuple(several):
                called, given = self._made(unit, arguments, place)
                found[called].append((caller, given))
        return {unit: tuple(calls) for unit, calls in found.items()}

    def _made(self, unit: int, arguments: Arguments, place: Place) -> tuple[int, Arguments]:
        machine = self._machine
        init = class_attribute(machine, unit, "__init__", unit) if machine.info(unit).kind == "class" else None
        if not isinstance(init, Code):
            return unit, arguments
        return init.unit, (("", object_of(machine, unit, init, arguments, place)), *arguments)

    def _filled(self, value: Value, unit: int, binding: dict[tuple[int, int], Value], *, final: bool) -> Value:
        """A value with what a call gives, worked out once, as many arguments are one field of one object; each
        time where something is counted on the way."""
        key = (value, unit, tuple(binding.values()), final)
        found = self._known.get(key)
        if found is None:
            before = self._counted()
            found = self._anew(value, unit, binding, final=final)
            if self._counted() == before:
                self._known[key] = found
        return found

    def _counted(self) -> int:
        """How many bounds were met so far, and calls that nobody knows."""
        return sum(self._machine.pool.bounds.values()) + sum(self._machine.unknown_calls.values())

    def _anew(self, value: Value, unit: int, binding: dict[tuple[int, int], Value], *, final: bool) -> Value:
        machine = self._machine
        frame, ground = Frame(unit, machine.program.file_of[unit], (), []), machine.ground
        machine.ground = {}  # what is asked for here happens no second time
        filled = Filler(machine, frame, binding, None, final=final).fill(value)
        machine.ground = ground
        return filled
