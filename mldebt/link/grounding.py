"""Running everything: all units once, and then for good what no caller fills."""

from __future__ import annotations

from mldebt.link.filling import Filler
from mldebt.link.machine import Frame, Machine
from mldebt.link.names import run_magic
from mldebt.link.supplied import Supplied
from mldebt.link.unnamed_rows import UnnamedRows


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
    called, supplied, unnamed = _called_in_earnest(machine), Supplied(machine), UnnamedRows(machine)
    for unit in units:
        if machine.info(unit).kind in ("module", "class") or unit not in called:
            try:
                _ground(machine, unit, supplied, unnamed)
            except Exception as error:  # as for `Machine.interpret`
                machine.fail(unit, error)


def _called_in_earnest(machine: Machine) -> set[int]:
    """Units that code other than tests calls. What only tests bind never grounds anything."""
    return {
        callee
        for caller, callee, _ in machine.calls
        if caller != callee and not machine.is_test(caller)
    }


def _ground(machine: Machine, unit: int, supplied: Supplied, unnamed: UnnamedRows) -> None:
    summary = machine.summaries.get(unit)
    if summary is None or not summary.effects:
        return
    frame = Frame(unit, machine.program.file_of[unit], (), [])
    bound = {**unnamed.binding(unit, summary), **supplied.binding(unit)}
    filler = Filler(machine, frame, bound, None, final=True)
    for effect in summary.effects:
        filler.effect(effect)
