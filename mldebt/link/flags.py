"""Conditions that a settings file decides: what they come out as with the values that stand there."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.link.kinds import truth
from mldebt.link.machine import Machine
from mldebt.link.operators import compared
from mldebt.link.values import Alt, Deferred, Scalar, Setting, Text, Value


def outcome(machine: Machine, condition: Value) -> bool | None:
    """What a condition comes out as, keys of settings files taken for what stands there; None if it is open."""
    if isinstance(condition, Deferred):
        return _deferred(machine, condition)
    answers = {truth(value) for value in _values(machine, condition)}
    return answers.pop() if len(answers) == 1 else None


def settings_of(condition: Value) -> Iterator[Setting]:
    """The keys of settings files that a condition asks."""
    if isinstance(condition, Setting) and condition.how == "config":
        yield condition
    for part in condition.operands if isinstance(condition, Deferred) else ():
        yield from settings_of(part)
    for part in condition.values if isinstance(condition, Alt) else ():
        yield from settings_of(part)


def words(condition: Value) -> str:
    """The condition in terms of keys, constants and operators; empty where it holds anything else."""
    if isinstance(condition, Setting) and condition.how == "config":
        return ".".join(condition.keys)
    if isinstance(condition, Scalar):
        return repr(condition.value)
    if isinstance(condition, Text) and all(isinstance(part, str) for part in condition.parts):
        return repr("".join(map(str, condition.parts)))
    parts = [words(part) for part in condition.operands] if isinstance(condition, Deferred) else []
    if not parts or not all(parts):
        return ""
    if isinstance(condition, Deferred) and condition.op == "compare":
        return f"{parts[0]} {condition.names[0]} {parts[1]}"
    if isinstance(condition, Deferred) and condition.op in ("and", "or"):
        return f" {condition.op} ".join(parts)
    return f"not {parts[0]}"


def _deferred(machine: Machine, condition: Deferred) -> bool | None:
    if condition.op == "not":
        inner = outcome(machine, condition.operands[0])
        return None if inner is None else not inner
    if condition.op in ("and", "or"):
        deciding = condition.op == "or"
        answers = [outcome(machine, part) for part in condition.operands]
        if deciding in answers:
            return deciding
        return None if None in answers else not deciding
    if condition.op == "compare":
        left, right = condition.operands[:2]
        found = {
            compared(condition.names[0], one, other)
            for one in _values(machine, left)
            for other in _values(machine, right)
        }
        return found.pop() if len(found) == 1 else None
    return None


def _values(machine: Machine, value: Value) -> tuple[Value, ...]:
    """What a value may be; a setting is what its file says, or its default where the file says nothing."""
    if isinstance(value, Alt):
        return tuple(one for part in value.values for one in _values(machine, part))
    if not isinstance(value, Setting) or value.how != "config":
        return (value,)
    found = machine.settings.found(value)
    if found:
        given = machine.settings.values(value)
        nothing = all(entry.kind == "null" for entry in found)
        return given or ((Scalar(False, None, found[0].at),) if nothing else (value,))
    known = machine.settings.is_known(value) and value.default is not None
    return (value.default,) if known and value.default is not None else (value,)
