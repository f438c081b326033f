"""The pipeline as a few readable functions, and the only place where its stages meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mldebt import catalogue, config, packages, rulebook
from mldebt.cards import FAMILIES, Card, load_cards, shipped_cards, slugs
from mldebt.catalogue import CatalogueError
from mldebt.config import Config, ConfigError, Fault
from mldebt.contracts import Contract
from mldebt.findings import Finding, Hit, Report, Stats, summed
from mldebt.gather.changes import changed_paths, changes_since
from mldebt.gather.facts_file import BadFacts, load, pack
from mldebt.gather.frames import Frames
from mldebt.gather.naming import FileOutside, NamesCollide, names, paths_of, refuse_same
from mldebt.gather.owners import Owners, OwnersFile
from mldebt.gather.purpose import purpose_by_name
from mldebt.gather.revision import BadRevision, base_of, lay_out_index
from mldebt.gather.snapshot import Snapshot, take
from mldebt.graph import Graph, Illegible
from mldebt.graph.affected import affected
from mldebt.graph.covering import idle_contracts
from mldebt.graph.drafting import drafted
from mldebt.link import Linked, link, prepare
from mldebt.roles import at_least
from mldebt.rulebook import UnknownRule
from mldebt.source import UNREADABLE, Problem, Purpose, SourceFile, under
from mldebt.suppress import baseline, comments, exemptions
from mldebt.suppress.baseline import BadBaseline
from mldebt.suppress.chosen import chosen
from mldebt.suppress.comments import Excuse
from mldebt.suppress.earlier import before, located


class NothingToRead(ValueError):
    """A repository holds no file that is read: a scan of it must not look clean."""


MISTAKES = (
    ConfigError, CatalogueError, UnknownRule, NamesCollide, FileOutside, NothingToRead, BadFacts, BadBaseline,
    BadRevision,
)  # fmt: skip
"""What the functions here raise when the person asking has to correct something."""


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is asked of one run. `baseline` is whether one that is there is used. `progress` is told how many files are
    read, and of how many. `environment` picks one (prod, staging) where files are named for several. `line_hashes` asks
    for GitHub's identity of the lines. `base` is a revision: what was there before is known. `staged` reads what git
    has staged, in place of the work tree. `files` and `owners` are those to report on; empty for all. `today` decides
    which exceptions of the configuration are over; without it all hold."""

    config: Config = field(default_factory=Config)
    cache: bool = True
    baseline: bool = True
    progress: Callable[[int, int], None] | None = None
    environment: str = ""
    line_hashes: bool = False
    base: str = ""
    staged: bool = False
    files: frozenset[str] = frozenset()
    owners: tuple[str, ...] = ()
    today: date | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository of a run: a folder, or `facts` that were made of one elsewhere and stand in the file `root`.
    `work_tree` is the folder whose files stand in `root` as git has them staged.

    Its paths begin with `name`, which is empty where it is the only one.
    """

    name: str
    root: Path
    config: Config
    facts: Snapshot | None = None
    work_tree: Path | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read, one repository or several: the graph, what is missing there, the paths of all files and of those
    that could be read, what comments excuse, CODEOWNERS by the repository's name, and the files with their lines."""

    graph: Graph
    stats: Stats
    problems: tuple[Problem, ...]
    complete: bool
    paths: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    excuses: tuple[Excuse, ...] = ()
    owners: Mapping[str, OwnersFile] = field(default_factory=dict)
    files: tuple[tuple[SourceFile, int], ...] = ()


def configure(root: Path, asked: Mapping[str, Any]) -> Config:
    """The repository's configuration, with what is asked on top; None and empty ask nothing.

    `asked` holds fields of Config. What is ignored adds up, but for rules asked by name. Raises
    ConfigError.
    """
    cards = load_cards(shipped_cards())
    return _asked_on_top(config.load(root, cards.keys(), FAMILIES), asked)


def _asked_on_top(own: Config, asked: Mapping[str, Any]) -> Config:
    changes = {key: value for key, value in asked.items() if value not in (None, ())}
    kept = tuple(name for name in own.ignore if name not in changes.get("select", ()))
    return replace(own, **{**changes, "ignore": (*kept, *changes.get("ignore", ()))})


