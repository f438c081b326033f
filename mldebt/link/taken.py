"""Which names of a file other files take: by import, by attribute of an imported module, by a magic."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from mldebt import facts
from mldebt.link.program import Program


@dataclass(slots=True)
class _Taker:
    """What one file imports: names by the last word of their module, whole modules, and the names it
    asks any of them for."""

    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    whole: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


class Taken:
    """The names that files take from one another, or may take. Modules are told by their last word."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._takers: list[_Taker] = []
        self._found: dict[int, frozenset[str]] = {}

    def from_file(self, file: int) -> frozenset[str]:
        """The names that others may take from a file."""
        if not self._takers:
            program = self._program
            self._takers = [_taker(program, file) for file in range(len(program.facts))]
        if file not in self._found:
            self._found[file] = frozenset(self._names(file))
        return self._found[file]

    def _names(self, file: int) -> set[str]:
        own, stem = self._program.facts[file], _stem(self._program.sources[file].path)
        names = set(own.all_names)
        for other, taker in enumerate(self._takers):
            told = any(stem in magic.text for magic in self._program.facts[other].magics)
            if other != file:
                whole = told or stem in taker.whole
                names |= taker.names.get(stem, set()) | (taker.attributes if whole else set())
            elif told:
                names |= {name for unit in own.units[:1] for name, _ in unit.exports}
        return names


def _stem(path: str) -> str:
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return folder.rpartition("/")[2] if stem == "__init__" else stem


def _taker(program: Program, file: int) -> _Taker:
    taker = _Taker()
    for unit in program.units_of(file):
        taker.attributes |= program.names_asked(unit)
        taker.whole.update(step.module.rpartition(".")[2] for _, step in program.each(unit, facts.StarImport))
        for _, step in program.each(unit, facts.Import):
            module = step.module.rpartition(".")[2]
            taker.names[module].update({step.name} - {""})
            taker.whole.update({module, step.name} - {""})
    return taker
