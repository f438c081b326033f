"""One statement of SQL to what it reads, writes and makes. sqlglot lives here and in `sql_columns`, nowhere else."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import msgspec
from sqlglot import exp, parse_one
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from mldebt.declarations import Bound, Relation, Statement
from mldebt.extract.sql_columns import Columns, Places
from mldebt.extract.sql_measures import Tree
from mldebt.extract.sql_template import Rendered, has_holes

DIALECTS = ("", "bigquery", "duckdb", "postgres", "snowflake", "spark", "tsql", "mysql")
_WORD = re.compile(r"[\s(]*([A-Za-z]+)")
_HEADS = frozenset({"select", "with", "insert", "merge", "update", "delete", "copy", "from", "replace", "values"})
_OTHERS = frozenset(
    re.findall(
        r"\w+",
        """
        abort alter analyse analyze assert attach backup base begin break cache call catch checkpoint close cluster
        comment commit compile connect create cross deallocate declare delimiter deny desc describe detach disable
        discard do drop else elseif elsif enable end exec execute exit explain export expression fetch flush for foreign
        function get go goto grant handler help if import install install_extension iterate kill label leave let list
        listen load lock loop ls mount msck notify open optimize perform pivot pragma prepare print procedure prompt
        purge put quit raise read reassign refresh reindex release rem remark remove rename repair repeat reset resignal
        restore return returns revoke rm rollback save savepoint security set show shutdown signal spool start stop
        summarize suspend table then throw truncate try uncache undo undrop unlisten unload unlock unpivot unset unuse
        use vacuum validate wait waitfor when whenever while xa
        """,
    )
)
_SPOKEN = re.compile(r"[\s(]*(?P<word>[A-Za-z_]\w*)\s+[\w\"`*\[@]")
_TELLING = re.compile(r"\b(?:select|from|into|table|values|set|where|join)\b", re.IGNORECASE)
_MAKES = re.compile(
    r"create\s+(?:or\s+(?:replace|alter)\s+)?(?:(?:global|local|temp|temporary|transient|external|unlogged|materialized|secure"
    r"|recursive|live|streaming|dynamic|volatile|hybrid|foreign)\s+)*(?:table|view|model)\b",
    re.IGNORECASE,
)
_ROWS = re.compile(
    r"(?:insert(?:\s+or\s+\w+|\s+ignore)?|replace)\s+into\s+(?P<name>[\w.\"`\[\]]+)\s*(?:\([^()]*\)\s*)?values\b",
    re.IGNORECASE,
)
_TEXTS = frozenset({"STRING", "RAW_STRING", "NATIONAL_STRING"})
_DATE = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_UNQUOTED = re.compile(r"[\"`\[\]]")


def is_data(text: str) -> bool:
    """Whether a statement moves rows or defines where they lie; all others (rights, indexes, functions) do not."""
    head = _WORD.match(text)
    return head is not None and (head[1].lower() in _HEADS or _MAKES.match(text) is not None)


def unknown_word(text: str) -> str:
    """The word that a statement begins with where no statement does, though others tell that it is meant as one."""
    spoken = _SPOKEN.match(text)
    word = spoken["word"] if spoken is not None else ""
    known = not word or word.lower() in _HEADS or word.lower() in _OTHERS or has_holes(word)
    return "" if known or _TELLING.search(text) is None else word


def inserted(text: str, place: int) -> Statement | None:
    """`INSERT INTO t VALUES ...` of a dump, which needs no parser."""
    match = _ROWS.match(text)
    if match is None:
        return None
    start, end = place + match.start("name"), place + match.end("name")
    name = _UNQUOTED.sub("", match["name"])
    return Statement("insert", place, end, (Relation(name, "write", "table", start, end),))


def parse(text: str, dialects: tuple[str, ...]) -> tuple[Tree, str] | None:
    """The tree of a statement and the first dialect that reads it; None when none does."""
    log = logging.getLogger("sqlglot")
    silent, log.disabled = log.disabled, True  # what it says of scanned code is no message of ours
    try:
        for dialect in dialects:
            try:
                tree = parse_one(text, read=dialect or None)
            except (SqlglotError, RecursionError, ValueError, TypeError, AttributeError, KeyError, IndexError):
                continue  # a parser that stumbles over hostile text has not read it
            if not isinstance(tree, exp.Command):
                return tree, dialect
    finally:
        log.disabled = silent
    return None


def texts_of(text: str, dialect: str) -> dict[str, list[int]]:
    """Where the quoted texts of a statement stand: the tree does not keep it."""
    found: dict[str, list[int]] = {}
    for token in Dialect.get_or_raise(dialect or None).tokenize(text):
        if token.token_type.name in _TEXTS:
            found.setdefault(token.text, []).append(token.start)
    return found


def _is_view(tree: exp.Create) -> bool:
    return str(tree.args.get("kind", "")).upper() == "VIEW"


class StatementReader:
    """Reads the tree of one statement that stands at `start` of a rendered text."""

    def __init__(self, tree: Tree, text: str, dialect: str, start: int, rendered: Rendered) -> None:
        self._tree, self._rendered = tree, rendered
        texts = texts_of(text, dialect)
        self._places = Places(rendered, start, texts, len(text))
        said = [(one, at, at + len(one) + 2) for one, places in texts.items() if _DATE.fullmatch(one) for at in places]
        self._dates = tuple(sorted((one[:10], *self._places.file(first, end)) for one, first, end in said))
        self._columns = Columns(rendered, self._places)

    def read(self) -> Statement:
        tree = self._tree
        kind = type(tree).__name__.lower()
        if isinstance(tree, exp.Query):
            self._gives(tree)
            kind = "select"
        elif isinstance(tree, exp.Create):
            self._create(tree)
            kind = "view" if _is_view(tree) and tree.find(exp.MaterializedProperty) is None else kind
        elif isinstance(tree, exp.Insert):
            self._insert(tree)
        elif isinstance(tree, exp.Copy):
            self._copy(tree)
        elif isinstance(tree, (exp.Update, exp.Merge, exp.Delete)):
            self._change(tree)
        bounds = sorted(dict.fromkeys(self._bounds()), key=lambda one: (one.start, one.column, one.kind))
        return msgspec.structs.replace(self._columns.statement(kind, tuple(bounds)), dates=self._dates)

    def _gives(self, tree: Tree | None) -> None:
        if tree is not None:
            self._columns.give(tree)

    def _write(self, node: Tree | None, use: str = "write") -> None:
        target = node.this if isinstance(node, exp.Schema) else node
        if isinstance(target, exp.Table):
            self._columns.relation(target, use)
        elif isinstance(target, exp.Directory) and isinstance(target.this, exp.Literal):
            self._columns.file(target.this, "write")

    def _create(self, tree: exp.Create) -> None:
        query = tree.expression
        rows = isinstance(query, (exp.Query, exp.Subquery)) or _is_view(tree)
        self._write(tree.this, "write" if rows else "make")
        for option in tree.find_all(exp.LocationProperty):
            if isinstance(option.this, exp.Literal):
                self._columns.file(option.this, "read")
        if isinstance(query, Tree) and rows:
            self._gives(query)

    def _insert(self, tree: exp.Insert) -> None:
        self._write(tree.this)
        names = [one.name for one in tree.this.expressions] if isinstance(tree.this, exp.Schema) else []
        if isinstance(tree.expression, exp.Query):
            self._columns.ctes(tree)
            self._columns.give(tree.expression, names)

    def _copy(self, tree: exp.Copy) -> None:
        """`kind` tells whether rows come in (FROM, INTO a table) or go out."""
        comes = bool(tree.args.get("kind"))
        files = [one for file in tree.args.get("files") or () for one in file.find_all(exp.Literal)]
        for file in files:
            if file.is_string:
                self._columns.file(file, "read" if comes else "write")
        inner = tree.this.this if isinstance(tree.this, exp.Subquery) else tree.this
        if isinstance(inner, exp.Query):
            self._gives(inner)
        else:
            self._write(inner, "write" if comes else "read")

    def _change(self, tree: Tree) -> None:
        self._columns.ctes(tree)
        self._write(tree.this)
        for key in ("from_", "from", "using"):
            part = tree.args.get(key)
            if isinstance(part, Tree):
                for source in [part.this if isinstance(part, exp.From) else part]:
                    self._columns.source(source)
        for query in tree.find_all(exp.Subquery):
            self._columns.source(query)

    def _bounds(self) -> Iterator[Bound]:
        """Conditions in WHERE, HAVING, QUALIFY and ON that compare a column with no column."""
        for part in self._tree.find_all(exp.Limit, exp.TableSample, exp.AggFunc):
            yield Bound("", "value", type(part).__name__.lower(), *self._places.whole())
            break
        for _ in self._tree.find_all(exp.Version, exp.HistoricalData):
            yield Bound("", "date", "as of", *self._places.whole())  # a state of the table that stays
        for clause in self._tree.find_all(exp.Where, exp.Having, exp.Qualify, exp.Join):
            yield from self._asked(clause)
            for node in clause.find_all(exp.Predicate):
                column = node.find(exp.Column)
                if column is None or isinstance(node, (exp.Is, exp.Exists, exp.Subquery)):
                    continue
                kind, value = self._compared(node)
                if kind and not self._rendered.whole(column.name):
                    start, end = self._places.of(column)
                    yield Bound(self._rendered.spelled(column.name), kind, value, start, end)

    def _asked(self, clause: Tree) -> Iterator[Bound]:
        """Conditions that a template puts in as a whole."""
        for column in clause.find_all(exp.Column):
            hole = self._rendered.whole(column.name)
            if hole is not None and isinstance(column.parent, (exp.Where, exp.And, exp.Or, exp.Paren)):
                yield Bound("", "parameter", hole.name, hole.start, hole.end)

    def _compared(self, node: Tree) -> tuple[str, str]:
        """What a condition compares with, the most telling first."""
        for column in node.find_all(exp.Column):
            if has_holes(column.name):
                return "parameter", self._rendered.spelled(column.name)
        if (asked := node.find(exp.Placeholder, exp.Parameter, exp.SessionParameter)) is not None:
            return "parameter", asked.name
        if node.find(exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentDatetime) is not None:
            return "now", ""
        for text in node.find_all(exp.Literal):
            said = self._rendered.spelled(text.name)
            if text.is_string and "{" in said:
                return "parameter", said
            if text.is_string and re.match(r"(?:19|20)\d\d-?[01]\d(?:-?[0-3]\d)?", said):
                return "date", said
        return ("value", "") if node.find(exp.Literal) is not None else ("", "")

