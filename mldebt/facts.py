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

import msgspec

from mldebt.declarations import Credential, Embedded, Expression, Reference, Requirement, Setting, Statement, Task

NONE = -1
READER_VERSION = 16
LONGEST_TEXT = 8000

Scalar = None | bool | int | float | str


class Const(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="c"):
    """A literal. Numbers that do not fit and bytes are kept as text with `kind` telling so."""

    start: int
    end: int
    value: Scalar
    kind: str = ""  # "", "bytes", "ellipsis", "number" (kept as text), "long" (cut text)


class Param(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="p"):
    """The value a parameter has on entry; `index` counts in `Unit.parameters`."""

    start: int
    end: int
    name: str
    index: int


class Load(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="l"):
    """A name this unit does not bind before: of an enclosing unit, the module, or built in."""

    start: int
    end: int
    name: str


class Attribute(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="a"):
    start: int
    end: int
    base: int
    name: str


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="i"):
    start: int
    end: int
    base: int
    key: int


class Slice(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="s"):
    start: int
    end: int
    lower: int
    upper: int
    stride: int


class SetAttribute(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="sa"):
    start: int
    end: int
    base: int
    name: str
    value: int


class SetItem(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="si"):
    start: int
    end: int
    base: int
    key: int
    value: int


class SetGlobal(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="sg"):
    """A store to a `global` or `nonlocal` name."""

    start: int
    end: int
    name: str
    value: int


class Delete(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="d"):
    """`del base[key]` (`key` given) or `del base.name`; deleting a local name leaves no step."""

    start: int
    end: int
    base: int
    key: int
    name: str


