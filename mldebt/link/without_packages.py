"""Other models, or no checks, in the place of what needs a package that cannot be imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import FAILURE, Body, says, tells
from mldebt.link.machine import Machine
from mldebt.link.values import Module, Place
from mldebt.roles import Role
from mldebt.rows import Row

_CAUGHT = frozenset({"ImportError", "ModuleNotFoundError", "Exception"})
_MADE = frozenset({"model", "search", "transformer"})
_WATCHES = frozenset({Role.MONITOR, Role.VALIDATE})
_COUNTS = "counts"
_NO_CHECK = "no check"


@dataclass(frozen=True, slots=True)
class _Lacking:
    """A handler for a package that cannot be imported: its own import, the names by which code may ask later whether
    it could, and whether a message says so."""

    body: Body
    handler: int
    failing: int
    package: str
    names: frozenset[str]
    said: bool


@dataclass(frozen=True, slots=True)
class _Instead:
    """What is made, or nothing, where a package is not there."""

    body: Body
    made: int
    value: str
    how: str
    said: bool


def packages_lacking(body: Body, id: str, inside: dict[Place, str]) -> Iterator[Fallback]:
    """Handlers of a file for packages that cannot be imported, behind which its code makes another model, or leaves out
    a check, and tells nobody. `inside` are the calls of functions that make a model, with their names."""
    for one in _lacking(body):
        found = next(_instead(one, inside), None)
        if found is not None:
            yield _fallback(one, found, id)


def making(machine: Machine) -> dict[Place, str]:
    """The calls of functions of the repository that make a model, with their names."""
    makes = {
        machine.program.unit_at(place)
        for place, rows in machine.noted.meant.items()
        if any(row.role is Role.CONSTRUCT and _kind(row.result) == "model" for row in rows)
    }
    return {place: machine.info(callee).name for _, callee, place in machine.calls if callee in makes}


def _lacking(body: Body) -> Iterator[_Lacking]:
    for at, step in body.each(facts.Try):
        imports = [one for one in range(at + 1, step.body_end) if _is_foreign(body, one)]
        for handler in range(step.body_end, step.end_step) if imports else ():
            first = body.steps[handler]
            if not isinstance(first, facts.Handler) or not _is_for_imports(body, first.caught):
                continue
            within = range(handler + 1, first.end_step)
            names = frozenset(_asked_by(body, first.end_step, within))
            if names and not any(tells(body, one) for one in within):
                package = body.steps[imports[0]]
                assert isinstance(package, facts.Import)
                said = any(says(body, one) for one in within)
                yield _Lacking(body, handler, imports[0], package.module.partition(".")[0], names, said)


def _is_foreign(body: Body, at: int) -> bool:
    """Whether a step imports what is no module of the repository."""
    step = body.steps[at]
    if not isinstance(step, facts.Import) or step.level:
        return False
    module = body.machine.imports.resolve(body.machine.program.file_of[body.unit], step.module, step.level)
    return not isinstance(module, Module)


def _is_for_imports(body: Body, caught: int) -> bool:
    step = body.steps[caught] if caught >= 0 else None
    if isinstance(step, facts.Collection):
        return any(_is_for_imports(body, one) for one in step.items)
    return step is None or (isinstance(step, facts.Load) and step.name in _CAUGHT)


def _asked_by(body: Body, end: int, within: range) -> Iterator[str]:
    """The names that are false or None where a handler was run, and something else where it was not."""
    for at, step in body.each(facts.Phi):
        if at >= end and any(one in within and _is_no(body, one) for one in step.values):
            yield step.name


def _is_no(body: Body, at: int) -> bool:
    step = body.steps[at]
    return isinstance(step, facts.Const) and (step.value is None or step.value is False)


def _instead(lacking: _Lacking, inside: dict[Place, str]) -> Iterator[_Instead]:
    """What code of the file does where the package is not there, and something like it where it is."""
    machine = lacking.body.machine
    file = machine.program.file_of[lacking.body.unit]
    for unit in machine.program.units_of(file):
        body = Body(machine, unit, machine.program.body(unit))
        for present, absent in _arms(body, lacking.names):
            if any(isinstance(body.steps[one], facts.Raise) or _is_failure(body, one) for one in absent):
                continue
            meant = {one: name for one in present if (name := _model(body, one, inside))}
            made = next(_others(body, meant, absent, inside), None) if meant else None
            said = any(says(body, one) for one in absent)
            if made is not None:
                yield _Instead(body, made, _called(body, made), "other", said)
            elif (watching := next(_left_out(lacking, body, present, absent), None)) is not None:
                yield _Instead(body, watching, _NO_CHECK, "unwatched", said)


def _others(body: Body, meant: dict[int, str], absent: range, inside: dict[Place, str]) -> Iterator[int]:
    """The steps of an arm that make a model of another class, or whose answer stands under the same name."""
    named = {one: name for one in absent if (name := _model(body, one, inside))}
    yield from (one for one, name in named.items() if name not in meant.values())
    for phi in body.steps[absent.stop :]:
        if isinstance(phi, facts.Phi) and any(body.depends(one, frozenset(meant)) for one in phi.values if one >= 0):
            yield from (one for one in phi.values if one in absent and one not in named and _called(body, one))


def _arms(body: Body, names: frozenset[str]) -> Iterator[tuple[range, range]]:
    """What is done where one of these names says that a package is there, and where it says that it is not."""
    for at, step in body.each(facts.Branch):
        asked = _holds_with_the_package(body, step.condition, names)
        if asked is None:
            continue
        then, otherwise = range(at + 1, step.then_end), range(step.then_end, step.end_step)
        if not otherwise and any(isinstance(body.steps[one], facts.Return) for one in then):
            otherwise = range(step.end_step, len(body.steps))
        if otherwise:
            yield (then, otherwise) if asked else (otherwise, then)


def _holds_with_the_package(body: Body, at: int, names: frozenset[str]) -> bool | None:
    """Whether a condition holds where a package is there; None for another one."""
    step = body.steps[at]
    if isinstance(step, facts.Unary) and step.operator == "not":
        inner = _holds_with_the_package(body, step.operand, names)
        return None if inner is None else not inner
    if isinstance(step, facts.Compare) and step.operator in ("is", "is not") and _is_no(body, step.right):
        inner = _holds_with_the_package(body, step.left, names)
        return None if inner is None else inner is (step.operator == "is not")
    if isinstance(step, facts.Binary) and step.operator in ("and", "or"):
        sides = (_holds_with_the_package(body, step.left, names), _holds_with_the_package(body, step.right, names))
        return (step.operator == "and") if (step.operator == "and") in sides else None
    return True if isinstance(step, (facts.Load, facts.Phi)) and step.name in names else None


def _model(body: Body, at: int, inside: dict[Place, str]) -> str:
    """The name of the class or function by which a step makes a model; empty for another step."""
    step = body.steps[at]
    if any(row.role is Role.CONSTRUCT and _kind(row.result) in _MADE for row in body.rows(at)):
        return _called(body, at)
    return inside.get((body.machine.program.file_of[body.unit], step.start, step.end), "")


def _called(body: Body, at: int) -> str:
    """The name of what a step calls."""
    step = body.steps[at]
    callee = body.steps[step.callee] if isinstance(step, facts.Call) else None
    return callee.name if isinstance(callee, (facts.Load, facts.Attribute)) else ""


def _kind(result: tuple[str, ...]) -> str:
    return "".join(result[:1]).partition(".")[0]


def _left_out(lacking: _Lacking, body: Body, present: range, absent: range) -> Iterator[int]:
    """The checks of one arm that the package makes, where the other arm makes none: an assertion is one, and what
    nobody knows may be."""
    libraries = _libraries(lacking)
    made = [one for one in present if any(row.library in libraries for row in _watches(body, one))]
    if made and not any(
        isinstance(body.steps[one], facts.Assert) or _watches(body, one) or tells(body, one) for one in absent
    ):
        yield from made


def _libraries(lacking: _Lacking) -> frozenset[str]:
    """The libraries of what the code around a handler tries to import."""
    tried = (step for at, step in lacking.body.each(facts.Import) if lacking.failing <= at < lacking.handler)
    packages = {step.module.partition(".")[0] for step in tried if not step.level}
    known = lacking.body.machine.catalogue
    named = (row for name, rows in known.calls.items() if name.partition(".")[0] in packages for row in rows)
    fitting = (row for package in packages for _, row in known.patterns.get(package, ()))
    return frozenset(row.library for row in (*named, *fitting))


def _watches(body: Body, at: int) -> list[Row]:
    """What a step means that checks data or watches over a model."""
    return [row for row in body.rows(at) if row.role in _WATCHES and _COUNTS not in row.traits]


def _is_failure(body: Body, at: int) -> bool:
    return any(FAILURE in row.traits for row in body.rows(at))


def _fallback(lacking: _Lacking, instead: _Instead, id: str) -> Fallback:
    program, file = lacking.body.machine.program, lacking.body.machine.program.file_of[lacking.body.unit]
    steps = (lacking.body.steps[lacking.handler], lacking.body.steps[lacking.failing], instead.body.steps[instead.made])
    where, failed, made = (program.span((file, one.start, one.end)) for one in steps)
    said = lacking.said or instead.said
    return Fallback(where, id, Role.FIT, failed, made, instead.value, said, instead.how, lacking.package)
