"""Read-only questions about dates that stand in the code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mldebt.graph.code import CUTTING, Literal
from mldebt.graph.settings_in_code import MOST_TOLD, Repeated
from mldebt.roles import Confidence

_DATED = ("", CUTTING, "in a query", "in a statement", "made of numbers")
_FIRST_OF_YEAR = "-01-01"
_EPOCHS = frozenset({"1900-01-01", "1970-01-01", "2000-01-01", "2099-12-31"})
_Group = tuple[str, str]


def dates(literals: Iterable[Literal]) -> Iterator[Repeated]:
    """Dates, by their value; those inside queries of one file together, with the files that hold the same ones, and so
    those by which one file cuts rows."""
    groups: dict[tuple[str, str], dict[object, Literal]] = defaultdict(dict)
    for one in literals:
        if one.role == "date" and one.value not in _EPOCHS and one.name != "of a schedule":
            queried = one.name == "in a query"
            key = ("query", one.at.path) if queried else (one.component, one.value)
            groups[key].setdefault((one.at, one.value), one)
    for (kind, name), ones in sorted(_with_cuts_together(_of_same_dates(groups)).items()):
        values = sorted({one.value for one in ones})
        if len(ones) == 1 and ones[0].name not in _DATED:
            continue  # one default of a parameter: callers can choose
        what, value = _told_dates(values)
        places = [one for one in ones if one.name in _DATED[1:] and not one.at.cell]
        meant = {one.at.path for one in places}
        # A text alone, or round dates, may be sample data; in one file an editor finds them.
        round_ = all(date.endswith(_FIRST_OF_YEAR) for date in values)
        often = len(meant) > 1 or (len(places) > 1 and len({one.at.path for one in ones}) > 1)
        asked = len({one.at.line for one in ones if not one.at.cell}) > MOST_TOLD and kind == "query"  # again and again
        cuts = kind == CUTTING or asked
        sure = Confidence.LIKELY if cuts or (often and not round_) else Confidence.HINT
        yield Repeated("date", name, what, value, ones, sure)


def _of_same_dates(groups: Mapping[_Group, dict[object, Literal]]) -> dict[_Group, tuple[Literal, ...]]:
    """The groups, those of queries that ask for the same dates as one, under the name of the first file."""
    found: dict[_Group, tuple[Literal, ...]] = {}
    first: dict[tuple[str, ...], _Group] = {}
    for key, ones in sorted(groups.items()):
        held = tuple(sorted({one.value for one in ones.values()}))
        home = first.setdefault(held, key) if key[0] == "query" else key
        found[home] = (*found.get(home, ()), *ones.values())
    return found


def _with_cuts_together(groups: dict[_Group, tuple[Literal, ...]]) -> dict[_Group, tuple[Literal, ...]]:
    """The groups, those of dates that stand in one file alone and cut rows there as one, and so those that the same
    files repeat."""
    found: dict[_Group, tuple[Literal, ...]] = {}
    for key, ones in sorted(groups.items()):
        files = sorted({one.at.path for one in ones})
        cuts = len(files) == 1 and any(one.name == CUTTING for one in ones) and not any(one.at.cell for one in ones)
        repeated = len(files) > 1 and key[0] != "query" and any(one.name in _DATED[1:] for one in ones)
        home = (CUTTING, files[0]) if cuts else (key[0], ":".join(files)) if repeated else key
        found[home] = (*found.get(home, ()), *ones)
    return found


def _told_dates(values: list[str]) -> tuple[str, str]:
    """Dates in words, in their order."""
    if len(values) == 2:
        return "The pair of dates", f"{values[0]} and {values[1]}"
    return ("The date", values[0]) if len(values) == 1 else ("The list of dates", f"{values[0]} to {values[-1]}")