class Argument(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`name` is empty for a positional argument, `*` or `**` for an unpacked one."""

    name: str
    value: int


class Call(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="k"):
    start: int
    end: int
    callee: int
    arguments: tuple[Argument, ...]


class Template(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="t"):
    """An f-string: text and value numbers in turn."""

    start: int
    end: int
    parts: tuple[str | int, ...]


class Unary(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="u"):
    start: int
    end: int
    operator: str
    operand: int


class Binary(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="b"):
    """Arithmetic, and `and`, `or`, whose operator is the word."""

    start: int
    end: int
    operator: str
    left: int
    right: int


class Compare(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="cmp"):
    """One comparison; `a < b < c` is two joined by `and`. Operators such as `<`, `not in`, `is`."""

    start: int
    end: int
    operator: str
    left: int
    right: int


class Choice(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="ch"):
    """`a if condition else b`."""

    start: int
    end: int
    condition: int
    then: int
    otherwise: int


class Collection(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="col"):
    """`kind`: list, tuple, set, dict. In a dict `keys` pairs with `items`; a key of `NONE` is
    `**item`. Elsewhere a key of 0 marks `*item`, and keys are empty when nothing is starred."""

    start: int
    end: int
    kind: str
    items: tuple[int, ...]
    keys: tuple[int, ...] = ()


class Comprehended(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="cc"):
    """What a comprehension collects; stands at the end of its `Loop`. `kind` as `Collection`, or
    generator. `key` is `NONE` unless a dict."""

    start: int
    end: int
    kind: str
    item: int
    key: int = NONE


class Phi(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="phi"):
    """One of several values of the local `name`; at a loop head an operand may be a later step.
    `NONE` stands for unbound."""

    start: int
    end: int
    name: str
    values: tuple[int, ...]


class Branch(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="br"):
    """`if`: steps up to `then_end` run when `condition` holds, up to `end_step` otherwise."""

    start: int
    end: int
    condition: int
    then_end: int
    end_step: int


class Loop(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="loop"):
    """`for`, `while` (`iterable` is the condition, `kind` tells) or comprehension."""

    start: int
    end: int
    kind: str
    iterable: int
    end_step: int


class Element(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="e"):
    """One element of iterating `base` (`index` is `NONE`), or the part `index` of unpacking it
    into `count` targets (negative index: counted from the end, behind a starred target;
    `starred`: the starred target itself)."""

    start: int
    end: int
    base: int
    index: int
    count: int = 0
    starred: bool = False


class Enter(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="w"):
    """What `with manager as x` binds; the block ends at `end_step`."""

    start: int
    end: int
    manager: int
    end_step: int


class Try(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="try"):
    """The body ends at `body_end`, handlers and `else` follow up to `end_step`."""

    start: int
    end: int
    body_end: int
    end_step: int


class Handler(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="h"):
    start: int
    end: int
    caught: int
    end_step: int


class Raise(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="r"):
    start: int
    end: int
    value: int


class Assert(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="as"):
    start: int
    end: int
    condition: int


class Return(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="ret"):
    start: int
    end: int
    value: int


class Yield(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="y"):
    start: int
    end: int
    value: int


class Show(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="x"):
    """An expression statement; in a notebook the last of a cell is displayed (`last`)."""

    start: int
    end: int
    value: int
    last: bool = False


class Define(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="def"):
    """A function, lambda or class: `unit` counts in `FileFacts.units`. `defaults` pairs with the
    unit's parameters (`NONE`: no default), as do `annotations`, whose last is the return's.
    For a class `bases` are arguments of the class statement."""

    start: int
    end: int
    unit: int
    decorators: tuple[int, ...] = ()
    defaults: tuple[int, ...] = ()
    annotations: tuple[int, ...] = ()
    bases: tuple[Argument, ...] = ()


class Annotate(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="an"):
    """`name: annotation` or `name: annotation = value`; makes the value again."""

    start: int
    end: int
    name: str
    annotation: int
    value: int


class Import(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="im"):
    """`import module` (`name` empty) or `from module import name`; `level` counts the dots.
    `import a.b` binds `a`: `bound` is then `a` and the value is the package `a`."""

    start: int
    end: int
    module: str
    name: str
    level: int
    bound: str


class StarImport(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="*"):
    start: int
    end: int
    module: str
    level: int


class Stop(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="stop"):
    """`break` or `continue`, or a `pass`: `word` tells."""

    start: int
    end: int
    word: str


Step = (
    Const | Param | Load | Attribute | Item | Slice | SetAttribute | SetItem | SetGlobal | Delete
    | Call | Template | Unary | Binary | Compare | Choice | Collection | Comprehended | Phi | Branch
    | Loop | Element | Enter | Try | Handler | Raise | Assert | Return | Yield | Show | Define
    | Annotate | Import | StarImport | Stop
)


class Parameter(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`kind`: `` (either way), `/` (positional only), `k` (keyword only), `*`, `**`."""

    name: str
    kind: str
    start: int
    end: int


class Unit(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`id` is the qualified name, with `#2` and so on where it repeats; the module's is empty.

    `exports` are the final values of names that other units can see: all names of a module or
    class, the captured ones of a function. `body` is the packed tuple of steps, decoded on
    demand with `steps`. `start` is where the `def` stands, behind its decorators.
    """

    id: str
    kind: str  # module, class, function, lambda
    name: str
    parent: int
    start: int
    end: int
    parameters: tuple[Parameter, ...]
    exports: tuple[tuple[str, int], ...]
    body: bytes
    flags: tuple[str, ...] = ()  # async, generator, decorated, docstring
    names: tuple[tuple[int, str], ...] = ()  # the first local name each value was bound to


class Comment(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A comment with its `#`; `own` when it has the line to itself, `follows` when nothing but blank space stands
    between it and the comment before."""

    start: int
    text: str
    own: bool
    follows: bool = False


class Cell(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A code cell of a notebook in the virtual module. `number` counts from 1 over all cells;
    `first` is its first line in the module (from 0), `file_lines` the line in the file of each
    of its lines."""

    number: int
    first: int
    file_lines: tuple[int, ...]
    count: int = NONE  # execution count


class Magic(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A notebook line that is no Python: `kind` is run, shell, line, cell; `text` what follows."""

    start: int
    kind: str
    name: str
    text: str


class Trouble(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Something in the file that could not be read, at an offset; `code` as in `Problem`."""

    start: int
    code: str
    text: str
    cure: str = ""


class FileFacts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one file says. `lines` are the offsets at which lines begin."""

    kind: str  # python, notebook, settings, commands, requirements, sql, other
    lines: tuple[int, ...]
    units: tuple[Unit, ...] = ()
    comments: tuple[Comment, ...] = ()
    cells: tuple[Cell, ...] = ()
    magics: tuple[Magic, ...] = ()
    settings: tuple[Setting, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    flags: tuple[str, ...] = ()  # main-guard, all-declared, lock, open-requirements (some are not known), snapshot:NAME
    all_names: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    references: tuple[Reference, ...] = ()
    statements: tuple[Statement, ...] = ()
    credentials: tuple[Credential, ...] = ()
    embedded: tuple[Embedded, ...] = ()
    expressions: tuple[Expression, ...] = ()
    excuses: tuple[Comment, ...] = ()  # of files other than Python: comments that are addressed to mldebt


_steps_encoder = msgspec.msgpack.Encoder()
_steps_decoder = msgspec.msgpack.Decoder(tuple[Step, ...])
_facts_encoder = msgspec.msgpack.Encoder()
_facts_decoder = msgspec.msgpack.Decoder(FileFacts)


def pack_steps(steps: list[Step]) -> bytes:
    """The body of a unit, packed."""
    return _steps_encoder.encode(steps)


def steps(unit: Unit) -> tuple[Step, ...]:
    """The steps of a unit, decoded anew at each call. Raises msgspec.DecodeError if damaged."""
    return _steps_decoder.decode(unit.body)


def pack(facts: FileFacts) -> bytes:
    """One file's facts as bytes, for another process or the cache."""
    return _facts_encoder.encode(facts)


def unpack(data: bytes) -> FileFacts:
    """The inverse of `pack`. Raises msgspec.DecodeError or ValidationError on foreign bytes."""
    return _facts_decoder.decode(data)
