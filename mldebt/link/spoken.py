"""What texts of the code say: names, files, modules, commands."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.facts import Attribute, Load
from mldebt.link.machine import Machine
from mldebt.link.operands import operands
from mldebt.link.values import Module, Text, literal

DOCUMENTS = (".md", ".rst", ".txt", ".adoc")
"""Files that tell people of things, and run nothing."""
_LONGEST_NAME = 200
_LONGEST_COMMAND = 5000
_FILE_WORD = re.compile(r"[\w./-]+\.(?:py|ipynb)\b")
_IMPORTS = re.compile(r"^[ \t]*from[ \t]+[\w.]+[ \t]+import[ \t]+([\w, \t]+)$", re.MULTILINE)
_DOTTED = re.compile(r"-m\s+([\w.]+)")


def tails(dotted: str) -> list[str]:
    """The dotted names that are left of a module when folders at its start are left out."""
    parts = dotted.split(".")
    return [".".join(parts[index:]) for index in range(1, len(parts) - 1)]


def ends_of(word: str) -> list[str]:
    """What a word of a command can name: a file, a module, and an object behind a colon."""
    whole = word.strip("./:-")
    parts = whole.split(":")
    pieces = [piece for part in parts for piece in (part, part.rpartition("/")[2], *part.split("."))]
    return [piece for piece in pieces if piece]


def strings(machine: Machine) -> dict[str, list[tuple[int, int, int]]]:
    """Short texts of the code with their places; bare strings say nothing."""
    found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for text in machine.pool.texts():
        said = literal(text)
        if said and len(said) <= _LONGEST_NAME and text.places and text.places[0] not in machine.noted.bare:
            found[said].append(text.places[0])
            parts = said.split(".")
            if len(parts) > 1 and all(part.isidentifier() for part in parts):
                found[parts[-1]].append(text.places[0])
                found[".".join(parts[:-1])].append(text.places[0])
            head, colon, tail = said.partition(":")
            if colon and tail.isidentifier():
                found[tail].append(text.places[0])
                found[head].append(text.places[0])
        for name in _imported(text) if text.places and text.places[0] not in machine.noted.bare else ():
            found[name].append(text.places[0])
    return found


def _imported(text: Text) -> Iterator[str]:
    """What a text imports that is a program itself."""
    for said in (part for part in text.parts if isinstance(part, str) and "import" in part):
        for names in _IMPORTS.findall(said):
            yield from (name.partition(" as ")[0].strip() for name in names.split(","))


def file_words(machine: Machine) -> Mapping[str, frozenset[str]]:
    """Files and modules that texts of the code name, such as commands, also with holes in them, by the file that says
    so."""
    found: dict[str, set[str]] = defaultdict(set)
    for text in machine.pool.texts():
        if text.places and text.places[0] in machine.noted.bare:
            continue
        place = machine.program.sources[text.places[0][0]].path if text.places else ""
        for said in (part[:_LONGEST_COMMAND] for part in text.parts if isinstance(part, str)):
            if ".py" in said or ".ipynb" in said:
                found[place].update(posixpath.basename(word) for word in _FILE_WORD.findall(said))
            if "-m" in said:
                found[place].update(_DOTTED.findall(said))
    return {place: frozenset(words) for place, words in sorted(found.items()) if words}


def written(machine: Machine, file: int, *, outside: bool) -> Mapping[str, set[int]]:
    """The units of a file by the names that their code says, also where no run is known to come by: names of outside of
    the unit, names of the module that the module itself uses, and from `outside` of a module its attributes, but no
    name under which the file has a module."""
    found: dict[str, set[int]] = defaultdict(set)
    modules = _modules(machine, file) if outside else frozenset()
    for unit in machine.program.units_of(file):
        for name in {step.name for _, step in machine.program.each(unit, Load)} - modules:
            found[name].add(unit)
        for name in {step.name for _, step in machine.program.each(unit, Attribute)} if outside else ():
            found[name].add(unit)
        if machine.info(unit).kind == "module":
            steps = machine.program.body(unit)
            used = {number for step in steps for number in (*operands(step), getattr(step, "annotation", -1))}
            for name, number in machine.info(unit).exports:
                if number in used and name not in modules:
                    found[name].add(unit)
    return found


def _modules(machine: Machine, file: int) -> frozenset[str]:
    """The names under which a file has modules."""
    unit = machine.program.module_unit(file)
    frame = machine.frames.get(unit)
    if frame is None:
        return frozenset()
    names = machine.info(unit).exports
    return frozenset(name for name, number in names if isinstance(frame.values[number], Module))
