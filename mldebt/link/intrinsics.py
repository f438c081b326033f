"""The engine's own operations, which rows name with `op`: paths, dictionaries, settings, files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from math import prod
from typing import TYPE_CHECKING

from mldebt.link import app_settings, containers, declared_fields, injected, keys, loading, paths, texts
from mldebt.link.access import ITERATE, attribute, element
from mldebt.link.machine import Arguments, Frame, Machine
from mldebt.link.operation import Operation
from mldebt.link.pool import MOST_ALTERNATIVES
from mldebt.link.settings_classes import WHOLE
from mldebt.link.slots import argument
from mldebt.link.values import (
    Alt,
    Code,
    Deferred,
    Derived,
    Handle,
    Instance,
    Lib,
    Module,
    Record,
    Result,
    Sequence,
    Setting,
    Text,
    Value,
    literal,
)
from mldebt.rows import Row

if TYPE_CHECKING:
    from mldebt.link.calling import Site


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
    """An operation on alternatives gives alternatives; on several of them those of all, as long as they are few."""
    few = prod(len(one.values) for one in operands if isinstance(one, Alt)) <= MOST_ALTERNATIVES
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
        rest = inner.operands()
        more = few and any(isinstance(operand, Alt) for operand in rest)
        results.append(_each(inner, handler, rest) if more else handler(inner))
    return operation.machine.pool.alt(*results)


def again(machine: Machine, frame: Frame, value: Deferred, operands: tuple[Value, ...]) -> Value:
    """An operation that waited, with its operands filled."""
    method = value.names[0]
    if method in paths.METHODS:
        return paths.part_of(machine.pool, method, operands)
    return texts.changed(machine.pool, operands[0], method, operands[1:])


def _same(op: Operation) -> Value:
    if op.operands():
        return op.first()
    given = [value for slot in op.row.data if (value := argument(op.arguments, slot)) is not None]
    return given[0] if given else op.machine.pool.unknown


def _partial(op: Operation) -> Value:
    callee, *rest = op.operands() or [op.machine.pool.unknown]
    named = tuple((name, value) for name, value in op.arguments if name)
    return op.machine.pool.bound(callee, (*(("", value) for value in rest), *named))


def _open(op: Operation) -> Value:
    operands = op.operands()
    path = operands[0] if operands else op.keyword("file") or op.machine.pool.unknown
    if isinstance(path, Handle):
        return path
    mode = operands[1] if len(operands) > 1 else op.keyword("mode")
    letters = "r" if mode is None else literal(mode) or "r"
    return op.machine.pool.handle(path, letters, op.site.place)


def _option(op: Operation) -> Value:
    """`add_argument("--name", default=...)`: the parser remembers its options."""
    pool = op.machine.pool
    names = [literal(value) for name, value in op.arguments if not name]
    op.machine.noted.options.add(op.site.place)
    if isinstance(told := op.keyword("help"), Text):
        op.machine.noted.shown.update(told.places)
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
    options = op.machine.options.setdefault(_parser_key(op.machine, op.receiver, op.frame.unit), {})
    lines, file = op.machine.command_lines, op.frame.file
    if long.startswith("-"):
        flag = action is not None and literal(action) == "store_true"
        options[key] = lines.option(file, filter(None, names), default, op.site.place, flag=flag)
    else:
        before = [one for one in options.values() if not _setting_name(one).startswith("-")]
        options[key] = lines.argument(file, long, len(before), default, op.site.place)
    return op.opaque("")


def _setting_name(value: Value) -> str:
    """The name of an option, also of one with several values."""
    one = value.values[0] if isinstance(value, Alt) else value
    return one.name if isinstance(one, Setting) else "-"


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


def _attributes(op: Operation) -> Value:
    """`Box(loaded)`, `Namespace(**loaded)`: what was loaded, with its keys as attributes."""
    positional = next((value for name, value in op.arguments if not name), None)
    named = tuple((name, value) for name, value in op.arguments if name and name != "*")
    if positional is not None:
        return keys.settled(op.machine, positional)
    if not named:
        return op.opaque("options")
    if named[0][0] == WHOLE:
        return keys.settled(op.machine, named[0][1])
    pool, named = op.machine.pool, keys.as_keywords(op.machine, named)
    known = [(name, value) for name, value in named if name != WHOLE]
    names = tuple(pool.text([name]) for name, _ in known)
    return pool.record(names, tuple(value for _, value in known), rest=len(known) < len(named))


def _make(op: Operation) -> Value:
    """`from_dict(Model, loaded)`: an object of a class, its fields told by a mapping."""
    from mldebt.link.calling import call  # calling applies rows

    slots = (*op.row.target, *op.row.data)
    made, *given = [argument(op.arguments, slot, op.receiver) for slot in slots] or [None]
    kind = _class_given(made)
    if kind is None or op.machine.info(kind.unit).kind != "class":
        return op.opaque(op.row.result[0] if op.row.result else "")
    whole = tuple((WHOLE, keys.settled(op.machine, value)) for value in given[:1] if value is not None)
    return call(op.machine, op.frame, kind, whole, op.site)


def _class_given(value: Value | None) -> Code | None:
    """The class that is given itself, or was given to what is asked to make one of it."""
    if isinstance(value, Result) and value.event.row is not None:
        given = [argument(value.event.arguments, slot) for slot in value.event.row.data]
        return next((one for one in given if isinstance(one, Code)), None)
    return value if isinstance(value, Code) else None


def _exists(op: Operation) -> Value:
    return op.machine.pool.derived("")


def _import(op: Operation) -> Value:
    """`import_module("a.b")`: a module of the repository, as far as its name is known."""
    name = literal(op.first())
    if name is None:
        _note_any_of(op)
    module = "" if name is None else name.lstrip(".")
    if name is None or not module.replace(".", "").isidentifier():
        return op.opaque("")
    return op.machine.imports.resolve(op.frame.file, module, len(name) - len(module))


_OWN_PACKAGE = frozenset({"builtins.__name__", "builtins.__package__"})


def _note_any_of(op: Operation) -> None:
    """`import_module(f"plugins.{name}")`, `import_module(f"{__name__}.{name}")`, `import_module(f".{name}", ...)`: any
    module of this form may be meant, and all names in it."""
    op.machine.noted.finding.add(op.frame.file)
    asked = op.first()
    first, *rest = asked.parts if isinstance(asked, Text) and asked.parts else ("",)
    if isinstance(first, Lib) and first.name in _OWN_PACKAGE and rest:
        first, *rest = rest
    if not isinstance(asked, Text):
        op.machine.noted.naming.add(op.frame.file)
    above, dot, begin = first.rpartition(".") if isinstance(first, str) else ("", "", "")
    beside = not above.strip(".")
    if not dot or not (beside or above.replace(".", "").isidentifier()):
        return
    names = re.compile("".join(re.escape(part) if isinstance(part, str) else r"[\w.-]+" for part in (begin, *rest)))
    package = op.machine.imports.resolve(op.frame.file, "" if beside else above, len(above) + 1 if beside else 0)
    for file in op.machine.imports.below(package, names) if isinstance(package, Module) else ():
        op.machine.noted.imported.setdefault(file, set()).add(op.frame.file)
        if not op.machine.is_test(op.frame.unit):
            op.machine.noted.searched.add(file)


def _import_root(op: Operation) -> Value:
    """`sys.path.insert(0, folder)`: a folder known from the file is one; one told by itself lies beside the file or at
    the top; one of another machine or an image is the one here that is called like its end."""
    path = op.machine.pool.unknown if not op.operands() else op.operands()[-1]
    told = literal(path)
    if told is not None and told.startswith(("/", texts.HOME)):
        if alike := op.machine.imports.elsewhere(told):
            op.machine.imports.add_alike(op.frame.file, alike)
    elif told is not None and not told.startswith(texts.TEMPORARY):
        for folder in _import_folders(op, told):
            op.machine.imports.add_root(op.frame.file, folder)
    return op.opaque("")


def _import_folders(op: Operation, told: str) -> Iterator[str]:
    imports = op.machine.imports
    known = told.startswith(texts.HERE)
    for base in ("",) if known else (imports.folder(op.frame.file), ""):
        folder = posixpath.normpath(posixpath.join(base, told.removeprefix(texts.HERE).lstrip("/")))
        if not folder.startswith(".."):
            yield folder.removeprefix(".")


def _copy(op: Operation) -> Value:
    return op.first()


def _each_of(op: Operation) -> Value:
    """`task.expand(x=[...])`: a function called once for each element of what it is given."""
    from mldebt.link.calling import apply as call_function  # calling applies rows

    if not isinstance(op.receiver, Code):
        return op.opaque()
    machine = op.machine
    given = tuple((name, _one_of(machine, value)) for name, value in op.arguments)
    made = call_function(machine, op.frame, op.receiver.unit, given, op.site)
    return machine.pool.sequence("list", (made,), rest=True)


def _through(op: Operation) -> Value:
    """`task.input()`: a method called on what another method of the object gives, thing by thing."""
    found = op.receiver
    for name in op.row.through:
        found = None if found is None else _asked(op, found, name)
    return op.opaque() if found is None else found


def _asked(op: Operation, value: Value, name: str) -> Value:
    from mldebt.link.calling import call  # calling applies rows

    pool = op.machine.pool
    if isinstance(value, Sequence):
        return pool.sequence(value.kind, tuple(_asked(op, one, name) for one in value.items), value.rest)
    if isinstance(value, Record):
        return pool.record(value.keys, tuple(_asked(op, one, name) for one in value.items), value.rest)
    if isinstance(value, Alt):
        return pool.alt(*(_asked(op, one, name) for one in value.values))
    if not isinstance(value, Instance):
        return op.opaque()
    return call(op.machine, op.frame, attribute(op.machine, value, name, op.site.unit), (), op.site)


def _one_of(machine: Machine, value: Value) -> Value:
    """An element of a list; what is no list is the same for all."""
    return element(machine, value, ITERATE) if isinstance(value, (Sequence, Derived)) else value


_PATHWISE = frozenset(
    {"path.join", "path.new", "path.parent", "path.name", "path.stem", "path.text", "path.with", "format", "open"}
)

_OPERATIONS: dict[str, Callable[[Operation], Value]] = {
    "call.given": injected.given_back,
    "call.on": injected.called_on,
    "path.join": paths.path_join,
    "path.new": paths.path_new,
    "path.parent": paths.path_part,
    "path.name": paths.path_part,
    "path.stem": paths.path_part,
    "path.with": paths.path_part,
    "path.text": paths.path_text,
    "path.home": paths.home,
    "path.temporary": paths.temporary,
    "cwd": paths.cwd,
    "format": paths.formatted,
    "same": _same,
    "copy": _copy,
    "type.convert": containers.converted,
    "dict.get": containers.dict_get,
    "dict.update": containers.dict_update,
    "list.append": containers.append,
    "list.extend": containers.append,
    "partial": _partial,
    "env.get": loading.env,
    "open": _open,
    "glob": paths.glob,
    "listing": paths.listing,
    "items": containers.items,
    "rows": containers.rows,
    "keys": containers.keys,
    "values": containers.values,
    "enumerate": containers.enumerated,
    "zip": containers.zipped,
    "range": containers.numbers,
    "option": _option,
    "options.parse": _parsed,
    "config.load": loading.config,
    "config.section": loading.section,
    "settings.put": app_settings.put_by,
    "attributes": _attributes,
    "make": _make,
    "fields": declared_fields.told_by_name,
    "split.text": paths.text_method,
    "text.change": paths.text_method,
    "exists": _exists,
    "each": _each_of,
    "through": _through,
    "import": _import,
    "import.root": _import_root,
}
