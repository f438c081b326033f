"""Where boxes stand when what flows between them is drawn from left to right: same boxes and links, same places.

Columns by the longest way from the left, rows by the mean of the neighbours (after Sugiyama, Tagawa and Toda, 1981).
Units are boxes: a column and a row each, rows in halves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush

Link = tuple[str, str]
Place = tuple[int, float]
SWEEPS = 6
MOST_ROWS = 14
"""A column that holds more goes on in another one beside it."""


def placed(ids: Sequence[str], links: Iterable[Link], columns: Mapping[str, int] | None = None) -> dict[str, Place]:
    """Column and row of each box, in `columns` where they are given. Boxes without a link stand below the others."""
    known = set(ids)
    wanted = sorted({(a, b) for a, b in links if a != b and a in known and b in known})
    linked = {end for link in wanted for end in link} | set(columns or ())
    joined = [id for id in ids if id in linked]
    columns = columns_of(joined, wanted) if columns is None else columns
    rows = _rows(joined, wanted, columns)
    found = _wrapped({id: (columns[id], rows[id]) for id in joined})
    return found | _grid([id for id in ids if id not in linked], found)


def columns_of(ids: Sequence[str], links: Iterable[Link], most: int = 0) -> dict[str, int]:
    """The longest way from the left; in a circle the box that gives most and takes least comes first. `most` is how
    many columns there may be (0: any number)."""
    before: dict[str, set[str]] = {id: set() for id in ids}
    after: dict[str, set[str]] = {id: set() for id in ids}
    for a, b in links:
        if a != b and a in before and b in before:
            before[b].add(a)
            after[a].add(b)
    order = {id: place for place, id in enumerate(ids)}
    columns: dict[str, int] = {}

    def left(one: str) -> int:
        """More links out of it than into it is less."""
        return len(before[one] - columns.keys()) - len(after[one] - columns.keys())

    ready = [order[id] for id in ids if not before[id]]
    while len(columns) < len(ids):
        waiting = (one for one in ids if one not in columns)
        id = ids[heappop(ready)] if ready else min(waiting, key=lambda one: (left(one), order[one]))
        columns[id] = max((columns[one] + 1 for one in before[id] if one in columns), default=0)
        for one in after[id]:
            if one not in columns and before[one] <= columns.keys():
                heappush(ready, order[one])
    last = max(columns.values(), default=0)
    return {id: column * most // (last + 1) for id, column in columns.items()} if 0 < most <= last else columns


def _rows(ids: Sequence[str], links: Sequence[Link], columns: Mapping[str, int]) -> dict[str, float]:
    """Rows in which few links cross: each box as near to the mean of its neighbours as its column allows."""
    beside: dict[str, list[str]] = defaultdict(list)
    for a, b in links:
        beside[a].append(b)
        beside[b].append(a)
    by_column: dict[int, list[str]] = defaultdict(list)
    for id in ids:
        by_column[columns[id]].append(id)
    rows = {id: float(place) for held in by_column.values() for place, id in enumerate(held)}
    for sweep in range(SWEEPS):
        for column in sorted(by_column, reverse=bool(sweep % 2)):
            wish = {id: _mean([rows[one] for one in beside[id]], rows[id]) for id in by_column[column]}
            by_column[column].sort(key=lambda id: (wish[id], rows[id]))
            rows |= _spread(by_column[column], wish)
    least = min(rows.values(), default=0.0)
    return {id: round(2 * (row - least)) / 2 for id, row in rows.items()}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _spread(ids: Sequence[str], wish: Mapping[str, float]) -> dict[str, float]:
    """Rows at least one apart, in this order, as near to the wishes as may be on the whole."""
    rows: list[float] = []
    for id in ids:
        rows.append(max(wish[id], rows[-1] + 1) if rows else wish[id])
    shift = sum(wish[id] - row for id, row in zip(ids, rows, strict=True)) / len(rows)
    return {id: row + shift for id, row in zip(ids, rows, strict=True)}


def _wrapped(found: Mapping[str, Place]) -> dict[str, Place]:
    """The same places, but that a long column goes on in columns of its own."""
    by_column: dict[int, list[str]] = defaultdict(list)
    for id, (column, _) in found.items():
        by_column[column].append(id)
    places: dict[str, Place] = {}
    shift, lowest = 0, max((row for _, row in found.values()), default=0.0)
    press = min(1.0, MOST_ROWS / lowest) if any(len(held) > MOST_ROWS for held in by_column.values()) else 1.0
    for column in sorted(by_column):
        held = sorted(by_column[column], key=lambda id: (found[id][1], id))
        if len(held) <= MOST_ROWS:
            places |= {id: (column + shift, round(2 * press * found[id][1]) / 2) for id in held}
            continue
        parts = -(-len(held) // MOST_ROWS)
        places |= {id: (column + shift + place % parts, float(place // parts)) for place, id in enumerate(held)}
        shift += parts - 1
    tight = _halves({id: row for id, (_, row) in places.items()}, places)
    return {id: (column, tight[id]) for id, (column, _) in places.items()}


def _halves(rows: Mapping[str, float], places: Mapping[str, Place]) -> dict[str, float]:
    """Rows moved up until the first is at the top, and apart again where rounding brought two together."""
    least = min(rows.values(), default=0.0)
    taken: dict[int, float] = {}
    found: dict[str, float] = {}
    for id in sorted(rows, key=lambda one: (rows[one], one)):
        column = places[id][0]
        row = max(rows[id] - least, taken.get(column, -1.0) + 1)
        taken[column] = found[id] = row
    return found


def _grid(ids: Sequence[str], above: Mapping[str, Place]) -> dict[str, Place]:
    """Boxes side by side, below the others."""
    top = max((row for _, row in above.values()), default=-2.0) + 2
    wide = max(4, max((column for column, _ in above.values()), default=0) + 1)
    return {id: (place % wide, top + place // wide) for place, id in enumerate(ids)}
