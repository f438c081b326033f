"""The engine's own operations that load settings: files, their sections, variables of the environment."""

from __future__ import annotations

from mldebt.link import keys
from mldebt.link.operation import Operation
from mldebt.link.sheets import Parted
from mldebt.link.slots import argument
from mldebt.link.values import Result, Scalar, Sequence, Setting, Value, literal


def env(op: Operation) -> Value:
    """`getenv(name, default)`: a variable of the environment."""
    operands = [value for name, value in op.arguments if not name]
    name = literal(operands[0]) if operands else None
    default = operands[1] if len(operands) > 1 else op.keyword("default")
    if keys.VARIABLES in op.row.traits:
        op.machine.noted.loaded[op.site.place] = op.machine.pool.text([op.row.file])
    if name is None and operands and operands[0].open and not op.site.final:
        return op.later()
    if name is None:
        op.machine.noted.any_variable.update([op.site.place] if operands else [])
        return op.opaque("text")
    return op.machine.pool.setting("env", name, default or _told_before(op, name), op.site.place)


def _told_before(op: Operation, name: str) -> Value | None:
    """The default of a variable that the reader was made with: `Env(DEBUG=(bool, False))`."""
    made = op.receiver if any(slot.receiver for slot in op.row.data) else None
    given = dict(made.event.arguments).get(name) if isinstance(made, Result) else None
    return given.items[1] if isinstance(given, Sequence) and len(given.items) == 2 else None


def config(op: Operation) -> Value:
    """A settings file read: its keys are settings, as far as the file is known."""
    if op.row.own:
        op.machine.noted.mean(op.row, op.site.place, sure=True)  # be it a decorator
    if any(slot.receiver for slot in op.row.mutates):
        path = next((value for name, value in op.arguments if not name), op.machine.pool.unknown)
        op.change_receiver(keys.loaded(op.machine, path, op.site.place))
        return op.machine.pool.sequence("list", (), rest=True)
    if op.row.bucket is not None:
        return keys.loaded(op.machine, keys.file_beside(op.machine, op.row, op.arguments, op.site.place), op.site.place)
    given = [argument(op.arguments, slot, op.receiver) for slot in op.row.target]
    path = next((value for value in given if value is not None), op.first())
    if op.row.file and path is op.machine.pool.unknown:
        path = op.machine.pool.text([op.row.file])
    if keys.VARIABLES in op.row.traits:
        op.machine.noted.loaded[op.site.place] = path
    if op.row.sections:
        op.machine.settings.parted[op.site.place] = Parted(op.row.sections, frozenset(op.row.own), _begins(op))
    return keys.loaded(op.machine, path, op.site.place)


def _begins(op: Operation) -> str | None:
    """How the names of variables begin that set keys; empty for no prefix, None for one that is not known."""
    option, _, otherwise = op.row.prefix.partition("=")
    said = op.keyword(option)
    if said is None:
        return otherwise
    return "" if isinstance(said, Scalar) and not said.value else literal(said)


def section(op: Operation) -> Value:
    """`get(section, option, fallback=...)`: what stands under two keys."""
    given = [value for name, value in op.arguments if not name]
    base = op.receiver
    if not isinstance(base, Setting) or len(given) < 2:
        return op.opaque("text")
    section, option = given[:2]
    inner = keys.child(op.machine, base, section, op.site.place)
    return keys.child(op.machine, inner, option, op.site.place, op.keyword("fallback"))
