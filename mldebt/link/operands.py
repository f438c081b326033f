"""The values a step uses, by their numbers in its unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, get_type_hints

from mldebt import facts
from mldebt.facts import NONE

_VALUES = frozenset(
    {
        "base", "key", "value", "lower", "upper", "stride", "callee", "arguments", "parts", "operand", "left", "right",
        "condition", "then", "otherwise", "items", "keys", "item", "values", "iterable", "manager", "caught",
        "decorators", "defaults", "annotations", "bases",
    }
)  # fmt: skip
_Getters = tuple[Callable[[facts.Step], Any], ...]


def operands(step: facts.Step) -> list[int]:
    """The numbers of the values a step uses. Asked for every step of a repository, many times."""
    single, several = _used(type(step))
    found = [number for get in single if (number := get(step)) != NONE] if single else []
    for get in several:
        for part in get(step):
            if type(part) is facts.Argument:
                found.append(part.value)
            elif type(part) is int and part != NONE:
                found.append(part)
    return found


@cache
def _used(kind: type[facts.Step]) -> tuple[_Getters, _Getters]:
    """The fields of a kind of step that hold the number of a value, and those that hold several and stand behind."""
    if kind is facts.Const:
        return (), ()
    named = {name: hint for name, hint in get_type_hints(kind).items() if name in _VALUES}
    single = tuple(attrgetter(name) for name in named if named[name] is int)
    return single, tuple(attrgetter(name) for name in named if named[name] is not int)
