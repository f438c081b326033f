"""Python text to facts: one parse, one walk for places, one for steps."""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import libcst as cst

from mldebt.extract.expressions import EXPRESSIONS
from mldebt.extract.nesting import DEEPEST, too_deep
from mldebt.extract.positions import layout, line_starts
from mldebt.extract.statements import STATEMENTS
from mldebt.extract.units import Reader, UnitBuilder
from mldebt.extract.unreadable import is_template
from mldebt.facts import Comment, FileFacts, Show, Trouble

_LATER_WORD = re.compile(r"\b(?:async|await)\b(?!\s+(?:def|for|with)\b)")
"""What are words of the language since Python 3.7, where they begin nothing that is known since 3.5."""

_CELL = re.compile(r"#\s*%%")
"""Where a cell begins in a script that editors run in cells."""
_UNSAID = re.compile(r"(?:\s|#.*)*")
"""Lines without code."""
_OF_PYTHON_2 = ("print '", 'print "', "except Exception, ")
_CURES = MappingProxyType({
    "old-syntax": "a Python before 3.7 reads it: rename what is called async or await, or exclude it",
    "python-2": "it looks like Python 2: convert it, or exclude it",
    "template": "it looks like a template: exclude it",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a module that is parsed by itself: a whole file, or one notebook cell.

    `start` is its offset in the text of the module, `cell` its number in a notebook, or 0."""

    text: str
    start: int = 0
    cell: int = 0


def read_python(pieces: Sequence[Piece], text: str, kind: str = "python") -> FileFacts:
    """The facts of one module, given as pieces of `text`; a piece that does not parse is a trouble."""
    reader = Reader(EXPRESSIONS, STATEMENTS)
    module = UnitBuilder(reader, "module", "", None)
    troubles: list[Trouble] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes in scanned strings
        for piece in pieces:
            troubles += _read_piece(module, piece, displayed=kind == "notebook")
    module.finish(0, len(text))
    return FileFacts(
        kind=kind,
        lines=line_starts(text),
        units=tuple(unit for unit in reader.units if unit is not None),
        comments=tuple(reader.comments),
        troubles=tuple(troubles),
        flags=tuple(sorted(reader.flags)),
        all_names=tuple(reader.all_names),
    )


def _read_piece(module: UnitBuilder, piece: Piece, *, displayed: bool) -> list[Trouble]:
    reader = module.reader
    tree = _parsed(piece)
    if isinstance(tree, Trouble):
        return [tree]
    found = layout(tree)
    reader.spans, reader.keywords, reader.base = found.spans, found.keywords, piece.start
    reader.comments += _comments(piece, found.comments)
    cells = [at for at, comment, own in found.comments if own and _CELL.match(comment)]
    ends = [*cells, len(piece.text)] if cells else []
    for statement in tree.body:
        module.execute(statement)
        _mark_shown(module, piece, ends)
    module.dead = False
    if displayed:
        _mark_display(module)
    return []


def _comments(piece: Piece, found: Sequence[tuple[int, str, bool]]) -> Iterator[Comment]:
    end = len(piece.text)
    for start, text, own in found:
        yield Comment(start + piece.start, text, own, piece.text[end:start].isspace())
        end = start + len(text)


def _parsed(piece: Piece) -> cst.Module | Trouble:
    deep = too_deep(piece.text)
    if deep is not None:
        text = f"brackets nest deeper than {DEEPEST} levels, which Python refuses too"
        return Trouble(piece.start + deep, "too-deep", text, "exclude the file")
    try:
        with _unchecked():
            return cst.parse_module(piece.text)
    except cst.ParserSyntaxError as error:
        return _syntax_trouble(piece, (error.raw_line, error.raw_column))
    except (cst.CSTLogicError, cst.CSTValidationError, AttributeError):
        return _syntax_trouble(piece, (1, 0))  # what the parser stumbles over, such as `'a' b'b'`


@contextlib.contextmanager
def _unchecked() -> Iterator[None]:
    """Nodes check themselves when they are made, for the sake of programs that put trees together. What
    the parser makes is right but for text beside bytes in one literal, and the checks are an eighth of its time."""
    check = cst.CSTNode.__post_init__
    cst.CSTNode.__post_init__ = _nothing  # type: ignore[method-assign, assignment]
    cst.ConcatenatedString.__post_init__ = check  # type: ignore[method-assign]
    try:
        yield
    finally:
        cst.CSTNode.__post_init__ = check  # type: ignore[method-assign]
        del cst.ConcatenatedString.__post_init__


def _nothing(node: cst.CSTNode) -> None:
    """In place of the checks."""


def _mark_shown(module: UnitBuilder, piece: Piece, ends: Sequence[int]) -> None:
    """Marks the expression that closes a cell of a script in cells, which editors show like that of a notebook."""
    last = module.steps[-1] if ends and module.steps else None
    if isinstance(last, Show):
        behind = last.end - piece.start
        end = ends[bisect_left(ends, behind)]
        said = _UNSAID.match(piece.text, behind, end)
        if said is not None and said.end() == end:
            _mark_display(module)


def _mark_display(module: UnitBuilder) -> None:
    last = module.steps[-1] if module.steps else None
    if isinstance(last, Show):
        module.fill(len(module.steps) - 1, Show(last.start, last.end, last.value, True))


def _syntax_trouble(piece: Piece, place: tuple[int, int]) -> Trouble:
    """Why and where: in Python's own words, which also know the place of a string that has no end."""
    reason = "the parser cannot read it"
    try:
        ast.parse(piece.text)  # compiles nothing and runs nothing
    except SyntaxError as error:
        place, reason = (error.lineno or 1, (error.offset or 1) - 1), error.msg
    except (ValueError, MemoryError, RecursionError):
        pass  # the reason of the other parser stands
    starts = line_starts(piece.text)
    line = min(max(place[0], 1), len(starts))
    offset = min(starts[line - 1] + max(place[1], 0), len(piece.text))
    template = is_template(piece.text[starts[line - 1] :].partition("\n")[0])  # marks elsewhere may stand in texts
    if piece.text.startswith("<<<<<<< ", starts[line - 1]):
        return Trouble(piece.start + offset, "syntax", "an unresolved merge conflict", "resolve the conflict")
    code = "cell-syntax" if piece.cell else "template" if template else _age(piece.text, reason)
    return Trouble(piece.start + offset, code, reason, _CURES.get(code, "mend the syntax there, or exclude the file"))


def _age(text: str, reason: str) -> str:
    """The code of a trouble that an old Python does not have."""
    if _is_before_async(text):
        return "old-syntax"
    second = reason.startswith("Missing parentheses in call to") or any(one in text for one in _OF_PYTHON_2)
    return "python-2" if second else "syntax"


def _is_before_async(text: str) -> bool:
    """Whether a Python before 3.7 reads what newer ones refuse: `async` and `await` were names like others."""
    renamed = _LATER_WORD.sub("later", text)
    if renamed == text:
        return False
    try:
        ast.parse(renamed)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True