def repositories(
    roots: Sequence[Path], asked: Mapping[str, Any], facts: Sequence[Path] = ()
) -> tuple[Repository, ...]:
    """The repositories of one run, by name: folders (the one we are in where nothing is given), and files of facts.

    Raises ConfigError, NamesCollide and BadFacts.
    """
    roots = roots if roots or facts else (Path(),)
    taken = {file: load(file) for file in facts}
    alone = len(roots) + len(taken) == 1
    refuse_same([name for name, _ in taken.values()])
    named = ("",) * len(roots) if alone else names(roots, [name for name, _ in taken.values()])
    found = [
        Repository("" if alone else name, file, _asked_on_top(snapshot.config, asked), snapshot)
        for file, (name, snapshot) in taken.items()
    ]
    faults: list[Fault] = []
    for name, root in sorted(zip(named, roots, strict=True)):
        try:
            found.append(Repository(name, root, configure(root, asked)))
        except ConfigError as error:
            faults += [replace(fault, file=f"{name}/{fault.file}" if name else fault.file) for fault in error.faults]
    if faults:
        raise ConfigError(faults)
    return tuple(sorted(found, key=lambda one: one.name))


def reported_on(parts: Sequence[Repository], files: Sequence[Path]) -> frozenset[str]:
    """What findings call these files. Raises FileOutside."""
    return paths_of(files, {part.name: part.root for part in parts if part.facts is None})


def facts_of(part: Repository, name: str | None, request: ScanRequest) -> tuple[bytes, bool]:
    """What a repository says as the content of a file, and whether that is all. Raises what `read` raises."""
    snapshot = _taken(part, request)
    return pack(name or names([part.root])[0], snapshot), snapshot.complete


def read(root: Path, request: ScanRequest) -> Reading:
    """Files -> facts -> graph. Raises CatalogueError when a row of the project cannot be used."""
    return read_all((Repository("", root, request.config),), request)


