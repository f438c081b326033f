"""Which columns that a statement makes are used in it: by other columns, conditions, joins, groups and orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp

from mldebt.declarations import MadeColumn, Origin
from mldebt.extract.sql_measures import Tree
from mldebt.extract.sql_template import has_holes

ANY = "*"
_APART = frozenset({"expressions", "with_", "with"})


class Uses:
    """Collects what is used. In doubt a column is used: names that are not resolved count for all columns of that
    name, and a template or a form that may name any column for all of them."""

    def __init__(self) -> None:
        self._made: set[int] = set()
        self._taken: dict[Origin, None] = {}
        self._names: set[str] = set()
        self._all = False

    def use(self, origins: Iterable[Origin]) -> None:
        """Columns that something needs beside the columns that are made of them."""
        for origin in origins:
            if origin.made >= 0:
                self._made.add(origin.made)
            else:
                self._taken[origin] = None

    def name(self, *names: str) -> None:
        """Names that stand for columns nobody resolved."""
        self._names.update(name.lower() for name in names)

    def all(self) -> None:
        """Something may use any column."""
        self._all = True

    def is_asked(self, index: int, made: MadeColumn) -> bool:
        """Whether something needs a column beside those that are made of it."""
        return self._all or index in self._made or made.name.lower() in self._names

    def asks(self) -> tuple[Origin, ...]:
        """The columns of relations that are used; without a relation, names that may be of any."""
        loose = (Origin(-1, name) for name in sorted(self._names | ({ANY} if self._all else set())))
        return (*self._taken, *loose)

    def idle(self, made: Sequence[MadeColumn], given: Iterable[int]) -> frozenset[int]:
        """The columns that come to nothing, themselves or in others."""
        if self._all:
            return frozenset()
        named = (index for index, one in enumerate(made) if one.name.lower() in self._names)
        todo = [*given, *self._made, *named]
        alive: set[int] = set()
        while todo:
            index = todo.pop()
            if index not in alive:
                alive.add(index)
                todo += [origin.made for origin in made[index].origins if origin.made >= 0]
        return frozenset(range(len(made))) - alive


def asked(node: exp.Select) -> Iterator[exp.Column]:
    """The columns that a query names outside of its projections and of the queries inside it."""
    todo = [part for key, value in node.args.items() if key not in _APART for part in _trees(value)]
    while todo:
        part = todo.pop()
        if isinstance(part, exp.Column):
            yield part
        elif not isinstance(part, exp.Query):
            todo += part.iter_expressions()


def joined_by(node: exp.Select) -> Iterator[str]:
    """The names of columns by which tables are joined without a condition."""
    for join in node.args.get("joins") or ():
        yield from (one.name for one in join.args.get("using") or ())


def joined_by_all(node: exp.Select) -> bool:
    """Whether tables are joined by whatever columns have the same name."""
    return any(join.args.get("method") == "NATURAL" for join in node.args.get("joins") or ())


def needs_all(node: exp.Select) -> bool:
    """Whether each column of a query decides about its rows: distinct ones, groups by all or by position."""
    if node.args.get("distinct"):
        return True
    group, order = node.args.get("group"), node.args.get("order")
    ordered = [one.this for one in order.expressions] if isinstance(order, exp.Order) else []
    positions = [*(group.expressions if isinstance(group, exp.Group) else ()), *ordered]
    return bool(group and group.args.get("all")) or any(isinstance(one, exp.Literal) for one in positions)


def open_ended(tree: Tree) -> bool:
    """Whether a statement may use columns that it does not name: by a template, by turning columns into rows."""
    if tree.find(exp.Pivot, exp.Lateral, exp.Unnest) is not None:
        return True
    named = tree.find_all(exp.Identifier, exp.Anonymous, exp.Var)
    return any(has_holes(str(one.this)) for one in named if not isinstance(one.parent, exp.Table))


def _trees(value: object) -> list[Tree]:
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, Tree)]
