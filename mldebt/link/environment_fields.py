"""Fields of classes that take their values from the environment: which variables fill each of them.

The `environment` table of a class in the catalogue says how a class tells its prefix, what stands between the names
of nested fields, and how a field tells names of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mldebt.facts import NONE, Annotate, Call, Collection
from mldebt.link.kinds import library_bases
from mldebt.link.machine import Frame, Machine
from mldebt.link.noted import Declared
from mldebt.link.values import NOWHERE, Code, Instance, Place, Record, Sequence, Value, literal

BELOW = "<below>"
"""The argument of an object that stands in a field of another: how the names of its variables begin, and go on."""
_DEFAULT = "default"
_MOST_BASES = 8
_DEEPEST = 3
Table = Mapping[str, tuple[str, ...]]


def variables_of(machine: Machine, instance: Instance, name: str) -> tuple[str, ...]:
    """The variables that fill a field of an object, as written and in capitals; none where its class takes nothing
    from the environment."""
    found = [f"{begins}{name}" for begins, _ in _outer(instance)]
    table = _table(machine, instance.unit)
    if table is not None:
        own = _own_names(machine, instance.unit, name, table)
        found += own or (f"{_option(machine, instance.unit, table, 'prefix')}{name}",)
    return tuple(dict.fromkeys(spelled for one in found for spelled in (one, one.upper())))


def files_of_class(machine: Machine, unit: int) -> tuple[Value, ...]:
    """The files of variables that a class names from which it takes its fields."""
    table = _table(machine, unit)
    return () if table is None else tuple(_options(machine, unit, table, "file"))[:1]


def is_filled(machine: Machine, unit: int) -> bool:
    """Whether the environment fills the fields of a class."""
    return _table(machine, unit) is not None


def declared_variables(machine: Machine, unit: int) -> Iterator[tuple[str, Place]]:
    """The variables that fill the fields which a class declares, and the fields of those that are objects, with the
    places that declare them."""
    if _table(machine, unit) is not None:
        yield from _variables_below(machine, machine.pool.instance(unit, (), NOWHERE), 0)


def _variables_below(machine: Machine, instance: Instance, depth: int) -> Iterator[tuple[str, Place]]:
    for (unit, name), declared in machine.noted.declared.items():
        if unit == instance.unit or machine.pool.code(unit) in machine.bases.get(instance.unit, ()):
            yield from ((variable, declared.at) for variable in variables_of(machine, instance, name))
            inner = machine.noted.typed.get((unit, name))
            if inner is not None and depth < _DEEPEST:
                inside = machine.pool.instance(inner, below(machine, instance, name), NOWHERE)
                yield from _variables_below(machine, inside, depth + 1)


def below(machine: Machine, instance: Instance, name: str) -> tuple[tuple[str, Value], ...]:
    """The argument for an object in a field: its own fields have variables that begin with the field's."""
    begins = [(f"{start}{name}{between}", between) for start, between in _outer(instance)]
    table = _table(machine, instance.unit)
    if table is not None and (between := _option(machine, instance.unit, table, "delimiter")):
        begins.append((f"{_option(machine, instance.unit, table, 'prefix')}{name}{between}", between))
    text = machine.pool.text
    return tuple((BELOW, machine.pool.sequence("tuple", (text([start]), text([on])))) for start, on in begins[:1])


def required(machine: Machine, instance: Instance, name: str) -> Place | None:
    """Where a class that takes its values from the environment declares a field without a value; None for no such."""
    if _table(machine, instance.unit) is None and BELOW not in dict(instance.arguments):
        return None
    declared = _declared(machine, instance.unit, name)
    return declared.at if declared is not None and declared.left_open else None


def note_field(machine: Machine, frame: Frame, step: Annotate) -> None:
    """Notes how a class declares a field."""
    if machine.info(frame.unit).kind == "class":
        at = (frame.file, step.start, step.end)
        left_open = step.value == NONE or _is_left_open(machine, frame, step.value)
        machine.noted.declared[frame.unit, step.name] = Declared(at, left_open, tuple(_told(frame, step.value)))


