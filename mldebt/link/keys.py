"""Looking into settings files: keys, elements, and all of them as a dictionary."""

from __future__ import annotations

import posixpath

from mldebt.link import texts
from mldebt.link.kinds import kind_of
from mldebt.link.machine import Arguments, Machine
from mldebt.link.settings import ENDINGS
from mldebt.link.sheets import ANY
from mldebt.link.slots import argument, expanded, slot_values
from mldebt.link.values import (
    NOWHERE,
    Place,
    Record,
    Result,
    Scalar,
    Sequence,
    Setting,
    Value,
    is_none,
    literal,
    place_of,
)
from mldebt.rows import Row

LOADS = "settings"
VARIABLES = "variables"
"""The trait of rows that load files whose keys become variables of the environment."""
_SECTIONS = frozenset({"dict", "list", "config.sections"})
MOST_KEYS = 400


def is_section(machine: Machine, setting: Setting) -> bool:
    """Whether it is a part of a settings file that holds others."""
    return setting.how == "config" and machine.settings.kind(setting) in _SECTIONS


def settled(machine: Machine, value: Value) -> Value:
    """What a reader of structured text gives, as settings, when the file is one that is known here."""
    if type(value) is not Result or value.open or value.index != -1:
        return value
    row = value.event.row
    if row is None or LOADS not in row.traits:
        return value
    paths = slot_values(value.event, row.target)
    if not paths or not machine.settings.is_named(paths[0]):
        return value
    if not machine.settings.layers(paths[0], value.event.place):
        return value
    return machine.pool.key_of_file(value, (), None, value.event.place, value.event.place)


def loaded(machine: Machine, path: Value, place: Place) -> Setting:
    """All that a loader reads from a path."""
    return machine.pool.key_of_file(path, (), None, place, place)


def file_beside(machine: Machine, row: Row, arguments: Arguments, place: Place) -> Value:
    """The file that a loader names in two parts, folder and name; the folder is beside the code that says so, and the
    ending of the name is left out, whether or not it is given."""
    given = [argument(arguments, slot) for slot in row.target]
    name = next((value for value in given if value is not None), machine.pool.text(["config"]))
    said = literal(name)
    if said is not None and said.endswith(ENDINGS):
        name = machine.pool.text([posixpath.splitext(said)[0]])
    folder = None if row.bucket is None else argument(arguments, row.bucket)
    here = posixpath.dirname(machine.program.sources[place[0]].path)
    around = machine.pool.text([f"{texts.HERE}/{here}"])
    return texts.join(machine.pool, [around, name] if folder is None or is_none(folder) else [around, folder, name])


def child(machine: Machine, base: Setting, key: Value, place: Place, default: Value | None = None) -> Setting:
    """What stands under a key; under any key where it is not known."""
    name = literal(key)
    if name is None:
        number = isinstance(key, Scalar) and isinstance(key.value, int) and not isinstance(key.value, bool)
        name = str(key.value) if number and isinstance(key, Scalar) and key.value >= 0 else ANY  # type: ignore[operator]
    if place[0] < 0:
        place = place_of(key) or NOWHERE
    return _under(machine, base, name, place, default)


def named(machine: Machine, base: Setting, name: str, place: Place) -> Value:
    """`base.name`: a key, unless it is a method of what stands there."""
    kind, found = kind_of(machine, base), _under(machine, base, name, place, None)
    if kind and machine.catalogue.of_method(kind, name) and not machine.settings.found(found):
        machine.settings.called[found] = None
        return machine.pool.member(base, name)
    return found


def _under(machine: Machine, base: Setting, name: str, place: Place, default: Value | None) -> Setting:
    where = place if place[0] >= 0 else base.place
    return machine.pool.key_of_file(_path(machine, base), (*base.keys, name), default, where, base.loaded)


def _path(machine: Machine, base: Setting) -> Value:
    return base.file if base.file is not None else machine.pool.unknown


def above(machine: Machine, setting: Setting) -> Setting:
    """What a key stands in."""
    return machine.pool.key_of_file(_path(machine, setting), setting.keys[:-1], None, setting.place, setting.loaded)


def any_of(machine: Machine, base: Setting) -> Setting:
    """One element, whichever."""
    return machine.pool.key_of_file(_path(machine, base), (*base.keys, ANY), None, base.place, base.loaded)


def record_of(machine: Machine, setting: Setting) -> Value:
    """The settings under a key as a dictionary; the setting itself where its keys are not known."""
    names = machine.settings.below(setting)
    if names is None or len(names) > MOST_KEYS:
        return setting
    machine.settings.opened.setdefault(setting, None)
    keys = tuple(machine.pool.text([name]) for name in names)
    path = _path(machine, setting)
    items = tuple(
        machine.pool.key_of_file(path, (*setting.keys, name), None, NOWHERE, setting.loaded) for name in names
    )
    return machine.pool.record(keys, items)


def as_keywords(machine: Machine, arguments: Arguments) -> Arguments:
    """The arguments of a call, a section that is given with `**` at their end as the keywords it holds."""
    section = settled(machine, arguments[-1][1]) if arguments[-1][0] == "**" else None
    if not isinstance(section, Setting) or section.how != "config":
        return arguments
    return (*arguments[:-1], *expanded((("**", record_of(machine, section)),)))


def sequence_of(machine: Machine, setting: Setting) -> Value:
    """The elements of a list as a list; the setting itself where they are not known."""
    if machine.settings.kind(setting) != "list":
        return setting
    found = record_of(machine, setting)
    return machine.pool.sequence("list", found.items) if isinstance(found, Record) else setting


def as_list(machine: Machine, value: Value) -> Value:
    """A value, or the list that a settings file holds there."""
    found = settled(machine, value)
    is_config = isinstance(found, Setting) and found.how == "config"
    listed = sequence_of(machine, found) if is_config and isinstance(found, Setting) else found
    return listed if isinstance(listed, Sequence) else value


def names_told(machine: Machine, value: Value) -> Value:
    """A list in which settings stand, or that is one itself, with the texts that files hold there."""
    value = as_list(machine, value)
    if not isinstance(value, Sequence):
        return value
    return machine.pool.sequence(value.kind, tuple(name_told(machine, one) for one in value.items), value.rest)


def name_told(machine: Machine, value: Value) -> Value:
    """A value, or the one text that a settings file holds there. A file that code here writes holds whatever that put
    there last."""
    if not isinstance(value, Setting) or value.how != "config":
        return value
    said = machine.settings.texts(value)
    if len(said) != 1 or not machine.settings.made.isdisjoint(one.at[0] for one in machine.settings.chosen(value)):
        return value
    return machine.pool.text([said[0]])


def elements(machine: Machine, setting: Setting) -> tuple[Value, ...] | None:
    """What iterating a setting gives, one by one, where all of it is known."""
    found = sequence_of(machine, setting)
    if isinstance(found, Sequence):
        return found.items
    if machine.settings.kind(setting) in ("dict", "config.sections"):
        whole = record_of(machine, setting)
        return whole.keys if isinstance(whole, Record) else None
    return None
