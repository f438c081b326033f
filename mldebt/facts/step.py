"""A step of a unit: one thing that Python code does, with the numbers of the values it does it to."""

from __future__ import annotations

import msgspec

NONE = -1

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
    """An expression statement; in a notebook, or a script in cells, the last of a cell is displayed (`last`)."""

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
