"""Which functions are given rows and give other rows back, or put others in their place: code of features, of parts and
of gaps that takes its tables from whoever calls it."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.link.definitions import Definitions
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Machine, Summary
from mldebt.link.values import Alt, Deferred, Derived, Result, Sequence, Value
from mldebt.source import Purpose

_ROWS = frozenset({"table", "column", "array"})


def remaking(machine: Machine, known: Definitions) -> Iterator[str]:
    """The ids of such functions and methods of production code."""
    for unit, summary in machine.summaries.items():
        ours = machine.info(unit).kind == "function" and machine.program.purpose(unit) is Purpose.PRODUCTION
        if ours and _is_given_rows(machine, unit) and _gives_others(machine, summary):
            yield known.id(unit)


def _is_given_rows(machine: Machine, unit: int) -> bool:
    parameters = enumerate(machine.info(unit).parameters)
    return any(_holds_rows(machine, machine.pool.param(unit, index, one.name)) for index, one in parameters)


def _gives_others(machine: Machine, summary: Summary) -> bool:
    """Whether rows come back that are none of its parameters as they came, or take the place of one."""
    given = (*_parts(summary.returns), *(value for _, value in summary.updates))
    made = (one for one in given if isinstance(one, (Derived, Result, Deferred)))
    return any(_holds_rows(machine, one) for one in made)


def _parts(value: Value) -> tuple[Value, ...]:
    if isinstance(value, (Sequence, Alt)):
        return value.items if isinstance(value, Sequence) else value.values
    return (value,)


def _holds_rows(machine: Machine, value: Value) -> bool:
    return kind_of(machine, value).partition(".")[0] in _ROWS
