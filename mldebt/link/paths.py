"""The engine's own operations on paths and texts."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence

from mldebt.link import texts
from mldebt.link.operation import Operation
from mldebt.link.pool import Pool
from mldebt.link.values import Alt, Handle, Text, Value, literal
from mldebt.link.values import Sequence as Listed


def path_new(op: Operation) -> Value:
    """`Path(a, b)`."""
    operands = _segments(op)
    if not operands:
        return op.machine.pool.text([op.row.file or "."], kind="path")
    if len(operands) == 1 and isinstance(operands[0], Handle):
        return operands[0].path
    return texts.join(op.machine.pool, operands)


def path_join(op: Operation) -> Value:
    """Segments joined. An empty one at the end of texts, as in `os.path.join(folder, "")`, is a slash there."""
    kind = op.receiver.kind if isinstance(op.receiver, Text) else "text"
    segments = _segments(op)
    if kind == "text" and len(segments) > 1 and literal(segments[-1]) == "":
        return texts.concat(op.machine.pool, (texts.join(op.machine.pool, segments[:-1], kind), "/"))
    return texts.join(op.machine.pool, segments, kind)


def _segments(op: Operation) -> list[Value]:
    """The segments that are given, those of a list too; of one that is not known yet, something that is not known."""
    found = [] if op.receiver is None else [op.receiver]
    for name, value in op.arguments:
        if name == "*":
            if isinstance(value, Listed) and not value.rest:
                found += value.items
            else:
                found.append(op.machine.pool.derived("text", value))
        elif not name:
            found.append(value)
    return found


def path_part(op: Operation) -> Value:
    """A part of a path, or the path with another one. It waits while its last segment hangs on a caller."""
    operands = op.operands() or [op.machine.pool.unknown]
    method = op.callee.rpartition(".")[2] if op.row.op == "path.with" else op.row.op.removeprefix("path.")
    if operands[0].open and not texts.ends_known(operands[0]):
        return op.machine.pool.deferred("intrinsic", tuple(operands), op.site.place, op.site.unit, (method,))
    return part_of(op.machine.pool, method, operands)


def part_of(pool: Pool, method: str, operands: Sequence[Value]) -> Value:
    """The part of a path that a method names; of one of several paths, one of several parts."""
    path, *others = operands
    if isinstance(path, Alt):
        return pool.alt(*[part_of(pool, method, [option, *others]) for option in path.values])
    if method in _PARTS:
        return _PARTS[method](pool, path)
    return _CHANGES[method](pool, path, others[0]) if others else path


_PARTS: Mapping[str, Callable[[Pool, Value], Value]] = {"parent": texts.parent, "name": texts.name, "stem": texts.stem}
_CHANGES: Mapping[str, Callable[[Pool, Value, Value], Value]] = {
    "with_suffix": texts.with_suffix,
    "with_name": texts.with_name,
    "with_stem": texts.with_name,
}
METHODS = frozenset({*_PARTS, *_CHANGES})
"""The methods of `part_of`."""


def path_text(op: Operation) -> Value:
    """A path as text."""
    first = op.first()
    if isinstance(first, Text):
        return op.machine.pool.text(first.parts, first.places, "text")
    return first


def home(op: Operation) -> Value:
    """The person's folder."""
    return op.machine.pool.text([texts.HOME], kind="path")


def temporary(op: Operation) -> Value:
    """A place that no other run shares."""
    return op.machine.pool.text([texts.TEMPORARY], kind="path")


def cwd(op: Operation) -> Value:
    """Where the program runs."""
    return op.machine.pool.text(["."], kind="path")


def formatted(op: Operation) -> Value:
    """`str.format`."""
    operands = op.operands()
    if not operands or not isinstance(operands[0], Text):
        return op.opaque("text")
    named = {name: value for name, value in op.arguments if name and name != "*"}
    return texts.braces(op.machine.pool, operands[0], operands[1:], named)


def text_method(op: Operation) -> Value:
    """A method of strings."""
    method = op.callee.rpartition(".")[2]
    operands = op.operands()
    if any(operand.open for operand in operands):
        return op.machine.pool.deferred("intrinsic", tuple(operands), op.site.place, op.site.unit, (method,))
    return texts.changed(op.machine.pool, operands[0], method, operands[1:])


def glob(op: Operation) -> Value:
    """Files that fit a pattern."""
    operands = op.operands()
    pool = op.machine.pool
    if op.receiver is not None and len(operands) > 1:
        pattern = texts.join(pool, operands[:2])
    else:
        pattern = texts.as_text(pool, op.first())
    assert isinstance(pattern, Text)
    _note_modules(op, pattern)
    parts: list[str | Value] = []
    for part in pattern.parts:
        pieces: list[str | Value] = [part]
        if isinstance(part, str):
            pieces = [*part.replace("**/", "*/").split("*")]
        for index, piece in enumerate(pieces):
            parts += [pool.unknown, piece] if index else [piece]
    found = pool.text(parts, pattern.places, "path")
    return pool.sequence("list", (found,), rest=True)


def _note_modules(op: Operation, pattern: Text) -> None:
    """`PLUGINS.glob("*.py")`: who lists the modules of a folder loads them by names that are made of the files'."""
    told = "".join(part if isinstance(part, str) else "*" for part in pattern.parts)
    known = told.startswith(texts.HERE)
    if not told.endswith(".py") or not (known or "/" in told.partition("*")[0]):
        return
    imports, file = op.machine.imports, op.frame.file
    for base in ("",) if known else (imports.folder(file), ""):
        inside = posixpath.normpath(posixpath.join(base, told.removeprefix(texts.HERE).lstrip("/")))
        for module in imports.listed(inside.removesuffix(".py")):
            op.machine.noted.imported.setdefault(module, set()).add(file)
            op.machine.noted.searched.add(module)


def listing(op: Operation) -> Value:
    """What a folder holds."""
    pool = op.machine.pool
    return pool.sequence("list", (texts.join(pool, [op.first(), pool.unknown]),), rest=True)