def _told(frame: Frame, value: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The texts that a call which tells of a field gives by name."""
    called = frame.steps[value] if value != NONE else None
    for argument in called.arguments if isinstance(called, Call) else ():
        if argument.name and (texts := tuple(_texts(frame, argument.value))):
            yield argument.name, texts


def _is_left_open(machine: Machine, frame: Frame, index: int) -> bool:
    """Whether a value says that there is none: `...`, or a call that tells of the field and gives no default."""
    step = frame.steps[index]
    if not isinstance(step, Call):
        return _is_ellipsis(frame, index)
    rows = machine.noted.meant.get((frame.file, step.start, step.end), ())
    if not any(slot.keyword == _DEFAULT for row in rows for slot in row.data):
        return False
    first = next((argument.value for argument in step.arguments if not argument.name), None)
    given = any(argument.name.startswith(_DEFAULT) for argument in step.arguments)
    return not given and (first is None or _is_ellipsis(frame, first))


def _is_ellipsis(frame: Frame, index: int) -> bool:
    return getattr(frame.steps[index], "kind", "") == "ellipsis"


def _outer(instance: Instance) -> Iterator[tuple[str, str]]:
    given = dict(instance.arguments).get(BELOW)
    if isinstance(given, Sequence):
        begins, between = (literal(part) or "" for part in given.items)
        yield begins, between


def _table(machine: Machine, unit: int) -> Table | None:
    for library in library_bases(machine, unit):
        for row in machine.rows_of_call(machine.canonical(library)):
            if row.environment:
                return row.environment
    return None


def _option(machine: Machine, unit: int, table: Table, key: str) -> str:
    """What a class, or one that it inherits from, says of the names of its variables."""
    return next((text for value in _options(machine, unit, table, key) if (text := literal(value)) is not None), "")


def _options(machine: Machine, unit: int, table: Table, key: str, depth: int = 0) -> Iterator[Value]:
    """The values of an option, that of the class itself first."""
    for holder in table.get("settings", ()):
        held = machine.export(unit, holder, unit)
        for option in table.get(key, ()):
            said = None if held is None else _held(machine, held, option, unit)
            if said is not None:
                yield said
    for base in machine.bases.get(unit, ()) if depth < _MOST_BASES else ():
        if isinstance(base, Code):
            yield from _options(machine, base.unit, table, key, depth + 1)


def _held(machine: Machine, holder: Value, name: str, unit: int) -> Value | None:
    if isinstance(holder, Code):
        return machine.export(holder.unit, name, unit)
    pairs = zip(holder.keys, holder.items, strict=True) if isinstance(holder, Record) else ()
    return next((value for key, value in pairs if literal(key) == name), None)


def _own_names(machine: Machine, unit: int, name: str, table: Table) -> tuple[str, ...]:
    """The names that a field tells itself; the first argument that does so holds."""
    declared = _declared(machine, unit, name)
    told = dict(declared.told) if declared is not None else {}
    return next((told[key] for key in table.get("names", ()) if key in told), ())


def _texts(frame: Frame, index: int) -> Iterator[str]:
    said, step = literal(frame.values[index]), frame.steps[index]
    if said is not None:
        yield said
    elif isinstance(step, Call):
        yield from (text for argument in step.arguments for text in _texts(frame, argument.value))
    elif isinstance(step, Collection):
        yield from (text for item in step.items for text in _texts(frame, item))


def _declared(machine: Machine, unit: int, name: str, depth: int = 0) -> Declared | None:
    """How a class declares a field, or one that it inherits from."""
    found = machine.noted.declared.get((unit, name))
    for base in machine.bases.get(unit, ()) if found is None and depth < _MOST_BASES else ():
        if isinstance(base, Code):
            found = found or _declared(machine, base.unit, name, depth + 1)
    return found
