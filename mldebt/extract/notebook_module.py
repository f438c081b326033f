"""A notebook as one virtual module: cells parsed one by one, in one unit, with their marks."""

from __future__ import annotations

import msgspec

from mldebt.extract.credentials import moved
from mldebt.extract.notebook import Notebook
from mldebt.extract.python import Piece, read_python
from mldebt.facts import Cell, FileFacts, Magic


def notebook_facts(notebook: Notebook, text: str, cells: tuple[Cell, ...]) -> FileFacts:
    """The facts of a notebook whose virtual module is `text`, with its cells' marks."""
    starts = _starts(notebook)
    pieces = [
        Piece(cell.text, start, cell.number) for cell, start in zip(notebook.cells, starts, strict=True)
    ]
    facts = read_python(pieces, text, "notebook")
    magics = tuple(
        Magic(start + offset, kind, name, rest)
        for cell, start in zip(notebook.cells, starts, strict=True)
        for offset, kind, name, rest in cell.magics
    )
    inside = [moved(cell.credentials, start) for cell, start in zip(notebook.cells, starts, strict=True)]
    found = (*(one for places in inside for one in places), *notebook.shown)
    troubles = notebook.troubles + facts.troubles
    return msgspec.structs.replace(facts, cells=cells, magics=magics, troubles=troubles, credentials=found)


def _starts(notebook: Notebook) -> list[int]:
    starts, at = [], 0
    for cell in notebook.cells:
        starts.append(at)
        at += len(cell.text)
    return starts
