"""The columns of a statement and what each is made of, common table expressions and aliases resolved away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import msgspec
from sqlglot import exp

from mldebt.declarations import Bound, MadeColumn, Origin, Relation, Statement
from mldebt.extract.sql_forms import SqlForms
from mldebt.extract.sql_measures import Tree, form_of, range_of
from mldebt.extract.sql_shapes import (
    MOST_ORIGINS,
    Formed,
    Origins,
    Reader,
    Shape,
    alike,
    joined,
    of_source,
    renamed,
    renames,
)
from mldebt.extract.sql_template import Rendered
from mldebt.extract.sql_uses import Uses, asked, joined_by, joined_by_all, needs_all, open_ended

MOST_COLUMNS = 600
MOST_RELATIONS = 200
MOST_ARMS = 200
DEEPEST = 40
_GIVES = frozenset({"select", "create", "view", "insert", "copy"})


class Places:
    """Offsets in the file for nodes of a tree."""

    def __init__(self, rendered: Rendered, start: int, texts: dict[str, list[int]], length: int) -> None:
        self._rendered, self._start, self._texts, self.length = rendered, start, texts, length

    def whole(self) -> tuple[int, int]:
        return self._rendered.place(self._start), self._rendered.place(self._start + self.length)

    def of(self, node: Tree) -> tuple[int, int]:
        """Where the first name in a node stands; the statement's beginning when it has none."""
        for identifier in node.find_all(exp.Identifier, exp.Star):
            start, end = identifier.meta.get("start"), identifier.meta.get("end")
            if isinstance(start, int) and isinstance(end, int):
                return self.file(start, end + 1)
        return self.whole()

    def of_text(self, text: str) -> tuple[int, int]:
        """Where a quoted text stands; its first place that was not asked for yet."""
        places = self._texts.get(text)
        if not places:
            return self.whole()
        start = places.pop(0) if len(places) > 1 else places[0]
        return self.file(start, start + len(text) + 2)

    def file(self, start: int, end: int) -> tuple[int, int]:
        """Where offsets of the statement stand in the file."""
        here = self._rendered.place(self._start + start)
        return here, max(self._rendered.place(self._start + end - 1) + 1, here)


