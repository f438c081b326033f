"""Functions that only say what networks are made of, or pass data through them."""

from __future__ import annotations

from collections.abc import Iterable

from mldebt import facts
from mldebt.graph.code import Definition
from mldebt.link.machine import Machine
from mldebt.link.step_words import Roles
from mldebt.roles import Role

_OF_NETWORKS = frozenset({None, Role.CONSTRUCT, Role.TRANSFORM, Role.DERIVE, Role.COMBINE})
_LAYER = "layer"
_Body = tuple[int, Definition, Roles]


def networks(machine: Machine, bodies: Iterable[_Body]) -> frozenset[str]:
    """The ids of functions that handle layers, or are methods of a class that does, and do nothing else with rows or
    models."""
    known = list(bodies)
    laying = {one.id for unit, one, _ in known if _lays(machine, unit)}
    classes = {_holder(one) for _, one, _ in known if one.id in laying}
    return frozenset(
        one.id
        for _, one, roles in known
        if (one.id in laying or (one.kind == "method" and _holder(one) in classes))
        and frozenset[Role | None]().union(*roles.values()) <= _OF_NETWORKS
    )


def _holder(one: Definition) -> tuple[str, str]:
    """The class that has a method."""
    return one.path, one.name.rpartition(".")[0] if one.kind == "method" else one.id


def _lays(machine: Machine, unit: int) -> bool:
    """Whether it makes layers, or calls some."""
    file = machine.program.file_of[unit]
    calls = (step for step in machine.program.body(unit) if isinstance(step, facts.Call))
    rows = (row for step in calls for row in machine.noted.meant.get((file, step.start, step.end), ()))
    return any(_LAYER in row.traits or any(kind.endswith(f".{_LAYER}") for kind in row.result[:1]) for row in rows)
