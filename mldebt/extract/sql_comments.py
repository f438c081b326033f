"""Comments of SQL, and those that keep queries instead of words."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from mldebt.declarations import Statement
from mldebt.facts import Comment

KEPT = "comment"
"""The kind of a statement that is commented out."""

MOST_BLOCKS = 200
LONGEST = 4000
_COMMENT = re.compile(r"--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/|'(?:[^']|'')*'|\"[^\"]*\"")
_MARKS = re.compile(r"^[ \t]*--+ ?|^\s*/\*+|\*+/\s*$", re.MULTILINE)
_LIKE_CODE = re.compile(r"[*=(,;]")
_PART = re.compile(r"\s*(?:(?:left|right|inner|full)\s+(?:outer\s+)?)?join\s+\S+", re.IGNORECASE)


def comments(text: str, lines: tuple[int, ...]) -> Iterator[Comment]:
    """The comments of a file."""
    for match in _COMMENT.finditer(text):
        if match[0].startswith(("--", "/*")):
            line = lines[bisect_right(lines, match.start()) - 1]
            yield Comment(match.start(), match[0], not text[line : match.start()].strip())


def kept(found: tuple[Comment, ...], lines: tuple[int, ...]) -> Iterator[Statement]:
    """The blocks of comment lines that hold a whole statement that takes rows, or a join of one."""
    for start, end, said in list(_blocks(found, lines))[:MOST_BLOCKS]:
        if _is_statement(said):
            yield Statement(KEPT, start, end)


def _blocks(found: tuple[Comment, ...], lines: tuple[int, ...]) -> Iterator[tuple[int, int, str]]:
    """Comments on lines of their own that follow each other, without their marks."""
    block: list[Comment] = []
    for comment in (one for one in found if one.own):
        if block and _line(lines, comment) != _line(lines, block[-1]) + block[-1].text.count("\n") + 1:
            yield _joined(block)
            block = []
        block.append(comment)
    if block:
        yield _joined(block)


def _line(lines: tuple[int, ...], comment: Comment) -> int:
    return bisect_right(lines, comment.start)


def _joined(block: list[Comment]) -> tuple[int, int, str]:
    last = block[-1]
    return block[0].start, last.start + len(last.text), _MARKS.sub("", "\n".join(one.text for one in block))


def _is_statement(said: str) -> bool:
    from mldebt.extract.sql_statement import is_data, parse

    if not _LIKE_CODE.search(said) or len(said) > LONGEST or said.count("(") > 100:
        return False
    if is_data(said):
        parsed = parse(said.rstrip().rstrip(";"), ("", "bigquery"))
        return parsed is not None and _takes_rows(parsed[0])
    return _PART.match(said) is not None and "=" in said and parse(f"select 1 from t {said}", ("",)) is not None


def _takes_rows(tree: object) -> bool:
    from sqlglot import exp

    return isinstance(tree, exp.Expression) and tree.find(exp.From) is not None
