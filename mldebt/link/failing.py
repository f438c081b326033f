"""Files that end with an error as soon as they are run or imported: at their top they call a function of the repository
without what it has to be given, or import such a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts import Binary, Branch, Call, Choice, Enter, Handler, Loop, Step, Try
from mldebt.graph.absent_code import FailingFile
from mldebt.link.machine import Machine
from mldebt.link.values import Code, Place
from mldebt.source import Purpose

_BLOCKS = (Branch, Enter, Handler, Loop, Try)
_MAYBE = frozenset({"and", "or"})
_UNPACKED = frozenset({"*", "**"})


def note_failing_files(machine: Machine) -> None:
    """Notes the files of production code that fail so, and puts them aside with those that import them: what is defined
    there is run by nobody."""
    failing = _failing(machine)
    machine.noted.failing = tuple(failing[file] for file in sorted(failing))
    machine.program.put_aside(_with_importers(machine, set(failing)))


def _failing(machine: Machine) -> dict[int, FailingFile]:
    program, always = machine.program, _Always(machine)
    found: dict[int, FailingFile] = {}
    for caller, callee, place, missing in _calls_that_fail(machine):
        file = program.file_of[caller]
        ours = program.purpose(caller) is Purpose.PRODUCTION and not program.facts[file].cells
        if file not in found and ours and always.happens(caller, place):
            defined = program.unit_span(callee)
            found[file] = FailingFile(program.span(place), machine.info(callee).name, missing, defined)
    return found


def _with_importers(machine: Machine, files: set[int]) -> frozenset[int]:
    """Files, and those that import one of them whatever happens, straight or through others."""
    importers: dict[int, set[int]] = defaultdict(set)
    always = _Always(machine)
    for place, imported in machine.noted.local.items() if files else ():
        unit = machine.program.unit_at(place)
        ours = machine.program.purpose(unit) is Purpose.PRODUCTION and machine.info(unit).kind == "module"
        if ours and always.happens(unit, place):
            importers[imported].add(place[0])
    found, todo = set(files), sorted(files)
    while todo:
        fresh = importers[todo.pop()] - found
        found |= fresh
        todo += sorted(fresh)
    return frozenset(found)


def _calls_that_fail(machine: Machine) -> Iterator[tuple[int, int, Place, tuple[str, ...]]]:
    """The calls of modules that leave out what a function has to be given, with the names of that."""
    called: dict[tuple[int, Place], list[int]] = defaultdict(list)
    for caller, callee, place in machine.calls:
        if machine.info(caller).kind == "module" and machine.program.file_of[caller] == place[0]:
            called[caller, place].append(callee)
    for (caller, place), callees in sorted(called.items()):
        if len(callees) == 1 and (missing := _missing(machine, caller, callees[0], place)):
            yield caller, callees[0], place, missing


def _missing(machine: Machine, caller: int, callee: int, place: Place) -> tuple[str, ...]:
    info, program = machine.info(callee), machine.program
    plain = info.kind == "function" and not {"decorated", "async"}.intersection(info.flags)
    if not plain or machine.info(program.parent(callee)).kind != "module":
        return ()
    calls = (one for one in program.body(caller) if isinstance(one, Call) and (one.start, one.end) == place[1:])
    given = next((one.arguments for one in calls if _is_of(machine, caller, one, callee)), None)
    if given is None or any(one.name in _UNPACKED for one in given):
        return ()
    defaults = machine.defaults.get(callee, ())
    named, by_place = {one.name for one in given}, sum(not one.name for one in given)
    return tuple(
        parameter.name for index, parameter in enumerate(info.parameters)
        if parameter.kind not in _UNPACKED and parameter.name not in named
        and (parameter.kind == "k" or index >= by_place) and index < len(defaults) and defaults[index] is None
    )  # fmt: skip


def _is_of(machine: Machine, caller: int, call: Call, callee: int) -> bool:
    """Whether it is the function itself that is called there, and nothing that it is handed to."""
    frame = machine.frames.get(caller)
    value = None if frame is None else frame.values[call.callee]
    return isinstance(value, Code) and value.unit == callee


class _Always:
    """Asks of the steps of modules whether they happen whenever the module is run."""

    def __init__(self, machine: Machine) -> None:
        self._program = machine.program
        self._maybe: dict[int, frozenset[tuple[int, int]]] = {}

    def happens(self, module: int, place: Place) -> bool:
        """Whether nothing around a place of a module decides that it is reached, or takes up what fails there."""
        if module not in self._maybe:
            self._maybe[module] = frozenset(_places_that_may_not_happen(self._program.body(module)))
        return not any(start <= place[1] and place[2] <= end for start, end in self._maybe[module])


def _places_that_may_not_happen(body: tuple[Step, ...]) -> Iterator[tuple[int, int]]:
    """The places of steps in blocks, and of those expressions of which a part is left out at times."""
    end = 0
    for index, step in enumerate(body):
        if index < end or isinstance(step, Choice) or (isinstance(step, Binary) and step.operator in _MAYBE):
            yield step.start, step.end
        if isinstance(step, _BLOCKS):
            end = max(end, step.end_step)
