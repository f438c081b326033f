"""A file of SQL, or a text of it, to its statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from mldebt.declarations import Relation, Statement
from mldebt.extract.sql_comments import comments, kept
from mldebt.extract.sql_split import Piece, pieces
from mldebt.extract.sql_template import MARK, Hole, Rendered, render
from mldebt.facts import FileFacts, Trouble

MOST_STATEMENTS = 3000
MOST_PARSED = 1_000_000  # characters, counted once for each dialect that is tried
LONGEST = 120_000
LONGEST_WORD = 40
_ENDS = re.compile(r"\r\n|\r|\n")
_INCLUDE = re.compile(r"\\(?:i|ir|include)\s+'?([^'\n]+?)'?\s*$")
_LONGEST_MARK = 60
_PUT_IN = re.compile(rf"(?P<before>\A\s*WITH\b[\s\S]*\)\s*)(?P<hole>{MARK}\d+_)\s*\Z", re.IGNORECASE)
_MAGICS = frozenset({"sql", "bigquery", "sparksql"})
_CLIENT_COPY = re.compile(r"\\copy\b", re.IGNORECASE)


@dataclass(slots=True)
class Reading:
    """The statements of a text, what could not be read, and how many of them."""

    statements: list[Statement] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    left: int = MOST_PARSED
    dialects: tuple[str, ...] = ()
    snapshot: str = ""
    templated: bool = False


def read_sql(text: str, dialect: str = "") -> FileFacts:
    """The facts of a file. `dialect` is what the configuration says; empty: what fits is tried."""
    lines = (0, *(end.end() for end in _ENDS.finditer(text)))
    reading = read_statements(text, dialect)
    found = tuple(comments(text, lines))
    return FileFacts(
        kind="sql",
        lines=lines,
        comments=found,
        statements=(*reading.statements, *kept(found, lines)),
        flags=(f"snapshot:{reading.snapshot}",) if reading.snapshot else (),
        troubles=tuple(sorted([*reading.troubles, *_failure(reading)], key=lambda one: one.start)),
    )


def add_cells(facts: FileFacts, dialect: str = "") -> FileFacts:
    """The facts of a notebook with the statements of its cells of SQL."""
    from mldebt.extract.sql_statement import is_data

    statements, troubles = list(facts.statements), list(facts.troubles)
    for magic in facts.magics:
        if magic.name not in _MAGICS or magic.kind not in ("cell", "line"):
            continue
        percents = 2 if magic.kind == "cell" else 1
        start = magic.start + percents + len(magic.name) + (not magic.text.startswith("\n"))
        head, newline, body = magic.text.partition("\n")
        said = magic.text if is_data(head) or not newline else " " * len(head) + newline + body
        reading = read_statements(" " * start + said, dialect)
        statements += reading.statements
        troubles += _failure(reading)
    return msgspec.structs.replace(facts, statements=tuple(statements), troubles=tuple(troubles))


def read_statements(text: str, dialect: str = "") -> Reading:
    """The statements of a text in order, whose places are offsets in it."""
    from mldebt.extract.sql_statement import DIALECTS

    first = (dialect,) if dialect else ("bigquery",) if "`" in text else ()
    reading = Reading(dialects=tuple(dict.fromkeys((*first, *DIALECTS))))
    rendered = render(text)
    reading.troubles += rendered.troubles
    reading.snapshot, reading.templated = rendered.snapshot, rendered.text != text
    for number, piece in enumerate(pieces(rendered.text)):
        if number >= MOST_STATEMENTS:
            reading.failed.append((rendered.place(piece.start), "too many statements"))
            break
        _piece(reading, rendered, piece)
    _tell(reading, rendered)
    return reading


def _piece(reading: Reading, rendered: Rendered, piece: Piece) -> None:
    from mldebt.extract.sql_statement import StatementReader, inserted, is_data, parse, unknown_word

    start = rendered.place(piece.start)
    if piece.client:
        include = _INCLUDE.match(piece.text)
        if include:
            name, end = rendered.spelled(include[1]), rendered.place(piece.start + len(piece.text))
            reading.statements.append(Statement("include", start, end, (Relation(name, "run", "file", start, end),)))
        if not _CLIENT_COPY.match(piece.text):
            return
        piece = Piece(piece.text[1:], piece.start + 1)
    if not is_data(piece.text):
        word = "" if reading.templated else unknown_word(piece.text)
        if word:
            reading.failed.append((start, f"one begins with {word[:LONGEST_WORD]!r}"))
        return
    rows = inserted(piece.text, piece.start)
    if rows is not None:
        reading.statements.append(_placed(rows, rendered))
        return
    if piece.deep or len(piece.text) > min(LONGEST, reading.left):
        reading.failed.append((start, "nested too deep" if piece.deep else "too long"))
        return
    piece = Piece(_completed(piece.text), piece.start)
    parsed = parse(piece.text, reading.dialects)
    tried = reading.dialects.index(parsed[1]) + 1 if parsed else len(reading.dialects)
    reading.left -= len(piece.text) * tried
    if parsed is None:
        reading.failed.append((start, ""))
        return
    reading.dialects = tuple(dict.fromkeys((parsed[1], *reading.dialects)))
    reading.statements.append(StatementReader(parsed[0], piece.text, parsed[1], piece.start, rendered).read())


def _completed(text: str) -> str:
    """A statement whose query is put in behind its common expressions, with a query that stands for it."""
    return _PUT_IN.sub(r"\g<before>SELECT * FROM \g<hole>", text) if MARK in text[-_LONGEST_MARK:] else text


def _placed(statement: Statement, rendered: Rendered) -> Statement:
    """A statement whose offsets count in the rendered text, with those of the file."""
    place = rendered.place
    relations = tuple(
        msgspec.structs.replace(one, name=rendered.spelled(one.name), start=place(one.start), end=place(one.end))
        for one in statement.relations
    )
    return msgspec.structs.replace(
        statement, start=place(statement.start), end=place(statement.end), relations=relations
    )


def _tell(reading: Reading, rendered: Rendered) -> None:
    """Models and sources that a template names where no statement reads them: arguments, comments, set values."""
    read = {(one.form, one.name) for statement in reading.statements for one in statement.relations}
    printed = [hole for hole in rendered.holes if hole.form in ("ref", "source")]
    told: dict[tuple[str, str], Hole] = {}
    for hole in [*rendered.told, *printed]:
        if (hole.form, hole.name) not in read:
            told.setdefault((hole.form, hole.name), hole)
    relations = tuple(Relation(one.name, "tell", one.form, one.start, one.end) for one in told.values())
    if relations:
        first = relations[0]
        reading.statements.append(Statement("template", first.start, first.end, relations))


def _failure(reading: Reading) -> Iterator[Trouble]:
    """What could not be read, told once, at its first place."""
    if not reading.failed:
        return
    start, why = min(reading.failed)
    count, read = len(reading.failed), len(reading.statements)
    many = f"{count} statements" if count > 1 else "a statement"
    reason = f" ({why})" if why else ""
    text = f"{many} of SQL could not be read{reason}; {read} of this file could"
    yield Trouble(start, "statement", text, "set sql-dialect in the configuration, or mend the statement")
