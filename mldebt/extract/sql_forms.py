"""Expressions of SQL as normal forms: what a column is computed as, and over which rows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from mldebt import forms
from mldebt.extract.sql_measures import Tree
from mldebt.extract.sql_template import Rendered, has_holes

DEEPEST = 24
_WRAPPERS = (exp.Cast, exp.TryCast, exp.Paren, exp.Alias)
_SYMBOLS: dict[type, str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.EQ: "==", exp.NEQ: "!=", exp.GT: ">", exp.GTE: ">=",
    exp.LT: "<", exp.LTE: "<=", exp.And: "and", exp.Or: "or", exp.Mod: "%", exp.Is: "is",
}  # fmt: skip


class SqlForms:
    """Writes expressions of one statement as forms."""

    def __init__(self, rendered: Rendered) -> None:
        self._rendered = rendered

    def form(self, node: Tree, depth: int = 0) -> str:
        """The form of an expression. Tables, aliases and types are left out."""
        while isinstance(node, _WRAPPERS):
            node = node.this
        if depth > DEEPEST:
            return forms.SOME
        leaf = self._leaf(node)
        if leaf:
            return leaf
        if isinstance(node, exp.Case):
            return self._case(node, depth)
        if type(node) in _SYMBOLS:
            return forms.operation(_SYMBOLS[type(node)], *self._parts((node.this, node.expression), depth))
        if isinstance(node, exp.Coalesce):
            return forms.operation("fill", *self._parts((node.this, *node.expressions), depth))
        name = node.name.lower() if isinstance(node, exp.Anonymous) else node.key
        return forms.operation(name, *self._parts(tuple(_children(node)), depth))

    def rows(self, query: exp.Select) -> str:
        """The form of the condition that rows of a query meet; empty where there is none."""
        where = query.args.get("where")
        return self.form(where.this) if isinstance(where, exp.Where) else ""

    def _leaf(self, node: Tree) -> str:
        if isinstance(node, exp.Column):
            return self._name(node.name, forms.column(node.name))
        if isinstance(node, exp.Literal):
            said = node.name
            if has_holes(said):
                return forms.named(self._rendered.spelled(said))
            return forms.constant(said) if node.is_string else forms.number(said)
        if isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal):
            return forms.number(f"-{node.this.name}")
        if isinstance(node, exp.Interval):
            unit = node.args.get("unit")
            said = f"{node.this.name if isinstance(node.this, Tree) else ''} {unit.name if unit else ''}"
            return forms.constant(self._rendered.spelled(said).strip().lower().removesuffix("s"))
        if isinstance(node, exp.Boolean):
            return forms.constant(bool(node.this))
        if isinstance(node, (exp.Null, exp.Star)):
            return forms.constant(None) if isinstance(node, exp.Null) else forms.named("*")
        if isinstance(node, (exp.Query, exp.Subquery)):
            return forms.named("query")
        known = isinstance(node, (exp.Var, exp.Identifier))
        return self._name(node.name, forms.constant(node.name.lower())) if known else ""

    def _name(self, name: str, form: str) -> str:
        """A name that stands in the text as such; of one that is put in there only the hole is known."""
        return forms.named(self._rendered.spelled(name)) if has_holes(name) else form

    def _case(self, node: exp.Case, depth: int) -> str:
        """Arms in their order; the one that only replaces what is missing fills it."""
        default = node.args.get("default")
        arms = node.args.get("ifs") or []
        if len(arms) == 1 and default is not None and not node.this:
            test, given = arms[0].this, arms[0].args.get("true")
            if isinstance(test, exp.Is) and isinstance(test.expression, exp.Null) and test.this == default and given:
                return forms.operation("fill", *self._parts((default, given), depth))
        parts = [part for arm in arms for part in (arm.this, arm.args.get("true")) if isinstance(part, Tree)]
        subject = [node.this] if isinstance(node.this, Tree) else []
        return forms.operation("case", *self._parts((*subject, *parts, *([default] if default else [])), depth))

    def _parts(self, nodes: tuple[Tree, ...], depth: int) -> list[str]:
        return [self.form(node, depth + 1) for node in nodes]



def _children(node: Tree) -> Iterator[Tree]:
    for value in node.args.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Tree) and not isinstance(part, exp.DataType):
                yield part
