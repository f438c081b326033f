"""Running everything: all units once, and then for good what no caller fills."""

from __future__ import annotations

from collections.abc import Collection

from mldebt.link.fields import children
from mldebt.link.filling import Filler
from mldebt.link.machine import Frame, Machine
from mldebt.link.names import run_magic
from mldebt.link.own_methods import own_methods_called
from mldebt.link.supplied import Binding, Supplied
from mldebt.link.unnamed_rows import UnnamedRows
from mldebt.link.values import Scalar, Text, Value

_ENDPOINT = "endpoint"


def run_everything(machine: Machine) -> None:
    """Interprets every unit, modules first, then grounds the effects that are still open."""
    units = range(len(machine.program.units))
    for file in range(len(machine.program.sources)):
        run_magic(machine, file)
    for unit in units:
        if machine.info(unit).kind == "module":
            machine.interpret(unit)
    for unit in units:
        if machine.info(unit).kind in ("function", "lambda", "class"):
            machine.interpret(unit)
    called = _called_in_earnest(machine)
    nobodys = _Nobodys(machine, called)
    for unit in units:
        if machine.info(unit).kind in ("module", "class") or unit not in called:
            try:
                _ground(machine, unit, nobodys)
            except Exception as error:  # as for `Machine.interpret`
                machine.fail(unit, error)


def _called_in_earnest(machine: Machine) -> set[int]:
    """Units that code other than tests calls. What only tests bind never grounds anything."""
    called = {
        callee
        for caller, callee, _ in machine.calls
        if caller != callee and not machine.is_test(caller)
    }
    for unit in range(len(machine.program.units)):
        called |= set() if machine.is_test(unit) else own_methods_called(machine, unit) - {unit}
    return called


class _Nobodys:
    """What the parameters are of functions that nobody here calls. What a method finds in its object another method
    has put there: as long as nobody calls that one either, of its own parameters."""

    def __init__(self, machine: Machine, called: Collection[int]) -> None:
        self._machine, self._called = machine, called
        self._supplied, self._unnamed = Supplied(machine), UnnamedRows(machine)
        self._own: dict[int, Binding] = {}

    def binding(self, unit: int) -> Binding:
        """All that is known of what a unit meets when it runs."""
        owner = self._machine.program.parent(unit)
        if owner < 0 or self._machine.info(owner).kind != "class":
            return self._of(unit)
        beside = (other for other in children(self._machine, owner) if other not in self._called)
        return {key: value for other in (*beside, unit) for key, value in self._of(other).items()}

    def _of(self, unit: int) -> Binding:
        if unit not in self._own:
            summary = self._machine.summaries.get(unit)
            unnamed = {} if summary is None else self._unnamed.binding(unit, summary)
            self._own[unit] = {**unnamed, **self._asked(unit), **self._supplied.binding(unit)}
        return self._own[unit]

    def _asked(self, unit: int) -> Binding:
        """What requests give the parameters of what answers them: the default, or something else."""
        machine = self._machine
        if all(one.what != _ENDPOINT for one in machine.made.get(unit, ())):
            return {}
        unknown = machine.pool.from_origins("", ())
        defaults = enumerate(machine.defaults.get(unit, ()))
        said = ((index, value) for index, value in defaults if value is not None and _is_written(machine, value))
        return {(unit, index): machine.pool.alt(value, unknown) for index, value in said}


def _is_written(machine: Machine, value: Value) -> bool:
    """Whether a default is a text, number or flag of the code."""
    return isinstance(value, (Text, Scalar)) and not value.open and value is not machine.pool.none


def _ground(machine: Machine, unit: int, nobodys: _Nobodys) -> None:
    summary = machine.summaries.get(unit)
    if summary is None or not summary.effects:
        return
    frame = Frame(unit, machine.program.file_of[unit], (), [])
    filler = Filler(machine, frame, nobodys.binding(unit), None, final=True)
    for effect in summary.effects:
        filler.effect(effect)
    for effect in tuple(frame.effects):  # what functions called here find in fields that other methods fill
        filler.effect(effect)
