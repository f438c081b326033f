"""Read-only questions about hyperparameters that stand as numbers in several places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mldebt.graph.code import Literal
from mldebt.graph.settings_in_code import Repeated
from mldebt.roles import Confidence
from mldebt.source import Span

FEWEST_IN_A_BLOCK = 4

def hyperparameters(literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Hyperparameters of one kind of model that are numbers in several functions or files."""
    groups: dict[tuple[str, str], dict[str, dict[object, Literal]]] = defaultdict(lambda: defaultdict(dict))
    set_here = [
        one
        for one in literals
        if one.role == "hyperparameter" and one.value not in ("-1", "0", "1") and not one.constant and not one.at.cell
    ]
    serves: dict[Span, set[str]] = defaultdict(set)
    for one in set_here:
        serves[one.at].add(one.callee)
    for one in set_here:
        if len(serves[one.at]) == 1:  # one call that may build several kinds of model says nothing of each
            groups[one.component, one.callee][one.name].setdefault(one.at, one)
    for (component, callee), names in sorted(groups.items()):
        if not callee:
            yield from _same_defaults(component, {name: list(places.values()) for name, places in names.items()})
            continue
        again = {name: tuple(places.values()) for name, places in names.items() if _in_several(places.values())}
        if again:
            ones = tuple(one for places in again.values() for one in places)
            said = [f"{name}={_values(places)}" for name, places in sorted(again.items())]
            what = f"The setup of {callee.rpartition('.')[2]}:"
            # Whether they are meant to be one setup, only who tunes them can tell.
            yield Repeated("hyperparameter", f"{component}:{callee}", what, _listed(said), ones, Confidence.HINT)


def _values(literals: Iterable[Literal]) -> str:
    return " or ".join(sorted({one.value for one in literals}))


def _in_several(literals: Iterable[Literal]) -> bool:
    return len({(one.at.path, one.symbol) for one in literals}) > 1


def _same_defaults(component: str, names: Mapping[str, Iterable[Literal]]) -> Iterator[Repeated]:
    """Defaults of parameters that functions of several files have in common: those of the same files at once."""
    groups: dict[tuple[str, ...], list[tuple[str, list[Literal]]]] = defaultdict(list)
    for name, literals in sorted(names.items()):
        by_value: dict[str, list[Literal]] = defaultdict(list)
        for one in literals:
            by_value[one.value].append(one)
        for value, same in sorted(by_value.items()):
            groups[tuple(sorted({one.at.path for one in same}))].append((f"{name}={value}", same))
    for files, found in sorted(groups.items()):
        if len(files) > 1:
            said, ones = [one for one, _ in found], [one for _, each in found for one in each]
            what = f"The default of {said[0].partition('=')[0]}" if len(said) == 1 else "The set of defaults"
            value = said[0].partition("=")[2] if len(said) == 1 else _listed(said)
            key = f"{component}:{':'.join(one.partition('=')[0] for one in said)}"
            sure = Confidence.LIKELY if _is_block(ones) and not _are_copies(ones) else Confidence.HINT
            yield Repeated("hyperparameter", key, what, value, tuple(ones), sure)


def _is_block(literals: Iterable[Literal]) -> bool:
    """Whether functions of two files have so many defaults in common that one was taken over from the other: what
    only one of them is called may be called alike by chance."""
    held: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in literals:
        held[one.at.path, one.symbol].add(one.name)
    return len({path for (path, _), names in held.items() if len(names) >= FEWEST_IN_A_BLOCK}) > 1


def _are_copies(literals: Iterable[Literal]) -> bool:
    """Whether functions of the same names have them in each file: the code as a whole was taken over."""
    held: dict[str, set[str]] = defaultdict(set)
    for one in literals:
        held[one.at.path].add(one.symbol.rpartition(":")[2])
    return len(set(map(frozenset, held.values()))) == 1


def _listed(said: list[str]) -> str:
    return ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")
