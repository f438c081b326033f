"""Python text to facts: one parse, one walk for places, one for steps."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from mldebt.extract.expressions import EXPRESSIONS
from mldebt.extract.positions import layout, line_starts
from mldebt.extract.statements import STATEMENTS
from mldebt.extract.units import Reader, UnitBuilder
from mldebt.facts import Comment, FileFacts, Show, Trouble


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a module that is parsed by itself: a whole file, or one notebook cell.

    `start` is its offset in the text of the module."""

    text: str
    start: int = 0
    label: str = ""


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
    try:
        tree = cst.parse_module(piece.text)
    except cst.ParserSyntaxError as error:
        return [_syntax_trouble(error, piece)]
    found = layout(tree)
    reader.spans, reader.keywords, reader.base = found.spans, found.keywords, piece.start
    reader.comments += [Comment(start + piece.start, text, own) for start, text, own in found.comments]
    for statement in tree.body:
        module.execute(statement)
    module.dead = False
    if displayed:
        _mark_display(module)
    return []


def _mark_display(module: UnitBuilder) -> None:
    last = module.steps[-1] if module.steps else None
    if isinstance(last, Show):
        module.fill(len(module.steps) - 1, Show(last.start, last.end, last.value, True))


def _syntax_trouble(error: cst.ParserSyntaxError, piece: Piece) -> Trouble:
    starts = line_starts(piece.text)
    line = min(max(error.raw_line, 1), len(starts))
    offset = min(starts[line - 1] + max(error.raw_column, 0), len(piece.text))
    code = "cell-syntax" if piece.label else "syntax"
    return Trouble(piece.start + offset, code, _reason(piece), _cure(piece.text))


def _reason(piece: Piece) -> str:
    return f"{piece.label or 'the file'} is no valid Python"


def _cure(text: str) -> str:
    if "print " in text and ("print '" in text or 'print "' in text or "except Exception, " in text):
        return "it looks like Python 2: convert it, or exclude it"
    if "{{" in text or "{%" in text or "{{ cookiecutter" in text:
        return "it looks like a template: exclude it"
    return "mend the syntax there, or exclude the file"


