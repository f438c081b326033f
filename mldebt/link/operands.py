"""The values a step uses, by their numbers in its unit."""

from __future__ import annotations

from functools import cache
from typing import get_type_hints

from mldebt import facts
from mldebt.facts import NONE

_VALUES = frozenset(
    {
        "base", "key", "value", "lower", "upper", "stride", "callee", "arguments", "parts", "operand", "left", "right",
        "condition", "then", "otherwise", "items", "keys", "item", "values", "iterable", "manager", "caught",
        "decorators", "defaults", "annotations", "bases",
    }
)  # fmt: skip


def operands(step: facts.Step) -> list[int]:
    """The numbers of the values a step uses. Asked for every step of a repository, many times."""
    single, several = _used(type(step))
    found = [number for name in single if (number := getattr(step, name)) != NONE]
    for name in several:
        for part in getattr(step, name):
            if type(part) is facts.Argument:
                found.append(part.value)
            elif type(part) is int and part != NONE:
                found.append(part)
    return found


@cache
def _used(kind: type[facts.Step]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of a kind of step that hold the number of a value, and those that hold several and stand behind."""
    if kind is facts.Const:
        return (), ()
    named = {name: hint for name, hint in get_type_hints(kind).items() if name in _VALUES}
    return tuple(name for name in named if named[name] is int), tuple(name for name in named if named[name] is not int)
