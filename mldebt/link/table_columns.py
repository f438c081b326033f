"""Columns of tables of which other columns are read: those that no statement asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from mldebt.declarations import MadeColumn, Statement
from mldebt.link.drawing import Told
from mldebt.link.values import Place

ANY = "*"
_MAKES = frozenset({"create", "view", "select"})
_TAKES = frozenset({"select", "create", "view", "insert", "copy"})


class TableColumns:
    """What the statements of a linking take of tables, by the keys of these."""

    def __init__(self, told: Iterable[Told]) -> None:
        self._written: dict[str, list[Told]] = defaultdict(list)
        self._taken: dict[str, set[str]] = defaultdict(set)
        self._onward: dict[str, dict[Place, None]] = defaultdict(dict)
        for one in told:
            into = [stored for _, stored in one.of("write")]
            for stored in into:
                self._written[stored.key].append(one)
            keys = [[stored.key for stored in places] for places in one.stored]
            self.take(one.statement, keys)
            for key in self._fed(one.statement, keys) if into else ():
                self._onward[key][one.file, one.statement.start, one.statement.end] = None

    def take(self, statement: Statement, keys: list[list[str]]) -> None:
        """Notes what a statement takes of the tables of its relations."""
        whole = statement.open or statement.kind not in _TAKES
        origins = [
            *(origin for column in statement.columns for origin in column.origins), *statement.asks,
            *(origin for _, some in statement.gives for origin in some),
        ]  # fmt: skip
        loose = {origin.column.lower() for origin in origins if origin.relation < 0 and origin.made < 0}
        for number, relation in enumerate(statement.relations):
            if relation.use in ("read", "tell"):
                named = {origin.column.lower() for origin in origins if origin.relation == number}
                for key in keys[number]:
                    self._taken[key] |= named | loose | ({ANY} if whole or relation.use == "tell" else set())

    def _fed(self, statement: Statement, keys: list[list[str]]) -> Iterator[str]:
        """The tables of which columns go into those that a statement gives."""
        given = {origin.relation for _, some in statement.gives for origin in some if origin.made < 0}
        given |= {origin.relation for one in statement.columns if one.given for origin in one.origins}
        for number, relation in enumerate(statement.relations):
            if relation.use == "read" and number in given:
                yield from keys[number]

    def take_all(self, key: str) -> None:
        """Notes that code takes a table as a whole."""
        self._taken[key].add(ANY)

    def unread(self) -> Iterator[tuple[Told, str, MadeColumn, tuple[Place, ...]]]:
        """The columns that a statement computes for nothing, with the key of the table that it alone makes; of those
        that fold many rows into one also the statements that store other columns of the table elsewhere."""
        for key, writers in self._written.items():
            taken, first = self._taken.get(key), writers[0]
            if taken is None or ANY in taken or len(writers) != 1 or "{" in key or first.statement.open:
                continue
            if first.statement.kind in _MAKES:
                for name, origins in first.statement.gives:
                    made = [first.statement.columns[one.made] for one in origins if one.made >= 0]
                    computed = len(made) == 1 and made[0].name == name and not (made[0].renames or made[0].asked)
                    if computed and name.lower() not in taken:
                        yield first, key, made[0], tuple(self._onward.get(key, ())) if made[0].folds else ()
