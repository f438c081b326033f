"""The engine's own operations, which rows name with `op`: paths, dictionaries, settings, files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mldebt.catalogue import Row
from mldebt.facts import NONE
from mldebt.link import texts
from mldebt.link.access import elements_of, field_of, item, kind_of
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.values import (
    Alt,
    Deferred,
    Derived,
    Handle,
    Lib,
    Record,
    Result,
    Scalar,
    Sequence,
    Setting,
    Text,
    Value,
    literal,
)

if TYPE_CHECKING:
    from mldebt.link.calling import Site


class Operation:
    """One use of an intrinsic: its operands, and the machine it works in."""

    __slots__ = ("arguments", "callee", "frame", "machine", "receiver", "row", "site")

    def __init__(
        self, machine: Machine, frame: Frame, row: Row, callee: str, receiver: Value | None, arguments: Arguments,
        site: Site,
    ) -> None:  # fmt: skip
        self.machine, self.frame, self.row, self.callee = machine, frame, row, callee
        self.receiver, self.arguments, self.site = receiver, arguments, site

    def operands(self) -> list[Value]:
        """The receiver, if there is one, and the positional arguments."""
        given = [value for name, value in self.arguments if not name]
        return given if self.receiver is None else [self.receiver, *given]

    def keyword(self, name: str) -> Value | None:
        return next((value for key, value in self.arguments if key == name), None)

    def first(self) -> Value:
        found = self.operands()
        return found[0] if found else self.machine.pool.unknown

    def opaque(self, kind: str = "") -> Value:
        given = [value for _, value in self.arguments]
        return self.machine.pool.derived(kind, *([self.receiver] if self.receiver else []), *given)

    def change_receiver(self, value: Value) -> None:
        if self.site.receiver_at != NONE:
            self.frame.values[self.site.receiver_at] = value


def apply(
    machine: Machine, frame: Frame, row: Row, callee: str, receiver: Value | None, arguments: Arguments, site: Site
) -> Value:
    """Does the operation. One that needs an open operand waits for it."""
    operation = Operation(machine, frame, row, callee, receiver, arguments, site)
    handler = _OPERATIONS.get(row.op)
    if handler is None:
        return operation.opaque(row.result[0] if row.result and ":" not in row.result[0] else "")
    operands = operation.operands()
    if row.op in _PATHWISE and any(isinstance(operand, Alt) for operand in operands):
        return _each(operation, handler, operands)
    return handler(operation)


def _each(operation: Operation, handler: Callable[[Operation], Value], operands: list[Value]) -> Value:
    """An operation on alternatives gives alternatives."""
    at = next(i for i, operand in enumerate(operands) if isinstance(operand, Alt))
    choices = operands[at]
    assert isinstance(choices, Alt)
    results = []
    for option in choices.values:
        receiver, given = operation.receiver, list(operation.arguments)
        if receiver is not None and at == 0:
            receiver = option
        else:
            index = at - (receiver is not None)
            spots = [i for i, (name, _) in enumerate(given) if not name]
            given[spots[index]] = ("", option)
        inner = Operation(
            operation.machine, operation.frame, operation.row, operation.callee, receiver, tuple(given), operation.site
        )
        results.append(handler(inner))
    return operation.machine.pool.alt(*results)


def again(machine: Machine, frame: Frame, value: Deferred, operands: tuple[Value, ...]) -> Value:
    """An operation that waited, with its operands filled."""
    method = value.names[0]
    return texts.changed(machine.pool, operands[0], method, operands[1:])


def _path_new(op: Operation) -> Value:
    operands = op.operands()
    if not operands:
        return op.machine.pool.text(["."], kind="path")
    if len(operands) == 1 and isinstance(operands[0], Handle):
        return operands[0].path
    return texts.join(op.machine.pool, operands)


def _path_join(op: Operation) -> Value:
    kind = op.receiver.kind if isinstance(op.receiver, Text) else "text"
    return texts.join(op.machine.pool, op.operands(), kind)


def _path_parent(op: Operation) -> Value:
    return texts.parent(op.machine.pool, op.first())


def _path_name(op: Operation) -> Value:
    return texts.name(op.machine.pool, op.first())


def _path_stem(op: Operation) -> Value:
    return texts.stem(op.machine.pool, op.first())


def _path_with(op: Operation) -> Value:
    operands = op.operands()
    method = op.callee.rpartition(".")[2]
    if len(operands) < 2:
        return op.first()
    return (texts.with_suffix if method == "with_suffix" else texts.with_name)(op.machine.pool, operands[0], operands[1])


def _path_text(op: Operation) -> Value:
    first = op.first()
    if isinstance(first, Text):
        return op.machine.pool.text(first.parts, first.places, "text")
    return first


def _home(op: Operation) -> Value:
    return op.machine.pool.text([texts.HOME], kind="path")


def _temporary(op: Operation) -> Value:
    return op.machine.pool.text([texts.TEMPORARY], kind="path")


def _cwd(op: Operation) -> Value:
    return op.machine.pool.text(["."], kind="path")


def _format(op: Operation) -> Value:
    operands = op.operands()
    if not operands or not isinstance(operands[0], Text):
        return op.opaque("text")
    named = {name: value for name, value in op.arguments if name and name != "*"}
    return texts.braces(op.machine.pool, operands[0], operands[1:], named)


def _same(op: Operation) -> Value:
    return op.first()


def _convert(op: Operation) -> Value:
    first = op.first()
    name = op.callee.rpartition(".")[2]
    if isinstance(first, (Text, Setting)) and name in ("str", "fspath", "as_posix", "__str__"):
        return _path_text(op)
    if name == "dict" and not op.operands():
        pool = op.machine.pool
        return pool.record(tuple(pool.text([k]) for k, _ in op.arguments), tuple(v for _, v in op.arguments))
    if isinstance(first, Sequence) and name in ("list", "tuple", "set", "sorted"):
        return op.machine.pool.sequence(name if name != "sorted" else "list", first.items, first.rest)
    if isinstance(first, Record) and name == "dict":
        return first
    if isinstance(first, Record) and name in ("list", "tuple", "set", "sorted"):
        return op.machine.pool.sequence("list", first.keys, first.rest)
    if name in ("list", "tuple", "set") and not op.operands():
        return op.machine.pool.sequence(name, ())
    if isinstance(first, Scalar) or first.open:
        return first
    kind = kind_of(op.machine, first)
    return op.machine.pool.derived(kind if name in ("list", "tuple") or kind == "number" else "", first)


def _dict_get(op: Operation) -> Value:
    operands = op.operands()
    record = operands[0] if operands else op.machine.pool.unknown
    key = operands[1] if len(operands) > 1 else op.machine.pool.unknown
    default = operands[2] if len(operands) > 2 else op.machine.pool.none
    if isinstance(record, Setting) and record.how == "config" and literal(key) is not None:
        return op.machine.pool.setting("config", f"{record.name}.{literal(key)}", default, record.place)
    if isinstance(record, Record):
        wanted = literal(key)
        found = field_of(record, wanted) if wanted is not None else None
        if found is not None:
            return found
        if wanted is not None and not record.rest:
            return default
        return op.machine.pool.alt(*record.items, default)
    if record.open and not isinstance(record, Lib):
        return op.machine.pool.alt(op.machine.pool.item(record, key), default)
    return op.machine.pool.alt(op.machine.pool.derived("json" if kind_of(op.machine, record) == "json" else "", record), default)


def _dict_update(op: Operation) -> Value:
    record = op.receiver
    others = [value for name, value in op.arguments if not name]
    if isinstance(record, Record):
        keys, items, rest = list(record.keys), list(record.items), record.rest
        for other in others:
            if isinstance(other, Record):
                keys += other.keys
                items += other.items
            else:
                keys.append(op.machine.pool.unknown)
                items.append(other)
                rest = True
        op.change_receiver(op.machine.pool.record(tuple(keys), tuple(items), rest))
    elif record is not None:
        op.change_receiver(op.machine.pool.alt(record, *others))
    return op.machine.pool.none


def _append(op: Operation) -> Value:
    receiver = op.receiver
    given = [value for name, value in op.arguments if not name]
    if isinstance(receiver, Sequence) and given:
        added = given[-1:]
        if op.row.op == "list.extend":
            found = elements_of(op.machine, given[0])
            added = list(found) if found is not None else given[:1]
        kept = dict.fromkeys((*receiver.items, *added))
        op.change_receiver(op.machine.pool.sequence(receiver.kind, tuple(kept), receiver.rest))
    elif receiver is not None and given:
        op.change_receiver(op.machine.pool.derived(kind_of(op.machine, receiver), receiver, *given))
    return op.machine.pool.none


def _partial(op: Operation) -> Value:
    callee, *rest = op.operands() or [op.machine.pool.unknown]
    named = tuple((name, value) for name, value in op.arguments if name)
    return op.machine.pool.bound(callee, (*(("", value) for value in rest), *named))


def _env(op: Operation) -> Value:
    operands = [value for name, value in op.arguments if not name]
    name = literal(operands[0]) if operands else None
    default = operands[1] if len(operands) > 1 else op.keyword("default")
    if name is None:
        return op.opaque("text")
    return op.machine.pool.setting("env", name, default, op.site.place)


def _open(op: Operation) -> Value:
    operands = op.operands()
    path = operands[0] if operands else op.keyword("file") or op.machine.pool.unknown
    if isinstance(path, Handle):
        return path
    mode = operands[1] if len(operands) > 1 else op.keyword("mode")
    letters = "r" if mode is None else literal(mode) or "r"
    return op.machine.pool.handle(path, letters, op.site.place)


def _glob(op: Operation) -> Value:
    operands = op.operands()
    pool = op.machine.pool
    if op.receiver is not None and len(operands) > 1:
        pattern = texts.join(pool, operands[:2])
    else:
        pattern = texts.as_text(pool, op.first())
    assert isinstance(pattern, Text)
    parts: list[str | Value] = []
    for part in pattern.parts:
        pieces = part.replace("**/", "*/").split("*") if isinstance(part, str) else [part]
        for index, piece in enumerate(pieces):
            parts += [pool.unknown, piece] if index else [piece]
    found = pool.text(parts, pattern.places, "path")
    return pool.sequence("list", (found,), rest=True)


def _listing(op: Operation) -> Value:
    pool = op.machine.pool
    return pool.sequence("list", (texts.join(pool, [op.first(), pool.unknown]),), rest=True)


def _items(op: Operation) -> Value:
    record = op.first()
    pool = op.machine.pool
    if isinstance(record, Record):
        pairs = [pool.sequence("tuple", pair) for pair in zip(record.keys, record.items, strict=True)]
        return pool.sequence("list", tuple(pairs), record.rest)
    return op.opaque("")


def _rows(op: Operation) -> Value:
    """`for index, row in table.iterrows()`: each row has the columns of the table."""
    pool = op.machine.pool
    row = item(op.machine, op.first(), pool.derived("number"))
    return pool.sequence("list", (pool.sequence("tuple", (pool.unknown, row)),), rest=True)


def _keys(op: Operation) -> Value:
    record = op.first()
    if isinstance(record, Record):
        return op.machine.pool.sequence("list", record.keys, record.rest)
    return op.opaque("")


def _values(op: Operation) -> Value:
    record = op.first()
    if isinstance(record, Record):
        return op.machine.pool.sequence("list", record.items, record.rest)
    return op.opaque("")


def _enumerate(op: Operation) -> Value:
    items = elements_of(op.machine, op.first())
    pool = op.machine.pool
    if items is None:
        from mldebt.link.access import ITERATE, element

        one = element(op.machine, op.first(), ITERATE)
        return pool.sequence("list", (pool.sequence("tuple", (pool.unknown, one)),), rest=True)
    pairs = [pool.sequence("tuple", (pool.scalar(i), item)) for i, item in enumerate(items)]
    return pool.sequence("list", tuple(pairs))


def _zip(op: Operation) -> Value:
    columns = [elements_of(op.machine, operand) for operand in op.operands()]
    pool = op.machine.pool
    if columns and all(column is not None for column in columns):
        rows = zip(*(column for column in columns if column is not None), strict=False)
        return pool.sequence("list", tuple(pool.sequence("tuple", row) for row in rows))
    from mldebt.link.access import ITERATE, element

    ones = tuple(element(op.machine, operand, ITERATE) for operand in op.operands())
    return pool.sequence("list", (pool.sequence("tuple", ones),), rest=True)


def _range(op: Operation) -> Value:
    numbers = [value.value for value in op.operands() if isinstance(value, Scalar) and isinstance(value.value, int)]
    if len(numbers) == len(op.operands()) and 1 <= len(numbers) <= 2:
        span = range(*numbers)
        if len(span) <= 8:
            return op.machine.pool.sequence("list", tuple(op.machine.pool.scalar(n) for n in span))
    return op.opaque("")


def _option(op: Operation) -> Value:
    """`add_argument("--name", default=...)`: the parser remembers its options."""
    pool = op.machine.pool
    names = [literal(value) for name, value in op.arguments if not name]
    long = next((name for name in names if name and name.startswith("--")), names[0] if names else None)
    if op.receiver is None:
        return _option_default(op)
    if long is None:
        return op.opaque("")
    default = op.keyword("default")
    action = op.keyword("action")
    if default is None and action is not None and literal(action) in ("store_true", "store_false"):
        default = pool.scalar(literal(action) == "store_false")
    destination = op.keyword("dest")
    key = (literal(destination) if destination is not None else None) or long.lstrip("-").replace("-", "_")
    setting = pool.setting("option", long, default, op.site.place)
    options = op.machine.options.setdefault(_parser_key(op.machine, op.receiver, op.frame.unit), {})
    options[key] = setting
    return op.opaque("")


def _option_default(op: Operation) -> Value:
    """An option that is the default of a parameter, which is its name: its own default holds."""
    given = [value for name, value in op.arguments if not name]
    default = op.keyword("default") or next(iter(given), None)
    if default is None or isinstance(default, Derived):
        return op.opaque("")
    return op.machine.pool.setting("option", "", default, op.site.place)


def _parsed(op: Operation) -> Value:
    """`parse_args()`: a record of the options, by name."""
    pool = op.machine.pool
    options = {} if op.receiver is None else _options(op.machine, op.receiver, op.frame.unit)
    record = pool.record(tuple(pool.text([key]) for key in options), tuple(options.values()), rest=True)
    if op.callee.endswith("parse_known_args"):
        return pool.sequence("tuple", (record, pool.unknown))
    return record


def _options(machine: Machine, parser: Value, unit: int) -> dict[str, Value]:
    """The options that the unit that made a parser gave it, and those given here."""
    made_in = parser.event.unit if isinstance(parser, Result) else unit
    return {
        **machine.options.get(_parser_key(machine, parser, made_in), {}),
        **machine.options.get(_parser_key(machine, parser, unit), {}),
    }


def _parser_key(machine: Machine, parser: Value, unit: int) -> Value:
    """A parser made in a helper is another one for each caller, but has the helper's options."""
    if not isinstance(parser, Result):
        return parser
    return machine.pool.scalar(unit, parser.event.place)


