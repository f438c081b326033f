"""What is known of the transformers that a repository defines: whether their fit keeps anything of the rows."""

from __future__ import annotations

from mldebt.facts import Call, Const, Delete, SetAttribute, SetGlobal, SetItem, Step
from mldebt.link.access import class_attribute
from mldebt.link.kinds import instance_kind
from mldebt.link.machine import Machine
from mldebt.link.values import Code
from mldebt.source import Purpose

_TRANSFORMER = "transformer."
_KEEPS = (Call, Delete, SetAttribute, SetGlobal, SetItem)


def traits_of(machine: Machine, made: int, unit: int) -> frozenset[str]:
    """The traits of an object of a class of the repository that `unit` makes: a transformer is known for its own, and
    for one without a state where its fit keeps nothing."""
    purpose = machine.program.purpose(unit)
    aside = frozenset[str]() if purpose is Purpose.PRODUCTION else frozenset({purpose.value})
    if not instance_kind(machine, made).startswith(_TRANSFORMER):
        return aside
    return aside | ({"own"} if _learns(machine, made) else {"own", "stateless"})


def _learns(machine: Machine, made: int) -> bool:
    """Whether the fit of a class does more than to give the object back: one that it inherits may."""
    fit = class_attribute(machine, made, "fit", made)
    if not isinstance(fit, Code) or machine.info(fit.unit).kind != "function":
        return True
    body = machine.program.body(fit.unit)
    kept = any(isinstance(step, _KEEPS) and not _says_that_it_ran(step, body) for step in body)
    return kept or any(_keeps_later(machine, made, name) for name in ("transform", "fit_transform"))


def _keeps_later(machine: Machine, made: int, name: str) -> bool:
    """Whether a method keeps something of the rows that it changes: what its fit left open, say."""
    method = class_attribute(machine, made, name, made)
    body = machine.program.body(method.unit) if isinstance(method, Code) else ()
    return any(isinstance(step, (SetAttribute, SetGlobal)) for step in body)


def _says_that_it_ran(step: Step, body: tuple[Step, ...]) -> bool:
    """Whether a step sets an attribute to what is written there: the mark by which others see that it was fitted."""
    return isinstance(step, SetAttribute) and isinstance(body[step.value], Const)
