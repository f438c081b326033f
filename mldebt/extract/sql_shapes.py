"""What a query gives, and how names of columns are resolved against what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import msgspec
from sqlglot import exp

from mldebt.declarations import Origin, Twin
from mldebt.extract.sql_measures import Tree
from mldebt.measures import Form

MOST_ORIGINS = 24

Origins = tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Formed:
    """What a column holds, as a normal form, and where it is said."""

    form: Form
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Shape:
    """What a query gives: columns by name, folded, and the relations out of which any other name may come. `forms` are
    those of the columns whose expression is followed."""

    named: Mapping[str, tuple[str, Origins]] = field(default_factory=dict)  # folded -> as written, origins
    open: tuple[int, ...] = ()
    forms: Mapping[str, Formed] = field(default_factory=dict)

    def origins(self, name: str) -> Origins | None:
        """The origins of a column; None when it cannot be one of these."""
        known = self.named.get(name.lower())
        if known is not None:
            return known[1]
        return tuple(Origin(relation, name) for relation in self.open[:MOST_ORIGINS]) if self.open else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Resolves names of columns against the sources of one query."""

    sources: dict[str, Shape]

    def origins(self, node: Tree) -> Origins:
        columns = [node] if isinstance(node, exp.Column) else node.find_all(exp.Column)
        return joined(self._of(column) for column in columns if not column.is_star)

    def formed(self, column: exp.Column) -> Formed | None:
        """Where a column that comes from one source was formed there."""
        name = self._source_of(column)
        return self.sources[name].forms.get(column.name.lower()) if name else None

    def form(self, column: exp.Column) -> Form | None:
        """The form of a column: what it was formed of in its source, or the column as such."""
        source = self._source_of(column)
        if not source:
            return None if column.table else Form(f"?.{column.name.lower()}", columns=True)
        known = self.sources[source].forms.get(column.name.lower())
        if known is not None:
            return of_source(source, known.form)
        return Form(f"{source}.{column.name.lower()}", columns=True)

    def _source_of(self, column: exp.Column) -> str:
        """The name of the one source that a column comes from; empty where several may hold it."""
        name = column.name.lower()
        if column.table:
            return column.table.lower() if column.table.lower() in self.sources else ""
        certain = [key for key, one in self.sources.items() if name in one.named]
        found = certain or [key for key, one in self.sources.items() if one.open]
        return found[0] if len(found) == 1 else ""

    def _of(self, column: exp.Column) -> Origins:
        shape = self.sources.get(column.table.lower()) if column.table else None
        if shape is not None:
            return shape.origins(column.name) or ()
        if column.table:
            return ()
        certain = [one for one in self.sources.values() if column.name.lower() in one.named]
        found = certain or [one for one in self.sources.values() if one.open]
        return joined((shape.origins(column.name) or ()) for shape in found)


def renamed(shape: Shape, alias: object) -> Shape:
    """The columns under the names that an alias `t (a, b)` gives them."""
    names = [one.name for one in alias.args.get("columns") or ()] if isinstance(alias, exp.TableAlias) else []
    if not names or len(names) != len(shape.named):
        return shape
    pairs = zip(names, shape.named.values(), strict=True)
    return Shape({name.lower(): (name, origins) for name, (_, origins) in pairs}, shape.open)


def of_source(source: str, form: Form) -> Form:
    """A form as it is seen through the name of its source: two sources of one query hold different rows."""
    steps = f"{source}.{form.steps}" if form.steps else ""
    return replace(form, core=f"{source}.{form.core}", steps=steps) if form.core else form


def renames(node: Tree) -> bool:
    """Whether an expression is a column as it is, or in another kind."""
    while isinstance(node, (exp.Paren, exp.Cast)):
        node = node.this
    return isinstance(node, exp.Column)


def alike(shape: Shape) -> tuple[tuple[Twin, ...], ...]:
    """The columns that a query gives under several names, those of one value together; and each that tells the range
    of another, with that one."""
    found: dict[str, list[Twin]] = {}
    ranges: list[tuple[str, Twin]] = []
    for name, one in shape.forms.items():
        if one.form.columns and one.form.scale and name in shape.named:
            twin = Twin(shape.named[name][0], one.form.unit, one.start, one.end)
            found.setdefault(one.form.core, []).append(twin)
            ranges += [(one.form.steps, msgspec.structs.replace(twin, ranges=True))] if one.form.steps else []
    told = ((found[core][0], twin) for core, twin in ranges if core in found)
    return (*(tuple(twins) for twins in found.values() if len(twins) > 1), *told)


def joined(parts: Iterable[Origins]) -> Origins:
    return tuple(dict.fromkeys(origin for part in parts for origin in part))[:MOST_ORIGINS]
