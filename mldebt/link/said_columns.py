"""What a text says of columns: `selectExpr("a / b as ratio")`, `expr("log(ratio)")`, `eval("ratio = a / b")`."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from mldebt.declarations import Statement
from mldebt.extract import ReadSql

LONGEST = 2_000
_PLACED = re.compile(r"@\s*[A-Za-z_]\w*")
"""A name of the code around a text of pandas, which is no column."""
_NAMELESS = "mldebt_nameless"


@dataclass(frozen=True, slots=True)
class SaidColumn:
    """A column that a text makes: its name, empty where it says none and `*` for all, and the columns that it is made
    of. `same`: nothing is done to it."""

    name: str
    columns: tuple[str, ...]
    same: bool = False


def said_columns(text: str, language: str, read_sql: ReadSql) -> tuple[SaidColumn, ...]:
    """The columns that a text makes; nothing where it cannot be read."""
    if len(text) > LONGEST:
        return ()
    return tuple(_of_assignments(text) if language == "python" else _of_projection(text, language, read_sql))


def _of_projection(text: str, dialect: str, read_sql: ReadSql) -> Iterator[SaidColumn]:
    """What stands between SELECT and FROM."""
    for end in ("", f" AS {_NAMELESS}"):
        statements = read_sql(f"SELECT {text}{end} FROM x", dialect)
        if len(statements) == 1 and (statements[0].gives or statements[0].stars):
            yield from _given(statements[0])
            return


def _given(statement: Statement) -> Iterator[SaidColumn]:
    if statement.stars:
        yield SaidColumn("*", (), same=True)
    for name, origins in statement.gives:
        made = [one.made for one in origins if one.made >= 0]
        parts = [part for one in made for part in statement.columns[one].origins] if made else origins
        columns = tuple(dict.fromkeys(part.column for part in parts if part.relation >= 0))
        yield SaidColumn("" if name == _NAMELESS else name, columns, same=not made and columns == (name,))


def _of_assignments(text: str) -> Iterator[SaidColumn]:
    """Assignments as pandas reads them: one a line, each to the column of its name."""
    lines = "\n".join(line.strip() for line in _PLACED.sub("0", text).splitlines())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in scanned texts
            body = ast.parse(lines).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return  # a text that is none of the language says nothing of columns
    for one in body:
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            called = {id(part.func) for part in ast.walk(one.value) if isinstance(part, ast.Call)}
            names = [p.id for p in ast.walk(one.value) if isinstance(p, ast.Name) and id(p) not in called]
            yield SaidColumn(one.targets[0].id, tuple(dict.fromkeys(names)))
