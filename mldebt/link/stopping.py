"""Which code may go no further: what raises an error, asserts something, ends the program or leaves early."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mldebt.facts import (
    Assert,
    Attribute,
    Binary,
    Branch,
    Call,
    Collection,
    Compare,
    Comprehended,
    Const,
    Handler,
    Item,
    Load,
    Param,
    Phi,
    Raise,
    Return,
    Step,
    Unary,
)  # fmt: skip
from mldebt.graph.code import Definition, Halting
from mldebt.link.checking import ENDS, STATUS
from mldebt.link.definitions import Definitions
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.roles import Role
from mldebt.rows import Row
from mldebt.source import Purpose

_KINDS = frozenset({"function", "lambda", "module"})
_EMPTY, _COUNT = "empty", "len"
_NO_ROWS: Mapping[tuple[str, object], bool] = {
    ("==", 0): True, ("<", 1): True, ("<=", 0): True, ("!=", 0): False, (">", 0): False, (">=", 1): False,
}  # fmt: skip
"""What comparisons of a count with a number say where there are no rows."""
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NAMES = (Const, Load, Param, Collection)
"""What takes columns or a part of an answer out of it; anything else chooses rows."""


def stopping(machine: Machine, known: Definitions, definitions: Iterable[Definition]) -> tuple[Halting, ...]:
    """The functions and files of production code, outside of notebooks, that may go no further."""
    ours = {one.path for one in definitions if one.purpose is Purpose.PRODUCTION and one.kind == "module"}
    files = {machine.program.number[path] for path in ours}
    return tuple(
        Halting(known.id(unit), machine.program.span((machine.program.file_of[unit], *place)), leaves=leaves)
        for unit in _units(machine, files)
        for leaves, place in _last(machine, unit).items()
    )


def _units(machine: Machine, files: set[int]) -> Iterator[int]:
    for unit, file in enumerate(machine.program.file_of):
        if file in files and machine.program.units[unit].kind in _KINDS:
            yield unit


def _last(machine: Machine, unit: int) -> dict[bool, tuple[int, int]]:
    """The last places at which the code of a unit leaves early, and at which it may end more than itself."""
    body, file, found = machine.program.body(unit), machine.program.file_of[unit], {}
    stops = dict(sorted(_stops(machine, unit, file, body)))
    passed = _of_no_content(machine, file, body) if stops else frozenset()
    for index, leaves in stops.items():
        if index not in passed:
            step = body[index]
            found[leaves] = (getattr(step, "start", 0), getattr(step, "end", 0))
    return found


def _stops(machine: Machine, unit: int, file: int, body: tuple[Step, ...]) -> Iterator[tuple[int, bool]]:
    """The steps that go no further, and whether they leave early."""
    each, meant = machine.program.each, machine.noted.meant
    yield from ((at, True) for at, branch in each(unit, Branch) if _may_return(body, at, branch))
    yield from ((at, False) for kind in (Raise, Assert) for at, _ in each(unit, kind))
    for at, call in each(unit, Call):
        if any(ENDS in row.traits for row in meant.get((file, call.start, call.end), ())):
            yield at, False


def _of_no_content(machine: Machine, file: int, body: tuple[Step, ...]) -> frozenset[int]:
    """The steps that go no further because something is not there, or has failed already: nothing that data hold turns
    them back."""
    blocks = [(index, step) for index, step in enumerate(body) if isinstance(step, (Branch, Handler))]
    raised = [index for index, step in enumerate(body) if isinstance(step, Raise)]
    around = {one: [index for index, block in blocks if index < one < block.end_step][-1:] for one in raised}
    passed = {
        index
        for index, block in blocks
        if isinstance(block, Handler)
        or _looks(machine, file, body, block, {one < block.then_end for one in raised if around[one] == [index]})
    }
    return frozenset(passed.union(one for one, inner in around.items() if not passed.isdisjoint(inner)))


def _looks(machine: Machine, file: int, body: tuple[Step, ...], branch: Branch, raises: set[bool]) -> bool:
    """Whether a branch asks whether something is there, whether there are any rows, or whether a service answered, and
    nothing else. It asks for rows where it raises for want of them only: `raises` are the answers on which it does."""
    todo, asked = [(branch.condition, True)], False
    while todo:
        at, holds = todo.pop()
        step = body[at]
        if isinstance(step, Unary) or (isinstance(step, Binary) and step.operator in ("and", "or")):
            todo += [(one, holds is not isinstance(step, Unary)) for one in operands(step)]
        elif (none := _none(machine, file, body, step)) is not None:
            if not raises <= {none is holds}:
                return False
            asked = True
        elif _asks_for_existence(machine, file, step) or _is_answered(machine, file, body, step):
            asked = True
        elif not (isinstance(step, Compare) and step.operator in ("is", "is not")):
            return False
    return asked


def _none(machine: Machine, file: int, body: tuple[Step, ...], step: Step) -> bool | None:
    """The answer by which a step says that there are no rows; None where it asks something else, or counts what was
    kept of others: who counts the bad rows asks what the data hold."""
    said, counted = _asked(body, step)
    return None if counted is None or _is_kept(machine, file, body, counted) else said


def _asked(body: tuple[Step, ...], step: Step) -> tuple[bool, int | None]:
    """What a step says of no rows, and what it counts, if anything."""
    if isinstance(step, Attribute) and step.name == _EMPTY:
        return True, step.base
    if isinstance(step, Compare):
        for one, other, operator in (
            (step.left, step.right, step.operator),
            (step.right, step.left, _TURNED.get(step.operator, step.operator)),
        ):
            bound, counted = body[other], _counted(body, body[one])
            if isinstance(bound, Const) and counted is not None:
                said = _NO_ROWS.get((operator, bound.value))
                return said is True, None if said is None else counted
    return False, _counted(body, step)


def _counted(body: tuple[Step, ...], step: Step) -> int | None:
    callee = body[step.callee] if isinstance(step, Call) else None
    counts = isinstance(callee, Load) and callee.name == _COUNT
    return step.arguments[0].value if isinstance(step, Call) and counts and step.arguments else None


def _is_kept(machine: Machine, file: int, body: tuple[Step, ...], at: int) -> bool:
    """Whether a value is some rows of another, or was compared or collected."""
    seen, todo = {at}, [at]
    while todo:
        step = body[todo.pop()]
        if isinstance(step, (Comprehended, Compare, Binary)) or _chooses(machine, file, body, step):
            return True
        fresh = {one for one in _of_which(step) if one >= 0} - seen
        seen |= fresh
        todo += fresh
    return False


def _chooses(machine: Machine, file: int, body: tuple[Step, ...], step: Step) -> bool:
    """Whether a step takes some rows of others."""
    if isinstance(step, Call):
        return any(row.role is Role.DERIVE and row.axis == "rows" for row in _meant(machine, file, step))
    return isinstance(step, Item) and not isinstance(body[step.key], _NAMES)


def _of_which(step: Step) -> tuple[int, ...]:
    """What a step takes a part of, asks, or is one of."""
    if isinstance(step, Phi):
        return step.values
    if isinstance(step, Call):
        return (step.callee,)
    return (step.base,) if isinstance(step, (Attribute, Item)) else ()


def _asks_for_existence(machine: Machine, file: int, step: Step) -> bool:
    """Whether a step asks whether a thing is there."""
    return isinstance(step, Call) and any(row.op == "exists" for row in _meant(machine, file, step))


def _is_answered(machine: Machine, file: int, body: tuple[Step, ...], step: Step) -> bool:
    """Whether a step is, or compares, what tells whether a service answered."""
    sides = (body[step.left], body[step.right]) if isinstance(step, Compare) else (step,)
    told = (row for one in sides if isinstance(one, (Call, Attribute)) for row in _meant(machine, file, one))
    return any("".join(row.result[:1]).endswith(STATUS) for row in told)


def _meant(machine: Machine, file: int, step: Call | Attribute) -> tuple[Row, ...]:
    return machine.noted.meant.get((file, step.start, step.end), ())


def _may_return(body: tuple[Step, ...], index: int, step: Branch) -> bool:
    """Whether a branch behind which more is done holds a return."""
    if step.end_step >= len(body):
        return False
    return any(isinstance(inside, Return) for inside in body[index + 1 : step.end_step])

