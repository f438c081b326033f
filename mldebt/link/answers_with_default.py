"""Answers of the repository's own services that are read with a number for a part which they sometimes lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mldebt import facts
from mldebt.graph.fallback import Fallback
from mldebt.link.falling_back import Body
from mldebt.link.machine import Machine
from mldebt.link.values import Place
from mldebt.roles import Role, Store

_GET = "get"
_ENDPOINT = "endpoint"


def parts_lacking(machine: Machine) -> Mapping[str, Place]:
    """The parts that an endpoint gives in one of its answers and leaves out of another, each with one that lacks it."""
    found: dict[str, Place] = {}
    for unit in sorted(machine.made):
        if any(one.what == _ENDPOINT for one in machine.made[unit]):
            given = list(_answers(machine, unit))
            whole = frozenset().union(*(names for names, _ in given))
            for names, place in given:
                for name in sorted(whole - names):
                    found.setdefault(name, place)
    return found


def _answers(machine: Machine, unit: int) -> Iterator[tuple[frozenset[str], Place]]:
    """The names of the parts of each dictionary that a function gives back, where all are written out."""
    body, file = machine.program.body(unit), machine.program.file_of[unit]
    for step in body:
        value = body[step.value] if isinstance(step, facts.Return) and step.value >= 0 else None
        if isinstance(value, facts.Collection) and value.kind == "dict":
            names = [body[key] if key >= 0 else None for key in value.keys]
            if all(isinstance(one, facts.Const) and isinstance(one.value, str) for one in names):
                said = frozenset(str(one.value) for one in names if isinstance(one, facts.Const))
                yield said, (file, value.start, value.end)


def answers_read(body: Body, id: str, lacking: Mapping[str, Place]) -> Iterator[Fallback]:
    """Where the answer to a request is asked for such a part, and a number is taken where it is not there."""
    asking: frozenset[int] | None = None
    for _, step in body.each(facts.Call):
        key, default = _asked_for(body, step)
        if key not in lacking or default is None:
            continue
        if asking is None:
            asking = frozenset(one for one in body.meant if _asks(body, one))
        if body.depends(step.callee, asking):
            program, file = body.machine.program, body.machine.program.file_of[body.unit]
            value = body.steps[default]
            spans = (program.span((file, one.start, one.end)) for one in (step, value))
            text = repr(value.value) if isinstance(value, facts.Const) else ""
            where, made = spans
            yield Fallback(where, id, Role.REQUEST, program.span(lacking[key]), made, text, False, "default", key)


def _asked_for(body: Body, step: facts.Call) -> tuple[str, int | None]:
    """The name that a dictionary is asked for, and the number that stands for what it does not hold."""
    if len(step.arguments) != 2 or any(one.name for one in step.arguments):
        return "", None
    callee = body.steps[step.callee]
    key, default = (body.steps[one.value] for one in step.arguments)
    if not (isinstance(callee, facts.Attribute) and callee.name == _GET and isinstance(key, facts.Const)):
        return "", None
    is_number = isinstance(default, facts.Const) and isinstance(default.value, (int, float))
    made_up = is_number and isinstance(default, facts.Const) and not isinstance(default.value, bool)
    return (key.value, step.arguments[1].value) if made_up and isinstance(key.value, str) else ("", None)


def _asks(body: Body, at: int) -> bool:
    return any(row.role in (Role.READ, Role.REQUEST) and row.store is Store.URL for row in body.rows(at))
