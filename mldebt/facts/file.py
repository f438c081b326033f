"""A file: its units with their steps, and everything else that stands in it."""

from __future__ import annotations

import msgspec

from mldebt.declarations import Credential, Embedded, Expression, Reference, Requirement, Setting, Statement, Task
from mldebt.facts.step import NONE, Step


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
