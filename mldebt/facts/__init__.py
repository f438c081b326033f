"""What one file says, by itself: plain values, no syntax tree, no opinion about libraries.

A Python file or notebook is a list of units (module, class body, function, lambda). A unit is
a list of steps in order, in static single assignment form: the index of a step in its unit is
the number of the value it makes, and operands are such numbers (`NONE` where there is none).
Local names are resolved here, with `Phi` where branches join and at loop heads; whatever a unit
cannot resolve alone is a `Load`. Nested blocks are ranges: the steps of a branch, loop, `with`
or handler stand right behind it, up to its `end`. Comprehensions are loops in their unit.

Places are offsets in characters, `start` and exclusive `end`, in the text of the (virtual)
module; `FileFacts.lines` turns them into lines and columns. Facts hold no path, so equal
content has equal facts.
"""

from __future__ import annotations

from mldebt.facts.file import (
    Cell,
    Comment,
    FileFacts,
    Magic,
    Parameter,
    Trouble,
    Unit,
    pack,
    pack_steps,
    steps,
    unpack,
)
from mldebt.facts.step import (
    NONE,
    Annotate,
    Argument,
    Assert,
    Attribute,
    Binary,
    Branch,
    Call,
    Choice,
    Collection,
    Compare,
    Comprehended,
    Const,
    Define,
    Delete,
    Element,
    Enter,
    Handler,
    Import,
    Item,
    Load,
    Loop,
    Param,
    Phi,
    Raise,
    Return,
    Scalar,
    SetAttribute,
    SetGlobal,
    SetItem,
    Show,
    Slice,
    StarImport,
    Step,
    Stop,
    Template,
    Try,
    Unary,
    Yield,
)

READER_VERSION = 16
LONGEST_TEXT = 8000

__all__ = [
    "LONGEST_TEXT", "NONE", "READER_VERSION", "Annotate", "Argument", "Assert", "Attribute", "Binary", "Branch",
    "Call", "Cell", "Choice", "Collection", "Comment", "Compare", "Comprehended", "Const", "Define", "Delete",
    "Element", "Enter", "FileFacts", "Handler", "Import", "Item", "Load", "Loop", "Magic", "Param", "Parameter",
    "Phi", "Raise", "Return", "Scalar", "SetAttribute", "SetGlobal", "SetItem", "Show", "Slice", "StarImport",
    "Step", "Stop", "Template", "Trouble", "Try", "Unary", "Unit", "Yield", "pack", "pack_steps", "steps", "unpack",
]  # fmt: skip