def read_all(parts: Sequence[Repository], request: ScanRequest) -> Reading:
    """Each repository to its graph, and those to one. Raises NothingToRead, and what `read` raises."""
    readings = {part.name: _linked(_taken(part, request), request.environment) for part in parts}
    if len(readings) == 1:
        (alone,) = readings.values()
        return replace(alone, problems=tuple(sorted((*alone.problems, *idle_contracts(alone.graph)))))
    from mldebt.link.repositories import joined  # it imports what `prepare` imports while files are read

    graph = joined({name: reading.graph for name, reading in readings.items()})
    told = [under(problem, name) for name, one in readings.items() for problem in one.problems]
    return Reading(
        graph=graph,
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


def scan(root: Path, request: ScanRequest) -> Report:
    """A repository's findings, as far as they are sure enough.

    Raises UnknownRule, before anything is read, and what `read` raises.
    """
    return scan_all((Repository("", root, request.config),), request)


def scan_all(parts: Sequence[Repository], request: ScanRequest) -> Report:
    """The findings of all repositories, each by its own configuration. Raises what `scan` raises, BadBaseline and
    BadRevision."""
    if not request.staged:
        return survey(parts, request)[0]
    with TemporaryDirectory(prefix="mldebt-") as folder:
        report = survey((_staged(_only(parts), Path(folder)),), request)[0]
    return replace(report, root=str(parts[0].root))


def survey(parts: Sequence[Repository], request: ScanRequest) -> tuple[Report, Reading]:
    """What `scan_all` finds in folders as they are, and the graph it is found in. Raises what `scan_all` raises."""
    cards = load_cards(shipped_cards())
    found = compared(parts, request)
    frames = Frames({part.name: part.root for part in parts if part.facts is None})
    asked = chosen(found.findings, request.files, found.reading.read, request.owners)
    told = [
        finding for finding in asked.findings
        if at_least(finding.confidence, owner(parts, finding.at.path).config.min_confidence)
    ]  # fmt: skip
    placed = _placed(told, parts, request) if request.base else told
    shown = tuple(_framed(finding, frames, request.line_hashes) for finding in placed)
    open_ones = [finding for finding in asked.findings if not finding.suppressed]
    report = Report(
        root=" ".join(str(part.root) for part in parts),
        findings=shown,
        problems=found.problems,
        stats=found.reading.stats,
        complete=found.reading.complete,
        hints_hidden=len(open_ones) - sum(not finding.suppressed for finding in shown),
        configured=any(part.config.file for part in parts),
        families=rulebook.families([finding for finding in shown if not finding.suppressed], cards),
        notes=(*config.differences([(part.name, part.config) for part in parts]), *asked.notes),
        baseline=found.known is not None and not request.base,
        base=request.base,
        stale=len(found.stale),
        affected=_affected(found.reading.graph, parts, request) if request.base else (),
    )
    return report, found.reading


@dataclass(frozen=True, slots=True)
class Found:
    """All findings of a run, those marked that comments or the baseline hide. `known` are the entries of the baseline,
    None where there is none; `stale` those that no finding is left of, as far as this run could tell."""

    reading: Reading
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    known: tuple[baseline.Entry, ...] | None
    stale: tuple[baseline.Entry, ...]


def compared(parts: Sequence[Repository], request: ScanRequest) -> Found:
    """What the rules find, however sure, beside what is known already. Raises what `scan_all` raises."""
    cards = load_cards(shipped_cards())
    enabled = {
        part.name: rulebook.enabled(cards, part.config.profile, part.config.select, part.config.ignore)
        for part in parts
    }
    applied = {name: {rule.card.slug for rule in rules} for name, rules in enabled.items()}
    rules = {rule.card.slug: rule for some in enabled.values() for rule in some}
    known = _known(parts, request)
    reading = read_all(parts, request)

    def wanted(card: Card, hit: Hit) -> bool:
        return card.slug in applied[owner(parts, hit.at.path).name]

    found = rulebook.run((rules[slug] for slug in sorted(rules)), reading.graph, wanted)
    owners = Owners(reading.owners)
    found = tuple(replace(finding, owners=owners.of(finding.at.path)) for finding in found)
    found, used = comments.excused(found, reading.excuses)
    names = {name for rule in rules.values() for name in (rule.card.slug, rule.card.family)}
    scope = exemptions.Scope(reading.graph, reading.paths, names, request.today)
    found, idle = exemptions.excused(found, [(part.name, part.config) for part in parts], scope)
    by = baseline.BASE if request.base else baseline.BASELINE
    beside = baseline.compare(found, known or (), reading.paths, by)
    told = comments.unused(reading.excuses, used, rules)
    lost = {problem.at.path for problem in reading.problems if problem.code in UNREADABLE}
    stale = tuple(entry for entry in beside.stale if entry.rule in rules and entry.path not in lost)
    return Found(reading, beside.findings, tuple(sorted((*reading.problems, *told, *idle))), known, stale)


def _known(parts: Sequence[Repository], request: ScanRequest) -> tuple[baseline.Entry, ...] | None:
    """The findings that are known: those of the base, or of the baseline of the one folder that is scanned; None where
    nothing says what is known."""
    if request.base:
        part, asked = _only(parts), replace(request, base="", baseline=False, progress=None)

        def findings_of(folder: Path) -> tuple[Finding, ...]:
            try:
                return compared((replace(part, root=folder),), asked).findings
            except NothingToRead:
                return ()

        return before(part.work_tree or part.root, request.base, part.config.catalogue, findings_of)
    if not request.baseline or len(parts) > 1 or parts[0].facts is not None:
        return None
    return baseline.read(parts[0].root / baseline.FILE)


def _placed(findings: Sequence[Finding], parts: Sequence[Repository], request: ScanRequest) -> Iterator[Finding]:
    """Findings that know which of their places the change since the base touches. Raises BadRevision."""
    root, commit = _base(parts, request)
    paths = (at.path for finding in findings if not finding.suppressed for at in finding.places)
    changes = changes_since(root, commit, paths, request.staged)
    return (finding if finding.suppressed else located(finding, changes) for finding in findings)


def _affected(graph: Graph, parts: Sequence[Repository], request: ScanRequest) -> tuple[tuple[str, int], ...]:
    root, commit = _base(parts, request)
    return affected(graph, changed_paths(root, commit, request.staged))


def _base(parts: Sequence[Repository], request: ScanRequest) -> tuple[Path, str]:
    """The folder that git knows, and the commit at which the change began. Raises BadRevision."""
    part = _only(parts)
    root = part.work_tree or part.root
    return root, base_of(root, request.base)


def _staged(part: Repository, folder: Path) -> Repository:
    """The same repository as git has it staged, in a folder of its own."""
    lay_out_index(part.root, folder)
    return replace(part, root=folder, work_tree=part.root)


def _only(parts: Sequence[Repository]) -> Repository:
    """The one folder that has a history. Raises BadRevision."""
    if len(parts) > 1 or parts[0].facts is not None:
        raise BadRevision("A base, and what is staged, belong to one repository: scan it alone.")
    return parts[0]


def undeclared(graph: Graph) -> dict[str, tuple[Contract, ...]]:
    """Contracts for the uses that nothing declares, by the repository they belong to."""
    (rule,) = rulebook.rules([load_cards(shipped_cards())["undeclared-consumer"]])
    hits = [hit for hit in rule.check(graph) if len(hit.keys) == 2 and hit.keys[0] in graph]
    return drafted(graph, ((hit.keys[0], hit.keys[1]) for hit in hits))


def owner(parts: Sequence[Repository], path: str) -> Repository:
    """The repository that a path belongs to."""
    return next((part for part in parts if part.name and path.startswith(f"{part.name}/")), parts[0])


def _taken(part: Repository, request: ScanRequest) -> Snapshot:
    snapshot = part.facts or take(part.root, part.config, request.progress, prepare)
    if not snapshot.files and not snapshot.lost():
        raise NothingToRead(
            f"Nothing to read in {part.root}: no Python file, notebook or settings file was found. "
            "Check the path, .gitignore, and include and exclude in [tool.mldebt]."
        )
    return snapshot


def _linked(snapshot: Snapshot, environment: str) -> Reading:
    """The facts of one repository to its graph."""
    rows = replace(catalogue.load(snapshot.rows), sql_dialect=snapshot.config.sql_dialect)
    known, installed = rows, packages.load()
    linked = link(
        snapshot.files, known, snapshot.others, snapshot.mentions(), _illegible(snapshot), installed,
        snapshot.config.contracts, environment,
    )  # fmt: skip
    excuses, wrong = comments.excuses(snapshot.files, slugs())
    problems = tuple(sorted((*snapshot.problems, *linked.problems, *wrong)))
    read = frozenset(source.path for source, _ in snapshot.files)
    complete = snapshot.complete and linked.complete
    owners = {} if snapshot.owners is None else {"": snapshot.owners}
    files = tuple((source, len(facts.lines)) for source, facts in snapshot.files)
    return Reading(
        linked.graph, _counted(linked, snapshot), problems, complete, read.union(snapshot.others), read, excuses,
        owners, files,
    )  # fmt: skip


def _illegible(snapshot: Snapshot) -> tuple[Illegible, ...]:
    """The files, and cells of notebooks, that could not be read."""
    return tuple(
        Illegible(problem.at, problem.code, problem.text, problem.cure, purpose_by_name(problem.at.path))
        for problem in snapshot.problems
        if problem.code in UNREADABLE or problem.code == "cell-syntax"
    )


def _counted(linked: Linked, snapshot: Snapshot) -> Stats:
    """The counts of the link, with those of the files."""
    lost = snapshot.lost()
    read = {source.path for source, _ in snapshot.files}
    tests = sum(source.purpose is Purpose.TEST for source, _ in snapshot.files)
    return replace(linked.stats, files=len(read | lost), unreadable=len(lost), tests=tests)


def _framed(finding: Finding, frames: Frames, hashed: bool) -> Finding:
    """Where a trail proves the finding, the line adds nothing; elsewhere the line is the evidence."""
    finding = replace(finding, line_hash=frames.line_hash(finding.at)) if hashed else finding
    return finding if finding.trail else replace(finding, frame=frames.around(finding.at))