def _config(op: Operation) -> Value:
    """A settings file read: its keys are settings, as far as the file is known."""
    first = op.first()
    path = first.path if isinstance(first, Handle) else first
    text = path if isinstance(path, Text) else None
    if text is None and first.open:
        return op.machine.pool.setting("config", "", first, op.site.place)
    return op.machine.pool.setting("config", "", text, op.site.place)


def _text_method(op: Operation) -> Value:
    method = op.callee.rpartition(".")[2]
    operands = op.operands()
    if any(operand.open for operand in operands):
        return op.machine.pool.deferred("intrinsic", tuple(operands), op.site.place, op.site.unit, (method,))
    return texts.changed(op.machine.pool, operands[0], method, operands[1:])


def _exists(op: Operation) -> Value:
    return op.machine.pool.derived("")


def _import(op: Operation) -> Value:
    """`import_module("a.b")`: a module of the repository, as far as its name is known."""
    name = literal(op.first())
    if name is None or not name.replace(".", "").isidentifier():
        return op.opaque("")
    return op.machine.imports.resolve(op.frame.file, name, 0)


def _copy(op: Operation) -> Value:
    return op.first()


_PATHWISE = frozenset(
    {"path.join", "path.new", "path.parent", "path.name", "path.stem", "path.text", "path.with", "format", "open"}
)

_OPERATIONS: dict[str, Callable[[Operation], Value]] = {
    "path.join": _path_join,
    "path.new": _path_new,
    "path.parent": _path_parent,
    "path.name": _path_name,
    "path.stem": _path_stem,
    "path.with": _path_with,
    "path.text": _path_text,
    "path.home": _home,
    "path.temporary": _temporary,
    "cwd": _cwd,
    "format": _format,
    "same": _same,
    "copy": _copy,
    "type.convert": _convert,
    "dict.get": _dict_get,
    "dict.update": _dict_update,
    "list.append": _append,
    "list.extend": _append,
    "partial": _partial,
    "env.get": _env,
    "open": _open,
    "glob": _glob,
    "listing": _listing,
    "items": _items,
    "rows": _rows,
    "keys": _keys,
    "values": _values,
    "enumerate": _enumerate,
    "zip": _zip,
    "range": _range,
    "option": _option,
    "options.parse": _parsed,
    "config.load": _config,
    "split.text": _text_method,
    "text.change": _text_method,
    "exists": _exists,
    "import": _import,
}
