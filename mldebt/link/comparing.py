"""Which functions tell how far two things are apart, and who asks them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mldebt import facts
from mldebt.link.falling_back import Body
from mldebt.link.machine import Machine
from mldebt.link.spreading import roots
from mldebt.link.values import Place
from mldebt.roles import Role

APART = "apart"
LENGTH = "length"
"""The traits of calls that tell how far two samples are apart, and how many rows there are."""
_FEW = 3
_SUMS = ("number", "array", "table", "column")


@dataclass(frozen=True, slots=True)
class Comparing:
    """What the functions of the repository compare: the units that take one of two things they are given from the
    other, those that sum up what many values hold, the units that each unit calls by the places of the calls, and the
    calls of each unit. `named` are the functions whose name few have, an interface with what stands behind it."""

    apart: frozenset[int]
    sums: frozenset[int]
    calls: Mapping[int, Mapping[Place, int]]
    asked: Mapping[int, tuple[tuple[int, Place], ...]]
    named: Mapping[str, tuple[int, ...]]

    def called(self, body: Body, at: int) -> tuple[int, ...]:
        """The functions that a call calls; of a method all of that name, as another class may stand behind it."""
        step = body.steps[at]
        if not isinstance(step, facts.Call):
            return ()
        place = (body.machine.program.file_of[body.unit], step.start, step.end)
        known, callee = self.calls.get(body.unit, {}).get(place), body.steps[step.callee]
        unsure = callee.name if isinstance(callee, facts.Attribute) and not body.rows(at) else ""
        found = self.named.get(unsure, ())
        return found if known is None or known in found else (known,)

    def compares(self, unit: int) -> bool:
        """Whether a unit, with those that it calls, tells how far apart the values of two things are."""
        whole = {unit, *self.calls.get(unit, {}).values()}
        return bool(whole & self.apart) and bool(whole & self.sums)

    def marks(self, body: Body) -> Mapping[int, str]:
        """The steps of a unit that tell so."""
        file, calls = body.machine.program.file_of[body.unit], self.calls.get(body.unit, {})
        inner = {place for place, callee in calls.items() if callee in self.apart}
        asks = (at for at, step in enumerate(body.steps) if (file, step.start, step.end) in inner) if inner else ()
        return dict.fromkeys((*_apart(body), *asks), APART)


def comparing(machine: Machine, body_of: Callable[[int], Body]) -> Comparing:
    """What functions compare, each by itself."""
    calls: dict[int, dict[Place, int]] = defaultdict(dict)
    asked: dict[int, list[tuple[int, Place]]] = defaultdict(list)
    for caller, callee, place in machine.calls:
        if not machine.is_test(caller):
            calls[caller][place] = callee
            asked[callee].append((caller, place))
    units = enumerate(machine.program.units)
    functions = [unit for unit, one in units if one.kind == "function" and not machine.is_test(unit)]
    named: dict[str, list[int]] = defaultdict(list)
    for unit in functions:
        named[machine.program.units[unit].name].append(unit)
    apart: set[int] = set()
    sums: set[int] = set()
    for unit in functions:
        body = body_of(unit)
        if next(_apart(body), None) is not None:
            apart.add(unit)
        if _sums_up(body):
            sums.add(unit)
    return Comparing(
        frozenset(apart),
        frozenset(sums),
        calls,
        {unit: tuple(sorted(set(places))) for unit, places in asked.items()},
        {name: tuple(units) for name, units in named.items() if len(units) <= _FEW},
    )


def _apart(body: Body) -> Iterator[int]:
    """The steps that take one of two things a function is given from the other, or ask a library how far they are
    apart."""
    yield from (at for at, rows in body.meant.items() for row in rows if APART in row.traits)
    taken = [(at, one) for at, one in body.each(facts.Binary) if one.operator == "-"]
    made_of = roots(body) if taken else {}
    for at, one in taken:
        left, right = made_of[one.left], made_of[one.right]
        if left and right and left != right:
            yield at


def _sums_up(body: Body) -> bool:
    """Whether a library makes numbers of what many values hold."""
    rows = (row for rows in body.meant.values() for row in rows if LENGTH not in row.traits)
    return any(
        APART in row.traits or (row.role is Role.DERIVE and any(one.startswith(_SUMS) for one in row.result))
        for row in rows
    )