class Columns:
    """Collects the relations and columns of one statement."""

    def __init__(self, rendered: Rendered, places: Places) -> None:
        self._rendered, self._places = rendered, places
        self._forms = SqlForms(rendered)
        self._relations: dict[tuple[str, str, str, str], int] = {}
        self._said: list[Relation] = []
        self._made: list[MadeColumn] = []
        self._stars: list[int] = []
        self._joins = 0
        self._uses = Uses()
        self._given = Shape()
        self._env: dict[str, Shape] = {}

    def statement(self, kind: str, bounds: tuple[Bound, ...]) -> Statement:
        start, end = self._places.whole()
        given = {origin.made for _, origins in self._given.named.values() for origin in origins}
        idle = self._uses.idle(self._made, given - {-1}) if kind in _GIVES else frozenset()
        asked = frozenset(index for index, one in enumerate(self._made) if self._uses.is_asked(index, one))
        columns = tuple(
            msgspec.structs.replace(one, given=index in given, idle=index in idle, asked=index in asked)
            for index, one in enumerate(self._made)
        )
        return Statement(
            kind, start, end, tuple(self._said), columns, tuple(self._given.named.values()), bounds,
            tuple(dict.fromkeys(self._stars)), bool(self._given.open), self._joins, alike=alike(self._given),
            asks=self._uses.asks(),
        )  # fmt: skip

    def give(self, query: Tree, names: Iterable[str] = ()) -> None:
        """The query whose columns the statement gives; `names` are those it puts them into."""
        if self._rendered.decides or open_ended(query):
            self._uses.all()
        shape = self._query(query, self._env, "", 0)
        renamed = list(names)
        if renamed and len(renamed) == len(shape.named) and not shape.open:
            pairs = zip(renamed, shape.named.values(), strict=True)
            shape = Shape({name.lower(): (name, origins) for name, (_, origins) in pairs})
        self._given = shape

    def ctes(self, node: Tree) -> None:
        """The common table expressions of a statement that is no query itself."""
        self._env = self._with(node, self._env, 0)

    def source(self, node: Tree) -> Shape:
        """Something that rows are taken from."""
        return self._source(node, self._env, "", 0)

    def relation(self, table: exp.Table, use: str) -> int:
        """The number of a table, file or table function; -1 for what is none."""
        start, end = self._places.of(table)
        inner = table.this
        if isinstance(inner, exp.Literal):
            return self.file(inner, use, "quoted")
        if not isinstance(inner, exp.Identifier):
            return self._call(inner, use, start, end)
        hole = self._rendered.whole(inner.name) if not table.db else None
        if hole is not None and hole.form != "hole":
            return self._add(Relation(hole.name, use, hole.form, hole.start, hole.end))
        name = spelled_table(table, self._rendered)
        quoted = inner.args.get("quoted") and not table.db
        return self._add(Relation(name, use, "quoted" if quoted else "table", start, end))

    def file(self, text: Tree, use: str, form: str = "file") -> int:
        """A quoted text that names a file."""
        start, end = self._places.of_text(text.name)
        return self._add(Relation(self._rendered.spelled(text.name), use, form, start, end))

    def _call(self, call: Tree, use: str, start: int, end: int) -> int:
        """A table function, with the first texts it is given."""
        name = call.name if isinstance(call, exp.Anonymous) else call.sql_name() if isinstance(call, exp.Func) else ""
        texts = [one for one in call.find_all(exp.Literal) if one.is_string] if name else []
        found = -1
        for text in texts[:1] if not isinstance(call.find(exp.Array), exp.Array) else texts[:20]:
            start, end = self._places.of_text(text.name)
            given = self._rendered.spelled(text.name)
            found = self._add(Relation(self._rendered.spelled(name).lower(), use, "call", start, end, given))
        return found

    def _add(self, relation: Relation) -> int:
        key = (relation.name.lower(), relation.use, relation.form, relation.given)
        known = self._relations.get(key)
        if known is None and len(self._said) < MOST_RELATIONS:
            known = self._relations[key] = len(self._said)
            self._said.append(relation)
        return -1 if known is None else known

    def _with(self, node: Tree, env: dict[str, Shape], depth: int) -> dict[str, Shape]:
        clause = node.args.get("with_") or node.args.get("with")
        if not isinstance(clause, exp.With):
            return env
        env = dict(env)
        for cte in clause.expressions:
            name = cte.alias.lower()
            if clause.args.get("recursive"):
                env[name] = Shape()
                self._uses.all()
            shape = self._query(cte.this, env, cte.alias, depth + 1)
            env[name] = renamed(shape, cte.args.get("alias"))
        return env

    def _query(self, node: Tree, env: dict[str, Shape], scope: str, depth: int) -> Shape:
        while isinstance(node, (exp.Subquery, exp.Paren)) and not node.args.get("joins"):
            env = self._with(node, env, depth)
            node = node.this
        if depth > DEEPEST:
            self._uses.all()
            return Shape()
        env = self._with(node, env, depth)
        if isinstance(node, exp.SetOperation):
            return self._union(node, env, scope, depth)
        return self._select(node, env, scope, depth) if isinstance(node, exp.Select) else Shape()

    def _union(self, node: Tree, env: dict[str, Shape], scope: str, depth: int) -> Shape:
        """The columns of all arms by the names of the first, whatever number of arms there is."""
        arms: list[Tree] = []
        distinct = False
        while isinstance(node, exp.SetOperation):
            distinct = distinct or not isinstance(node, exp.Union) or bool(node.args.get("distinct"))
            arms.append(node.expression)
            node = node.this
            env = self._with(node, env, depth) if isinstance(node, exp.SetOperation) else env
        shapes = [self._query(arm, env, scope, depth + 1) for arm in [node, *reversed(arms)][:MOST_ARMS]]
        first = shapes[0]
        if distinct or len(arms) >= MOST_ARMS or any(shape.open for shape in shapes):
            self._needed(*shapes)  # which columns stand beside which is not known
        columns = [list(shape.named.values()) for shape in shapes]
        named = {
            name: (said, joined(column[place][1] for column in columns if place < len(column)))
            for place, (name, (said, _)) in enumerate(first.named.items())
        }
        return Shape(named, tuple(dict.fromkeys(one for shape in shapes for one in shape.open)))

    def _select(self, node: exp.Select, env: dict[str, Shape], scope: str, depth: int) -> Shape:
        sources = dict(self._sources(node, env, scope, depth))
        reader = Reader(sources)
        for query in _inner_queries(node):
            self._needed(self._query(query, env, scope, depth + 1))
            self._uses.name(*(one.name for one in query.find_all(exp.Column) if not one.table))
        named: dict[str, tuple[str, Origins]] = {}
        forms: dict[str, Formed] = {}
        opened: list[int] = []
        rows = self._forms.rows(node)
        for projection in node.expressions:
            self._note(projection, named, reader)
            if projection.is_star:
                opened += self._star(projection, sources, named, forms)
                continue
            name = self._rendered.spelled(projection.alias_or_name or projection.output_name)
            origins = self._projected(projection, name, scope, reader, rows)
            self._uses.use(origins if not name else named.get(name.lower(), ("", ()))[1])
            if name:
                named[name.lower()] = (name, origins)
                self._form(projection, name.lower(), forms, reader)
        shape = Shape(named, tuple(dict.fromkeys(opened)), forms)
        self._conditions(node, shape, reader)
        return shape

    def _conditions(self, node: exp.Select, shape: Shape, reader: Reader) -> None:
        """What decides about the rows of a query uses columns, its own ones among them."""
        for column in asked(node):
            self._uses.use(reader.origins(column))
            self._note(column, shape.named, reader)
        self._uses.name(*joined_by(node))
        self._needed(*([shape] if needs_all(node) else ()), *(reader.sources.values() if joined_by_all(node) else ()))

    def _note(self, node: Tree, named: Mapping[str, tuple[str, Origins]], reader: Reader) -> None:
        """Names in an expression that nobody resolves, columns that the same query made before, and whole rows."""
        for column in node.find_all(exp.Column):
            own = named.get(column.name.lower()) if not column.table else None
            self._uses.use(own[1] if own is not None else ())
            whole = reader.sources.get(column.name.lower()) if not column.table else None
            if whole is not None:
                self._needed(whole)
            origins = reader.origins(column)
            if not origins or len(origins) >= MOST_ORIGINS:
                self._uses.name(*(part.name for part in column.parts))

    def _needed(self, *shapes: Shape) -> None:
        for shape in shapes:
            for _, origins in shape.named.values():
                self._uses.use(origins)

    def _form(self, node: Tree, name: str, forms: dict[str, Formed], reader: Reader) -> None:
        """The form of a projection; one that is only passed on stands where it was said before."""
        inner = node.this if isinstance(node, exp.Alias) else node
        form = form_of(inner, reader.form)
        forms.pop(name, None)
        if form is None:
            return
        if not isinstance(inner, exp.Column):
            form = replace(form, steps=range_of(inner, reader.form))
        before = reader.formed(inner) if isinstance(inner, exp.Column) and inner.name.lower() == name else None
        alias = node.args.get("alias") if isinstance(node, exp.Alias) else None
        start, end = self._places.of(alias if isinstance(alias, exp.Identifier) else node)
        forms[name] = Formed(form, before.start, before.end) if before is not None else Formed(form, start, end)

    def _sources(
        self, node: exp.Select, env: dict[str, Shape], scope: str, depth: int
    ) -> Iterator[tuple[str, Shape]]:
        first = node.args.get("from_") or node.args.get("from")
        parts = [first.this] if isinstance(first, exp.From) else []
        joins = node.args.get("joins") or []
        self._joins += len(joins)
        parts += [join.this for join in joins] + list(node.args.get("laterals") or ())
        for number, part in enumerate(parts):
            for inner in (part, *(join.this for join in part.args.get("joins") or ())):
                name = inner.alias_or_name.lower() or f"#{number}"
                yield name, self._source(inner, env, scope, depth)

    def _source(self, node: Tree, env: dict[str, Shape], scope: str, depth: int) -> Shape:
        if isinstance(node, exp.Table):
            known = env.get(node.name.lower()) if not node.db else None
            if known is not None:
                return known
            number = self.relation(node, "read")
            return Shape({}, (number,) if number >= 0 else ())
        if isinstance(node, exp.Lateral):
            node = node.this
        if isinstance(node, (exp.Subquery, exp.Query, exp.Paren)):
            return renamed(self._query(node, env, scope, depth + 1), node.args.get("alias"))
        return Shape()

    def _star(
        self, node: Tree, sources: dict[str, Shape], named: dict[str, tuple[str, Origins]], forms: dict[str, Formed]
    ) -> list[int]:
        """`*` or `t.*`: the named columns of the sources, and what they leave open."""
        table = node.table.lower() if isinstance(node, exp.Column) else ""
        star = node.find(exp.Star)
        except_ = (star.args.get("except_") or star.args.get("except") or ()) if star else ()
        left_out = {one.name.lower() for one in except_}
        opened: list[int] = []
        for name, shape in sources.items():
            if table in ("", name):
                opened += shape.open
                named.update({key: value for key, value in shape.named.items() if key not in left_out})
                passed = {key: one for key, one in shape.forms.items() if key not in left_out}
                forms |= {key: Formed(of_source(name, one.form), one.start, one.end) for key, one in passed.items()}
        if opened or not sources:
            self._stars.append(self._places.of(node)[0])
        return opened

    def _projected(self, node: Tree, name: str, scope: str, reader: Reader, rows: str) -> Origins:
        """The origins of a projection: a column that is only passed on has those it had. `rows` are those of its query,
        which matter to what is counted over them."""
        inner = node.this if isinstance(node, exp.Alias) else node
        origins = reader.origins(inner)
        plain = isinstance(inner, exp.Column) and inner.name.lower() == name.lower()
        if plain or not name or len(self._made) >= MOST_COLUMNS:
            return origins
        alias = node.args.get("alias") if isinstance(node, exp.Alias) else None
        start, end = self._places.of(alias if isinstance(alias, exp.Identifier) else node)
        folds = inner.find(exp.AggFunc) is not None
        form, counted = self._forms.form(inner), rows if folds else ""
        self._made.append(
            MadeColumn(name, scope, origins, start, end, renames=renames(inner), form=form, rows=counted, folds=folds)
        )
        return (Origin(-1, name, len(self._made) - 1),)


def spelled_table(table: exp.Table, rendered: Rendered) -> str:
    """A table's name as written, with dots and without quotes."""
    return rendered.spelled(".".join(part.name for part in table.parts if part.name))


def _inner_queries(node: exp.Select) -> Iterator[Tree]:
    """Queries inside expressions and conditions; those that rows are taken from are sources, not these."""
    outside = {"from_", "from", "joins", "laterals", "with_", "with"}
    todo = [part for key, value in node.args.items() if key not in outside
            for part in (value if isinstance(value, list) else [value]) if isinstance(part, Tree)]
    joins = node.args.get("joins") or []
    todo += [join.args["on"] for join in joins if isinstance(join.args.get("on"), Tree)]
    while todo:
        part = todo.pop()
        if isinstance(part, exp.Query):
            yield part
            continue
        todo += part.iter_expressions()
