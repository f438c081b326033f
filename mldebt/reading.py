"""Repositories as checks see them: what each says is linked to its graph, and those of several are joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

from mldebt import catalogue, packages
from mldebt.cards import slugs
from mldebt.extract import ReadSql, read_sql
from mldebt.findings import Stats, summed
from mldebt.gather.owners import OwnersFile
from mldebt.gather.purpose import purpose_by_name
from mldebt.gather.snapshot import Snapshot
from mldebt.graph import Graph, Illegible
from mldebt.graph.covering import idle_contracts
from mldebt.link import Linked, link
from mldebt.link.environment_names import is_environment, named, of_environment
from mldebt.source import UNREADABLE, Kind, Problem, Purpose, SourceFile, under
from mldebt.suppress import comments
from mldebt.suppress.comments import Excuse


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, one repository or several: the graph, what is missing there, the paths of all files and of those
    that could be read, what comments excuse, CODEOWNERS by the repository's name, and the files with their lines.

    `linking` gives the graph: where all else is known from another run, it is linked only when somebody asks.
    """

    linking: Callable[[], Graph]
    stats: Stats
    problems: tuple[Problem, ...]
    complete: bool
    paths: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    excuses: tuple[Excuse, ...] = ()
    owners: Mapping[str, OwnersFile] = field(default_factory=dict)
    files: tuple[tuple[SourceFile, int], ...] = ()

    @property
    def graph(self) -> Graph:
        """The graph of all that was read."""
        return self.linking()


class UnknownEnvironment(ValueError):
    """Nothing is named for the environment whose settings are asked for."""


def check_environment(snapshots: Mapping[str, Snapshot], environment: str) -> None:
    """Raises UnknownEnvironment where no settings file, folder of such files or section is called so."""
    if not environment:
        return
    wanted, called, sections = named(environment), set[str](), set[str]()
    for snapshot in snapshots.values():
        paths = [source.path for source, _ in snapshot.files if source.kind not in (Kind.PYTHON, Kind.NOTEBOOK)]
        called |= {of_environment(path) for path in (*paths, *snapshot.others)} - {""}
        sections |= {one.key[0].lower() for _, facts in snapshot.files for one in facts.settings if one.key}
    if wanted not in called | sections:
        known = ", ".join(sorted(called | {name for name in sections if is_environment(name)}))
        told = f"here are settings for: {known}" if known else "nothing here is named for any"
        raise UnknownEnvironment(f"no settings are named for the environment {environment}; {told}")


def joined(
    snapshots: Mapping[str, Snapshot], environment: str, readers: Mapping[str, ReadSql] = MappingProxyType({})
) -> Reading:
    """Each repository to its graph, and those to one. `readers` read the SQL that the code of each holds."""
    readings = {name: _linked(one, environment, readers.get(name, read_sql)) for name, one in snapshots.items()}
    if len(readings) == 1:
        (alone,) = readings.values()
        return replace(alone, problems=tuple(sorted((*alone.problems, *idle_contracts(alone.graph)))))
    from mldebt.link import repositories  # it imports what `prepare` imports while files are read

    graph = repositories.joined({name: reading.graph for name, reading in readings.items()})
    told = [under(problem, name) for name, one in readings.items() for problem in one.problems]
    return Reading(
        linking=lambda: graph,
        stats=replace(summed([one.stats for one in readings.values()]), nodes=len(graph), edges=len(graph.edges())),
        problems=tuple(sorted((*told, *idle_contracts(graph)))),
        complete=all(one.complete for one in readings.values()),
        paths=frozenset(f"{name}/{path}" for name, one in readings.items() for path in one.paths),
        read=frozenset(f"{name}/{path}" for name, one in readings.items() for path in one.read),
        excuses=tuple(comments.under(excuse, name) for name, one in readings.items() for excuse in one.excuses),
        owners={name: file for name, one in readings.items() for file in one.owners.values()},
        files=tuple(
            (replace(file, path=f"{name}/{file.path}"), lines)
            for name, one in readings.items() for file, lines in one.files
        ),
    )


def unlinked(
    snapshots: Mapping[str, Snapshot], stats: Stats, problems: tuple[Problem, ...], complete: bool,
    graph: Callable[[], Graph],
) -> Reading:
    """What `joined` gives, where all but the graph is known already, which is made only when somebody asks. What
    comments excuse is left out."""
    inside = {name: f"{name}/" if name else "" for name in snapshots}
    read = frozenset(inside[name] + source.path for name, one in snapshots.items() for source, _ in one.files)
    others = frozenset(inside[name] + path for name, one in snapshots.items() for path in one.others)
    return Reading(
        linking=cache(graph),
        stats=stats,
        problems=problems,
        complete=complete,
        paths=read | others,
        read=read,
        owners={name: one.owners for name, one in snapshots.items() if one.owners is not None},
        files=tuple(
            (replace(source, path=inside[name] + source.path), len(facts.lines))
            for name, one in snapshots.items() for source, facts in one.files
        ),
    )


def _linked(snapshot: Snapshot, environment: str, read_sql: ReadSql) -> Reading:
    """The facts of one repository to its graph."""
    rows = replace(catalogue.load(snapshot.rows), sql_dialect=snapshot.config.sql_dialect)
    found = link(
        snapshot.files, rows, snapshot.others, snapshot.mentions(), _illegible(snapshot), packages.load(),
        snapshot.config.contracts, environment, read_sql,
    )  # fmt: skip
    excuses, wrong = comments.excuses(snapshot.files, slugs())
    problems = tuple(sorted((*snapshot.problems, *found.problems, *wrong)))
    read = frozenset(source.path for source, _ in snapshot.files)
    complete = snapshot.complete and found.complete
    owners = {} if snapshot.owners is None else {"": snapshot.owners}
    files = tuple((source, len(facts.lines)) for source, facts in snapshot.files)
    return Reading(
        lambda: found.graph, _counted(found, snapshot), problems, complete, read.union(snapshot.others), read, excuses,
        owners, files,
    )  # fmt: skip


def _illegible(snapshot: Snapshot) -> tuple[Illegible, ...]:
    """The files, and cells of notebooks, that could not be read."""
    foreign = frozenset(snapshot.foreign)
    return tuple(
        Illegible(
            problem.at, problem.code, problem.text, problem.cure,
            Purpose.VENDORED if problem.at.path in foreign else purpose_by_name(problem.at.path),
        )
        for problem in snapshot.problems
        if problem.code in UNREADABLE or problem.code == "cell-syntax"
    )  # fmt: skip


def _counted(found: Linked, snapshot: Snapshot) -> Stats:
    """The counts of the link, with those of the files."""
    lost = snapshot.lost()
    read = {source.path for source, _ in snapshot.files}
    tests = sum(source.purpose is Purpose.TEST for source, _ in snapshot.files)
    foreign = sum(source.purpose is Purpose.VENDORED for source, _ in snapshot.files)
    return replace(found.stats, files=len(read | lost), unreadable=len(lost), tests=tests, foreign=foreign)
