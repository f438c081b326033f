"""The values a step uses, by their numbers in its unit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mldebt import facts
from mldebt.facts import NONE

_VALUES = frozenset(
    {
        "base", "key", "value", "lower", "upper", "stride", "callee", "arguments", "parts", "operand", "left", "right",
        "condition", "then", "otherwise", "items", "keys", "item", "values", "iterable", "manager", "caught",
        "decorators", "defaults", "annotations",
    }
)  # fmt: skip


def operands(step: facts.Step) -> Iterator[int]:
    """The numbers of the values a step uses."""
    if isinstance(step, facts.Const):
        return
    for name in _used(type(step)):
        found = getattr(step, name)
        if type(found) is int:
            if found != NONE:
                yield found
        else:
            yield from _numbers(found)
    if isinstance(step, facts.Define):
        yield from (base.value for base in step.bases)


@cache
def _used(kind: type[facts.Step]) -> tuple[str, ...]:
    """The fields of a kind of step that hold numbers of values: asked for every step of a repository, many times."""
    return tuple(name for name in kind.__struct_fields__ if name in _VALUES)


def _numbers(found: object) -> Iterator[int]:
    if isinstance(found, facts.Argument):
        yield found.value
    elif isinstance(found, tuple):
        for part in found:
            yield from _numbers(part)
    elif isinstance(found, int) and not isinstance(found, bool) and found != NONE:
        yield found
