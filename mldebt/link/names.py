"""What names mean: of enclosing units, of the module, imported, built in."""

from __future__ import annotations

import builtins
import posixpath
import sys

from mldebt.facts import Import, StarImport
from mldebt.link.fields import shelved
from mldebt.link.machine import Frame, Machine
from mldebt.link.values import Code, Lib, Module, Record, Scalar, Value

_BUILTIN = frozenset(dir(builtins))
_NOTEBOOK = frozenset({"display", "get_ipython", "spark", "dbutils"})


def load(machine: Machine, frame: Frame, name: str) -> Value:
    """A name that its unit does not bind: looked up outwards, as Python does."""
    unit = machine.program.parent(frame.unit)
    while unit >= 0:
        found = _in_scope(machine, unit, name, frame.unit)
        if found is not None:
            return _seen_from(machine, frame, name, found)
        unit = machine.program.parent(unit)
    own = machine.program.module_unit(frame.file)
    found = machine.export(own, name, frame.unit) if own == frame.unit else None
    if found is not None and found is not machine.pool.unknown:
        return found
    return _outside(machine, own, name)


def _in_scope(machine: Machine, unit: int, name: str, from_unit: int) -> Value | None:
    kind = machine.info(unit).kind
    if kind == "class":
        return None
    if kind == "module":
        return machine.export(unit, name, from_unit)
    index = machine.program.exports(unit).get(name)
    if index is None:
        return None
    frame = machine.frames.get(unit)
    return machine.pool.not_followed("closure") if frame is None else frame.values[index]


def _seen_from(machine: Machine, frame: Frame, name: str, found: Value) -> Value:
    """A dictionary of the module into which functions store may hold what they stored."""
    if isinstance(found, Record) and (frame.file, name) in machine.shelves:
        return shelved(machine, frame.file, name, found)
    if isinstance(found, Record) and not found.items:
        return machine.pool.deferred("global", (found,), (-1, 0, 0), frame.file, (name,))
    if isinstance(found, Scalar) and found.value is None:
        return machine.pool.deferred("global", (found,), (-1, 0, 0), frame.file, (name,))
    return found


def _outside(machine: Machine, module: int, name: str) -> Value:
    stars = [star for star in machine.stars.get(module, ()) if isinstance(star, Lib)]
    if stars and name not in _BUILTIN:
        names = [machine.canonical(f"{star.name}.{name}") for star in stars]
        return machine.pool.lib(next((one for one in names if machine.rows_of_call(one)), names[0]))
    if name in _BUILTIN:
        return machine.pool.lib(f"builtins.{name}")
    if name == "__file__":
        path = machine.program.path_of(module)
        return machine.pool.text([f"\x00/{path}"])
    if name == "__path__":
        return machine.pool.package_path(machine.imports.folder(machine.program.file_of[module]))
    if name == "__name__":
        return machine.pool.lib("builtins.__name__")
    if name in _NOTEBOOK:
        return machine.pool.lib(f"notebook.{name}")
    return machine.pool.not_followed("undefined name")


def import_value(machine: Machine, frame: Frame, step: Import) -> Value:
    """What an import statement binds."""
    module = machine.imports.resolve_from(frame.file, step.module, step.level, step.name)
    _note_import(machine, frame, step, module)
    if not step.name:
        _note_held(machine, module)
        if step.bound == step.module.partition(".")[0] and "." in step.module:
            return machine.imports.top_package(frame.file, step.module)
        return module
    if isinstance(module, Lib):
        _note_moved(machine, frame, step)
        return machine.pool.lib(machine.canonical(f"{module.name}.{step.name}"))
    if isinstance(module, Module):
        found = machine.module_value(module, step.name, frame.unit)
        if isinstance(found, Code):
            machine.refer(found.unit, frame.unit)
        _note_import(machine, frame, step, found)
        _note_local(machine, frame, step, found if isinstance(found, Module) else module)
        _note_held(machine, found)
        return machine.pool.not_followed("no such name in the module") if found is None else found
    return module


def _note_import(machine: Machine, frame: Frame, step: Import | StarImport, module: Value | None) -> None:
    if isinstance(module, Module) and module.file >= 0:
        machine.noted.imported.setdefault(module.file, set()).add(frame.file)
    elif isinstance(module, Lib) and not step.level:
        place = (frame.unit, step.start, step.end)
        machine.noted.libraries.setdefault((frame.file, step.module.partition(".")[0]), set()).add(place)


def _note_local(machine: Machine, frame: Frame, step: Import | StarImport, module: Value | None) -> None:
    if isinstance(module, Module) and module.file >= 0:
        machine.noted.local[frame.file, step.start, step.end] = module.file


def _note_held(machine: Machine, module: Value | None) -> None:
    if isinstance(module, Module) and module.file >= 0:
        machine.noted.held.add(module.file)


def _note_moved(machine: Machine, frame: Frame, step: Import) -> None:
    """An import of what is installed nowhere may mean a file here of that name, under the folder it once had."""
    package, name = step.module.partition(".")[0], step.module.rpartition(".")[2]
    if package in machine.catalogue.packages or package in sys.stdlib_module_names:
        return
    files = machine.program.files_named
    inside = [file for file in files(step.name) if posixpath.basename(machine.imports.folder(file)) == name]
    machine.noted.searched.update(inside)  # what is taken of it then is not followed
    for file in (*files(name), *inside):
        machine.noted.imported.setdefault(file, set()).add(frame.file)
        machine.noted.name(step.name, frame.unit)


def run_magic(machine: Machine, file: int) -> None:
    """`%run other` in a notebook brings the names of another notebook or script."""
    folder = machine.imports.folder(file)
    for magic in machine.program.facts[file].magics:
        words = magic.text.split()
        if magic.kind == "run" and words:
            path = posixpath.normpath(posixpath.join(folder, words[0].strip("\"'")))
            named = (path, f"{path}.ipynb", f"{path}.py")
            number = next((machine.program.number[one] for one in named if one in machine.program.number), -1)
            if number >= 0 and number != file:
                module = machine.pool.module(path, number)
                machine.stars.setdefault(machine.program.module_unit(file), []).append(module)


def star_import(machine: Machine, frame: Frame, step: StarImport) -> None:
    """Remembers a star import, and runs the module it names."""
    module = machine.imports.resolve(frame.file, step.module, step.level)
    _note_import(machine, frame, step, module)
    _note_local(machine, frame, step, module)
    machine.stars.setdefault(machine.program.module_unit(frame.file), []).append(module)
    if isinstance(module, Module) and module.file >= 0:
        unit = machine.program.module_unit(module.file)
        if unit >= 0:
            machine.interpret(unit)
