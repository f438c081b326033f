"""A feature is computed, and nothing comes of it: no model learns from it, nothing else uses it."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator

from mldebt.findings import Hit
from mldebt.graph import Edge, Graph, Node, NodeKind
from mldebt.graph.column_records import IdleColumn
from mldebt.graph.columns import models_fed, sureness_of
from mldebt.graph.names import model_name
from mldebt.graph.questions import is_ours, saved, trainings
from mldebt.graph.ways import COLUMN
from mldebt.roles import Confidence, Role, weakest
from mldebt.trail import Stop

_SHOWN = 8
_NAMED = 3
_DATA = frozenset({"data", "receiver", "other"})
_NOT_COMPUTED = "renamed"
_IN_A_QUERY = "unused"
_OF_A_TABLE = "unread"
_ENDS = {"dropped": "dropped: {}", "left out": "columns: a list without {}", "overwritten": "column: {}, written anew"}


def check(graph: Graph) -> Iterator[Hit]:
    """One hit for the columns that one query, or one function, makes for nothing, where a model lives on the
    columns beside them."""
    learns, copies = any(is_ours(fit) for fit in trainings(graph)), _copies_left_over(graph)
    for columns in _alike(graph):
        source = columns[0].source
        if not is_ours(graph.node(source)) or graph.node(source).at.path in copies:
            continue
        if columns[0].end == _OF_A_TABLE:
            yield from [_unread(columns)] if learns else ()
            continue
        fed = [(use, way) for use, way in models_fed(graph, source) if is_ours(use)]
        if fed:
            yield _hit(graph, columns, *min(fed, key=lambda pair: not saved(graph, pair[0])))


def _copies_left_over(graph: Graph) -> frozenset[str]:
    """Files of SQL that nothing runs, while another one of the same name is run."""
    run = {posixpath.basename(one.path) for one in graph.code.queries if one.run}
    return frozenset(one.path for one in graph.code.queries if not one.run and posixpath.basename(one.path) in run)


def _alike(graph: Graph) -> list[list[IdleColumn]]:
    """The columns that are computed and idle, those that end alike together; each once, whatever ways lead to it."""
    found: dict[tuple[object, ...], list[IdleColumn]] = defaultdict(list)
    seen: set[tuple[object, ...]] = set()
    for column in graph.code.idle_columns:
        said = (column.at, column.name, column.end)
        if column.end != _NOT_COMPUTED and column.source in graph and said not in seen:
            seen.add(said)
            where: tuple[object, ...] = (column.at.path, column.symbol, column.ends)
            if column.end in (_IN_A_QUERY, _OF_A_TABLE):
                where = (column.source, column.scope if column.end == _OF_A_TABLE else "")
            found[column.end, where, _is_only_prepared(graph, column)].append(column)
    return list(found.values())


def _is_only_prepared(graph: Graph, column: IdleColumn) -> bool:
    """Whether a column is made of nothing but itself: a table brought it, and code gives it another form."""
    made_of: set[str] = set()
    seen, todo = {column.source}, [column.source]
    while todo:
        for edge in graph.in_edges(todo.pop()):
            if edge.part.startswith(COLUMN):
                made_of.add(edge.part.removeprefix(COLUMN))
            elif edge.source not in seen and edge.slot in _DATA:
                seen.add(edge.source)
                todo.append(edge.source)
    return made_of == {column.name} and graph.node(column.source).kind is NodeKind.FEATURE


def _unread(columns: list[IdleColumn]) -> Hit:
    """Of a table that may be read elsewhere too: a hint, unless rows are folded for it at each run, and the table is a
    station on the way to another one here."""
    first, *others = sorted(columns, key=lambda column: (column.at, column.name))
    names = [column.name for column in (first, *others)]
    return Hit(
        at=first.at,
        details={"feature": _listed(names), "artifact": first.scope, "what": "it" if not others else "any of them"},
        keys=(first.scope, *names),
        confidence=Confidence.LIKELY if first.ends else Confidence.HINT,
        trail=(
            Stop(first.at, f"column: {first.name}"),
            *(Stop(at, f"query: stores others of {first.scope}") for at in first.ends[:_SHOWN]),
        ),
        related=tuple(Stop(column.at, f"column: {column.name}") for column in others)[:_SHOWN],
        variant=_OF_A_TABLE,
    )


def _hit(graph: Graph, columns: list[IdleColumn], use: Node, way: tuple[Edge, ...]) -> Hit:
    first, *others = sorted(columns, key=lambda column: (column.at, column.name))
    names = [column.name for column in (first, *others)]
    # What a notebook tries and does not keep, and what was there and is only read as dates, or without its gaps.
    weak = (bool(first.at.cell) and not saved(graph, use)) or _is_only_prepared(graph, first)
    return Hit(
        at=first.at,
        details={
            "feature": _listed(names),
            "step": first.scope if first.scope and len({one.scope for one in columns}) == 1 else "the query",
            "model": model_name(graph, use) or "a model",
            "what": "it" if not others else "them",
        },
        keys=(first.scope, *names),
        confidence=Confidence.HINT if weak else weakest(Confidence.LIKELY, sureness_of(graph, way)),
        symbol=first.symbol,
        trail=(
            Stop(first.at, f"column: {first.name}"),
            *_end(graph, first),
            Stop(use.at, f"{(use.role or Role.FIT).value}: {use.name}"),
        ),
        related=tuple(Stop(column.at, f"column: {column.name}") for column in others)[:_SHOWN],
        variant="" if first.end == _IN_A_QUERY else first.end.replace(" ", "-"),
    )


def _end(graph: Graph, column: IdleColumn) -> Iterator[Stop]:
    """Where the column comes to its end."""
    if column.end == _IN_A_QUERY:
        yield Stop(graph.node(column.source).at, "query: gives rows without it")
    for at in column.ends:
        yield Stop(at, _ENDS[column.end].format(column.name))


def _listed(names: list[str]) -> str:
    shown, left = names[:_NAMED], len(names) - _NAMED
    if left > 0:
        return f"{', '.join(shown)} and {left} more"
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
