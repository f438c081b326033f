"""Functions of tests that touch nothing stored, nor code by its file: what they name is all that is asked of them."""

from __future__ import annotations

from mldebt.catalogue import Catalogue
from mldebt.facts import Attribute, Import, Load
from mldebt.link.program import Program
from mldebt.roles import Role

_TOUCHING = frozenset({
    Role.READ, Role.WRITE, Role.LOAD, Role.PERSIST, Role.REMOVE, Role.COPY, Role.RUN, Role.TRACK, Role.CONFIGURE,
})  # fmt: skip
_OPENING = frozenset({"open", "config.load", "env.get", "import"})
_SAYING = frozenset({Load, Attribute, Import})
_OF_EVERY_VALUE = frozenset(name for shape in (str, bytes, list, dict, set, tuple) for name in dir(shape))
"""`get`, `copy`, `remove`: such a name touches something only beside that of its package, as in `shutil.copy`."""


def only_named(program: Program, catalogue: Catalogue) -> frozenset[int]:
    """The functions of tests that say no name by which data, settings or code are read or stored, nor that of a test
    function that does: half of a well-tested repository, of which only what it names has to be followed."""
    words, beside = _touching_names(catalogue)
    touching = set[int]()
    said = {unit: _names(program, unit) for unit in range(len(program.units)) if _is_function_of_tests(program, unit)}
    fresh = {
        unit for unit, names in said.items()
        if not names.isdisjoint(words) or any(package in names and name in names for package, name in beside)
    }  # fmt: skip
    while fresh:
        around = {outer for unit in fresh if (outer := program.parent(unit)) in said}
        touching |= fresh | around
        named = {program.units[unit].name for unit in fresh | around}
        fresh = {unit for unit, names in said.items() if unit not in touching and not names.isdisjoint(named)}
    return frozenset(said.keys() - touching)


def _is_function_of_tests(program: Program, unit: int) -> bool:
    return program.is_test[unit] and program.units[unit].kind in ("function", "lambda")


def _names(program: Program, unit: int) -> frozenset[str]:
    return frozenset(step.name for step in program.body(unit) if type(step) in _SAYING)  # type: ignore[union-attr]


def _touching_names(catalogue: Catalogue) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """The names that touch something stored by themselves, and those that do so beside the name of a package."""
    called = [
        *catalogue.calls.items(),
        *((name, (row,)) for rows in catalogue.patterns.values() for name, row in rows),
        *((name, rows) for (_, name), rows in catalogue.methods.items()),
        *((name, catalogue.of_call(meant)) for name, meant in catalogue.aliases.items()),
    ]
    names = [name for name, rows in called if any(row.role in _TOUCHING or row.op in _OPENING for row in rows)]
    ends = {name: name.rpartition(".")[2] for name in names}
    plain = frozenset(end for end in ends.values() if end not in _OF_EVERY_VALUE)
    packages = ((name.partition(".")[0], end) for name, end in ends.items() if name != end)
    return plain, frozenset(pair for pair in packages if pair[1] in _OF_EVERY_VALUE)
