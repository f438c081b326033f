"""Facts of all files and the catalogue to one graph, in passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from mldebt.catalogue import Catalogue
from mldebt.contracts import Contract
from mldebt.extract import ReadSql, read_sql
from mldebt.facts import FileFacts
from mldebt.findings import Stats
from mldebt.graph import Graph, Illegible
from mldebt.link.deep import deep
from mldebt.packages import Packages
from mldebt.source import Problem, SourceFile, Span

if TYPE_CHECKING:
    from mldebt.link.accesses import Accesses
    from mldebt.link.machine import Machine

MET = MappingProxyType({
    "alternatives": "a value may be more things than are kept",
    "context": "a chain of calls is longer than is told apart",
    "depth": "calls go deeper than is followed",
    "effects": "a function does more than is kept of it",
    "fields": "a field is stored from more fields, one behind the other, than are followed",
    "origins": "a value comes out of more places than are kept",
    "record": "a dictionary is longer than is kept",
    "recursion": "a function calls itself",
    "sequence": "a list is longer than is kept",
    "work": "a function takes more work than it is granted",
})  # fmt: skip
"""What the bounds on values and calls mean when they are met, by the names under which they are counted."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The graph, what could not be followed, and the counts."""

    graph: Graph
    problems: tuple[Problem, ...]
    stats: Stats
    complete: bool = True


def prepare() -> None:
    """Imports what linking needs: a quarter of a second that can pass while files are read."""
    from mldebt.link import accesses, assemble, grounding, running  # noqa: F401


def link(
    files: Sequence[tuple[SourceFile, FileFacts]],
    catalogue: Catalogue,
    others: Iterable[str],
    mentions: Mapping[str, frozenset[str]] | None = None,
    illegible: tuple[Illegible, ...] = (),
    installed: Packages | None = None,
    contracts: tuple[Contract, ...] = (),
    environment: str = "",
    read_sql: ReadSql = read_sql,
) -> Linked:
    """Links the facts of a repository.

    `others` are the paths of files that nobody reads, `mentions` the words of those that can run or name code,
    `illegible` the files that could not be read, `installed` what packages are called where they are installed
    from, `contracts` what the repository declares of its artifacts. `environment` picks one of several that files
    are named for, `read_sql` reads the SQL that code holds.
    """
    from mldebt.link.accesses import find_accesses
    from mldebt.link.assemble import Assembler
    from mldebt.link.data_contracts import data_contracts
    from mldebt.link.declaring import Declared
    from mldebt.link.environment_names import named
    from mldebt.link.failing import note_failing_files
    from mldebt.link.grounding import run_everything
    from mldebt.link.machine import Machine
    from mldebt.link.program import Program
    from mldebt.link.purposes import settled
    from mldebt.link.running import Pipelines
    from mldebt.link.served_code import note_served_code

    with deep():
        files = settled(files)
        program = Program(files)
        declared = Declared(Pipelines(program, catalogue.runners))
        machine = Machine(program, catalogue, declared.pipelines.by_file(), named(environment), read_sql)
        run_everything(machine)
        note_served_code(machine)
        note_failing_files(machine)
        paths = [source.path for source, _ in files] + list(others)
        accesses = find_accesses(machine, paths, declared.paths(), declared.pipelines.mounted())
        machine.settings.made = accesses.files_made(program.number)
        graph = Assembler(machine, accesses, declared, paths, mentions or {}).build(
            illegible, installed, (*contracts, *data_contracts(program))
        )
        stats = _stats(machine, accesses, graph, files)
        return Linked(graph, _problems(machine, accesses, graph), stats, not machine.failed)


def _problems(machine: Machine, accesses: Accesses, graph: Graph) -> tuple[Problem, ...]:
    found = {Problem(machine.program.span(event.place), "not-followed", reason) for event, reason in accesses.lost}
    failed = {
        Problem(machine.program.unit_span(unit), "crash", f"linking failed here: {why}", "exclude the file")
        for unit, why in machine.failed.items()
    }
    missing = {
        Problem(at, "not-followed", f"the file {path!r} that is named here does not exist", "mend the path")
        for environment in graph.code.environments
        for path, at in environment.missing
    }
    bounds = {
        Problem(Span("", 0), "bound", f"{name}: {'once' if count == 1 else f'{count} times'} {MET[name]}")
        for name, count in machine.pool.bounds.items()
    }
    return tuple(sorted(found | failed | missing | bounds))


def _stats(
    machine: Machine, accesses: Accesses, graph: Graph, files: Sequence[tuple[SourceFile, FileFacts]]
) -> Stats:
    ranked = sorted(machine.unknown_calls.items(), key=lambda pair: (-pair[1], pair[0]))
    return Stats(
        files=len(files),
        lines=sum(len(facts.lines) for _, facts in files),
        nodes=len(graph),
        edges=len(graph.edges()),
        accesses=accesses.full + accesses.pattern + accesses.unknown,
        full=accesses.full,
        pattern=accesses.pattern,
        unknown=accesses.unknown,
        reasons=accesses.reasons,
        unknown_calls=tuple(ranked[:50]),
        bounds=tuple(sorted(machine.pool.bounds.items())),
    )
